"""The loop and its native threads, in a process of the test's own."""

import threading
import time
from collections.abc import Iterator

import pytest

from handbell_server.runtime import Promise, Runtime


@pytest.fixture
def runtime() -> Iterator[Runtime]:
    runtime = Runtime()
    yield runtime
    runtime.close()


def test_offload_waits_for_a_native_thread_and_the_loop_goes_on(runtime: Runtime) -> None:
    went_on = threading.Event()

    def take_turns() -> None:
        for _ in range(20):
            runtime.sleep(0)
        went_on.set()

    runtime.spawn(take_turns)

    def block() -> tuple[int, bool]:
        return threading.get_ident(), went_on.wait(30)

    ran_in, loop_went_on = runtime.offload(block)

    assert ran_in != threading.get_ident()
    assert loop_went_on


def test_an_exception_in_a_native_thread_comes_back(runtime: Runtime) -> None:
    def fail() -> None:
        raise LookupError("not there")

    with pytest.raises(LookupError, match="not there"):
        runtime.offload(fail)


def test_only_two_hashes_run_at_a_time_and_other_work_passes_them(runtime: Runtime) -> None:
    gate = threading.Event()
    at_work: list[int] = []
    most: list[int] = []

    def hash_password() -> None:
        at_work.append(1)
        most.append(len(at_work))
        gate.wait(60)
        at_work.pop()

    answers: list[str] = []

    def sign_in() -> None:
        runtime.offload(hash_password, pool="hash")
        answers.append("signed in")

    for _ in range(6):
        runtime.spawn(sign_in)
    runtime.sleep(0)
    assert runtime.offload(lambda: "passed") == "passed"
    gate.set()
    deadline = time.monotonic() + 60
    while len(answers) < 6 and time.monotonic() < deadline:
        runtime.sleep(0.01)
    assert len(answers) == 6
    assert max(most) <= 2


def test_what_nobody_waits_for_any_more_is_not_begun(runtime: Runtime) -> None:
    gate = threading.Event()
    held = [runtime.promise() for _ in range(2)]
    done: list[str] = []

    def hold(promise: Promise[None]) -> None:
        runtime.offload(gate.wait, 60, pool="hash")
        promise.resolve(None)

    for promise in held:
        runtime.spawn(hold, promise)
    runtime.sleep(0)
    with pytest.raises(TimeoutError):
        runtime.offload(done.append, "for nobody", pool="hash", within=0.01)
    gate.set()
    for promise in held:
        promise.wait(60)
    # Two threads take what waits in its order: behind two of these, nothing is left.
    for _ in range(2):
        runtime.offload(done.append, "for somebody", pool="hash")

    assert done == ["for somebody"] * 2


def test_calls_from_native_threads_arrive_in_order(runtime: Runtime) -> None:
    got: list[int] = []
    done = runtime.promise()

    def many() -> None:
        for number in range(20_000):
            runtime.call_soon_threadsafe(got.append, number)
        runtime.call_soon_threadsafe(done.resolve, None)

    thread = threading.Thread(target=many)
    thread.start()
    done.wait(timeout=60)
    thread.join()

    assert got == list(range(20_000))


def test_a_call_that_fails_does_not_stop_those_behind_it(runtime: Runtime, caplog: pytest.LogCaptureFixture) -> None:
    done = runtime.promise()

    def fail() -> None:
        raise ZeroDivisionError

    runtime.call_soon_threadsafe(fail)
    runtime.call_soon_threadsafe(done.resolve, "here")

    assert done.wait(timeout=60) == "here"
    assert "failed in the loop" in caplog.text


def test_all_who_wait_for_a_promise_hear_the_first_outcome(runtime: Runtime) -> None:
    promise: Promise[str] = runtime.promise()
    heard: list[str] = []
    for _ in range(3):
        runtime.spawn(lambda: heard.append(promise.wait(timeout=60)))
    runtime.sleep(0)
    promise.resolve("first")
    promise.fail(ValueError("too late"))
    runtime.sleep(0.01)
    assert heard == ["first"] * 3
    assert promise.wait() == "first"


def test_waiting_for_a_promise_ends_in_time(runtime: Runtime) -> None:
    promise: Promise[None] = runtime.promise()
    with pytest.raises(TimeoutError):
        promise.wait(timeout=0.02)
    promise.fail(LookupError("broken"))
    with pytest.raises(LookupError):
        promise.wait(timeout=0.02)


def test_a_later_call_may_be_taken_back(runtime: Runtime) -> None:
    called: list[str] = []
    taken_back = runtime.call_later(0.01, called.append, "taken back")
    runtime.call_later(0.02, called.append, "kept")
    taken_back.cancel()
    runtime.sleep(0.05)
    assert called == ["kept"]


def test_the_loop_runs_until_another_thread_stops_it(runtime: Runtime) -> None:
    thread = threading.Timer(0.05, runtime.stop)
    thread.start()
    runtime.run_until_stopped()
    thread.join()


def test_offload_is_refused_outside_of_the_loops_thread(runtime: Runtime) -> None:
    with pytest.raises(RuntimeError, match="loop's thread"):
        runtime.offload(lambda: runtime.offload(int))
