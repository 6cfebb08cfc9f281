"""The tabs of a connection, by what its platform declares."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse

from linesheet.sync.models import Connection
from linesheet.sync.platform import Direction, Platform
from linesheet.web.declared import platform_of


@dataclass(frozen=True, slots=True)
class Tab:
    """One page of a connection; `key` is the name that the page calls itself by."""

    key: str
    label: str
    address: str


def tabs_of(connection: Connection) -> list[Tab]:
    """The tabs that make sense for the connection's platform, of those that have a page."""
    tabs = []
    for key, label, url in _declared(platform_of(connection)):
        try:
            tabs.append(Tab(key, label, reverse(url, args=[connection.pk])))
        except NoReverseMatch:
            continue
    return tabs


def address_of_setting(connection: Connection, key: str = "") -> str:
    """Where a setting of the connection is answered: among its seasons, or its other settings."""
    name = "connection_seasons" if _seasonal(connection, key) else "connection_settings"
    return reverse(name, args=[connection.pk])


def page_of_setting(connection: Connection, key: str = "") -> str:
    """What the page is called on which a setting of the connection is answered."""
    return "Seasons" if _seasonal(connection, key) else "Settings"


def _seasonal(connection: Connection, key: str) -> bool:
    platform = platform_of(connection)
    setting = platform.setting(key) if platform else None
    return setting is not None and setting.seasonal


def _declared(platform: Platform | None) -> Iterator[tuple[str, str, str]]:
    """Key, label and the url's name of each tab. A platform that is gone leaves what was done through it."""
    directions = {task.direction for task in platform.tasks} if platform else set()
    yield "actions", "Actions", "connection"
    if platform and platform.endpoints:
        yield "keys", "Connection", "connection_keys"
    if platform and platform.catalogue:
        yield "catalogue", "Catalogue", "catalogue"
    yield "activity", "Activity", "activity"
    if Direction.IN in directions or not platform:
        yield "orders", "Orders", "connection_orders"
    if directions & {Direction.IN, Direction.OUT}:
        yield "links", "Links", "links"
    if directions & {Direction.OUT, Direction.FILE}:
        yield "readiness", "Readiness", "readiness"
    if platform and any(setting.seasonal for setting in platform.settings):
        yield "seasons", "Seasons", "connection_seasons"
    if platform:
        yield "settings", "Settings", "connection_settings"
