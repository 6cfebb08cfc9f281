"""Who is told that a run has ended, one notice a member and run, as they have chosen; and owners, of dead webhooks."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Count, Max, QuerySet

from linesheet.books.models import Member
from linesheet.books.reasons import Said
from linesheet.books.words import counted
from linesheet.sync import rights
from linesheet.sync.daily import next_at
from linesheet.sync.models import (
    Connection,
    DigestTime,
    Emailing,
    Item,
    Notice,
    NoticeChoice,
    NoticeSeverity,
    Run,
    Webhook,
)
from linesheet.sync.rights import Level
from linesheet.sync.vitals import database_now

REASONS_TOLD = 5
_PAGE = 5000
READ_KEPT = datetime.timedelta(days=90)
KEPT = datetime.timedelta(days=365)

_WORDS = {
    "created": "created",
    "updated": "updated",
    "unchanged": "unchanged",
    "blocked": "blocked",
    "failed": "failed",
    "not_attempted": "not attempted",
}


@dataclass(frozen=True, slots=True)
class Wish:
    """How somebody wants to be told: in the app, which is always at once, and by e-mail."""

    in_app: bool = False
    emailing: Emailing = Emailing.NEVER

    def __bool__(self) -> bool:
        return self.in_app or self.emailing != Emailing.NEVER


NOTHING = Wish()
_BAD_NEWS = Wish(in_app=True, emailing=Emailing.DIGEST)


def default_wish(member: Member, severity: str) -> Wish:
    """What a member who has chosen nothing is told: bad news, if they may run and mend things."""
    return _BAD_NEWS if member.role in Member.OPERATORS and severity != NoticeSeverity.DONE else NOTHING


def wishes_of(member: Member, connections: Iterable[Connection]) -> dict[int, dict[str, Wish]]:
    """What a member is told of connections, by connection id and severity. One query."""
    chosen = {
        (choice.connection_id, choice.severity): Wish(choice.in_app, Emailing(choice.emailing))
        for choice in NoticeChoice.objects.filter(member=member)
    }
    return {
        one.pk: {
            severity: chosen.get((one.pk, severity), default_wish(member, severity))
            for severity in NoticeSeverity.values
        }
        for one in connections
    }


@transaction.atomic
def choose(member: Member, wishes: Mapping[tuple[int, str], Wish]) -> None:
    """Keep what a member wants to be told, by connection id and severity.

    What their role's default is anyway is not kept, so that it goes on following their role.
    """
    NoticeChoice.objects.filter(member=member, connection__in={connection for connection, _ in wishes}).delete()
    NoticeChoice.objects.bulk_create(
        NoticeChoice(
            member=member,
            connection_id=connection,
            severity=severity,
            in_app=wish.in_app,
            emailing=wish.emailing,
        )
        for (connection, severity), wish in wishes.items()
        if wish != default_wish(member, severity)
    )


def digest_time(member: Member) -> datetime.time:
    """When the member gets the daily digest, in their zone."""
    kept = DigestTime.objects.filter(member=member).values_list("daily_at", flat=True).first()
    return kept or DigestTime.USUAL


@transaction.atomic
def set_digest_time(member: Member, daily_at: datetime.time) -> None:
    """Send the member's digest at that time of their zone, what is already gathered for the next one too."""
    DigestTime.objects.update_or_create(member=member, defaults={"daily_at": daily_at})
    gathered = Notice.objects.filter(member=member, emailing=Emailing.DIGEST, mail_due_at__isnull=False, mail_tries=0)
    gathered.update(mail_due_at=next_at(daily_at, zone_of(member), database_now()))


def zone_of(member: Member) -> ZoneInfo:
    """The time zone a member's times are meant in: their own, else the company's."""
    return member.user.zone_in(member.company)


def run_ended(run: Run, state: Run.State, said: Said | None) -> None:
    """Make the notices of a run that has just ended, in the transaction that ends it.

    So there is exactly one for each member who wants it, whatever happens to the worker before or after. A cancelled
    run and a plan that was only looked at are told to nobody: whoever asked for them knows.
    """
    if state not in NoticeSeverity.values or (run.preview and run.approved_at is None):
        return
    wishes = _wishes_for(run, state)
    if not wishes:
        return
    now = database_now()
    told = {"says": in_words(run), **_reasons_told(run, said)}
    times = dict(DigestTime.objects.filter(member__in=list(wishes)).values_list("member_id", "daily_at"))
    Notice.objects.bulk_create(
        (
            Notice(
                company_id=run.company_id,
                member=member,
                connection_id=run.connection_id,
                run=run,
                task=run.task,
                severity=state,
                made_at=now,
                in_app=wish.in_app,
                emailing=wish.emailing,
                mail_due_at=_mail_due(member, wish, times, now),
                **told,
            )
            for member, wish in wishes.items()
        ),
        ignore_conflicts=True,
    )


