"""Where the server lets itself be sent, and where not, whoever wrote the URL and whoever answers for the name."""

from __future__ import annotations

import ipaddress
import socket
import threading
from typing import Any

import pytest

from handbell_server.channels.egress import Egress, LookupFailedError, RefusedError, is_public

PUBLIC = ["1.1.1.1", "8.8.8.8", "100.63.255.255", "172.32.0.1", "223.255.255.255", "2606:4700::1111", "2a00:1450::1"]
PRIVATE = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.255.255", "169.254.169.254", "172.16.0.1",  # noqa: S104
    "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.7",
    "203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b::8.8.8.8", "64:ff9b:1::1", "100::1", "2001::1", "2001:10::1", "2001:db8::1",
    "2002:7f00:1::", "2002:808:808::1", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%lo",
    "2606:4700::1111%lo", "fec0::1", "ff02::1",
]  # fmt: skip


def answering(*addresses: str) -> Any:
    def lookup(_host: str, port: int) -> list[tuple[socket.AddressFamily, Any]]:
        return [
            (socket.AF_INET6, (one, port, 0, 0)) if ":" in one else (socket.AF_INET, (one, port)) for one in addresses
        ]

    return lookup


def reached(egress: Egress, url: str) -> list[str]:
    return [target[0] for _, target in egress.addresses(egress.place(url), 5)]


@pytest.mark.parametrize("text", PUBLIC)
def test_an_address_of_the_internet_may_be_called(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))
    assert reached(Egress(lookup=answering(text)), "https://hooks.example/") == [text]


@pytest.mark.parametrize("text", PRIVATE)
def test_no_other_address_may_be_called_by_any_spelling_or_name(text: str) -> None:
    assert not is_public(ipaddress.ip_address(text))
    with pytest.raises(RefusedError):
        reached(Egress(lookup=answering(text)), "https://hooks.example/")
    literal = f"[{text.partition('%')[0]}]" if ":" in text else text
    if "%" not in text:
        assert Egress().why_refused(f"https://{literal}/") is not None


@pytest.mark.parametrize("host", ["127.1", "0x7f.1", "2130706433", "0177.0.0.1", "localhost"])
def test_what_only_the_system_reads_as_an_address_is_judged_by_what_it_reads(host: str) -> None:
    with pytest.raises(RefusedError):
        reached(Egress(), f"https://{host}/")


def test_of_a_mixed_answer_only_the_public_addresses_are_left() -> None:
    egress = Egress(lookup=answering("127.0.0.1", "1.1.1.1", "::1", "10.0.0.1", "2606:4700::1111"))

    assert reached(egress, "https://hooks.example/") == ["1.1.1.1", "2606:4700::1111"]


def test_a_name_that_is_private_and_one_that_is_none_answer_alike() -> None:
    def nothing(_host: str, _port: int) -> list[tuple[socket.AddressFamily, Any]]:
        raise socket.gaierror

    said = []
    for lookup in (nothing, answering("10.0.0.5"), answering()):
        with pytest.raises(RefusedError) as refused:
            reached(Egress(lookup=lookup), "https://internal.example/")
        said.append(str(refused.value))

    assert len(set(said)) == 1


def test_a_name_server_that_never_answers_costs_only_the_patience_for_it() -> None:
    for_ever = threading.Event()

    def never(_host: str, _port: int) -> list[tuple[socket.AddressFamily, Any]]:
        for_ever.wait(30)
        return []

    egress = Egress(lookup=never)
    with pytest.raises(LookupFailedError):
        egress.addresses(egress.place("https://slow.example/"), 0.05)
    for_ever.set()


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example/",
        "ftp://hooks.example/",
        "file:///etc/passwd",
        "//hooks.example/",
        "hooks.example",
        "https://",
        "https:///path",
        "https://user@hooks.example/",
        "https://user:password@hooks.example/",
        "https://:@hooks.example/",
        "https://hooks.example:22/",
        "https://hooks.example:0/",
        "https://hooks.example:80/",
        "https://hooks.example:99999/",
        "https://hooks.example:port/",
        "https://hooks.example/#fragment",
        "https://hooks.example/\r\nHost: other",
        "https://hooks.example/ path",
        "https://h\u00f6oks.example/",
        "https://hooks..example/",
        "https://-hooks.example/",
        "https://hooks.example./",
        "https://[::1/",
        "https://[fe80::1%25lo]/",
        "https://hooks.example\\@127.0.0.1/",
        "https://hooks.example/" + "x" * 2048,
    ],
)
def test_a_url_that_is_more_than_an_https_address_is_refused(url: str) -> None:
    assert Egress().why_refused(url) is not None


@pytest.mark.parametrize(
    "url",
    ["https://hooks.example", "https://hooks.example:8443/a?b=c", "https://1.1.1.1/", "https://xn--hks-sna.example/"],
)
def test_a_plain_https_address_is_not(url: str) -> None:
    assert Egress().why_refused(url) is None


def test_the_operator_can_allow_a_network_an_address_or_a_name() -> None:
    egress = Egress(["10.1.0.0/16", "fd00:1::/32", "intern.example"], lookup=answering("10.1.2.3", "10.2.0.1"))

    assert reached(egress, "https://ci.example/") == ["10.1.2.3"]
    assert reached(egress, "https://INTERN.example/") == ["10.1.2.3", "10.2.0.1"]
    assert egress.why_refused("https://10.2.0.1/") is not None
    assert egress.why_refused("https://[::ffff:10.1.2.3]/") is not None


def test_without_tls_only_what_is_allowed_is_called_and_never_the_internet() -> None:
    egress = Egress(["10.1.0.0/16"], lookup=answering("10.1.2.3", "1.1.1.1"))

    assert reached(egress, "http://ci.example/") == ["10.1.2.3"]
    assert reached(egress, "https://ci.example/") == ["10.1.2.3", "1.1.1.1"]
    assert Egress().why_refused("http://10.1.2.3/") is not None


@pytest.mark.parametrize("entry", ["10.0.0.0/33", "10.0.0.1/8", "a b", "https://intern.example", "*"])
def test_an_entry_that_is_nothing_is_said_to_be_so(entry: str) -> None:
    with pytest.raises(ValueError, match="neither"):
        Egress([entry])
