"""The mistakes one could make in the protocol. Each is seeded into the model, and the property test must see it.

A mistake that another layer covers does no harm alone (a lost hint is found by the next tip): it is seeded together with
a hole in that layer, because the day the other layer is changed is the day it begins to matter.
"""

from __future__ import annotations

from enum import Enum, auto


class Mistake(Enum):
    # ---- numbering and storing
    NO_IDEMPOTENCY = auto()
    NO_MEMORY_OF_ACTIONS = auto()
    ACK_NAMES_THE_REVISION_BEFORE = auto()
    GROUP_TELLS_ITS_LAST_CHANGE_ONLY = auto()
    DIGEST_KEEPS_THE_DELETED = auto()
    DIGEST_WITHOUT_TIMES = auto()
    DIGEST_WITHOUT_CHOICES = auto()
    CHOICE_IS_NO_CHANGE = auto()
    THE_FORGOTTEN_COMES_BACK = auto()
    FORGET_WITHOUT_FLOOR = auto()
    UNREAD_KEEPS_THE_ARCHIVED = auto()
    TRIM_WITHOUT_FLOOR = auto()
    READ_ALL_BY_THE_SERVER = auto()
    # ---- registers
    READ_WITHOUT_GENERATION = auto()
    SEEN_WITHOUT_GENERATION = auto()
    ARCHIVE_WITHOUT_GENERATION = auto()
    UNREAD_KEEPS_THE_GENERATION = auto()
    UPDATE_KEEPS_THE_GENERATION = auto()
    WAKE_KEEPS_THE_GENERATION = auto()
    SNOOZE_BY_ARRIVAL = auto()
    PIN_BY_ARRIVAL = auto()
    CHOICE_BY_ARRIVAL = auto()
    LAST_ANSWER_WINS = auto()
    UNARCHIVE_REVIVES = auto()
    UPDATE_REVIVES = auto()
    # ---- pages
    PAGES_WITHOUT_ID = auto()
    DELTA_WITHOUT_TOMBSTONES = auto()
    SNAPSHOT_POSITION_OF_THE_LAST_PAGE = auto()
    SNAPSHOT_WITHOUT_CHOICES = auto()
    DELTA_WITHOUT_CHOICES = auto()
    CHOICES_COME_WITH_THE_LAST_PAGE = auto()
    AHEAD_IS_FINE = auto()
    # ---- telling
    NO_SWEEP = auto()
    NO_TIP = auto()
    NODE_LIES_ABOUT_PREV = auto()
    WRONG_ROOM = auto()
    ROOM_JOINED_LAST = auto()
    # ---- the device
    NO_GAP_CHECK = auto()
    NO_EPOCH_CHECK = auto()
    NO_DIGEST_CHECK = auto()
    REPAIR_WITHOUT_END = auto()
    CURSOR_BEFORE_DATA = auto()
    SNAPSHOT_MERGED = auto()
    SNAPSHOT_KEEPS_CHOICES = auto()
    DEVICE_REMEMBERS_THE_FORGOTTEN = auto()
    CHOICE_ONLY_IN_MEMORY = auto()
    ACTION_LEAVES_WHEN_ACKNOWLEDGED = auto()
    ACTION_LEAVES_IN_MID_DELTA = auto()
    ACKS_OUTLIVE_A_SNAPSHOT = auto()
    OUTBOX_IN_MEMORY = auto()
    EVERY_CHANGE_IS_NEWS = auto()
    SNAPSHOT_IS_NEWS = auto()


_COVERED: dict[Mistake, Mistake] = {
    Mistake.NO_EPOCH_CHECK: Mistake.NO_DIGEST_CHECK,
    Mistake.AHEAD_IS_FINE: Mistake.NO_DIGEST_CHECK,
    Mistake.NO_SWEEP: Mistake.NO_TIP,
    Mistake.ROOM_JOINED_LAST: Mistake.NO_TIP,
}

SEEDED: list[frozenset[Mistake]] = [
    frozenset({mistake, _COVERED[mistake]} if mistake in _COVERED else {mistake}) for mistake in Mistake
]


def name_of(mistakes: frozenset[Mistake]) -> str:
    return "+".join(sorted(mistake.name.lower() for mistake in mistakes)) or "none"
