"""What a new webhook is made of."""

from typing import Any

from django import forms

from linesheet.sync.models import Connection
from linesheet.sync.webhooks import LONGEST_URL, events_of


class WebhookForm(forms.Form):
    """An address, and what it is told."""

    url = forms.CharField(
        label="Address",
        max_length=LONGEST_URL,
        help_text="Where your program takes messages, such as https://erp.example.com/linesheet.",
        widget=forms.TextInput({"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, connection: Connection | None = None, **kwargs: Any) -> None:
        self.connection = connection
        ids = f"id_{connection.pk}_%s" if connection else "id_%s"
        super().__init__(*args, **{"label_suffix": "", "auto_id": ids, **kwargs})
        self.fields["events"] = forms.MultipleChoiceField(
            label="Tell it when", choices=events_of(connection).items(), widget=forms.CheckboxSelectMultiple
        )
        if connection:
            self.fields["url"].help_text = f"The address that {connection.name} gave you for this."
