"""The site's addresses, with the platform of these tests mounted in place of the installed ones."""

from django.urls import include, path

from linesheet.api import docs
from linesheet.api.hub.routers import HUB
from linesheet.api.mounting import apis
from tests.api.caller import CALLER

_apis = apis(HUB, [CALLER])
urlpatterns = [
    path("api/", include([*docs.pages_of(_apis), *(api.mounted() for api in _apis)])),
    path("", include("linesheet.web.urls")),
]
