"""What ORDRE posts, and what it is answered with (sheet ordre.md 6.4)."""

import datetime
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictInt, StringConstraints, model_validator

from linesheet.sync.serving.bodies import MOST_LINES, Body
from linesheet.sync.serving.problems import Issue
from linesheet.sync.serving.values import Moment, Money, Shape

DEEPEST = 20
"""How many objects and lists may be in each other in a field that means nothing here, for it to be kept."""


def _as_text(value: Any) -> Any:
    """A whole number as text: programs write ids and codes either way."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _as_whole(value: Any) -> Any:
    """2.0 is the integer 2 in JSON."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _as_code(value: Any) -> Any:
    return value.strip().upper() if isinstance(value, str) else value


def _as_day(value: Any) -> Any:
    if isinstance(value, int | float):  # which pydantic takes for seconds
        raise ValueError("a day is written as in 2026-01-31")
    return value


_AS_TEXT = BeforeValidator(_as_text)
Id = Annotated[str, Field(max_length=64), _AS_TEXT]
Code = Annotated[str, Field(max_length=200), _AS_TEXT]
PoNumber = Annotated[str, Field(max_length=50), _AS_TEXT]
OrderNumber = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50), _AS_TEXT]
SubmissionId = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64), _AS_TEXT]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), _AS_TEXT]
Whole = Annotated[StrictInt, BeforeValidator(_as_whole)]
Day = Annotated[datetime.date, BeforeValidator(_as_day)]
Percent = Annotated[Decimal, Field(ge=0, le=100)]
Price = Annotated[Decimal, Field(ge=0, lt=10**10)]
Currency = Annotated[str, BeforeValidator(_as_code), Field(pattern=r"^[A-Z]{3}$")]


class Open(Body):
    """A body whose unknown fields are kept and told of, as they are to be ignored (sheet ordre.md 6.1)."""

    model_config = ConfigDict(extra="allow")

    @model_validator(mode="after")
    def _leave_out_the_deep(self) -> Self:
        extra = self.model_extra or {}
        extra.update({name: None for name, value in extra.items() if _is_deeper(value, DEEPEST)})
        return self


class ContactIn(Open):
    """A person at a customer."""

    first_name: str | None = Field(None, max_length=100)
    last_name: str | None = Field(None, max_length=100)
    role: str | None = Field(None, max_length=100)
    email: str | None = Field(None, max_length=254)
    phone: Code | None = None


class AddressIn(Open):
    """An address. One that is too long for the books stays on the order as it came."""

    company: str | None = Field(None, max_length=250)
    line1: str | None = Field(None, max_length=250)
    line2: str | None = Field(None, max_length=250)
    line3: str | None = Field(None, max_length=250)
    city: str | None = Field(None, max_length=250)
    region: str | None = Field(None, max_length=250)
    postcode: Code | None = None
    country: str | None = Field(None, max_length=100, description="ISO 3166-1 alpha-2; a name is understood too.")
    phone: Code | None = None


class CustomerIn(Open):
    """Who orders. `id` is the hub's own id of the customer, as collected."""

    name: Name
    id: Id | None = None
    account_code: Code | None = None
    external_id: Id | None = None
    contact: ContactIn | None = None


class DeliveryIn(Open):
    """When to deliver."""

    start: Day | None = None
    end: Day | None = None
    window_name: str | None = Field(None, max_length=200)


class LineIn(Open):
    """Units of one size, told by its barcode."""

    line_id: Id | None = None
    barcode: Code | None = Field(None, description="Without one the line is left out.")
    quantity: Annotated[
        Whole, Field(ge=-(10**9), le=10**9, description="1 to 100,000; a line with another is left out.")
    ]
    unit_price: Price
    discount_percent: Percent | None = None
    note: str | None = Field(None, max_length=2000)
    collection: str | None = Field(None, max_length=200)
    look: str | None = Field(None, max_length=200)
    description: str | None = Field(None, max_length=2000)


class TotalsIn(Open):
    """What ORDRE says the order comes to; only compared."""

    units: Annotated[Whole, Field(ge=0, le=10**12)] | None = None
    amount: Annotated[Decimal, Field(ge=0, lt=10**15)] | None = None


class OrderIn(Open):
    """An order as ORDRE submits it. Unknown fields are kept and told of."""

    order_number: OrderNumber
    po_number: PoNumber | None = None
    submission_id: SubmissionId | None = None
    submitted_at: Moment | None = None
    currency: Currency | None = None
    customer: CustomerIn
    shipping_address: AddressIn | None = None
    billing_address: AddressIn | None = None
    delivery: DeliveryIn | None = None
    discount_percent: Percent | None = None
    payment_terms: str | None = Field(None, max_length=500, description="Kept as a comment; the customer's hold.")
    shipping_terms: str | None = Field(None, max_length=500, description="Kept as a comment; the customer's hold.")
    notes: str | None = Field(None, max_length=2000)
    lines: Annotated[list[LineIn], Field(min_length=1, max_length=MOST_LINES)]
    totals: TotalsIn | None = None

    def kept(self) -> dict[str, Any]:
        """The body as the inbox keeps it, with the names of the fields that mean nothing."""
        unknown = sorted(set(_unknown(self)))
        told = {"unknown_fields": unknown} if unknown else {}
        return {**self.model_dump(mode="json", exclude_none=True), **told}


def _unknown(body: BaseModel, below: str = "") -> Iterator[str]:
    """The fields that a body does not know, as in `customer.contact.fax` or `lines.size`."""
    yield from (f"{below}{name}" for name in body.model_extra or ())
    for name in type(body).model_fields:
        parts = getattr(body, name)
        for part in parts if isinstance(parts, list) else [parts]:
            if isinstance(part, BaseModel):
                yield from _unknown(part, f"{below}{name}.")


def _is_deeper(value: Any, levels: int) -> bool:
    match value:
        case dict():
            parts: Iterable[Any] = value.values()
        case list():
            parts = value
        case _:
            return False
    return levels == 0 or any(_is_deeper(part, levels - 1) for part in parts)


class IssueOut(Issue):
    """Something that is wrong with a line or an order, or worth a look."""

    line_id: str | None = None
    barcode: str | None = None


class CustomerMade(Shape):
    """Whom the order is from in the books, and whether the order brought them in."""

    id: str
    name: str
    created: bool


class EarlierOut(Shape):
    """An order that an earlier submission of the same number became."""

    erp_order_number: str
    order_reference: str
    approved: bool
    active: bool


class OrderReport(Shape):
    """What became of an order, or would. `refused` comes from the check only; the first issue is then why.

    `lines_accepted` and `lines_skipped` add up to the lines posted; lines added up to one count each.
    """

    result: Literal["created", "created_with_errors", "refused"]
    erp_order_number: str | None = Field(description="As the books number orders, such as `SO 412`.")
    order_reference: str
    season: str | None
    approved: bool
    owner: str | None
    customer: CustomerMade | None
    lines_accepted: int
    lines_skipped: int
    units: int
    amount: Money
    issues: list[IssueOut]
    superseded: list[EarlierOut]
    activity_id: str | None


class Submission(Shape):
    """One submission of an order."""

    received_at: datetime.datetime
    submission_id: str | None
    submitted_at: Moment | None
    status: Literal["created", "held", "superseded", "ignored"]
    erp_order_number: str | None
    order_reference: str | None
    approved: bool
    active: bool
    lines_skipped: int
    issues: list[IssueOut]


class Submissions(Shape):
    """Every submission of an order number, newest first."""

    order_number: str
    data: list[Submission]
