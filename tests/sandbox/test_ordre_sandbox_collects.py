"""What ORDRE collects, and what it keeps of it (sheet ordre.md 6.2, 6.3)."""

from threading import Event

from tests.processes import until
from tests.sandbox.ordre_client import KEY, MadeUpHub, kept_waiting, problem
from tests.sandbox.running import Control, exchange


def ids(ordre: Control, what: str) -> list[str]:
    return [each["id"] for each in ordre.get(f"/{what}")]


def test_a_collect_brings_collections_customers_and_products(ordre: Control, hub: MadeUpHub):
    told = ordre.post("/collect")

    assert told["outcome"] == "done"
    assert (ids(ordre, "products"), ids(ordre, "customers")) == (["p1", "p2", "p3"], ["c_31"])
    looks = [(look["name"], look["products"]) for look in ordre.get("/looks")]
    assert looks == [("Day", ["p1", "p2"]), ("Evening", ["p3"])]


def test_it_follows_the_cursors_to_the_last_page(ordre: Control, hub: MadeUpHub):
    for number in range(4, 26):
        hub.put_product(f"p{number}")
    ordre.set(page_limit=10)

    told = ordre.post("/collect")["products"]

    assert (told["pages"], told["records"], told["repeated"]) == (3, 25, 0)
    assert len(ordre.get("/products")) == 25


def test_the_next_collect_asks_for_what_changed_since_the_last_one(ordre: Control, hub: MadeUpHub):
    ordre.post("/collect")
    stamp = hub.stamp()
    hub.as_of += 1
    hub.put_product("p2", style="Cape")

    told = ordre.post("/collect")["products"]

    assert hub.calls("GET", "/products")[-1].query["updated_since"] == stamp == told["updated_since"]
    assert ordre.get("/products/p2")["style"] == "Cape"


def test_a_tombstone_takes_the_product_with_its_picture(ordre: Control, hub: MadeUpHub):
    hub.pictures["p2"] = ('"one"', b"picture")
    hub.put_product("p2", image={"url": "/x", "etag": "one"})
    ordre.post("/collect")
    assert ids(ordre, "images") == ["p2"]
    hub.as_of += 1
    hub.remove_product("p2")

    assert ordre.post("/collect")["products"]["removed"] == 1

    assert (ids(ordre, "products"), ids(ordre, "images")) == (["p1", "p3"], [])
    assert [each["reason"] for each in ordre.get("/removed")] == ["out_of_catalogue"]


def test_a_product_that_comes_back_is_held_again(ordre: Control, hub: MadeUpHub):
    ordre.post("/collect")
    hub.as_of += 1
    hub.remove_product("p2")
    ordre.post("/collect")
    hub.as_of += 1
    hub.put_product("p2")
    ordre.post("/collect")

    assert (ids(ordre, "products"), ordre.get("/removed")) == (["p1", "p2", "p3"], [])


def test_a_full_collect_forgets_what_is_not_there_any_more(ordre: Control, hub: MadeUpHub):
    ordre.post("/collect")
    del hub.products["p1"]

    assert ordre.post("/collect", {"full": True, "only": ["products"]})["products"]["removed"] == 1
    assert ids(ordre, "products") == ["p2", "p3"]


def test_a_collect_broken_off_midway_is_made_up_for_by_the_next(ordre: Control, hub: MadeUpHub):
    ordre.set(page_limit=2, tries=1)
    hub.before = lambda asked: problem(500, "oops") if asked.query.get("cursor") else None
    told = ordre.post("/collect")
    assert (told["outcome"], told["status"], ordre.get("/marks").get("products")) == ("failed", 500, None)

    hub.before = lambda asked: None
    assert ordre.post("/collect")["outcome"] == "done"
    assert ids(ordre, "products") == ["p1", "p2", "p3"]


def test_a_stale_cursor_begins_the_collect_anew(ordre: Control, hub: MadeUpHub):
    ordre.post("/slips", {"kind": "stale_cursor"})

    told = ordre.post("/collect", {"only": ["products"]})["products"]

    assert hub.calls("GET", "/products")[0].query["cursor"]
    assert (told["restarts"], told["records"]) == (1, 3)


