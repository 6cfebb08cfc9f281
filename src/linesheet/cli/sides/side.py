"""The other side: a platform's sandbox as a process of its own, driven and read in the hub's words."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from linesheet.cli.sides.process import SandboxProcess
from linesheet.cli.sides.words import Buyer, Placed, RemoteOrder, Shown, Units, Wanted

if TYPE_CHECKING:
    from linesheet.books.models import Customer, Product


class Side(SandboxProcess, ABC):
    """A running sandbox. What it has to tell of the books (`..._wanted`) is by the company in hand.

    `made_once` names the kinds of records, as the sandbox counts them, of which none may be created twice; `linked`
    the kinds of our links of which everything that is there must have one. `further_sections` are paths of a brand's
    catalogue beside the one that any platform has.
    """

    made_once: ClassVar[tuple[str, ...]]
    linked: ClassVar[tuple[str, ...]] = ("product", "customer")
    further_sections: ClassVar[tuple[tuple[str, ...], ...]] = ()
    unknown_customer: ClassVar[str] = "A shop nobody knows"

    def writes(self) -> Counter[str]:
        """How often each record was written through the platform's API."""
        return Counter(
            {
                f"{kind}/{record}": sum(actions.values())
                for kind, records in self.control("GET", "/stats")["writes"].items()
                for record, actions in records.items()
            }
        )

    def created_twice(self) -> Iterator[str]:
        """Records that were created more than once."""
        written = self.control("GET", "/stats")["writes"]
        for kind in self.made_once:
            for record, actions in written.get(kind, {}).items():
                if (times := actions.get("created", 0) + actions.get("create", 0)) > 1:
                    yield f"{kind}: {record} was created {times} times"

    # What people do there, and what the hub is told of it.

    def settings(self) -> Mapping[str, Any]:
        """Settings of a connection that only this platform has, as they are stored; with the company in hand."""
        return {}

    def identity(self, number: int, *, twin: bool) -> tuple[str, str, str]:
        """Style, fabric and colour of a brand's product by its number; a twin is what the platform takes for number 0.

        The platform's own products are to be as different in shape as its rules allow.
        """
        return (f"C{0 if twin else number:02}", f"F{number}", "Black")

    def product_key(self, product: "Product") -> str:
        """What the platform knows a product of the books by, in `Shown`."""
        return product.code

    @abstractmethod
    def customer_key(self, customer: "Customer") -> str:
        """What the platform knows a customer of the books by."""

    @abstractmethod
    def place_order(self, order: Placed) -> str:
        """Have a buyer place an order; its key."""

    @abstractmethod
    def approve_order(self, key: str) -> None:
        """Approve a pending order."""

    @abstractmethod
    def change_order(self, key: str, lines: Sequence[Wanted]) -> None:
        """Give an order other lines."""

    @abstractmethod
    def cancel_order(self, key: str) -> None:
        """Cancel an order."""

    @abstractmethod
    def published(self) -> set[str]:
        """Barcodes that buyers can order."""

    # What it holds, and what it is to hold by the books.

    @abstractmethod
    def orders(self) -> list[RemoteOrder]:
        """All orders."""

    @abstractmethod
    def order_in(self, payload: Any) -> RemoteOrder:
        """An order as our inbox has kept it."""

    @abstractmethod
    def products(self) -> list[Shown]:
        """All products, each colourway."""

    @abstractmethod
    def products_wanted(self) -> list[Shown]:
        """The products that are to be there, in full."""

    @abstractmethod
    def customers(self) -> list[Buyer]:
        """All customers."""

    @abstractmethod
    def customers_wanted(self) -> list[Buyer]:
        """The customers that are to be there, and no other."""

    @abstractmethod
    def stock(self) -> Mapping[str, Units]:
        """Units by barcode."""

    @abstractmethod
    def stock_wanted(self) -> Mapping[str, Units]:
        """Units by barcode, of all sizes that are to have stock there."""

    @abstractmethod
    def names_linked(self, kind: str) -> Mapping[str, frozenset[str]]:
        """Which records, by name, each remote id of a kind of links stands for."""

    @abstractmethod
    def names_here(self, kind: str) -> Mapping[str, str]:
        """Those names of the records in the books, by the record id of a link."""

    def more_that_is_wrong(self) -> Iterator[str]:
        """What else does not hold there."""
        yield from ()
