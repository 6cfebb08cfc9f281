"""Structured logs: one JSON object a line on standard error, with the run and connection they belong to."""

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from linesheet.site.hiding import hide

_belongs_to: ContextVar[dict[str, Any] | None] = ContextVar("log_belongs_to", default=None)


@contextmanager
def about(**ids: Any) -> Iterator[None]:
    """Add ids (run=7, connection=3) to every line logged inside, also by threads started with its context."""
    token = _belongs_to.set({**(_belongs_to.get() or {}), **ids})
    try:
        yield
    finally:
        _belongs_to.reset(token)


def about_too(**ids: Any) -> None:
    """Add ids that are known only now, to the end of the innermost `about`."""
    inside = _belongs_to.get()
    if inside is None:
        raise RuntimeError("No line is about anything here: wrap this in about().")
    inside.update(ids)


class JsonLines(logging.Formatter):
    """Time in UTC, level, logger, message, ids, and the traceback where there is one; secrets in use blotted out."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": hide(record.getMessage()),
            **(_belongs_to.get() or {}),
        }
        if record.exc_info:
            line["traceback"] = hide(self.formatException(record.exc_info))
        return json.dumps(line, default=str)


def configure(options: dict[str, Any]) -> None:
    """Django's LOGGING_CONFIG hook."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(options["level"])
    for chatty in ("aiohttp.access", "procrastinate", "asyncio", "PIL", "botocore", "urllib3"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))
    # The transport tells of every call that failed; stamina would tell of it again, in words of its own.
    logging.getLogger("stamina").setLevel(max(logging.ERROR, root.level))
    # Every request has its own line; Django's, of those that were refused, would show addresses with signed tokens.
    logging.getLogger("django.request").setLevel(max(logging.ERROR, root.level))