def test_a_wrong_key_fails_the_collect_and_nothing_is_lost(ordre: Control, hub: MadeUpHub):
    ordre.post("/collect")
    ordre.post("/slips", {"kind": "wrong_key"})

    told = ordre.post("/collect")

    assert (told["outcome"], told["status"], told["code"]) == ("failed", 401, "unauthorised")
    assert len(ordre.get("/products")) == 3


def test_pictures_are_fetched_once_and_again_only_when_they_changed(ordre: Control, hub: MadeUpHub):
    hub.pictures["p1"] = ('"one"', b"first")
    hub.put_product("p1", image={"url": "/x", "etag": "one"})
    assert ordre.post("/collect")["images"]["fetched"] == 1
    assert ordre.post("/collect")["images"] == {"fetched": 0, "unchanged": 0, "failed": 0, "left": 0}

    hub.put_product("p1", image={"url": "/x", "etag": "moved"})
    assert ordre.post("/collect")["images"]["unchanged"] == 1

    reply = exchange(ordre.url, "GET", "/images/p1")
    assert (reply.status, reply.headers["content-type"], reply.body) == (200, "image/png", b"first")


def test_a_picture_the_product_has_no_more_is_held_no_more(ordre: Control, hub: MadeUpHub):
    hub.pictures["p1"] = ('"one"', b"first")
    hub.put_product("p1", image={"url": "/x", "etag": "one"})
    ordre.post("/collect")
    hub.put_product("p1")
    ordre.post("/collect")

    assert (ids(ordre, "images"), exchange(ordre.url, "GET", "/images/p1").status) == ([], 404)


def test_of_very_many_pictures_the_bytes_are_forgotten(ordre: Control, hub: MadeUpHub):
    hub.pictures["p1"] = ('"one"', b"first")
    hub.put_product("p1", image={"url": "/x", "etag": "one"})
    ordre.set(keep_images=False)
    ordre.post("/collect")

    assert [(each["id"], each["bytes"]) for each in ordre.get("/images")] == [("p1", 5)]
    assert exchange(ordre.url, "GET", "/images/p1").status == 404
    assert ordre.post("/collect")["images"]["fetched"] == 0


def test_a_picture_that_is_missing_holds_up_no_other(ordre: Control, hub: MadeUpHub):
    hub.pictures["p2"] = ('"one"', b"picture")
    for key in ("p1", "p2"):
        hub.put_product(key, image={"url": "/x", "etag": "one"})

    told = ordre.post("/collect")

    assert (told["outcome"], told["images"]["fetched"], told["images"]["failed"]) == ("done", 1, 1)


def test_an_answer_that_makes_no_sense_fails_the_collect_and_the_timer_goes_on(ordre: Control, hub: MadeUpHub):
    nonsense = iter(([], {"data": 7}, {"data": [7]}, {"data": [{"id": "p9", "skus": 7}], "next_cursor": 3}, b"<html>"))
    hub.before = lambda asked: (200, {}, next(nonsense, {"data": []})) if asked.path == "/products" else None
    ordre.set(collect_seconds=0.05)

    until(lambda: ordre.get("/collects") and ordre.get("/collects")[-1]["outcome"] == "done")
    ordre.set(collect_seconds=None)

    assert [each["outcome"] for each in ordre.get("/collects")][:6] == ["failed"] * 5 + ["done"]


def test_it_waits_and_asks_again_when_the_hub_says_so(ordre: Control, hub: MadeUpHub):
    refusals = [problem(429, "rate_limited", Retry_After="1"), problem(503, "maintenance")]
    hub.before = lambda asked: refusals.pop() if refusals else None

    assert ordre.post("/collect")["outcome"] == "done"
    assert len(hub.calls("GET", "/collections")) == 3


def test_calls_that_were_too_many_are_made_again_however_often_that_happens(ordre: Control, hub: MadeUpHub):
    refusals = [problem(429, "rate_limited", Retry_After="20")] * 9
    hub.before = lambda asked: refusals.pop() if refusals else None

    assert ordre.post("/collect")["outcome"] == "done"


