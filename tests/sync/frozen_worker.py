"""A worker that is frozen in the middle of a transaction, holding the run of that number; the database soon lets go.

Once it goes on it ends with 0 when it knows its session for lost.
"""

import os
import signal
import sys

from linesheet.site import boot

if __name__ == "__main__":
    boot.start()
    from django.db import transaction

    from linesheet.books.tenancy import acting_for
    from linesheet.sync import lease, worker
    from linesheet.sync.errors import LOST_DATABASE
    from linesheet.sync.models import Run

    worker.FROZEN_SECONDS = 0.5
    worker.let_go_when_frozen()
    run = Run.everywhere.get(pk=int(sys.argv[1]))
    try:
        with acting_for(run.company_id), transaction.atomic():
            lease.fence(run.pk, run.epoch)
            os.kill(os.getpid(), signal.SIGSTOP)
            lease.fence(run.pk, run.epoch)
    except LOST_DATABASE:
        sys.exit(0)
    sys.exit(1)
