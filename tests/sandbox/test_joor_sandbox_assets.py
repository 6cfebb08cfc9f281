"""Assets: pictures that JOOR downloads and looks at (sheet joor.md 3.6)."""

import hashlib

import pytest

from tests.sandbox.joor_client import picture
from tests.sandbox.running import exchange


@pytest.fixture
def coat(joor) -> str:
    """The id of a product in black and navy."""
    product = joor.add_product()
    joor.add_skus(product, "Black Navy", "S")
    return product


def asset(product: str, url: str, filename: str = "coat.png", kind: str = "image", **fields) -> dict:
    """An asset as a client would send it."""
    return {
        "product": {"id": product},
        "asset": {"type": kind, "filename": filename, "source_url": url, **fields},
        "display_order": 0,
    }


def swatch(product: str, url: str, filename: str = "black.png", **value) -> dict:
    place = {"trait": {"name": "color"}, "value": value or {"external_id": "BLA"}}
    return {**asset(product, url, filename, "swatch"), "sku_trait_value": place}


def filenames(joor_control) -> list[str]:
    return [row["filename"] for row in joor_control.get("/assets")]


def test_a_picture_is_downloaded_and_shown_with_the_product(joor, joor_control, shelf, coat):
    content = picture(660, 900, "JPEG")
    url = shelf.put("files/coat.jpg?size=full", content)

    (taken,) = joor.post("/assets/products", asset(coat, url, "coat.jpg"))

    assert shelf.asked == ["/files/coat.jpg?size=full"]
    assert (taken["product"]["id"], taken["asset"]["filename"]) == (coat, "coat.jpg")
    assert (taken["asset"]["width"], taken["asset"]["height"]) == (660, 900)
    (shown,) = joor.get("/products")[0]["images"]
    assert shown == {"id": taken["id"], "url": taken["asset"]["url"]}
    served = exchange(joor.url, "GET", shown["url"].removeprefix(joor.url))
    assert (served.status, served.headers["content-type"], served.body) == (200, "image/jpeg", content)
    (kept,) = joor_control.get("/assets")
    assert kept["sha256"] == hashlib.sha256(content).hexdigest()


def test_pictures_are_shown_in_display_order(joor, shelf, coat):
    url = shelf.put("a.png", picture())
    back, front = asset(coat, url, "back.png") | {"display_order": 2}, asset(coat, url, "front.png")

    back_taken, front_taken = joor.post("/assets/products", back, front)

    assert [image["id"] for image in joor.get("/products")[0]["images"]] == [front_taken["id"], back_taken["id"]]


@pytest.mark.parametrize("kind", ["GIF", "JPEG", "PNG"])
def test_the_three_kinds_of_pictures_are_taken(joor, shelf, coat, kind):
    url = shelf.put("a", picture(kind=kind))

    assert joor.post("/assets/products", asset(coat, url, f"a.{kind.lower()}"))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (picture(kind="WEBP"), "the file is no picture"),
        (b"<html>", "the file is no picture"),
        (picture()[:60], "the file is no picture"),
        (b"", "the file is no picture"),
        (None, "cannot be downloaded: it answers 404"),
    ],
)
def test_what_cannot_be_decoded_or_downloaded_is_refused(joor, joor_control, shelf, coat, content, says):
    url = f"{shelf.url}/gone.png" if content is None else shelf.put("a.png", content)

    error = joor.refused("/assets/products", asset(coat, url))

    assert error["status"] == "VALIDATION_ERROR"
    assert says in error["message"]
    assert joor_control.get("/assets") == []


@pytest.mark.parametrize("url", ["http://192.0.2.1/a.png", "https://127.0.0.1/a.png", "a.png", "ftp://127.0.0.1/a", ""])
def test_the_sandbox_fetches_from_this_machine_alone(joor, coat, url):
    assert joor.refused("/assets/products", asset(coat, url))["status"] == "VALIDATION_ERROR"


@pytest.mark.parametrize(
    ("filename", "kind"),
    [("coat.webp", "image"), ("coat", "image"), ("png", "image"), ("x" * 97 + ".png", "image"), ("coat.png", "video")],
)
def test_a_filename_has_a_known_ending_and_100_characters_at_most(joor, shelf, coat, filename, kind):
    url = shelf.put("a.png", picture())

    assert joor.refused("/assets/products", asset(coat, url, filename, kind))["status"] == "VALIDATION_ERROR"
    assert joor.post("/assets/products", asset(coat, url, "x" * 96 + ".PNG"))


