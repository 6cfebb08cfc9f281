"""Customers of the books that a platform may mean: the same code, e-mail or address, or a name that is alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import F, Q, Value
from django.db.models.functions import Lower, Replace
from rapidfuzz import fuzz, process

from linesheet.books.models import Address, Contact, Customer
from linesheet.sync.incoming import IncomingOrder
from linesheet.sync.likeness import MOST_LIKE, Grounds, Like, bare, folded, grouped

ALIKE = 72.0
"""Names that are less alike than so many percent say nothing by themselves."""
ALIKE_NEAR = 55.0
"""Where the address is the same already, so much is enough."""
CODE, E_MAIL, POSTCODE, ADDRESS, DOMAIN = 98, 95, 90, 86, 80
NAME_COUNTS = 0.85
"""A name that is wholly alike, but not the same, is likely and never sure."""
_ANYBODYS = frozenset({"gmail.com", "outlook.com", "hotmail.com", "yahoo.com", "icloud.com", "gmx.de", "web.de"})
"""Domains of e-mail that everybody may have an address at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """A customer as a platform names it, "" for what it does not say."""

    name: str = ""
    code: str = ""
    email: str = ""
    postcode: str = ""
    street: str = ""

    @property
    def domain(self) -> str:
        """What stands behind the @ of the e-mail, unless that is anybody's."""
        domain = folded(self.email).partition("@")[2]
        return "" if domain in _ANYBODYS else domain


def sought_by(order: IncomingOrder) -> Sought:
    """The customer of an order."""
    address = order.addresses.get("accounts") or order.addresses.get("delivery") or {}
    return Sought(
        name=order.customer_name,
        code=order.customer_code.strip(),
        email=order.customer_email.strip(),
        postcode=_packed(address.get("postcode", "")),
        street=folded(address.get("line_1", "")),
    )


def like_customers(sought: Sequence[Sought]) -> list[list[Like]]:
    """For each the customers that may be meant, the likeliest first. Four queries, however many are sought."""
    if not sought:
        return []
    names = {pk: bare(name) for pk, name in Customer.objects.order_by().values_list("pk", "name")}
    by_code = _by_code({each.code for each in sought} - {""})
    by_email = _by_email({each.email for each in sought} - {""}, {each.domain for each in sought} - {""})
    by_postcode = _by_postcode({each.postcode for each in sought} - {""})
    found = []
    for each in sought:
        grounds, name = Grounds(), bare(each.name)
        for pk in by_code.get(folded(each.code), ()):
            grounds.add(pk, CODE, f"same account code {each.code}")
        for pk, email in by_email.get(each.domain or folded(each.email), ()):
            if folded(email) == folded(each.email):
                grounds.add(pk, E_MAIL, f"a contact with the same e-mail {email}")
            elif each.domain and fuzz.WRatio(name, names.get(pk, "")) >= ALIKE_NEAR:
                grounds.add(pk, DOMAIN, f"e-mail at the same domain {each.domain} and a similar name")
        for pk, street in by_postcode.get(each.postcode, ()):
            near = fuzz.WRatio(name, names.get(pk, "")) if name else 0
            if near >= ALIKE_NEAR:
                grounds.add(pk, POSTCODE, f"same postcode {each.postcode.upper()} and a similar name")
            if each.street and street == each.street:
                grounds.add(pk, ADDRESS, f"same address {street.title()}, {each.postcode.upper()}")
        for pk, score in _alike(name, names):
            grounds.add(pk, round(score * NAME_COUNTS), f"name {score:.0f} % alike")
        found.append(grounds.best())
    return found


def _alike(name: str, names: Mapping[int, str]) -> list[tuple[int, float]]:
    """Customers whose names share words with it, the most alike first.

    The scorer that is right about long and short forms of a name is slow, so it sees only what a quick one picks.
    """
    if not name:
        return []
    picked = process.extract(name, names, scorer=fuzz.token_set_ratio, score_cutoff=ALIKE, limit=4 * MOST_LIKE)
    scored = [(pk, fuzz.WRatio(name, other)) for other, _, pk in picked]
    return sorted((each for each in scored if each[1] >= ALIKE), key=lambda each: -each[1])[:MOST_LIKE]


def _by_code(wanted: set[str]) -> dict[str, list[int]]:
    if not wanted:
        return {}
    folded_codes = {folded(code) for code in wanted}
    rows = Customer.objects.exclude(account_code="").alias(folded=Lower("account_code"))
    return grouped(rows.filter(folded__in=folded_codes).order_by().values_list("account_code", "pk"))


def _by_email(emails: set[str], domains: set[str]) -> dict[str, list[tuple[int, str]]]:
    """Customers with their contacts' e-mails, by domain where that tells anything, else by the whole address."""
    if not emails:
        return {}
    wanted = Q(folded__in={folded(email) for email in emails})
    for domain in domains:
        wanted |= Q(folded__endswith=f"@{domain}")
    rows = Contact.objects.exclude(email="").alias(folded=Lower("email")).filter(wanted).order_by("pk")
    found: dict[str, list[tuple[int, str]]] = {}
    for email, pk in rows.values_list("email", "customer_id"):
        domain = folded(email).partition("@")[2]
        found.setdefault(domain if domain in domains else folded(email), []).append((pk, email))
    return found


def _by_postcode(wanted: set[str]) -> dict[str, list[tuple[int, str]]]:
    """Customers with the streets they have there, by postcode without spaces."""
    if not wanted:
        return {}
    packed = Lower(Replace(F("postcode"), Value(" "), Value("")))
    rows = Address.objects.exclude(postcode="").annotate(packed=packed).filter(packed__in=wanted).order_by("pk")
    found: dict[str, list[tuple[int, str]]] = {}
    for postcode, pk, street in rows.values_list("packed", "customer_id", "line_1"):
        found.setdefault(postcode, []).append((pk, folded(street)))
    return found


def _packed(postcode: str) -> str:
    return "".join(postcode.split()).lower()
