"""Open problems of a connection, one by one."""

from django.http import HttpResponseBase

from linesheet.web import lists
from linesheet.web.access import MemberRequest
from linesheet.web.activity.problems import problems_of
from linesheet.web.declared import connection_or_404


def show(request: MemberRequest, connection_id: int) -> HttpResponseBase:
    """The open problems of a connection; `reason` in the query string is what links ask for."""
    connection = connection_or_404(request, connection_id)
    return lists.show(request, problems_of(connection), {"connection": connection})
