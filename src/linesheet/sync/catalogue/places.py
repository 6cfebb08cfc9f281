"""Which place products have in their section, 1 the first."""

from collections.abc import Sequence

from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from linesheet.sync.models import Placement


class Places:
    """Counts places in one section, page by page: what was counted for a page is not counted for the next."""

    def __init__(self, section_id: int) -> None:
        self._placed: QuerySet[Placement] = Placement.objects.filter(section_id=section_id)
        self._last: Placement | None = None
        self._counted = 0

    def of(self, page: Sequence[Placement]) -> dict[int, int]:
        """The place of each of these, by id of the placement. One query; its cost is what lies before the last one."""
        if not page:
            return {}
        first, last = min(page, key=_key), max(page, key=_key)
        between, counted = self._placed, 0
        if self._last is not None and _key(first) > _key(self._last):
            between, counted = between.filter(_beyond(self._last), position__gte=self._last.position), self._counted
        upto = between.filter(position__lte=last.position)
        rank = Window(RowNumber(), order_by=[F("position").asc(), F("id").asc()])
        ranks = dict(upto.annotate(rank=rank).filter(pk__in=[each.pk for each in page]).values_list("pk", "rank"))
        places = {pk: counted + rank for pk, rank in ranks.items()}
        self._last, self._counted = last, places.get(last.pk, counted)
        return places


def _key(placement: Placement) -> tuple[int, int]:
    return placement.position, placement.pk


def _beyond(edge: Placement) -> Q:
    return Q(position__gt=edge.position) | Q(position=edge.position, pk__gt=edge.pk)
