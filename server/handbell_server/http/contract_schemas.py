"""From the structs to the schemas of the contract. msgspec does the work; two things it cannot do are done here.

It describes no union of several structs, because it could not decode one; an answer is only ever encoded. And it leaves
a batch's items unparsed, as the endpoint does, where the contract should say what they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import NODEFAULT, Meta

from handbell_server.http import contract_words as words
from handbell_server.http.bodies import Batch, NewNotification
from handbell_server.http.endpoint import Endpoint
from handbell_server.http.problems import ProblemDocument

Json = dict[str, Any]

_REF = "#/components/schemas/{name}"


def ref(struct: Any) -> str:
    return _REF.format(name=struct.__name__)


def members_of(kind: Any) -> tuple[Any, ...]:
    """The kinds of a union, what a list is of, or the one kind it is."""
    return get_args(kind) if get_origin(kind) in (Union, UnionType, list) else (kind,)


def schemas_of(endpoints: Iterable[Endpoint]) -> Json:
    """A schema for every struct that the endpoints take or give, by its name."""
    wanted: dict[Any, Any] = {}

    def want(kind: Any) -> None:
        for member in members_of(kind):
            if _is_struct(member) and member not in wanted:
                wanted[member] = None
                wanted[member] = _describable(member, want)

    for kind in (NewNotification, Batch, ProblemDocument):  # taken unparsed, or given by the pipeline
        want(kind)
    for one in endpoints:
        error = None if one.speaks is None else one.speaks.error
        for kind in (one.query, one.body, *one.answers.values(), error):
            want(kind)
    _, schemas = msgspec.json.schema_components(wanted.values(), ref_template=_REF)
    items = schemas["Batch"]["properties"]["notifications"]
    items["items"] = {"$ref": ref(NewNotification)}
    for name, described in words.FIELDS.items():
        for field, text in described.items():
            schemas[name]["properties"][field]["description"] = text
    _for_everybody(schemas)
    return schemas


def _for_everybody(schema: Any) -> None:
    """Patterns as JSON Schema has them: its dialect, ECMA-262, knows no `\\A` and no `\\Z`."""
    for one in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        _for_everybody(one)
    if isinstance(schema, dict) and isinstance(schema.get("pattern"), str):
        schema["pattern"] = schema["pattern"].replace(r"\A", "^").replace(r"\Z", "$")


def _describable(struct: Any, want: Any) -> Any:
    """The struct itself, or one like it in which unions of several structs are written down as such."""
    hints = get_type_hints(struct, include_extras=True)
    plain = {name: _without_unions(kind, want) for name, kind in hints.items()}
    if all(plain[name] is hints[name] for name in plain):
        return struct
    fields = [
        (field.name, plain[field.name], *([] if field.default is NODEFAULT else [field.default]))
        for field in msgspec.structs.fields(struct)
    ]
    return msgspec.defstruct(struct.__name__, fields, namespace={"__doc__": struct.__doc__})


def _without_unions(kind: Any, want: Any) -> Any:
    structs = [member for member in members_of(kind) if _is_struct(member)]
    if len(structs) > 1:
        for member in structs:
            want(member)
        return Annotated[Any, Meta(extra_json_schema={"anyOf": [{"$ref": ref(member)} for member in structs]})]
    if get_origin(kind) is tuple and get_args(kind)[-1:] == (...,):
        item = get_args(kind)[0]
        plain = _without_unions(item, want)
        return kind if plain is item else tuple[plain, ...]  # type: ignore[valid-type]
    return kind


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)
