"""Customer files: customers by name, an address and a contact on each row."""

import pytest

from linesheet.books.files import import_file
from linesheet.books.models import Address, Contact, Customer, HoldStatus, Location, Order, Season

pytestmark = pytest.mark.usefixtures("books")

HEADER = "Customer Name,Account Code,Price List,Currency,Address Type,Address 1,City,State,Zip,Country,Contact,Email"


def refusals(report):
    return [(outcome.row, outcome.column, outcome.reason) for outcome in report.rows]


def test_each_row_brings_an_address_and_a_contact(csv_file):
    path = csv_file(
        HEADER,
        "Maison Bleue,MB1,Wholesale,EUR,Shipping,1 rue A,Paris,,75001,France,Anne,anne@example.com",
        "maison bleue,MB1,Wholesale,EUR,Billing,2 rue B,Paris,,75002,France,Marc,marc@example.com",
        "MAISON BLEUE,MB1,Wholesale,EUR,Store,3 rue C,Lyon,,69001,France,,",
    )

    report = import_file("customers", path)

    assert (report.created, report.total) == (3, 3)
    customer = Customer.objects.get()
    assert (customer.name, customer.price_list.name, customer.currency) == ("Maison Bleue", "Wholesale", "EUR")
    assert [(a.get_kind_display(), a.line_1, a.is_default) for a in customer.addresses.all()] == [
        ("Delivery", "1 rue A", True),
        ("Accounts", "2 rue B", True),
        ("Store", "3 rue C", True),
    ]
    assert [(c.name, c.is_default) for c in customer.contacts.all()] == [("Anne", True), ("Marc", False)]
    assert import_file("customers", path).unchanged == 3


def test_customer_columns_must_agree_across_the_rows_of_a_customer(csv_file):
    path = csv_file("Name,Terms,City,Address", "Shop,30 days,Rome,Via A", "Shop,60 days,Rome,Via B", "Shop,,Rome,Via C")

    report = import_file("customers", path)

    assert refusals(report) == [(3, "Terms", "disagrees")]
    assert Customer.objects.get().payment_terms == "30 days"
    assert Address.objects.count() == 2


def test_an_account_code_of_another_customer_is_refused_naming_the_holder(csv_file):
    report = import_file("customers", csv_file("Name,Account code", "Shop,A1", "Boutique,A1"))

    assert refusals(report) == [(3, "Account code", "account_code_taken")]
    assert "Shop" in report.rows[0].says
    assert Customer.objects.count() == 1


def test_account_codes_may_change_hands_within_a_file(csv_file):
    import_file("customers", csv_file("Name,Account code", "Shop,A1", "Boutique,"))

    report = import_file("customers", csv_file("Name,Account code", "Shop,A2", "Boutique,A1"))

    assert report.updated == 2
    assert dict(Customer.objects.values_list("name", "account_code")) == {"Shop": "A2", "Boutique": "A1"}


def test_an_unknown_price_list_or_hold_status_is_refused(csv_file):
    HoldStatus.objects.create(name="Overdue")

    report = import_file(
        "customers", csv_file("Name,Price list,On hold", "Shop,VIP,", "Boutique,,Angry", "Store,,overdue")
    )

    assert refusals(report) == [(2, "Price list", "unknown"), (3, "On hold", "unknown")]
    assert Customer.objects.get().hold_status.name == "Overdue"


@pytest.mark.parametrize("email", ["anne", "anne@example.com; marc@example.com", "anne@@example.com"])
def test_a_contact_has_one_email_address(csv_file, email):
    assert refusals(import_file("customers", csv_file("Name;E-mail;Contact", f'Shop;"{email}";Anne'))) == [
        (2, "E-mail", "email_wrong")
    ]
    assert not Customer.objects.exists()


def test_an_address_without_a_first_line_is_refused(csv_file):
    assert refusals(import_file("customers", csv_file("Name,Address,City", "Shop,,Rome"))) == [
        (2, "Address", "address_incomplete")
    ]


def test_a_contact_is_known_by_email_and_gets_a_new_phone(csv_file):
    import_file("customers", csv_file("Name,Contact,Email,Phone", "Shop,Anne,anne@example.com,1"))

    report = import_file("customers", csv_file("Name,Contact,Email,Phone", "Shop,Anne B,ANNE@example.com,2"))

    assert report.updated == 1
    assert Contact.objects.values_list("name", "phone").get() == ("Anne B", "2")


def test_an_address_with_a_code_is_changed_and_not_added(csv_file):
    import_file("customers", csv_file("Name,Address code,Address,City", "Shop,W1,Via A,Rome"))

    report = import_file("customers", csv_file("Name,Address code,Address,City", "Shop,W1,Via B,Milan"))

    assert report.updated == 1
    assert Address.objects.values_list("line_1", "city").get() == ("Via B", "Milan")


def test_a_new_default_address_takes_over_from_the_old(csv_file):
    import_file("customers", csv_file("Name,Address", "Shop,Via A"))
    import_file("customers", csv_file("Name,Address,Default address", "Shop,Via B,yes"))

    assert dict(Address.objects.values_list("line_1", "is_default")) == {"Via A": False, "Via B": True}


def test_a_customer_with_orders_does_not_turn_from_wholesale_to_retail(csv_file):
    import_file("customers", csv_file("Name", "Shop", "Boutique"))
    shop = Customer.objects.get(name="Shop")
    Order.objects.create(
        number=1, customer=shop, season=Season.objects.get(name="SS26"), location=Location.objects.get(), currency="EUR"
    )

    report = import_file("customers", csv_file("Name,Type", "Shop,Retail", "Boutique,retail"))

    assert refusals(report) == [(2, "Type", "type_fixed")]
    assert Customer.objects.get(name="Boutique").type == "retail"


def test_the_number_of_queries_does_not_grow_with_the_customers(csv_file, django_assert_max_num_queries):
    path = csv_file(
        "Name,Account code,Price list,Address,Contact,Type",
        *(f"Shop {n},{n},Retail,Via {n},Anne,Retail" for n in range(500)),
    )
    import_file("customers", path)
    again = csv_file(
        "Name,Account code,Price list,Address,Contact,Type,Terms",
        *(f"Shop {n},{n},Retail,Via {n},Anne,Retail,30" for n in range(500)),
    )

    with django_assert_max_num_queries(30):
        assert import_file("customers", again).updated == 500
