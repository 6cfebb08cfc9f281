from urllib.parse import unquote

import pytest
from django.core import signing

from linesheet.sync import pictures


def token_of(url: str) -> str:
    return unquote(url).rsplit("/", 1)[1].rsplit(".", 1)[0]


def test_a_link_leads_to_its_picture():
    url = pictures.picture_url("https://hub.example", 7, "ab" * 32, "png")

    assert url.startswith("https://hub.example/pictures/")
    assert pictures.picture_of(token_of(url)) == (7, "ab" * 32, "png", None)


def test_a_forged_link_is_refused():
    forged = signing.dumps([7, "ab" * 32, "png"], salt="something else")

    with pytest.raises(signing.BadSignature):
        pictures.picture_of(forged)


def test_a_link_ends_after_two_weeks(monkeypatch):
    url = pictures.picture_url("https://hub.example", 7, "ab" * 32, "png")
    monkeypatch.setattr(pictures, "VALID_SECONDS", -1)

    with pytest.raises(signing.SignatureExpired):
        pictures.picture_of(token_of(url))


def test_a_frame_is_in_the_token_and_makes_the_picture_a_jpeg():
    url = pictures.picture_url("", 7, "ab" * 32, "png", frame=(660, 900))

    assert url.endswith(".jpg")
    assert pictures.picture_of(token_of(url)) == (7, "ab" * 32, "png", (660, 900))
