"""Whether an account that was in use before has been compared with the books, as exports wait for that."""

from collections.abc import Sequence

from linesheet.books.reasons import Said
from linesheet.platforms.joor import reasons
from linesheet.platforms.joor.settings import EXISTING
from linesheet.sync.legs import Context
from linesheet.sync.models import Run

ACCOUNT_CHECK = "account-check"


def not_checked(context: Context) -> Sequence[Said]:
    """What keeps an export of this connection from starting (`Leg.ready`): one query, and none for a new account."""
    if context.settings["account"] != EXISTING:
        return ()
    ended = Run.objects.filter(
        connection=context.connection_id, task=ACCOUNT_CHECK, state__in=(Run.State.DONE, Run.State.PROBLEMS)
    )
    return () if ended.exists() else (reasons.ACCOUNT_NOT_CHECKED.about(),)
