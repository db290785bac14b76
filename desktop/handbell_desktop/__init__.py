"""The bell on the desk. `build.py` puts its core together, `ui/app.py` the tray program; `headless.py` knows no Qt."""

__version__ = "0.1.0"
