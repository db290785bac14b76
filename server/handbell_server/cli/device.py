"""`handbell device …`: an operator signs a person's devices in and out, beside the running server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from handbell_server.cli.common import configuration, data_option, open_engine, plainly, transaction

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from handbell_server.actions.pairings import Granter
    from handbell_server.actions.people import Person, SignedInDevice


@click.group()
def device() -> None:
    """What people are signed in on."""


@device.command("pair")
@click.argument("user")
@click.option(
    "--server", "url", envvar="HANDBELL_SERVER", default="http://127.0.0.1:8080", show_default=True,
    help="The address by which the new device reaches this server; it becomes part of the link (or HANDBELL_SERVER).",
)  # fmt: skip
@data_option
@plainly
def device_pair(user: str, url: str, data: Path | None) -> None:
    """Print a code, and a link, that sign one new device of USER in. Both are valid for ten minutes and work once.

    Whoever has the code gets in: hand it over as you would a password.
    """
    from handbell_server.actions import pairings
    from handbell_shared.pairing import is_server, make_link

    if not is_server(url):
        raise click.UsageError(
            "--server is an address that starts with http:// or https://, such as https://bell.example."
        )
    with transaction(data) as connection:
        opened = pairings.offer(connection, _granter(connection, user))
    click.echo(f"Code: {opened.code}")
    click.echo(f"Link: {make_link(url, opened.code)}")


@device.command("approve")
@click.argument("user")
@click.argument("code")
@data_option
@plainly
def device_approve(user: str, code: str, data: Path | None) -> None:
    """Sign the device that shows CODE in as USER."""
    from handbell_server.actions import pairings

    with transaction(data) as connection:
        let_in = pairings.approve(connection, _granter(connection, user), code)
    platform = f" ({_plain(let_in.platform)})" if let_in.platform else ""
    click.echo(f'"{_plain(let_in.name)}"{platform} is let in as {user}.')
    click.echo("If that is not the device you meant, revoke it: `handbell device list` names it in a moment.", err=True)


@device.command("token")
@click.argument("user")
@click.option("--name", required=True, help="What to call it in the list of devices: phone.")
@click.option(
    "--dialect", required=True, type=click.Choice(["ntfy", "gotify"]), help="The system whose program will listen."
)
@data_option
@plainly
def device_token(user: str, name: str, dialect: str, data: Path | None) -> None:
    """Print a token with which the ntfy app or a Gotify app follows USER's notifications. It opens nothing else.

    Whoever has it reads them: hand it over as you would a password.
    """
    from handbell_server.actions import people
    from handbell_server.errors import Invalid
    from handbell_server.identity.tokens import new_listening_token
    from handbell_server.limits import InputLimits

    longest = InputLimits().device_name_chars
    if not 0 < len(name) <= longest or "\x00" in name:
        raise Invalid(f"A name has 1 to {longest} characters.", field="name")
    token, digest = new_listening_token(dialect)
    with transaction(data) as connection:
        _granter(connection, user)
        people.add_device(connection, _person(connection, user), name, dialect, digest.hex(), dialect)
    click.echo(token)


@device.command("list")
@click.argument("user")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@data_option
@plainly
def device_list(user: str, as_json: bool, data: Path | None) -> None:
    """List what USER is signed in on."""
    from handbell_server.actions import people

    with open_engine(configuration(data)) as engine, engine.connect() as connection:
        for one in people.devices(connection, _person(connection, user).id, None):
            click.echo(_as_json(one) if as_json else _as_text(one))


@device.command("revoke")
@click.argument("user")
@click.argument("device")
@data_option
@plainly
def device_revoke(user: str, device: str, data: Path | None) -> None:
    """Sign a device of USER out; DEVICE is its id, as `handbell device list` prints it."""
    from handbell_server.actions import people

    with transaction(data) as connection:
        people.revoke_device(connection, _person(connection, user).id, device, by="operator")
    click.echo(f"The device is signed out; whatever {user} has open on it ends in a moment.")


def _person(connection: Connection, name: str) -> Person:
    from handbell_server.actions import people
    from handbell_server.errors import NotFound

    person = people.find_user(connection, name)
    if person is None:
        raise NotFound(f"There is no user {name!r}.")
    return person


def _granter(connection: Connection, name: str) -> Granter:
    from handbell_server.actions.pairings import Granter
    from handbell_server.errors import Forbidden

    person = _person(connection, name)
    if person.disabled:
        raise Forbidden(f"{name} is disabled; `handbell user disable {name} --undo` lets them in again.")
    return Granter(person.id)


def _as_json(one: SignedInDevice) -> str:
    about = {"id": one.id, "name": one.name, "platform": one.platform, "dialect": one.dialect}
    return json.dumps(about | {"created_at": one.created_at, "online": one.online})


def _as_text(one: SignedInDevice) -> str:
    return "\t".join((one.id, _plain(one.name), _plain(one.platform), "online" if one.online else "")).rstrip()


def _plain(text: str) -> str:
    """A device's own words, without what would move the cursor of whoever reads them in a terminal."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


COMMANDS = (device,)
