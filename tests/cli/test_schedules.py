"""Tasks that run by themselves."""

from linesheet.sync.models import Schedule


def test_a_task_runs_every_so_many_minutes_or_daily(linesheet, as_json, shop):
    linesheet("schedule", "set", "Toy shop", "orders", "--every", "15")
    linesheet("schedule", "set", "Toy shop", "products", "--daily", "06:30")

    rows = as_json("schedule", "list")

    assert [(row["task"], row["every_minutes"], row["daily_at"]) for row in rows] == [
        ("orders", 15, None),
        ("products", None, "06:30:00"),
    ]


def test_a_schedule_is_stopped(linesheet, shop):
    linesheet("schedule", "set", "Toy shop", "orders", "--every", "15")

    linesheet("schedule", "off", "Toy shop", "orders")

    assert not Schedule.objects.get().enabled


def test_what_cannot_be_scheduled_is_refused(linesheet, shop):
    unknown = linesheet("schedule", "set", "Toy shop", "weather", "--every", "15")
    both = linesheet("schedule", "set", "Toy shop", "orders", "--every", "15", "--daily", "06:30")
    none = linesheet("schedule", "off", "Toy shop", "orders")

    assert [unknown.exit_code, both.exit_code, none.exit_code] == [1, 1, 1]
    assert "products, one-by-one, orders" in unknown.stderr
