"""Pairing over the wire: a device becomes somebody's by a code, and nobody else's by any other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from handbell_server.actions import people
from handbell_server.actions.pairings import ASKING_FROM_AN_ADDRESS, LIVES_MS, OFFERS_OF_A_PERSON
from handbell_server.models import AuditEntry, Device, Pairing
from handbell_shared import pairing, rest, rest_pairing
from handbell_shared.clock import now_ms
from handbell_shared.codes import Code
from tests.server.http.stage import Person, Stage, created
from tests.support.rest import Answer

LAPTOP = {"name": "Ana's laptop", "platform": "linux"}


@pytest.fixture(autouse=True)
def _nobody_else_waits(stage: Stage) -> None:
    stage.nobody_waits()


def asked(stage: Stage) -> dict[str, Any]:
    return created(stage.rest().post("/v1/pairings", {"device": LAPTOP}))


def offered(person: Person) -> dict[str, Any]:
    return created(person.rest.post("/v1/pairings/offer", None))


def approve(person: Person, code: str) -> Answer:
    return person.rest.post("/v1/pairings/approve", {"code": code})


def claim(stage: Stage, secret: str) -> Answer:
    return stage.rest().post("/v1/pairings/claim", {"secret": secret})


def redeem(stage: Stage, code: str) -> Answer:
    return stage.rest().post("/v1/pairings/redeem", {"code": code, "device": LAPTOP})


def over(answer: Answer) -> bool:
    return (answer.status, answer.code) == (404, Code.CODE_EXPIRED)


def names_of_devices(person: Person) -> list[str]:
    return [one["name"] for one in person.rest.get("/v1/devices").body["devices"]]


def make_old(stage: Stage) -> None:
    with stage.engine.execution_options(immediate=True).begin() as connection:
        connection.execute(update(Pairing).values(expires_at=now_ms() - 1))


def test_a_device_that_asks_is_let_in_once_somebody_approves_its_code(stage: Stage, ana: Person) -> None:
    asking = asked(stage)
    waiting = claim(stage, asking["secret"])
    approved = approve(ana, asking["code"])
    session = created(claim(stage, asking["secret"]))

    assert abs(asking["expires_at"] - now_ms() - LIVES_MS) < 60_000
    assert (waiting.status, waiting.body) == (202, {"expires_at": asking["expires_at"]})
    assert (approved.status, approved.body) == (200, {"device": LAPTOP})
    assert session["user"] == ana.name
    assert stage.rest(session["token"]).get("/v1/stats").status == 200
    assert names_of_devices(ana) == ["laptop", "Ana's laptop"]


def test_a_session_is_claimed_once(stage: Stage, ana: Person) -> None:
    asking = asked(stage)
    approve(ana, asking["code"])

    answers = [claim(stage, asking["secret"]) for _ in range(2)]

    assert answers[0].status == 201
    assert over(answers[1])


def test_an_offered_code_signs_one_device_in(stage: Stage, ana: Person) -> None:
    offer = offered(ana)
    session = created(redeem(stage, offer["code"]))

    assert session["user"] == ana.name
    assert stage.rest(session["token"]).get("/v1/devices").body["devices"][-1]["current"] is True
    assert over(redeem(stage, offer["code"]))


def test_an_offer_is_also_a_link_to_this_server(stage: Stage, ana: Person) -> None:
    offer = offered(ana)

    link = pairing.parse_link(offer["link"])

    assert link is not None
    assert (link.server, pairing.shown(link.code)) == (stage.url, offer["code"])


def test_behind_a_proxy_of_ours_the_link_leads_to_the_proxy(stage: Stage, ana: Person, tmp_path: Path) -> None:
    def link_to(person: Person) -> str:
        headers = {"Host": "bell.example", "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"}
        link = pairing.parse_link(created(person.rest.call("POST", "/v1/pairings/offer", headers=headers))["link"])
        assert link is not None
        return link.server

    with Stage(tmp_path, HANDBELL_TRUST_PROXY="1") as behind:
        assert link_to(behind.person("ben")) == "https://bell.example"
    assert link_to(ana) == "http://bell.example", "a stranger's word counts for nothing"


def test_a_link_to_nowhere_is_not_offered(ana: Person) -> None:
    answer = ana.rest.call("POST", "/v1/pairings/offer", headers={"Host": "ana@evil.example"})

    assert answer.status in (400, 422)


def test_it_does_not_matter_how_the_code_is_typed(stage: Stage, ana: Person) -> None:
    assert redeem(stage, f" {offered(ana)['code'].lower().replace('-', ' ')}").status == 201
    assert approve(ana, asked(stage)["code"].lower().replace("-", "")).status == 200


def test_a_code_is_worth_nothing_after_its_time(stage: Stage, ana: Person) -> None:
    offer, asking, approved = offered(ana), asked(stage), asked(stage)
    approve(ana, approved["code"])

    make_old(stage)

    assert over(redeem(stage, offer["code"]))
    assert over(approve(ana, asking["code"]))
    assert over(claim(stage, approved["secret"]))
    assert names_of_devices(ana) == ["laptop"]


def test_every_code_that_opens_nothing_is_answered_alike(stage: Stage, ana: Person) -> None:
    old_offer, old_asking = offered(ana), asked(stage)
    make_old(stage)
    used = asked(stage)
    approve(ana, used["code"])
    asking, offer = asked(stage), offered(ana)

    answers = [redeem(stage, code) for code in (old_offer["code"], asking["code"], "2222-2222", "no code", "\x00")]
    answers += [approve(ana, code) for code in (old_asking["code"], used["code"], offer["code"], "2222-2222", "o-o")]
    answers += [claim(stage, secret) for secret in (old_asking["secret"], "hbc_" + "x" * 43, offer["code"], "\x00")]

    for answer in answers:
        answer.body.pop("request_id")
        assert over(answer)
    assert all(answer.body == answers[0].body for answer in answers)


def test_of_two_that_come_at_the_same_moment_one_is_let_in(stage: Stage, ana: Person) -> None:
    offer, asking = offered(ana), asked(stage)
    approve(ana, asking["code"])

    with ThreadPoolExecutor(8) as pool:
        redeemed = list(pool.map(lambda _: redeem(stage, offer["code"]).status, range(8)))
        claimed = list(pool.map(lambda _: claim(stage, asking["secret"]).status, range(8)))

    assert sorted(redeemed) == [201, *[404] * 7]
    assert sorted(claimed) == [201, *[404] * 7]
    assert len(names_of_devices(ana)) == 3


@pytest.mark.parametrize("what", ["disabled", "removed", "password"])
def test_whoever_is_gone_meanwhile_lets_nobody_in(stage: Stage, ana: Person, what: str) -> None:
    offer, asking = offered(ana), asked(stage)
    approve(ana, asking["code"])

    match what:
        case "disabled":
            stage.disable(ana)
            stage.disable(ana, False)
        case "removed":
            stage.remove(ana)
        case "password":
            with stage.engine.execution_options(immediate=True).begin() as connection:
                people.set_password(connection, ana.name, "another hash")

    assert over(redeem(stage, offer["code"]))
    assert over(claim(stage, asking["secret"]))


def test_a_device_that_is_signed_out_leaves_no_door_open(stage: Stage, ana: Person) -> None:
    phone = stage.device_of(ana.name, "phone")
    of_phone, of_laptop, asking = offered(phone), offered(ana), asked(stage)
    approve(phone, asking["code"])

    ana.rest.delete(f"/v1/devices/{phone.device}")

    assert over(redeem(stage, of_phone["code"]))
    assert over(claim(stage, asking["secret"]))
    assert redeem(stage, of_laptop["code"]).status == 201


def test_a_token_that_was_just_revoked_lets_nobody_in(stage: Stage, ana: Person) -> None:
    """The server remembers a good token for a second; letting a device in would make that a year."""
    phone = stage.device_of(ana.name, "phone")
    asking = asked(stage)
    assert phone.rest.get("/v1/stats").status == 200

    with stage.engine.execution_options(immediate=True).begin() as connection:
        people.revoke_device(connection, people.find_user(connection, ana.name).id, phone.device, "test")  # type: ignore[union-attr]

    assert phone.rest.post("/v1/pairings/offer", None).status == 401
    assert approve(phone, asking["code"]).status == 401


def test_a_person_has_only_so_many_offers_open(stage: Stage, ana: Person) -> None:
    offers = [offered(ana) for _ in range(OFFERS_OF_A_PERSON + 2)]

    statuses = [redeem(stage, offer["code"]).status for offer in offers]

    assert statuses == [404] * 2 + [201] * OFFERS_OF_A_PERSON


def test_an_address_has_only_so_many_devices_waiting(stage: Stage, ana: Person) -> None:
    waiting = [asked(stage) for _ in range(ASKING_FROM_AN_ADDRESS)]

    refused = stage.rest().post("/v1/pairings", {"device": LAPTOP})

    assert (refused.status, refused.code) == (429, "rate_limited")
    assert int(refused.headers["retry-after"]) >= 1
    approve(ana, waiting[0]["code"])
    created(claim(stage, waiting[0]["secret"]))
    asked(stage)
    make_old(stage)
    asked(stage)


def test_who_let_whom_in_stands_in_the_audit_log(stage: Stage, ana: Person) -> None:
    offer, asking = offered(ana), asked(stage)
    approve(ana, asking["code"])
    created(claim(stage, asking["secret"]))
    created(redeem(stage, offer["code"]))

    with stage.engine.connect() as connection:
        mine = select(AuditEntry.action).where(AuditEntry.actor == ana.name).order_by(AuditEntry.id)
        actions = list(connection.execute(mine).scalars())

    assert actions[-4:] == ["pairing.offer", "pairing.approve", "device.sign_in", "device.sign_in"]


def test_neither_the_database_nor_the_log_can_open_a_door(stage: Stage, ana: Person) -> None:
    offer, asking = offered(ana), asked(stage)
    approve(ana, asking["code"])

    with stage.engine.connect() as connection:
        rows = [row for table in (Pairing, Device, AuditEntry) for row in connection.execute(select(table.__table__))]
    session = created(claim(stage, asking["secret"]))

    secrets = [offer["code"], asking["code"], asking["secret"], session["token"]]
    for secret in secrets:
        assert secret not in stage.log()
        assert secret not in str(rows) and secret.replace("-", "") not in str(rows)


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("", {}, "device"),
        ("", {"device": {"name": ""}}, "device.name"),
        ("", {"device": {"name": "x" * 129}}, "device.name"),
        ("", {"device": {"name": "x", "platform": "x" * 65}}, "device.platform"),
        ("/claim", {"secret": "x" * 129}, "secret"),
        ("/claim", {"code": "2222-2222"}, "code"),
        ("/redeem", {"code": "x" * 33, "device": LAPTOP}, "code"),
        ("/redeem", {"code": "2222-2222"}, "device"),
    ],
)
def test_a_request_that_is_none_is_refused(stage: Stage, path: str, body: dict[str, Any], field: str) -> None:
    answer = stage.rest().post(f"/v1/pairings{path}", body)

    assert (answer.status, answer.body["field"]) == (422, field)


# ---- as the desktop asks


def test_the_client_s_half_pairs_a_device_that_asked(stage: Stage, ana: Person) -> None:
    asking = rest_pairing.ask(stage.url, "Ana's laptop", "linux")
    waiting = rest_pairing.claim(stage.url, asking.secret)
    approved = rest_pairing.approve(stage.url, ana.token, asking.code)
    session = rest_pairing.claim(stage.url, asking.secret)

    assert waiting == rest_pairing.Waiting(asking.expires_at)
    assert (approved.device.name, approved.device.platform) == ("Ana's laptop", "linux")
    assert isinstance(session, rest.SignedIn) and session.user == ana.name
    assert asking.code not in repr(asking) and asking.secret not in repr(asking)
    with pytest.raises(rest.Refused) as refused:
        rest_pairing.claim(stage.url, asking.secret)
    assert refused.value.code == rest_pairing.EXPIRED


def test_the_client_s_half_pairs_by_an_offered_link(stage: Stage, ana: Person) -> None:
    offer = rest_pairing.offer(stage.url, ana.token)
    link = pairing.parse_link(offer.link)
    assert link is not None

    session = rest_pairing.redeem(link.server, link.code, "Ana's laptop", "linux")

    assert session.user == ana.name
    assert offer.code not in repr(offer)
    assert names_of_devices(ana) == ["laptop", "Ana's laptop"]
