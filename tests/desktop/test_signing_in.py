"""Becoming a device of somebody, at a real server; and what a person is told when it does not work."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from handbell_desktop.account import address, devices, signing_in
from handbell_desktop.account.address import Unencrypted
from handbell_desktop.account.signing_in import NewDevice
from handbell_desktop.account.trouble import Trouble
from handbell_desktop.kept.settings import Account
from handbell_shared import rest
from tests.desktop.conftest import PASSWORD
from tests.shared.link_server import InboxServer, certificate, silent_listener
from tests.shared.test_link_rest import Peer, serving
from tests.support.handbell import HandbellServer
from tests.support.ports import free_port


@pytest.fixture(scope="module")
def ana(server: HandbellServer) -> NewDevice:
    return signing_in.with_password(server.url, "ana", PASSWORD)


@pytest.fixture
def peer() -> Iterator[Peer]:
    with serving() as one:
        yield one


def known_devices(of: NewDevice) -> set[str]:
    return {device.id for device in devices.of(of.account, of.token)}


# ---- a password


def test_a_password_makes_an_account_and_a_device(server: HandbellServer) -> None:
    new = signing_in.with_password(f" {server.url.removeprefix('http://')}/docs ", " ana ", PASSWORD)

    assert (new.account.server, new.account.user) == (server.url, "ana")
    assert new.token not in repr(new)
    (this,) = (device for device in devices.of(new.account, new.token) if device.current)
    assert (this.id, this.name) == (new.account.device, signing_in.device_name())


@pytest.mark.parametrize(
    ("user", "password", "field", "sentence"),
    [
        ("ana", "wrong", "password", "The user or the password is wrong."),
        ("nobody", PASSWORD, "password", "The user or the password is wrong."),
        ("", PASSWORD, "user", "Please enter your user name."),
        ("ana", "", "password", "Please enter your password."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    server: HandbellServer, user: str, password: str, field: str, sentence: str
) -> None:
    with pytest.raises(Trouble, match=sentence) as caught:
        signing_in.with_password(server.url, user, password)

    assert caught.value.field == field


# ---- the address


@pytest.mark.parametrize(
    ("typed", "tried"),
    [
        ("bell.example", ["https://bell.example"]),
        ("https://Bell.example/docs?x#y", ["https://bell.example"]),
        ("HTTP://bell.example:81", ["http://bell.example:81"]),
        ("bell.example:8443", ["https://bell.example:8443"]),
        ("nas", ["https://nas", "http://nas", "http://nas:8080"]),
        ("192.168.1.5:8080", ["https://192.168.1.5:8080", "http://192.168.1.5:8080"]),
        ("localhost", ["http://localhost", "http://localhost:8080"]),
        ("[::1]:8080", ["http://[::1]:8080", "https://[::1]:8080"]),
        ("glöckchen.example", ["https://xn--glckchen-o4a.example"]),
    ],
)
def test_encryption_comes_first_and_is_left_out_only_in_ones_own_network(typed: str, tried: list[str]) -> None:
    assert list(address.candidates(typed)) == tried


@pytest.mark.parametrize(
    "typed", ["ftp://bell.example", "ana@bell.example", "bell.example:port", "a b", "handbell://pair"]
)
def test_what_is_no_address_is_said_so_without_asking_the_network(typed: str) -> None:
    with pytest.raises(Trouble, match="This is not the address of a server") as caught:
        address.find(typed)

    assert caught.value.field == "server"


def test_a_server_without_encryption_in_the_network_is_asked_about_before_a_password_goes_there(
    peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rest, "is_loopback", lambda url: False)  # 127.0.0.1 stands for a machine in the house
    peer.will_answer(200, {"status": "ok", "version": "1"})

    with pytest.raises(Unencrypted) as caught:
        address.find(peer.url.removeprefix("http://"))

    assert caught.value.address == peer.url
    peer.will_answer(200, {"status": "ok", "version": "1"})
    assert address.find(caught.value.address) == peer.url


def test_a_web_site_is_not_taken_for_a_handbell(peer: Peer) -> None:
    peer.will_answer(200, b"<html>welcome</html>")

    with pytest.raises(Trouble, match="but it is no Handbell server") as caught:
        address.find(peer.url)

    assert caught.value.field == "server"


def test_a_server_that_forwards_is_not_followed_and_says_so(peer: Peer) -> None:
    peer.will_answer(301, Location="https://elsewhere.example/")

    with pytest.raises(Trouble, match="sends visitors elsewhere"):
        address.find(peer.url)


def test_a_server_that_is_away_and_one_that_says_nothing_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Trouble, match=r"Nothing answers at 127\.0\.0\.1"):
        address.find(f"http://127.0.0.1:{free_port()}")
    with silent_listener() as url, pytest.raises(Trouble, match="does not answer"):
        address.check(url, timeout=0.2)

    def nobody(*about: object, **more: object) -> None:
        raise socket.gaierror("Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    with pytest.raises(Trouble, match=r"There is no server called bell\.invalid"):
        address.find("https://bell.invalid")


def test_an_unknown_certificate_asks_for_its_authority_and_takes_it(tmp_path: Path) -> None:
    server = InboxServer()
    server.tls = certificate(tmp_path)
    with server:
        url = server.url.replace("http:", "https:")
        with pytest.raises(Trouble, match="choose its CA file") as stranger:
            address.find(url)
        with pytest.raises(Trouble, match="no Handbell server"):  # trusted, so it gets as far as the answer
            address.find(url, ca_file=server.tls[0])
        with pytest.raises(Trouble, match="CA file cannot be used") as broken:
            address.find(url, ca_file=server.tls[1])

    assert (stranger.value.field, stranger.value.wants_ca) == ("ca_file", True)
    assert broken.value.field == "ca_file"


def test_https_to_a_server_without_it_says_what_to_write(peer: Peer) -> None:
    with pytest.raises(Trouble, match="does not answer with encryption") as caught:
        address.find(peer.url.replace("http:", "https:"))

    assert caught.value.field == "server"


# ---- a code


def test_an_offered_code_signs_in_however_it_is_typed(server: HandbellServer, ana: NewDevice) -> None:
    offered = devices.offer(ana.account, ana.token)

    new = signing_in.with_code(server.url, f" {offered.code.lower().replace('-', ' ')} ")

    assert new.account.user == "ana"
    assert new.account.device in known_devices(ana)
    with pytest.raises(Trouble, match="used or is too old") as again:
        signing_in.with_code(server.url, offered.code)
    assert again.value.field == "code"


@pytest.mark.parametrize("typed", ["", "K7QM", "K7QM-3XWO", "https://bell.example", "handbell://pair?code=1"])
def test_what_is_no_code_is_said_beside_the_code(typed: str) -> None:
    with pytest.raises(Trouble) as caught:
        signing_in.with_code("nowhere.invalid", typed)

    assert caught.value.field == "code"


def test_another_device_approves_this_one(server: HandbellServer, ana: NewDevice) -> None:
    asked = signing_in.ask(server.url)
    collected: list[NewDevice | None] = []
    waiter = threading.Thread(
        target=lambda: collected.append(signing_in.wait_for_approval(asked, threading.Event(), poll_every=0.02))
    )
    waiter.start()

    approved = devices.approve(ana.account, ana.token, asked.code.lower())
    waiter.join(60)

    assert approved.device.name == signing_in.device_name()
    assert asked.secret not in repr(asked)
    (new,) = collected
    assert new is not None
    assert new.account.user == "ana"
    assert new.account.device in known_devices(ana)


def test_waiting_for_approval_survives_the_server_s_absence_and_ends_when_cancelled(peer: Peer) -> None:
    asked = signing_in.Asked(peer.url, None, "K7QM-3XWD", "secret", 0)
    peer.will_answer(503, {"code": "unavailable", "detail": "away"})
    peer.will_answer(202, {"expires_at": 1})
    peer.will_answer(410, {"code": "code_expired", "detail": "over"})

    with pytest.raises(Trouble, match="Nobody approved the code in time"):
        signing_in.wait_for_approval(asked, threading.Event(), poll_every=0.01)
    assert len(peer.asked) == 3

    cancelled = threading.Event()
    cancelled.set()
    assert signing_in.wait_for_approval(asked, cancelled) is None


def test_an_approval_that_comes_with_the_cancellation_is_given_back(peer: Peer) -> None:
    asked = signing_in.Asked(peer.url, None, "K7QM-3XWD", "secret", 0)
    peer.will_answer(201, {"token": "hbd_x", "device": "d", "user": "ana"})
    peer.will_answer(204)

    class CancelledMeanwhile(threading.Event):
        """Not yet when the waiting asks, but when the answer is there."""

        def wait(self, timeout: float | None = None) -> bool:
            waited = super().wait(0)
            self.set()
            return waited

    assert signing_in.wait_for_approval(asked, CancelledMeanwhile()) is None
    assert [(method, path) for method, path, _, _ in peer.asked] == [
        ("POST", "/v1/pairings/claim"),
        ("DELETE", "/v1/sessions/current"),
    ]


def test_a_code_nobody_asked_for_is_refused_when_approved(ana: NewDevice) -> None:
    with pytest.raises(Trouble, match="No device shows this code"):
        devices.approve(ana.account, ana.token, "K7QM-3XWD")


# ---- accounts that exist


def test_signing_in_again_keeps_the_account_and_takes_nobody_else(server: HandbellServer, ana: NewDevice) -> None:
    ben = signing_in.with_password(server.url, "ben", PASSWORD)
    ben_again = signing_in.with_password(server.url, "ben", PASSWORD)
    same = signing_in.again(ben.account, ben_again)

    assert (same.account.id, same.token) == (ben.account.id, ben_again.token)
    intruder = signing_in.with_password(server.url, "ana", PASSWORD)
    with pytest.raises(Trouble, match="This signs in ana, but the account is ben's"):
        signing_in.again(ben.account, intruder)
    assert intruder.account.device not in known_devices(ana)


def test_the_same_inbox_is_not_added_twice(server: HandbellServer, ana: NewDevice) -> None:
    twin = signing_in.with_password(server.url, "ana", PASSWORD)

    with pytest.raises(Trouble, match="is signed in here already"):
        signing_in.refuse_double([ana.account], twin)

    assert twin.account.device not in known_devices(ana)


# ---- managing devices


def test_a_device_is_signed_out_from_another_one(server: HandbellServer, ana: NewDevice) -> None:
    lost = signing_in.with_password(server.url, "ana", PASSWORD)

    devices.sign_out(ana.account, ana.token, lost.account.device)
    devices.sign_out(ana.account, ana.token, lost.account.device)  # gone is gone

    assert lost.account.device not in known_devices(ana)
    with pytest.raises(Trouble, match="does not know this device any more"):
        devices.of(lost.account, lost.token)


def test_this_device_comes_first_in_the_list(server: HandbellServer, ana: NewDevice) -> None:
    signing_in.with_password(server.url, "ana", PASSWORD)

    assert devices.of(ana.account, ana.token)[0].current


def test_a_test_notification_arrives_in_the_inbox(server: HandbellServer, ana: NewDevice) -> None:
    an_id = devices.send_test(ana.account, ana.token)

    inbox = rest.request(server.url, "GET", "/v1/inbox", token=ana.token)
    assert an_id in {record["id"] for record in inbox["notifications"]}


def test_a_server_without_test_notifications_says_so(peer: Peer) -> None:
    peer.will_answer(404, {"code": "not_found", "detail": "?"})

    with pytest.raises(Trouble, match="too old to send a test notification"):
        devices.send_test(Account(id="a", server=peer.url, user="ana", device="d"), "token")
