"""What people fill in."""

import datetime
from typing import Any

from django import forms

from linesheet.sync.models import Schedule


class ScheduleForm(forms.Form):
    """When a task runs by itself."""

    OFF, EVERY, DAILY = "off", "every", "daily"

    when = forms.ChoiceField(choices=[(OFF, "Off"), (EVERY, "Every"), (DAILY, "Daily at")])
    minutes = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=7 * 24 * 60,
        error_messages={
            "invalid": "Give the minutes as a whole number, such as 15.",
            "min_value": "Give at least 1 minute.",
            "max_value": "Give at most a week, which is 10,080 minutes.",
        },
    )
    at = forms.TimeField(
        required=False, error_messages={"invalid": "Give the time as hours and minutes, such as 06:30."}
    )

    def clean(self) -> dict[str, Any]:
        """The choice needs its minutes or its time; the other one does not count."""
        given: dict[str, Any] = super().clean() or {}
        when = given.get("when")
        for choice, field, example in ((self.EVERY, "minutes", "15"), (self.DAILY, "at", "06:30")):
            if when != choice:
                self.errors.pop(field, None)
            elif given.get(field) is None and field not in self.errors:
                self.add_error(field, f"Say when, such as {example}.")
        return given

    @property
    def every_minutes(self) -> int | None:
        """Minutes between two runs, where that was chosen."""
        return self.cleaned_data["minutes"] if self.cleaned_data["when"] == self.EVERY else None

    @property
    def daily_at(self) -> datetime.time | None:
        """Time of day, where that was chosen."""
        return self.cleaned_data["at"] if self.cleaned_data["when"] == self.DAILY else None

    @property
    def off(self) -> bool:
        """Whether the task should not run by itself."""
        return bool(self.cleaned_data["when"] == self.OFF)


def schedule_form(schedule: Schedule | None) -> ScheduleForm:
    """The form as the schedule stands."""
    if schedule is None:
        return ScheduleForm(initial={"when": ScheduleForm.OFF, "minutes": 60})
    on = ScheduleForm.EVERY if schedule.every_minutes else ScheduleForm.DAILY
    return ScheduleForm(
        initial={
            "when": on if schedule.enabled else ScheduleForm.OFF,
            "minutes": schedule.every_minutes or 60,
            "at": schedule.daily_at,
        }
    )
