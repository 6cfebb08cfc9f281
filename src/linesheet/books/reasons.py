"""Why something is in its state: one code, one sentence that names the record, one remedy."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a reason weighs: it stops the record, asks for a look, or only informs."""

    BLOCKER = "blocker"
    WARNING = "warning"
    NOTE = "note"


BLOCKER = Severity.BLOCKER
WARNING = Severity.WARNING
NOTE = Severity.NOTE

LONGEST_NAME = 1000


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason as declared; `says` and `fix` hold the names of what they speak of in braces.

    Formatting is strict: a name the text asks for and the caller leaves out raises KeyError. `mended_by` is the kind
    of import file that mends many records at once, "" where no file does; `setting` is the key of the connection's
    setting that answers it.
    """

    code: str
    says: str
    fix: str
    severity: Severity = BLOCKER
    mended_by: str = ""
    setting: str = ""

    def says_of(self, **names: object) -> str:
        """The sentence, naming the record."""
        return self.says.format(**names)

    def fix_for(self, **names: object) -> str:
        """The remedy, naming the record."""
        return self.fix.format(**names)

    def about(self, **names: object) -> "Said":
        """This reason, said of one record; a name longer than LONGEST_NAME, as only wild input has, is cut."""
        short = {name: _short(value) for name, value in names.items()}
        return Said(self, self.says_of(**short), self.fix_for(**short))


def _short(value: object) -> object:
    # An error may be what is named, and repeat what the record held.
    text = str(value)
    return f"{text[: LONGEST_NAME - 1]}…" if len(text) > LONGEST_NAME else value


@dataclass(frozen=True, slots=True)
class Said:
    """A reason said of one record, ready to show.

    `pointer` is a JSON pointer to the part of what came in that it speaks of, "" where that is the whole.
    """

    reason: Reason
    says: str
    fix: str
    pointer: str = ""

    def __str__(self) -> str:
        return f"{self.says} {self.fix}"


class Refused(Exception):
    """The books do not take this; `reason`, `says` and `fix` tell why and what helps."""

    def __init__(self, reason: Reason, **names: object) -> None:
        self.said = reason.about(**names)
        super().__init__(str(self.said))

    @property
    def reason(self) -> Reason:
        """The reason as declared."""
        return self.said.reason

    @property
    def says(self) -> str:
        """What is wrong, naming the record."""
        return self.said.says

    @property
    def fix(self) -> str:
        """What helps."""
        return self.said.fix
