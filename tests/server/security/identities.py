"""Everybody who may knock: the columns of the matrix, and a scene with something of the owner's and the producer's."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, Literal

import jwt
from sqlalchemy import Connection, delete, insert, update

from handbell_server.actions import pairings, people
from handbell_server.actions.pairings import AskingDevice, Granter
from handbell_server.identity.tokens import new_claim
from handbell_server.models import Device, Pairing, Webhook, WebhookDelivery
from handbell_shared.clock import now_ms
from handbell_shared.ids import new_id
from tests.server.http.stage import SENDS_ALL, Stage, created
from tests.support.ports import free_port

Identity = Literal[
    "no token",
    "garbage",
    "revoked device",
    "disabled user",
    "expired JWT",
    "valid JWT",
    "owner",
    "other user",
    "admin",
    "producer",
    "other producer",
    "producer without scope",
]
NOBODY: Final = ("no token", "garbage", "revoked device", "disabled user", "expired JWT")
PEOPLE: Final = ("owner", "other user", "admin", "valid JWT")
PRODUCERS: Final = ("producer", "other producer", "producer without scope")
EVERYBODY: Final = (*NOBODY, *PEOPLE, *PRODUCERS)

BUTTONS: Final = [{"id": "yes", "label": "Yes"}]
ISSUER = "https://id.example.org"
ISSUER_KEY = "a-key-of-this-test-that-is-long-enough-for-hs256"


class Scene:
    """A server, its cast, and one thing of everything that can be asked for."""

    def __init__(self, directory: Path, **environment: str) -> None:
        self.stage = Stage(
            directory,
            HANDBELL_JWT_ISSUER=ISSUER,
            HANDBELL_JWT_ALGORITHM="HS256",
            HANDBELL_JWT_KEY=ISSUER_KEY,
            **environment,
        )
        self.owner = self.stage.person("owner")
        self.other = self.stage.person("other")
        self.admin = self.stage.person("admin", admin=True)
        self.disabled = self.stage.person("disabled")
        self.stage.disable(self.disabled)
        self._keys = {
            "producer": self.stage.producer(SENDS_ALL).token,
            "other producer": self.stage.producer(SENDS_ALL).token,
            "producer without scope": self.stage.producer(["send:topic:nothing"]).token,
        }
        for key in self._keys.values():
            to_owner = self.stage.rest(key).call("PATCH", "/v1/producers/me/dialects", {"to": self.owner.name})
            assert to_owner.status == 200, to_owner
        self.webhook_body = {"url": f"https://127.0.0.1:{free_port()}/", "events": ["notification.answered"]}
        self.failure = new_id()
        self.fresh()

    def fresh(self) -> None:
        """One notification and one device more, and a type and an expectation of the producer's, so that no request finds what
        the one before has left."""
        self.sent = created(
            self.stage.rest(self.key).notify(self.owner.name, "Private", body="of the owner", key="k", actions=BUTTONS)
        )
        self.device = self.stage.device_of(self.owner.name, "second").device
        put = self.stage.rest(self.key).put("/v1/types/private", {"title": "Private: {{ data.what }}"})
        assert put.status == 200, put
        put = self.stage.rest(self.key).put("/v1/expectations/private", {"every": 3_600, "to": self.owner.name})
        assert put.status == 200, put
        with self.stage.engine.execution_options(immediate=True).begin() as connection:
            connection.execute(delete(Webhook))  # a producer has only so many
        self.webhook: str = created(self.stage.rest(self.key).post("/v1/webhooks", self.webhook_body))["id"]

    def fail(self) -> None:
        """The webhook has one delivery that was given up."""
        dead = {
            "webhook_id": self.webhook, "id": self.failure, "event": "notification.answered", "facts": "{}",
            "notification_id": self.sent["id"], "user_name": self.owner.name, "created_at": 1, "due_at": 1,
            "died_at": now_ms(),
        }  # fmt: skip
        with self.stage.engine.execution_options(immediate=True).begin() as connection:
            connection.execute(delete(WebhookDelivery))
            connection.execute(insert(WebhookDelivery).values(dead))

    @property
    def key(self) -> str:
        key = self._keys["producer"]
        assert key is not None
        return key

    def token(self, identity: str) -> str | None:
        """A token that nobody has used yet, as far as there can be one."""
        match identity:
            case "no token":
                return None
            case "garbage":
                return "hbd_garbage"
            case "owner" | "other user" | "admin":
                person = {"owner": self.owner, "other user": self.other, "admin": self.admin}[identity]
                return self.stage.device_of(person.name).token
            case "disabled user":
                return self.stage.device_of(self.disabled.name).token
            case "revoked device":
                return self._revoked()
            case "valid JWT":
                return signed(ttl=600)
            case "expired JWT":
                return signed(ttl=-600)
            case _:
                return self._keys[identity]

    def _revoked(self) -> str:
        device = self.stage.device_of(self.owner.name, "lost")
        with self.stage.engine.execution_options(immediate=True).begin() as connection:
            connection.execute(update(Device).where(Device.id == device.device).values(revoked_at=now_ms()))
        return device.token

    def asked(self) -> tuple[str, str]:
        """The code and the secret of a device that waits to be let in."""
        with self.stage.engine.execution_options(immediate=True).begin() as connection:
            connection.execute(delete(Pairing))
            secret, digest = new_claim()
            opened = pairings.ask(connection, AskingDevice("new", ""), address="", secret_hash=digest.hex())
        return opened.code, secret

    def approved(self) -> str:
        """The secret of a device that the owner has let in."""
        code, secret = self.asked()
        with self.stage.engine.execution_options(immediate=True).begin() as connection:
            pairings.approve(connection, self._owner_grants(connection), code)
        return secret

    def offered(self) -> str:
        """A code that makes a device the owner's."""
        with self.stage.engine.execution_options(immediate=True).begin() as connection:
            return pairings.offer(connection, self._owner_grants(connection)).code

    def _owner_grants(self, connection: Connection) -> Granter:
        owner = people.find_user(connection, self.owner.name)
        assert owner is not None
        return Granter(owner.id)

    def listening(self) -> str:
        """A Gotify app of the owner's."""
        made = self.owner.rest.post("/v1/devices/tokens", {"name": "phone", "dialect": "gotify"})
        return str(created(made)["device"])

    def close(self) -> None:
        self.stage.close()


def signed(ttl: int, **claims: Any) -> str:
    """A token of the organisation's issuer."""
    now = now_ms() // 1000
    about = {"iss": ISSUER, "aud": "handbell", "sub": "from-the-issuer", "iat": now - 900, "exp": now + ttl}
    return jwt.encode(about | claims, ISSUER_KEY, algorithm="HS256")
