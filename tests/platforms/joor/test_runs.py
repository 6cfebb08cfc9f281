"""Whole runs through the engine against the sandbox, and what they cost."""

import base64
import json

from linesheet.sync.connection_checks import Health, try_connection
from linesheet.sync.models import Connection, Exchange
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


def test_nothing_secret_is_kept_of_a_call(joor: JoorSandbox, brand: Books) -> None:
    brand.product("COAT-BLACK")
    joor.some_order()

    brand.run("data-export")
    brand.run("orders-import")

    kept = json.dumps(list(Exchange.objects.values()), default=str)
    tokens = list(joor.control("GET", "/state")["access_tokens"])
    secrets = [joor.credentials[name] for name in ("client_secret", "password", "v2_token")]
    encoded = [base64.b64encode(secret.encode()).decode() for secret in secrets]
    assert "grant_type=password" in kept
    assert tokens
    assert not [each for each in (*secrets, *encoded, *tokens) if each in kept]


def test_a_window_that_holds_less_than_is_known_is_waited_out(joor: JoorSandbox, brand: Books) -> None:
    joor.set(credits=12, window_seconds=2)
    brand.product("COAT-BLACK")
    joor.later(5)

    done = brand.run("data-export")

    assert counted(done) == {"created": 2}
    assert Exchange.objects.filter(status=429).exists()


def test_stock_of_many_products_goes_out_in_one_call(joor: JoorSandbox, brand: Books) -> None:
    for number in range(20):
        brand.product(f"COAT{number}-BLACK")
    brand.run("data-export")
    before = joor.credits()

    first, second = brand.run("stock-export"), brand.run("stock-export")

    assert (counted(first), counted(second)) == ({"created": 20}, {"unchanged": 20})
    assert joor.credits() - before == 5
    assert len(joor.control("GET", "/stock")) == 40


def test_to_try_a_connection_costs_six_credits_at_most_and_marks_nothing(joor: JoorSandbox, brand: Books) -> None:
    joor.some_order()
    before = joor.credits()

    checks = try_connection(brand.connection)

    assert {check.name: check.health for check in checks if "Pictures" not in check.says} == {
        "Connection JOOR": Health.OK
    }
    assert joor.credits() - before <= 6
    assert joor.use(lambda client: client.v2.order_count(export_status=2)) == 1
