"""Customers of the books that a platform may mean: the same code, e-mail or address, or a name that is alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Lower, Replace
from rapidfuzz import fuzz, process

from linesheet.books.models import Address, Contact, Customer
from linesheet.books.tenancy import company_in_hand
from linesheet.sync.incoming import IncomingOrder
from linesheet.sync.likeness import MOST_LIKE, Grounds, Like, bare, folded, grouped

ALIKE = 72.0
"""Names that are less alike than so many percent say nothing by themselves."""
ALIKE_NEAR = 55.0
"""Where the address is the same already, so much is enough."""
CODE, E_MAIL, POSTCODE, ADDRESS, DOMAIN = 98, 95, 90, 86, 80
NAME_COUNTS = 0.85
"""A name that is wholly alike, but not the same, is likely and never sure."""
MOST_CANDIDATES = 40
"""Customers whose names are compared in earnest, those with most letters in common."""
IN_COMMON = 0.4
"""Of all groups of three letters that two names have, the part that they must share to be compared."""
MOST_WORDS = 6
"""Words of a name whose parts are looked for."""
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
        postcode=packed(address.get("postcode", "")),
        street=folded(address.get("line_1", "")),
    )


def like_customers(sought: Sequence[Sought], but: int = 0) -> list[list[Like]]:
    """For each the customers that may be meant, the likeliest first, none of them `but`. Five queries at most."""
    if not sought:
        return []
    by_code = _by_code({each.code for each in sought} - {""})
    by_email = _by_email({each.email for each in sought} - {""}, {each.domain for each in sought} - {""})
    by_postcode = _by_postcode({each.postcode for each in sought} - {""})
    alike = _with_trigrams([each.name for each in sought])
    near = {pk for found in (*by_email.values(), *by_postcode.values()) for pk, _ in found}
    names = {pk: bare(name) for found in alike for pk, name in found.items()}
    unnamed = Customer.objects.filter(pk__in=near - names.keys()).order_by()
    names |= {pk: bare(name) for pk, name in unnamed.values_list("pk", "name")}
    found = []
    for each, candidates in zip(sought, alike, strict=True):
        grounds, name = Grounds(), bare(each.name)
        for pk in by_code.get(folded(each.code), ()):
            grounds.add(pk, CODE, f"same account code {each.code}")
        for pk, email in by_email.get(each.domain or folded(each.email), ()):
            if folded(email) == folded(each.email):
                grounds.add(pk, E_MAIL, f"a contact with the same e-mail {email}")
            elif each.domain and fuzz.WRatio(name, names.get(pk, "")) >= ALIKE_NEAR:
                grounds.add(pk, DOMAIN, f"e-mail at the same domain {each.domain} and a similar name")
        for pk, street in by_postcode.get(each.postcode, ()):
            if name and fuzz.WRatio(name, names.get(pk, "")) >= ALIKE_NEAR:
                grounds.add(pk, POSTCODE, f"same postcode {each.postcode.upper()} and a similar name")
            if each.street and street == each.street:
                grounds.add(pk, ADDRESS, f"same address {street.title()}, {each.postcode.upper()}")
        for pk, score in _alike(name, {pk: names[pk] for pk in candidates}):
            grounds.add(pk, round(score * NAME_COUNTS), f"name {score:.0f} % alike")
        found.append(grounds.best(but))
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


def _with_trigrams(wanted: Sequence[str]) -> list[dict[int, str]]:
    """For each name the customers whose own share most letters with it, by the index of these: ids with their names.

    Those whose whole name is a part of it as well.
    """
    names = [" ".join(name.lower().split()) for name in wanted]
    parts = [_parts(name) for name in names]
    flat = [(at, part) for at, of in enumerate(parts) for part in of]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pg_trgm.similarity_threshold', %s, true)", [str(IN_COMMON)])
        cursor.execute(
            """
            SELECT sought.at, found.id, found.name
              FROM unnest(%(names)s::text[]) WITH ORDINALITY AS sought (name, at)
             CROSS JOIN LATERAL (
                   SELECT id, name FROM books_customer
                    WHERE company_id = %(company)s AND merged_into_id IS NULL AND lower(name) %% sought.name
                    ORDER BY similarity(lower(name), sought.name) DESC, id
                    LIMIT %(most)s
                   ) found
             UNION ALL
            SELECT part.at, id, customer.name
              FROM unnest(%(ats)s::int[], %(parts)s::text[]) AS part (at, name)
              JOIN books_customer customer
                ON company_id = %(company)s AND merged_into_id IS NULL AND lower(customer.name) = part.name
            """,
            {
                "names": names,
                "company": company_in_hand(),
                "most": MOST_CANDIDATES,
                "ats": [at + 1 for at, _ in flat],
                "parts": [part for _, part in flat],
            },
        )
        found: list[dict[int, str]] = [{} for _ in names]
        for at, pk, name in cursor.fetchall():
            found[at - 1][pk] = name
    return found


def _parts(name: str) -> set[str]:
    """Words of a name that follow each other: a shorter form of it is among them."""
    words = name.split()[:MOST_WORDS]
    return {" ".join(words[start:end]) for start in range(len(words)) for end in range(start + 1, len(words) + 1)}


def _by_code(wanted: set[str]) -> dict[str, list[int]]:
    if not wanted:
        return {}
    folded_codes = {folded(code) for code in wanted}
    rows = Customer.objects.filter(merged_into=None).exclude(account_code="").alias(folded=Lower("account_code"))
    return grouped(rows.filter(folded__in=folded_codes).order_by().values_list("account_code", "pk"))


def _by_email(emails: set[str], domains: set[str]) -> dict[str, list[tuple[int, str]]]:
    """Customers with their contacts' e-mails, by domain where that tells anything, else by the whole address."""
    if not emails:
        return {}
    wanted = Q(folded__in={folded(email) for email in emails})
    for domain in domains:
        wanted |= Q(folded__endswith=f"@{domain}")
    rows = (
        Contact.objects.filter(customer__merged_into=None)
        .exclude(email="")
        .alias(folded=Lower("email"))
        .filter(wanted)
        .order_by("pk")
    )
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
    rows = Address.objects.filter(customer__merged_into=None).exclude(postcode="")
    rows = rows.annotate(packed=packed).filter(packed__in=wanted).order_by("pk")
    found: dict[str, list[tuple[int, str]]] = {}
    for postcode, pk, street in rows.values_list("packed", "customer_id", "line_1"):
        found.setdefault(postcode, []).append((pk, folded(street)))
    return found


def packed(postcode: str) -> str:
    """A postcode as it is compared."""
    return "".join(postcode.split()).lower()
