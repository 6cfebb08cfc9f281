"""The one job of the queue: to work on a run. Procrastinate finds this module by its name."""

from procrastinate import JobContext
from procrastinate.contrib.django import app

from linesheet.sync.engine import execute

QUEUE = "runs"


@app.task(name="linesheet.work_on_run", queue=QUEUE, pass_context=True)
async def work_on_run(context: JobContext, run_id: int, company_id: int) -> None:
    """Work the run until it waits for approval or is finished."""
    await execute(run_id, company_id, context.job.id)
