"""Putting planned records into the batches in which they are sent."""

import math
from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from linesheet.sync.legs import Outbound
from linesheet.sync.models import Item
from linesheet.sync.outbound import PAGE, sending_of


def batches_of(leg: Outbound[Any, Any], planned: "QuerySet[Item]") -> int:
    """Batches in which planned items of the leg go out when nothing goes wrong."""
    if type(leg).weigh is Outbound.weigh:
        return math.ceil(planned.count() / leg.batch_size)
    batching = Batching(leg)
    items = planned.only("record_id", "label", "payload", "remote_id").order_by("pk")
    full = sum(len(batching.filled_with([item])) for item in items.iterator(PAGE))
    return full + bool(batching.rest())


class Batching:
    """Puts items into batches in their order: each is as full as the next one lets it be."""

    def __init__(self, leg: Outbound[Any, Any]) -> None:
        self._leg = leg
        self._items: list[Item] = []
        self._weight = 0

    def filled_with(self, items: Iterable[Item]) -> list[list[Item]]:
        """The batches that are full once these items are added."""
        full = []
        for item in items:
            heavy = _weight(self._leg, item)
            if self._items and self._weight + heavy > self._leg.batch_size:
                full.append(self.rest())
            self._items.append(item)
            self._weight += heavy
            if self._weight >= self._leg.batch_size:
                full.append(self.rest())
        return full

    def rest(self) -> list[Item]:
        """What waits to fill a batch."""
        items, self._items, self._weight = self._items, [], 0
        return items


def _weight(leg: Outbound[Any, Any], item: Item) -> int:
    """What the item takes of a batch."""
    return 1 if type(leg).weigh is Outbound.weigh else leg.weigh(sending_of(leg, item).payload)
