"""What docs/webhooks.md tells producers to do, done."""

from __future__ import annotations

import os
import re
import subprocess
import time
from pathlib import Path
from typing import Any

from handbell_server.actions import webhook_deliveries as outbox
from handbell_server.actions import webhooks
from handbell_server.channels import signing

PAGE = (Path(__file__).parents[3] / "docs/webhooks.md").read_text(encoding="utf-8")
BODY = b'{"type": "webhook.test"}'


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE, flags=re.DOTALL)
    assert found is not None
    return found[1]


def test_the_python_of_the_page_verifies_what_we_sign_and_nothing_else() -> None:
    names: dict[str, Any] = {}
    exec(block("python"), names)  # noqa: S102 — our own page
    is_genuine = names["is_genuine"]
    old, new, now = signing.new_secret(), signing.new_secret(), int(time.time())
    headers = signing.headers("one", now, BODY, [new, old])

    assert is_genuine(new, headers, BODY) and is_genuine(old, headers, BODY)
    assert not is_genuine(signing.new_secret(), headers, BODY)
    assert not is_genuine(new, headers, BODY + b" ")
    assert not is_genuine(new, headers | {"webhook-id": "two"}, BODY)
    assert not is_genuine(new, signing.headers("one", now - 301, BODY, [new]), BODY)


def test_the_shell_of_the_page_computes_the_signature(tmp_path: Path) -> None:
    secret = signing.new_secret()
    (tmp_path / "body.json").write_bytes(BODY)
    given = {"SECRET": secret, "WEBHOOK_ID": "one", "WEBHOOK_TIMESTAMP": "1700000000", "BODY_FILE": "body.json"}

    said = subprocess.run(
        ["sh", "-euc", block("sh")], cwd=tmp_path, env=os.environ | given, capture_output=True, text=True, check=True
    )

    signature = signing.headers("one", 1_700_000_000, BODY, [secret])["webhook-signature"]
    assert f"v1,{said.stdout.strip()}" == signature


def test_the_page_names_every_event_and_the_right_numbers() -> None:
    assert [event for event in webhooks.EVENTS if f"| `{event}` |" not in PAGE] == []
    assert outbox.PAUSES_MS == (5_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 28_800_000, 28_800_000)
    assert "after 5 seconds, 5 minutes, 30 minutes, 2, 5, 8 and 8 hours" in PAGE
    assert (webhooks.OF_A_PRODUCER, outbox.AT_ONCE, outbox.FAILING_DAYS, outbox.DEAD_DAYS) == (10, 4, 5, 30)
    assert f"the latest {outbox.DEAD_AT_MOST:,} of a webhook" in PAGE
    assert f"more than {outbox.WAITING_AT_MOST:,} messages wait" in PAGE
