"""Settings of a running sandbox, changed through the control API."""

from typing import Any, TypeVar

import msgspec


class Settings(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What every sandbox lets its user set. Limits count per caller; null switches one off."""

    latency_ms: float = 0
    concurrency: int | None = None
    rate_per_second: float | None = None
    retry_after: float | None = 1


SettingsKind = TypeVar("SettingsKind", bound=Settings)


def changed(settings: SettingsKind, changes: dict[str, Any]) -> SettingsKind:
    """The settings with some values changed. Raises msgspec.ValidationError on a wrong name or type."""
    return msgspec.convert({**msgspec.structs.asdict(settings), **changes}, type(settings))
