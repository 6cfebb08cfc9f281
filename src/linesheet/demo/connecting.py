"""The demo brand's connections: what any platform asks is answered from what it declares."""

from collections.abc import Mapping
from itertools import islice

from linesheet.books.models import Product, Season
from linesheet.demo import brand
from linesheet.sync.catalogue import add_section, place
from linesheet.sync.connections import add_connection
from linesheet.sync.models import Connection
from linesheet.sync.platform import Platform, SettingKind
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


def _publish(connection: Connection, platform: Platform) -> None:
    """Place the newest season's products, by department and category, as deep as the platform wants."""
    if platform.catalogue is None:
        return
    newest = _seasons()[-1]
    by_code = {product.code: product for product in Product.objects.all()}
    for code, (department, category) in brand.departments().items():
        path = tuple(islice((newest, department, category), max(1, len(platform.catalogue.levels))))
        place(add_section(connection, path), [by_code[code]])


def _seasons() -> list[str]:
    """The names of the seasons in the books, the newest last."""
    return list(Season.objects.order_by("starts_on").values_list("name", flat=True))
