"""Sends what webhooks are to be told: signed, at least once, and patiently while the other side is away."""

import asyncio
import datetime
import hashlib
import hmac
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version

import aiohttp
from django.db import connection as database
from django.db import transaction

from linesheet.books.tenancy import acting_for
from linesheet.site.addresses import AddressRefused, guarded_connector
from linesheet.sync import notifications, webhooks
from linesheet.sync.errors import one_line
from linesheet.sync.models import Delivery, DeliveryAttempt, Webhook
from linesheet.sync.secrets import SecretUnreadable
from linesheet.sync.vitals import database_now

log = logging.getLogger(__name__)

SECONDS_TO_ANSWER = 10.0
# Longer than a round of messages may take, so that no other worker takes them up meanwhile.
CLAIMED_FOR = datetime.timedelta(minutes=1)
FIRST_WAIT = datetime.timedelta(seconds=10)
LONGEST_WAIT = datetime.timedelta(hours=2)
TRIED_FOR = datetime.timedelta(hours=24)
DEAD_AFTER = datetime.timedelta(days=3)
FAILURES_WHEN_DEAD = 20
AT_ONCE = 20
OF_ONE_AT_ONCE = 4
ROUNDS = 20
KEPT_ANSWER = 500


@dataclass(frozen=True, slots=True)
class Answered:
    """How an attempt went; `says` is "" when the message was taken."""

    at: datetime.datetime
    milliseconds: int
    status: int | None
    says: str
    answer: str = ""


def deliver() -> int:
    """Send what is due, of all companies; how many messages were taken.

    Nothing of the database is held meanwhile. A worker that dies before it has noted the answer leaves the message to
    be sent again, with the same delivery number.
    """
    taken = 0
    for _ in range(ROUNDS):
        claimed = _claim()
        if not claimed:
            break
        for delivery, answered in _sent(claimed):
            note(delivery, answered)
            taken += not answered.says
    return taken


def send_test(webhook: Webhook) -> Answered:
    """Send a message that tells nothing now, and say how that went. It is not repeated."""
    delivery = webhooks.trial_message(webhook, due_at=None)
    [(_, answered)] = _sent([delivery])
    _log(delivery, answered)
    Delivery.objects.filter(pk=delivery.pk).update(
        tries=1, delivered_at=None if answered.says else database_now(), says=answered.says
    )
    return answered


def signed(secrets: Sequence[str], timestamp: int, body: bytes) -> str:
    """The header that proves where a message is from: `v1=` and the HMAC-SHA256, in hex, of `timestamp.body`.

    There is one for every valid secret, the newest first, between commas.
    """
    said = b"%d.%s" % (timestamp, body)
    return ",".join(f"v1={hmac.new(secret.encode(), said, hashlib.sha256).hexdigest()}" for secret in secrets)


def note(delivery: Delivery, answered: Answered) -> None:
    """Write down how an attempt went, and when the next one is; switch off an address that was dead for days."""
    with acting_for(delivery.company_id), transaction.atomic():
        # A webhook that was removed meanwhile took its messages with it.
        webhook = (
            Webhook.objects.select_for_update(of=("self",)).defer("secrets").filter(pk=delivery.webhook_id).first()
        )
        if webhook is None:
            return
        _log(delivery, answered)
        now = database_now()
        if not answered.says:
            Delivery.objects.filter(pk=delivery.pk).update(delivered_at=now, due_at=None, says="")
            Webhook.objects.filter(pk=webhook.pk).update(failing_since=None, failures=0)
            return
        since, failures = webhook.failing_since or now, webhook.failures + 1
        Webhook.objects.filter(pk=webhook.pk).update(failing_since=since, failures=failures)
        wait = min(FIRST_WAIT * 2 ** min(delivery.tries - 1, 12), LONGEST_WAIT)
        over = now + wait > delivery.made_at + TRIED_FOR or not webhook.active
        # Of a worker that was frozen for long, another has tried meanwhile: that one's answer counts.
        mine = Delivery.objects.filter(pk=delivery.pk, tries=delivery.tries, delivered_at=None)
        mine.update(due_at=None if over else now + wait, says=answered.says)
        log.warning("delivery %s %s: %s", delivery.number, "is given up" if over else "waits", answered.says)
        if webhook.active and now - since >= DEAD_AFTER and failures >= FAILURES_WHEN_DEAD:
            Webhook.objects.filter(pk=webhook.pk).update(active=False, gave_up_at=now)
            # This message is one of those that are given up.
            waited = webhooks.give_up_waiting(webhook)
            notifications.webhook_given_up(webhook, webhooks.WEBHOOK_GIVEN_UP.about(webhook=webhook), waited)
            log.warning("webhook %s is switched off: nobody answered there since %s", webhook.pk, since)


