"""A platform that exists nowhere: the pages are made from what it declares."""

from collections.abc import AsyncIterator, Callable, Sequence
from decimal import Decimal
from typing import Any

from linesheet.books.reasons import Reason, Said
from linesheet.sync.incoming import IncomingLine, IncomingOrder
from linesheet.sync.legs import Inbound, Received, Unreadable
from linesheet.sync.platform import BudgetRules, CheckResult, Direction, Platform, Setting, SettingKind, Task

NO_LINES = Reason("no_lines", "Order {number} has no lines.", "Look at it on the platform.")


class Orders(Inbound):
    kind = "order"

    def fetch(self, known: Callable[[str], bool]) -> AsyncIterator[Sequence[Received | Unreadable]]:
        raise NotImplementedError

    def read(self, payload: dict[str, Any]) -> IncomingOrder | Said:
        if not payload["lines"]:
            return NO_LINES.about(number=payload["number"])
        return IncomingOrder(
            remote_id=payload["number"],
            number=payload["number"],
            customer_name=payload["shop"],
            customer_code="",
            customer_reference=payload["po"],
            currency=payload["currency"],
            lines=tuple(
                IncomingLine(barcode=barcode, described_as="", quantity=quantity, price=Decimal(payload["price"]))
                for barcode, quantity in payload["lines"]
            ),
        )

    async def acknowledge(self, remote_id: str, order_number: int) -> dict[str, Any] | None:
        raise NotImplementedError


def _no_client(*of: Any) -> Any:
    raise NotImplementedError


async def _check(client: Any, settings: Any) -> Sequence[CheckResult]:
    raise NotImplementedError


MADE_UP = Platform(
    key="made-up",
    name="Galerie Invisible",
    base_urls=(),
    credentials=(Setting(key="key", label="Key", kind=SettingKind.SECRET, required=True),),
    settings=(Setting(key="season", label="Season", kind=SettingKind.SEASON),),
    tasks=(
        Task(
            key="catalogue",
            name="Catalogue export",
            direction=Direction.OUT,
            help="Sends every product that is placed in the catalogue, with its prices and pictures.",
            legs=(),
        ),
        Task(
            key="stock",
            name="Stock export",
            direction=Direction.OUT,
            help="Sends what is available to sell.",
            legs=(),
            after=("catalogue",),
        ),
        Task(
            key="orders",
            name="Orders import",
            direction=Direction.IN,
            help="Brings approved orders into the books.",
            legs=(Orders,),
        ),
        Task(
            key="sheet",
            name="Line sheet file",
            direction=Direction.FILE,
            help="",
            legs=(),
            schedulable=False,
        ),
    ),
    reasons=(NO_LINES,),
    budget=BudgetRules(concurrency=4, per_second=8),
    client=_no_client,
    check=_check,
)
