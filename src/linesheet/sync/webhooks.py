"""Addresses that are told of events: adding, exchanging secrets, telling, and what was told.

An event is told where the thing itself is recorded, in the same transaction: `tell` only writes what is to be sent, and
workers send it (`sync.webhook_sending`), at least once.
"""

import datetime
import json
import secrets
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.db.models import QuerySet

from linesheet.books.models import Company, User
from linesheet.books.reasons import Reason, Refused
from linesheet.books.tenancy import company_in_hand
from linesheet.sync import watched
from linesheet.sync.base_urls import check_host
from linesheet.sync.models import Connection, Delivery, Webhook, WebhookEvent
from linesheet.sync.secrets import SecretUnreadable
from linesheet.sync.vitals import database_now

MOST = 10
LONGEST_URL = 500
OLD_SECRET_FOR = datetime.timedelta(hours=24)
KEPT = datetime.timedelta(days=30)
TEST = "test"
_PAGE = 5000

BAD_WEBHOOK_URL = Reason(
    "bad_webhook_url",
    "{url} is no web address.",
    "Begin it with https:// or http://, without a log-in, and use at most 500 characters.",
)
NO_WEBHOOK_EVENTS = Reason(
    "no_webhook_events", "A webhook that is told of nothing does nothing.", "Choose at least one of: {known}."
)
UNKNOWN_WEBHOOK_EVENT = Reason("unknown_webhook_event", "There is no event {event}.", "Choose from: {known}.")
TOO_MANY_WEBHOOKS = Reason(
    "too_many_webhooks", "There are {most} webhooks already, the most there can be.", "Remove one of them first."
)
TOLD_NOTHING = Reason(
    "told_nothing",
    "{connection} has no events of its own that its platform could be told.",
    "Add a webhook of the company; it is told of orders and runs of all connections.",
)
WEBHOOK_OFF = Reason(
    "webhook_off", "{webhook} is switched off, so nothing is sent there.", "Switch it on, then replay the message."
)

WEBHOOK_GIVEN_UP = Reason(
    "webhook_given_up",
    "{webhook} has taken nothing for days, so it is switched off and told nothing more.",
    "Mend the other side, switch it on under Webhooks, and replay what it missed.",
)

REASONS = (
    BAD_WEBHOOK_URL,
    NO_WEBHOOK_EVENTS,
    UNKNOWN_WEBHOOK_EVENT,
    TOO_MANY_WEBHOOKS,
    TOLD_NOTHING,
    WEBHOOK_OFF,
    WEBHOOK_GIVEN_UP,
)


class WebhookRefused(Refused):
    """The webhook cannot be so, or cannot do this."""


@dataclass(frozen=True, slots=True)
class NewWebhook:
    """A webhook whose secret was just made; nobody can be shown that again."""

    webhook: Webhook
    secret: str


def events_of(connection: Connection | None) -> dict[str, str]:
    """What a webhook of the company, or of a connection, can be told, each with what it says to people."""
    if connection is None:
        return {str(key): str(label) for key, label in WebhookEvent.choices}
    return {event.key: event.label for each in watched.watched_of(connection) for event in each.events}


def add(url: str, events: Sequence[str], *, connection: Connection | None = None, by: User | None = None) -> NewWebhook:
    """Have an address told of events from now on, of the company's or a connection's own.

    Raises WebhookRefused or BaseUrlRefused.
    """
    url = url.strip()
    _check_url(url)
    offered = events_of(connection)
    if not offered:
        raise WebhookRefused(TOLD_NOTHING, connection=connection)
    _check_events(events, offered)
    secret = _new_secret()
    with transaction.atomic():
        # Of two who add one at once, the second sees the first one's.
        Company.objects.select_for_update(no_key=True).get(pk=company_in_hand())
        if Webhook.objects.count() >= MOST:
            raise WebhookRefused(TOO_MANY_WEBHOOKS, most=MOST)
        webhook = Webhook.objects.create(
            connection=connection,
            url=url,
            events=sorted(set(events)),
            secrets=[{"secret": secret, "until": None}],
            created_by=by,
        )
        watched.begin(webhook)
    return NewWebhook(webhook, secret)


@transaction.atomic
def rotate(webhook: Webhook) -> NewWebhook:
    """A new secret. For 24 hours messages are signed with the old one too, so that the other side can follow.

    An old one that this installation cannot read any more is dropped.
    """
    kept = Webhook.objects.select_for_update(of=("self",)).defer("secrets").get(pk=webhook.pk)
    secret = _new_secret()
    until = (database_now() + OLD_SECRET_FOR).isoformat()
    try:
        old = [{"secret": one["secret"], "until": until} for one in kept.secrets if one["until"] is None]
    except SecretUnreadable:
        old = []
    kept.secrets = [{"secret": secret, "until": None}, *old]
    kept.save(update_fields=["secrets"])
    return NewWebhook(kept, secret)


def secrets_at(webhook: Webhook, moment: datetime.datetime) -> list[str]:
    """What its messages are signed with at a moment, the newest first."""
    return [
        one["secret"]
        for one in webhook.secrets
        if one["until"] is None or datetime.datetime.fromisoformat(one["until"]) > moment
    ]


@transaction.atomic
def switch_on(webhook: Webhook) -> None:
    """Tell it again, of what happens from now on."""
    Webhook.objects.filter(pk=webhook.pk).update(active=True, gave_up_at=None, failing_since=None, failures=0)
    watched.begin(webhook)


