"""Who is told: the words for it that a producer sends, and that the settings of its key may hold for it."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from handbell_server.limits import InputLimits

_L = InputLimits()

Word = Annotated[str, Meta(min_length=1, max_length=_L.key_chars)]
UserName = Annotated[str, Meta(min_length=1, max_length=_L.user_name_chars)]


class To(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """The subscribers of a topic, or everybody."""

    topic: Word | None = None
    everyone: bool = False


Whom = UserName | Annotated[list[UserName], Meta(min_length=1, max_length=_L.recipients)] | To
