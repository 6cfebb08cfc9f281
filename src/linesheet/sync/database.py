"""The ORM beside the event loop: one thread, one connection, one piece of work at a time."""

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import ParamSpec, Self, TypeVar

from django.db import close_old_connections, connections

from linesheet.books.tenancy import acting_for

P = ParamSpec("P")
T = TypeVar("T")


class DatabaseThread:
    """Runs functions that use the ORM, in order, with a company in hand where one is given."""

    def __init__(self, company_id: int | None = None) -> None:
        self._company_id = company_id
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="orm")

    async def __call__(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The result of `work(*args, **kwargs)`."""

        def one_piece() -> T:
            close_old_connections()
            if self._company_id is None:
                return work(*args, **kwargs)
            with acting_for(self._company_id):
                return work(*args, **kwargs)

        context = contextvars.copy_context()
        return await asyncio.get_running_loop().run_in_executor(self._pool, context.run, one_piece)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.get_running_loop().run_in_executor(self._pool, connections.close_all)
        self._pool.shutdown(wait=False)
