"""What a replica wants next, where the shape of a message decides it."""

import json

from msgspec import to_builtins

from handbell_shared.clock import now_ms
from handbell_shared.device_store import MemoryStore
from handbell_shared.ids import new_id
from handbell_shared.protocol import ACT_BYTES, TARGETS_PER_ACTION
from handbell_shared.records import Ack, Action, AnswerGiven, Hello, Target
from handbell_shared.replica import Replica, SendActions

MESSAGE_BYTES = 64 * 1024  # docs/protocol.md


def reads(targets: int) -> Action:
    seen = tuple(Target(new_id(), 1 << 40) for _ in range(targets))
    return Action(id=new_id(), kind="read", ids=seen, at=now_ms())


def connected(*actions: Action) -> Replica:
    replica = Replica(MemoryStore())
    replica.on_hello(Hello("epoch", 0, now_ms(), 0, "device", 25))
    for action in actions:
        replica.act(action)
    return replica


def said_in_turn(replica: Replica) -> list[tuple[Action, ...]]:
    """Every call until all is acknowledged."""
    calls = []
    while isinstance(wanted := replica.wanted(0.0), SendActions):
        calls.append(wanted.actions)
        replica.take_acks(Ack(action.id, 1, "ok") for action in wanted.actions)
    return calls


def bytes_of(call: tuple[Action, ...]) -> int:
    return len(json.dumps(["act", {"actions": to_builtins(call)}]))


def test_an_outbox_of_any_size_is_said_in_order_in_messages_that_the_server_reads() -> None:
    actions = [reads(TARGETS_PER_ACTION if n % 3 else 7) for n in range(30)]

    calls = said_in_turn(connected(*actions))

    assert [action for call in calls for action in call] == actions
    assert max(bytes_of(call) for call in calls) <= MESSAGE_BYTES
    assert max(len(call) for call in calls) > 1


def test_many_small_actions_are_still_one_call() -> None:
    assert [len(call) for call in said_in_turn(connected(*(reads(1) for _ in range(150))))] == [150]


def test_the_largest_single_actions_are_legal_messages() -> None:
    longest = AnswerGiven("reply", "\U0001f514" * 4_096)
    answer = Action(id=new_id(), kind="answer", ids=(Target(new_id()),), at=now_ms(), answer=longest)
    most = reads(TARGETS_PER_ACTION)

    calls = said_in_turn(connected(answer, most))

    assert calls == [(answer,), (most,)]
    assert bytes_of((answer,)) > ACT_BYTES
    assert max(bytes_of(call) for call in calls) <= MESSAGE_BYTES
