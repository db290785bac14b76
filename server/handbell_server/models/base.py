"""The declarative base, and Flask-SQLAlchemy's handle on the engine.

Text that is compared or sorted by bytes (ids, names, keys) is `Exact`: PostgreSQL would otherwise order it by the
collation of the cluster, SQLite by bytes, and Python by code points; three orders are two too many for a cursor.
"""

from __future__ import annotations

from typing import Annotated

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, mapped_column, registry


def exact(length: int) -> String:
    """Text ordered by bytes everywhere."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


Millis = Annotated[int, mapped_column(BigInteger)]
Id = Annotated[str, mapped_column(exact(36))]
Name = Annotated[str, mapped_column(exact(128))]
Hash = Annotated[str, mapped_column(exact(64))]
Json = Annotated[str, mapped_column(Text)]


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    registry = registry(type_annotation_map={int: BigInteger})


db = SQLAlchemy(model_class=Base, disable_autonaming=True)
