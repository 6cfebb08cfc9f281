"""The ORM beside the event loop: one thread, one connection, one piece of work at a time."""

import asyncio
import contextvars
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from types import TracebackType
from typing import ParamSpec, Self, TypeVar

from django.db import close_old_connections, connections

from linesheet.books.tenancy import acting_for

P = ParamSpec("P")
T = TypeVar("T")

_kept: contextvars.ContextVar[list[ThreadPoolExecutor] | None] = contextvars.ContextVar("kept_threads", default=None)


@asynccontextmanager
async def keeping_threads() -> AsyncIterator[None]:
    """Have threads with their connections kept for the next that needs one, and closed at the end.

    To connect costs more than all that a small run asks of the database.
    """
    kept: list[ThreadPoolExecutor] = []
    token = _kept.set(kept)
    try:
        yield
    finally:
        _kept.reset(token)
        for thread in kept:
            await _close(thread)


class DatabaseThread:
    """Runs functions that use the ORM, in order, with a company in hand where one is given."""

    def __init__(self, company_id: int | None = None) -> None:
        self._company_id = company_id
        self._kept = _kept.get()
        self._thread = self._kept.pop() if self._kept else ThreadPoolExecutor(max_workers=1, thread_name_prefix="orm")

    async def __call__(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The result of `work(*args, **kwargs)`."""

        def one_piece() -> T:
            close_old_connections()
            if self._company_id is None:
                return work(*args, **kwargs)
            with acting_for(self._company_id):
                return work(*args, **kwargs)

        context = contextvars.copy_context()
        return await asyncio.get_running_loop().run_in_executor(self._thread, context.run, one_piece)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._kept is not None:
            self._kept.append(self._thread)
        else:
            await _close(self._thread)


async def _close(thread: ThreadPoolExecutor) -> None:
    await asyncio.get_running_loop().run_in_executor(thread, connections.close_all)
    thread.shutdown(wait=False)
