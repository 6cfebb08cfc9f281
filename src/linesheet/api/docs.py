"""The interactive documentation: one page for each API, made of files of ours alone."""

from collections.abc import Iterable, Sequence
from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse

from linesheet.api.mounting import API


def pages_of(apis: Sequence[API]) -> list[URLPattern]:
    """The addresses of the pages, below /api/."""
    return [
        path(
            f"{api.opens}/docs" if api.opens else "docs",
            partial(_show, api=api, apis=apis),
            name=f"{api.urls_namespace}-docs",
        )
        for api in apis
    ]


def _show(request: HttpRequest, *, api: API, apis: Iterable[API]) -> HttpResponse:
    return render(
        request,
        "api/docs.html",
        {
            "api": api,
            "document": reverse(f"{api.urls_namespace}:openapi-json"),
            "pages": [
                {"name": one.title, "address": reverse(f"{one.urls_namespace}-docs"), "here": one is api}
                for one in apis
            ],
        },
    )
