"""Names read without care."""

import pytest
from django.db import connection

from linesheet.books.models import Company, Customer
from linesheet.books.names import Careless, careless

pytestmark = pytest.mark.django_db


def test_the_database_reads_names_as_we_do(company: Company) -> None:
    names = [
        "Maison  Exemple ",
        "\uff2daison\u3000\u00c9xemple",
        "Stra\u00dfen Mode",
        "GRO\u1e9eE Leute",
        "\ufb01n & Co\t2",
    ]
    Customer.objects.bulk_create(Customer(name=name) for name in names)

    read = dict(Customer.objects.annotate(key=Careless("name")).values_list("name", "key"))

    assert read == {name: careless(name) for name in names}
    assert careless("STRASSEN  mode") == read["Stra\u00dfen Mode"]


def test_customers_are_found_by_them_without_reading_all(company: Company) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")

    plan = Customer.objects.alias(key=Careless("name")).filter(key__in=["maison exemple", "other"]).explain()

    assert "customer_by_careless_name" in plan
