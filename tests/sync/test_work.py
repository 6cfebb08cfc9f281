"""The recorder: whatever is added while it records is written, however the writing falls."""

import asyncio
import datetime
from types import SimpleNamespace

import pytest

from linesheet.sync.journal import Holder
from linesheet.sync.transport import Call
from linesheet.sync.work import Work


class Book:
    """Stands where the database thread is, and writes as slowly as a test wants."""

    def __init__(self) -> None:
        self.written: list[str] = []
        self.writing = asyncio.Event()
        self.go_on = asyncio.Event()
        self.torn = False

    async def __call__(self, record, holder, outcomes, calls) -> None:
        self.writing.set()
        await self.go_on.wait()
        if self.torn:
            raise OSError("the database is gone")
        self.written += [one.url for one in calls]


def call(url: str) -> Call:
    return Call("GET", url, datetime.datetime.now(datetime.UTC))


def work_with(book: Book) -> Work:
    return Work(
        holder=Holder(1, 1, 1, 1),
        platform=None,
        connection_name="",
        task="",
        approved=False,
        concurrency=1,
        per_second=None,
        pulse=SimpleNamespace(halted=False),
        db=book,
    )


def test_what_is_added_while_a_flush_is_under_way_is_written_too():
    async def story():
        book = Book()
        work = work_with(book)
        async with work.recording():
            work.add_call(call("first"))
            await book.writing.wait()
            work.add_call(call("second"))
            asyncio.get_running_loop().call_later(0.05, book.go_on.set)
        return book.written

    assert asyncio.run(story()) == ["first", "second"]


def test_what_was_added_before_an_error_is_written():
    async def story():
        book = Book()
        book.go_on.set()
        work = work_with(book)
        with pytest.raises(ValueError, match="ours"):
            async with work.recording():
                work.add_call(call("first"))
                raise ValueError("ours")
        return book.written

    assert asyncio.run(story()) == ["first"]


def test_when_nothing_can_be_written_nothing_more_is_sent():
    async def story():
        book = Book()
        book.go_on.set()
        book.torn = True
        work = work_with(book)
        with pytest.raises(OSError, match="gone"):
            async with work.recording():
                work.add_call(call("first"))
                await book.writing.wait()
        return work.pulse.halted

    assert asyncio.run(story())
