"""`handbell completion`: what a shell has to know to complete our commands, options and the ids in an inbox."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

_SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(_SHELLS))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the completion for a shell.

    \b
    bash    echo 'source <(handbell completion bash)' >> ~/.bashrc
    zsh     echo 'source <(handbell completion zsh)' >> ~/.zshrc
    fish    handbell completion fish > ~/.config/fish/completions/handbell.fish
    """
    root = context.find_root()
    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(root.command, {}, "handbell", "_HANDBELL_COMPLETE").source())


COMMANDS: tuple[click.Command, ...] = (completion,)
