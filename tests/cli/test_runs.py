"""Running tasks from the command line, with and without a worker process."""

import asyncio
import dataclasses
import threading
from pathlib import Path

import pytest
from aiohttp import web
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from linesheet.books.models import Customer, Order, Product
from linesheet.books.reasons import Reason
from linesheet.cli.showing import place_of
from linesheet.sync import engine, lease, registry, sending, vitals, worker
from linesheet.sync.legs import Compared, Comparison
from linesheet.sync.models import Item, Run
from linesheet.sync.platform import Direction, Task
from tests.sync.toy import TOY

pytestmark = pytest.mark.usefixtures("connection", "products", "buyer")


def test_with_no_worker_alive_the_command_does_the_work(linesheet, toy):
    result = linesheet("run", "Toy shop", "products")

    assert result.exit_code == 0, result.output
    assert "Run 1 of products" not in result.stderr
    assert ": done\n10 selected = 10 created; " in result.stdout
    assert len(toy.products) == 10
    assert vitals.workers_alive() == 0


def test_a_run_that_takes_longer_than_a_worker_may_take_to_stop_is_finished(linesheet, toy, monkeypatch):
    monkeypatch.setattr(worker, "STOP_SECONDS", 0.1)

    async def slowly(request: web.Request) -> None:
        await asyncio.sleep(0.2)

    toy.before.append(slowly)

    result = linesheet("run", "Toy shop", "products")

    assert result.exit_code == 0, result.output
    assert Run.objects.get().epoch <= 2


def test_problems_are_told_with_what_helps(linesheet, as_json, toy):
    Product.objects.filter(code="P03").update(name="")
    toy.refuse.add("P05")

    result = linesheet("run", "Toy shop", "products")

    assert result.exit_code == 3
    assert "10 selected = 8 created + 1 blocked + 1 failed" in result.stdout
    assert "P03 has no name.\n    Name it." in result.stdout
    assert "refused P05: P05 is poison" in result.stdout
    blocked = as_json("items", str(Run.objects.get().pk), "--state", "blocked")
    assert [(item["label"], item["reason"]) for item in blocked] == [("P03", "nameless")]


def test_an_imported_order_is_in_the_account(as_json, toy):
    toy.order("7", "Maison Rive", ("4000000000000", 3))

    account = as_json("run", "Toy shop", "orders")

    assert (account["state"], account["counts"]["created"]) == ("done", 1)
    assert Order.objects.get().reference == "N7"


def test_a_preview_shows_the_plan_and_sends_nothing_until_it_is_approved(linesheet, toy):
    linesheet("run", "Toy shop", "products")
    Product.objects.filter(code="P01").update(name="Long coat")
    Product.objects.filter(code="P02").update(name="")
    writes = len(toy.writes)

    preview = linesheet("preview", "Toy shop", "products")

    assert preview.exit_code == 3
    assert "10 selected = 0 to create + 1 to update + 8 unchanged + 1 blocked" in preview.stdout
    assert "    name: Coat 1 -> Long coat" in preview.stdout
    assert "P02 has no name.\n      Name it." in preview.stdout
    assert len(toy.writes) == writes

    run = Run.objects.first()
    approved = linesheet("approve", str(run.pk))

    assert "10 selected = 1 updated + 8 unchanged + 1 blocked" in approved.stdout
    assert toy.products["P01"]["name"] == "Long coat"
    assert linesheet("approve", str(run.pk)).exit_code == 1


def test_a_plan_comes_as_json(as_json, toy):
    plan = as_json("preview", "Toy shop", "products", "--all")

    assert (plan["state"], plan["plan"]["to create"], len(plan["items"])) == ("planned", 10, 10)


def test_open_problems_are_told_with_what_helps(linesheet, as_json, toy):
    Product.objects.filter(code="P03").update(name="")
    toy.refuse.add("P05")
    linesheet("run", "Toy shop", "products")

    told, listed = linesheet("problems").stdout, as_json("problems", "--connection", "Toy shop")

    assert listed
    assert {problem["connection"] for problem in listed} == {"Toy shop"}
    for problem in listed:
        assert f"Toy shop products  product {problem['label']}  since " in told
        assert f"    {problem['says']}\n      {problem['fix']}\n" in told
    assert as_json("problems", "--reason", listed[0]["reason"]) == [
        problem for problem in listed if problem["reason"] == listed[0]["reason"]
    ]
    assert linesheet("problems", "--reason", "no_such_reason").stdout == "None.\n"


def test_the_file_of_a_run_is_told_by_a_path_that_can_be_opened(linesheet, as_json, toy):
    linesheet("run", "Toy shop", "products")
    Run.objects.update(file=default_storage.save("downloads/products.csv", ContentFile(b"Code\n")))

    (run,) = as_json("runs")

    assert Path(run["file"]).read_bytes() == b"Code\n"


def test_a_file_in_a_bucket_is_told_by_its_address(settings):
    options = {"bucket_name": "range", "access_key": "a", "secret_key": "b"}
    settings.S3_BUCKET = "range"
    settings.STORAGES = {"default": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}}

    assert place_of("1/downloads/products.csv") == "s3://range/1/downloads/products.csv"


def test_a_waiting_plan_is_cancelled(linesheet, toy):
    linesheet("preview", "Toy shop", "products")
    run = Run.objects.get()

    result = linesheet("cancel", str(run.pk))

    assert result.stdout == f"Run {run.pk} is cancelled.\n"
    assert linesheet("cancel", str(run.pk)).exit_code == 1


