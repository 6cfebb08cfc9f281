"""Whole runs through the engine against the sandbox, and what they cost."""

from linesheet.sync.models import Connection
from tests.platforms.joor.conftest import Books, JoorSandbox, counted


def spent(books: Books) -> int:
    """Credits of the open window by the hub's own count."""
    return Connection.objects.get(pk=books.connection.pk).quota_spent


def test_what_was_sent_is_unchanged_then(joor: JoorSandbox, brand: Books) -> None:
    brand.product("COAT-BLACK")
    brand.product("COAT-NAVY")

    first, second = brand.run("data-export"), brand.run("data-export")

    assert (counted(first), counted(second)) == ({"created": 3}, {"unchanged": 3})
    assert len(joor.control("GET", "/products")) == 1, "two colours of one style are one product"


def test_credits_are_counted_as_joor_counts_them(joor: JoorSandbox, brand: Books) -> None:
    brand.product("COAT-BLACK")

    brand.run("data-export")

    # Those of asking what the account offers are among them.
    assert spent(brand) == joor.credits() > 3
