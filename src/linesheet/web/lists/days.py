"""Days, as filters ask for them, in the member's zone."""

import datetime

from django.utils import timezone

from linesheet.web.lists.declared import Filter, Rows


def days(field: str, begins: str = "From", ends: str = "To") -> tuple[Filter, Filter]:
    """The first and the last day, with these labels, of rows with a moment in this field."""
    return (
        Filter(key="from", label=begins, input="date", narrow=lambda rows, text: day(rows, field, text, last=False)),
        Filter(key="to", label=ends, input="date", narrow=lambda rows, text: day(rows, field, text, last=True)),
    )


def day(rows: Rows, field: str, text: str, *, last: bool) -> Rows:
    """The rows from a day on, or up to and with it when `last`; none where the text is no day."""
    try:
        date = datetime.date.fromisoformat(text)
    except ValueError:
        return rows.none()
    try:
        begins = timezone.make_aware(datetime.datetime.combine(date, datetime.time.min))
        ends = begins + datetime.timedelta(days=1)
    except OverflowError:  # so near the end of all days, or their beginning, that nothing lies beyond
        return rows
    return rows.filter(**{f"{field}__lt": ends} if last else {f"{field}__gte": begins})
