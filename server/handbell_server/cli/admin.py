"""`handbell user …` and `handbell producer …`."""

from __future__ import annotations

import json
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING

import click

from handbell_server.cli.common import configuration, data_option, open_engine, password_from, plainly, transaction

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from handbell_server.actions.stopping import Going

_SHORTEST_PAUSE = 0.03

password_option = click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")


@click.group()
def user() -> None:
    """People with an inbox."""


@user.command("add")
@click.argument("name")
@click.option("--admin", is_flag=True, help="May see who is online and administer.")
@password_option
@data_option
@plainly
def user_add(name: str, admin: bool, password_stdin: bool, data: Path | None) -> None:
    """Add a person."""
    from handbell_server.actions import people

    people.check_name(name)
    hashed = _hash(password_from(password_stdin))
    with transaction(data) as connection:
        people.add_user(connection, name, password_hash=hashed, admin=admin)
    click.echo(f"{name} can sign in now.")


@user.command("password")
@click.argument("name")
@password_option
@data_option
@plainly
def user_password(name: str, password_stdin: bool, data: Path | None) -> None:
    """Set a new password; signs the person's devices out."""
    from handbell_server.actions import people

    hashed = _hash(password_from(password_stdin))
    with transaction(data) as connection:
        people.set_password(connection, name, hashed)
    click.echo(f"{name} has a new password; all devices are signed out.")


@user.command("disable")
@click.argument("name")
@click.option("--undo", is_flag=True, help="Let the person in again.")
@data_option
@plainly
def user_disable(name: str, undo: bool, data: Path | None) -> None:
    """Keep the inbox but let nobody in."""
    from handbell_server.actions import people

    with transaction(data) as connection:
        people.set_disabled(connection, name, not undo)
    click.echo(f"{name} is {'enabled' if undo else 'disabled'}.")


@user.command("remove")
@click.argument("name")
@click.confirmation_option(prompt="Remove the person and the whole inbox?")
@data_option
@plainly
def user_remove(name: str, data: Path | None) -> None:
    """Remove a person and everything of theirs."""
    from handbell_server.actions import people

    with transaction(data) as connection:
        people.remove_user(connection, name)
    click.echo(f"{name} is gone.")


@user.command("email")
@click.argument("name")
@click.argument("address", required=False)
@click.option("--remove", is_flag=True, help="Send the person no e-mail any more.")
@data_option
@plainly
def user_email(name: str, address: str | None, remove: bool, data: Path | None) -> None:
    """Set the ADDRESS at which a person gets e-mail; nobody is asked for a confirmation."""
    from handbell_server.actions import mailboxes
    from handbell_server.channels.mail.address import canonical

    if remove == (address is not None):
        raise click.UsageError("Give an address, or --remove.")
    known = None if address is None else canonical(address)
    if address is not None and known is None:
        raise click.ClickException("This is no address that e-mail can be sent to.")
    with transaction(data) as connection:
        mailboxes.set_confirmed(connection, name, known)
    click.echo(f"{name} gets e-mail at {known}." if known else f"{name} gets no e-mail.")


@user.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@data_option
@plainly
def user_list(as_json: bool, data: Path | None) -> None:
    """List people."""
    from sqlalchemy import select

    from handbell_server.models import Inbox, User

    query = select(User.name, User.admin, User.disabled_at, Inbox.unread).join(Inbox).order_by(User.name)
    with open_engine(configuration(data)) as engine, engine.connect() as connection:
        for row in connection.execute(query):
            if as_json:
                disabled = row.disabled_at is not None
                line = {"name": row.name, "admin": bool(row.admin), "disabled": disabled, "unread": row.unread}
                click.echo(json.dumps(line))
            else:
                notes = [word for word, on in (("admin", row.admin), ("disabled", row.disabled_at)) if on]
                click.echo(f"{row.name}\t{row.unread} unread\t{' '.join(notes)}".rstrip())


def _hash(password: str) -> str:
    from handbell_server.identity.passwords import PasswordRefusedError, hash_password

    try:
        return hash_password(password)
    except PasswordRefusedError as error:
        raise click.ClickException(str(error)) from None


@click.group()
def producer() -> None:
    """Applications that may send."""


