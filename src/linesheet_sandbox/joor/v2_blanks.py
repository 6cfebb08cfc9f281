"""Empty lists of API v2, which may arrive as "" (sheet 7.2)."""

from typing import Any

from linesheet_sandbox.common.store import Record
from linesheet_sandbox.joor.portal import JoorPortal


def blanked(portal: JoorPortal, content: Record) -> Record:
    """The content of an answer, its empty lists as "" where the settings say so."""
    if not portal.settings.empty_list_as_text:
        return content
    return {key: _blanked(part) for key, part in content.items()}


def _blanked(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _blanked(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_blanked(part) for part in value] or ""
    return value
