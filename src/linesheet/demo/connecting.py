"""The demo brand's connections: what any platform asks is answered from what it declares."""

from collections.abc import Mapping

from linesheet.books.models import Product, Season
from linesheet.demo import brand
from linesheet.sync.catalogue import add_section, place
from linesheet.sync.connections import add_connection
from linesheet.sync.models import Connection
from linesheet.sync.platform import Catalogue, Platform, SettingKind
from linesheet.sync.registry import platforms
from linesheet.sync.sandboxes import running_sandbox


def connect_sandboxes() -> list[Connection]:
    """Connect the company in hand to every sandbox that runs on this machine, with a catalogue of the newest season."""
    connected = []
    for platform in platforms().values():
        sandbox = running_sandbox(platform.key)
        if sandbox is not None:
            connection = connect(platform.name, platform, sandbox.url, sandbox.credentials)
            _publish(connection, platform)
            connected.append(connection)
    return connected


def connect(name: str, platform: Platform, url: str, credentials: Mapping[str, str]) -> Connection:
    """Connect the company in hand to an account; a season it asks for is the newest, several are all there are."""
    names = _seasons()
    by_kind = {SettingKind.SEASON: names[-1], SettingKind.SEASONS: ",".join(names)}
    answers = {one.key: by_kind[one.kind] for one in platform.settings if one.kind in by_kind}
    return add_connection(platform.key, name, base_url=url, credentials=credentials, settings=answers)


def section_path(catalogue: Catalogue, season: str, department: str, category: str) -> tuple[str, ...]:
    """The section for products of a season, department and category, as deep as the levels' names leave no doubt.

    A level is known by the last word of its name; a required one that is not gets the name of the brand.
    """
    known = {"season": season, "department": department, "gender": department, "category": category}
    path = []
    for level in catalogue.levels:
        name = known.get(level.name.casefold().rpartition(" ")[2]) or (brand.NAME if level.required else "")
        if not name:
            break
        path.append(name)
    return tuple(path)


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
