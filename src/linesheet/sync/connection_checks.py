"""Whether connections work: what they need is filled in and in the books, and the platform answers to them."""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from linesheet.books.models import Company, Season
from linesheet.books.tenancy import acting_for
from linesheet.site.hiding import hide
from linesheet.sync import offers, registry
from linesheet.sync.connections import missing_answers
from linesheet.sync.errors import TravelError
from linesheet.sync.models import Connection
from linesheet.sync.platform import CheckResult, Choice, Platform, Setting, SettingKind
from linesheet.sync.secrets import SecretUnreadable
from linesheet.sync.talking import answers_of, talking_to

log = logging.getLogger(__name__)


class Health(StrEnum):
    """How a thing is."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at, how it is, and what to do if it is not well.

    `code` is what was looked at, for programs: one word that stays the same over versions, and that no other check
    of the installation has, or of the same `connection` of the same `company` (its slug). `setting` is the key of the
    one that it is about. `command` does what `fix` says by the command line.
    """

    code: str
    name: str
    health: Health
    says: str
    fix: str = ""
    company: str = ""
    connection: str = ""
    setting: str = ""
    command: str = ""

    @property
    def fix_or_command(self) -> str:
        """What helps, with the command that does it, for those who sit at a command line."""
        return f"{self.fix.removesuffix('.')}, or with `{self.command}`." if self.command else self.fix


def check_connections(company: Company | None = None) -> list[Check]:
    """Every connection that is switched on: is it filled in, and does the platform answer to it?"""
    rows = Connection.everywhere.filter(active=True).defer("credentials").select_related("company")
    rows = rows.filter(company=company) if company else rows
    checks: list[Check] = []
    to_try: list[tuple[Connection, dict[str, Any]]] = []
    for row in rows.order_by("company__name", "name"):
        with acting_for(row.company_id):
            found = list(check_entries(row))
            answers = answers_of(row) if row.platform in registry.platforms() else {}
        checks += found
        if all(check.health is not Health.PROBLEM for check in found):
            to_try.append((row, answers))
    return checks + [check for tried in asyncio.run(_try_all(to_try)) for check in _told(tried)]


def check_entries(row: Connection, unset: list[Setting] | None = None) -> Iterator[Check]:
    """Are the settings and credentials of a connection there, and what they name too? `unset` is given those not."""
    yield _check_answers(row, [] if unset is None else unset)
    if row.platform in registry.platforms():
        for setting in registry.platform(row.platform).settings:
            yield from _check_seasons(row, setting)


def stops_of(row: Connection) -> tuple[list[Setting], list[Check]]:
    """What a connection still needs an answer to, and whatever else of its entries is not well."""
    unset: list[Setting] = []
    checks = [check for check in (*check_entries(row, unset), *check_offers(row)) if check.health is not Health.OK]
    return unset, checks[1:] if unset else checks


def check_offers(row: Connection) -> Iterator[Check]:
    """Does the account still offer what the settings name, by what it said last?"""
    declared = registry.platforms().get(row.platform)
    there = offers.offers_of(row) if declared else {}
    for setting in declared.settings if declared and there else ():
        if gone := offers.gone_of(setting, there, row.settings):
            says = f"{setting.label}: the account does not offer {', '.join(gone)} any more."
            fix = f"Choose again under {'Seasons' if setting.seasonal else 'Settings'} of {row}."
            command = f"linesheet connection set '{row}' {setting.key}=..."
            yield _check(row, f"{setting.key}_not_offered", Health.WARNING, says, fix, setting.key, command)


def _check_answers(row: Connection, unset: list[Setting]) -> Check:
    if row.platform not in registry.platforms():
        says = f"Its platform {row.platform} is not installed."
        fix = "Install the package that has it, or switch the connection off."
        return _check(row, "entries", Health.PROBLEM, says, fix)
    try:
        unset += missing_answers(row)
    except SecretUnreadable as error:
        fix = f"{error.fix} All machines on one database need the same LINESHEET_ENCRYPTION_KEYS."
        fix = f"{fix} Then test the connection."
        return _check(row, "entries", Health.PROBLEM, error.says, fix)
    if unset:
        says = f"Not set: {', '.join(setting.label for setting in unset)}."
        keys = " ".join(f"{setting.key}=..." for setting in unset)
        places = " and ".join(dict.fromkeys("Seasons" if each.seasonal else "Settings" for each in unset))
        fix = f"Answer {'it' if len(unset) == 1 else 'them'} under {places} of {row}."
        command = f"linesheet connection set '{row}' {keys}"
        return _check(row, "entries", Health.PROBLEM, says, fix, command=command)
    return _check(row, "entries", Health.OK, "Its settings and credentials are filled in.")


