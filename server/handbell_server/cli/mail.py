"""`handbell mail …`: whether e-mail works, and what did not simply arrive."""

from __future__ import annotations

import json
from pathlib import Path

import click

from handbell_server.cli.common import configuration, data_option, open_engine, plainly


@click.group()
def mail() -> None:
    """E-mail to people."""


@mail.command("test")
@click.argument("address")
@data_option
@plainly
def mail_test(address: str, data: Path | None) -> None:
    """Send one e-mail to ADDRESS now, and say what the mail server said."""
    from handbell_server.channels.mail import rendering
    from handbell_server.channels.mail.address import canonical
    from handbell_server.channels.mail.letters import bytes_of
    from handbell_server.channels.mail.line import (
        BRINK_S,
        OVER_S,
        NoAnswerError,
        RefusedError,
        UnreachableError,
        ended_after,
    )
    from handbell_server.channels.mail.office import office_of
    from handbell_shared.clock import now_ms
    from handbell_shared.ids import new_id

    office, to = office_of(configuration(data)), canonical(address)
    if office is None:
        raise click.ClickException("No mail server is configured: set HANDBELL_SMTP_URL.")
    if to is None:
        raise click.ClickException("This is no address that e-mail can be sent to.")
    message = bytes_of(rendering.trial(None), new_id(), office.sender, to, now_ms())
    line = office.line()
    try:
        with ended_after(line, BRINK_S + OVER_S):
            line.open()
            line.to_the_brink(office.sender.addr_spec, to, message)
            line.over()
            line.close()
    except (UnreachableError, RefusedError) as error:
        raise click.ClickException(str(error)) from None
    except NoAnswerError:
        raise click.ClickException("The mail server gave no answer; perhaps it has the e-mail.") from None
    click.echo(f"The mail server has taken an e-mail to {to}.")


@mail.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@data_option
@plainly
def mail_list(as_json: bool, data: Path | None) -> None:
    """List e-mails that failed, wait after a failure, or of which nobody knows whether they were sent."""
    import msgspec

    from handbell_server.actions import mails

    with open_engine(configuration(data)) as engine, engine.connect() as connection:
        for one in mails.troubled(connection):
            if as_json:
                click.echo(json.dumps(msgspec.to_builtins(one)))
            else:
                click.echo(f"{one.id}\t{one.user}\t{one.kind}\t{one.state}\t{one.attempts} attempts\t{one.error or ''}")


COMMANDS = (mail,)
