"""What an e-mail about runs says: plain text, for people. Nothing is sent here."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings as site

from linesheet.books.words import counted, day_in_words
from linesheet.sync import registry
from linesheet.sync.models import Connection, Notice, NoticeSeverity, Webhook

_ENDED = {
    NoticeSeverity.FAILED: "failed",
    NoticeSeverity.PROBLEMS: "ended with problems",
    NoticeSeverity.DONE: "went well",
}
_HEADINGS = {
    NoticeSeverity.FAILED: "FAILED",
    NoticeSeverity.PROBLEMS: "DONE WITH PROBLEMS",
    NoticeSeverity.DONE: "DONE",
}
_WORST_FIRST = list(NoticeSeverity)


@dataclass(frozen=True, slots=True)
class Letter:
    """An e-mail ready to send; the subject is one line."""

    subject: str
    body: str


def of_one_run(notice: Notice, zone: ZoneInfo) -> Letter:
    """The e-mail about one run, times in the reader's zone."""
    what, ended = _what(notice), _ENDED[NoticeSeverity(notice.severity)]
    link = _link(f"/runs/{notice.run_id}/")
    parts = [
        f"{what} {ended} on {_moment(notice.made_at, zone)}.",
        notice.says,
        *_told(notice),
        f"The run, record by record: {link}" if link else f"This is run {notice.run_id}.",
        _why_you(),
    ]
    return Letter(_one_line(f"{notice.company.name}: {what} {ended}"), _body(parts))


def of_webhook(notice: Notice, webhook: Webhook) -> Letter:
    """The e-mail about a webhook that was switched off."""
    link = _link(f"/company/webhooks/{webhook.pk}/")
    parts = [
        *_told(notice),
        notice.says,
        f"The webhook, message by message: {link}" if link else f"This is webhook {webhook.pk}.",
        f"--\nYou are told of this as an owner of {notice.company.name}.",
    ]
    return Letter(_one_line(f"{notice.company.name}: a webhook is switched off"), _body(parts))


def digest(notices: Sequence[Notice], zone: ZoneInfo) -> Letter:
    """The e-mail about all runs of a day of one company, errors first, then successes; `notices` are not empty.

    Runs of one task that ended alike are one paragraph, with the reasons of the last of them.
    """
    worst_first = sorted(
        notices, key=lambda one: (_WORST_FIRST.index(NoticeSeverity(one.severity)), _what(one), one.pk)
    )
    ended, parts = [], []
    for severity, alike in groupby(worst_first, key=lambda one: NoticeSeverity(one.severity)):
        of_severity = list(alike)
        ended.append(f"{counted(len(of_severity), 'run')} {_ENDED[severity]}")
        parts.append(_HEADINGS[severity])
        parts += [_paragraph(list(of_task), zone) for _, of_task in groupby(of_severity, key=_what)]
    company, day = notices[0].company.name, max(one.made_at for one in notices).astimezone(zone)
    summary = ", ".join(ended)
    opening = f"Since the last digest of {company}: {summary}."
    return Letter(_one_line(f"{company}, {day_in_words(day)}: {summary}"), _body([opening, *parts, _why_you()]))


def test(company: str) -> Letter:
    """The e-mail that shows that e-mails arrive."""
    return Letter(
        _one_line(f"{company}: a test message"),
        _body(
            [
                f"This is the test message you asked for in {company}. Messages about runs will arrive like this one.",
                _why_you(),
            ]
        ),
    )


def _paragraph(notices: Sequence[Notice], zone: ZoneInfo) -> str:
    last = notices[-1]
    when = _moment(last.made_at, zone)
    times = f"on {when}" if len(notices) == 1 else f"{len(notices):,} times, last on {when}"
    link = _link(f"/runs/{last.run_id}/")
    lines = [f"{_what(last)}, {times}", last.says, *_told(last), link]
    return "\n".join(f"  {line}" for text in lines if text for line in text.splitlines())


def _told(notice: Notice) -> list[str]:
    """The reasons, each with how many records have it and what helps."""
    told = [_reason(reason) for reason in notice.reasons]
    if notice.others:
        told.append(f"{counted(notice.others, 'record')} for other reasons.")
    return told


def _reason(reason: dict[str, Any]) -> str:
    count, says = reason["count"], reason["says"]
    if count > 1:
        says = f"{counted(count, 'record')}, for example: {says}"
    return f"{says}\nWhat helps: {reason['fix']}" if reason["fix"] else says


def _what(notice: Notice) -> str:
    assert notice.connection is not None, "it is about a run"
    return f"{_task_name(notice.connection, notice.task)} on {notice.connection.name}"


def _task_name(connection: Connection, key: str) -> str:
    platform = registry.platforms().get(connection.platform)
    return {task.key: task.name for task in platform.tasks}.get(key, key) if platform else key


def _why_you() -> str:
    link = _link("/notices/choices/")
    where = f"here: {link}" if link else "in Linesheet under Notices, What you are told."
    return f"--\nYou choose what you are told {where}"


def _link(path: str) -> str:
    """The address of a page as the reader reaches it; "" when the installation does not know its own."""
    return f"{site.PUBLIC_URL}{path}" if site.PUBLIC_URL else ""


def _moment(moment: datetime.datetime, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone)
    return f"{day_in_words(local)} at {local:%H:%M} ({zone.key})"


def _body(parts: Sequence[str]) -> str:
    return "\n\n".join(parts) + "\n"


def _one_line(text: str) -> str:
    """A name may hold a line break, and a subject may not."""
    return " ".join(text.split())
