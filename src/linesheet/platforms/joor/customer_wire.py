"""Shapes of a customer on JOOR's wire, which JOOR calls a connection (sheet joor.md 6)."""

from collections.abc import Sequence

import msgspec

from linesheet.platforms.joor.wire import Json


class AddressWire(msgspec.Struct, frozen=True, kw_only=True):
    """An address that is shipped to or billed; the names of its fields begin with which."""

    code: str = ""
    name: str = ""
    address_1: str = ""
    address_2: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    country: str = ""


class PriceTypeWire(msgspec.Struct, frozen=True):
    """A price type that the customer buys by: label and currencies are those of the account."""

    label: str
    currency: str
    retail_currency: str


class CustomerWire(msgspec.Struct, frozen=True, kw_only=True):
    """A customer in full: JOOR overwrites everything of one whose code it knows."""

    customer_code: str
    customer_name: str
    customer_alias: str
    customer_buyer_name: str = ""
    customer_email: str = ""
    price_types: tuple[PriceTypeWire, ...] = ()
    billing: tuple[AddressWire, ...] = ()
    shipping: tuple[AddressWire, ...] = ()


def plain(customer: CustomerWire) -> Json:
    """The customer as JOOR's JSON object."""
    return {
        "customer_code": customer.customer_code,
        "customer_name": customer.customer_name,
        "customer_alias": customer.customer_alias,
        "customer_buyer_name": customer.customer_buyer_name,
        "customer_email": customer.customer_email,
        "price_types": [
            {
                "price_type_currency_code": each.currency,
                "price_type_label": each.label,
                "price_type_retail_currency_code": each.retail_currency,
            }
            for each in customer.price_types
        ],
        "billing": {"billing_addresses": _addresses("billing", customer.billing)},
        "shipping": {"shipping_addresses": _addresses("shipping", customer.shipping)},
    }


def _addresses(kind: str, addresses: Sequence[AddressWire]) -> list[Json]:
    return [{f"{kind}_{name}": text for name, text in msgspec.to_builtins(each).items()} for each in addresses]
