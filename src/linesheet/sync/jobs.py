"""The jobs of the queue: to work on a run, and to look how ready the books are. Procrastinate finds them by name."""

from procrastinate import JobContext
from procrastinate.contrib.django import app

from linesheet.sync import readiness
from linesheet.sync.engine import execute

QUEUE = "runs"
LOOKS = "looks"
"""A queue of its own: who tidies the other closes every job there that belongs to no run."""


@app.task(name="linesheet.work_on_run", queue=QUEUE, pass_context=True)
async def work_on_run(context: JobContext, run_id: int, company_id: int) -> None:
    """Work the run until it waits for approval or is finished."""
    await execute(run_id, company_id, context.job.id)


@app.task(name="linesheet.look_at_readiness", queue=LOOKS)
async def look_at_readiness(look_id: int, company_id: int) -> None:
    """Look at every record that the connection would send."""
    await readiness.look_through(look_id, company_id)
