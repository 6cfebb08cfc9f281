"""Open problems of a connection, each question answered from an index however many there are."""

from django.db import connection as database
from django.db.models import Case, Count, F, QuerySet, Value, When
from django.db.models.functions import Concat

from linesheet.sync import registry
from linesheet.sync.activity import MOST_FOUND
from linesheet.sync.models import Connection, Problem

_REASONS = """
    WITH RECURSIVE codes AS (
        (SELECT reason_code FROM sync_problem
          WHERE company_id = %(company)s AND connection_id = %(connection)s AND cleared_at IS NULL
          ORDER BY reason_code LIMIT 1)
        UNION ALL
        SELECT (SELECT problem.reason_code FROM sync_problem problem
                 WHERE company_id = %(company)s AND connection_id = %(connection)s AND cleared_at IS NULL
                   AND problem.reason_code > codes.reason_code
                 ORDER BY problem.reason_code LIMIT 1)
          FROM codes WHERE codes.reason_code IS NOT NULL
    )
    SELECT reason_code FROM codes WHERE reason_code IS NOT NULL
"""
# From one code to the next in the index, instead of looking at every problem to find which codes there are.


def open_of(connection: Connection) -> "QuerySet[Problem]":
    """Problems of the connection that have not cleared."""
    found: QuerySet[Problem] = Problem.objects.filter(connection=connection, cleared_at=None)
    return found


def reasons_of(connection: Connection) -> list[str]:
    """Codes of the reasons that open problems have, by name."""
    with database.cursor() as cursor:
        cursor.execute(_REASONS, {"company": connection.company_id, "connection": connection.pk})
        return [code for (code,) in cursor.fetchall()]


def called(problems: "QuerySet[Problem]", text: str) -> "QuerySet[Problem]":
    """Those whose record's label begins with the text, in whatever capitals; MOST_FOUND of them at most."""
    ids = problems.filter(label__istartswith=text).order_by().values_list("pk", flat=True)[:MOST_FOUND]
    return problems.filter(pk__in=list(ids))


def things(*, each_reason: bool = False) -> Count:
    """How many records problems are about: one counts once, however many tasks and kinds tell of it.

    With `each_reason` it counts once for every reason there is.
    """
    parts = [_hub_kind(), Value(" "), F("record_id"), *([Value(" "), F("reason_code")] if each_reason else [])]
    return Count(Concat(*parts), distinct=True)


def kinds_behind() -> dict[tuple[str, str], str]:
    """The kind of hub record behind a kind of item, by (platform, kind): a picture, say, is a product's."""
    return {
        (key, kind): of
        for key, platform in registry.platforms().items()
        for task in platform.tasks
        for leg in task.legs
        for kind, of in getattr(leg, "kinds", dict)().items()
    }


def _hub_kind() -> Case:
    whens = [
        When(connection__platform=platform, kind=kind, then=Value(of))
        for (platform, kind), of in kinds_behind().items()
        if of and of != kind
    ]
    return Case(*whens, default=F("kind"))