@transaction.atomic
def switch_off(webhook: Webhook) -> None:
    """Tell it nothing more; what waits is given up, and can be replayed."""
    Webhook.objects.filter(pk=webhook.pk).update(active=False)
    give_up_waiting(webhook)


def give_up_waiting(webhook: Webhook) -> int:
    """Take what waits for the address out of the queue, inside the caller's transaction; how many messages."""
    waiting = Delivery.everywhere.filter(webhook=webhook, due_at__isnull=False)
    return waiting.update(due_at=None, says="It was switched off.")


def remove(webhook: Webhook) -> None:
    """Forget the address and all that was sent there."""
    webhook.delete()


def tell(event: WebhookEvent, things: Iterable[Mapping[str, Any]]) -> int:
    """Write down what the company's webhooks are to be told, inside the caller's transaction; how many messages.

    Each thing is JSON, and one event.
    """
    told = list(things)
    if not told:
        return 0
    of_company = Webhook.objects.filter(active=True, connection=None, events__contains=[event.value])
    return _write(list(of_company.defer("secrets")), event.value, told)


def tell_one(webhook: Webhook, event: str, things: Iterable[Mapping[str, Any]]) -> int:
    """Write down what one webhook is to be told, inside the caller's transaction; how many messages."""
    return _write([webhook], event, list(things))


def _write(listening: Sequence[Webhook], event: str, things: Sequence[Mapping[str, Any]]) -> int:
    if not listening:
        return 0
    now = database_now()
    rows = []
    for thing in things:
        event_id = uuid.uuid4()
        body = _body(event_id, event, now, thing)
        rows += [
            Delivery(webhook=one, event_id=event_id, event=event, body=body, made_at=now, due_at=now)
            for one in listening
        ]
    Delivery.objects.bulk_create(rows, batch_size=500)
    return len(rows)


def trial_message(webhook: Webhook, due_at: datetime.datetime | None) -> Delivery:
    """A message that tells nothing, for an address to be tried with; in the log like any other."""
    now = database_now()
    event_id = uuid.uuid4()
    row: Delivery = Delivery.objects.create(
        webhook=webhook,
        event_id=event_id,
        event=TEST,
        body=_body(event_id, TEST, now, {"says": "Linesheet can reach you."}),
        made_at=now,
        due_at=due_at,
    )
    return row


def replay(delivery: Delivery) -> Delivery:
    """Send the same once more, as a message of its own about the same event. Raises WebhookRefused."""
    _check_active(delivery.webhook)
    again = _again(delivery, database_now())
    again.save(force_insert=True)
    return again


def replay_all(webhook: Webhook, deliveries: "QuerySet[Delivery]") -> int:
    """Send all of these once more that tell something; how many. Raises WebhookRefused."""
    _check_active(webhook)
    now = database_now()
    told = deliveries.filter(webhook=webhook).exclude(event=TEST).order_by("pk")
    return len(Delivery.objects.bulk_create([_again(one, now) for one in told], batch_size=500))


def log_of(webhook: Webhook) -> "QuerySet[Delivery]":
    """What was, or is to be, sent to an address, the latest first, with the attempts."""
    found: QuerySet[Delivery] = Delivery.objects.filter(webhook=webhook).prefetch_related("attempts")
    return found


def unanswered() -> "QuerySet[Webhook]":
    """Those that were switched off because nobody answered there."""
    found: QuerySet[Webhook] = Webhook.objects.filter(active=False, gave_up_at__isnull=False).defer("secrets")
    return found


def forget() -> int:
    """Delete messages, of all companies, that were sent or given up 30 days ago; how many."""
    old = Delivery.everywhere.filter(made_at__lt=database_now() - KEPT, due_at=None)
    gone = 0
    while ids := list(old.order_by().values_list("pk", flat=True)[:_PAGE]):
        gone += Delivery.everywhere.filter(pk__in=ids).delete()[1].get("sync.Delivery", 0)
    return gone


def _check_active(webhook: Webhook) -> None:
    if not Webhook.objects.filter(pk=webhook.pk, active=True).exists():
        raise WebhookRefused(WEBHOOK_OFF, webhook=webhook)


def _again(delivery: Delivery, now: datetime.datetime) -> Delivery:
    return Delivery(
        webhook_id=delivery.webhook_id,
        event_id=delivery.event_id,
        event=delivery.event,
        body=delivery.body,
        made_at=now,
        due_at=now,
        replay_of=delivery,
    )


def _body(event_id: uuid.UUID, event: str, now: datetime.datetime, thing: Mapping[str, Any]) -> str:
    told = {"id": str(event_id), "type": event, "created_at": now.isoformat(), "data": thing}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def _new_secret() -> str:
    return f"whsec_{secrets.token_urlsafe(32)}"


def _check_url(url: str) -> None:
    try:
        split = urlsplit(url)
        if len(url) > LONGEST_URL or "@" in split.netloc:
            raise WebhookRefused(BAD_WEBHOOK_URL, url=url)
        URLValidator(schemes=["http", "https"])(url)
    except (ValidationError, ValueError):
        raise WebhookRefused(BAD_WEBHOOK_URL, url=url) from None
    check_host(split.hostname or "", "Webhook", this_machine=False)


def _check_events(events: Sequence[str], offered: Mapping[str, str]) -> None:
    known = ", ".join(offered)
    if not events:
        raise WebhookRefused(NO_WEBHOOK_EVENTS, known=known)
    for event in events:
        if event not in offered:
            raise WebhookRefused(UNKNOWN_WEBHOOK_EVENT, event=event, known=known)
