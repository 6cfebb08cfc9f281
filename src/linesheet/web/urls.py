"""Every page, by its address. What machines ask is in `views.machines`."""

from django.urls import include, path

from linesheet.web.lists import saved
from linesheet.web.views import connections, home, inbox, items, open_doors, problems, runs

urlpatterns = [
    path("", home.show, name="home"),
    path("", include("linesheet.web.urls_people")),
    path("views/keep/", saved.keep, name="keep_view"),
    path("views/<int:view_id>/drop/", saved.drop, name="drop_view"),
    path("connections/<int:connection_id>/", connections.show, name="connection"),
    path("connections/<int:connection_id>/switch/", connections.switch, name="switch"),
    path("connections/<int:connection_id>/problems/", problems.show, name="problems"),
    path("connections/<int:connection_id>/inbox/", inbox.show, name="inbox"),
    path("connections/<int:connection_id>/tasks/<str:task>/start/", connections.start, name="start"),
    path("connections/<int:connection_id>/tasks/<str:task>/schedule/", connections.schedule, name="schedule"),
    path("runs/<int:run_id>/", runs.show, name="run"),
    path("runs/<int:run_id>/progress/", runs.progress, name="progress"),
    path("runs/<int:run_id>/approve/", runs.approve, name="approve"),
    path("runs/<int:run_id>/cancel/", runs.cancel, name="cancel"),
    path("runs/<int:run_id>/file/", runs.file, name="run_file"),
    path("runs/<int:run_id>/items/<int:item_id>/", items.show, name="item"),
    path("pictures/<str:token>.<str:format>", open_doors.picture, name="picture"),
]
