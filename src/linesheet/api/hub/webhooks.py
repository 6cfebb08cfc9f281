"""Webhooks, their deliveries, and replaying one."""

import datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Query, Router, Schema
from pydantic import Field

from linesheet.sync import webhooks
from linesheet.sync.idempotency import Answer
from linesheet.sync.models import Delivery, Webhook
from linesheet.sync.serving.callers import ApiRequest, scoped
from linesheet.sync.serving.described import described
from linesheet.sync.serving.problems import not_found
from linesheet.sync.serving.repeats import as_json, done_once
from linesheet.sync.serving.values import Shape

router = Router(tags=["Webhooks"], auth=scoped("webhooks:read"))

# Ids of the database go no further.
_Before = Annotated[int | None, Field(ge=1, le=2**63 - 1, description="Only deliveries before the one with this `id`.")]


class WebhookOut(Shape):
    """An address that is told of events. Since `failing_since` nobody takes anything there."""

    id: int
    url: str
    events: list[str]
    active: bool
    failing_since: datetime.datetime | None
    created_at: datetime.datetime


class Webhooks(Shape):
    """All webhooks."""

    data: list[WebhookOut]


class AttemptOut(Shape):
    """One try; `status` is null where no answer came."""

    at: datetime.datetime
    status: int | None
    milliseconds: int
    says: str


class DeliveryOut(Shape):
    """A message. `uuid` is its `Linesheet-Delivery` header, and names it where it is replayed; `event_id` is the `id`
    in its body.

    `id` is its place in the list, which `before`, `next_before` and `replay_of` mean. `state` is waiting, delivered or
    given up.
    """

    id: int
    uuid: UUID
    event_id: UUID
    event: str
    state: str
    made_at: datetime.datetime
    due_at: datetime.datetime | None
    delivered_at: datetime.datetime | None
    replay_of: int | None
    attempts: list[AttemptOut]


class Deliveries(Shape):
    """Messages, the latest first. Where there are more, `next_before` is the `before` of the next page."""

    data: list[DeliveryOut]
    next_before: int | None


class DeliveriesAsked(Schema):
    """Which messages."""

    before: _Before = None
    limit: Annotated[int, Field(ge=1, le=100)] = 100


@router.get("/webhooks", response=Webhooks, summary="All webhooks")
def list_webhooks(request: ApiRequest) -> Any:
    """Where the company has Linesheet tell what happens. Their secrets are shown to nobody."""
    return {"data": list(Webhook.objects.defer("secrets"))}


@router.get("/webhooks/{int:webhook_id}/deliveries", response=Deliveries, summary="Deliveries of a webhook")
def list_deliveries(request: ApiRequest, webhook_id: int, asked: Query[DeliveriesAsked]) -> Any:
    """Of the last 30 days, with every attempt."""
    webhook = Webhook.objects.defer("secrets").filter(pk=webhook_id).first()
    if webhook is None:
        raise not_found("webhook")
    log = webhooks.log_of(webhook)
    if asked.before is not None:
        log = log.filter(pk__lt=asked.before)
    found = list(log[: asked.limit + 1])
    shown = found[: asked.limit]
    return {"data": [_shape(one) for one in shown], "next_before": shown[-1].pk if len(found) > asked.limit else None}


@router.post(
    "/webhooks/deliveries/{uuid:uuid}/replay",
    response={201: DeliveryOut, 200: DeliveryOut},
    auth=scoped("webhooks:write"),
    openapi_extra=described(repeats=True),
    summary="Replay a delivery",
)
def replay_delivery(request: ApiRequest, uuid: UUID) -> Any:
    """Send the same body again, as a delivery of its own about the same event; `uuid` is the one of the delivery."""

    def work() -> Answer:
        delivery = Delivery.objects.select_related("webhook").defer("webhook__secrets").filter(number=uuid).first()
        if delivery is None:
            raise not_found("delivery")
        return Answer(201, as_json(_shape(webhooks.replay(delivery))))

    return done_once(request, work)


def _shape(delivery: Delivery) -> DeliveryOut:
    return DeliveryOut(
        id=delivery.pk,
        uuid=delivery.number,
        event_id=delivery.event_id,
        event=delivery.event,
        state=delivery.state,
        made_at=delivery.made_at,
        due_at=delivery.due_at,
        delivered_at=delivery.delivered_at,
        replay_of=delivery.replay_of_id,
        attempts=[AttemptOut.model_validate(attempt) for attempt in delivery.attempts.all()],
    )
