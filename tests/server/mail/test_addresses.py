"""An address becomes somebody's when they prove it, by a code or by a link, and not by opening what a scanner opens too."""

from __future__ import annotations

import re
from uuid import uuid4

from sqlalchemy import select, update

from handbell_server.actions import mailboxes
from handbell_server.models import Mail
from tests.server.mail.conftest import PostOffice, link_in
from tests.support.mail_server import DROP, OK
from tests.support.waiting import until


def somewhere() -> str:
    return f"ana.{uuid4().hex[:8]}@home.example"


def test_a_new_address_gets_one_question_and_its_code_answers_it(post_office: PostOffice) -> None:
    ana, address = post_office.stage.person("ana"), somewhere()
    assert ana.rest.get("/v1/me").body["email_offered"] is True

    me = ana.rest.patch("/v1/me", {"email": address.upper().replace("HOME.EXAMPLE", "Home.Example")}).body
    assert (me["email_confirmed"], me["email"].lower()) == (False, address)
    [asked] = post_office.mail_to(me["email"])

    assert (asked.secure, asked.user, asked.sender) == (True, "bell", "bell@handbell.example")
    assert asked.message["Subject"] == "Confirm your e-mail address"
    assert asked.message["Auto-Submitted"] == "auto-generated"
    assert link_in(asked.text) == link_in(asked.html)
    code = re.search(r"\b(\d{3} \d{3})\b", asked.text)
    assert code is not None and code[1] in asked.html and ana.name in asked.text and ana.name in asked.html

    wrong = ana.rest.post("/v1/me/confirm-email", {"code": "000000" if code[1] != "000 000" else "000001"})
    assert (wrong.status, wrong.code, wrong.body["field"]) == (404, "code_expired", "code")
    assert ana.rest.post("/v1/me/confirm-email", {"code": code[1]}).body["email_confirmed"] is True
    assert ana.rest.post("/v1/me/confirm-email", {"code": code[1]}).status == 404, "it works once"

    assert ana.rest.patch("/v1/me", {"language": "de"}).body["email_confirmed"] is True, "what is not named stays"
    assert ana.rest.patch("/v1/me", {"email": me["email"]}).body["email_confirmed"] is True, "asked already"
    assert ana.rest.patch("/v1/me", {"email": None}).body["email"] is None
    assert len(post_office.mail_to(me["email"])) == 1


def test_the_link_asks_and_only_its_button_confirms(post_office: PostOffice) -> None:
    ana, address = post_office.stage.person("ana"), somewhere()
    ana.rest.patch("/v1/me", {"email": address, "language": "de"})
    [asked] = post_office.mail_to(address)
    assert asked.message["Subject"] == "Bestätige deine E-Mail-Adresse"
    nobody, link = post_office.stage.rest(), link_in(asked.html)

    page = nobody.get(link)
    assert page.status == 200 and "Diese Adresse bestätigen" in page.body.decode()
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "form-action 'self'" in page.headers["content-security-policy"]
    assert page.headers["referrer-policy"] == "no-referrer"
    assert ana.rest.get("/v1/me").body["email_confirmed"] is False, "looking changes nothing"

    assert "bestätigt" in nobody.post(link, None).body.decode()
    assert ana.rest.get("/v1/me").body["email_confirmed"] is True
    assert nobody.post(link, None).status == 200, "twice is fine"

    ana.rest.patch("/v1/me", {"email": somewhere()})
    assert nobody.post(link, None).status == 404, "a link to a former address opens nothing"
    assert ana.rest.get("/v1/me").body["email_confirmed"] is False
    for text in (link[:-1] + ("A" if link[-1] != "A" else "B"), "/v1/confirm-email/x", "/v1/confirm-email/" + "A" * 64):
        assert nobody.get(text).code == "not_found"
        assert nobody.post(text, None).code == "not_found"
    assert link.rsplit("/", 1)[1] not in post_office.stage.log()


