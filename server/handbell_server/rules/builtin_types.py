"""The types that every installation has. Those about people say whole sentences; the others need a title of yours."""

from __future__ import annotations

from typing import Any, Final

from handbell_server.rules.kinds import Book, Kind, Translation, TypeButton, TypeDefinition
from handbell_shared.kinds import TYPE_CATEGORIES, TYPE_ICONS

_TEXT: Final = '{{ data.text | default("") | truncate(500) }}'

# As the bell draws them in its light theme; it has its own for the dark one.
_COLOURS: Final = {
    "info": "#0d6489",
    "success": "#17693f",
    "warning": "#865000",
    "error": "#b4232f",
    "message": "#2f54cc",
    "friend_request": "#6d3fc0",
    "follow": "#6d3fc0",
    "like": "#b02a6f",
    "comment": "#0c6b68",
    "mention": "#2f54cc",
    "order_update": "#9a4a0a",
    "system": "#474f5d",
}
_MORE: Final[dict[str, dict[str, Any]]] = {
    "error": {"priority": "high"},
    "message": {
        "title": "{{ actor.name }} sent you a message",
        "body": _TEXT,
        "translations": {"de": Translation(title="{{ actor.name }} hat dir geschrieben")},
    },
    "friend_request": {
        "title": "{{ actor.name }} would like to be your friend",
        "translations": {
            "de": Translation(
                title="{{ actor.name }} möchte mit dir befreundet sein",
                labels={"accept": "Annehmen", "decline": "Ablehnen"},
            )
        },
        "actions": (TypeButton("accept", "Accept"), TypeButton("decline", "Decline")),
    },
    "follow": {
        "title": "{{ actor.name }} follows you",
        "translations": {"de": Translation(title="{{ actor.name }} folgt dir")},
        "priority": "low",
    },
    "like": {
        "title": '{{ actor.name }} liked {{ data.what | default("your post") }}',
        "translations": {"de": Translation(title='{{ actor.name }} gefällt {{ data.what | default("dein Beitrag") }}')},
        "priority": "low",
    },
    "comment": {
        "title": '{{ actor.name }} commented on {{ data.what | default("your post") }}',
        "body": _TEXT,
        "translations": {
            "de": Translation(title='{{ actor.name }} hat {{ data.what | default("deinen Beitrag") }} kommentiert')
        },
    },
    "mention": {
        "title": '{{ actor.name }} mentioned you{{ " in " ~ data.where if data.where is defined }}',
        "body": _TEXT,
        "translations": {
            "de": Translation(
                title='{{ actor.name }} hat dich{{ " in " ~ data.where if data.where is defined }} erwähnt'
            )
        },
    },
    "order_update": {
        "title": "Order {{ data.order }}: {{ data.status }}",
        "body": _TEXT,
        "translations": {"de": Translation(title="Bestellung {{ data.order }}: {{ data.status }}")},
    },
}

BUILT_IN: Final[Book] = {
    name: Kind(
        name,
        TypeDefinition(icon=icon, colour=_COLOURS[name], category=TYPE_CATEGORIES[name], **_MORE.get(name, {})),
        registered=False,
    )
    for name, icon in TYPE_ICONS.items()
}
