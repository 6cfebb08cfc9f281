"""Every page, by its address. What machines ask is in `views.machines`."""

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path

from linesheet.web.forms import LogInForm
from linesheet.web.lists import saved
from linesheet.web.views import companies, connections, home, inbox, items, open_doors, problems, runs

urlpatterns = [
    path("", home.show, name="home"),
    path(
        "login/",
        LoginView.as_view(
            template_name="web/login.html",
            authentication_form=LogInForm,
            redirect_authenticated_user=True,
        ),
        name="login",
    ),
    path("logout/", login_not_required(LogoutView.as_view()), name="logout"),
    path("company/", companies.choose, name="choose_company"),
    path("views/keep/", saved.keep, name="keep_view"),
    path("views/<int:view_id>/drop/", saved.drop, name="drop_view"),
    path("connections/<int:connection_id>/", connections.show, name="connection"),
    path("connections/<int:connection_id>/switch/", connections.switch, name="switch"),
    path("connections/<int:connection_id>/problems/", problems.show, name="problems"),
    path("connections/<int:connection_id>/inbox/", inbox.show, name="inbox"),
    path("connections/<int:connection_id>/tasks/<str:task>/start/", connections.start, name="start"),
    path("connections/<int:connection_id>/tasks/<str:task>/schedule/", connections.schedule, name="schedule"),
    path("", include("linesheet.web.urls_catalogue")),
    path("runs/<int:run_id>/", runs.show, name="run"),
    path("runs/<int:run_id>/progress/", runs.progress, name="progress"),
    path("runs/<int:run_id>/approve/", runs.approve, name="approve"),
    path("runs/<int:run_id>/cancel/", runs.cancel, name="cancel"),
    path("runs/<int:run_id>/file/", runs.file, name="run_file"),
    path("runs/<int:run_id>/items/<int:item_id>/", items.show, name="item"),
    path("pictures/<str:token>.<str:format>", open_doors.picture, name="picture"),
]
