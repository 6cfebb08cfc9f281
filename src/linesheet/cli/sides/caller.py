"""The other side of a platform that calls us: it collects from the books, and hands orders to us."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from linesheet.cli.sides.process import SandboxProcess
from linesheet.cli.sides.words import Placed, Shown, Wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What one collect brought: records that are new or changed, those gone, and pictures; or what it failed on."""

    products: int
    customers: int
    gone: int
    pictures: int
    wrong: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """An order as it was sent once, and what we answered.

    `made` is what the order is called in our books, "" when it was not taken; `units` those of each barcode that was
    sent. `told` are the codes of what we said of it, `before` earlier orders of the same number, `replies` how many
    answers there were, with the `repeats` among them.
    """

    order: str
    taken: bool
    made: str
    units: Mapping[str, int]
    amount: Decimal
    told: Sequence[str]
    left_out: int
    before: Sequence[str]
    replies: int
    repeats: int
    message: str
    new_customer: bool


class Caller(SandboxProcess, ABC):
    """A running sandbox of a platform that calls us; `..._wanted` is by the books of the company in hand."""

    unknown_customer = "A shop nobody knows"
    slips: tuple[str, ...] = ()
    """What it can do wrong when it submits an order."""

    @abstractmethod
    def meet(self, hub: str, key: str) -> None:
        """Call this hub from now on."""

    @abstractmethod
    def collect(self) -> Collected:
        """Collect what is new and changed."""

    @abstractmethod
    def products(self) -> list[Shown]:
        """The products it holds."""

    @abstractmethod
    def products_wanted(self, connection: int) -> list[Shown]:
        """The products it is to hold of a connection."""

    @abstractmethod
    def customers(self) -> set[str]:
        """Names of the customers it holds."""

    @abstractmethod
    def place_order(self, order: Placed) -> str:
        """Have a buyer write an order that nobody else knows of yet; its number."""

    @abstractmethod
    def change_order(self, number: str, lines: Sequence[Wanted]) -> None:
        """Give the order other lines."""

    @abstractmethod
    def submit(self, number: str, slip: str = "", **how: object) -> Submitted:
        """Submit an order as it is now, with something wrong about that."""

    @abstractmethod
    def submissions(self) -> list[Submitted]:
        """Everything it submitted, the oldest first."""
