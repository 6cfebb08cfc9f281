"""What platforms send is read into shapes, whatever way they say that there is nothing, or one."""

from typing import Any

import msgspec
import pytest

from linesheet.sync.tolerant import Unfit, read


class Line(msgspec.Struct, frozen=True):
    sku: str = ""


class Order(msgspec.Struct, frozen=True):
    lines: tuple[Line, ...] = (Line("left out"),)


@pytest.mark.parametrize("nothing", ["", None])
def test_a_list_without_anything_in_it_may_be_said_in_other_ways(nothing: Any) -> None:
    assert read(Order, {"lines": nothing}) == Order()
    assert read(Order, {"lines": []}) == Order(())


def test_an_object_in_the_place_of_a_list_is_a_list_of_one() -> None:
    assert read(Order, {"lines": {"sku": 7}}) == Order((Line("7"),))


@pytest.mark.parametrize("odd", ["none", 7, True, {}])
def test_what_cannot_be_a_list_is_told(odd: Any) -> None:
    with pytest.raises(Unfit, match="lines is not a list"):
        read(Order, {"lines": odd})
