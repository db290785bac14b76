"""The tables, one module per noun. `migrations/` holds how they came to be."""

from handbell_server.models.alarms import AlarmRow
from handbell_server.models.answers import Asked, QuestionRow, ReceiptRow
from handbell_server.models.base import Base, db
from handbell_server.models.counting import Cohort, Counted, CountingProgress, CountingState
from handbell_server.models.expectations import Expectation
from handbell_server.models.inbox import (
    AppliedAction,
    Dispatch,
    IdempotencyKey,
    Inbox,
    NotificationRow,
    PreferencesRow,
)
from handbell_server.models.installation import AuditEntry, Installation, Lease
from handbell_server.models.mail import Mail, Mailbox, MailItem
from handbell_server.models.people import Device, Pairing, User
from handbell_server.models.producers import Producer, ProducerKey
from handbell_server.models.search import IndexProgress, SearchDocument
from handbell_server.models.topics import Subscription
from handbell_server.models.types import RegisteredType
from handbell_server.models.webhooks import Webhook, WebhookDelivery

__all__ = [
    "AlarmRow",
    "AppliedAction",
    "Asked",
    "AuditEntry",
    "Base",
    "Cohort",
    "Counted",
    "CountingProgress",
    "CountingState",
    "Device",
    "Dispatch",
    "Expectation",
    "IdempotencyKey",
    "Inbox",
    "IndexProgress",
    "Installation",
    "Lease",
    "Mail",
    "MailItem",
    "Mailbox",
    "NotificationRow",
    "Pairing",
    "PreferencesRow",
    "Producer",
    "ProducerKey",
    "QuestionRow",
    "ReceiptRow",
    "RegisteredType",
    "SearchDocument",
    "Subscription",
    "User",
    "Webhook",
    "WebhookDelivery",
    "db",
]
