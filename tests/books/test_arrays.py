import json
import re

import pytest
from django.db import connection
from psycopg.types.array import ListDumper
from psycopg.types.json import Jsonb

from linesheet.books.arrays import QuickListDumper

pytestmark = pytest.mark.django_db

ODD = ['say "yes"', "back\\slash", '\\"', "{1,2}", "NULL", "", " ", "ÿ\n'", 'two \\\\ and ""']


def test_text_with_quotes_and_backslashes_goes_through_an_array_as_it_is():
    with connection.cursor() as cursor:
        cursor.execute("SELECT unnest(%s::text[])", [[*ODD, None]])
        assert [row[0] for row in cursor.fetchall()] == [*ODD, None]
        cursor.execute("SELECT unnest(%s::jsonb[]) ->> 'text'", [[Jsonb({"text": text}) for text in ODD]])
        assert [row[0] for row in cursor.fetchall()] == ODD


def test_lists_are_written_as_psycopg_writes_them():
    texts = [*ODD, json.dumps({"a": ODD}), None, "x" * 1000]

    assert isinstance(ListDumper._re_esc, re.Pattern), "psycopg has renamed what QuickListDumper replaces"
    assert QuickListDumper(list).upgrade(texts, str).dump(texts) == ListDumper(list).upgrade(texts, str).dump(texts)
