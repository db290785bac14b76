"""What Handbell sends to webhooks, for the contract's section `webhooks`.

The messages are put together elsewhere (`rows.py` says what happened, `channels/posting.py` makes the body of it,
`channels/signing.py` the headers); nothing decodes them here, so they have no structs. What stands here is compared with
what those make, event by event, by a test.
"""

from __future__ import annotations

from typing import Any

from handbell_server.actions.webhooks import EVENTS

Json = dict[str, Any]

_ID = "0193f0c8-5a11-7c2e-8a7b-0c9b8f7e6d5c"
_AT = 1764150060000
_MOMENT = "2025-11-26T09:41:00.000Z"
_TEST = "webhook.test"

WORDS: dict[str, tuple[str, str]] = {
    "notification.answered": (
        "Somebody answered, or the time to answer is over",
        "`action` is the id of the button, `text` what was typed. After the time `deadline` is true, and `action` is your "
        "`default_answer` or empty.",
    ),
    "notification.read": ("Somebody read it", "Told again only after it was unread between."),
    "notification.expired": ("Its time ran out", "Nobody had read it, or dealt with it, until then."),
    "notification.acknowledged": ("What rings until somebody has it rings no more", "`user` has it."),
    "notification.escalated": ("Nobody had it in time, so the next one is told", "`id` is the notification of `user`."),
    "notification.unacknowledged": ("Nobody on the list had it in time", "`id` and `user` are the last who was told."),
    _TEST: ("You asked for it", "Sent by `POST /v1/webhooks/{id}/test`, once."),
}
_HEADERS = {
    "webhook-id": (
        "The message: the same in every attempt, so drop what you have had already.",
        "0193f0c9-2b44-7d1e-9a0c-4f5e6d7c8b9a",
    ),
    "webhook-timestamp": (
        "Seconds since 1970 of this attempt; refuse what is more than five minutes off.",
        "1764150060",
    ),
    "webhook-signature": (
        "`v1,` and the Base64 of the HMAC-SHA256 over `id.timestamp.body`, with the decoded secret behind `whsec_`. While a "
        "secret is being replaced there are two, with a space between.",
        "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
    ),
}


def webhooks_of() -> Json:
    """The section: event → the POST that its receiver gets."""
    return {event: {"post": _operation(event)} for event in (*EVENTS, _TEST)}


def schemas() -> Json:
    """The messages, by their names among the components."""
    return {_name(event): _message(event) for event in (*EVENTS, _TEST)}


def sample(event: str) -> Json:
    """A message as it might come."""
    data: Json = {"id": _ID, "user": "ana", "at": _AT, "key": "deploy-1017"}
    if event == "notification.answered":
        data |= {"action": "yes", "text": None}
    return {"type": event, "timestamp": _MOMENT, "data": {"webhook": _ID} if event == _TEST else data}


def _operation(event: str) -> Json:
    summary, about = WORDS[event]
    if event != _TEST:
        about += " Answer with any 2xx within 15 seconds; everything else is tried again for about a day."
    return {
        "operationId": f"webhook.{event.replace('.', '_')}",
        "tags": ["Webhooks"],
        "summary": summary,
        "description": about,
        "security": [],
        "parameters": [
            {
                "name": name,
                "in": "header",
                "required": True,
                "description": words,
                "schema": {"type": "string"},
                "example": example,
            }
            for name, (words, example) in _HEADERS.items()
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"$ref": f"#/components/schemas/{_name(event)}"},
                    "example": sample(event),
                }
            },
        },
        "responses": {
            "2XX": {"description": "You have it. What else you say is not read."},
            "410": {"description": "You want no more: the webhook is switched off."},
        },
    }


def _name(event: str) -> str:
    return "Webhook" + "".join(word.capitalize() for word in event.replace("webhook.", "").split("."))


def _message(event: str) -> Json:
    return {
        "title": _name(event),
        "type": "object",
        "required": ["type", "timestamp", "data"],
        "properties": {
            "type": {"const": event, "description": "What happened."},
            "timestamp": {"type": "string", "format": "date-time", "description": "When it was noted, in UTC."},
            "data": _data(event),
        },
    }


def _data(event: str) -> Json:
    if event == _TEST:
        webhook = {"type": "string", "description": "The id of the webhook."}
        return {
            "description": "What was tried.",
            "type": "object",
            "required": ["webhook"],
            "properties": {"webhook": webhook},
        }
    properties: Json = {
        "id": {"type": "string", "description": "What you were answered when you sent it, or that of this recipient."},
        "user": {"type": "string", "description": "Who did it; after a deadline, whom you had asked."},
        "at": {"type": "integer", "description": "When, in milliseconds since 1970, on the person's device."},
        "key": {"type": "string", "description": "Your life-cycle key, if it has one."},
    }
    required = ["id", "user", "at"]
    if event == "notification.answered":
        required += ["action", "text"]
        properties |= {
            "action": {"type": "string", "description": "The id of the button; empty when nobody answered."},
            "text": {"type": ["string", "null"], "description": "What was typed."},
            "deadline": {"const": True, "description": "The time was over: nobody gave this answer."},
        }
    return {
        "description": "The notification, and what became of it.",
        "type": "object",
        "required": required,
        "properties": properties,
    }
