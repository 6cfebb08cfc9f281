"""Whether an account that was in use before has been compared with the books, as exports wait for that."""

from collections.abc import Sequence

from linesheet.books.reasons import Said
from linesheet.platforms.joor import reasons
from linesheet.platforms.joor.settings import EXISTING
from linesheet.sync.contexts import whole_runs
from linesheet.sync.legs import Context

ACCOUNT_CHECK = "account-check"


def not_checked(context: Context) -> Sequence[Said]:
    """What keeps an export of this connection from starting (`Leg.ready`): one query, and none for a new account."""
    if context.settings["account"] != EXISTING:
        return ()
    ended = whole_runs(context.connection_id, ACCOUNT_CHECK)
    return () if ended.exists() else (reasons.ACCOUNT_NOT_CHECKED.about(),)
