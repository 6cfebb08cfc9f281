from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from linesheet.sync.differences import differences, fingerprint, wire_form

plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text()
    | st.decimals(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(min_size=1), inner, max_size=4),
    max_leaves=15,
)


@given(plain)
def test_a_payload_does_not_differ_from_itself(value):
    assert differences(wire_form(value), wire_form(value)) == []


@given(st.dictionaries(st.text(), plain, max_size=5))
def test_the_order_of_keys_does_not_count(value):
    assert fingerprint(wire_form(value)) == fingerprint(wire_form(dict(reversed(value.items()))))


@given(st.decimals(-(10**9), 10**9, allow_nan=False, allow_infinity=False, places=2))
def test_trailing_zeros_do_not_count(amount):
    longer = amount.quantize(Decimal("0.0001"))

    assert fingerprint(wire_form({"price": amount})) == fingerprint(wire_form({"price": longer}))


def test_a_size_put_in_front_shows_as_one_added_size():
    old = {"sizes": [{"size": "M", "upc": "1"}]}
    new = {"sizes": [{"size": "S", "upc": "0"}, {"size": "M", "upc": "1"}]}

    assert differences(old, new) == [
        {"field": "sizes[S].size", "old": None, "new": "S"},
        {"field": "sizes[S].upc", "old": None, "new": "0"},
    ]


def test_a_field_that_goes_is_shown():
    assert differences({"a": 1, "b": 2}, {"a": 1}) == [{"field": "b", "old": 2, "new": None}]


def test_rows_of_one_name_are_told_apart_so_that_no_change_hides():
    def stock(now, later):
        rows = [(now, None), (later, "2027-01-15")]
        return {"rows": [{"size": "M", "inventory": units, "inventory_date": day} for units, day in rows]}

    assert differences(stock(5, 9), stock(3, 9)) == [{"field": "rows[M].inventory", "old": 5, "new": 3}]
    assert differences(stock(5, 9), stock(5, 8)) == [{"field": "rows[M 2027-01-15].inventory", "old": 9, "new": 8}]


def test_lines_of_one_description_are_counted():
    def order(*quantities):
        return {"lines": [{"described_as": "Coat Black M", "size": "M", "quantity": each} for each in quantities]}

    assert differences(order(1, 2), order(3, 2)) == [{"field": "lines[Coat Black M].quantity", "old": 1, "new": 3}]
    assert differences(order(1, 2), order(1, 4)) == [{"field": "lines[Coat Black M (2)].quantity", "old": 2, "new": 4}]
