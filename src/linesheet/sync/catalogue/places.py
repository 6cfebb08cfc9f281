"""Which place products have in their section, 1 the first."""

from collections.abc import Sequence
from typing import Any

from django.db import connection as database

from linesheet.books.tenancy import company_in_hand
from linesheet.sync.models import Placement

_PLACES = """
    SELECT id, place FROM (
        SELECT id, row_number() OVER (ORDER BY position, id) AS place FROM sync_placement
        WHERE company_id = %(company)s AND section_id = %(section)s
          AND position >= %(edge)s AND position <= %(last)s
          AND (position, id) > (%(edge)s, %(edge_id)s)
    ) counted WHERE id = ANY(%(wanted)s)
"""


class Places:
    """Counts places in one section, page by page: what was counted for a page is not counted for the next."""

    def __init__(self, section_id: int) -> None:
        self._section_id = section_id
        self._edge = (0, 0)
        self._counted = 0

    def of(self, page: Sequence[Placement]) -> dict[int, int]:
        """The place of each of these, by id of the placement. One query; its cost is what lies before the last one."""
        if not page:
            return {}
        keys = [(placement.position, placement.pk) for placement in page]
        if min(keys) <= self._edge:
            self._edge, self._counted = (0, 0), 0
        counted, last = self._counted, max(keys)
        places = {pk: counted + place for pk, place in self._found([pk for _, pk in keys], last[0])}
        self._edge, self._counted = last, places.get(last[1], counted)
        return places

    def _found(self, wanted: list[int], last: int) -> list[tuple[Any, ...]]:
        edge, edge_id = self._edge
        given: dict[str, Any] = {"company": company_in_hand(), "section": self._section_id, "wanted": wanted}
        with database.cursor() as cursor:
            cursor.execute(_PLACES, {**given, "edge": edge, "edge_id": edge_id, "last": last})
            return list(cursor.fetchall())
