"""What a webhook was told as a list: each message with how it went, and telling it once more."""

from typing import Any

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html

from linesheet.books.words import counted
from linesheet.sync import webhooks
from linesheet.sync.models import Delivery, Webhook
from linesheet.web.access import MemberRequest
from linesheet.web.lists import Action, Column, Filter, RecordList
from linesheet.web.lists.days import days
from linesheet.web.lists.declared import Rows
from linesheet.web.templatetags import show as shown

MOST_COUNTED = 5_000

STATES: dict[str, dict[str, Any]] = {
    "delivered": {"delivered_at__isnull": False},
    "waiting": {"delivered_at": None, "due_at__isnull": False},
    "given up": {"delivered_at": None, "due_at": None},
}
_TONES = {"delivered": "good", "waiting": "waiting", "given up": "bad"}


def deliveries_of(webhook: Webhook) -> RecordList:
    """The messages to a webhook of the last 30 days as a list, the latest first."""

    def again(delivery: Delivery) -> str:
        offered = webhook.active and delivery.event != webhooks.TEST
        return render_to_string("web/api/replay.html", {"delivery": delivery}) if offered else ""

    def replay(request: MemberRequest, rows: Rows) -> None:
        count = webhooks.replay_all(webhook, rows)
        messages.success(request, f"{counted(count, 'message')} sent once more, each as one of its own.")

    return RecordList(
        key="deliveries",
        one="message",
        many="messages",
        rows=lambda request: Delivery.objects.filter(webhook=webhook),
        load=_with_attempts,
        columns=(
            Column(key="event", label="Event", value=lambda one: one.event, cell=_event),
            Column(key="made", label="Made", value=lambda one: one.made_at, cell=_made, sort="made_at"),
            Column(key="state", label="State", value=lambda one: one.state, cell=_state),
            Column(key="tries", label="Tries", value=lambda one: one.tries, number=True),
            Column(key="last", label="Last answer", value=_last),
            Column(key="number", label="Number", value=lambda one: str(one.number), usual=False),
            Column(key="id", label="Event's id", value=lambda one: str(one.event_id), usual=False),
            Column(key="again", label="Again", value=lambda one: "", cell=again),
        ),
        filters=(
            Filter(
                key="state",
                label="State",
                narrow=lambda rows, value: rows.filter(**STATES[value]),
                choices=lambda: [(state, state.capitalize()) for state in STATES],
            ),
            Filter(
                key="event",
                label="Event",
                narrow=lambda rows, value: rows.filter(event=value),
                choices=lambda: [(event, event) for event in (*webhooks.events_of(webhook.connection), webhooks.TEST)],
            ),
            *days("made_at"),
        ),
        actions=(Action(key="replay", label="Replay", do=replay, allowed=lambda request: webhook.active),),
        order="-pk",
        within="webhook_id",
        label=lambda one: f"{one.event} {one.number}",
        details=lambda one: reverse("delivery", args=[one.pk]),
        count_most=MOST_COUNTED,
        anchor="#log",
        address=reverse("webhook", args=[webhook.pk]),
        template="web/api/webhook.html",
        empty="Nothing was told in the last 30 days.",
    )


def _with_attempts(rows: list[Any]) -> list[Any]:
    prefetch_related_objects(rows, "attempts")
    return rows


def _event(delivery: Delivery) -> str:
    replayed = format_html(' <span class="quiet">{}</span>', "replayed") if delivery.replay_of_id else ""
    return format_html("{}{}", delivery.event, replayed)


def _made(delivery: Delivery) -> str:
    return format_html('<span class="nowrap">{}</span>', shown.when(delivery.made_at))


def _state(delivery: Delivery) -> str:
    next_try = (
        format_html('<p class="quiet">next {}</p>', shown.when(delivery.due_at))
        if delivery.due_at and delivery.tries
        else ""
    )
    badge = format_html('<span class="badge badge--{}">{}</span>', _TONES[delivery.state], delivery.state.capitalize())
    return format_html("{}{}", badge, next_try)


def _last(delivery: Delivery) -> str:
    attempt = next(iter(delivery.attempts.all()), None)
    if attempt is None:
        return delivery.says
    return attempt.says or f"{attempt.status}, {attempt.milliseconds:,} ms"
