"""Slips: what ORDRE does wrong towards the hub, when told to."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec

Kind = Literal[
    "twice",
    "parallel",
    "give_up",
    "retry",
    "wrong_key",
    "stale_cursor",
    "unknown_barcode",
    "empty_barcode",
    "other_body",
]


class Slip(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A slip as ordered, and how often it was made.

    `times` null is always. `count` is how many posts go out at once under `parallel`; `seconds` is how soon ORDRE
    gives up under `give_up` and `retry`.
    """

    kind: Kind
    times: int | None = 1
    count: Annotated[int, msgspec.Meta(ge=2, le=200)] = 2
    seconds: Annotated[float, msgspec.Meta(ge=0.001, le=600)] = 0.2
    id: int = 0
    hits: int = 0


class Slips:
    """The slips to be made. Of each kind the first that is not spent is made at the next occasion."""

    def __init__(self) -> None:
        self._slips: dict[int, Slip] = {}
        self._next_id = 1

    def add(self, order: Mapping[str, Any]) -> Slip:
        """Order a slip. Raises msgspec.ValidationError when the order makes no sense."""
        slip = msgspec.convert(order, Slip)
        slip.id, slip.hits = self._next_id, 0
        self._next_id += 1
        self._slips[slip.id] = slip
        return slip

    def all(self) -> list[Slip]:
        """The slips ordered, the spent ones included."""
        return list(self._slips.values())

    def remove(self, slip_id: int) -> bool:
        """Call off one slip; false when there is none of this id."""
        return self._slips.pop(slip_id, None) is not None

    def clear(self) -> None:
        """Call off all of them."""
        self._slips.clear()

    def strike(self, *kinds: Kind) -> Slip | None:
        """The slip that is made now, of these kinds, if any."""
        for slip in self._slips.values():
            if slip.kind in kinds and slip.hits != slip.times:
                slip.hits += 1
                return slip
        return None
