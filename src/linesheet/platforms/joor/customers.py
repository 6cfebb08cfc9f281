"""Customers export: active customers, and which of them JOOR has not matched yet (sheet joor.md 6, 9.5)."""

from collections.abc import AsyncIterator, Collection, Sequence

from django.db.models import Prefetch, QuerySet

from linesheet.books.models import Company, Contact, Customer
from linesheet.books.reasons import Said
from linesheet.books.words import day_in_words
from linesheet.platforms.joor import trade_reasons
from linesheet.platforms.joor.account import not_checked
from linesheet.platforms.joor.client import JoorClient
from linesheet.platforms.joor.customer_mapping import CustomerRecord, customer_findings, customer_to_wire
from linesheet.platforms.joor.customer_wire import CustomerWire, plain
from linesheet.platforms.joor.placed import terms_of
from linesheet.platforms.joor.products import price_type_findings
from linesheet.platforms.joor.terms import PairedType
from linesheet.sync import tolerant
from linesheet.sync.errors import Nonsense
from linesheet.sync.legs import Accepted, Compared, Comparison, NotTaken, Outbound, Sending
from linesheet.sync.models import Link

CUSTOMER = "customer"


class Customers(Outbound[CustomerRecord, CustomerWire]):
    """Active customers, each known by its account code. None is ever deleted on JOOR.

    To send one again does no harm: JOOR overwrites what it has of that code. JOOR lists a new customer only when
    people have matched it, so none is looked for there.
    """

    kind = CUSTOMER
    wire = CustomerWire
    batch_size = 500
    # Started by one call, looked at by others until it is done.
    calls_per_batch = 3
    reads_per_batch = 2
    repeatable = True

    def ready(self) -> Sequence[Said]:
        return [*not_checked(self.context), *price_type_findings(self.context)]

    def select(self) -> "QuerySet[Customer]":
        customers: QuerySet[Customer] = Customer.objects.filter(active=True)
        return customers

    def load(self, ids: Sequence[str]) -> Sequence[CustomerRecord]:
        """Six queries, however many."""
        terms = terms_of(self.context)
        company = Company.objects.get(pk=self.context.company_id)
        sent_as = dict(
            _links(self.context.connection_id).filter(record_id__in=ids).values_list("record_id", "remote_id")
        )
        contacts = Prefetch(
            "contacts", Contact.objects.filter(is_default=True).order_by("pk"), to_attr="default_contacts"
        )
        customers = Customer.objects.filter(pk__in=[int(pk) for pk in ids]).select_related("price_list")
        return [
            CustomerRecord(
                customer=customer,
                addresses=tuple(customer.addresses.all()),
                contact=next(iter(customer.default_contacts), None),
                price_types=tuple(paired.type for paired in terms.price_types if _buys_by(customer, paired, currency)),
                currency=currency,
                sent_as=sent_as.get(str(customer.pk), ""),
            )
            for customer in customers.prefetch_related("addresses", contacts).order_by("pk")
            for currency in [customer.currency or company.currency]
        ]

    def record_id(self, record: CustomerRecord) -> str:
        return str(record.customer.pk)

    def label(self, record: CustomerRecord) -> str:
        return record.customer.name

    def check(self, record: CustomerRecord) -> Sequence[Said]:
        return customer_findings(record)

    def map(self, record: CustomerRecord) -> CustomerWire:
        return customer_to_wire(record)

    async def send(self, batch: Sequence[Sending]) -> Sequence[Accepted | NotTaken]:
        """One job for all of them. Raises Nonsense when it has not come to its end in the time that we wait for it."""
        outcome = await self._client.v2.put_customers([plain(sending.payload) for sending in batch])
        if not outcome.finished:
            # Sent again at once they would only make the queue there longer; the next run sends them again.
            raise Nonsense("JOOR's job with these customers did not come to its end while we waited.")
        codes = [sending.payload.customer_code for sending in batch]
        # An error that names a code which was not sent, as without its zeros, is about some of them even so.
        strange = [f"{code}: {says}" for code, says in outcome.errors.items() if code not in codes]
        unnamed = "; ".join([*outcome.problems, *strange])
        refused = [outcome.errors.get(code) or unnamed for code in codes]
        return [NotTaken(says) if says else Accepted(code) for code, says in zip(codes, refused, strict=True)]

    @property
    def _client(self) -> JoorClient:
        client: JoorClient = self.context.client
        return client


class WaitingCustomers(Comparison):
    """Customers that were sent, and those of them that JOOR does not list yet: people there match new ones by hand."""

    kind = CUSTOMER

    async def compare(self) -> AsyncIterator[Sequence[Compared]]:
        client: JoorClient = self.context.client
        listed = {tolerant.text("", each.get("customer_code")) for each in await client.v2.customers()}
        yield await self.db(self._compared, listed)

    def _compared(self, listed: Collection[str]) -> list[Compared]:
        links = {int(link.record_id): link for link in _links(self.context.connection_id).exclude(remote_id="")}
        customers = Customer.objects.filter(pk__in=list(links), active=True).order_by("pk")
        return [_compared(customer, links[customer.pk], listed) for customer in customers]


def _compared(customer: Customer, link: Link, listed: Collection[str]) -> Compared:
    said = None
    if link.remote_id not in listed:
        names = {"customer_code": link.remote_id, "day": day_in_words(link.accepted_at.date(), year=True)}
        said = trade_reasons.WAITS_FOR_MATCHING.about(record=customer.name, **names)
    return Compared(str(customer.pk), customer.name, said, remote_id=link.remote_id)


def _buys_by(customer: Customer, paired: PairedType, currency: str) -> bool:
    """Whether a price type is one of the customer's: by its price list, if it has one, and by its currency."""
    listed = customer.price_list_id is None or customer.price_list_id in paired.wholesale
    return listed and paired.type.currency == currency


def _links(connection_id: int) -> "QuerySet[Link]":
    links: QuerySet[Link] = Link.objects.filter(connection_id=connection_id, kind=CUSTOMER)
    return links
