"""Data export, second leg: the customers."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Cast

from linesheet.books.models import Address, Customer
from linesheet.books.reasons import Said
from linesheet.platforms.nuorder.client import NuOrderClient, remote_id
from linesheet.platforms.nuorder.compare import holds_company, version_of
from linesheet.platforms.nuorder.mapping import customer_findings, customer_to_wire
from linesheet.platforms.nuorder.wire import CompanyWire, Json
from linesheet.sync.errors import Refused
from linesheet.sync.legs import Accepted, Outbound, Sending
from linesheet.sync.models import Link


@dataclass(frozen=True, slots=True)
class CustomerRecord:
    """A customer with all of its addresses, and whether NuORDER has had addresses of it from us."""

    customer: Customer
    addresses: tuple[Address, ...]
    had_addresses: bool


class Customers(Outbound[CustomerRecord, CompanyWire]):
    """Active customers, and inactive ones that NuORDER has, so that they become inactive there too.

    Buyers are never sent: adding one invites a person by e-mail (sheet 7.3).
    """

    kind = "customer"
    wire = CompanyWire

    def select(self) -> "QuerySet[Customer]":
        linked = self._links.filter(record_id=Cast(OuterRef("pk"), CharField()))
        customers: QuerySet[Customer] = Customer.objects.filter(Q(active=True) | Exists(linked))
        return customers

    def load(self, ids: Sequence[str]) -> Sequence[CustomerRecord]:
        customers = Customer.objects.filter(pk__in=[int(pk) for pk in ids]).select_related("hold_status")
        sent = self._links.filter(record_id__in=ids, payload__has_key="addresses")
        had_addresses = set(sent.values_list("record_id", flat=True))
        return [
            CustomerRecord(customer, tuple(customer.addresses.all()), str(customer.pk) in had_addresses)
            for customer in customers.prefetch_related("addresses").order_by("pk")
        ]

    def record_id(self, record: CustomerRecord) -> str:
        return str(record.customer.pk)

    def label(self, record: CustomerRecord) -> str:
        return record.customer.name

    def check(self, record: CustomerRecord) -> Sequence[Said]:
        return customer_findings(record.customer, record.addresses)

    def map(self, record: CustomerRecord) -> CompanyWire:
        return customer_to_wire(record.customer, record.addresses, had_addresses=record.had_addresses)

    async def present(self) -> set[str] | None:
        return set(await self._client.company_ids())

    async def send(self, batch: Sequence[Sending]) -> Sequence[Accepted]:
        return [Accepted(remote_id(await self._sent(sending))) for sending in batch]

    async def holds(self, sending: Sending) -> Accepted | None:
        found = await self._held(sending)
        if found is None or not holds_company(found, sending.payload):
            return None
        return Accepted(remote_id(found))

    async def version(self, sending: Sending) -> str:
        return version_of(await self._held(sending), sending.payload)

    async def _sent(self, sending: Sending) -> Json:
        """Updates a linked company by its id: by code, a renamed customer would become a second company."""
        if sending.remote_id:
            try:
                return await self._client.update_company(sending.remote_id, sending.payload)
            except Refused as refused:
                if refused.status != 404:
                    raise
        return await self._client.upsert_company(sending.payload)

    async def _held(self, sending: Sending) -> Json | None:
        if sending.remote_id:
            return await self._client.company(sending.remote_id)
        return await self._client.company_by_code(sending.payload.code)

    @property
    def _links(self) -> QuerySet[Link]:
        links: QuerySet[Link] = Link.objects.filter(connection_id=self.context.connection_id, kind=self.kind)
        return links

    @property
    def _client(self) -> NuOrderClient:
        client: NuOrderClient = self.context.client
        return client
