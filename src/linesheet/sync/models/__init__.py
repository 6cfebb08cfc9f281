"""How records travel, as rows one can open and read."""

from linesheet.sync.models.api import ApiCall, ApiKey, Collect, KeptAnswer
from linesheet.sync.models.catalogue import Placement, Section
from linesheet.sync.models.connections import Connection, Offers, Schedule
from linesheet.sync.models.exchanges import CallCount, Exchange
from linesheet.sync.models.inbox import InboxRecord
from linesheet.sync.models.links import Link, Match, MatchLook, Problem, Suggestion
from linesheet.sync.models.notices import DigestTime, Emailing, Notice, NoticeChoice, NoticeSeverity
from linesheet.sync.models.readiness import Finding, Look
from linesheet.sync.models.rights import ConnectionRight
from linesheet.sync.models.runs import Item, Run
from linesheet.sync.models.shown import ShownCustomer
from linesheet.sync.models.webhooks import Delivery, DeliveryAttempt, WatchedRecord, Webhook, WebhookEvent

__all__ = [
    "ApiCall",
    "ApiKey",
    "CallCount",
    "Collect",
    "Connection",
    "ConnectionRight",
    "Delivery",
    "DeliveryAttempt",
    "DigestTime",
    "Emailing",
    "Exchange",
    "Finding",
    "InboxRecord",
    "Item",
    "KeptAnswer",
    "Link",
    "Look",
    "Match",
    "MatchLook",
    "Notice",
    "NoticeChoice",
    "NoticeSeverity",
    "Offers",
    "Placement",
    "Problem",
    "Run",
    "Schedule",
    "Section",
    "ShownCustomer",
    "Suggestion",
    "WatchedRecord",
    "Webhook",
    "WebhookEvent",
]
