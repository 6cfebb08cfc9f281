"""Suggestions: what a platform's records name and nobody has linked, kept with what it may be, and accepted.

A look (`match_looks`) brings them up to date with what `open_names` finds.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from linesheet.books.kinds import MODELS, records_of
from linesheet.books.models import User
from linesheet.books.reasons import Reason, Refused
from linesheet.sync.likeness import SURE
from linesheet.sync.links import link_record
from linesheet.sync.matches import remember_first
from linesheet.sync.models import Connection, Suggestion
from linesheet.sync.open_names import Open, all_open, is_open

NOTHING_SUGGESTED = Reason(
    "nothing_suggested", "Nothing in the books is like {label}.", "Open it, and look for the record that is meant."
)
RECORD_GONE = Reason("suggested_gone", "What {label} was to be is not in the books any more.", "Look at it again.")
SETTLED = Reason("suggestion_settled", "{label} is settled by now.", "Look at the list again.")

MOVED_ON = Reason(
    "suggestion_moved_on",
    "{label} is most like {record} by now, which is not what you were shown.",
    "Look at the list again.",
)

REASONS = (NOTHING_SUGGESTED, RECORD_GONE, SETTLED, MOVED_ON)

_FIELDS = ("label", "detail", "named_by", "inbox_id", "record_id", "record_label", "score", "because", "others")


class SuggestionRefused(Refused):
    """This cannot be accepted; `fix` says what helps."""


@transaction.atomic
def look(connection: Connection) -> int:
    """Look at the latest records, and bring the suggestions up to date with what they name; how many changed.

    What a person set aside stays set aside, also while nothing names it.
    """
    cases = all_open(connection)
    labels = _labels(cases.values())
    held = Suggestion.objects.select_for_update().filter(connection=connection).order_by("pk")
    there = {(row.makes, row.kind, row.remote_key): row for row in held}
    wanted = {key: _row(connection, case, labels) for key, case in cases.items()}
    gone = [row for key, row in there.items() if key not in wanted]
    changed = [
        row
        for key, row in wanted.items()
        if key not in there or any(_differs(row, there[key], name) for name in _FIELDS)
    ]
    Suggestion.objects.filter(pk__in=[row.pk for row in gone if not row.set_aside]).delete()
    Suggestion.objects.filter(pk__in=[row.pk for row in gone if row.set_aside]).update(named_by=0)
    if changed:
        Suggestion.objects.bulk_create(
            changed,
            update_conflicts=True,
            unique_fields=["connection", "makes", "kind", "remote_key"],
            update_fields=_FIELDS,
        )
    return len(changed) + len(gone)


@transaction.atomic
def accept(suggestion: Suggestion, record_id: str = "", by: User | None = None, *, shown: str = "") -> str:
    """Link or match what is suggested with a record of the books, the likeliest unless another is given; what that is.

    `shown` is the id of what a person saw as the likeliest. Raises SuggestionRefused, LinkRefused: also where somebody
    has said meanwhile what it is, or the books know it by now.
    """
    held = Suggestion.objects.select_for_update(of=("self",)).select_related("connection", "inbox")
    found: Suggestion | None = held.filter(pk=suggestion.pk).first()
    if found is None:
        raise SuggestionRefused(SETTLED, label=suggestion.label)
    wanted = record_id or found.record_id
    if not wanted:
        raise SuggestionRefused(NOTHING_SUGGESTED, label=found.label)
    if shown and shown != wanted:
        raise SuggestionRefused(MOVED_ON, label=found.label, record=found.record_label)
    record = MODELS[found.kind].objects.filter(pk=int(wanted)).first() if wanted.isdecimal() else None
    if record is None:
        raise SuggestionRefused(RECORD_GONE, label=found.label)
    if found.makes == Suggestion.Makes.LINK:
        link_record(found.connection, found.kind, record, found.remote_key)
    elif not is_open(found.connection, found.inbox, found.kind, found.remote_key) or not remember_first(
        found.connection, found.remote_key, found.label, record, kind=found.kind, by=by
    ):
        raise SuggestionRefused(SETTLED, label=found.label)
    Suggestion.objects.filter(pk=found.pk).delete()
    return str(record)


def listed(connection: Connection, *, aside: bool) -> Any:
    """The suggestions of a connection that records name, set aside or not."""
    return Suggestion.objects.filter(connection=connection, set_aside=aside, named_by__gt=0)


def set_aside(suggestions: Any, *, aside: bool) -> int:
    """Say that these are none of the books' records, or take that back; how many."""
    return int(suggestions.update(set_aside=aside))


def follows(suggestion: Suggestion) -> str:
    """What accepting it means from then on."""
    if suggestion.makes == Suggestion.Makes.LINK:
        return "The next run updates that record there."
    return "What is held for that goes in with the next run, from what was kept."


def is_sure(score: int) -> bool:
    """Whether so many percent leave little doubt."""
    return score >= SURE


def _labels(cases: Iterable[Open]) -> dict[str, dict[int, str]]:
    """The names of all records that are suggested, by kind. One query a kind."""
    wanted: dict[str, set[int]] = {}
    for case in cases:
        wanted.setdefault(case.kind, set()).update(like.record_id for like in case.likes)
    return {kind: {pk: str(row) for pk, row in records_of(kind, ids).items()} for kind, ids in wanted.items()}


def _row(connection: Connection, case: Open, labels: Mapping[str, Mapping[int, str]]) -> Suggestion:
    told = [like.told(labels[case.kind][like.record_id]) for like in case.likes if like.record_id in labels[case.kind]]
    best: dict[str, Any] = told[0] if told else {"record_id": "", "label": "", "score": 0, "because": []}
    return Suggestion(
        company_id=connection.company_id,
        connection=connection,
        makes=case.makes,
        kind=case.kind,
        remote_key=case.key,
        label=case.label[:250],
        detail=case.detail[:250],
        named_by=len(case.records),
        inbox_id=max(case.records),
        record_id=best["record_id"],
        record_label=best["label"][:250],
        score=best["score"],
        because=best["because"],
        others=told[1:],
    )


def _differs(new: Suggestion, old: Suggestion, name: str) -> bool:
    return bool(getattr(new, name) != getattr(old, name))