def webhook_given_up(webhook: Webhook, said: Said, waiting: int) -> None:
    """Tell all owners, in the app and by e-mail, in the transaction that switches a webhook off.

    `said` is why and what helps, `waiting` how many messages were given up with it.
    """
    now = database_now()
    owners = Member.objects.filter(role__in=Member.OWNERS, user__is_active=True)
    Notice.objects.bulk_create(
        Notice(
            member=owner,
            webhook=webhook,
            severity=NoticeSeverity.FAILED,
            says=f"{counted(waiting, 'message')} that waited {'was' if waiting == 1 else 'were'} given up.",
            reasons=[{"code": said.reason.code, "says": said.says, "fix": said.fix, "count": 0}],
            made_at=now,
            in_app=True,
            emailing=Emailing.ONCE,
            mail_due_at=now,
        )
        for owner in owners
    )


def in_words(run: Run) -> str:
    """The sum of a run as a sentence, without the terms that are nothing."""
    terms = [f"{number:,} {word}" for counter, word in _WORDS.items() if (number := getattr(run, counter))]
    records = f"{counted(run.selected, 'record')} selected"
    return f"{records}: {', '.join(terms)}." if terms else "Nothing was selected."


def listed(member: Member) -> "QuerySet[Notice]":
    """What the member is told in the app, the latest first; of connections they may not see any more, too.

    Of webhooks only as long as they are an owner.
    """
    found: QuerySet[Notice] = Notice.objects.filter(member=member, in_app=True)
    return found if member.role in Member.OWNERS else found.filter(webhook=None)


def read(notices: "QuerySet[Notice]", moment: datetime.datetime) -> int:
    """Mark those as read that are not yet; how many there were. The moment is what `unread_again` knows them by."""
    return notices.filter(read_at=None).update(read_at=moment)


def unread_again(notices: "QuerySet[Notice]", moment: datetime.datetime) -> int:
    """Undo `read`: those that were marked at that moment are unread again; how many there were."""
    return notices.filter(read_at=moment).update(read_at=None)


def unread(notices: "QuerySet[Notice]") -> int:
    """Mark those as unread that were read, whenever that was; how many there were."""
    return notices.exclude(read_at=None).update(read_at=None)


def tidy() -> int:
    """Delete notices that were read, or owed to nobody in the app, 90 days ago, and all after a year; how many."""
    now = database_now()
    old = Notice.everywhere.filter(made_at__lt=now - READ_KEPT, mail_due_at=None).exclude(in_app=True, read_at=None)
    gone = 0
    for rows in (old, Notice.everywhere.filter(made_at__lt=now - KEPT)):
        while ids := list(rows.order_by().values_list("pk", flat=True)[:_PAGE]):
            gone += Notice.everywhere.filter(pk__in=ids).delete()[0]
    return gone


def _wishes_for(run: Run, severity: str) -> dict[Member, Wish]:
    """Members who want to be told that a run ended so, and how; of those who may see its connection."""
    chosen = {
        choice.member_id: Wish(choice.in_app, Emailing(choice.emailing))
        for choice in NoticeChoice.objects.filter(connection=run.connection_id, severity=severity)
    }
    wishes = {}
    for member in rights.who_may(Level.SEE, run.connection):
        wish = chosen.get(member.pk, default_wish(member, severity))
        if wish and member.user.is_active:
            member.company = run.company
            wishes[member] = wish
    return wishes


def _mail_due(
    member: Member, wish: Wish, times: Mapping[int, datetime.time], now: datetime.datetime
) -> datetime.datetime | None:
    match wish.emailing:
        case Emailing.ONCE:
            return now
        case Emailing.DIGEST:
            return next_at(times.get(member.pk, DigestTime.USUAL), zone_of(member), now)
    return None


def _reasons_told(run: Run, said: Said | None) -> dict[str, Any]:
    """The most frequent reasons of the run's records, what ended the run before them, and how many have others."""
    of_run = [{"code": said.reason.code, "says": said.says, "fix": said.fix, "count": 0}] if said else []
    groups = list(
        Item.objects.filter(run=run, state__in=[Item.State.BLOCKED, Item.State.FAILED])
        .order_by()
        .values("reason_code")
        .annotate(count=Count("pk"), example=Max("pk"))
        .order_by("-count", "reason_code")
    )
    shown = groups[:REASONS_TOLD]
    examples = Item.objects.only("reason_code", "says", "fix").in_bulk([group["example"] for group in shown])
    of_records = [
        {
            "code": group["reason_code"],
            "says": examples[group["example"]].says,
            "fix": examples[group["example"]].fix,
            "count": group["count"],
        }
        for group in shown
    ]
    return {"reasons": of_run + of_records, "others": sum(group["count"] for group in groups[REASONS_TOLD:])}
