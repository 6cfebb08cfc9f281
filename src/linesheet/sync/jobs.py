"""The jobs of the queues: runs, imports, and looks at the readiness. Procrastinate finds this module by name."""

import asyncio
import threading

from procrastinate import JobContext
from procrastinate.contrib.django import app

from linesheet.sync import imports, match_looks, readiness
from linesheet.sync.database import DatabaseThread
from linesheet.sync.engine import execute

QUEUE = "runs"


@app.task(name="linesheet.work_on_run", queue=QUEUE, pass_context=True)
async def work_on_run(context: JobContext, run_id: int, company_id: int) -> None:
    """Work the run until it waits for approval or is finished."""
    await execute(run_id, company_id, context.job.id)


@app.task(name="linesheet.work_on_import", queue=imports.QUEUE, pass_context=True)
async def work_on_import(context: JobContext, import_id: int, company_id: int, by: int | None = None) -> None:
    """Check a file, bring it in, or take it back. A worker that is to stop takes back what it has done of it."""
    stop = threading.Event()
    async with DatabaseThread(company_id) as db:
        work = asyncio.ensure_future(db(imports.work, import_id, context.job.id or 0, stop, by))
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError:
            stop.set()
            await work
            raise


@app.task(name="linesheet.look_at_readiness", queue=readiness.QUEUE)
async def look_at_readiness(look_id: int, company_id: int) -> None:
    """Look at every record that the connection would send."""
    await readiness.look_through(look_id, company_id)


@app.task(name="linesheet.look_at_names", queue=match_looks.QUEUE)
async def look_at_names(connection_id: int, company_id: int) -> None:
    """Look at what the connection's latest records name and nobody has linked."""
    await match_looks.look_through(connection_id, company_id)
