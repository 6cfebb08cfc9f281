"""Structured logs: one JSON object a line on standard error, with the run and connection they belong to."""

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

_belongs_to: ContextVar[dict[str, Any]] = ContextVar("log_belongs_to", default={})  # noqa: B039 - never mutated


@contextmanager
def about(**ids: Any) -> Iterator[None]:
    """Add ids (run=7, connection="NuORDER") to every line logged inside."""
    token = _belongs_to.set({**_belongs_to.get(), **ids})
    try:
        yield
    finally:
        _belongs_to.reset(token)


class JsonLines(logging.Formatter):
    """Time in UTC, level, logger, message, ids, and the traceback where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_belongs_to.get(),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def configure(options: dict[str, Any]) -> None:
    """Django's LOGGING_CONFIG hook."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(options["level"])
    for chatty in ("aiohttp.access", "procrastinate", "asyncio", "PIL", "botocore", "stamina", "urllib3"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))
    # Every request has its own line; Django's, of those that were refused, would show addresses with signed tokens.
    logging.getLogger("django.request").setLevel(max(logging.ERROR, root.level))
