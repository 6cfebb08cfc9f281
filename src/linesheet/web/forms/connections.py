"""What is asked of a connection beside its platform's settings: its name, and where the account is."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.db import transaction
from django.http import QueryDict

from linesheet.books.reasons import Refused
from linesheet.sync import connections
from linesheet.sync.models import Connection
from linesheet.sync.moves import Moved
from linesheet.sync.offers import as_offered, offers_of
from linesheet.sync.platform import Platform, Setting, SettingKind
from linesheet.sync.sandboxes import Announced
from linesheet.sync.settings import Typed
from linesheet.web.forms.declared import DeclaredForm
from linesheet.web.forms.options import Option

SANDBOX, OTHER = "sandbox", "other"


class Place:
    """Where the account is: the sandbox that runs here, one of the platform's addresses, or another one.

    `chosen` is SANDBOX, OTHER or a base URL; `address` what was typed for OTHER. It is not `asked` where the
    platform is never called.
    """

    def __init__(
        self, platform: Platform, sandbox: Announced | None, sent: QueryDict | None = None, stored: str = ""
    ) -> None:
        self.sandbox = sandbox
        self.error = ""
        self.asked = platform.client is not None
        known = [choice.value for choice in platform.base_urls]
        if sent is not None:
            self.chosen, self.address = sent.get("place", ""), sent.get("address", "").strip()
        elif not stored:
            self.chosen = SANDBOX if sandbox else (known[0] if known else OTHER)
            self.address = ""
        else:
            at_sandbox = sandbox is not None and stored == sandbox.url
            self.chosen = SANDBOX if at_sandbox else stored if stored in known else OTHER
            self.address = stored if self.chosen == OTHER else ""
        self.options = [*self._sandbox_option(), *self._known(platform)]

    @property
    def base_url(self) -> str:
        """The address that was chosen, "" when none was."""
        if not self.asked:
            return ""
        if self.chosen == SANDBOX:
            return self.sandbox.url if self.sandbox else ""
        return self.address if self.chosen == OTHER else self.chosen

    def _sandbox_option(self) -> Iterator[Option]:
        if self.sandbox:
            means = f"Our stand-in for the platform, on this machine ({self.sandbox.url}). Nothing real happens there."
            yield Option(SANDBOX, "Sandbox", self.chosen == SANDBOX, means)

    def _known(self, platform: Platform) -> Iterator[Option]:
        for choice in platform.base_urls:
            yield Option(choice.value, choice.label, self.chosen == choice.value, choice.value)


class AddForm:
    """A connection to be: name, place and credentials."""

    def __init__(self, platform: Platform, sandbox: Announced | None, sent: QueryDict | None = None) -> None:
        self._platform = platform
        self.name = sent.get("name", "") if sent is not None else _free_name(platform)
        self.name_error = ""
        self.place = Place(platform, sandbox, sent)
        self.credentials = DeclaredForm(platform.credentials, {}, sent, prefix="credential-")

    @property
    def problems(self) -> list[str]:
        """Everything that is wrong with what was sent."""
        errors = [self.name_error, self.place.error, *(each.error for each in self.credentials.fields)]
        return [error for error in errors if error]

    def connection(self) -> Connection | None:
        """The connection, not saved yet; None when something is wrong, which the fields then say."""
        sandbox = self.place.sandbox if self.place.chosen == SANDBOX else None
        answers = dict(sandbox.credentials) if sandbox else self.credentials.answers
        try:
            connections.free_name(self.name)
        except Refused as refused:
            self.name_error = str(refused)
        if self.place.asked and not self.place.base_url:
            self.place.error = "Choose where the account is."
        if self.problems:
            return None
        try:
            return connections.new_connection(
                self._platform.key, self.name, base_url=self.place.base_url, credentials=answers
            )
        except Refused as refused:
            self.place.error = str(refused)
            return None


@dataclass(slots=True)
class Section:
    """One part of a page of settings, saved by itself.

    `secrets` asks for those that another address needs anew; `moved` says what was forgotten because of one.
    """

    key: str
    title: str
    form: DeclaredForm
    about: str = ""
    place: Place | None = None
    secrets: DeclaredForm | None = None
    name: str = ""
    name_error: str = ""
    error: str = ""
    moved: Moved | None = None

    @property
    def offered(self) -> bool:
        """Whether it asks for something that the account itself has to choose from."""
        return any(each.setting.offers for each in self.form.fields)

    @property
    def valid(self) -> bool:
        """Whether all of it can be kept."""
        return self.form.valid and not (self.error or self.name_error or (self.place and self.place.error))


def sections_of(
    connection: Connection, platform: Platform, sandbox: Announced | None, sent: QueryDict | None = None
) -> list[Section]:
    """The parts of the settings but the seasons; the one that was sent holds that, the others what is stored."""
    asked = sent.get("section") if sent is not None else None

    def answers(key: str) -> QueryDict | None:
        return sent if asked == key else None

    def form(key: str, declared: list[Setting], stored: dict[str, object]) -> DeclaredForm:
        return DeclaredForm(declared, stored, answers(key))

    others = [each for each in _own_settings(connection, platform) if not each.seasonal]
    secrets = [replace(each, required=False) for each in platform.credentials if each.kind is SettingKind.SECRET]
    sections = [
        Section("tasks", "How its tasks work", form("tasks", others, connection.settings)),
        Section(
            "credentials",
            "Credentials",
            form("credentials", list(platform.credentials), connection.credentials),
            about="Secrets are shown to nobody; what you enter replaces what is set.",
        ),
        Section(
            "connection",
            "Name and address" if platform.client else "Name",
            form("connection", list(platform.common_settings), connection.settings),
            place=Place(platform, sandbox, answers("connection"), connection.base_url),
            secrets=DeclaredForm(secrets, {}, answers("connection"), prefix="anew-"),
            name=sent.get("name", "") if sent is not None and asked == "connection" else connection.name,
        ),
    ]
    return [section for section in sections if section.form.fields or section.place]


def seasons_of(connection: Connection, platform: Platform, sent: QueryDict | None = None) -> Section | None:
    """What the platform asks about seasons, with what was sent or is stored; None when it asks nothing."""
    seasonal = [each for each in _own_settings(connection, platform) if each.seasonal]
    if not seasonal:
        return None
    return Section("seasons", "Seasons", DeclaredForm(seasonal, connection.settings, sent))


def _own_settings(connection: Connection, platform: Platform) -> list[Setting]:
    """The platform's own settings, with what the account offers to choose from."""
    return as_offered(platform.settings, offers_of(connection), connection.settings)


