"""What Prometheus scrapes. Hot paths only add to plain numbers here; the text is made when somebody asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from handbell_server.rules.builtin_types import BUILT_IN
from handbell_shared.records import Mark

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Histogram:
    """Seconds, in cumulative buckets once they are read."""

    def __init__(self) -> None:
        self.counts = [0] * (len(_BUCKETS) + 1)
        self.total = 0.0

    def observe(self, seconds: float) -> None:
        self.total += seconds
        for place, bound in enumerate(_BUCKETS):
            if seconds <= bound:
                self.counts[place] += 1
                return
        self.counts[-1] += 1

    def buckets(self) -> list[tuple[str, float]]:
        running = 0
        result: list[tuple[str, float]] = []
        for bound, count in zip([*map(str, _BUCKETS), "+Inf"], self.counts, strict=True):
            running += count
            result.append((bound, running))
        return result


class Metrics:
    """The numbers of one process."""

    def __init__(self) -> None:
        self.requests: Counter[tuple[str, str, int]] = Counter()
        self.seconds: dict[str, Histogram] = {}
        self.accepted: Counter[str] = Counter()
        self.replayed = 0
        self.actions: Counter[str] = Counter()
        self.receipts: Counter[str] = Counter()
        self.outcomes: Counter[str] = Counter()
        self.refused_sockets: Counter[str] = Counter()
        self.jobs: Counter[str] = Counter()
        self.alarms: Counter[str] = Counter()
        # Filled by whoever owns the number.
        self.counters: dict[str, tuple[str, Callable[[], float]]] = {}
        self.gauges: dict[str, tuple[str, Callable[[], float]]] = {}
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        self.requests[method, route, status] += 1
        histogram = self.seconds.get(route)
        if histogram is None:
            histogram = self.seconds[route] = Histogram()
        histogram.observe(seconds)

    def accept(self, kind: str, count: int) -> None:
        """Types are words of producers, as many as they like; a label has a name for those that are built in."""
        self.accepted[kind if kind in BUILT_IN else "other"] += count

    def told(self, marks: Iterable[Mark]) -> None:
        """What devices say; the same again is said, too."""
        for mark in marks:
            for moment in ("shown", "clicked", "dismissed", "held"):
                self.receipts[moment] += getattr(mark, moment) is not None

    def text(self) -> bytes:
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        requests = CounterMetricFamily("handbell_requests", "HTTP requests", labels=["method", "route", "status"])
        for (method, route, status), count in self.requests.items():
            requests.add_metric([method, route, str(status)], count)
        yield requests
        seconds = HistogramMetricFamily("handbell_request_seconds", "Time to answer", labels=["route"])
        for route, histogram in list(self.seconds.items()):
            seconds.add_metric([route], histogram.buckets(), histogram.total)
        yield seconds
        yield _labelled("handbell_notifications_accepted", "Notifications accepted", "type", self.accepted)
        yield CounterMetricFamily("handbell_requests_replayed", "Retries that found their answer", value=self.replayed)
        yield _labelled("handbell_actions", "Actions of people", "kind", self.actions)
        yield _labelled("handbell_receipts", "What devices said they did with notifications", "moment", self.receipts)
        yield _labelled("handbell_outcomes", "What became of notifications, each counted once", "what", self.outcomes)
        yield _labelled("handbell_sockets_refused", "Refused CONNECTs", "code", self.refused_sockets)
        yield _labelled("handbell_jobs_done", "Rows handled by background jobs", "job", self.jobs)
        yield _labelled("handbell_alarms", "What was done about alarms", "deed", self.alarms)
        for name, (text, value) in self.counters.items():
            yield CounterMetricFamily(f"handbell_{name}", text, value=value())
        for name, (text, value) in self.gauges.items():
            yield GaugeMetricFamily(f"handbell_{name}", text, value=value())


def _labelled(name: str, text: str, label: str, counts: Counter[str]) -> Metric:
    family = CounterMetricFamily(name, text, labels=[label])
    for value, count in counts.items():
        family.add_metric([value], count)
    return family