@producer.command("add")
@click.argument("name")
@click.option(
    "--scope", "scopes", multiple=True, help="What the key allows; repeat for several. See docs/operating.md."
)
@click.option("--to", help="Whom it tells where its senders name nobody; as with `handbell producer set`.")
@data_option
@plainly
def producer_add(name: str, scopes: tuple[str, ...], to: str | None, data: Path | None) -> None:
    """Add a producer and print its key, and only the key. It is shown this once."""
    from handbell_server.actions import dialects, producers
    from handbell_server.identity.tokens import new_producer_key

    key_id, key, digest = new_producer_key()
    with transaction(data) as connection:
        producer_id = producers.add_producer(connection, name, scopes, key_id=key_id, secret_hash=digest.hex())
        if to is not None:
            dialects.change(connection, producer_id, dialects.DialectChange(to=dialects.whom_of(to)))
    click.echo(key)


@producer.command("rotate")
@click.argument("name")
@click.option("--grace", default=60, show_default=True, help="Minutes that the old keys go on.")
@data_option
@plainly
def producer_rotate(name: str, grace: int, data: Path | None) -> None:
    """Print a new key; the old ones go on for a while."""
    from handbell_server.actions import producers
    from handbell_server.identity.tokens import new_producer_key

    key_id, key, digest = new_producer_key()
    with transaction(data) as connection:
        producers.rotate_key(connection, name, key_id=key_id, secret_hash=digest.hex(), grace_ms=grace * 60_000)
    click.echo(key)


@producer.command("revoke")
@click.argument("name")
@click.option("--dialect", help="Only the tokens of this dialect.")
@data_option
@plainly
def producer_revoke(name: str, dialect: str | None, data: Path | None) -> None:
    """End all keys of a producer now. What it has going goes on."""
    from handbell_server.actions import producers, stopping

    with transaction(data) as connection:
        producers.revoke_keys(connection, name, dialect)
        left = stopping.going(connection, name) if not stopping.has_a_key(connection, name) else stopping.Going()
    click.echo(f"No {'key' if dialect is None else f'{dialect} token'} of {name} is valid any more.")
    if left:
        click.echo(f"It still has going: {_said(left)}. `handbell producer disable {name}` ends that.")


@producer.command("disable")
@click.argument("name")
@click.option("--undo", is_flag=True, help="Let it in again; what was ended stays so.")
@data_option
@plainly
def producer_disable(name: str, undo: bool, data: Path | None) -> None:
    """Let nothing of a producer through: its alarms end, what it has scheduled is withdrawn."""
    from handbell_server.actions import stopping

    with open_engine(configuration(data)) as engine:
        writing = engine.execution_options(immediate=True)
        with writing.begin() as connection:
            ends = stopping.going(connection, name)
            if not undo:
                stopping.disable(connection, name)
        # In portions, for a server may be writing beside us, and ends some too. Killed in between, it does the rest.
        began = monotonic()
        while _end_some(writing, name):
            sleep(max(_SHORTEST_PAUSE, 2 * (monotonic() - began)))  # nobody stands in line for SQLite's lock
            began = monotonic()
        if undo:
            with writing.begin() as connection:
                stopping.enable(connection, name)
            click.echo(f"{name} is enabled; its keys are good again.")
            return
    click.echo(f"{name} is disabled: its keys open nothing, and nobody hears of it any more.")
    if ends:
        click.echo(f"Ended: {_said(ends)}.")


def _end_some(engine: Engine, name: str) -> Going:
    from handbell_server.actions import stopping

    with engine.begin() as connection:
        return stopping.end_some(connection, name)


def _said(going: Going) -> str:
    counted = (
        (going.alarms, "alarm that rings", "alarms that ring"),
        (going.dispatches, "notification on its way", "notifications on their way"),
        (going.expectations, "expected sign of life", "expected signs of life"),
    )
    return ", ".join(f"{number} {one if number == 1 else many}" for number, one, many in counted if number)


@producer.command("list")
@data_option
@plainly
def producer_list(data: Path | None) -> None:
    """List producers and what their keys allow."""
    from sqlalchemy import select

    from handbell_server.models import Producer

    with open_engine(configuration(data)) as engine, engine.connect() as connection:
        query = select(Producer.name, Producer.scopes, Producer.disabled_at).order_by(Producer.name)
        for row in connection.execute(query):
            note = "" if row.disabled_at is None else "\tdisabled"
            click.echo(f"{row.name}\t{' '.join(json.loads(row.scopes))}{note}")


COMMANDS = (user, producer)
