"""Small charts: bars that say in words what they show."""

import datetime

from linesheet.web.charts import HEIGHT, LEAST, WIDTH, daily

DAYS = [datetime.date(2026, 3, day) for day in range(1, 5)]


def test_the_tallest_bar_fills_the_height_and_a_little_is_told_from_nothing() -> None:
    chart = daily("Orders", DAYS, [0, 1000, 500, 1])

    assert [bar.height for bar in chart.bars] == [0, HEIGHT, HEIGHT / 2, LEAST]
    assert all(bar.y + bar.height == HEIGHT for bar in chart.bars)
    assert chart.bars[-1].x + chart.bars[-1].width <= WIDTH


def test_the_picture_is_summed_up_in_words() -> None:
    chart = daily("Orders", DAYS, [0, 1200, 3, 0])

    assert chart.summary == (
        "Orders from 1 March to 4 March: 1,203 in all, most on 2 March with 1,200, none on 2 of 4 days."
    )
    assert daily("Orders", DAYS, [0] * 4).summary == "Orders from 1 March to 4 March: none."
    assert daily("Orders", [], []).summary == "Orders: no days."
