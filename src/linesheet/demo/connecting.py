"""The demo brand's connections: what any platform asks is answered from what it declares."""

import json
import urllib.request
from collections.abc import Mapping

from django.db import transaction

from linesheet.books.models import Member, Product, Season
from linesheet.books.tenancy import acting_for
from linesheet.demo import brand
from linesheet.sync import api_keys, offers, pairs
from linesheet.sync.catalogue import add_section, place
from linesheet.sync.connections import add_connection, change_connection
from linesheet.sync.endpoints import Endpoints
from linesheet.sync.models import Connection
from linesheet.sync.offers import OffersRefused
from linesheet.sync.platform import Catalogue, Platform, SettingKind
from linesheet.sync.registry import platforms
from linesheet.sync.sandboxes import Announced, running_sandbox

OFFERS_SECONDS = 10.0


def connect_sandboxes(hub: str = "") -> list[Connection]:
    """Connect the company in hand to every sandbox that runs on this machine, with a catalogue of the newest season.

    One whose platform calls us gets a key and is told to call this `hub`, where we know its address.
    """
    connected = []
    for platform in platforms().values():
        sandbox = running_sandbox(platform.key)
        if sandbox is not None:
            connection = connect(platform.name, platform, sandbox.url, sandbox.credentials)
            _publish(connection, platform)
            if hub and platform.endpoints:
                _let_call(sandbox, connection, platform.endpoints, hub)
            connected.append(connection)
    return connected


def connect(name: str, platform: Platform, url: str, credentials: Mapping[str, str]) -> Connection:
    """Connect the company in hand to an account; a season it asks for is the newest, several are all there are.

    A member it cannot do without is the owner.
    """
    names = _seasons()
    by_kind = {SettingKind.SEASON: names[-1], SettingKind.SEASONS: ",".join(names)}
    answers = {one.key: by_kind[one.kind] for one in platform.settings if one.kind in by_kind}
    owner = Member.objects.filter(role=Member.Role.OWNER).select_related("user").order_by("pk").first()
    if owner:
        answers |= {
            one.key: owner.user.email for one in platform.settings if one.kind is SettingKind.MEMBER and one.required
        }
    connection = add_connection(platform.key, name, base_url=url, credentials=credentials, settings=answers)
    pair(connection, platform)
    return connection


def pair(connection: Connection, platform: Platform) -> None:
    """Pair records of the books with all that the account offers in the brand's currency.

    An account that does not answer leaves that open, as does one that offers nothing for it.
    """
    asked = [one for one in platform.settings if one.kind is SettingKind.PAIRS]
    if platform.offers is None or not asked:
        return
    try:
        offered = offers.ask(connection, within=OFFERS_SECONDS)
    except OffersRefused:
        return
    answers = {}
    for setting in asked:
        found = [choice.value for choice in offered.get(setting.offers, ()) if brand.CURRENCY in choice.label]
        if found:
            values = found[:1] if setting.one else found
            answers[setting.key] = {str(record.pk): values for record in pairs.asked_of(setting, ())}
    change_connection(connection, settings=answers)


def section_path(catalogue: Catalogue, season: str, department: str, category: str) -> tuple[str, ...]:
    """The section for products of a season, department and category, as deep as the levels' names leave no doubt.

    A level is known by the last word of its name; a required one that is not gets the name of the brand.
    """
    known = {
        "season": season,
        "department": department,
        "gender": department,
        "category": category,
        "collection": f"{season} {department}",
        "look": category,
    }
    path = []
    for level in catalogue.levels:
        name = known.get(level.name.casefold().rpartition(" ")[2]) or (brand.NAME if level.required else "")
        if not name:
            break
        path.append(name)
    return tuple(path)


def _let_call(sandbox: Announced, connection: Connection, endpoints: Endpoints, hub: str) -> None:
    """Give the sandbox a key of the connection. One that does not answer leaves that to people."""
    made = api_keys.make(connection, "Sandbox", [scope.key for scope in endpoints.scopes])
    body = json.dumps({"url": hub, "key": made.secret}).encode()
    asked = urllib.request.Request(f"{sandbox.url}/_control/hub", data=body, method="POST")  # noqa: S310 - this machine

    def tell() -> None:
        try:
            with urllib.request.urlopen(asked, timeout=OFFERS_SECONDS):  # noqa: S310
                pass
        except OSError:
            with acting_for(connection.company):
                api_keys.revoke(made.key)

    # It calls at once, and the key has to be there by then.
    transaction.on_commit(tell)


def _publish(connection: Connection, platform: Platform) -> None:
    """Place the brand's products, in sections of the newest season."""
    if platform.catalogue is None:
        return
    newest = _seasons()[-1]
    by_code = {product.code: product for product in Product.objects.all()}
    for code, (department, category) in brand.departments().items():
        path = section_path(platform.catalogue, newest, department, category)
        place(add_section(connection, path), [by_code[code]])


def _seasons() -> list[str]:
    """The names of the seasons in the books, the newest last."""
    return list(Season.objects.order_by("starts_on").values_list("name", flat=True))
