"""Pages of products, seasons, prices and stock, by their address; and explanations."""

from django.urls import path

from linesheet.web.views import explain

urlpatterns = [
    path("explain/<str:kind>/<int:pk>/", explain.show, name="explain"),
]
