"""What earlier runs sent without learning the outcome: asked about before anything new is planned."""

from collections.abc import Collection, Sequence
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from linesheet.books.reasons import Reason
from linesheet.sync import reasons
from linesheet.sync.errors import Nonsense, Refused, Stopped, TravelError, Unavailable
from linesheet.sync.journal import keep_links
from linesheet.sync.lease import fence
from linesheet.sync.legs import Accepted, Outbound
from linesheet.sync.models import Item, Link, Problem
from linesheet.sync.outbound import sending_of
from linesheet.sync.sending import SILENT_IN_A_ROW, link_of
from linesheet.sync.transport import serving
from linesheet.sync.work import RunFailed, Work, at_once

PAGE = 100
NOT_IN_WHOLE = (reasons.OUTCOME_UNKNOWN, reasons.REFUSED, reasons.RECORD_UNAVAILABLE)
"""Why a record was not taken of which a part may have been all the same."""


async def read_back(work: Work, leg: Outbound[Any, Any]) -> list[tuple[Item, TravelError]]:
    """Give links to the records that the platform took after all; those that it would not tell of, and why.

    Each is asked for as it was sent then: since, the books may have changed it, held it back or taken it out, and
    without a link nothing would ever lead to it again. Raises RunFailed when the platform does not answer.

    Where sending again does no harm, nothing is asked: what was taken last is forgotten, so that the plan sends it. So
    it is of what was refused too, of which a part may have arrived.
    """
    if leg.repeatable:
        await work.db(_forget_taken, work, leg)
        return []
    untold: list[tuple[Item, TravelError]] = []
    silent = 0
    after: str | None = ""
    while after is not None:
        items, after = await work.db(_left_unknown, work, leg, after)
        if not work.pulse.may_send():
            raise Stopped("The run was cancelled or taken over.")
        answers = await at_once(work.concurrency, partial(_held, leg), items)
        await work.db(_link, work, [(item, answer) for item, answer in answers if isinstance(answer, Accepted)])
        for item, answer in answers:
            silent = silent + 1 if isinstance(answer, Unavailable | Nonsense) else 0
            if isinstance(answer, TravelError):
                untold.append((item, answer))
                if silent == SILENT_IN_A_ROW:
                    raise RunFailed(work.why_failed(answer))
    return untold


async def _held(leg: Outbound[Any, Any], item: Item) -> Accepted | TravelError | None:
    with serving([item.pk]):
        try:
            return await leg.holds(sending_of(leg, item))
        except (Refused, Unavailable, Nonsense) as error:
            return error


def _left_unknown(work: Work, leg: Outbound[Any, Any], after: str) -> tuple[list[Item], str | None]:
    """The items, a page of them, of which open problems say that their outcome is unknown; and where to go on."""
    problems = _problems(work, leg).filter(record_id__gt=after)
    runs = dict(problems.order_by("record_id").values_list("record_id", "last_run_id")[:PAGE])
    items = Item.objects.filter(run__in=set(runs.values()), kind=leg.kind, record_id__in=list(runs)) if runs else ()
    sent = [item for item in items if item.run_id == runs[item.record_id] and item.payload]
    return sent, next(reversed(runs)) if len(runs) == PAGE else None


def _problems(
    work: Work, leg: Outbound[Any, Any], why: Sequence[Reason] = (reasons.OUTCOME_UNKNOWN,)
) -> "QuerySet[Problem]":
    """Those open problems of the records the run is about that say so."""
    problems: QuerySet[Problem] = Problem.objects.filter(
        connection_id=work.holder.connection_id,
        task=work.task,
        kind=leg.kind,
        reason_code__in=[each.code for each in why],
        cleared_at=None,
    )
    return problems.filter(record_id=work.only.record_id) if work.only else problems


def sent_in_part(connection_id: int, kind: str, ids: Collection[str]) -> list[tuple[str, Any]]:
    """Payloads that went out last of records that were not taken in whole, each with the record's id. Two queries."""
    problems = Problem.objects.filter(
        connection_id=connection_id,
        kind=kind,
        record_id__in=ids,
        reason_code__in=[each.code for each in NOT_IN_WHOLE],
        cleared_at=None,
    )
    runs = {run_id for run_id in problems.values_list("last_run_id", flat=True) if run_id}
    items = Item.objects.filter(run__in=runs, kind=kind, record_id__in=ids, state=Item.State.FAILED)
    sent = items.filter(sent_at__isnull=False, payload__isnull=False).order_by("pk")
    return list(sent.values_list("record_id", "payload"))


def _forget_taken(work: Work, leg: Outbound[Any, Any]) -> None:
    """Have the links say that nothing is known of what the platform holds of records that it did not take in whole."""
    of_leg = Link.objects.filter(connection_id=work.holder.connection_id, kind=leg.kind)
    with transaction.atomic():
        fence(work.holder.run_id, work.holder.epoch)
        of_leg.filter(record_id__in=_problems(work, leg, NOT_IN_WHOLE).values("record_id")).update(fingerprint="")


def _link(work: Work, held: Sequence[tuple[Item, Accepted]]) -> None:
    if not held:
        return
    with transaction.atomic():
        fence(work.holder.run_id, work.holder.epoch)
        keep_links([link_of(work, item, accepted) for item, accepted in held])
