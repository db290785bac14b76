"""Every language counts by its own rule, and one line says what a group is about."""

from __future__ import annotations

import pytest

from handbell_shared.grouping import arrange
from handbell_shared.ids import new_id
from handbell_shared.phrasing import PHRASINGS, headline, phrasing
from handbell_shared.records import Actor, Notification

NUMBERS = (0, 1, 2, 3, 5, 11, 12, 21, 22, 25, 100, 101, 1_000_000)
FORMS = {
    "en": "other one other other other other other other other other other other other",
    "de": "other one other other other other other other other other other other other",
    "nl": "other one other other other other other other other other other other other",
    "fr": "one one other other other other other other other other other other many",
    "es": "other one other other other other other other other other other other many",
    "it": "other one other other other other other other other other other other many",
    "pl": "many one few few many many many many few many many many many",
    "ru": "many one few few many many many one few many many one many",
}


def bell(title: str, name: str | None = None, *, at: int = 0, **more: object) -> Notification:
    actor = None if name is None else Actor(name)
    return Notification(id=new_id(), title=title, actor=actor, created_at=at, **more)  # type: ignore[arg-type]


def said(*records: Notification, language: str | None = None) -> str:
    (group,) = arrange(records)
    return headline(group, phrasing(language))


def liked(*names: str) -> list[Notification]:
    return [bell(f"{name} liked your post", name, at=-at, type="like") for at, name in enumerate(names)]


@pytest.mark.parametrize("language", PHRASINGS)
def test_a_number_takes_the_form_of_its_language(language: str) -> None:
    found = [PHRASINGS[language].plural(number) for number in NUMBERS]

    assert found == FORMS[language].split()


@pytest.mark.parametrize("language", PHRASINGS)
def test_every_text_has_every_form_of_its_language_and_says_name_and_number(language: str) -> None:
    words = phrasing(language)
    forms = {words.plural(number) for number in range(200)} | {words.plural(1_000_000)}

    for texts in (words.people, words.count, words.count_from, words.more):
        assert set(texts) == forms
    for number in NUMBERS:
        for text in (words.and_others("Ana", number), words.notifications(number, "Ana")):
            assert "Ana" in text and words.number(number) in text
        for text in (words.notifications(number), words.and_more(number), words.with_more("Red", number)):
            assert words.number(number) in text
    assert words.and_one("Ana", "Bo").startswith("Ana ")


@pytest.mark.parametrize(
    ("language", "number", "others", "count"),
    [
        ("en", 2, "Ana and 2 others", "2 notifications from ci"),
        ("en", 1, "Ana and 1 other", "1 notification from ci"),
        ("de", 2, "Ana und 2 andere", "2 Benachrichtigungen von ci"),
        ("fr", 0, "Ana et 0 autre personne", "0 notification de ci"),
        (
            "fr",
            1_000_000,
            "Ana et 1\u202f000\u202f000 d’autres personnes",
            "1\u202f000\u202f000 de notifications de ci",
        ),
        ("es", 2, "Ana y 2 personas más", "2 notificaciones de ci"),
        ("it", 2, "Ana e altre 2 persone", "2 notifiche da ci"),
        ("nl", 2, "Ana en 2 anderen", "2 meldingen van ci"),
        ("pl", 2, "Ana i 2 inne osoby", "2 powiadomienia od ci"),
        ("pl", 5, "Ana i 5 innych osób", "5 powiadomień od ci"),
        ("pl", 22, "Ana i 22 inne osoby", "22 powiadomienia od ci"),
        ("ru", 3, "Ana и ещё 3 человека", "3 уведомления от ci"),
        ("ru", 12, "Ana и ещё 12 человек", "12 уведомлений от ci"),
        ("ru", 21, "Ana и ещё 21 человек", "21 уведомление от ci"),
    ],
)
def test_people_and_notifications_are_counted(language: str, number: int, others: str, count: str) -> None:
    words = phrasing(language)

    assert (words.and_others("Ana", number), words.notifications(number, "ci")) == (others, count)


@pytest.mark.parametrize(
    ("language", "spoken"),
    [
        ("de-CH", "de"),
        ("PT-br", "en"),
        ("zh-Hant", "en"),
        (None, "en"),
        ("", "en"),
        ("no language", "en"),
        ("RU", "ru"),
    ],
)
def test_a_person_is_told_in_their_language_or_in_english(language: str | None, spoken: str) -> None:
    assert phrasing(language) is PHRASINGS[spoken]


@pytest.mark.parametrize(
    ("second", "text"),
    [
        ("Bo", "Ana y Bo"),
        ("Inés", "Ana e Inés"),
        ("Íñigo", "Ana e Íñigo"),
        ("Hilda", "Ana e Hilda"),
        ("Hiena", "Ana y Hiena"),
    ],
)
def test_spanish_says_and_otherwise_before_an_i(second: str, text: str) -> None:
    assert phrasing("es").and_one("Ana", second) == text


def test_a_name_may_have_the_signs_that_stand_for_one() -> None:
    assert phrasing("en").and_others("{n} {0}", 2) == "{n} {0} and 2 others"


# Of a group.


def test_people_who_did_the_same_are_one_headline() -> None:
    assert said(*liked("Ana", "Bo")) == "Ana and Bo liked your post"
    assert said(*liked("Ana", "Bo", "Cy", "Ana")) == "Ana and 2 others liked your post"
    assert said(*liked("Ana", "Bo", "Cy"), language="pl") == "Ana i 2 inne osoby liked your post"


def test_a_group_of_nobody_says_its_newest_title_and_that_there_is_more() -> None:
    build = [bell(f"Step {at} failed", at=at, group="build 7", source="ci") for at in range(4)]

    assert said(build[0]) == "Step 0 failed"
    assert said(*build) == "Step 3 failed (and 3 more)"
    assert said(*build, language="de") == "Step 3 failed (und 3 weitere)"


def test_what_others_did_is_more_and_not_said_of_them() -> None:
    comment = bell("Dee commented on your post", "Dee", at=9, type="like")

    assert said(comment, *liked("Ana", "Bo")) == "Dee commented on your post (and 2 more)"
    assert said(*liked("Ana", "Bo"), bell("Dee commented", "Dee", at=-9, type="like")) == (
        "Ana and Bo liked your post (and 1 more)"
    )


def test_a_group_without_a_title_says_how_many_and_whence() -> None:
    assert said(bell(" ", group="g", source="ci"), bell("", group="g", source="ci")) == "2 notifications from ci"


def test_what_is_read_from_right_to_left_does_not_turn_the_words_behind_it() -> None:
    build = [bell("نسخة", group="g"), bell("نسخة", group="g")]

    assert said(*build) == "\u2068نسخة\u2069 (and 1 more)"