def save(connection: Connection, section: Section) -> bool:
    """Keep what was sent for a section; False when something is wrong, which the section then says."""
    if not section.valid:
        return False
    if section.place is None:
        of = "credentials" if section.key == "credentials" else "settings"
        try:
            connections.change_connection(connection, **{of: section.form.answers})  # type: ignore[arg-type]
        except Refused as refused:
            section.error = str(refused)
        return section.valid
    _save_name_and_place(connection, section, section.place)
    return section.valid


def _save_name_and_place(connection: Connection, section: Section, place: Place) -> None:
    try:
        name = connections.free_name(section.name, but=connection.pk)
    except Refused as refused:
        section.name_error = str(refused)
    if place.asked and not place.base_url:
        place.error = "Choose where the account is."
    if not section.valid:
        return
    try:
        with transaction.atomic():
            section.moved = connections.change_connection(
                connection,
                settings=section.form.answers,
                credentials=_anew(section, place) if place.base_url != connection.base_url else {},
                base_url=place.base_url if place.base_url != connection.base_url else None,
            )
            connections.rename_connection(connection, name)
    except Refused as refused:
        place.error = str(refused)


def _anew(section: Section, place: Place) -> dict[str, Typed]:
    """Credentials for another address: those that were entered, or the known ones of the sandbox.

    What was left empty beside them is cleared: it may be granted only at the new address.
    """
    if section.secrets is None:
        return {}
    given = section.secrets.answers
    if place.chosen == SANDBOX and place.sandbox and not given:
        given = dict(place.sandbox.credentials)
    return {**{each.setting.key: "" for each in section.secrets.fields}, **given} if given else {}


def _free_name(platform: Platform) -> str:
    """The platform's name, or with a number behind it where a connection has that name already."""
    taken = {name.casefold() for name in Connection.objects.values_list("name", flat=True)}
    tries = (platform.name if number == 1 else f"{platform.name} {number}" for number in range(1, len(taken) + 2))
    return next(name for name in tries if name.casefold() not in taken)
