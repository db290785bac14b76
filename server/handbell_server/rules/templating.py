"""Templates: Jinja's grammar, and nothing of Python behind it.

Jinja's own parser reads the text. What may stand in it is a short list (values, comparisons, numbers, a few filters,
`if`), and that becomes plain functions over the JSON a producer sent. There is no attribute of an object, no call, no
loop, no assignment and no macro: nothing to break out of, and nothing that can be repeated, so a template takes time in
proportion to its length. What grows is stopped on the way (`template_values.py`); numbers stay within what a float
counts exactly.

It is strict: a value that is missing, null or no text cannot be printed, and the refusal names it as the producer would
write it. `x is defined` and `x | default("…")` are the ways to live without one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import add, eq, ge, gt, le, lt, mod, mul, ne, sub, truediv
from typing import Any, Final, NoReturn

from jinja2 import Environment, TemplateSyntaxError, nodes

from handbell_server.rules.template_values import EXACT, FILTERS, Context, RenderError, Value, joined, text_of

NAMES: Final = ("data", "actor", "resolved")
_DEEPEST: Final = 40
_GRAMMAR: Final = Environment(autoescape=False)  # noqa: S701 — plain text; nothing here ever becomes HTML


class TemplateError(Exception):
    """The text is no template."""


class _Missing:
    """In the place of a value that was not sent."""

    __slots__ = ("path",)

    def __init__(self, path: str) -> None:
        self.path = path


class Template:
    """A text with holes, ready to be filled."""

    __slots__ = ("_parts", "fixed")

    def __init__(self, parts: Sequence[str | Value]) -> None:
        self._parts = tuple(parts)
        self.fixed = all(isinstance(part, str) for part in parts)

    def render(self, context: Context) -> str:
        return joined(self._parts, context)


@lru_cache(1024)
def template_of(text: str) -> Template:
    """The template that the text is, or a TemplateError that names the line."""
    try:
        return Template(_body(_GRAMMAR.parse(text).body, 0))
    except TemplateSyntaxError as error:
        raise TemplateError(f"Line {error.lineno}: {error.message or 'this cannot be read'}") from None
    except (RecursionError, ValueError):  # brackets in brackets, or a number of thousands of digits
        raise TemplateError("This is nested too deeply, or has a number that is too long.") from None


def _refuse(node: nodes.Node, why: str) -> NoReturn:
    raise TemplateSyntaxError(why, node.lineno)


# ---- from the grammar to functions


def _body(parsed: Sequence[nodes.Node], depth: int) -> list[str | Value]:
    parts: list[str | Value] = []
    for node in parsed:
        if isinstance(node, nodes.Output):
            parts += [one.data if isinstance(one, nodes.TemplateData) else _printed(one, depth) for one in node.nodes]
        elif isinstance(node, nodes.If):
            parts.append(_if(node, depth))
        else:
            _refuse(node, f"A template has only {{{{ values }}}} and if, not {type(node).__name__.lower()}.")
    return parts


def _if(node: nodes.If, depth: int) -> Value:
    if depth > _DEEPEST:
        _refuse(node, "This is nested too deeply.")
    choices = [(_present(one.test, depth), _body(one.body, depth + 1)) for one in (node, *node.elif_)]
    otherwise = _body(node.else_, depth + 1)

    def chosen(context: Context) -> str:
        return joined(next((body for test, body in choices if test(context)), otherwise), context)

    return chosen


def _value(node: nodes.Node, depth: int) -> Value:
    """What an expression means; it may be missing."""
    make = _MEANINGS.get(type(node))
    if make is None:
        _refuse(node, f"{type(node).__name__} is not possible in a template.")
    if depth > _DEEPEST:
        _refuse(node, "This is nested too deeply.")
    return make(node, depth + 1)


def _present(node: nodes.Node, depth: int) -> Value:
    """The same for those that need it to be there."""
    get = _value(node, depth)

    def present(context: Context) -> Any:
        value = get(context)
        if isinstance(value, _Missing):
            raise RenderError(f"{value.path} is missing", value.path)
        return value

    return present


def _printed(node: nodes.Node, depth: int) -> Value:
    get, path = _present(node, depth), _path(node)
    return lambda context: text_of(get(context), path)


def _number(node: nodes.Node, depth: int) -> Value:
    get, path = _present(node, depth), _path(node)

    def number(context: Context) -> Any:
        value = get(context)
        if isinstance(value, bool) or not isinstance(value, int | float) or not -EXACT <= value <= EXACT:
            raise RenderError(f"{path or 'a value'} is no number to calculate with", path)
        return value

    return number


def _const(node: nodes.Const, depth: int) -> Value:
    value = node.value
    return lambda context: value


def _name(node: nodes.Name, depth: int) -> Value:
    name = node.name
    if name not in NAMES:
        _refuse(node, f"There is no {name}; there are {', '.join(NAMES)}.")
    return lambda context: context.get(name, _Missing(name))


def _member(node: nodes.Getattr | nodes.Getitem, depth: int) -> Value:
    """An entry of an object or a list, and never an attribute: `data.items` is what was sent under that name."""
    holder, path = _value(node.node, depth), _path(node) or "a value"
    key = _present(node.arg, depth) if isinstance(node, nodes.Getitem) else _const(nodes.Const(node.attr), depth)

    def member(context: Context) -> Any:
        inside, at = holder(context), key(context)
        if isinstance(inside, _Missing):
            return inside
        if isinstance(inside, dict) and isinstance(at, str):
            return inside.get(at, _Missing(path))
        if isinstance(inside, list) and type(at) is int and -len(inside) <= at < len(inside):
            return inside[at]
        return _Missing(path)

    return member


def _condition(node: nodes.CondExpr, depth: int) -> Value:
    test, then = _present(node.test, depth), _value(node.expr1, depth)
    otherwise = _value(node.expr2, depth) if node.expr2 is not None else (lambda context: "")
    return lambda context: then(context) if test(context) else otherwise(context)


def _concat(node: nodes.Concat, depth: int) -> Value:
    parts = [_printed(one, depth) for one in node.nodes]
    return lambda context: joined(parts, context)


def _and(node: nodes.And, depth: int) -> Value:
    left, right = _present(node.left, depth), _value(node.right, depth)
    return lambda context: left(context) and right(context)


def _or(node: nodes.Or, depth: int) -> Value:
    left, right = _present(node.left, depth), _value(node.right, depth)
    return lambda context: left(context) or right(context)


def _not(node: nodes.Not, depth: int) -> Value:
    get = _present(node.node, depth)
    return lambda context: not get(context)


def _compare(node: nodes.Compare, depth: int) -> Value:
    first = _present(node.expr, depth)
    others = [(_COMPARISONS[one.op], _present(one.expr, depth)) for one in node.ops]

    def compared(context: Context) -> bool:
        left = first(context)
        for holds, get in others:
            right = get(context)
            try:
                if not holds(left, right):
                    return False
            except TypeError:
                raise RenderError("two values cannot be compared") from None
            left = right
        return True

    return compared


def _arithmetic(node: nodes.BinExpr, depth: int) -> Value:
    left, right, operation = _number(node.left, depth), _number(node.right, depth), _OPERATIONS[type(node)]

    def calculated(context: Context) -> Any:
        try:
            return operation(left(context), right(context))
        except ArithmeticError:
            raise RenderError("this cannot be calculated") from None

    return calculated


def _negative(node: nodes.Neg, depth: int) -> Value:
    get = _number(node.node, depth)
    return lambda context: -get(context)


def _test(node: nodes.Test, depth: int) -> Value:
    if node.name != "defined" or node.args:
        _refuse(node, f"There is no test {node.name}; there is defined.")
    get = _value(node.node, depth)
    return lambda context: not isinstance(get(context), _Missing)


def _filter(node: nodes.Filter, depth: int) -> Value:
    if node.node is None or node.name not in FILTERS:
        _refuse(node, f"There is no filter {node.name}; there are {', '.join(sorted(FILTERS))}.")
    run, least, most = FILTERS[node.name]
    if node.kwargs or node.dyn_args or node.dyn_kwargs or not least <= len(node.args) <= most:
        _refuse(
            node, f"The filter {node.name} takes {least} to {most} arguments.".replace(f"{most} to {most}", str(most))
        )
    given = [_present(one, depth) for one in node.args]
    if node.name == "default":
        get, (instead,) = _value(node.node, depth), given

        def or_instead(context: Context) -> Any:
            value = get(context)
            return instead(context) if value is None or isinstance(value, _Missing) else value

        return or_instead
    get, path = _present(node.node, depth), _path(node.node)

    def filtered(context: Context) -> Any:
        value = get(context)
        try:
            return run(value, *(one(context) for one in given))
        except (TypeError, ValueError, OverflowError):
            raise RenderError(f"{path or 'a value'} is nothing for the filter {node.name}", path) from None

    return filtered


_MEANINGS: Final[dict[type, Callable[[Any, int], Value]]] = {
    nodes.Const: _const,
    nodes.Name: _name,
    nodes.Getattr: _member,
    nodes.Getitem: _member,
    nodes.CondExpr: _condition,
    nodes.Concat: _concat,
    nodes.And: _and,
    nodes.Or: _or,
    nodes.Not: _not,
    nodes.Compare: _compare,
    nodes.Neg: _negative,
    nodes.Test: _test,
    nodes.Filter: _filter,
    **dict.fromkeys((nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.Mod), _arithmetic),
}
_OPERATIONS: Final[dict[type, Callable[[Any, Any], Any]]] = {
    nodes.Add: add,
    nodes.Sub: sub,
    nodes.Mul: mul,
    nodes.Div: truediv,
    nodes.Mod: mod,
}
_COMPARISONS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "eq": eq,
    "ne": ne,
    "lt": lt,
    "lteq": le,
    "gt": gt,
    "gteq": ge,
    "in": lambda one, many: one in many,
    "notin": lambda one, many: one not in many,
}


def _path(node: nodes.Node) -> str | None:
    """How a producer would write where the value stands; None for what is calculated."""
    match node:
        case nodes.Name():
            return node.name
        case nodes.Getattr():
            return _under(node.node, f".{node.attr}")
        case nodes.Getitem(arg=nodes.Const(value=int(place))):
            return _under(node.node, f"[{place}]")
        case nodes.Getitem(arg=nodes.Const(value=name)):
            return _under(node.node, f".{name}")
        case nodes.Getitem():
            return _under(node.node, "[…]")
    return None


def _under(holder: nodes.Node, step: str) -> str | None:
    path = _path(holder)
    return None if path is None else path + step