def _check_seasons(row: Connection, setting: Setting) -> Iterator[Check]:
    stored = row.settings.get(setting.key)
    if setting.kind not in (SettingKind.SEASON, SettingKind.SEASONS) or not stored:
        return
    ids = stored if isinstance(stored, list) else [stored]
    seasons = Season.objects.filter(pk__in=ids)
    fix = f"Choose again under Seasons of {row}."
    command = f"linesheet connection set '{row}' {setting.key}=..."
    if gone := len(set(ids)) - len(seasons):
        says = f"{setting.label}: {gone} of the chosen seasons {'is' if gone == 1 else 'are'} no longer in the books."
        yield _check(row, f"{setting.key}_gone", Health.PROBLEM, says, fix, setting.key, command)
    if archived := [season.name for season in seasons if season.archived]:
        says = f"{setting.label}: {', '.join(archived)} is archived."
        yield _check(row, f"{setting.key}_archived", Health.WARNING, says, fix, setting.key, command)


def _check(
    row: Connection, what: str, health: Health, says: str, fix: str = "", setting: str = "", command: str = ""
) -> Check:
    return Check(
        code=f"connection_{what}",
        name=f"Connection {row}",
        health=health,
        says=says,
        fix=fix,
        company=row.company.slug,
        connection=row.name,
        setting=setting,
        command=command,
    )


def try_connection(row: Connection, within: float | None = None) -> list[Check]:
    """Try a connection over HTTP with the platform's own check, which changes nothing there.

    When it works, what the account has to choose from is asked and kept on it. The connection need not be saved. With
    `within`, no answer after so many seconds is a problem like another.
    """
    with acting_for(row.company_id):
        answers = answers_of(row)
    row.credentials  # noqa: B018 - read here where they were deferred, as no query may be made in the event loop
    return _told(asyncio.run(_try_within(row, answers, within)))


@dataclass(frozen=True, slots=True)
class _Tried:
    """What the platform answered; `offers` is what there is to choose from, None where it did not come to that."""

    row: Connection
    results: list[CheckResult]
    offers: dict[str, list[Choice]] | None = None


def _told(tried: _Tried) -> list[Check]:
    """The checks of a test, and those that its offers lead to, which are kept."""
    checks = [_of_platform(tried.row, result) for result in tried.results]
    if tried.offers is not None:
        offers.keep(tried.row, tried.offers)
        with acting_for(tried.row.company_id):
            checks += check_offers(tried.row)
    return checks


async def _try_within(row: Connection, values: dict[str, Any], within: float | None) -> _Tried:
    try:
        async with asyncio.timeout(within):
            return (await _try_all([(row, values)]))[0]
    except TimeoutError:
        says = f"none came within {within:.0f} seconds."
        fix = "Check the address of the connection, and try again in a few minutes."
        return _Tried(row, [CheckResult("Answer", False, says, fix)])


async def _try_all(rows: Sequence[tuple[Connection, dict[str, Any]]]) -> list[_Tried]:
    async with asyncio.TaskGroup() as group:
        tries = [group.create_task(_tried(registry.platform(row.platform), row, values)) for row, values in rows]
    return [tried.result() for tried in tries]


def _of_platform(row: Connection, result: CheckResult) -> Check:
    health = Health.OK if result.ok else Health.PROBLEM
    what = result.name.lower().replace(" ", "_")
    return _check(row, what, health, f"{result.name}: {result.says}", result.fix)


async def _tried(platform: Platform, row: Connection, values: dict[str, Any]) -> _Tried:
    async with talking_to(row, values) as client:
        try:
            results = list(await platform.check(client, values))
            if platform.offers is None or not all(result.ok for result in results):
                return _Tried(row, results)
            told = await offers.told_by(platform, client, values)
            return _Tried(row, [*results, CheckResult("Choices", True, offers.summed(told))], told)
        except TravelError as error:
            fix = "Check the address and the credentials of the connection, then try again."
            return _Tried(row, [CheckResult("Answer", False, error.says, fix)])
        except Exception as error:
            log.exception("the check of %s stumbled", row)
            fix = "Report this as a defect of Linesheet; the other connections are not affected."
            says = hide(f"The check stumbled: {type(error).__name__}: {error}")
            return _Tried(row, [CheckResult("Answer", False, says, fix)])
