"""What the contract says in words: about groups of endpoints, about fields, about codes.

Types, bounds and defaults come from the structs themselves; here stands only what a type cannot say. A test compares
the names with the structs, so a word about a field that is gone is found.
"""

from __future__ import annotations

from typing import Any

from handbell_shared.codes import Code

INTRODUCTION = """\
A producer sends with its key, a person reads with the token of a signed-in device; both travel as
`Authorization: Bearer …` and never in a URL. Everything is JSON. Times are milliseconds since 1970-01-01 UTC; where a
time is sent, a text such as `2030-01-31T09:00:00Z` is understood too. Ids are UUIDv7 in lower-case text. A 2xx means
that it is on disk. Unknown fields are an error, so a misspelt one cannot be overlooked. What belongs to somebody else
answers exactly as what does not exist. The examples take `$SERVER`, `$KEY` and `$TOKEN` from your shell."""

_INBOX = ("Inbox", "What a person was told, and what they do with it.")
_PRODUCING = ("Producing", "Tell people something, look what became of it, take it back.")

# The module of an endpoint → the name of its group and what it is for, in the order of reading: who sends, who reads, who runs.
GROUPS: dict[str, tuple[str, str]] = {
    "produce": _PRODUCING,
    "answers": _PRODUCING,
    "recall": _PRODUCING,
    "types": (
        "Types",
        "A type says what notifications of it are called and look like, where their producer says nothing else. Twelve are "
        "built in; a producer registers its own, and an administrator those of the whole house.",
    ),
    "expectations": (
        "Expectations",
        "Promise a sign of life every so often; when it does not come, people are told (docs/expectations.md).",
    ),
    "webhooks": (
        "Webhooks",
        "Be told what becomes of your notifications, signed as Standard Webhooks (docs/webhooks.md). Needs the scope "
        "`receipts`.",
    ),
    "analytics": (
        "Statistics",
        "What became of what was sent, by day, type and source (docs/analytics.md). For producers, with the scope "
        "`receipts`, of their own; for administrators of everybody's.",
    ),
    "settings": (
        "Dialects",
        "What holds for your senders that speak another system's language (docs/dialects): whom they tell, what their "
        "words for urgency mean. It gives them no rights that your key does not have.",
    ),
    "sessions": ("Signing in", "A device becomes a person's with a password, and stops being it."),
    "pairings": (
        "Pairing",
        "A device becomes a person's by a short code: either it shows one and they approve it on another device, or they "
        "are shown one and it redeems that. Codes live for ten minutes and work once; spaces, dashes and capitals in "
        "them do not matter.",
    ),
    "inbox": _INBOX,
    "receipts": _INBOX,
    "trying": _INBOX,
    "tracing": ("Why", "What was decided about a notification: why it rang, or did not."),
    "topics": ("Topics", "What a person wants to hear about."),
    "preferences": (
        "Preferences",
        "What a person wants to be disturbed by, when and how. The same on all devices, which hear of a change at once.",
    ),
    "me": ("You", "What the server knows about the person who asks."),
    "devices": ("Devices", "Where a person is signed in, and who is online."),
    "sync": ("Sync", "How a device stays equal with the server without a socket."),
    "mail_links": ("Links in e-mail", "Small pages for whoever got the e-mail; nobody signs in."),
    "ops": ("Operating", "Health, numbers, and this contract."),
}
DIALECTS = (
    "Other systems' senders",
    "Addresses of other systems, for senders that know only those: bodies, answers and errors are as those systems' are "
    "(docs/dialects). The token may stand where those senders put it.",
)


def in_order() -> list[tuple[str, str]]:
    """The groups as they stand on the page; other systems' senders belong beside what is said about them."""
    names = [*dict.fromkeys(GROUPS.values())]
    names.insert(names.index(GROUPS["settings"]) + 1, DIALECTS)
    return names


