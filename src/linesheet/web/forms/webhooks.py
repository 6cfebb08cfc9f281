"""What a new webhook is made of."""

from typing import Any

from django import forms

from linesheet.sync.models import WebhookEvent
from linesheet.sync.webhooks import LONGEST_URL


class WebhookForm(forms.Form):
    """An address, and what it is told."""

    url = forms.CharField(
        label="Address",
        max_length=LONGEST_URL,
        help_text="Where your program takes messages, such as https://erp.example.com/linesheet.",
        widget=forms.TextInput({"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
    )
    events = forms.MultipleChoiceField(
        label="Tell it when", choices=WebhookEvent.choices, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
