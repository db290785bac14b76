"""Alembic's hook: migrations run on the connection, and in the transaction, that `upgrade` opened."""

from __future__ import annotations

from alembic import context

from handbell_server.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transactional_ddl=True,
)
context.run_migrations()
