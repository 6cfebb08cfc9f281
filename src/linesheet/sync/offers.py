"""What an account has to choose from: asked of it, kept on its connection, and put into the settings that want it."""

import asyncio
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from django.db import transaction
from django.utils import timezone

from linesheet.books.reasons import Reason, Refused
from linesheet.books.tenancy import acting_for
from linesheet.site.hiding import hide
from linesheet.sync import pairs, registry
from linesheet.sync.errors import TravelError
from linesheet.sync.models import Connection, Offers
from linesheet.sync.platform import Choice, Platform, Setting, SettingKind
from linesheet.sync.talking import answers_of, talking_to

log = logging.getLogger(__name__)

NOTHING_OFFERED = Reason(
    "nothing_offered", "{platform} cannot be asked what there is to choose from.", "Nothing is to be done."
)
NOT_TOLD = Reason(
    "offers_not_told",
    "{platform} did not say what there is to choose from: {said}",
    "Test the connection; when it works, ask again.",
)
ONLY_CALLS = Reason(
    "platform_only_calls",
    "{platform} calls Linesheet and is never called, so it cannot be asked for anything.",
    "Nothing is to be done: its settings choose from what is in the books.",
)
REASONS = (NOTHING_OFFERED, NOT_TOLD, ONLY_CALLS)

GONE = "The account does not offer it any more."
"""What a choice means that is there only because it was chosen before."""

Told = Mapping[str, Sequence[Choice]]


class OffersRefused(Refused):
    """The account does not say what it has; `fix` says what helps."""


def offers_of(connection: Connection) -> dict[str, list[Choice]]:
    """What the account said last, by name; {} before it was asked. At most one query."""
    declared = registry.platforms().get(connection.platform)
    if declared is None or declared.offers is None or connection.pk is None:
        return {}
    kept = Offers.objects.filter(connection=connection).values_list("choices", flat=True).first() or {}
    return {name: [Choice(**choice) for choice in choices] for name, choices in kept.items()}


class OffersWhenAsked(Mapping[str, Sequence[Choice]]):
    """The same, read when the first of it is asked for."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._read: Told | None = None

    @property
    def _told(self) -> Told:
        if self._read is None:
            self._read = offers_of(self._connection)
        return self._read

    def __getitem__(self, name: str) -> Sequence[Choice]:
        return self._told[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._told)

    def __len__(self) -> int:
        return len(self._told)


def settings_of(connection: Connection, platform: Platform) -> list[Setting]:
    """Every setting of the connection, with the choices that its account offers."""
    return as_offered(platform.all_settings, offers_of(connection), connection.settings)


def as_offered(declared: Iterable[Setting], offers: Told, stored: Mapping[str, Any]) -> list[Setting]:
    """The settings with what the account offers for choices; what is stored and gone there can stay as it is."""
    return [
        replace(one, choices=(*offers[one.offers], *_left(one, offers, stored)))
        if one.offers and one.offers in offers
        else one
        for one in declared
    ]


def gone_of(setting: Setting, offers: Told, stored: Mapping[str, Any]) -> list[str]:
    """What is stored for a setting and not offered any more, each as a person knows it."""
    if setting.offers not in offers:
        return []
    there = {choice.value for choice in offers[setting.offers]}
    value = stored.get(setting.key)
    if setting.kind is SettingKind.PAIRS:
        read = pairs.read(setting, value)
        return [
            f"{one} for {record}"
            for record in (pairs.records_of(setting) if read else [])
            for one in read.get(record.pk, ())
            if one not in there
        ]
    return [one for one in _values(value) if one not in there]


def not_asked(platform: Platform) -> OffersRefused | None:
    """Why an account there is never asked what it has to choose from; None where it can be."""
    if platform.offers is not None:
        return None
    return OffersRefused(NOTHING_OFFERED if platform.is_called else ONLY_CALLS, platform=platform.name)


def ask(connection: Connection, within: float | None = None) -> dict[str, list[Choice]]:
    """Ask the account what it has to choose from, and keep it. Raises OffersRefused or SecretUnreadable."""
    platform = registry.platform(connection.platform)
    if refused := not_asked(platform):
        raise refused
    assert platform.offers is not None, "else it is refused"
    answers = answers_of(connection)
    connection.credentials  # noqa: B018 - read here where they were deferred, as no query may be made in the event loop

    async def told() -> dict[str, list[Choice]]:
        async with asyncio.timeout(within), talking_to(connection, answers) as client:
            return await told_by(platform, client, answers)

    try:
        offers = asyncio.run(told())
    except TravelError as error:
        raise OffersRefused(NOT_TOLD, platform=platform.name, said=error.says) from None
    except TimeoutError:
        said = f"no answer came within {within:.0f} seconds."
        raise OffersRefused(NOT_TOLD, platform=platform.name, said=said) from None
    except Exception as error:
        log.exception("what %s offers could not be asked", connection)
        said = hide(f"Linesheet stumbled: {type(error).__name__}: {error}")
        raise OffersRefused(NOT_TOLD, platform=platform.name, said=said) from None
    keep(connection, offers)
    return offers


async def told_by(platform: Platform, client: Any, answers: Mapping[str, Any]) -> dict[str, list[Choice]]:
    """What the account says through its client, every value once. Raises the errors of `sync.errors`."""
    if platform.offers is None:
        return {}
    told = await platform.offers(client, answers)
    return {name: list({choice.value: choice for choice in choices}.values()) for name, choices in told.items()}


def summed(offers: Told) -> str:
    """How much there is to choose from, as a sentence."""
    counts = ", ".join(f"{name.replace('_', ' ')} ({len(choices)})" for name, choices in offers.items())
    return f"The account offers {counts or 'nothing'}."


def keep(connection: Connection, told: Told) -> None:
    """Keep what the account said just now; of a connection that is not saved yet, once it is."""
    if connection.pk is None:
        connection.told = told
        return
    choices = {name: [asdict(choice) for choice in choices] for name, choices in told.items()}
    with acting_for(connection.company_id), transaction.atomic():
        connection.offers_at = timezone.now()
        connection.save(update_fields=["offers_at"])
        # Looks at readiness are made anew when it changes, so it is not written when it did not.
        if not Offers.objects.filter(connection=connection, choices=choices).exists():
            Offers.objects.update_or_create(connection=connection, defaults={"choices": choices})


def forget(connection: Connection) -> None:
    """Forget what the account said, for one that leads to another account. It is saved by the caller."""
    Offers.objects.filter(connection=connection).delete()
    connection.offers_at = None


def _left(setting: Setting, offers: Told, stored: Mapping[str, Any]) -> Iterator[Choice]:
    there = {choice.value for choice in offers[setting.offers]}
    for value in dict.fromkeys(_values(stored.get(setting.key))):
        if value not in there:
            yield Choice(value, value, GONE)


def _values(stored: Any) -> list[str]:
    """The values in the stored form of a setting of choices or of pairs."""
    if isinstance(stored, Mapping):
        return [value for values in stored.values() for value in values]
    return list(stored) if isinstance(stored, list) else [] if stored is None else [stored]
