"""What people say of customers, their addresses and contacts. The rules are in `books.customers`."""

from typing import Any, ClassVar

from django import forms

from linesheet.books.models import Address, Contact, Customer, HoldStatus, PriceList
from linesheet.books.tenancy import CompanyOwned


class _Styled(forms.ModelForm):  # type: ignore[type-arg]  # of whichever model Meta names
    """A form whose fields look like ours."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        for field in self.fields.values():
            if not isinstance(field.widget, forms.CheckboxInput):
                field.widget.attrs["class"] = "input"


class _Chosen(forms.ModelChoiceField):  # type: ignore[type-arg]  # of whichever model is given
    """One of the records of the company in hand, or none."""

    def __init__(self, model: type[CompanyOwned], **kwargs: Any) -> None:
        super().__init__(queryset=model.everywhere.none(), required=False, empty_label="None", **kwargs)
        self.of = model


class CustomerForm(_Styled):
    """The facts of a customer."""

    price_list = _Chosen(PriceList, label="Price list")
    hold_status = _Chosen(HoldStatus, label="Hold status", help_text="What may still be done for the customer.")

    class Meta:
        model = Customer
        fields: ClassVar = [
            "name",
            "account_code",
            "type",
            "currency",
            "payment_terms",
            "payment_due_days",
            "shipping_terms",
            "active",
        ]
        help_texts: ClassVar = {
            "account_code": "Orders of platforms find the customer by it, or else by the name.",
            "currency": "Three letters, such as EUR.",
        }
        labels: ClassVar = {"payment_due_days": "Payment due, in days"}

    field_order = [
        "name",
        "account_code",
        "type",
        "currency",
        "price_list",
        "hold_status",
        "payment_terms",
        "payment_due_days",
        "shipping_terms",
        "active",
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("price_list", "hold_status"):
            field = self.fields[name]
            assert isinstance(field, _Chosen)
            field.queryset = field.of.objects.order_by("name")
            self.initial.setdefault(name, getattr(self.instance, f"{name}_id"))

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        for name in ("price_list", "hold_status"):
            if name in given:
                setattr(self.instance, name, given[name])
        return given


class AddressForm(_Styled):
    """An address of a customer."""

    class Meta:
        model = Address
        fields: ClassVar = [
            "kind",
            "company_name",
            "contact",
            "line_1",
            "line_2",
            "postcode",
            "city",
            "region",
            "country",
            "code",
            "description",
            "is_default",
        ]
        labels: ClassVar = {
            "line_1": "First line",
            "line_2": "Second line",
            "is_default": "The default of its kind",
        }
        help_texts: ClassVar = {"code": "By which a platform knows the address, if it does."}


class ContactForm(_Styled):
    """A person at a customer."""

    class Meta:
        model = Contact
        fields: ClassVar = ["name", "email", "phone", "is_default"]
        labels: ClassVar = {"email": "E-mail", "is_default": "The one to ask first"}