@transaction.atomic
def _claim() -> list[Delivery]:
    """Take what has been due longest for this worker; of an address that fails only one at a time."""
    with database.cursor() as cursor:
        cursor.execute(
            """
            WITH due AS (
                SELECT id, webhook_id, due_at,
                       row_number() OVER (PARTITION BY webhook_id ORDER BY due_at, id) AS place
                  FROM sync_delivery WHERE due_at <= clock_timestamp()
            ), chosen AS (
                SELECT delivery.id FROM sync_delivery delivery JOIN due USING (id)
                  JOIN sync_webhook webhook ON webhook.id = delivery.webhook_id
                 WHERE due.place <= CASE WHEN webhook.failures > 0 THEN 1 ELSE %s END
                   AND delivery.due_at <= clock_timestamp()
                 ORDER BY delivery.due_at, delivery.id LIMIT %s FOR UPDATE OF delivery SKIP LOCKED
            )
            UPDATE sync_delivery SET due_at = clock_timestamp() + %s * interval '1 second', tries = tries + 1
              FROM chosen WHERE sync_delivery.id = chosen.id RETURNING sync_delivery.id
            """,
            [OF_ONE_AT_ONCE, AT_ONCE, CLAIMED_FOR.total_seconds()],
        )
        ids = [row[0] for row in cursor.fetchall()]
    # The secrets are read one by one: those of one company that cannot be must not keep the others waiting.
    claimed = Delivery.everywhere.filter(pk__in=ids).select_related("webhook").defer("webhook__secrets")
    return list(claimed.order_by("made_at", "pk"))


def _sent(deliveries: Sequence[Delivery]) -> list[tuple[Delivery, Answered]]:
    """Try to send each once; how that went."""
    unsigned = {one.pk: said for one in deliveries if (said := _why_unsigned(one))}
    signable = [one for one in deliveries if one.pk not in unsigned]
    answers = list(zip(signable, asyncio.run(_send_all(signable)), strict=True)) if signable else []
    now = datetime.datetime.now(datetime.UTC)
    return answers + [(one, Answered(now, 0, None, unsigned[one.pk])) for one in deliveries if one.pk in unsigned]


def _why_unsigned(delivery: Delivery) -> str:
    """Why the message cannot be signed; "" when it can, with the secrets read."""
    try:
        assert delivery.webhook.secrets
    except SecretUnreadable as unreadable:
        return unreadable.says
    return ""


async def _send_all(deliveries: Sequence[Delivery]) -> list[Answered]:
    limit = aiohttp.ClientTimeout(total=SECONDS_TO_ANSWER)
    connector = guarded_connector(this_machine=False, limit=AT_ONCE)
    async with aiohttp.ClientSession(connector=connector, timeout=limit) as session:
        # aiohttp would by itself repeat a request whose connection broke.
        session._retry_connection = False
        async with asyncio.TaskGroup() as group:
            sent = [group.create_task(_send(session, one)) for one in deliveries]
        return [one.result() for one in sent]


async def _send(session: aiohttp.ClientSession, delivery: Delivery) -> Answered:
    started_at, started = datetime.datetime.now(datetime.UTC), time.monotonic()
    status, says, answer = None, "", ""
    try:
        async with session.post(
            delivery.webhook.url,
            data=delivery.body.encode(),
            headers=_headers(delivery, started_at),
            allow_redirects=False,
        ) as response:
            status = response.status
            answer = (await response.content.read(KEPT_ANSWER)).decode("utf-8", "replace").replace("\0", "")
        if not 200 <= status < 300:
            says = f"It answered {status}."
    except TimeoutError:
        status, says = None, f"It did not answer within {SECONDS_TO_ANSWER:g} seconds."
    except aiohttp.ClientConnectorError as error:
        says = f"{error.host} could not be reached."
        if isinstance(error.os_error, AddressRefused):
            says = f"{error.host} may not be spoken to: {error.os_error.strerror}. {error.os_error.fix}".strip()
    except (aiohttp.ClientError, OSError, ValueError) as error:
        says = f"The connection broke: {one_line(str(error) or type(error).__name__)}"
    except Exception as error:
        # One message that cannot be sent must not keep those beside it from being noted.
        log.exception("delivery %s could not be sent", delivery.number)
        status, says = None, f"It could not be sent: {type(error).__name__}."
    return Answered(started_at, round((time.monotonic() - started) * 1000), status, says, answer)


def _headers(delivery: Delivery, now: datetime.datetime) -> dict[str, str]:
    timestamp = int(now.timestamp())
    secrets = webhooks.secrets_at(delivery.webhook, now)
    return {
        "Content-Type": "application/json",
        "User-Agent": f"Linesheet/{version('linesheet')}",
        "Linesheet-Event": delivery.event,
        "Linesheet-Delivery": str(delivery.number),
        "Linesheet-Timestamp": str(timestamp),
        "Linesheet-Signature": signed(secrets, timestamp, delivery.body.encode()),
    }


def _log(delivery: Delivery, answered: Answered) -> None:
    DeliveryAttempt.objects.create(
        delivery=delivery,
        at=answered.at,
        milliseconds=answered.milliseconds,
        status=answered.status,
        says=answered.says,
        answer=answered.answer,
    )
