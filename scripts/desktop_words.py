"""What the desktop's command line says of itself, in the forms a system wants it: the manual page, and completions for three shells.

All of it is made from the arguments that the program really takes, so that it cannot say anything else.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from handbell_desktop import __version__
from handbell_desktop.__main__ import command_line

NAME = "handbell-desktop"
_DESCRIPTION = r"""
Without a screen,
.B \-\-headless
prints each notification as a line of JSON; it wants
.B \-\-server
and
.BR \-\-user .
.PP
A
.I LINK
is what another device or the operator of a server hands out to sign in by. It never signs in by itself: the program shows the server's
name and asks. Desktops open such links with this program.
"""
_ENDING = r"""
.SH ENVIRONMENT
.TP
.B HANDBELL_PASSWORD
signs in without a question; it is not handed on to programs that are started
.SH FILES
.TP
.I ~/.config/handbell\-desktop
what was chosen
.TP
.I ~/.local/share/handbell\-desktop
what this device knows and has still to say, one folder for each account
.TP
.I ~/.config/autostart/handbell\-desktop.desktop
there if it starts at login, which is a switch in its settings
.SH EXIT STATUS
0 when it was quit, or when it told the one that runs; 1 when it could not start; 2 when the arguments are wrong.
.SH SEE ALSO
.BR handbell (1)
"""


def manual() -> str:
    """The manual page, in man(7)."""
    parser = command_line()
    return (
        "\n".join(
            [
                f'.TH HANDBELL\\-DESKTOP 1 "" "Handbell {__version__}" "Handbell"',
                ".SH NAME",
                rf"handbell\-desktop \- {_roff('a bell for notifications, in the tray')}",
                ".SH SYNOPSIS",
                r".B handbell\-desktop",
                r"[\fIOPTION\fR]... [\fILINK\fR]",
                ".SH DESCRIPTION",
                _roff(parser.description or "") + _DESCRIPTION.rstrip(),
                ".SH OPTIONS",
                *(f".TP\n{_shown(action)}\n{_roff(action.help or '')}" for action in _options(parser)),
            ]
        )
        + _ENDING
    )


def bash() -> str:
    takes_folder = "|".join(option for action in _valued("DIR") for option in action.option_strings)
    takes_file = "|".join(option for action in _valued("FILE") for option in action.option_strings)
    asks = "|".join(option for action in _valued("URL", "NAME") for option in action.option_strings)
    return f"""\
# bash completion for {NAME}
_handbell_desktop() {{
  local word=${{COMP_WORDS[COMP_CWORD]}}
  COMPREPLY=()
  case ${{COMP_WORDS[COMP_CWORD - 1]}} in
    {takes_folder}) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$word") ;;
    {takes_file}) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
    {asks}) ;;
    *) mapfile -t COMPREPLY < <(compgen -W '{" ".join(_words())}' -- "$word") ;;
  esac
}}
complete -F _handbell_desktop {NAME}
"""


def zsh() -> str:
    lines = []
    for action in _options(command_line()):
        kind = {"DIR": ":folder:_files -/", "FILE": ":file:_files", "URL": ":address: ", "NAME": ":name: "}
        value = kind[str(action.metavar)] if action.nargs != 0 else ""
        said = (action.help or "").replace("[", r"\[").replace("]", r"\]").replace("'", "").replace(":", r"\:")
        lines += [f"  '{option}[{said}]{value}'" for option in action.option_strings]
    return f"#compdef {NAME}\n_arguments \\\n" + " \\\n".join([*lines, "  '1:link: '"]) + "\n"


def fish() -> str:
    lines = [f"complete -c {NAME} -f"]
    for action in _options(command_line()):
        kind = {"DIR": " -x -a '(__fish_complete_directories)'", "FILE": " -r -F", "URL": " -x", "NAME": " -x"}
        value = kind[str(action.metavar)] if action.nargs != 0 else ""
        said = (action.help or "").replace("'", r"\'")
        for option in action.option_strings:
            flag = f"-l {option[2:]}" if option.startswith("--") else f"-s {option[1:]}"
            lines.append(f"complete -c {NAME} {flag}{value} -d '{said}'")
    return "\n".join(lines) + "\n"


def _options(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    return (action for action in parser._actions if action.option_strings)  # argparse has no door to them


def _valued(*metavars: str) -> Iterator[argparse.Action]:
    return (action for action in _options(command_line()) if action.metavar in metavars)


def _words() -> Iterator[str]:
    return (option for action in _options(command_line()) for option in action.option_strings)


def _shown(action: argparse.Action) -> str:
    value = "" if action.nargs == 0 else rf" \fI{action.metavar}\fR"
    return ".B " + _roff(", ".join(action.option_strings)) + value


def _roff(text: str) -> str:
    return text.replace("\\", r"\e").replace("-", r"\-")