def test_with_a_worker_alive_the_command_only_follows(linesheet, toy, monkeypatch):
    monkeypatch.setattr(vitals, "workers_alive", lambda: 1)

    def let_the_worker_work(seconds: float) -> None:
        run = Run.objects.get()
        worker = threading.Thread(target=lambda: asyncio.run(engine.execute(run.pk, run.company_id)))
        worker.start()
        worker.join(20)

    monkeypatch.setattr("linesheet.cli.following.sleep", let_the_worker_work)

    result = linesheet("run", "Toy shop", "products")

    assert result.exit_code == 0, result.output
    assert len(toy.products) == 10


def test_ctrl_c_asks_the_run_to_stop_and_its_account_still_adds_up(linesheet, toy, monkeypatch):
    monkeypatch.setattr(lease, "PULSE_SECONDS", 0.05)
    monkeypatch.setattr(sending, "GRACE_SECONDS", 0.1)
    arrived = threading.Event()

    async def never_answer(request: web.Request) -> None:
        if request.method == "PUT":
            arrived.set()
            await asyncio.Event().wait()

    toy.before.append(never_answer)
    interrupts = iter([KeyboardInterrupt])

    def interrupted_once(seconds: float) -> None:
        if arrived.wait(seconds):
            for interrupt in interrupts:
                raise interrupt

    monkeypatch.setattr("linesheet.cli.following.sleep", interrupted_once)

    result = linesheet("run", "Toy shop", "products")

    run = Run.objects.get()
    assert (result.exit_code, run.state) == (1, Run.State.CANCELLED)
    assert f"Run {run.pk} is asked to stop." in result.stderr
    assert run.adds_up


def test_a_run_that_cannot_start_says_why(linesheet, toy, connection):
    unknown = linesheet("run", "Toy shop", "weather")
    linesheet("connection", "off", "Toy shop")
    off = linesheet("run", "Toy shop", "products")

    assert [unknown.exit_code, off.exit_code] == [1, 1]
    assert "products, one-by-one, orders" in unknown.stderr
    assert "switched off" in off.stderr


def test_what_happened_can_be_looked_up(linesheet, as_json, toy):
    linesheet("run", "Toy shop", "products")
    run = str(Run.objects.get().pk)
    item = Item.objects.first()

    assert [row["counts"]["created"] for row in as_json("runs", "--connection", "Toy shop")] == [10]
    assert "10 selected = 10 created" in linesheet("runs").stdout
    assert linesheet("items", run).stdout.count(" created ") == 10
    assert "PUT" in linesheet("exchanges", run).stdout
    assert [each["method"] for each in as_json("exchanges", "--item", str(item.pk))] == ["PUT"]
    assert linesheet("exchanges").exit_code == 2
    assert linesheet("items", "999999").stderr.splitlines()[0] == "There is no run 999999."


def test_items_that_were_tidied_away_are_told_from_none(linesheet, as_json, toy, connection, products):
    linesheet("run", "Toy shop", "products")
    run = Run.objects.get()
    linesheet("run", "Toy shop", "products")
    Run.objects.update(finished_at="2020-01-01T00:00Z")

    result = linesheet("tidy")

    assert "Gone: 0 HTTP calls, the bodies of 0 others, 10 items of 1 runs," in result.stdout
    assert "They were kept until" in linesheet("items", str(run.pk)).stdout
    assert as_json("tidy") == dict.fromkeys(
        ("exchanges", "bodies", "items", "runs", "sessions", "imports", "change_sets"), 0
    )


def test_a_run_may_be_limited_to_one_record_by_the_name_people_know_it_by(linesheet, toy):
    result = linesheet("run", "Toy shop", "products", "--only", "product", "p03")

    assert result.exit_code == 0, result.output
    assert "1 selected = 1 created; " in result.stdout
    assert list(toy.products) == ["P03"]

    nobody = linesheet("run", "Toy shop", "products", "--only", "product", "P99")
    assert nobody.exit_code == 1
    assert "There is no product P99 in the books." in nobody.stderr


def test_one_held_order_is_taken_in_by_its_number(linesheet, toy):
    toy.order("7", "Nobody & Sons", ("4000000000000", 3))
    toy.order("8", "Nobody else", ("4000000000000", 3))
    linesheet("run", "Toy shop", "orders")
    Customer.objects.create(name="Nobody & Sons")

    result = linesheet("run", "Toy shop", "orders", "--only", "order", "N7")

    assert result.exit_code == 0, result.output
    assert [order.reference for order in Order.objects.all()] == ["N7"]


class Check(Comparison):
    """Products by whether the platform has them."""

    kind = "product"

    async def compare(self):
        there = await self.context.client.ids()
        products = await self.db(lambda: list(Product.objects.order_by("pk")))
        lacks = Reason("lacks", "{record} is not there.", "Send it.")
        yield [
            Compared(str(one.pk), one.code, None if one.code in there else lacks.about(record=one.code))
            for one in products
        ]


def test_a_comparison_is_run_and_told_in_its_own_words(linesheet, connection, toy, products, monkeypatch):
    check = Task(key="check", name="Account check", direction=Direction.CHECK, help="", legs=(Check,))
    platform = dataclasses.replace(TOY, tasks=(*TOY.tasks, check))
    monkeypatch.setattr(registry, "platforms", lambda: {"toy": platform})
    toy.products = {one.code: {} for one in products[1:]}

    result = linesheet("preview", "Toy shop", "check")

    assert result.exit_code == 3
    assert "10 selected = 9 agree + 1 do not match; 1 call" in result.stdout
    assert "P00 is not there.\n    Send it." in result.stdout
    assert "Account check (product): does not match what is there" in linesheet("explain", "product", "P00").stdout
    agrees = linesheet("explain", "product", "P01").stdout
    assert "Account check (product): nothing was found against it" in agrees
    assert "found nothing against it." in agrees
