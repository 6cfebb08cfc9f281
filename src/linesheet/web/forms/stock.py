"""What people say of locations, and of stock that is there or coming."""

from typing import Any

from django import forms
from django.urls import reverse_lazy

from linesheet.books.locations import LONGEST_CODE, LONGEST_NAME
from linesheet.books.models import Location, Season
from linesheet.books.stock import MOST_UNITS
from linesheet.web.forms.books import BooksForm


class LocationForm(BooksForm):
    """A place where stock is."""

    name = forms.CharField(max_length=LONGEST_NAME)
    code = forms.CharField(max_length=LONGEST_CODE, required=False, help_text="As your warehouse calls it.")
    sells = forms.BooleanField(
        label="Its stock is for sale",
        required=False,
        help_text="Orders without a location sell from the oldest location whose stock is.",
    )
    active = forms.BooleanField(
        required=False, help_text="One that is not takes no new stock by hand, and its stock is not for sale."
    )

    @property
    def boxes(self) -> list[forms.BoundField]:
        """What is on or off of a location."""
        return [self["sells"], self["active"]]


class StockForm(BooksForm):
    """Units of a SKU at a location in a season: there now, or from a day on."""

    sku = forms.CharField(
        label="SKU",
        max_length=200,
        help_text="Its barcode, its code, or the product's code and the size. What fits is suggested as you type.",
        widget=forms.TextInput(
            attrs={
                "list": "skus-found",
                "autocomplete": "off",
                "hx-get": reverse_lazy("stock_skus"),
                "hx-trigger": "input changed delay:200ms, focus once",
                "hx-target": "#skus-found",
                "hx-params": "sku",
            }
        ),
    )
    location = forms.ModelChoiceField(queryset=Location.everywhere.none(), empty_label=None)
    season = forms.ModelChoiceField(queryset=Season.everywhere.none(), empty_label=None)
    units = forms.IntegerField(
        min_value=-MOST_UNITS,
        max_value=MOST_UNITS,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    day = forms.DateField(
        label="Available from",
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text="Leave it empty when the units are there now.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = {
            "location": Location.objects.filter(active=True).order_by("-sells", "pk"),
            "season": Season.objects.filter(archived=False).order_by("-starts_on", "-pk"),
        }
        for name, rows in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = rows
