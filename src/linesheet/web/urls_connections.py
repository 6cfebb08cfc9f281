"""The pages of connections."""

from django.urls import path

from linesheet.web.views import connection_list, connections, problems

urlpatterns = [
    path("connections/", connection_list.show, name="connections"),
    path("connections/add/", connection_list.show, name="connection_add"),
    path("connections/<int:connection_id>/", connections.show, name="connection"),
    path("connections/<int:connection_id>/switch/", connections.switch, name="switch"),
    path("connections/<int:connection_id>/problems/", problems.show, name="problems"),
    path("connections/<int:connection_id>/tasks/<str:task>/start/", connections.start, name="start"),
    path("connections/<int:connection_id>/tasks/<str:task>/schedule/", connections.schedule, name="schedule"),
]
