import datetime
import json
import zoneinfo
from decimal import Decimal
from functools import partial

import pytest
from django.db import connection
from psycopg.types.json import Jsonb

from linesheet.books.arrays import array_text

pytestmark = pytest.mark.django_db

ODD = ['say "yes"', "back\\slash", '\\"', "{1,2}", "NULL", "null", "", " ", "ÿ\n'", 'two \\\\ and ""', "a,b", "%s"]
MOMENT = datetime.datetime(2026, 3, 1, 12, 30, 15, 250, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("text", [*ODD, None]),
        ("text", []),
        ("bigint", [0, -1, 2**63 - 1, None]),
        ("boolean", [True, False, None]),
        ("numeric", [Decimal("0.0001"), Decimal("1E+3"), Decimal("-9999999999.9999"), None]),
        ("date", [datetime.date(2026, 3, 1), datetime.date(1, 1, 1), None]),
        ("timestamptz", [MOMENT, MOMENT.astimezone(datetime.timezone(datetime.timedelta(hours=-5))), None]),
    ],
)
def test_values_come_out_of_an_array_as_they_went_in(kind, values):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT unnest(%s::{kind}[])", [array_text(values)])
        assert [row[0] for row in cursor.fetchall()] == values


def test_two_moments_of_one_hour_that_comes_twice_stay_two():
    berlin = zoneinfo.ZoneInfo("Europe/Berlin")
    first, second = (datetime.datetime(2026, 10, 25, 2, 30, fold=fold, tzinfo=berlin) for fold in (0, 1))
    with connection.cursor() as cursor:
        cursor.execute("SELECT unnest(%s::timestamptz[])", [array_text([first, second])])
        moments = [row[0] for row in cursor.fetchall()]
    assert moments[1] - moments[0] == datetime.timedelta(hours=1)


def test_json_goes_through_an_array_as_it_is():
    with connection.cursor() as cursor:
        values = [Jsonb({"text": text}, dumps=partial(json.dumps, cls=None)) for text in ODD]
        cursor.execute("SELECT unnest(%s::jsonb[]) ->> 'text'", [array_text(values)])
        assert [row[0] for row in cursor.fetchall()] == ODD


def test_what_has_no_text_of_its_own_is_refused():
    with pytest.raises(TypeError):
        array_text([object()])
