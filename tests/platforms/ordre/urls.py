"""The site's addresses with ORDRE's endpoints only."""

from django.urls import include, path

from linesheet.api.hub.routers import HUB
from linesheet.api.mounting import apis
from linesheet.platforms.ordre.platform import PLATFORM

urlpatterns = [
    path("api/", include([api.mounted() for api in apis(HUB, [PLATFORM])])),
    path("", include("linesheet.web.urls")),
]
