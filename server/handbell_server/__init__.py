"""The Handbell sync server. `app.py` is the recipe; ARCHITECTURE.md follows one notification through it."""

__version__ = "0.1.0"