def test_a_picture_may_have_so_many_bytes(joor, joor_control, shelf, coat):
    content = picture()
    url = shelf.put("a.png", content)

    joor_control.set(image_bytes=len(content) - 1)
    assert "larger than" in joor.refused("/assets/products", asset(coat, url))["message"]
    joor_control.set(image_bytes=len(content))

    assert joor.post("/assets/products", asset(coat, url))


def test_a_filename_is_unique(joor, shelf, coat):
    url = shelf.put("a.png", picture())
    joor.post("/assets/products", asset(coat, url))

    assert joor.refused("/assets/products", asset(coat, url))["status"] == "DUPLICATED"


def test_an_external_id_cannot_be_sent_again_even_in_place_of_the_older(joor, shelf, coat):
    url = shelf.put("a.png", picture())
    item = asset(coat, url, external_id="COAT1-1")
    joor.post("/assets/products", item)

    error = joor.refused("/assets/products?replace_all=true", item)

    assert (error["status"], "external_id" in error["message"]) == ("DUPLICATED", True)


def test_replace_all_deletes_the_kinds_that_come_of_the_products_concerned(joor, joor_control, shelf, coat):
    cape = joor.add_product("CAPE")
    old, new = shelf.put("old.png", picture()), shelf.put("new.png", picture(colour="red"))
    joor.post("/assets/products", *[asset(coat, old, name) for name in ("a.png", "b.png")], asset(cape, old, "c.png"))
    joor.post("/assets/sku_trait_values/", swatch(coat, old))
    old_url = joor.get("/products")[1]["images"][0]["url"]

    joor.post("/assets/products?replace_all=true", asset(coat, new, "a.png"))

    assert filenames(joor_control) == ["c.png", "black.png", "a.png"]
    assert exchange(joor.url, "GET", old_url.removeprefix(joor.url)).status == 200
    assert len(joor.get("/products")[0]["images"]) == 1


def test_what_cannot_be_downloaded_replaces_nothing(joor, joor_control, shelf, coat):
    joor.post("/assets/products", asset(coat, shelf.put("a.png", picture())))

    joor.refused("/assets/products?replace_all=true", asset(coat, f"{shelf.url}/gone.png", "b.png"))

    assert filenames(joor_control) == ["coat.png"]


def test_bytes_nobody_shows_any_more_are_forgotten(joor, shelf, coat):
    joor.post("/assets/products", asset(coat, shelf.put("a.png", picture())))
    url = joor.get("/products")[0]["images"][0]["url"]

    joor.post("/assets/products?replace_all=true", asset(coat, shelf.put("b.png", picture(colour="red"))))

    assert exchange(joor.url, "GET", url.removeprefix(joor.url)).status == 404


@pytest.mark.parametrize("value", [{"external_id": "BLA"}, {"value": "Black"}])
def test_a_swatch_is_shown_with_its_colour(joor, shelf, coat, value):
    url = shelf.put("black.png", picture(200, 200, colour="black"))

    (taken,) = joor.post("/assets/sku_trait_values/", swatch(coat, url, **value))

    colours = {sku["trait_values"][0]["value"]: sku["trait_values"][0]["swatch"] for sku in joor.get("/skus")}
    assert colours == {"Black": {"id": taken["id"], "url": taken["asset"]["url"]}, "Navy": None}
    assert joor.get("/products")[0]["images"] == []


def test_a_swatch_needs_a_colour_the_product_has(joor, shelf, coat):
    url = shelf.put("a.png", picture())

    error = joor.refused("/assets/sku_trait_values/", swatch(coat, url, external_id="RED"))

    assert error["status"] == "NOT_FOUND"
    assert joor.refused("/assets/products", asset("1", url))["status"] == "NOT_FOUND"


def test_a_product_has_one_video(joor, shelf, coat):
    url = shelf.put("a.mp4", b"\0\0\0\x18ftypmp42" + b"\0" * 12)

    first = joor.post("/assets/products", asset(coat, url, "a.mp4", "video"))[0]
    second = joor.refused("/assets/products", asset(coat, url, "b.mp4", "video"))

    assert (first["asset"]["width"], second["status"]) == (None, "VALIDATION_ERROR")


def test_bytes_need_not_be_kept(joor, joor_control, shelf, coat):
    joor_control.set(keep_images=False)
    (taken,) = joor.post("/assets/products", asset(coat, shelf.put("a.png", picture())))

    assert taken["asset"]["width"] == 66
    assert exchange(joor.url, "GET", taken["asset"]["url"].removeprefix(joor.url)).status == 404
