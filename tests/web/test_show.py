"""How numbers, money, times and colours come out."""

import datetime
import re
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import timezone

import linesheet.web
from linesheet.web.templatetags.show import duration, money, number, plain, pretty, when

TOKENS = Path(linesheet.web.__file__).parent / "static/web/tokens.css"
TONES = ("good", "warn", "bad", "live", "off")
PAIRS = [
    *((text, ground) for text in ("text", "quiet", "link") for ground in ("ground", "surface", "sunken", "hover")),
    *((tone, f"{tone}-ground") for tone in TONES),
    *(("text", f"{tone}-ground") for tone in TONES),
    *((tone, "surface") for tone in TONES),
    ("quiet", "off-ground"),
    ("on-accent", "accent"),
    ("on-accent", "accent-deep"),
]


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (Decimal("1234567.5"), "EUR", "1,234,567.50"),
        (Decimal("48000"), "JPY", "48,000"),
        (Decimal("1.2345"), "KWD", "1.234"),
        (Decimal("-12"), "USD", "-12.00"),
    ],
)
def test_money_has_its_currency_and_its_decimals(amount: Decimal, currency: str, shown: str) -> None:
    assert money(amount, currency) == (
        f'<span class="money">{shown} <span class="money__currency">{currency}</span></span>'
    )


def test_numbers_have_their_thousands_apart() -> None:
    assert [number(128450), number(0), number(None)] == ["128,450", "0", "\N{EN DASH}"]


def test_a_time_is_short_and_in_the_zone_in_hand() -> None:
    with timezone.override("Asia/Tokyo"):
        today = timezone.localtime().replace(hour=9, minute=5)
        assert ">09:05</time>" in when(today.astimezone(datetime.UTC))
        assert ">1 Feb 2019</time>" in when(datetime.datetime(2019, 1, 31, 20, tzinfo=datetime.UTC))
    assert when(None) == "\N{EN DASH}"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "under a minute"), (61, "about 1 minute"), (1650, "about 28 minutes"), (9000, "about 2 hours")],
)
def test_a_duration_is_spoken(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown


def test_both_sides_of_a_change_are_plain() -> None:
    assert [plain(value) for value in (None, "", True, ["a", 1], "x")] == ["nothing", "nothing", "yes", "a, 1", "x"]


def test_json_bodies_are_laid_out_and_others_left_alone() -> None:
    assert pretty('{"a":1}') == '{\n  "a": 1\n}'
    assert pretty("<html>") == "<html>"
    assert pretty({"é": 1}) == '{\n  "é": 1\n}'


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_stands_out_from_its_ground(text: str, ground: str, theme: str) -> None:
    assert _contrast(_colour(text, theme), _colour(ground, theme)) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_edges_of_fields_stand_out(theme: str) -> None:
    assert _contrast(_colour("edge", theme), _colour("surface", theme)) >= 3


def _colour(name: str, theme: str) -> str:
    found = re.search(rf"--{name}: (?:light-dark\((#\w+), (#\w+)\)|(#\w+));", TOKENS.read_text())
    assert found, name
    light, dark, both = found.groups()
    return both or (light if theme == "light" else dark)


def _contrast(one: str, other: str) -> float:
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
