"""Full text: every word the person types begins some word of the notification. On both databases alike."""

import pytest
from sqlalchemy import text

from handbell_server.actions import people
from tests.server.http.stage import Person, Stage, created
from tests.support.rest import Rest


@pytest.fixture
def shelf(ci: Rest, ana: Person) -> Person:
    """Ana, with something to look for."""
    for title, body in (
        ("Deploy finished", "Release v2.14 of the billing-service is live"),
        ("Build failed", "main is red: test_billing, 3 errors"),
        ("Grüße aus Köln", "Das Café öffnet um 9 Uhr — bis später!"),
        ("Заказ принят", "Счёт № 1017 оплачен"),
        ("O'Brien's \"quoted\" order", "100% off; DROP TABLE users; -- (and) OR NOT *"),
    ):
        created(ci.notify(ana.name, title, body=body))
    return ana


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("deploy", ["Deploy finished"]),
        ("DEPLOY", ["Deploy finished"]),
        ("dep", ["Deploy finished"]),
        ("eploy", []),
        ("billing", ["Build failed", "Deploy finished"]),
        ("build fail", ["Build failed"]),
        ("fail build red", ["Build failed"]),
        ("build deploy", []),
        ("v2 14", ["Deploy finished"]),
        ("grüß", ["Grüße aus Köln"]),
        ("KÖLN", ["Grüße aus Köln"]),
        ("café 9", ["Grüße aus Köln"]),
        ("заказ", ["Заказ принят"]),
        ("СЧЁТ 10", ["Заказ принят"]),
        ("cafe koln", ["Grüße aus Köln"]),
        ("cafe\u0301", ["Grüße aus Köln"]),
        ("GRUSSE", ["Grüße aus Köln"]),
        ("счет", ["Заказ принят"]),
        ("test_billing", ["Build failed"]),
        ("billing test", ["Build failed"]),
        ("_", []),
        ("\U0001e900", []),
        ("o'brien", ["O'Brien's \"quoted\" order"]),
        ('"quoted', ["O'Brien's \"quoted\" order"]),
        ("drop table users", ["O'Brien's \"quoted\" order"]),
        ("not", ["O'Brien's \"quoted\" order"]),
        ("or", ["O'Brien's \"quoted\" order"]),
        ("nothing like it", []),
        ("***", []),
        ("' OR xyz=xyz --", []),
        ("\x00", []),
        ("words:build", []),
        ("owner u1", []),
    ],
)  # fmt: skip
def test_words_find_their_notification(shelf: Person, words: str, found: list[str]) -> None:
    assert shelf.titles(q=words) == found


def test_no_words_find_everything(shelf: Person) -> None:
    assert len(shelf.titles(q="")) == len(shelf.titles(q="   ")) == 5


def test_a_search_keeps_the_other_filters_and_pages(ci: Rest, ana: Person) -> None:
    for n in range(5):
        created(ci.notify(ana.name, f"Report {n}", type="even" if n % 2 == 0 else "odd"))

    first = ana.page(q="report", type="even", limit=2)
    second = ana.page(q="report", type="even", limit=2, cursor=first["next"])

    titles = [[one["title"] for one in page["notifications"]] for page in (first, second)]
    assert titles == [["Report 4", "Report 2"], ["Report 0"]]
    assert second["next"] is None


def test_an_updated_notification_is_found_by_its_new_words_only(ci: Rest, ana: Person) -> None:
    created(ci.notify(ana.name, "Disk warning", key="disk"))
    assert ana.titles(q="warning") == ["Disk warning"]

    created(ci.notify(ana.name, "Disk failure", key="disk"))

    assert (ana.titles(q="warning"), ana.titles(q="failure")) == ([], ["Disk failure"])


def test_what_is_gone_is_not_found(ci: Rest, ana: Person) -> None:
    for word in ("recalled", "deleted"):
        created(ci.notify(ana.name, f"Zebra {word}", key=word))
    assert len(ana.titles(q="zebra")) == 2

    ci.delete("/v1/notifications?key=recalled")
    ana.does("delete", ana.inbox()[0])

    assert ana.titles(q="zebra") == []


def test_the_producers_name_is_a_word_too(stage: Stage, ana: Person) -> None:
    created(stage.producer(name="jenkins-of-search" + ana.name).notify(ana.name, "Green"))

    assert ana.titles(q="jenkins") == ["Green"]


def test_letters_that_no_database_knows_are_letters_all_the_same(ci: Rest, ana: Person) -> None:
    created(ci.notify(ana.name, "\U0001e900\U0001e901 한국어", body="longer than any word " + "x" * 3_000))

    assert len(ana.titles(q="\U0001e922")) == len(ana.titles(q="한국")) == len(ana.titles(q="x" * 200)) == 1
    assert ana.titles(q="\U0001e923") == ana.titles(q="어") == []


def test_a_person_who_is_removed_takes_their_words_along_and_no_others(stage: Stage, ci: Rest, ana: Person) -> None:
    ten = [stage.person("many") for _ in range(10)]
    for one in (ana, *ten):
        created(ci.notify(one.name, "Zebra"))
        assert one.titles(q="zebra") == ["Zebra"]
    table = "search_index" if stage.engine.dialect.name == "sqlite" else "search_documents"

    def indexed() -> int:
        with stage.engine.connect() as connection:
            return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())

    before = indexed()
    with stage.engine.execution_options(immediate=True).begin() as connection:
        people.remove_user(connection, ana.name)

    assert indexed() == before - 1
    assert [one.titles(q="zebra") for one in ten] == [["Zebra"]] * 10


def test_nobody_finds_what_another_was_told(shelf: Person, ben: Person) -> None:
    assert ben.titles(q="deploy") == []
