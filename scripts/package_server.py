"""`make package-server`: the server as a Debian package, for the Debian and the Python of the machine that builds it.

    locks/server.txt ──pip, by hash──► /opt/handbell, a virtual environment ─┐
    this folder ──a wheel──────────────►      (without the desktop)          ├─► dpkg-deb ─► build/server/….deb
    packaging/server: units, settings, nginx, maintainer's scripts ──────────┘

The virtual environment uses Debian's own interpreter, so security updates of Python arrive by apt; what is compiled fits one
version of it, and the package says which. Building twice gives the same bytes: times come from SOURCE_DATE_EPOCH or the last
commit, byte code is checked by nobody and dated by nothing, and what pip writes down about the building machine is taken out.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

from click.shell_completion import BashComplete

from handbell_server import __version__
from handbell_server.cli import main as handbell
from scripts import manual, packing

ROOT: Final = Path(__file__).resolve().parents[1]
PARTS: Final = ROOT / "packaging/server"
HOME: Final = "opt/handbell"
DEPENDS: Final = ("adduser", "ca-certificates", "init-system-helpers (>= 1.54~)", "tzdata")
CONTROL: Final = """\
Package: handbell-server
Version: {version}
Architecture: {architecture}
Maintainer: The Handbell developers <handbell@example.org>
Section: net
Priority: optional
Homepage: https://handbell.example
Installed-Size: {size}
Depends: {depends}
Recommends: openssl
Suggests: nginx, postgresql, postgresql-client, redis-server
Description: self-hosted notifications that arrive, once, on every device
 The sync server of Handbell takes notifications from applications over REST,
 stores each one, and delivers it in real time to every device of its recipient.
 What is read, archived or answered on one device is so on all of them.
 .
 The package runs one server on SQLite, on loopback; PostgreSQL, Redis and a
 proxy in front are a few lines in /etc/handbell/handbell.env.
"""


def main() -> int:
    parser = argparse.ArgumentParser(description="Build the Debian package of the server.")
    parser.add_argument("--to", type=Path, default=ROOT / "build/server", help="the folder for the package")
    parser.add_argument("--revision", type=int, default=1, help="the number after the version")
    parser.add_argument("--python", default="/usr/bin/python3", help="Debian's interpreter, which the server will use")
    options = parser.parse_args()
    if shutil.which("dpkg-deb") is None:
        print(
            "make package-server: dpkg-deb is missing; a Debian package is built on Debian or Ubuntu.", file=sys.stderr
        )
        return 1
    os.umask(0o022)
    options.to.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="handbell-package-") as folder:
        print(build(Path(folder), options.to, f"{__version__}-{options.revision}", options.python))
    return 0


def build(folder: Path, to: Path, version: str, python: str) -> Path:
    tree = folder / "tree"
    interpreter = Path(python).resolve()  # python3.11: the name says what the compiled parts fit
    _program(folder, tree / HOME, interpreter)
    _beside(tree)
    architecture = packing.said("dpkg", "--print-architecture")
    _control(tree, version, architecture, interpreter.name)
    packing.dated(tree)
    target = to / f"handbell-server_{version}_{architecture}.deb"
    packing.debian(tree, target)
    return target


def _program(folder: Path, home: Path, interpreter: Path) -> None:
    """The virtual environment, as if it had been made where it will be."""
    packing.run(str(interpreter), "-m", "venv", "--without-pip", str(home))
    pip = [
        sys.executable,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--quiet",
        "--no-input",
        "--python",
        str(home / "bin/python3"),
    ]
    locked = ["--require-hashes", "--only-binary=:all:", "--requirement", str(ROOT / "locks/server.txt")]
    packing.run(*pip, "install", "--no-compile", *locked)
    wheels = folder / "wheels"
    packing.run(
        *[sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "wheel", "--no-deps"],
        *["--no-build-isolation", "--wheel-dir", str(wheels), str(ROOT)],
    )
    packing.run(*pip, "install", "--no-compile", "--no-deps", "--no-index", *map(str, wheels.iterdir()))
    [site] = (home / "lib").glob("python3.*/site-packages")
    shutil.rmtree(site / "handbell_desktop")
    _forget_the_machine(home, site)
    compiled = ["-m", "compileall", "-q", "-f", "--invalidation-mode", "unchecked-hash"]
    packing.run(str(interpreter), *compiled, "-s", str(home.parents[1]), "-p", "/", str(site))


def _forget_the_machine(home: Path, site: Path) -> None:
    """Scripts that nobody calls, and every line with the path under which all this was built."""
    for script in (home / "bin").iterdir():
        if not script.is_symlink() and script.name != "handbell":
            script.unlink()
    command = home / "bin/handbell"
    command.write_text(re.sub(r"\A#!.*", f"#!/{HOME}/bin/python3", command.read_text()))
    (home / "pyvenv.cfg").write_text(
        "".join(
            line
            for line in (home / "pyvenv.cfg").read_text().splitlines(keepends=True)
            if not line.startswith(("command", "executable"))
        )
    )
    for told in site.glob("*.dist-info/direct_url.json"):
        told.unlink()
    for record in site.glob("*.dist-info/RECORD"):
        kept = [line for line in record.read_text().splitlines() if _is_there(site, line.rsplit(",", 2)[0])]
        record.write_text("\n".join(sorted(_unhashed(line) for line in kept)) + "\n")


def _is_there(site: Path, name: str) -> bool:
    return (site / name.strip('"')).exists()


def _unhashed(line: str) -> str:
    """What was rewritten has another hash now; RECORD may leave it out."""
    name = line.rsplit(",", 2)[0]
    return f"{name},," if name.endswith("bin/handbell") else line


def _beside(tree: Path) -> None:
    """Everything that is not the program: where Debian expects it."""
    for unit in (PARTS / "systemd").iterdir():
        packing.put(unit.read_text(), tree / "lib/systemd/system" / unit.name)
    packing.put((PARTS / "handbell.env").read_text(), tree / "etc/handbell/handbell.env", mode=0o640)
    packing.put((PARTS / "debian/handbell").read_text(), tree / "usr/bin/handbell", mode=0o755)
    documents = tree / "usr/share/doc/handbell-server"
    for example in (PARTS / "nginx").iterdir():
        packing.put(example.read_text(), documents / "examples/nginx" / example.name)
    for page in ("operating.md", "deploying.md", "scaling.md"):
        packing.put((ROOT / "docs" / page).read_text(), documents / page)
    packing.put((ROOT / "LICENSE").read_text(), documents / "copyright")
    packing.pack((ROOT / "CHANGELOG.md").read_text(), documents / "changelog.gz")
    packing.pack(manual.page(), tree / "usr/share/man/man1/handbell.1.gz")
    completion = BashComplete(handbell, {}, "handbell", "_HANDBELL_COMPLETE")
    packing.put(
        completion.source_template % completion.source_vars(), tree / "usr/share/bash-completion/completions/handbell"
    )


def _control(tree: Path, version: str, architecture: str, python: str) -> None:
    depends = ", ".join([python, *DEPENDS])
    control = CONTROL.format(version=version, architecture=architecture, size=packing.kilobytes(tree), depends=depends)
    packing.put(control, tree / "DEBIAN/control")
    packing.put("/etc/handbell/handbell.env\n", tree / "DEBIAN/conffiles")
    for script in ("postinst", "prerm", "postrm"):
        packing.put((PARTS / "debian" / script).read_text(), tree / "DEBIAN" / script, mode=0o755)


if __name__ == "__main__":
    sys.exit(main())
