"""What tests of the store put into it."""

from handbell_shared.ids import new_id
from handbell_shared.records import Action, Notification, Target


def bell(title: str = "ding", *, ver: int = 1, an_id: str = "", deleted: str = "") -> Notification:
    return Notification(id=an_id or new_id(), ver=ver, title=title, data={"n": [1, None, "ü"]}, deleted=deleted)


def read(*ids: str) -> Action:
    return Action(id=new_id(), kind="read", ids=tuple(Target(an_id, 2) for an_id in ids), at=7)
