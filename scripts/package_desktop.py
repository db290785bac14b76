"""`make package-desktop`: the frozen desktop as a Debian package, an rpm, and an archive to unpack anywhere.

    build/desktop/handbell-desktop ─┬─ less what Debian has itself ─► handbell-desktop_VERSION-REV_amd64.deb
     (`make bundle`)                ├──────────────────────────────► handbell-desktop-VERSION-REV.x86_64.rpm
    scripts/desktop_files.py ───────┴─ and install.sh ─────────────► handbell-desktop-VERSION-linux-x86_64.tar.xz

The bundle carries every library but the C library and OpenGL's, so that it runs on any Linux that is not older than the one that made it.
On Debian the libraries of the system are better: apt keeps them secure, and they know the system's fonts. So the .deb leaves out what
Debian has under the same name, and dpkg-shlibdeps says which packages that makes it need. Python, Qt and its ICU stay inside.

The same bundle gives the same bytes: one date for all files, nobody's name, one order.
"""

from __future__ import annotations

import argparse
import io
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from msgspec import Struct

from handbell_desktop import __version__
from scripts import desktop_files, desktop_licences, packing

NAME: Final = "handbell-desktop"
BUNDLE: Final = packing.ROOT / "build/desktop" / NAME
PARTS: Final = desktop_files.PARTS
HOME: Final = f"usr/lib/{NAME}"
TOOLS: Final = ("dpkg-deb", "dpkg-shlibdeps", "rpmbuild")
# What no library's name says: where certificates, zones, icons and the index of links come from.
DEPENDS: Final = ("ca-certificates", "desktop-file-utils", "hicolor-icon-theme", "tzdata")
CONTROL: Final = """\
Package: handbell-desktop
Version: {version}
Architecture: {architecture}
Maintainer: The Handbell developers <handbell@example.org>
Section: net
Priority: optional
Homepage: https://handbell.example
Installed-Size: {size}
Depends: {depends}
Recommends: fonts-dejavu-core | fonts-liberation, gnome-keyring | kwalletmanager, libxss1, notification-daemon, xdg-utils
Suggests: gnome-shell-extension-appindicator, pulseaudio-utils
Description: bell for notifications, in the tray
 The desktop of Handbell, self-hosted notifications that arrive, once, on every
 device: a number in the tray for what is unread, a native notification when
 something comes, and a panel with everything in it.
 .
 The program brings its own Python and Qt. It needs an account on a Handbell
 server, which the package handbell-server can be.
"""


class Job(Struct, frozen=True):
    bundle: Path
    revision: int
    level: int


def main() -> int:
    parser = argparse.ArgumentParser(description="Package the desktop for Linux.")
    parser.add_argument("--to", type=Path, default=packing.ROOT / "build/desktop-packages", help="where packages go")
    parser.add_argument("--revision", type=int, default=1, help="the number after the version")
    parser.add_argument("--bundle", type=Path, default=BUNDLE, help="the frozen program")
    parser.add_argument("--level", type=int, default=6, help="how hard to compress; 1 is for trying")
    parser.add_argument("--only", choices=("deb", "rpm", "tar"), help="one of the three")
    options = parser.parse_args()
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        print(f"make package-desktop: {', '.join(missing)} missing; packages are built on Debian.", file=sys.stderr)
        return 1
    if not (options.bundle / NAME).exists():
        print("make package-desktop: there is no bundle; `make bundle` makes it.", file=sys.stderr)
        return 1
    options.to.mkdir(parents=True, exist_ok=True)
    makers = {"deb": _deb, "rpm": _rpm, "tar": _tar}
    for kind in [options.only] if options.only else makers:
        with tempfile.TemporaryDirectory(prefix="handbell-package-") as folder:
            job = Job(bundle=options.bundle, revision=options.revision, level=options.level)
            print(makers[kind](Path(folder), options.to.resolve(), job))
    return 0


# ---- the Debian package


def _deb(folder: Path, to: Path, job: Job) -> Path:
    tree = folder / "tree"
    version = f"{__version__}-{job.revision}"
    architecture = packing.said("dpkg", "--print-architecture")
    _installed(tree, job.bundle)
    for library in _debians_own(tree / HOME / "_internal"):
        library.unlink()
    for library in (tree / HOME).rglob("*.so*"):
        library.chmod(0o644)  # loaded, never run; rpm on the other hand looks for what they require by that bit
    documents = tree / f"usr/share/doc/{NAME}"
    packing.put((PARTS / "copyright").read_text(encoding="utf-8"), documents / "copyright")
    desktop_licences.write(documents / "licenses")
    packing.pack((packing.ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), documents / "changelog.gz")
    packing.pack(_debian_changelog(version), documents / "changelog.Debian.gz")
    packing.put((PARTS / "lintian-overrides").read_text(), tree / f"usr/share/lintian/overrides/{NAME}")
    depends = ", ".join(sorted({*DEPENDS, *_needed_packages(folder, tree)}))
    size = packing.kilobytes(tree)
    control = CONTROL.format(version=version, architecture=architecture, size=size, depends=depends)
    packing.put(control, tree / "DEBIAN/control")
    packing.put("".join(_sums(tree)), tree / "DEBIAN/md5sums")
    packing.dated(tree)
    target = to / f"{NAME}_{version}_{architecture}.deb"
    packing.debian(tree, target, level=job.level)
    return target


def _debians_own(libraries: Path) -> Iterator[Path]:
    """Copies of what a Debian package has under the same name. Qt's are links to where the wheel had them, and stay."""
    system = Path("/usr/lib") / packing.said("dpkg-architecture", "-qDEB_HOST_MULTIARCH")
    for library in sorted(libraries.glob("lib*.so*")):
        if not library.is_symlink() and not library.name.startswith("libpython") and _packaged(system / library.name):
            yield library


