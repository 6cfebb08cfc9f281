"""The pages of connections."""

from django.urls import path

from linesheet.web.views import (
    connection_adding,
    connection_list,
    connection_settings,
    connections,
    links,
    matches,
    problems,
    readiness,
)

urlpatterns = [
    path("connections/", connection_list.show, name="connections"),
    path("connections/add/", connection_adding.choose, name="connection_add"),
    path("connections/add/<str:platform>/", connection_adding.add, name="connection_add_to"),
    path("connections/customers/", connection_settings.customer_options, name="customer_options"),
    path("connections/<int:connection_id>/", connections.show, name="connection"),
    path("connections/<int:connection_id>/grant/", connection_adding.grant, name="connection_grant"),
    path("connections/<int:connection_id>/settings/", connection_settings.show, name="connection_settings"),
    path("connections/<int:connection_id>/seasons/", connection_settings.seasons, name="connection_seasons"),
    path("connections/<int:connection_id>/try/", connection_settings.try_out, name="connection_try"),
    path("connections/<int:connection_id>/offers/", connection_settings.ask_offers, name="connection_offers"),
    path("connections/<int:connection_id>/delete/", connection_settings.delete, name="connection_delete"),
    path("connections/<int:connection_id>/readiness/", readiness.show, name="readiness"),
    path("connections/<int:connection_id>/readiness/records/", readiness.findings, name="readiness_findings"),
    path("connections/<int:connection_id>/readiness/file/", readiness.file, name="readiness_file"),
    path("connections/<int:connection_id>/links/", links.show, name="links"),
    path("connections/<int:connection_id>/links/add/", links.add, name="link_add"),
    path("connections/<int:connection_id>/unlinked/", matches.workbench, name="unlinked"),
    path("connections/<int:connection_id>/unlinked/look/", matches.look, name="unlinked_look"),
    path("connections/<int:connection_id>/unlinked/<int:suggestion_id>/", matches.suggestion, name="suggestion"),
    path("connections/<int:connection_id>/matches/", matches.made, name="matches"),
    path("connections/<int:connection_id>/switch/", connections.switch, name="switch"),
    path("connections/<int:connection_id>/problems/", problems.show, name="problems"),
    path("connections/<int:connection_id>/tasks/<str:task>/start/", connections.start, name="start"),
    path("connections/<int:connection_id>/tasks/<str:task>/schedule/", connections.schedule, name="schedule"),
]
