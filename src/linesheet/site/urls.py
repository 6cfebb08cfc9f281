"""Where each door is mounted."""

from django.urls import include, path

urlpatterns = [path("api/", include("linesheet.api.urls")), path("", include("linesheet.web.urls"))]