def of_dialect(name: str, also: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """What an address of another system says of itself, and where else it is."""
    page = {"gitea": "github"}.get(name, name)
    about = f"Bodies, answers and refusals are as its senders know them; docs/dialects/{page}.md says how they are understood."
    if also:
        about += " The same at " + ", ".join(f"`{method} {path}`" for method, path in also) + "."
    return {"description": about, "x-dialect": name}


def group_of(module: str, *, dialect: bool = False) -> tuple[str, str]:
    """The name of an endpoint's group, and what it is for."""
    return DIALECTS if dialect else GROUPS[module]


HEADERS = {
    "X-GitHub-Event": "What happened: `push`, `pull_request`, `workflow_run`, …",
    "X-Gitea-Event": "What happened; `X-Forgejo-Event` and `X-GitHub-Event` are read too.",
    "WebHook-Request-Origin": "The sender, by its domain.",
}
_LISTENED = "`inbox`, or the name of a group or a producer; several with commas between them."
PATH_PARAMETERS = {
    "/{topic}": "A topic or a route of the producer's; `~ana` is the user ana.",
    "/{topic}/publish": "A topic or a route of the producer's; `~ana` is the user ana.",
    "/{topic}/json": _LISTENED,
    "/{topic}/sse": _LISTENED,
    "/{topic}/raw": _LISTENED,
    "/{topic}/ws": _LISTENED,
    "/{topic}/auth": _LISTENED,
    "/client/{id}": "The number of an app, as it was told when it signed in.",
    "/message/{id}": "The number of a message.",
    "/application/{id}/message": "The number of a source.",
    "/v1/hooks/slack/{key}": "A producer's token for this dialect.",
    "/notify/{key}": "A producer's token for this dialect.",
    "/v1/types/{name}": "The name of a type: small letters, digits, `.`, `_` and `-`, at most 64.",
    "/v1/notifications/{id}": "The id of a notification or of a dispatch, as it was answered when you sent it.",
    "/v1/notifications/{id}/answer": "The id of a notification, or of what you sent to several with `answers: first`.",
    "/v1/notifications/{id}/trace": "The id of a notification.",
    "/v1/inbox/{id}/trace": "The id of a notification.",
    "/v1/confirm-email/{pass}": "As it stands in the link of the e-mail.",
    "/v1/unsubscribe/{pass}": "As it stands in the link of the e-mail.",
    "/v1/devices/{id}": "The id of a device.",
    "/v1/webhooks/{id}": "The id of a webhook.",
    "/v1/webhooks/{id}/secret": "The id of a webhook.",
    "/v1/webhooks/{id}/test": "The id of a webhook.",
    "/v1/webhooks/{id}/failures": "The id of a webhook.",
    "/v1/webhooks/{id}/failures/{failure}/retry": "The id of a webhook, then that of a failure.",
    "/v1/expectations/{name}": "A name of your choice: letters, digits, `.`, `_` and `-`, at most 64.",
    "/v1/expectations/{name}/ping": "The name of an expectation.",
    "/v1/expectations/{name}/fail": "The name of an expectation.",
    "/v1/topics/{topic}/subscription": "A topic: letters, digits, `.`, `_` and `-`, at most 64.",
}

# Bodies that are plain text.
TEXTS = {"/v1/expectations/{name}/fail": "What went wrong, for people; the last 4,096 characters of it."}

# Struct → field → words.
FIELDS: dict[str, dict[str, str]] = {
    "NewNotification": {
        "to": "Who is told: a user, a list of users, the subscribers of a topic, or everyone.",
        "title": "What happened, in one line. Without one the type says it, if it has a template.",
        "body": "More of it; plain text.",
        "type": "What kind of thing: a built-in type, a registered one, or a word of your own. People filter by it.",
        "link": "What a click opens; https, http or mailto.",
        "priority": "How much it may disturb: the type's, else `normal`.",
        "data": "Anything for programs: at most 8 KiB, nested 8 deep.",
        "actor": "Who did it: a user, or a name with a picture. Nobody is told of their own action.",
        "image": "A picture; https or http.",
        "group": "Notifications of one group are shown together.",
        "key": "The life-cycle key: the next one with this key updates the same notification.",
        "resolved": "With a key: the incident is over. The next one with this key is a new notification.",
        "if_open": "With a key: tell only those who have such a notification that is not over. What ends something then "
        "never begins with its end.",
        "expires_at": "When it stops being true and goes away.",
        "ttl": "The same in seconds from its delivery. Without either it is the type's.",
        "deliver_at": "When to deliver it, at most a year ahead.",
        "actions": "Buttons to answer with, at most five; left out, they are the type's.",
        "answers": "Whether each person answers for themself, or the first answer of anybody closes it for all.",
        "answer_by": "Until when it can be answered, at most a year ahead.",
        "default_answer": "With `answer_by`: the id of the action that is the answer when nobody gave one until then.",
        "until_acknowledged": "If it is urgent: ring again and again until somebody reads, answers, archives or deletes it.",
        "silent": "It is in the list and rings nowhere.",
        "notify_actor": "Tell the actor as well.",
    },
    "TypeDefinition": {
        "title": "A template for the title.",
        "body": "A template for the body.",
        "link": "A template for the link.",
        "translations": "The same in other languages, by their names (`de`, `pt-BR`).",
        "icon": "What devices draw.",
        "colour": "A tint for the icon, as `#rrggbb`; devices keep it readable.",
        "category": "What the type belongs to, for people who filter by it.",
        "priority": "Of notifications that name none.",
        "actions": "Buttons of notifications that bring none; the link of a link button may be a template.",
        "ttl": "After how many seconds a notification that does not say so goes away.",
    },
    "Translation": {
        "title": "A template for the title.",
        "body": "A template for the body.",
        "link": "A template for the link.",
        "labels": "What is on the buttons, by their ids.",
    },
    "ChangedPreferences": {
        "zone": "The time zone of quiet hours and digests, as in `Europe/Berlin`; without one each device has its own.",
        "paused_until": "Nothing rings until then; `forever` is until you say so, null ends it.",
        "quiet_hours": "Hours of the week in which nothing rings.",
        "urgent": "Whose urgent notifications ring although it is quiet.",
        "rules": "Rules to set. For each channel the most specific rule that says anything about it wins.",
        "devices": "Where toasts are shown: on all devices, or on the one in use.",
        "digest": "How often an e-mail sums up what is still unseen.",
        "tell_senders": "What those who sent a notification may know of what you did with it.",
    },
    "ChangedRule": {
        "source": "For what comes from this producer.",
        "type": "For what is of this type.",
        "category": "For what belongs to this category.",
        "toast": "Whether it is shown for a moment.",
        "sound": "Whether it makes a sound.",
        "badge": "Whether it counts for the number on the bell.",
        "push": "Whether it goes to programs that follow by another protocol.",
        "email": "Whether it is mailed at once, in the digest, or never.",
    },
    "ChosenQuietHours": {
        "enabled": "Whether there are any.",
        "days": "The days on which they begin; Monday is 0.",
        "start": "When they begin, as on the clock of the wall.",
        "end": "When they end; before `start` is on the next day.",
    },
    "ChosenUrgent": {
        "breaks_through": "Everybody's, that of those you trust, or nobody's.",
        "trusted": "The producers you trust with it.",
    },
    "ChosenDigest": {
        "every": "How often.",
        "at": "At which time of the day, unless it is hourly.",
        "day": "On which day, if it is weekly; Monday is 0.",
    },
    "ChosenTellSenders": {"seen": "That you have seen it.", "read": "That you have read it, and when."},
    "DialectChange": {
        "to": "Whom your senders tell where they name nobody: as in `POST /v1/notifications`.",
        "routes": "Whom their own words mean (a topic, a channel, a tag): word → as `to`. At most 200.",
        "priorities": "What their words for urgency mean: dialect → word → priority.",
        "defaults": "What holds where they say nothing.",
        "mapping": "For `POST /v1/hooks/json`: which field of theirs is which of ours.",
        "people": "Which user a name of theirs is, so that nobody is told of their own action. At most 200.",
        "speaks": "The dialects they may speak; null: all.",
        "secret": "What they sign with. It is never shown again.",
    },
    "Defaults": {
        "title": "Where there is neither a title nor a text.",
        "type": "Instead of `info`.",
        "priority": "Instead of the type's.",
        "group": "Notifications of one group are shown together.",
        "link": "What a click opens.",
        "image": "A picture.",
        "ttl": "After how many seconds it goes away.",
    },
    "Wishes": {
        "language": "`de`, `pt-BR`, …; null to be told things as their producers wrote them.",
        "email": "Where you want e-mail: a code and a link are sent there first. Null: nowhere.",
    },
    "EmailCode": {"code": "The six digits; spaces do not matter."},
    "UntilAcknowledged": {
        "repeat": "Every so many seconds.",
        "expire": "For so many seconds, for each person; then it is the next one's turn.",
        "escalate_to": "Who is told next, one after the other, if nobody has it until then.",
    },
    "To": {"topic": "Its subscribers.", "everyone": "Everybody with an inbox."},
    "Batch": {
        "notifications": "Each as in `POST /v1/notifications`, each judged by itself; for 10,000 recipients in all."
    },
    "Button": {
        "id": "Comes back in the answer.",
        "label": "What is on it.",
        "kind": "A plain button, one that takes a text, or one that opens a link.",
        "link": "What a link button opens.",
    },
    "Actor": {"name": "To be shown.", "user": "Which user it is, if it is one.", "image": "A picture."},
    "Patience": {"wait": "How many seconds to wait for an answer that is not there yet."},
    "ToldMarks": {"receipts": "What this device did with which notifications."},
    "ToldMark": {
        "id": "The notification.",
        "shown": "When it was first shown to the person: as a toast, or with its row.",
        "clicked": "When its toast or one of its buttons was pressed.",
        "dismissed": "When its toast was waved away.",
        "held": "When it would have been shown, and was not.",
        "held_for": "Why: it was quiet, one summary told of several, another device is in use, or toasts are off.",
    },
    "ByKey": {"key": "The life-cycle key you sent with."},
    "NewWebhook": {
        "url": "Where to POST to: https, a public address.",
        "events": "What to tell.",
    },
    "WebhookChange": {
        "url": "Where to POST to from now on.",
        "events": "What to tell from now on.",
        "enabled": "Off: what waits becomes a failure, and nothing new is kept. On: begin again.",
    },
    "NewExpectation": {
        "every": "How often a sign of life is promised, in seconds: a minute to 31 days.",
        "grace": "How much later than that it may be; left out, a tenth of it, from a minute to an hour.",
        "to": "Whom to tell when it does not come, as in a notification.",
        "what": "What counts: only a ping, or anything you send.",
        "title": "What is said then; left out, that there is no sign of life, in the language of each person.",
        "body": "More of it; plain text.",
        "link": "What a click opens; https, http or mailto.",
        "priority": "How much it may disturb.",
        "type": "What kind of thing it is; how a registered type looks is taken over, not what it says.",
        "paused": "Nothing is expected until you say otherwise.",
    },
    "FailuresAsked": {"limit": "How many at most.", "cursor": "`next` of the page before."},
    "SignIn": {"user": "The user's name.", "password": "The user's password.", "device": "What signs in."},
    "NewDevice": {"device": "What asks."},
    "Claim": {"secret": "The secret you were given with the code."},
    "Approval": {"code": "The code that the device shows."},
    "Redemption": {"code": "The code that the person was shown.", "device": "What signs in."},
    "Device": {"name": "So that the person recognises it in the list.", "platform": "linux, windows, macos, …"},
    "NewListener": {
        "name": "So that you recognise it in the list of your devices.",
        "dialect": "The system whose program will listen: its token has the shape that this one expects.",
    },
    "Actions": {"actions": "What the person did, in any order; each takes effect once."},
    "Action": {
        "id": "A UUIDv7 of your making; the same id again changes nothing.",
        "kind": "What was done.",
        "ids": "Pairs of a notification's id and the generation the person saw.",
        "at": "When; the server never believes a time to come.",
        "until": "With `snooze`: until when.",
        "answer": "With `answer`: which button, and the text of a reply.",
        "choice": "With `choose`: what, and what it is now.",
    },
    "Chosen": {
        "name": "What is chosen, as in docs/preferences.md.",
        "value": "What it is now; null is the default again.",
    },
    "AnswerGiven": {"action": "The id of the button.", "text": "What was typed."},
    "Asked": {
        "state": "Which part of the inbox.",
        "type": "Only of this type.",
        "category": "Only of types that belong to this.",
        "source": "Only from this producer.",
        "priority": "Only of this priority.",
        "q": "Words to look for; each begins some word of the notification.",
        "since": "Created at this moment or later.",
        "until": "Created before this moment.",
        "limit": "How many at most; with `grouped`, how many groups, and 100 at most.",
        "cursor": "`next` of the page before.",
        "grouped": "Similar ones together, with one headline.",
        "language": "With `grouped`: of the headlines, where it is not the one you chose.",
    },
    "InboxGroup": {
        "key": "Stays the same while members come and go.",
        "headline": "What one line can say of them all.",
        "count": "How many they are.",
        "unread": "How many of them are unread.",
        "people": "How many different people took part.",
        "actors": "The names of the newest three.",
        "notifications": "The newest five, whole.",
        "members": "The newest 500, each as [id, gen, sgen, agen]: what an action on the group names.",
        "more": "There are members beyond those.",
    },
    "AnalyticsAsked": {
        "from": "The first day, in UTC. Without it, 30 days up to the last one.",
        "to": "The last day, in UTC, which belongs to it; at most 400 days after the first. Without it, today.",
        "by": "What each row is about: some of `day`, `type` and `source`, with commas between them.",
        "type": "Only of this type.",
        "source": "Only from this producer.",
    },
    "PresencePage": {"limit": "How many at most.", "cursor": "`next` of the page before."},
    "AskedDelta": {
        "epoch": "Of your position.",
        "rev": "Of your position.",
        "after": "Of your position, inside a revision.",
        "limit": "How many at most.",
    },
    "AskedSnapshot": {"after": "The last id of the page before.", "limit": "How many at most."},
}

FIELDS |= {"SentActor": FIELDS["Actor"], "SentButton": FIELDS["Button"], "TypeButton": FIELDS["Button"]}

CODES: dict[int, tuple[Code, ...]] = {
    400: (Code.MALFORMED,),
    401: (Code.UNAUTHENTICATED,),
    403: (Code.FORBIDDEN,),
    404: (Code.NOT_FOUND,),
    409: (Code.CONFLICT,),
    410: (Code.GONE,),
    413: (Code.TOO_LARGE,),
    415: (Code.UNSUPPORTED_MEDIA,),
    422: (Code.INVALID,),
    429: (Code.RATE_LIMITED,),
    500: (Code.INTERNAL,),
    503: (Code.UNAVAILABLE, Code.OVERLOADED),
    507: (Code.DISK_FULL,),
}

PROBLEMS: dict[int, str] = {
    400: "It cannot be parsed.",
    401: "No token, or none that is valid.",
    403: "A valid token that may not do this.",
    404: "There is no such thing, or it is not yours.",
    409: "It does not fit what the thing is; `detail` says how.",
    410: "There was something to answer, and nobody can any more.",
    413: "The body is larger than it may be.",
    415: "A body that is compressed.",
    422: "A field is missing, unknown, of the wrong type or out of bounds; `field` names it.",
    429: "More than you may ask for; `Retry-After` says when to come back.",
    500: "A mistake of ours. It has been logged.",
    503: "The server cannot take it now; `Retry-After` says when to come back.",
    507: "The server's disk is full; nothing was stored.",
}