def test_a_code_can_be_guessed_five_times_and_asked_for_now_and_then(post_office: PostOffice) -> None:
    ana, address = post_office.stage.person("ana"), somewhere()
    ana.rest.patch("/v1/me", {"email": address})
    [asked] = post_office.mail_to(address)
    code = re.search(r"\b(\d{3} \d{3})\b", asked.text)
    assert code is not None
    for guess in range(mailboxes.GUESSES):
        assert ana.rest.post("/v1/me/confirm-email", {"code": f"{guess:06}"}).status == 404
    assert ana.rest.post("/v1/me/confirm-email", {"code": code[1]}).status == 404, "enough is enough"

    for _ in range(4):
        assert ana.rest.patch("/v1/me", {"email": address}).status == 200
    refused = ana.rest.patch("/v1/me", {"email": somewhere()})
    assert (refused.status, refused.body["field"]) == (429, "email")
    ben = post_office.stage.person("ben")
    assert ben.rest.patch("/v1/me", {"email": address}).status == 429, "nobody is flooded, whoever asks"


def test_what_is_no_address_is_refused_by_name(post_office: PostOffice) -> None:
    ana = post_office.stage.person("ana")
    for wrong in (
        "ana", "ana@", "@home.example", "ana@home..example", "a b@home.example", "ana@home.example\r\nBcc: x@y.example",
        "ana@home.example, ben@home.example", "Ana <ana@home.example>", "x" * 65 + "@home.example", "ana@-.example",
    ):  # fmt: skip
        refused = ana.rest.patch("/v1/me", {"email": wrong})
        assert (refused.status, refused.body["field"]) == (422, "email"), wrong
    assert (
        ana.rest.patch("/v1/me", {"email": f"{uuid4().hex[:6]}@bücher.example"})
        .body["email"]
        .endswith("@xn--bcher-kva.example")
    )


def test_a_mail_server_that_knows_nobody_there_is_believed(post_office: PostOffice) -> None:
    ana, address = post_office.stage.person("ana"), somewhere()
    server = post_office.server
    server.recipient = lambda to: "550 5.1.1 nobody of this name" if to == address else "250 fine"
    ana.rest.patch("/v1/me", {"email": address})

    trouble = until(lambda: ana.rest.get("/v1/me").body["email_trouble"], 15, "the server to hear it")
    assert trouble == "550 5.1.1 nobody of this name"
    assert "nobody of this name" in post_office.stage.server.cli("mail", "list")
    server.recipient = "250 fine"
    assert ana.rest.patch("/v1/me", {"email": address}).body["email_trouble"] is None
    assert len(post_office.mail_to(address)) == 1


def test_what_the_mail_server_refuses_for_the_moment_comes_later_and_what_it_may_have_taken_never_again(
    post_office: PostOffice,
) -> None:
    stage, server = post_office.stage, post_office.server
    ana, address = stage.person("ana"), somewhere()

    def state() -> tuple[str, int] | None:
        with stage.engine.connect() as connection:
            query = select(Mail.state, Mail.attempts).where(Mail.address == address).order_by(Mail.id.desc())
            row = connection.execute(query).first()
            return row and (row.state, row.attempts)

    server.end = "451 4.3.0 the disk is full"
    ana.rest.patch("/v1/me", {"email": address})
    until(lambda: state() == ("waiting", 1), 15, "the refusal to be written down")
    server.end = OK
    with stage.engine.execution_options(immediate=True).begin() as connection:
        connection.execute(update(Mail).where(Mail.address == address).values(due_at=1))
    post_office.mail_to(address)
    until(lambda: state() == ("sent", 1), 15, "the second attempt")
    first, second = (one for one in server.received if one.recipient == address)
    assert first.id == second.id, "whatever happens, it is one e-mail to every mail program"

    server.end = DROP
    ana.rest.patch("/v1/me", {"email": address})
    until(lambda: state() == ("unknown", 0), 15, "the broken connection to be written down")
    server.end = OK
    assert len([one for one in server.received if one.recipient == address]) == 3
    assert b"handbell_mails_unknown_total 1.0" in stage.rest().get("/metrics").body


def test_the_operator_sets_addresses_and_tries_the_mail_server(post_office: PostOffice) -> None:
    ana, address = post_office.stage.person("ana"), somewhere()
    cli = post_office.stage.server.cli

    assert address in cli("user", "email", ana.name, address)
    assert ana.rest.get("/v1/me").body["email_confirmed"] is True
    assert "gets no e-mail" in cli("user", "email", ana.name, "--remove")
    assert ana.rest.get("/v1/me").body["email"] is None

    assert "taken an e-mail" in cli("mail", "test", address)
    assert "Handbell reaches you" in post_office.mail_to(address)[0].text
    assert "takes e-mail from bell@handbell.example" in cli("doctor")
