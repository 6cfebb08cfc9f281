"""What of the books is shown to a platform that collects: which customers were picked, and when that changed.

A customer who is picked, or not any more, has changed for whoever collects, and so has every record that another
answer to a setting shows or hides. Both are noted as in `books.versions`, under a kind of the connection's own.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import QuerySet

from linesheet.books import versions
from linesheet.books.models import Customer
from linesheet.sync import place_versions, registry
from linesheet.sync.models import Connection, Placement, ShownCustomer
from linesheet.sync.platform import Platform, Setting

CUSTOMER = "customer"
PRODUCT = "product"


def customers_kind(connection_id: int) -> str:
    """The kind under which it is noted that customers are shown through a connection, or not any more."""
    return f"shown:{connection_id}"


TRIGGERS = """
CREATE FUNCTION linesheet_shown_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moment timestamptz := clock_timestamp();
BEGIN
    INSERT INTO books_version (company_id, kind, record_id, transaction, at)
    SELECT DISTINCT company_id, 'shown:' || connection_id, customer_id, pg_current_xact_id()::text::bigint, moment
      FROM changed ON CONFLICT DO NOTHING;
    RETURN NULL;
END;
$$;
CREATE TRIGGER linesheet_version_added AFTER INSERT ON sync_showncustomer
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION linesheet_shown_version();
CREATE TRIGGER linesheet_version_gone AFTER DELETE ON sync_showncustomer
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION linesheet_shown_version();
"""
TRIGGERS_UNDONE = """
DROP TRIGGER linesheet_version_gone ON sync_showncustomer;
DROP TRIGGER linesheet_version_added ON sync_showncustomer;
DROP FUNCTION linesheet_shown_version();
"""


def picked(connection_id: int) -> "QuerySet[ShownCustomer]":
    """The customers that were picked for a connection."""
    rows: QuerySet[ShownCustomer] = ShownCustomer.objects.filter(connection=connection_id)
    return rows


def pick(connection: Connection, customers: "QuerySet[Customer]") -> int:
    """Have these customers shown through a connection as well; how many were not before."""
    ids = customers.exclude(shown_by__connection=connection).order_by().values_list("pk", flat=True)
    new = [ShownCustomer(connection=connection, customer_id=pk) for pk in ids]
    ShownCustomer.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def leave_out(connection: Connection, customers: "QuerySet[Customer]") -> int:
    """Have these customers not be shown through a connection any more; how many were."""
    gone, _ = picked(connection.pk).filter(customer__in=customers.order_by().values("pk")).delete()
    return int(gone)


def pick_like(customer: Customer, other: Customer) -> None:
    """Have a customer shown wherever another is."""
    for connection in Connection.objects.filter(shown_customers__customer=other).defer("credentials"):
        pick(connection, Customer.objects.filter(pk=customer.pk))


def setting_that_picks(platform: Platform | None) -> Setting | None:
    """The setting with an answer by which only customers that are picked are shown; None of a platform without."""
    settings = platform.settings if platform else ()
    return next((each for each in settings if each.shown == CUSTOMER and each.picked), None)


def platform_of(connection: Connection) -> Platform | None:
    """The connection's platform; None when it is no longer installed."""
    return registry.platforms().get(connection.platform)


def shows_picked_only(connection: Connection) -> bool:
    """Whether only customers that were picked are shown through the connection."""
    setting = setting_that_picks(platform_of(connection))
    return setting is not None and connection.settings.get(setting.key, setting.default) == setting.picked


def that_pick(connections: "QuerySet[Connection]") -> list[Connection]:
    """Those of these connections for which customers can be picked, by name."""
    keys = [key for key, platform in registry.platforms().items() if setting_that_picks(platform)]
    return list(connections.filter(platform__in=keys).order_by("name")) if keys else []


def note_answers(connection: Connection, platform: Platform, before: Mapping[str, Any]) -> None:
    """Have what is shown count as changed where an answer decides about it and was another `before`."""
    changed = {
        each.shown
        for each in platform.settings
        if each.shown and before.get(each.key, each.default) != connection.settings.get(each.key, each.default)
    }
    for shown in changed:
        _NOTED[shown](connection)


def _note_customers(connection: Connection) -> None:
    versions.note(customers_kind(connection.pk), Customer.objects.values("pk"))


def _note_products(connection: Connection) -> None:
    placed = Placement.objects.filter(section__connection=connection)
    versions.note(place_versions.kind_of(connection.pk), placed.order_by().values("product_id").distinct())


_NOTED: Mapping[str, Callable[[Connection], None]] = {CUSTOMER: _note_customers, PRODUCT: _note_products}
