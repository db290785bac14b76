"""The one place of the version: packages, bundles, servers, bells and `pyproject.toml` all take it from here."""

__version__ = "0.1.0"
