"""What a record's type looks like and which language somebody is told in, for every kind of client."""

from __future__ import annotations

import pytest

from handbell_shared.kinds import ICONS, TYPE_CATEGORIES, TYPE_ICONS, category_of, colour_of, icon_of
from handbell_shared.languages import best, canonical
from handbell_shared.records import Notification


def test_a_built_in_type_looks_the_same_to_everybody() -> None:
    like = Notification(id="1", type="like")

    assert (icon_of(like), category_of(like), colour_of(like)) == ("like", "social", None)
    assert TYPE_ICONS.keys() == TYPE_CATEGORIES.keys()
    assert set(TYPE_ICONS.values()) <= ICONS


def test_a_registered_type_brings_its_looks_along() -> None:
    deploy = Notification(id="1", type="deploy", icon="sun", colour="#FFCC00", category="deploys")

    assert (icon_of(deploy), category_of(deploy), colour_of(deploy)) == ("sun", "deploys", "#FFCC00")


def test_what_a_newer_server_may_bring_does_no_harm() -> None:
    strange = Notification(id="1", type="deploy", icon="hologram", colour="oklch(0.7 0.1 200)")

    assert (icon_of(strange), category_of(strange), colour_of(strange)) == ("bell", None, None)
    assert icon_of(Notification(id="1", type="error", icon="hologram")) == "error"


@pytest.mark.parametrize(
    ("tag", "wanted"),
    [
        ("de", "de"),
        ("DE", "de"),
        ("pt-br", "pt-BR"),
        ("ZH-hant-tw", "zh-Hant-TW"),
        ("es-419", "es-419"),
        *((tag, None) for tag in ("", "d", "deutsch", "de_AT", "de-", "de-x", "de\n", "de-AT-1996", "日本")),
    ],
)
def test_a_language_has_one_name(tag: str, wanted: str | None) -> None:
    assert canonical(tag) == wanted


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ("de", "de"),
        ("de-AT", "de"),
        ("pt-BR", "pt-BR"),
        ("pt", None),
        ("zh-Hant-TW", "zh-Hant"),
        ("fr", None),
        (None, None),
    ],
)
def test_the_nearest_language_there_is_or_none(wanted: str | None, told: str | None) -> None:
    assert best(wanted, {one: one for one in ("de", "pt-BR", "zh-Hant")}) == told