def test_told_to_come_much_later_it_does_not_wait(ordre: Control, hub: MadeUpHub):
    hub.before = lambda asked: problem(503, "maintenance", Retry_After="300")

    assert ordre.post("/collect")["status"] == 503
    assert len(hub.asked) == 1


def test_of_many_pictures_some_come_with_each_collect_and_any_that_is_looked_at(ordre: Control, hub: MadeUpHub):
    for key in ("p1", "p2", "p3"):
        hub.pictures[key] = ("one", key.encode())
        hub.put_product(key, image={"url": "/x", "etag": "one"})
    ordre.set(images_a_collect=1)

    assert ordre.post("/collect")["images"] == {"fetched": 1, "unchanged": 0, "failed": 0, "left": 2}
    assert exchange(ordre.url, "GET", "/images/p3").body == b"p3"
    assert ordre.post("/collect")["images"] == {"fetched": 1, "unchanged": 0, "failed": 0, "left": 0}
    assert ids(ordre, "images") == ["p1", "p2", "p3"]


def test_it_collects_on_a_timer(ordre: Control, hub: MadeUpHub):
    ordre.set(collect_seconds=0.05)

    until(lambda: len([each for each in ordre.get("/collects") if each["outcome"] == "done"]) >= 2)
    ordre.set(collect_seconds=None)

    assert {each["reason"] for each in ordre.get("/collects")} == {"timer"}
    assert len(ordre.get("/products")) == 3


def test_a_slow_hub_holds_up_no_answer(ordre: Control, hub: MadeUpHub):
    go_on = Event()
    hub.before = kept_waiting("/collections", go_on)
    ordre.set(collect_seconds=0.05)
    until(lambda: hub.calls("GET", "/collections"))
    ordre.set(collect_seconds=None)

    assert [each["outcome"] for each in ordre.get("/collects")] == ["running"]
    assert exchange(ordre.url, "GET", "/").status == 200
    go_on.set()
    until(lambda: ordre.get("/collects")[0]["outcome"] == "done")


def test_emptied_meanwhile_it_keeps_nothing_of_a_collect(ordre: Control, hub: MadeUpHub):
    go_on = Event()
    hub.before = kept_waiting("/products", go_on)
    ordre.set(collect_seconds=0.05)
    until(lambda: hub.calls("GET", "/products"))
    ordre.post("/reset")
    go_on.set()

    assert ordre.post("/collect", {"only": ["customers"]})["outcome"] == "done"
    assert (ids(ordre, "products"), len(ordre.get("/collects"))) == ([], 1)


def test_stock_is_collected_only_when_that_is_switched_on(ordre: Control, hub: MadeUpHub):
    hub.stock["1"] = {"barcode": "5000000000101", "available": 7}
    ordre.post("/collect")
    assert ordre.get("/inventory") == []

    ordre.set(collect_inventory=True)
    ordre.post("/collect")
    assert ordre.get("/inventory") == [{"barcode": "5000000000101", "available": 7}]


def test_its_key_is_shown_nowhere(ordre: Control, hub: MadeUpHub):
    ordre.post("/collect")

    shown = [ordre.call("GET", path).body for path in ("/state", "/hub", "/calls", "/stats", "/collects")]
    assert not [body for body in shown if KEY.encode() in body]


def test_it_calls_no_other_machine(ordre: Control):
    for url in ("http://hub.example", "http://10.0.0.1:80", "ftp://127.0.0.1", "127.0.0.1", "http://a@127.0.0.1"):
        assert ordre.call("POST", "/hub", {"url": url, "key": "k"}).status == 400


def test_without_a_hub_it_collects_and_submits_nothing(ordre: Control):
    ordre.delete("/hub")

    assert ordre.call("POST", "/collect").status == 409
    assert ordre.get("/collects") == []


def test_the_page_shows_what_it_holds_and_trusts_none_of_it(ordre: Control, hub: MadeUpHub):
    hub.put_product("p1", style="<script>alert(1)</script>")
    ordre.post("/collect")

    page = exchange(ordre.url, "GET", "/").body.decode()

    assert "Winter / Day" in page
    assert "Maison Exemple" in page
    assert "&lt;script&gt;" in page
    assert "<script>" not in page
