"""The Handbell sync server. `app.py` is the recipe; ARCHITECTURE.md follows one notification through it."""

from handbell_shared.version import __version__ as __version__
