"""Where each door is mounted."""

from django.urls import include, path

urlpatterns = [path("", include("linesheet.web.urls"))]
