"""Locations: adding and changing them, and closing one down."""

from django.db import IntegrityError, transaction

from linesheet.books.models import Location
from linesheet.books.reasons import Reason, Refused

LOCATION_NAME = Reason(
    "location_name",
    "A location needs a name of 1 to {longest} letters.",
    "Enter the name people know it by, such as Main warehouse.",
)
LOCATION_TAKEN = Reason(
    "location_taken",
    "There is a location {name} already.",
    "Choose another name; capitals make no difference.",
)
LOCATION_CODE = Reason(
    "location_code", "The code of {name} is longer than {longest} letters.", "Give a shorter one, or none."
)

REASONS = (LOCATION_NAME, LOCATION_TAKEN, LOCATION_CODE)

LONGEST_NAME = 60
LONGEST_CODE = 40


class LocationRefused(Refused):
    """There cannot be such a location."""


def create_location(name: str, *, code: str = "", sells: bool = True, active: bool = True) -> Location:
    """Add a location. Raises LocationRefused."""
    location = Location()
    change_location(location, name, code=code, sells=sells, active=active)
    return location


def change_location(location: Location, name: str, *, code: str, sells: bool, active: bool) -> None:
    """Change what a location is; its stock and its orders stay with it. Raises LocationRefused.

    Stock of a location that does not sell, or is not active, is not available to sell.
    """
    name, code = " ".join(name.split()), code.strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise LocationRefused(LOCATION_NAME, longest=LONGEST_NAME)
    if len(code) > LONGEST_CODE:
        raise LocationRefused(LOCATION_CODE, name=name, longest=LONGEST_CODE)
    location.name, location.code, location.sells, location.active = name, code, sells, active
    try:
        with transaction.atomic():
            location.save()
    except IntegrityError:  # another location has the name
        raise LocationRefused(LOCATION_TAKEN, name=name) from None
