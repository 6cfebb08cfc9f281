"""Days, as filters ask for them, in the member's zone."""

import datetime

from django.utils import timezone

from linesheet.web.lists import Filter
from linesheet.web.lists.declared import Rows


def days(field: str) -> tuple[Filter, Filter]:
    """The first and the last day, of rows with a moment in this field."""
    return (
        Filter(key="from", label="From", input="date", narrow=lambda rows, text: day(rows, field, text, last=False)),
        Filter(key="to", label="To", input="date", narrow=lambda rows, text: day(rows, field, text, last=True)),
    )


def day(rows: Rows, field: str, text: str, *, last: bool) -> Rows:
    """The rows from a day on, or up to and with it when `last`; all of them where the text is no day."""
    try:
        begins = datetime.datetime.combine(datetime.date.fromisoformat(text), datetime.time.min)
        begins = timezone.make_aware(begins)
        ends = begins + datetime.timedelta(days=1)
    except (ValueError, OverflowError):
        return rows
    return rows.filter(**{f"{field}__lt": ends} if last else {f"{field}__gte": begins})
