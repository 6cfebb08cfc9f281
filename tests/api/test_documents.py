"""The OpenAPI documents, and the pages that show them."""

from typing import Any

import pytest
from ninja.constants import NOT_SET
from openapi_spec_validator import OpenAPIV31SpecValidator
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from linesheet.api.hub.routers import HUB
from linesheet.api.mounting import apis
from linesheet.sync import registry
from tests.api.conftest import Http
from tests.browsers import chromium

DOCUMENTS = ["/api/v1/openapi.json", "/api/caller/v1/openapi.json"]


@pytest.mark.parametrize("path", DOCUMENTS)
def test_the_document_is_valid_openapi_3_1(ask: Http, path: str):
    document = ask.with_key("").get(path).json

    assert document["openapi"].startswith("3.1")
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


@pytest.mark.parametrize("path", DOCUMENTS)
def test_the_document_tells_the_problems_of_every_endpoint(ask: Http, path: str):
    document = ask.get(path).json

    for address, methods in document["paths"].items():
        for method, told in methods.items():
            answers = told["responses"]
            assert {"400", "401", "403", "413", "429", "503"} <= set(answers), (method, address)
            assert all(
                list(answer["content"]) == ["application/problem+json"]
                for status, answer in answers.items()
                if status >= "400"
            )
            assert {"Bearer"} in [set(one) for one in told["security"]], (method, address)
            assert told["summary"]
    assert {"Problem", "Issue"} <= set(document["components"]["schemas"])


def test_no_two_shapes_of_a_document_have_one_name():
    """Of two, the document would show the latter in both places."""
    for api in apis(HUB, registry.platforms().values()):
        shapes: dict[str, Any] = {}
        for model in (model for operation in api._operations() for model in _models(operation)):
            for name, shape in model.model_json_schema().get("$defs", {}).items():
                assert shapes.setdefault(name, shape) == shape, name


def _models(operation: Any) -> list[Any]:
    answered = [model for model in operation.response_models.values() if model not in (None, NOT_SET)]
    return [*operation.models, *answered]


def test_answers_are_told_with_the_headers_they_always_have(ask: Http):
    told = ask.get(DOCUMENTS[0]).json["paths"]["/api/v1/runs"]["get"]["responses"]

    assert {status: set(answer["headers"]) - {"X-Request-Id"} for status, answer in told.items()} == {
        **{status: set() for status in told},
        "200": {"ETag"},
        "401": {"WWW-Authenticate"},
        "429": {"Retry-After"},
        "503": {"Retry-After"},
    }


def test_what_an_endpoint_may_answer_besides_is_told(ask: Http):
    hub, caller = (ask.get(path).json["paths"] for path in DOCUMENTS)

    assert "410" in hub["/api/v1/products"]["get"]["responses"]
    assert "304" in hub["/api/v1/seasons"]["get"]["responses"]
    assert "404" in hub["/api/v1/seasons/{season_id}"]["get"]["responses"]
    noted = caller["/api/caller/v1/notes"]["post"]
    assert {"200", "201", "409", "422"} <= set(noted["responses"])
    assert "Idempotency-Key" in [one["name"] for one in noted["parameters"]]
    assert "`notes:write`" in noted["description"]


@pytest.mark.browser
def test_the_docs_are_shown_without_anything_from_elsewhere(live_server: LiveServer, key: str):
    with chromium() as browser:
        page = browser.new_page(base_url=live_server.url)
        asked: list[str] = []
        said: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: said.append(str(error)))

        page.goto("/api/docs")
        page.get_by_text("/api/v1/status", exact=True).click()
        page.get_by_role("button", name="Try it out").click()
        page.get_by_role("button", name="Authorize", exact=False).first.click()
        page.locator("#auth-bearer-value").fill(key)
        page.get_by_role("button", name="Apply credentials").first.click()
        page.get_by_role("button", name="Close").first.click()
        page.get_by_role("button", name="Execute").click()
        expect(page.locator(".live-responses-table").first).to_contain_text("Atelier Nord")

        page.get_by_role("link", name="Linesheet for Caller").click()
        expect(page.get_by_text("/api/caller/v1/notes", exact=True)).to_be_visible()
        assert [url for url in asked if not url.startswith((live_server.url, "data:"))] == []
        assert said == []
