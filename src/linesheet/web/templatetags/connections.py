"""What every page of a connection begins with, and how connections are shown in a few signs."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from linesheet.sync import called, shown
from linesheet.sync.endpoints import Scope
from linesheet.sync.models import ApiKey, Connection
from linesheet.sync.scopes import told_of
from linesheet.sync.standing import Health
from linesheet.web.declared import platform_of
from linesheet.web.tabs import address_of_setting, page_of_setting, tabs_of

register = template.Library()

_TONES: Mapping[Health, str] = {
    Health.NOT_INSTALLED: "bad",
    Health.INCOMPLETE: "bad",
    Health.FAILS: "bad",
    Health.OFF: "off",
    Health.PAUSED: "waiting",
    Health.PROBLEMS: "warn",
    Health.NEW: "waiting",
    Health.WELL: "good",
}


@register.inclusion_tag("web/connections/_tabs.html")
def connection_tabs(connection: Connection, here: str) -> dict[str, Any]:
    """The tabs of a connection; `here` is the key of the page that is open (see `web.tabs`)."""
    return {"tabs": tabs_of(connection), "here": here, "connection": connection}


@register.filter
def scopes(key: ApiKey) -> list[Scope]:
    """What a key may be used for, in words too; of a scope that is not declared any more there are none."""
    return told_of(key)


@register.simple_tag
def is_called(connection: Connection) -> bool:
    """Whether the connection's platform calls us."""
    return called.calls_us(platform_of(connection))


@register.simple_tag
def is_only_called(connection: Connection) -> bool:
    """Whether the connection's platform calls us, and we never call it."""
    return called.only_calls_us(platform_of(connection))


@register.simple_tag
def picked_customers(connection: Connection) -> int:
    """How many customers were chosen to be shown through the connection."""
    return shown.picked(connection.pk).count()


@register.simple_tag
def setting_address(connection: Connection, key: str = "") -> str:
    """Where the setting of that key is answered."""
    return address_of_setting(connection, key)


@register.simple_tag
def setting_page(connection: Connection, key: str = "") -> str:
    """The name of the page where it is answered."""
    return page_of_setting(connection, key)


@register.simple_tag
def remote_id(connection: Connection, kind: str, remote_id: str, label: str = "") -> SafeString:
    """What a record is called on the platform of a connection, as a link to its own page there if that is known."""
    platform = platform_of(connection)
    shown = format_html('<span class="id">{}</span>', label or remote_id)
    if platform is None or not (address := platform.page(connection.base_url, kind, remote_id)):
        return shown
    link = '<a href="{}" target="_blank" rel="noopener noreferrer" title="Open on {}">{}</a>'
    return format_html(link, address, platform.name, shown)


@register.inclusion_tag("web/parts/badge.html")
def health_badge(health: Health) -> dict[str, str]:
    """How a connection is, in a word."""
    return {"tone": _TONES[health], "label": health.says}
