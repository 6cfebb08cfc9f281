"""What people fill in about themselves, their company, and who works in it."""

from collections.abc import Iterable
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth.password_validation import validate_password

from linesheet.books.models import Company, Member, User
from linesheet.sync.models import Connection
from linesheet.sync.rights import Level, Rights, default_of

Choice = tuple[str, str]


@cache
def zones() -> list[Choice]:
    """Time zones that are named for a place, and UTC."""
    places = {name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "SystemV/"))}
    return [(name, name.replace("_", " ")) for name in sorted({*places, "UTC"})]


def _zones_with(current: str) -> list[Choice]:
    return zones() if not current or (current, current.replace("_", " ")) in zones() else [(current, current), *zones()]


class _Form(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})


class PasswordForm(_Form):
    """A new person's name and password."""

    name = forms.CharField(label="Your name", max_length=100, widget=forms.TextInput({"autocomplete": "name"}))
    password = forms.CharField(
        label="Password",
        strip=False,
        help_text="At least 10 characters, and none of the common ones.",
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )

    def clean_password(self) -> str:
        """Refuses what Django's validators refuse."""
        password: str = self.cleaned_data["password"]
        validate_password(password)
        return password


class SetUpForm(_Form):
    """The first company, and who owns it. With the demo brand it needs no name of its own."""

    name = forms.CharField(label="Company", max_length=100, widget=forms.TextInput({"autocomplete": "organization"}))
    email = forms.EmailField(
        label="Your e-mail",
        help_text="You log in with it, and own the company.",
        widget=forms.EmailInput({"autocomplete": "username"}),
    )
    password = PasswordForm.base_fields["password"]
    currency = forms.CharField(
        label="Currency",
        max_length=3,
        initial="EUR",
        help_text="For orders and prices that name none.",
        widget=forms.TextInput({"list": "currencies", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    timezone = forms.ChoiceField(
        label="Time zone",
        choices=zones,
        initial="UTC",
        help_text="Daily schedules and times of day are meant there. It is your browser's until you choose another.",
    )

    clean_password = PasswordForm.clean_password

    def __init__(self, *args: Any, with_demo: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = not with_demo
        if not self.is_bound:  # what a person chose is not chosen anew
            self.fields["timezone"].widget.attrs["data-time-zone"] = True


class CompanyForm(_Form):
    """What a company is called, and what new things begin with."""

    name = forms.CharField(label="Name", max_length=100)
    currency = SetUpForm.base_fields["currency"]
    timezone = forms.ChoiceField(
        label="Time zone", help_text="Daily schedules are meant there, and times are shown in it."
    )
    barcode_type = forms.ChoiceField(
        label="Barcodes",
        choices=Company.BarcodeType.choices,
        help_text="How barcodes given from a range are written. Those given before stay as they are.",
    )

    def __init__(self, company: Company, *args: Any) -> None:
        fields = ("name", "currency", "timezone", "barcode_type")
        super().__init__(*args, initial={name: getattr(company, name) for name in fields})
        self.fields["timezone"].choices = _zones_with(company.timezone)  # type: ignore[attr-defined]


class PersonForm(_Form):
    """How a person is called, and the zone they read times in."""

    name = forms.CharField(
        label="Name", max_length=100, required=False, widget=forms.TextInput({"autocomplete": "name"})
    )
    timezone = forms.ChoiceField(label="Time zone", required=False)

    def __init__(self, user: User, company: Company, *args: Any) -> None:
        super().__init__(*args, initial={"name": user.name, "timezone": user.timezone})
        as_company = ("", f"As the company: {company.timezone}")
        self.fields["timezone"].choices = [as_company, *_zones_with(user.timezone)]  # type: ignore[attr-defined]


class InviteForm(_Form):
    """Whom to ask in, and as what."""

    email = forms.EmailField(label="E-mail", widget=forms.EmailInput({"autocomplete": "off"}))
    role = forms.ChoiceField(label="Role", choices=Member.Role.choices, initial=Member.Role.VIEWER)


class MemberForm(_Form):
    """A member's role, and a right for each connection; "" leaves it to the role."""

    role = forms.ChoiceField(label="Role", choices=Member.Role.choices)

    def __init__(self, member: Member, rights: Rights, connections: Iterable[Connection], *args: Any) -> None:
        given = {f"right_{pk}": level for pk, level in rights.given.items()}
        super().__init__(*args, initial={"role": member.role, **given})
        usual = f"As the role: {default_of(member.role).label.lower()}"
        self._connections = list(connections)
        for connection in self._connections:
            self.fields[f"right_{connection.pk}"] = forms.ChoiceField(
                label=str(connection), required=False, choices=[("", usual), *Level.choices]
            )

    @property
    def rights(self) -> list[forms.BoundField]:
        """The fields of the connections."""
        return [self[f"right_{connection.pk}"] for connection in self._connections]

    @property
    def levels(self) -> dict[int, Level | None]:
        """The rights chosen, by id of the connection."""
        chosen = {connection.pk: self.cleaned_data[f"right_{connection.pk}"] for connection in self._connections}
        return {pk: Level(level) if level else None for pk, level in chosen.items()}
