"""Whoever follows the books by collects has what they have, however records change, come and go meanwhile."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linesheet.books.models import Company, Member, Product, User
from linesheet.books.tenancy import acting_for
from linesheet.sync import api_keys
from tests.wild import examples

LIMIT = 3
numbers = itertools.count(1)

# What happens between two pages: to which of the products there are, and what.
happenings = st.lists(
    st.tuples(st.sampled_from(["rename", "delete", "leave", "come back", "add"]), st.integers(0, 20)), max_size=5
)


def happen(what: str, which: int) -> None:
    products = list(Product.objects.order_by("pk"))
    product = products[which % len(products)] if products else None
    number = next(numbers)
    match what:
        case "add":
            Product.objects.create(code=f"N{number}", style="N", colour=f"{number}", name=f"New {number}")
        case "rename" if product:
            product.name = f"Name {number}"
            product.save()
        case "delete" if product:
            product.delete()
        case "leave" | "come back" if product:
            Product.objects.filter(pk=product.pk).update(active=what == "come back")


class Follower:
    """A program that keeps a copy of the products."""

    def __init__(self, key: str) -> None:
        self.copy: dict[int, str] = {}
        self._key = key

    def collect(self, between: Iterator[list[tuple[str, int]]], **asked: Any) -> tuple[list[int], str]:
        """The ids of all pages, data and removed, and the `as_of`; each page changes the copy."""
        told: list[int] = []
        cursor: str | None = ""
        while cursor is not None:
            page = self._page(**({"cursor": cursor} if cursor else asked))
            self.copy |= {one["id"]: one["name"] for one in page["data"]}
            for gone in page["removed"]:
                self.copy.pop(gone["id"], None)
            told += [one["id"] for one in (*page["data"], *page["removed"])]
            cursor = page["next_cursor"]
            for what, which in next(between, []):
                happen(what, which)
        return told, page["as_of"]

    def _page(self, **asked: Any) -> Any:
        query = urlencode({"limit": LIMIT, **asked})
        answer = Client().get(f"/api/v1/products?{query}", headers={"Authorization": f"Bearer {self._key}"})
        assert answer.status_code == 200, answer.content
        return answer.json()


@pytest.fixture
def companies(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Callable[[], tuple[Company, str]]:
    """Makes a company with ten products, and a key."""
    monkeypatch.setattr(api_keys, "CALLS_A_MINUTE", 10**9)

    def made() -> tuple[Company, str]:
        number = next(numbers)
        company = Company.objects.create(name=f"House {number}", slug=f"house-{number}")
        with acting_for(company):
            member = Member.objects.create(user=User.objects.create(email=f"{number}@example.com"), role="owner")
            Product.objects.bulk_create(
                Product(code=f"P{at}", style="P", colour=str(at), name=f"Coat {at}", active=at != 5) for at in range(10)
            )
            return company, api_keys.make(member, "Follower", ["products:read"]).secret

    return made


@settings(
    max_examples=examples(12),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(first=st.lists(happenings, max_size=4), second=st.lists(happenings, max_size=4))
def test_a_copy_kept_by_collects_is_what_the_books_have(
    companies: Callable[[], tuple[Company, str]],
    first: list[list[tuple[str, int]]],
    second: list[list[tuple[str, int]]],
):
    company, key = companies()
    follower = Follower(key)
    with acting_for(company):
        there = set(Product.objects.filter(active=True).values_list("pk", flat=True))

        told, as_of = follower.collect(iter(first))

        assert sorted(told) == sorted(there), "each that there was when it began, once"
        told, as_of = follower.collect(iter(second), updated_since=as_of, include_removed="true")
        assert len(told) == len(set(told))
        follower.collect(iter([]), updated_since=as_of, include_removed="true")
        assert follower.copy == dict(Product.objects.filter(active=True).values_list("pk", "name"))
