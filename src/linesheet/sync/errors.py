"""What can go wrong on the way to a platform, by what it means for the record and the run."""

from django.db import InterfaceError, InternalError, OperationalError

from linesheet.site.hiding import hide

MOST_SAID = 500

# The database is gone, or has ended the session of a worker that was frozen in a transaction (an InternalError).
LOST_DATABASE = (OperationalError, InterfaceError, InternalError)


class TravelError(Exception):
    """Base of the errors a client raises; `says` is a plain sentence of one line that repeats no secret in use."""

    def __init__(self, says: str, *, status: int | None = None) -> None:
        self.says = one_line(says)
        super().__init__(self.says)
        self.status = status


class Refused(TravelError):
    """The platform looked at the record and will not take it (400, 404, 409, 422): do not repeat.

    `answer` is what it said in full, for clients of platforms that say there which record of many was at fault.
    """

    def __init__(self, says: str, *, status: int | None = None, answer: bytes = b"") -> None:
        super().__init__(says, status=status)
        self.answer = answer


class Unauthorised(TravelError):
    """The credentials are not accepted, or lack a right (401, 403): the whole run stops."""


class Misdirected(TravelError):
    """The address leads elsewhere (3xx): nothing was done there, and the whole run stops."""


class Unavailable(TravelError):
    """The platform could not be reached or keeps failing, and the call was surely not applied."""


class Ambiguous(TravelError):
    """The call was sent and no answer tells whether it was applied: read back before sending again."""


class Nonsense(TravelError):
    """The answer is not what the platform's documentation says: a cut page, wrong types, not JSON."""


class Stopped(Exception):
    """The run was cancelled, or another worker has taken it: nothing more may be sent."""


def one_line(text: str) -> str:
    """A text from outside as the database and a page can show it: no secret in use, printable, and not too long."""
    # Hidden before it is cut: the pattern does not know a secret by its beginning.
    said = hide(text)[: 2 * MOST_SAID]
    if not said.isprintable():
        said = "".join(sign if sign.isprintable() else " " for sign in said)
    line = " ".join(said.split())
    return line if len(line) <= MOST_SAID else f"{line[: MOST_SAID - 1]}…"
