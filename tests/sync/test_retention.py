import datetime

from django.utils import timezone

from linesheet.sync import retention
from linesheet.sync.models import Exchange


def exchange(connection, days: int) -> Exchange:
    return Exchange.objects.create(
        connection=connection,
        method="GET",
        url="/",
        started_at=timezone.now() - datetime.timedelta(days=days),
        response_body="[]",
    )


def test_bodies_go_first_and_lines_later(connection):
    fresh, old, ancient = exchange(connection, 1), exchange(connection, 40), exchange(connection, 400)

    assert retention.tidy() == 2

    assert {row.pk: row.response_body for row in Exchange.objects.all()} == {fresh.pk: "[]", old.pk: ""}
    assert not Exchange.objects.filter(pk=ancient.pk).exists()
    assert retention.tidy() == 0
