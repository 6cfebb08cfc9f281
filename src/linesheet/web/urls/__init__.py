"""Every page, by its address: each room's own, and what belongs to none. What machines ask is in `views.machines`."""

from django.urls import include, path

from linesheet.web.lists import saved
from linesheet.web.views import home, open_doors, undo

urlpatterns = [
    path("", home.show, name="home"),
    path("views/keep/", saved.keep, name="keep_view"),
    path("views/<int:view_id>/drop/", saved.drop, name="drop_view"),
    path("undo/<int:change_set_id>/", undo.undo, name="undo"),
    path("pictures/<str:token>.<str:format>", open_doors.picture, name="picture"),
    path("", include("linesheet.web.urls.people")),
    path("", include("linesheet.web.urls.api")),
    path("", include("linesheet.web.urls.connections")),
    path("", include("linesheet.web.urls.activity")),
    path("", include("linesheet.web.urls.catalogue")),
    path("", include("linesheet.web.urls.products")),
    path("", include("linesheet.web.urls.imports")),
    path("", include("linesheet.web.urls.trade")),
    path("", include("linesheet.web.urls.notices")),
]
