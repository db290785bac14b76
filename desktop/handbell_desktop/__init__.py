"""The bell on the desk. `build.py` puts its core together, `ui/app.py` the tray program; `headless.py` knows no Qt."""

from handbell_shared.version import __version__ as __version__
