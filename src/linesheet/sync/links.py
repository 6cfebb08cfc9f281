"""Forgetting what is known of the remote side."""

from linesheet.sync.models import Connection, Link


def forget_links(connection: Connection, kind: str = "") -> int:
    """Forget which remote records belong to ours, of one kind or of all; how many were forgotten.

    The next run finds or creates each record anew. For an account that was emptied or replaced.
    """
    links = Link.objects.filter(connection=connection)
    return int((links.filter(kind=kind) if kind else links).delete()[0])
