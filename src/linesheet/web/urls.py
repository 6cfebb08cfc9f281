"""Every page, by its address: each room's own, and what belongs to none. What machines ask is in `views.machines`."""

from django.urls import include, path

from linesheet.web.lists import saved
from linesheet.web.views import home, items, open_doors, runs, undo

urlpatterns = [
    path("", home.show, name="home"),
    path("views/keep/", saved.keep, name="keep_view"),
    path("views/<int:view_id>/drop/", saved.drop, name="drop_view"),
    path("runs/<int:run_id>/", runs.show, name="run"),
    path("runs/<int:run_id>/progress/", runs.progress, name="progress"),
    path("runs/<int:run_id>/approve/", runs.approve, name="approve"),
    path("runs/<int:run_id>/cancel/", runs.cancel, name="cancel"),
    path("runs/<int:run_id>/file/", runs.file, name="run_file"),
    path("runs/<int:run_id>/items/<int:item_id>/", items.show, name="item"),
    path("undo/<int:change_set_id>/", undo.undo, name="undo"),
    path("pictures/<str:token>.<str:format>", open_doors.picture, name="picture"),
    path("", include("linesheet.web.urls_people")),
    path("", include("linesheet.web.urls_connections")),
    path("", include("linesheet.web.urls_catalogue")),
    path("", include("linesheet.web.urls_products")),
    path("", include("linesheet.web.urls_trade")),
    path("", include("linesheet.web.urls_imports")),
    path("", include("linesheet.web.urls_notices")),
]
