"""Templates: what they can say, what they refuse, and that none of them can take long or become large."""

from __future__ import annotations

from time import thread_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handbell_server.rules.template_values import LONGEST, RenderError
from handbell_server.rules.templating import TemplateError, template_of

ANA: dict[str, Any] = {
    "data": {
        "app": "shop",
        "n": 3,
        "half": 0.5,
        "whole": 4.0,
        "yes": True,
        "null": None,
        "items": ["pen", "ink"],
        "deep": {"er": {"est": "found"}},
        "keys": "mine",
        "name with spaces": "odd",
        "url": "a b/ü",
    },
    "actor": {"name": "Ana", "user": "ana"},
    "resolved": False,
}


def said(text: str, **data: Any) -> str:
    return template_of(text).render({**ANA, "data": {**ANA["data"], **data}})


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Nothing to fill in", "Nothing to fill in"),
        ("{{ data.app }} by {{ actor.name }}", "shop by Ana"),
        ("{{ data.deep.er.est }} {{ data['name with spaces'] }}", "found odd"),
        ("{{ data.items[0] }} {{ data.items.1 }} {{ data.items[-1] }}", "pen ink ink"),
        ("{{ data.keys }}", "mine"),  # what was sent, and no method of a dictionary
        ("{{ data.n }} {{ data.half }} {{ data.whole }} {{ data.yes }}", "3 0.5 4 true"),
        ("{{ data.n - 1 }} {{ data.n * 2 }} {{ (data.n / 4) | round(1) }} {{ -data.n % 2 }}", "2 6 0.8 1"),
        ("{{ 'one' if data.n == 1 else data.n ~ ' times' }}", "3 times"),
        ("a{{ ' b' if data.n > 5 }}", "a"),
        ("{% if data.n > 2 and not resolved %}many{% elif data.n %}few{% else %}none{% endif %}", "many"),
        ("{% if 'pen' in data.items %}writes{% endif %}", "writes"),
        ("{{ data.branch | default('main') }} {{ data.null | default('-') }}", "main -"),
        ("{{ data.branch.name | default('main') }}", "main"),
        ("{{ 'on ' ~ data.branch if data.branch is defined else 'nowhere' }}", "nowhere"),
        ("{{ data.items | join(' and ') }} {{ data.items | length }}", "pen and ink 2"),
        ("{{ data.app | upper | truncate(3) }} {{ ' x ' | trim | capitalize }}", "SH… X"),
        ("https://ci.example/{{ data.url | urlencode }}", "https://ci.example/a%20b%2F%C3%BC"),
        ("{# nobody reads this #}{% raw %}{{ as it is }}{% endraw %}", "{{ as it is }}"),
        ("<b>{{ data.html }}</b>", "<b><i>&</i></b>"),  # plain text: nothing is escaped, nothing is markup
    ],
)
def test_what_a_template_says(text: str, wanted: str) -> None:
    assert said(text, html="<i>&</i>") == wanted


@pytest.mark.parametrize(
    ("text", "variable"),
    [
        ("{{ data.branch }}", "data.branch"),
        ("{{ data.deep.missing.more }}", "data.deep.missing"),
        ("{{ data.items[7] }}", "data.items[7]"),
        ("{{ data['no such'] }}", "data.no such"),
        ("{{ data.branch | upper }}", "data.branch"),
        ("{{ 'x' ~ data.branch }}", "data.branch"),
        ("{% if data.branch %}x{% endif %}", "data.branch"),
        ("{{ data.app.upper }}", "data.app.upper"),
        ("{{ actor.image }}", "actor.image"),
        ("{{ data.null }}", "data.null"),
        ("{{ data.items }}", "data.items"),
        ("{{ data.app + 1 }}", "data.app"),
        ("{{ data.yes * 2 }}", "data.yes"),
        ("{{ data.app | round }}", "data.app"),
    ],
)
def test_what_is_missing_or_unfit_is_named(text: str, variable: str) -> None:
    with pytest.raises(RenderError) as refused:
        said(text)
    assert refused.value.variable == variable
    assert variable in refused.value.why


