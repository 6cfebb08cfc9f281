"""What goes over JOOR's wire whatever it is about: lists that half succeed, and envelopes (sheet joor.md 2)."""

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

DUPLICATED = "DUPLICATED"
NOT_TOLD = "JOOR's answer does not say whether it took this."


@dataclass(frozen=True, slots=True)
class ItemError:
    """Why JOOR did not take one item of a list; `details` repeats the item, or what tells it from the others."""

    status: str
    message: str
    details: Json

    @property
    def says(self) -> str:
        """The error for people."""
        if self.message and self.status:
            return f"{self.message} ({self.status})"
        return self.message or self.status or NOT_TOLD


@dataclass(slots=True)
class Written:
    """What became of a list that was written: items as JOOR has them now, and why others were not taken."""

    done: list[Json] = field(default_factory=list)
    errors: list[ItemError] = field(default_factory=list)


@dataclass(slots=True)
class CustomersOutcome:
    """What became of customers that were sent as a job.

    `finished`: the job came to its end while we waited; else it still stands in JOOR's queue and will be worked off.
    `errors` says why customers were not taken, by their code; `problems` are errors that name no customer.
    """

    finished: bool = True
    errors: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def objects(value: Any) -> list[Json]:
    """A list of objects, which JOOR may say in other ways: "" for none, the object itself for one (sheet 7.2)."""
    if isinstance(value, dict):
        return [value]
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