def _packaged(library: Path) -> bool:
    names = [str(library), str(library).removeprefix("/usr")]  # as of before /lib was merged into /usr
    asked = ["dpkg-query", "--search", *names]
    return subprocess.run(asked, capture_output=True, check=False).stdout != b""


def _needed_packages(folder: Path, tree: Path) -> list[str]:
    internal = tree / HOME / "_internal"
    (tree / "DEBIAN").mkdir()  # by which it knows that this is a package, and what $ORIGIN is in it
    packing.put(f"Source: {NAME}\n\nPackage: {NAME}\nArchitecture: any\n", folder / "debian/control")
    inside = sorted({file.parent for file in internal.rglob("*.so*")})
    command = ["dpkg-shlibdeps", "-O", "--ignore-missing-info", "--warnings=0", *(f"-l{one}" for one in inside)]
    programs = [tree / HOME / NAME, *sorted(file for file in internal.rglob("*.so*") if not file.is_symlink())]
    command += [f"-e{program}" for program in programs]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        wrong = [line for line in done.stderr.splitlines() if "error" in line]
        raise SystemExit("\n".join(["make package-desktop: a library is missing on this machine", *wrong]))
    return done.stdout.strip().removeprefix("shlibs:Depends=").split(", ")


def _debian_changelog(version: str) -> str:
    day = packing.said("date", "--utc", "--rfc-email", f"--date=@{packing.epoch()}")
    return (
        f"{NAME} ({version}) stable; urgency=medium\n\n  * What changed is in changelog.gz.\n\n"
        f" -- The Handbell developers <handbell@example.org>  {day}\n"
    )


def _sums(tree: Path) -> Iterator[str]:
    files = sorted(file for file in (tree / "usr").rglob("*") if file.is_file() and not file.is_symlink())
    told = subprocess.run(["md5sum", *(str(file.relative_to(tree)) for file in files)], cwd=tree, capture_output=True)
    return iter(told.stdout.decode().splitlines(keepends=True))


# ---- the rpm


def _rpm(folder: Path, to: Path, job: Job) -> Path:
    tree = folder / "tree"
    _installed(tree, job.bundle)
    share = tree / "usr/share"
    (share / "zsh/site-functions").mkdir()
    (share / f"zsh/vendor-completions/_{NAME}").rename(share / f"zsh/site-functions/_{NAME}")
    (share / "zsh/vendor-completions").rmdir()
    packing.pack((packing.ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), share / f"doc/{NAME}/changelog.gz")
    desktop_licences.write(share / f"licenses/{NAME}")
    packing.dated(tree)
    inside = {file.name for file in (tree / HOME).rglob("*.so*")}
    told = {
        "_topdir": str(folder / "rpm"),
        "_rpmdir": str(to),
        "_rpmfilename": "%{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}.rpm",
        "_buildhost": "handbell",
        "use_source_date_epoch_as_buildtime": "1",
        "clamp_mtime_to_source_date_epoch": "1",
        "number": __version__,
        "revision": str(job.revision),
        "_binary_payload": f"w{job.level}.xzdio",
        "tree": str(tree),
        "private": "|".join(sorted(re.sub(r"([.+])", r"\\\\\1", name) for name in inside)),
    }
    defined = [word for name, value in told.items() for word in ("--define", f"{name} {value}")]
    spec = str(PARTS / f"{NAME}.rpm-spec")
    command = ["rpmbuild", "--quiet", "-bb", f"--target={platform.machine()}", *defined, spec]
    packing.run(*command, environment={"SOURCE_DATE_EPOCH": packing.epoch()})
    return to / f"{NAME}-{__version__}-{job.revision}.{platform.machine()}.rpm"


# ---- the archive


def _tar(folder: Path, to: Path, job: Job) -> Path:
    name = f"{NAME}-{__version__}-linux-{platform.machine()}"
    tree = folder / name
    shutil.copytree(job.bundle, tree, symlinks=True)
    desktop_files.share(tree / "share")
    desktop_licences.write(tree / "licenses")
    packing.put((packing.ROOT / "LICENSE").read_text(encoding="utf-8"), tree / "LICENSE")
    packing.put((packing.ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), tree / "CHANGELOG.md")
    packing.put((PARTS / "README.txt").read_text(encoding="utf-8"), tree / "README.txt")
    packing.put((PARTS / "install.sh").read_text(encoding="utf-8"), tree / "install.sh", mode=0o755)
    packing.dated(tree)
    target = to / f"{name}.tar.xz"
    gathered = io.BytesIO()
    with tarfile.open(fileobj=gathered, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in [tree, *sorted(tree.rglob("*"))]:
            archive.add(path, str(path.relative_to(folder)), recursive=False, filter=_nobodys)
    with target.open("wb") as file:  # by the program: it uses all processors, and its blocks do not depend on how many
        subprocess.run(["xz", f"-{job.level}", "-T0", "--stdout"], input=gathered.getvalue(), stdout=file, check=True)
    return target


def _nobodys(about: tarfile.TarInfo) -> tarfile.TarInfo:
    about.uid = about.gid = 0
    about.uname = about.gname = ""
    return about


# ---- what both packages install


def _installed(tree: Path, bundle: Path) -> None:
    shutil.copytree(bundle, tree / HOME, symlinks=True)
    desktop_files.share(tree / "usr/share")
    command = tree / "usr/bin" / NAME
    command.parent.mkdir()
    command.symlink_to(f"../lib/{NAME}/{NAME}")


if __name__ == "__main__":
    sys.exit(main())