@pytest.mark.parametrize(
    "text",
    [
        "{% for x in data.items %}{{ x }}{% endfor %}",
        "{% set x = 1 %}",
        "{% macro m() %}{% endmacro %}",
        "{% include 'x' %}",
        "{% extends 'x' %}",
        "{% block b %}{% endblock %}",
        "{% filter upper %}x{% endfilter %}",
        "{{ data.app.upper() }}",
        "{{ range(9) }}",
        "{{ 2 ** 9 }}",
        "{{ 5 // 2 }}",
        "{{ [1, 2] }}",
        "{{ {'a': 1} }}",
        "{{ data.app[0:2] }}",
        "{{ data.app | replace('a', 'b') }}",
        "{{ data.app | truncate }}",
        "{{ data.app | truncate(length=3) }}",
        "{{ data.app is string }}",
        "{{ config }}",
        "{{ self }}",
    ],
)
def test_what_is_no_part_of_the_language_is_refused_when_it_is_read(text: str) -> None:
    with pytest.raises(TemplateError, match=r"^Line 1: "):
        template_of(text)


def test_a_mistake_names_its_line() -> None:
    with pytest.raises(TemplateError, match=r"^Line 3: "):
        template_of("one\ntwo\n{{ data.x ")


@pytest.mark.parametrize(
    "text",
    ["{{ " + "(" * 2000 + "1" + ")" * 2000 + " }}", "{{ data.app" + " | upper" * 400 + " }}", "{{ " + "not " * 1000 + "1 }}",
     "{{ " + "9" * 4090 + " }}" + "{{ " + "9" * 4400 + " }}", "{% if 1 %}" * 300 + "{% endif %}" * 300],
)  # fmt: skip
def test_nesting_has_an_end(text: str) -> None:
    with pytest.raises(TemplateError):
        template_of(text)


@pytest.mark.parametrize(
    "text",
    [
        "{{ data.x * 10 * 10 }}",
        "{{ data.x }}" * 300,
        "{{ " + " ~ ".join(["data.x"] * 400) + " }}",
        "{{ " + " ~ ".join(["data.x | upper"] * 250) + " }}",
        "{{ data.many | join(data.x) }}",
        "{{ 9007199254740992 * 9007199254740992 * 2 }}",
        "{{ data.big }}",
        "{{ data.big * 2 }}",
        "{{ 1 / 0 }}",
        "{{ data.x < 1 }}",
    ],
)
def test_nothing_becomes_large_or_takes_long(text: str) -> None:
    template = template_of(text)
    data = {"x": "x" * 8_000, "many": ["y"] * 2_000, "big": 10**4000}

    began = thread_time()
    with pytest.raises(RenderError):
        template.render({"data": data})

    assert thread_time() - began < 0.1


def test_the_bound_is_about_what_it_becomes() -> None:
    assert len(said("{{ data.x }}{{ data.x }}", x="x" * (LONGEST // 2))) == LONGEST
    with pytest.raises(RenderError, match="too long"):
        said("{{ data.x }}{{ data.x }}!", x="x" * (LONGEST // 2))


@given(st.text(alphabet="{}%# .|~()[]'\"datonmeif0123456789*-+/=<>_\n", max_size=80))
def test_any_text_is_a_template_or_a_mistake(text: str) -> None:
    try:
        made = template_of(text).render(ANA)
    except (TemplateError, RenderError):
        return
    assert len(made) <= LONGEST


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists, max_leaves=8))
def test_any_value_is_printed_or_refused(value: Any) -> None:
    for text in (
        "{{ data.x }}",
        "{{ data.x + 1 }}",
        "{{ data.x | round(2) }}",
        "{{ data.x | join }}",
        "{{ data.x > 1 }}",
    ):
        try:
            made = template_of(text).render({"data": {"x": value}})
        except RenderError:
            continue
        assert isinstance(made, str)
