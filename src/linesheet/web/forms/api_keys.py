"""What a new key is made of."""

from typing import Any

from django import forms

from linesheet.books.models import Member
from linesheet.sync.api_keys import LONGEST_NAME
from linesheet.sync.models import Connection
from linesheet.sync.scopes import scopes_for


class KeyForm(forms.Form):
    """A key of a connection or a member: its name, what it may be used for, and from where."""

    name = forms.CharField(
        label="Name", max_length=LONGEST_NAME, help_text="The program that will use it, such as ERP or night script."
    )
    scopes = forms.MultipleChoiceField(
        label="It may", widget=forms.CheckboxSelectMultiple, error_messages={"required": "Choose at least one."}
    )
    addresses = forms.CharField(
        label="Only from these addresses",
        required=False,
        help_text="IP addresses or networks, one a line, such as 192.0.2.7 or 192.0.2.0/24. Empty: from anywhere.",
        widget=forms.Textarea({"rows": 2, "spellcheck": "false"}),
    )

    def __init__(self, owner: Connection | Member, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        scopes = self.fields["scopes"]
        assert isinstance(scopes, forms.MultipleChoiceField)
        scopes.choices = [(scope.key, scope.says) for scope in scopes_for(owner)]
        if isinstance(owner, Connection):
            scopes.initial = [key for key, _ in scopes.choices]

    def clean_addresses(self) -> list[str]:
        """One of each line, or between commas."""
        return self.cleaned_data["addresses"].replace(",", "\n").split()  # type: ignore[no-any-return]
