"""Which categories whoever runs the server has declared critical: no rule mutes them.

Asked when somebody looks at the rules, and remembered for when there is no network; nobody waits for it at the start. Like
`devices`, this asks the network and belongs into a worker.
"""

from __future__ import annotations

import msgspec
from msgspec import Struct

from handbell_desktop.kept.settings import Account
from handbell_shared import rest


class _Answer(Struct, frozen=True):
    critical: tuple[str, ...] = ()


def categories(account: Account, token: str) -> tuple[str, ...]:
    """Raises what `rest.request` raises, and `ValidationError` when something else answers."""
    answer = rest.request(account.server, "GET", "/v1/preferences", token=token, ca_file=account.ca_file)
    return msgspec.convert(answer, _Answer).critical
