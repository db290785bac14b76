"""The recipe: one function puts a server together, and nowhere else is anything wired.

config ─► engine ─► writer ──tell──► delivery ──► sockets (edge)
             │         └───────────► hints ⇄ Redis ⇄ other processes
             └─► auth, directory ─► services ─► http endpoints, socket events, sweep, jobs
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from random import uniform
from typing import TYPE_CHECKING

import msgspec
from flask import Flask
from flask_socketio import SocketIO
from sqlalchemy import Engine

from handbell_server import database, migrations
from handbell_server.auth import Authenticator
from handbell_server.backlog import Backlog
from handbell_server.channels.egress import Egress
from handbell_server.channels.mail.office import office_of
from handbell_server.channels.posting import Poster
from handbell_server.config import Config, ConfigError
from handbell_server.delivery import Delivery
from handbell_server.engine.feed import Told
from handbell_server.engine.writer import Gate, Writer
from handbell_server.hints import Hint, Hints
from handbell_server.http import ENDPOINTS, express, openapi
from handbell_server.jobs import carrying
from handbell_server.jobs.carrying import Carrier
from handbell_server.jobs.counting import Counting
from handbell_server.jobs.courier import Courier
from handbell_server.jobs.postman import Postman
from handbell_server.jobs.upkeep import Upkeep
from handbell_server.limits import InputLimits, RateLimiter
from handbell_server.metrics import Metrics
from handbell_server.reads import answering, reading
from handbell_server.reads.answering import AwaitedAnswers
from handbell_server.reads.looking import Looks
from handbell_server.runtime import Runtime
from handbell_server.sealing import seal_of
from handbell_server.services import Books, Directory, Rates, Services
from handbell_server.signs import Signs
from handbell_server.socket.edge import Edge, EdgeHooks, EdgeLimits, Json, harden, prepare
from handbell_server.socket.events import Sockets
from handbell_server.sweep import Sweep

if TYPE_CHECKING:
    from handbell_server.identity.jwt_issuer import IssuerVerifier

_encode = msgspec.json.Encoder().encode


@dataclass
class Server:
    """A server put together; `serving.py` gives it a port and a life."""

    app: Flask
    services: Services
    edge: Edge | None
    sockets: Sockets | None
    sweep: Sweep | None
    upkeep: Upkeep
    courier: Courier
    postman: Postman
    counting: Counting
    checkpointer: database.Checkpointer | None


def create_server(config: Config, runtime: Runtime, *, with_sockets: bool = True) -> Server:
    """Everything but a listening port. `with_sockets=False` makes a worker: jobs, and nobody connected."""
    app = Flask("handbell_server", static_folder=None)
    engine = database.attach(app, config)
    migrations.upgrade(engine)
    backlog = Backlog(config.fan_out_limit)
    fan_outs, settling = carrying.of_dispatches(backlog), carrying.of_answers()
    checkpointer = database.Checkpointer(str(engine.url.database)) if database.is_sqlite(engine) else None
    gate = checkpointer.gate if checkpointer else nullcontext()
    services = _services(config, runtime, engine, backlog, fan_outs, settling, gate)
    fan_outs.attach(services)
    settling.attach(services)
    with reading.view(engine) as connection:
        services.delivery.epoch = reading.epoch(connection)
    upkeep = Upkeep(services, listens=with_sockets)
    courier = Courier(services)
    postman = Postman(services)
    counting = Counting(services)
    _count_webhooks(services, courier)
    _count_mail(services, postman)
    if not with_sockets:
        return Server(app, services, None, None, None, upkeep, courier, postman, counting, checkpointer)
    express.install(app, ENDPOINTS, services)
    edge, sockets = _sockets(app, services)
    services.streams = edge
    sweep = Sweep(services, edge.close)
    _count(services, edge, sockets)
    return Server(app, services, edge, sockets, sweep, upkeep, courier, postman, counting, checkpointer)


def _services(
    config: Config,
    runtime: Runtime,
    engine: Engine,
    backlog: Backlog,
    fan_outs: Carrier,
    settling: Carrier,
    gate: Gate,
) -> Services:
    looks = Looks(runtime, engine)
    delivery = Delivery(
        runtime,
        since=lambda user_id, rev: looks.read(reading.push_since, user_id, rev),
        prepare=prepare,
    )
    awaited = AwaitedAnswers(runtime, lambda names: looks.read(answering.look, names))
    hints: Hints | None = None
    if config.redis_url:

        def hinted(heard: Sequence[Hint]) -> None:
            delivery.hinted(heard)
            awaited.told(user_id for user_id, _, _ in heard)

        hints = Hints(config.redis_url, heard=lambda heard: runtime.call_soon_threadsafe(hinted, heard))

    def tell(told: list[Told]) -> None:
        delivery.tell(told)
        awaited.told(one.user_id for one in told)
        if hints is not None and told:
            hints.publish(told)

    writer = Writer(
        engine,
        on_loop=runtime.call_soon_threadsafe,
        soon=runtime.call_soon,
        tell=tell,
        queue_limit=config.queue_limit,
        gate=gate,
    )

    def errand(run: object) -> object:
        return services.errand(run)  # type: ignore[arg-type]

    seal = seal_of(config)
    services = Services(
        config=config,
        runtime=runtime,
        engine=engine,
        writer=writer,
        looks=looks,
        auth=Authenticator(runtime, looks, errand, issuer_of(config)),
        delivery=delivery,
        hints=hints,
        rates=Rates(
            producer=RateLimiter(config.producer_rate, config.producer_burst, policy="producer"),
            user=RateLimiter(config.user_rate, config.user_burst, policy="user"),
            sign_in=RateLimiter(config.sign_in_rate, config.sign_in_burst, policy="sign-in"),
            address=RateLimiter(10 * config.sign_in_rate, 10 * config.sign_in_burst, policy="address"),
        ),
        limits=InputLimits(),
        metrics=Metrics(),
        directory=Directory(),
        books=Books(),
        contract=openapi.contract_of(ENDPOINTS),
        fan_outs=backlog,
        carry=fan_outs.carry,
        settle=settling.carry,
        awaited=awaited,
        poster=Poster(Egress(config.webhook_allow), seal),
        seal=seal,
        office=office_of(config),
        signs=Signs(runtime),
    )
    return services


def _sockets(app: Flask, services: Services) -> tuple[Edge, Sockets]:
    config = services.config
    quiet = {"logger": False, "engineio_logger": False}
    # Without a session of its own for each socket: nobody asks for one, and all share an environment.
    socketio = SocketIO(app, async_mode="eventlet", json=Json, path="socket.io", manage_session=False, **quiet)
    limits = EdgeLimits(
        ping_interval=config.ping_interval,
        ping_timeout=float(config.ping_timeout),
        sockets_per_address=config.sockets_per_address,
        origins=frozenset(config.allowed_origins),
        hosts=frozenset(config.allowed_hosts) or None,
        trusted_hops=1 if config.trust_proxy else 0,
        polling=config.polling,
    )
    hooks = EdgeHooks(on_drained=lambda sid: sockets.drained(sid), farewell=_farewell)
    edge = harden(socketio, services.runtime, limits, hooks)
    sockets = Sockets(services, edge)
    sockets.register(socketio)
    return edge, sockets


def _farewell(reason: str) -> str | None:
    """The last words to a socket that we close, for those reasons a client should know."""
    if reason not in ("restart", "revoked", "expired", "slow", "limit"):
        return None
    # A device adds up to a second of its own, and is to be back within two: another server is there for it.
    pause = int(uniform(50, 400)) if reason == "restart" else 5000  # noqa: S311 — spreading load
    return '2["bye",' + _encode({"reason": reason, "retry_ms": pause}).decode() + "]"


def issuer_of(config: Config) -> IssuerVerifier | None:
    """Who judges the tokens of the organisation's own issuer, or None when there is none."""
    if not config.jwt_issuer:
        return None
    # Most have no issuer, and the libraries for its keys are a tenth of a server's start.
    from handbell_server.identity.issuer_config import IssuerConfig, IssuerConfigError
    from handbell_server.identity.jwt_issuer import IssuerVerifier

    try:
        settings = IssuerConfig(
            issuer=config.jwt_issuer,
            audience=config.jwt_audience,
            algorithm=config.jwt_algorithm,  # type: ignore[arg-type]  # checked there
            key=config.jwt_key or None,
            jwks_url=config.jwt_jwks_url or None,
            user_claim=config.jwt_user_claim,
            admin_claim=config.jwt_admin_claim or None,
        )
    except IssuerConfigError as error:
        raise ConfigError(f"HANDBELL_JWT_…: {error}") from error
    return IssuerVerifier(settings)


