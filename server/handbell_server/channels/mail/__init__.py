"""E-mail: what it says (`rendering.py`, `templates/`), how it is put together, and how it reaches the mail server."""
