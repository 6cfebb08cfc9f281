"""Problems that a look at readiness proves gone, so that they do not wait for their task to run again.

A look applies every rule that a plan applies. So a problem that a rule gave, before anything was sent, is gone when a
look that began later did not meet it. What a platform refused, or a comparison found there, is another matter: only a
run can tell.
"""

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import connection as database

from linesheet.sync.contexts import comparisons_of
from linesheet.sync.models import Connection, Look, Problem
from linesheet.sync.problems import kinds_behind
from linesheet.sync.reasons import MOVED_IN_BOOKS, STUMBLED
from linesheet.sync.registry import platform

# An item that a rule blocked was never mapped, so it has no payload; one that was blocked later has, or is a file's.
_CLEAR = """
    UPDATE sync_problem problem SET cleared_at = now()
     WHERE company_id = %(company)s AND connection_id = %(connection)s AND cleared_at IS NULL
       AND task = %(task)s AND kind = %(kind)s AND last_seen_at < %(began)s
       AND EXISTS (
           SELECT FROM sync_item item
            WHERE item.run_id = ANY(%(runs)s) AND item.run_id = problem.last_run_id
              AND item.record_id = problem.record_id AND item.kind = problem.kind
              AND item.reason_code = problem.reason_code
              AND item.leg <> ALL(%(comparing)s::int[])
              AND item.state = 'blocked' AND item.payload IS NULL AND item.inbox_id IS NULL AND item.sent_at IS NULL)
       AND problem.reason_code <> ALL(%(not_of_rules)s)
       AND NOT EXISTS (
           SELECT FROM sync_finding finding
            WHERE finding.look_id = %(look)s AND finding.of = %(of)s AND finding.record_id = problem.record_id
              AND (finding.reason_code IN (problem.reason_code, %(stumbled)s)
                   OR (finding.task = ANY(%(after)s) AND finding.severity = 'blocker')))
"""


def clear_what_is_mended(look: Look) -> None:
    """Clear the problems that a finished look did not meet again.

    `look` is as it was when it began. What a task before holds back was not looked at, so nothing of it is cleared.
    """
    connection = look.connection
    behind = kinds_behind()
    after = {task.key: list(task.after) for task in platform(connection.platform).tasks}
    with database.cursor() as cursor:
        for task, kind, runs in _open_of(connection):
            if task not in after:
                continue
            cursor.execute(
                _CLEAR,
                {
                    "company": look.company_id,
                    "connection": connection.pk,
                    "task": task,
                    "kind": kind,
                    "runs": runs,
                    "of": behind.get((connection.platform, kind)) or kind,
                    "began": look.beat_at,
                    "look": look.pk,
                    "after": after[task],
                    "stumbled": STUMBLED.code,
                    "comparing": list(comparisons_of(connection, task)),
                    "not_of_rules": [MOVED_IN_BOOKS.code],
                },
            )


def _open_of(connection: Connection) -> list[tuple[str, str, list[int]]]:
    """Task and kind of open problems that a run left, with the runs that met them last."""
    left = Problem.objects.filter(connection=connection, cleared_at=None, last_run__isnull=False).order_by()
    runs = ArrayAgg("last_run", distinct=True)
    return list(left.values_list("task", "kind").annotate(runs=runs))
