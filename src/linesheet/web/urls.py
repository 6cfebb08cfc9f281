"""Every page, by its address. What machines ask is in `views.machines`."""

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from linesheet.web import (
    urls_activity,
    urls_connections,
    urls_notices,
    urls_products,
)
from linesheet.web.forms import LogInForm
from linesheet.web.lists import saved
from linesheet.web.views import companies, home, open_doors, undo

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
    *urls_activity.urlpatterns,
    path("undo/<int:change_set_id>/", undo.undo, name="undo"),
    *urls_products.urlpatterns,
    path("pictures/<str:token>.<str:format>", open_doors.picture, name="picture"),
    *urls_notices.urlpatterns,
]
