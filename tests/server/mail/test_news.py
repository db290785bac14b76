"""What a person chose goes out by e-mail, at once or in a digest, in text and in HTML; and one click ends it."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any
from uuid import uuid4

from sqlalchemy import text

from handbell_shared.clock import now_ms
from tests.server.http.stage import Person, created
from tests.server.mail.conftest import HOME, PostOffice, link_in
from tests.support.rest import Rest
from tests.support.waiting import until


class Words(HTMLParser):
    """What a person reads in an HTML e-mail, and where its links lead."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self._hidden = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self._hidden = tag in ("style", "title")
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "background", "action")]

    def handle_endtag(self, tag: str) -> None:
        self._hidden = False

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words += data.split()


def mailed_person(post_office: PostOffice, *, language: str | None = None, **chosen: Any) -> tuple[Person, str]:
    """Somebody with an address, and with these preferences."""
    person, address = post_office.stage.person("ana"), f"ana.{uuid4().hex[:8]}@home.example"
    post_office.stage.server.cli("user", "email", person.name, address)
    if language is not None:
        assert person.rest.patch("/v1/me", {"language": language}).status == 200
    if chosen:
        assert person.rest.patch("/v1/preferences", chosen).status == 200
    return person, address


def tell(ci: Rest, person: Person, title: str, **more: Any) -> str:
    return str(created(ci.notify(person.name, title, **more))["id"])


def make_due(post_office: PostOffice, person: Person) -> None:
    """As if the time had come: the half minute, or the hour of the digest."""
    mine = "WHERE user_id = (SELECT id FROM users WHERE name = :name)"
    with post_office.stage.engine.execution_options(immediate=True).begin() as connection:
        for change in ("mail_items SET due_at = 1", "mailboxes SET digest_at = 1"):
            connection.execute(text(f"UPDATE {change} {mine}"), {"name": person.name})


def ask(post_office: PostOffice, person: Person, query: str) -> Any:
    mine = "WHERE user_id = (SELECT id FROM users WHERE name = :name)"
    with post_office.stage.engine.connect() as connection:
        return connection.execute(text(f"{query} {mine}"), {"name": person.name}).scalar_one()


def mailed(person: Person, an_id: str) -> list[str | None]:
    steps = person.rest.get(f"/v1/inbox/{an_id}/trace").body["steps"]
    return [step.get("why") for step in steps if step["step"] == "mailed"]


def test_what_is_chosen_for_at_once_goes_out_at_once_and_says_the_same_twice(post_office: PostOffice) -> None:
    ci = post_office.stage.producer(name=f"ci-{uuid4().hex[:6]}")
    ana, address = mailed_person(post_office, zone="Europe/Berlin", rules=[{"email": "now"}])

    an_id = tell(
        ci, ana, "<b>Build</b>\r\nBcc: x@evil.example \u202efailed", priority="urgent",
        body="See <script>alert(1)</script> & more", link="https://ci.example/1017?a=1&b=2",
    )  # fmt: skip
    [mail] = post_office.mail_to(address)

    message = mail.message
    assert message["Subject"] == "<b>Build</b> Bcc: x@evil.example failed"
    assert (message["Bcc"], message["To"], str(message["From"])) == (None, address, "Handbell <bell@handbell.example>")
    assert mail.id.endswith("@handbell.example>")
    shown = Words(mail.html)
    for said in ("<b>Build</b> Bcc: x@evil.example failed", "See <script>alert(1)</script> & more"):
        assert said in mail.text
        assert said in " ".join(shown.words)
    assert "https://ci.example/1017?a=1&b=2" in shown.links and "https://ci.example/1017?a=1&b=2" in mail.text
    assert "ci.example" in shown.words, "where it leads is in sight"
    assert not shown.tags & {"script", "b", "img", "link", "iframe", "form"}
    assert all(link.startswith(("https://ci.example/", HOME)) for link in shown.links)

    leave = str(message["List-Unsubscribe"])
    assert b"\r\nList-Unsubscribe: <https://" in mail.raw, "not encoded, or no mail program would know it"
    assert leave == f"<{HOME}{link_in(mail.html)}>" == f"<{HOME}{link_in(mail.text)}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    steps = until(
        lambda: [s for s in ana.rest.get(f"/v1/inbox/{an_id}/trace").body["steps"] if s["step"] == "mailed"],
        10,
        "trace",
    )
    assert abs(steps[0]["at"] - now_ms()) < 60_000
    assert "mailed" not in str(ci.get(f"/v1/notifications/{an_id}/trace").body)


