"""A running server with a mail server beside it: one for all tests here, and people made for each."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.server.http.stage import Stage
from tests.shared.link_server import certificate
from tests.support.mail_server import PASSWORD, MailServer, Received
from tests.support.waiting import until

HOME = "https://bell.example"


class PostOffice:
    """The stage, and what arrives by e-mail."""

    def __init__(self, stage: Stage, server: MailServer) -> None:
        self.stage = stage
        self.server = server

    def mail_to(self, address: str, count: int = 1) -> list[Received]:
        def found() -> list[Received]:
            return [one for one in self.server.taken if one.recipient == address]

        until(lambda: len(found()) >= count, 20, f"{count} e-mails to {address}")
        return found()


def link_in(text: str) -> str:
    """The path of the link that asks for no sign-in."""
    found = re.search(rf"{HOME}(/v1/(?:confirm-email|unsubscribe)/[\w-]+)", text)
    assert found is not None, text
    return found[1]


def mail_settings(server: MailServer, ca_file: str = "") -> dict[str, str]:
    settings = {
        "HANDBELL_SMTP_URL": server.url,
        "HANDBELL_MAIL_FROM": "Handbell <bell@handbell.example>",
        "HANDBELL_PUBLIC_URL": HOME,
    }
    return settings | ({"HANDBELL_SMTP_CA_FILE": ca_file, "HANDBELL_SMTP_PASSWORD": PASSWORD} if ca_file else {})


@pytest.fixture(scope="package")
def post_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostOffice]:
    folder = tmp_path_factory.mktemp("mail")
    ca_file, key = certificate(folder)
    with (
        MailServer((ca_file, key), sign_in=True) as server,
        Stage(folder, **mail_settings(server, ca_file)) as stage,
    ):
        yield PostOffice(stage, server)
