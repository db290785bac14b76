"""`python -m scripts.site build|serve|archive`: makes the site and checks it; then shows it on this machine, or packs it."""

from __future__ import annotations

import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

from scripts.site.building import BUILT, archive, build
from scripts.site.checking import faults
from scripts.site.places import ROOT


def main(what: str = "build", port: str = "8000") -> None:
    site = build()
    if wrong := faults(site):
        sys.exit("\n".join(["The site is not as it should be:", *wrong]))
    print(f"{site.relative_to(ROOT)}/index.html, {len(list(site.rglob('*.html')))} pages")
    if what == "archive":
        print(archive().relative_to(ROOT))
    if what == "serve":
        _serve(int(port))


def _serve(port: int) -> None:
    with ThreadingHTTPServer(("127.0.0.1", port), partial(SimpleHTTPRequestHandler, directory=str(BUILT))) as server:
        print(f"http://127.0.0.1:{server.server_port}/ until Ctrl-C")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()


if __name__ == "__main__":
    main(*sys.argv[1:])