def _count(services: Services, edge: Edge, sockets: Sockets) -> None:
    """Numbers that their owners keep anyway."""
    delivery, writer, hints = services.delivery, services.writer, services.hints
    services.metrics.gauges.update(
        {
            "sockets": ("Open sockets", lambda: edge.sockets),
            "streams": ("Open streams of programs that follow by another protocol", lambda: len(edge.streams)),
            "devices_online": ("Signed-in sockets", lambda: len(sockets)),
            "answers_awaited": ("Producers waiting for an answer", lambda: services.awaited.count),
            "writer_backlog": ("Rows waiting for the writer", lambda: writer.backlog),
            "fan_outs": ("Fan-outs on their way", lambda: len(services.fan_outs)),
            "fan_out_people": ("People whom those have still to reach", lambda: services.fan_outs.people),
        }
    )
    services.metrics.counters.update(
        {
            "pushes": ("Pushes given to sockets", lambda: delivery.told),
            "pushes_shed": ("Pushes refused by a full socket", lambda: delivery.shed),
            "rooms_healed": ("Inboxes the sweep found behind", lambda: delivery.healed),
            "commits": ("Group commits", lambda: writer.groups),
            "commands": ("Commands in group commits", lambda: writer.commands),
            "hints_dropped": ("Hints that could not be published", lambda: hints.dropped if hints else 0),
        }
    )


def _count_webhooks(services: Services, courier: Courier) -> None:
    tally = courier.tally
    services.metrics.counters.update(
        {
            "webhooks_delivered": ("Webhook deliveries that arrived", lambda: tally.delivered),
            "webhooks_failed": ("Attempts at a webhook that failed", lambda: tally.failed),
            "webhooks_dead": ("Webhook deliveries that were given up", lambda: tally.dead),
        }
    )


def _count_mail(services: Services, postman: Postman) -> None:
    tally = postman.tally
    services.metrics.counters.update(
        {
            "mails_sent": ("E-mails that the mail server has taken", lambda: tally.sent),
            "mails_retried": ("Attempts at an e-mail that failed", lambda: tally.retried),
            "mails_failed": ("E-mails that were given up", lambda: tally.failed),
            "mails_unknown": ("E-mails of which nobody knows whether they were sent", lambda: tally.unknown),
        }
    )
