"""Records that others speak of by a kind: looked for by what a person knows of them."""

from linesheet.books.kinds import called, ids_called, records_of
from linesheet.books.models import Company, Customer, Product
from linesheet.books.tenancy import acting_for


def test_what_is_just_called_so_comes_before_what_only_begins_so(company: Company) -> None:
    with acting_for(company):
        Customer.objects.bulk_create(
            Customer(name=f"Shop {number}", account_code=f"C{number}", currency="EUR") for number in range(40, 9, -1)
        )
        just = Customer.objects.create(name="Zoo", account_code="C1", currency="EUR")

        assert called("customer", "c1", 3)[0] == just
        assert ids_called("customer", "Zoo", 3) == [just.pk]


def test_of_a_kind_that_there_is_not_nothing_is_found(company: Company) -> None:
    with acting_for(company):
        product = Product.objects.create(code="COAT", style="COAT", name="Coat")

        assert called("catalogue", "coat", 3) == []
        assert records_of("catalogue", [1]) == {}
        assert records_of("product", [product.pk]) == {product.pk: product}
