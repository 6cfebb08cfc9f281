"""What a JOOR account has to choose from: price types, seasons and categories (sheet joor.md 3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from linesheet.platforms.joor.client import JoorClient
from linesheet.platforms.joor.wire import Json
from linesheet.sync.platform import Choice
from linesheet.sync.tolerant import text

PRICE_TYPES = "price_types"
SEASONS = "seasons"
CATEGORIES = "categories"


@dataclass(frozen=True, slots=True)
class PriceType:
    """A price type of the account: a label and a currency, which customers and prices name (sheet 3.3)."""

    id: str
    name: str
    currency: str
    retail_currency: str

    @classmethod
    def of(cls, record: Json) -> "PriceType":
        """As JOOR tells it."""
        id, name, currency, retail = (
            text(key, record.get(key)) for key in ("id", "name", "currency_code", "retail_currency_code")
        )
        return cls(id, name, currency.upper(), (retail or currency).upper())

    @property
    def label(self) -> str:
        """The name for people, with the currency; two price types may differ in that only."""
        return f"{self.name} ({self.currency})"

    def as_choice(self) -> Choice:
        """As one of the offers of the account."""
        return Choice(self.id, self.label, f"Retail prices in {self.retail_currency}")

    @classmethod
    def from_choice(cls, choice: Choice) -> "PriceType":
        """Of the offer that `as_choice` made."""
        name, _, currency = choice.label.removesuffix(")").rpartition(" (")
        return cls(choice.value, name, currency, choice.means.rpartition(" ")[2] or currency)


def price_types_offered(offers: Mapping[str, Sequence[Choice]]) -> dict[str, PriceType]:
    """The account's price types by id, of what it last offered."""
    return {choice.value: PriceType.from_choice(choice) for choice in offers.get(PRICE_TYPES, ())}


async def offers(joor: JoorClient, settings: Mapping[str, Any]) -> Mapping[str, Sequence[Choice]]:
    """What the account has, at the cost of three calls. Warehouses are listed nowhere (sheet 14)."""
    types = await joor.v4.listed("price_types")
    seasons = await joor.v4.listed("seasons")
    categories = await joor.v4.listed("categories")
    return {
        PRICE_TYPES: _sorted(PriceType.of(record).as_choice() for record in types),
        SEASONS: _sorted(Choice(text("id", each.get("id")), text("name", each.get("name"))) for each in seasons),
        CATEGORIES: _sorted(Choice(text("id", each.get("id")), " > ".join(category_path(each))) for each in categories),
    }


def category_path(category: Json) -> tuple[str, ...]:
    """A category's words from the department down, as `WOMEN`, `Apparel`, `Dresses` (sheet 3.1)."""
    names = (text(key, category.get(key)) for key in ("department", "parent_name", "name"))
    # Those at the top are their own department, and those below it have it as their parent.
    return tuple(dict.fromkeys(name for name in names if name))


def _sorted(choices: Any) -> list[Choice]:
    by_value = {choice.value: choice for choice in choices if choice.value}
    return sorted(by_value.values(), key=lambda choice: choice.label.casefold())
