"""What people fill in of products, seasons and prices."""

from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.http import QueryDict

from linesheet.books.models import BarcodeRange, PriceList, Product, Season, Visibility

_BOXES = (forms.CheckboxInput, forms.CheckboxSelectMultiple, forms.RadioSelect)


class BooksForm(forms.Form):
    """A form with the looks of the house; labels without a colon, errors tied to their fields."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        for field in self.fields.values():
            if not isinstance(field.widget, _BOXES):
                field.widget.attrs.setdefault("class", "input")


class _Day(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class SeasonForm(BooksForm):
    """A season; `previous` is chosen among the others."""

    name = forms.CharField(max_length=60, help_text="It is printed on documents, such as SS26.")
    starts_on = forms.DateField(label="Starts on", widget=_Day(), help_text="The order of seasons follows it.")
    previous = forms.ModelChoiceField(
        label="Previous season",
        queryset=Season.everywhere.none(),
        required=False,
        empty_label="None",
        help_text="Where prices come from when a product becomes visible here.",
    )
    delivery_starts_on = forms.DateField(label="Deliveries start", widget=_Day(), required=False)
    delivery_cancels_on = forms.DateField(
        label="Deliveries end", widget=_Day(), required=False, help_text="Orders not shipped by then are cancelled."
    )

    def __init__(self, *args: Any, season: Season | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = Season.objects.order_by("-starts_on", "-pk")
        previous = self.fields["previous"]
        assert isinstance(previous, forms.ModelChoiceField)
        previous.queryset = others.exclude(pk=season.pk) if season else others


class FactsForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for the stubs only
    """What is said of a product; its code, style, fabric and colour stay as they are.

    `seasons` are those it is visible in; archived ones are offered only where it is. What was shown goes with the form
    and comes back with it, so that only what this person changed is saved, not what others changed meanwhile.
    """

    seasons = forms.ModelMultipleChoiceField(
        label="Visible in", queryset=Season.everywhere.none(), required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Product
        fields = ("name", "description", "category", "composition", "origin", "active", "withdrawn")
        widgets = {"description": forms.Textarea(attrs={"rows": 4})}
        help_texts = {
            "active": "An inactive product is out of all seasons.",
            "withdrawn": "It will not be made after all; orders show it struck out.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        for field in self.fields.values():
            field.show_hidden_initial = True
            if not isinstance(field.widget, _BOXES):
                field.widget.attrs.setdefault("class", "input")
        seasons = self.fields["seasons"]
        assert isinstance(seasons, forms.ModelMultipleChoiceField)
        seasons.queryset = Season.objects.filter(
            Q(archived=False) | Q(Exists(Visibility.objects.filter(product=self.instance, season=OuterRef("pk"))))
        ).order_by("-starts_on", "-pk")

    @property
    def switches(self) -> list[forms.BoundField]:
        """What is on or off of a product."""
        return [self["active"], self["withdrawn"]]

    @property
    def facts_changed(self) -> list[str]:
        """The columns of the product to save: those changed in the form, and when; none when nothing was changed."""
        changed = [name for name in self.changed_data if name != "seasons"]
        return [*changed, "changed_at"] if changed else []

    @property
    def seasons_shown(self) -> set[int]:
        """Ids of the seasons the form showed it visible in, as they came back with it."""
        assert isinstance(self.data, QueryDict)
        return {int(pk) for pk in self.data.getlist("initial-seasons") if pk.isdecimal()}

    @property
    def hidden_seasons(self) -> str:
        """The same, to go with the form."""
        return self["seasons"].as_hidden(only_initial=True)


class BarcodeRangeForm(BooksForm):
    """A new range of numbers to give barcodes from."""

    first = forms.CharField(label="First number", max_length=20, help_text="With or without its check digit.")
    last = forms.CharField(label="Last number", max_length=20)
    method = forms.ChoiceField(label="Give them", choices=BarcodeRange.Method.choices)
    warn_below = forms.IntegerField(label="Warn when fewer are left", min_value=0, max_value=1_000_000_000, initial=500)


class PriceListForm(BooksForm):
    """A new price list."""

    name = forms.CharField(max_length=60)
    kind = forms.ChoiceField(choices=PriceList.Kind.choices, help_text="What platforms take the amounts for.")