def test_what_was_seen_meanwhile_is_not_mailed_and_the_rest_comes_in_one(post_office: PostOffice) -> None:
    ci = post_office.stage.producer()
    ana, address = mailed_person(
        post_office, language="de", rules=[{"source": "other", "email": "now"}, {"email": "now"}]
    )
    began = now_ms()
    ids = [tell(ci, ana, f"Nummer {number}") for number in range(4)]
    silent = tell(ci, ana, "Leise", silent=True)
    ana.does("read", next(one for one in ana.inbox() if one["id"] == ids[0]))
    ana.does("seen", next(one for one in ana.inbox() if one["id"] == ids[1]), register="sgen")
    assert ask(post_office, ana, "SELECT min(due_at) FROM mail_items") > began + 20_000
    assert silent

    make_due(post_office, ana)
    [mail] = post_office.mail_to(address)

    assert mail.message["Subject"] == "2 neue Benachrichtigungen"
    assert "Nummer 2" in mail.text and "Nummer 3" in mail.html
    for absent in ("Nummer 0", "Nummer 1", "Leise"):
        assert absent not in mail.text + mail.html
    assert "Keine sofortigen E-Mails mehr" in mail.text and " UTC" in mail.text


def test_quiet_hours_hold_e_mail_back_unless_it_is_urgent(post_office: PostOffice) -> None:
    ci = post_office.stage.producer()
    until_when = now_ms() + 3_600_000
    ana, address = mailed_person(post_office, rules=[{"email": "now"}], paused_until=until_when)
    tell(ci, ana, "Waits")
    make_due(post_office, ana)
    tell(ci, ana, "Fire", priority="urgent")

    [mail] = post_office.mail_to(address)
    assert mail.message["Subject"] == "Fire"
    held = "SELECT max(due_at) FROM mail_items"
    until(lambda: ask(post_office, ana, held) == until_when, 10, "the other one to be put off to the end of the pause")

    ana.rest.patch("/v1/preferences", {"paused_until": None})
    make_due(post_office, ana)
    assert post_office.mail_to(address, 2)[1].message["Subject"] == "Waits"


def test_who_has_had_ten_e_mails_in_an_hour_gets_the_rest_in_one(post_office: PostOffice) -> None:
    ci = post_office.stage.producer()
    ana, address = mailed_person(post_office, rules=[{"email": "now"}])
    with post_office.stage.engine.execution_options(immediate=True).begin() as connection:
        user = connection.execute(text("SELECT id FROM users WHERE name = :n"), {"n": ana.name}).scalar_one()
        for number in range(10):
            connection.execute(
                text(
                    "INSERT INTO mails (id, user_id, kind, address, facts, state, created_at, due_at, finished_at) "
                    "VALUES (:id, :user, 'at_once', :to, '{}', 'sent', :at, 1, :at)"
                ),
                {"id": str(uuid4()), "user": user, "to": address, "at": now_ms() - 1_000 * number},
            )
    for number in range(3):
        tell(ci, ana, f"Flood {number}", priority="urgent")
    until(lambda: ask(post_office, ana, "SELECT min(due_at) FROM mail_items") > now_ms() + 3_500_000, 10, "the bound")
    with post_office.stage.engine.execution_options(immediate=True).begin() as connection:
        connection.execute(text("DELETE FROM mails WHERE user_id = :user"), {"user": user})
    make_due(post_office, ana)
    assert post_office.mail_to(address)[0].message["Subject"] == "3 new notifications"


