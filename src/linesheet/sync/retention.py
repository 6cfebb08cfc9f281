"""How long the details of what happened are kept."""

import datetime
import os
from collections.abc import Iterator
from dataclasses import dataclass

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from linesheet.books import changes, imports, touching, versions
from linesheet.books.tenancy import CompanyOwned
from linesheet.sync import collects, idempotency, webhooks
from linesheet.sync.models import ApiCall, Exchange, Item, Run

KEEP_BODIES_DAYS = int(os.environ.get("LINESHEET_KEEP_BODIES_DAYS", "30"))
KEEP_EXCHANGES_DAYS = int(os.environ.get("LINESHEET_KEEP_EXCHANGES_DAYS", "180"))
KEEP_ITEMS_DAYS = int(os.environ.get("LINESHEET_KEEP_ITEMS_DAYS", "180"))
PAGE = 5000

_CALLS: tuple[tuple[type[CompanyOwned], str], ...] = ((Exchange, "started_at"), (ApiCall, "at"))
"""What is kept of calls, ours and those made of us, each with the field that tells when."""


@dataclass(frozen=True, slots=True)
class Tidied:
    """How much went: lines and bodies of HTTP calls, items and the runs they were of, sessions, uploads, undo steps.

    Calls are those that were made, and those that programs made of us.
    """

    exchanges: int = 0
    bodies: int = 0
    items: int = 0
    runs: int = 0
    sessions: int = 0
    imports: int = 0
    change_sets: int = 0


def tidy() -> Tidied:
    """Delete what is older than the settings say, in all companies, a page at a time.

    Exchanges lose their bodies first and go later. Finished runs lose their items and keep their counters; of every
    task the last finished run keeps its items, for whoever asks why a record is where it is; one that was limited to a
    single record does not count as the last. Sessions that are over go too. Uploaded files, and what is needed to undo
    what people did, are kept as long as items.
    """
    now = timezone.now()
    keep_items_from = now - datetime.timedelta(days=KEEP_ITEMS_DAYS)
    keep_calls_from = now - datetime.timedelta(days=KEEP_EXCHANGES_DAYS)
    keep_bodies_from = now - datetime.timedelta(days=KEEP_BODIES_DAYS)
    items, runs = _tidy_items(keep_items_from)
    touching.forget()
    versions.forget()
    collects.forget()
    idempotency.forget()
    webhooks.forget()
    return Tidied(
        exchanges=sum(_delete(model, when, keep_calls_from) for model, when in _CALLS),
        bodies=sum(_empty_bodies(model, when, keep_bodies_from) for model, when in _CALLS),
        items=items,
        runs=runs,
        sessions=_end_sessions(now),
        imports=imports.forget(keep_items_from),
        change_sets=changes.forget(keep_items_from),
    )


def _end_sessions(now: datetime.datetime) -> int:
    """Delete sessions that are over, and what is known of browsers whose session is gone."""
    over = Session.objects.filter(expire_date__lt=now).delete()[0]
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
    return over


def _delete(model: type[CompanyOwned], when: str, before: datetime.datetime) -> int:
    old = model.everywhere.filter(**{f"{when}__lt": before})
    gone = 0
    while ids := list(old.values_list("pk", flat=True)[:PAGE]):
        gone += model.everywhere.filter(pk__in=ids).delete()[0]
    return gone


def _empty_bodies(model: type[CompanyOwned], when: str, before: datetime.datetime) -> int:
    with_body = model.everywhere.filter(~Q(request_body="") | ~Q(response_body=""), **{f"{when}__lt": before})
    emptied = 0
    while ids := list(with_body.values_list("pk", flat=True)[:PAGE]):
        emptied += model.everywhere.filter(pk__in=ids).update(request_body="", response_body="")
    return emptied


def _tidy_items(before: datetime.datetime) -> tuple[int, int]:
    items = runs = 0
    for run_id in list(_runs_to_tidy(before)):
        # Marked before the first item goes, so that no page takes what is left for all there was.
        runs += Run.everywhere.filter(pk=run_id, items_tidied_at=None).update(items_tidied_at=timezone.now())
        of_run = Item.everywhere.filter(run=run_id)
        while ids := list(of_run.order_by("pk").values_list("pk", flat=True)[:PAGE]):
            items += Item.everywhere.filter(pk__in=ids).delete()[0]
    return items, runs


def _runs_to_tidy(before: datetime.datetime) -> Iterator[int]:
    later = Run.everywhere.filter(
        connection=OuterRef("connection"),
        task=OuterRef("task"),
        pk__gt=OuterRef("pk"),
        state__in=Run.FINAL,
        only_record="",
    )
    old = Run.everywhere.filter(Exists(later), state__in=Run.FINAL, finished_at__lt=before)
    with_items = old.filter(Exists(Item.everywhere.filter(run=OuterRef("pk"))))
    yield from with_items.order_by("pk").values_list("pk", flat=True)
