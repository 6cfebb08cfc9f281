"""Every page, by its address. What machines ask is in `views.machines`."""

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from linesheet.web import (
    urls_connections,
    urls_notices,
    urls_products,
    urls_trade,
)
from linesheet.web.forms import LogInForm
from linesheet.web.lists import saved
from linesheet.web.views import companies, home, items, open_doors, runs, undo

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
    *urls_connections.urlpatterns,
    path("runs/<int:run_id>/", runs.show, name="run"),
    path("runs/<int:run_id>/progress/", runs.progress, name="progress"),
    path("runs/<int:run_id>/approve/", runs.approve, name="approve"),
    path("runs/<int:run_id>/cancel/", runs.cancel, name="cancel"),
    path("runs/<int:run_id>/file/", runs.file, name="run_file"),
    path("runs/<int:run_id>/items/<int:item_id>/", items.show, name="item"),
    path("undo/<int:change_set_id>/", undo.undo, name="undo"),
    *urls_products.urlpatterns,
    *urls_trade.urlpatterns,
    path("pictures/<str:token>.<str:format>", open_doors.picture, name="picture"),
    *urls_notices.urlpatterns,
]
