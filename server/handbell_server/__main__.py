"""`python -m handbell_server` is the `handbell` command."""

from __future__ import annotations

from handbell_server.cli import main

if __name__ == "__main__":
    main(prog_name="handbell")
