"""`handbell producer set` and `handbell producer token`: for senders that speak another system's language."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from handbell_server.cli.common import configuration, data_option, plainly, transaction

if TYPE_CHECKING:
    from handbell_server.actions.dialects import DialectChange, DialectSettings

_SETTINGS = ("to", "routes", "priorities", "defaults", "mapping", "people", "speaks", "secret")


def _pairs(name: str, field: str, about: str) -> Callable[[Any], Any]:
    return click.option(name, field, multiple=True, metavar="WORD=…", help=about)


@click.command("set")
@click.argument("name")
@click.option(
    "--to", "to", help="Whom its senders tell where they name nobody: ana | ana,ben | topic:deploys | everyone."
)
@_pairs("--route", "routes", "What their topic, channel or tag means: backups=topic:backups.")
@_pairs("--priority", "priorities", "What their urgency means: gotify:8=urgent.")
@_pairs("--default", "defaults", "What holds where they say nothing: type=backup.")
@_pairs("--map", "mapping", "Where generic JSON has our fields: title=alert.name.")
@_pairs("--person", "people", "Which user a name of theirs is: octocat=ana.")
@click.option("--dialect", "speaks", multiple=True, help="A dialect it may speak; repeat for several. Default: all.")
@click.option("--secret-stdin", is_flag=True, help="Read what its senders sign with from standard input.")
@click.option("--clear", multiple=True, type=click.Choice(_SETTINGS), help="First take all of this back.")
@data_option
@plainly
def producer_set(
    name: str,
    to: str | None,
    routes: tuple[str, ...],
    priorities: tuple[str, ...],
    defaults: tuple[str, ...],
    mapping: tuple[str, ...],
    people: tuple[str, ...],
    speaks: tuple[str, ...],
    secret_stdin: bool,
    clear: tuple[str, ...],
    data: Path | None,
) -> None:
    """Set what holds for the senders of producer NAME, and print all of it. Without options it only prints."""
    import msgspec

    from handbell_server.actions import dialects, producers

    given: dict[str, Any] = dict.fromkeys(clear)
    with transaction(data) as connection:
        producer_id = producers.id_of(connection, name)
        before = msgspec.to_builtins(dialects.read(connection, producer_id))
        if to is not None:
            given["to"] = msgspec.to_builtins(dialects.whom_of(to))
        for field, words, read in (
            ("routes", routes, lambda text: msgspec.to_builtins(dialects.whom_of(text))),
            ("defaults", defaults, _plain),
            ("mapping", mapping, str),
            ("people", people, str),
        ):
            if words:
                given[field] = _kept(before, field, clear) | _pairs_of(words, read)
        if priorities:
            given["priorities"] = _priorities(_kept(before, "priorities", clear), priorities)
        if speaks:
            given["speaks"] = list(speaks)
        if secret_stdin:
            given["secret"] = _sealed(data, producer_id, sys.stdin.readline().rstrip("\r\n"))
        settings = _change(connection, producer_id, given) if given else dialects.read(connection, producer_id)
    click.echo(_shown(settings))


@click.command("token")
@click.argument("name")
@click.option("--dialect", required=True, help="The one dialect that it opens.")
@click.option("--gotify-3", "gotify3", is_flag=True, help="In the longer shape that Gotify 3 hands out.")
@click.option(
    "--existing-stdin", is_flag=True, help="Take over a token that its senders have already, from standard input."
)
@data_option
@plainly
def producer_token(name: str, dialect: str, gotify3: bool, existing_stdin: bool, data: Path | None) -> None:
    """Print a token of producer NAME that opens one dialect and nothing else, in the shape its senders expect."""
    from handbell_server.actions import producers
    from handbell_server.identity.tokens import digest_of, is_dialect_token, new_dialect_token

    shapes = ("gotify3", "gotify") if dialect == "gotify" else (dialect,)
    if gotify3 and dialect != "gotify":
        raise click.UsageError("--gotify-3 is for --dialect gotify.")
    token = sys.stdin.readline().strip() if existing_stdin else new_dialect_token("gotify3" if gotify3 else dialect)
    if not any(is_dialect_token(token, shape) for shape in shapes):
        raise click.ClickException(f"This does not have the shape of a token of {dialect}.")
    digest = digest_of(token).hex()
    with transaction(data) as connection:
        producers.add_token(connection, name, dialect, key_id=digest, secret_hash=digest)
    click.echo(token)


def _kept(before: dict[str, Any], field: str, clear: Iterable[str]) -> dict[str, Any]:
    return {} if field in clear else dict(before.get(field, {}))


def _pairs_of(words: Iterable[str], read: Callable[[str], Any]) -> dict[str, Any]:
    pairs: dict[str, Any] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise click.UsageError(f"{word!r} is not of the form WORD=VALUE.")
        pairs[name] = read(value)
    return pairs


def _plain(text: str) -> str | int:
    return int(text) if text.isdigit() else text


def _priorities(before: dict[str, Any], words: Iterable[str]) -> dict[str, Any]:
    after = {dialect: dict(known) for dialect, known in before.items()}
    for name, priority in _pairs_of(words, str).items():
        dialect, colon, word = name.partition(":")
        if not colon:
            raise click.UsageError(f"{name!r} is not of the form DIALECT:WORD.")
        after.setdefault(dialect, {})[word] = priority
    return after


def _sealed(data: Path | None, producer_id: int, secret: str) -> str:
    from handbell_server.sealing import seal_of, seal_row

    seal = seal_of(configuration(data))
    if seal is None:
        raise click.ClickException("Secrets need HANDBELL_SECRET_KEY.")
    if not 1 <= len(secret) <= 256:
        raise click.ClickException("A secret has 1 to 256 characters.")
    return seal.close(secret, seal_row(producer_id))


def _change(connection: Any, producer_id: int, given: dict[str, Any]) -> DialectSettings:
    import msgspec

    from handbell_server.actions import dialects
    from handbell_server.parsing import invalid

    secret = given.pop("secret", msgspec.UNSET)  # sealed, it is longer than a secret may be
    try:
        wanted: DialectChange = msgspec.convert(given, dialects.DialectChange)
    except msgspec.ValidationError as error:
        raise invalid(error) from None
    return dialects.change(connection, producer_id, msgspec.structs.replace(wanted, secret=secret))


def _shown(settings: DialectSettings) -> str:
    import msgspec

    shown = msgspec.to_builtins(settings) | ({"secret": True} if settings.secret is not None else {})
    return msgspec.json.format(msgspec.json.encode(shown), indent=2).decode()


OF_PRODUCERS = (producer_set, producer_token)
