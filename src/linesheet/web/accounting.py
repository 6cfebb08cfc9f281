"""The sum every run owes: selected = created + updated + unchanged + blocked + failed + not attempted."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Q

from linesheet.sync.activity import in_words
from linesheet.sync.journal import COUNTED
from linesheet.sync.models import Item, Run

_COUNTERS = tuple(COUNTED.values())

SHOWN: Mapping[str, Q] = {
    **{counter: Q(state=state) for state, counter in COUNTED.items()},
    "planned": Q(state=Item.State.PLANNED),
}
"""The items behind each number of the sum."""


@dataclass(frozen=True, slots=True)
class Term:
    """A number of the sum; `key` is what shows the items behind it, `compares` whether nothing was sent."""

    key: str
    number: int
    compares: bool = False

    @property
    def label(self) -> str:
        """The word after the number."""
        return in_words(self.key, compares=self.compares)

    @property
    def happens(self) -> bool:
        """Whether records can become that at all."""
        return not self.compares or self.key in ("unchanged", "blocked")


def terms_of(run: Run, *, compares: bool = False) -> list[Term]:
    """What the selected records of a run became; those that wait come last, while there can be any.

    Of a plan only what there is of: nothing was sent, so that nothing was created says nothing. `compares`: it is of a
    task that sends nothing at all.
    """
    terms = [Term(counter, getattr(run, counter), compares) for counter in _COUNTERS]
    if compares:
        return [term for term in terms if term.number or term.happens]
    if run.state not in Run.FINAL:
        terms.append(Term("planned", waiting(run)))
    if run.state == Run.State.PLANNED:
        return [term for term in terms if term.number] or terms
    return terms


def waiting(run: Run) -> int:
    """Records that are planned and not sent yet."""
    accounted: int = sum(getattr(run, counter) for counter in _COUNTERS)
    return max(0, run.selected - accounted)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is in sending; `seconds_left` by its plan."""

    done: int
    total: int
    seconds_left: float


def progress_of(run: Run) -> Progress | None:
    """How far a run is; None while it does not know how much there is to do."""
    if run.state != Run.State.RUNNING or not run.selected:
        return None
    left = waiting(run)
    sent = run.created + run.updated + run.failed
    share = left / (left + sent) if left + sent else 0
    return Progress(run.selected - left, run.selected, run.planned_seconds * share)
