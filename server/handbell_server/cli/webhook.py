"""`handbell webhook …`: what producers want to be told, and what could not be told, for the operator."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from handbell_server.cli.common import configuration, data_option, open_engine, plainly, transaction

if TYPE_CHECKING:
    from handbell_server.actions.webhooks import FailureShown, WebhookShown

_AT_MOST = 1_000


@click.group()
def webhook() -> None:
    """Where producers are told what became of their notifications."""


@webhook.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@data_option
@plainly
def webhook_list(as_json: bool, data: Path | None) -> None:
    """List every producer's webhooks and how they fare."""
    from handbell_server.actions import webhooks

    with open_engine(configuration(data)) as engine, engine.connect() as connection:
        for producer, one in webhooks.all_of(connection, None):
            click.echo(_json(one, producer=producer) if as_json else _webhook_as_text(producer, one))


@webhook.command("failures")
@click.argument("webhook")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@data_option
@plainly
def webhook_failures(webhook: str, as_json: bool, data: Path | None) -> None:
    """List what was given up for WEBHOOK, an id as `handbell webhook list` prints it; the latest first."""
    from handbell_server.actions import webhooks

    with open_engine(configuration(data)) as engine, engine.connect() as connection:
        for one in webhooks.failures(connection, None, webhook, _AT_MOST):
            click.echo(_json(one) if as_json else _failure_as_text(one))


@webhook.command("retry")
@click.argument("webhook")
@click.argument("failure", required=False)
@data_option
@plainly
def webhook_retry(webhook: str, failure: str | None, data: Path | None) -> None:
    """Deliver again what was given up for WEBHOOK: one FAILURE, or all of them."""
    from handbell_server.actions import webhooks

    with transaction(data) as connection:
        count = webhooks.retry(connection, None, webhook, failure)
    click.echo(f"{count} {'is' if count == 1 else 'are'} tried again.")


def _json(one: WebhookShown | FailureShown, **more: str) -> str:
    import msgspec

    return json.dumps(more | msgspec.to_builtins(one))


def _webhook_as_text(producer: str, one: WebhookShown) -> str:
    state = "on" if one.enabled else f"off ({one.disabled_for or 'by its producer'})"
    if one.enabled and one.failing_since is not None:
        state = "on, failing"
    # The host and not the whole URL: what stands behind it may be the producer's secret.
    host = one.url.split("/", 3)[2]
    return f"{one.id}\t{producer}\t{host}\t{state}\t{one.waiting} waiting\t{one.failures} failed"


def _failure_as_text(one: FailureShown) -> str:
    return f"{one.id}\t{one.event}\t{one.notification}\t{one.attempts} attempts\t{one.error or ''}"


COMMANDS = (webhook,)
