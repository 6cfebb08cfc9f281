"""What ORDRE posts, and what it is answered with (sheet ordre.md 6.4)."""

import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, StrictInt, StringConstraints

from linesheet.sync.serving.bodies import MOST_LINES, Body
from linesheet.sync.serving.values import Moment, Money, Shape


def _as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Id = Annotated[str, BeforeValidator(_as_text), Field(max_length=64)]
Percent = Annotated[Decimal, Field(ge=0, le=100, max_digits=6, decimal_places=3)]
Price = Annotated[Decimal, Field(ge=0, lt=10**10, decimal_places=4)]
Filled = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Open(Body):
    """A body whose unknown fields are told of."""

    model_config = ConfigDict(extra="allow")


class ContactIn(Body):
    """A person at a customer."""

    first_name: str | None = Field(None, max_length=50)
    last_name: str | None = Field(None, max_length=50)
    role: str | None = Field(None, max_length=100)
    email: str | None = Field(None, max_length=254)
    phone: str | None = Field(None, max_length=40)


class AddressIn(Body):
    """An address."""

    company: str | None = Field(None, max_length=120)
    line1: str | None = Field(None, max_length=120)
    line2: str | None = Field(None, max_length=120)
    line3: str | None = Field(None, max_length=120)
    city: str | None = Field(None, max_length=80)
    region: str | None = Field(None, max_length=80)
    postcode: str | None = Field(None, max_length=20)
    country: str | None = Field(None, max_length=60)
    phone: str | None = Field(None, max_length=40)


class CustomerIn(Open):
    """Who orders. `id` is the hub's own id of the customer, as collected."""

    name: Annotated[Filled, Field(max_length=100)]
    id: Id | None = None
    account_code: str | None = Field(None, max_length=60)
    external_id: Id | None = None
    contact: ContactIn | None = None


class DeliveryIn(Open):
    """When to deliver."""

    start: datetime.date | None = None
    end: datetime.date | None = None
    window_name: str | None = Field(None, max_length=100)


class LineIn(Open):
    """Units of one size, told by its barcode."""

    line_id: Id | None = None
    barcode: str | None = Field(None, max_length=40)
    quantity: Annotated[StrictInt, Field(ge=-(10**9), le=10**9)]
    unit_price: Price
    discount_percent: Percent | None = None
    note: str | None = Field(None, max_length=300)
    collection: str | None = Field(None, max_length=100)
    look: str | None = Field(None, max_length=100)
    description: str | None = Field(None, max_length=200)


class TotalsIn(Open):
    """What ORDRE says the order comes to; only compared."""

    units: Annotated[StrictInt, Field(ge=0, le=10**12)] | None = None
    amount: Annotated[Decimal, Field(ge=0, lt=10**15)] | None = None


class OrderIn(Open):
    """An order as ORDRE submits it. Unknown fields are kept and told of."""

    order_number: Annotated[Filled, Field(max_length=50)]
    po_number: str | None = Field(None, max_length=50)
    submission_id: Annotated[Filled, Field(max_length=64)] | None = None
    submitted_at: Moment | None = None
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = None
    customer: CustomerIn
    shipping_address: AddressIn | None = None
    billing_address: AddressIn | None = None
    delivery: DeliveryIn | None = None
    discount_percent: Percent | None = None
    notes: str | None = Field(None, max_length=2000)
    lines: Annotated[list[LineIn], Field(min_length=1, max_length=MOST_LINES)]
    totals: TotalsIn | None = None

    def kept(self) -> dict[str, Any]:
        """The body as the inbox keeps it, with the names of the fields that mean nothing."""
        unknown = sorted(
            {
                name
                for part in (self, self.customer, self.delivery, self.totals, *self.lines)
                if part
                for name in (part.model_extra or {})
            }
        )
        told = {"unknown_fields": unknown} if unknown else {}
        return {**self.model_dump(mode="json", exclude_none=True), **told}


class IssueOut(Shape):
    """Something that is wrong with a line or an order, or worth a look."""

    severity: Literal["error", "warning"]
    code: str
    message: str
    pointer: str = ""
    line_id: str | None = None
    barcode: str | None = None


class CustomerMade(Shape):
    """Whom the order is from in the books, and whether the order brought them in."""

    id: int
    name: str
    created: bool


class EarlierOut(Shape):
    """An order that an earlier submission of the same number became."""

    erp_order_number: str
    order_reference: str
    approved: bool
    active: bool


class OrderReport(Shape):
    """What became of an order, or would. `refused` comes from the check only."""

    result: Literal["created", "created_with_errors", "refused"]
    erp_order_number: str | None
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
    activity_id: int | None


class Submission(Shape):
    """One submission of an order."""

    received_at: datetime.datetime
    submission_id: str | None
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
