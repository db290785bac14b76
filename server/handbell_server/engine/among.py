"""`among(column, "users")`: is it one of a list, which is one parameter however long it is.

With a parameter for each member every length of a list is another statement. SQLite's prepared form of one that asks for
five hundred takes 99 KB, for each length that came along, in each connection that ever carried it out; as one JSON text
it takes 6 KB, once. PostgreSQL gets the list as one string, for the driver's work for each parameter is most of the cost.
For what is asked all the time; elsewhere `in_` is plainer. Such a statement is made once, when its module is imported.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import msgspec
from sqlalchemy import Boolean, Integer, String, bindparam
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

_encode = msgspec.json.Encoder().encode


class _Members(TypeDecorator[Collection[Any]]):
    """A list as text, for each database in the form that it takes apart."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: Collection[Any] | None, dialect: Dialect) -> str:
        members = list(value or ())
        # Ids are printable, so the unit separator is in none of them.
        return _encode(members).decode() if dialect.name == "sqlite" else "\x1f".join(map(str, members))


class among(FunctionElement[bool]):  # noqa: N801 — it is written where a function of SQL is
    """Whether the column is one of the members of the parameter with this name."""

    type = Boolean()
    inherit_cache = True

    def __init__(self, column: Any, parameter: str) -> None:
        super().__init__(column, bindparam(parameter, type_=_Members()))


@compiles(among, "sqlite")
def _among_sqlite(element: among, compiler: SQLCompiler, **options: Any) -> str:
    column, members = (compiler.process(part, **options) for part in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({members}))"


@compiles(among, "postgresql")
def _among_postgresql(element: among, compiler: SQLCompiler, **options: Any) -> str:
    column, members = (compiler.process(part, **options) for part in element.clauses)
    kind = "bigint[]" if isinstance(next(iter(element.clauses)).type, Integer) else "text[]"
    # As rows: in a plan made for any list the text would be taken apart anew for every row that is looked at.
    return f"{column} IN (SELECT unnest(string_to_array({members}, E'\\x1f')::{kind}))"
