"""Fetching pictures."""

from linesheet.books.fetching import IMAGE_URLS


def test_pictures_that_could_not_be_fetched_are_told_with_what_helps(linesheet, as_json, coats):
    coats[0].custom = {IMAGE_URLS: ["http://10.0.0.7/1.jpg"]}
    coats[0].save()

    result = linesheet("pictures", "fetch")

    assert result.exit_code == 3
    assert result.stdout.startswith("1 pictures = 0 fetched + 1 refused\n  The picture http://10.0.0.7/1.jpg of COAT-")
    assert [row["reason"] for row in as_json("pictures", "fetch", "COAT-BLACK")["pictures"]] == ["picture_address"]
    assert linesheet("pictures", "fetch", "COAT-RED").exit_code == 0