def test_a_digest_tells_once_what_is_still_unseen_grouped_and_in_the_persons_words(post_office: PostOffice) -> None:
    ci = post_office.stage.producer(name=f"blog-{uuid4().hex[:6]}")
    ana, address = mailed_person(
        post_office, language="de", zone="Europe/Berlin", rules=[{"type": "like", "email": "digest"}, {"type": "error", "email": "never"}],
        digest={"every": "daily", "at": "08:00"},
    )  # fmt: skip
    for name in ("Bo", "Cleo", "Dan"):
        tell(ci, ana, f"{name} mag deinen Beitrag", type="like", link="https://blog.example/7", actor={"name": name})
    never = tell(ci, ana, "Nie per E-Mail", type="error")
    read = tell(ci, ana, "Schon gelesen")
    ana.does("read", next(one for one in ana.inbox() if one["id"] == read))
    single = [tell(ci, ana, f"Einzeln {number}") for number in range(55)]

    make_due(post_office, ana)
    [mail] = post_office.mail_to(address)

    assert mail.message["Subject"] == "58 neue Benachrichtigungen"
    for said in (mail.text, " ".join(Words(mail.html).words)):
        assert "58 Benachrichtigungen, die du noch nicht gesehen hast" in said
        assert "Einzeln 54" in said and "Einzeln 4 " not in said.replace("\n", " ")
        assert "und 8 weitere" in said, "five, and a group of three"
        assert "Nie per E-Mail" not in said and "Schon gelesen" not in said
        assert " UTC" not in said

    until(lambda: mailed(ana, single[-1]) == ["digest"], 10, "the trace to tell of the digest")
    assert mailed(ana, single[5]) == ["digest"]
    assert mailed(ana, single[4]) == [], "it was only counted"
    assert mailed(ana, never) == mailed(ana, read) == []

    planned = "SELECT digest_at FROM mailboxes"
    tomorrow = until(lambda: (at := ask(post_office, ana, planned)) and at > 1 and at, 10, "the next one to be planned")
    assert now_ms() < tomorrow < now_ms() + 25 * 3_600_000
    make_due(post_office, ana)
    until(lambda: ask(post_office, ana, planned) > 1, 10, "the second one to be looked at")
    tell(ci, ana, "Cleo mag es", type="like", link="https://blog.example/9", actor={"name": "Cleo"})
    tell(ci, ana, "Bo mag es", type="like", link="https://blog.example/9", actor={"name": "Bo"})
    make_due(post_office, ana)
    second = post_office.mail_to(address, 2)[1]
    assert second.message["Subject"] == "2 neue Benachrichtigungen", (
        "what a digest has told, the next does not tell again"
    )
    assert "Bo und Cleo mag es" in second.text and "Bo und Cleo mag es" in " ".join(Words(second.html).words)


def test_one_click_ends_it_without_signing_in_and_looking_does_not(post_office: PostOffice) -> None:
    ci, nobody = post_office.stage.producer(), post_office.stage.rest()
    rules = [{"source": "ci", "email": "now", "toast": False}, {"email": "now"}]
    ana, address = mailed_person(post_office, rules=rules, digest={"every": "weekly", "at": "07:30", "day": 4})
    tell(ci, ana, "At once", priority="urgent")
    [mail] = post_office.mail_to(address)
    link = link_in(mail.text)

    page = nobody.get(link)
    assert page.status == 200 and b'name="List-Unsubscribe" value="One-Click"' in page.body
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert nobody.post(link, "something=else", headers=form).status == 422
    assert {rule["email"] for rule in ana.rest.get("/v1/preferences").body["rules"]} == {"now"}, (
        "nothing has changed yet"
    )

    assert nobody.post(link, "List-Unsubscribe=One-Click", headers=form).status == 200
    chosen = ana.rest.get("/v1/preferences").body
    assert {rule["email"] for rule in chosen["rules"]} == {"digest"}
    assert [rule["toast"] for rule in chosen["rules"] if rule.get("source") == "ci"] == [False]
    assert chosen["digest"]["every"] == "weekly", "the digest is another matter"

    make_due(post_office, ana)
    leave = link_in(post_office.mail_to(address, 2)[1].text)
    multipart = b'--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n'
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    nested = b"".join(
        b"--x%d\r\nContent-Type: multipart/mixed; boundary=x%d\r\n\r\n" % (n, n + 1) for n in range(1_000)
    )
    parts = {"Content-Type": "multipart/form-data; boundary=x0"}
    assert nobody.post(leave, nested, headers=parts).status == 422, (
        "nobody parses a thousand parts in parts for a click"
    )
    assert nobody.post(leave, multipart, headers=kind).status == 200
    assert ana.rest.get("/v1/preferences").body["digest"] == {"every": "never", "at": "07:30", "day": 4}
    assert ask(post_office, ana, "SELECT digest_at FROM mailboxes") is None
    assert nobody.post(leave, "List-Unsubscribe=One-Click", headers=form).status == 200, "twice is fine"

    ana.rest.patch("/v1/me", {"email": None})
    assert nobody.post(leave, "List-Unsubscribe=One-Click", headers=form).status == 404
    log = post_office.stage.log()
    assert address not in log and leave.rsplit("/", 1)[1] not in log
