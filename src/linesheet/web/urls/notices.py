"""The pages of notices: what one was told, and what one is told."""

from django.urls import path

from linesheet.web.views import notices

urlpatterns = [
    path("notices/", notices.show, name="notices"),
    path("notices/read/", notices.read_all, name="read_notices"),
    path("notices/unread/", notices.unread_again, name="unread_notices"),
    path("notices/choices/", notices.choices, name="notice_choices"),
    path("notices/test/", notices.test, name="test_notice"),
    path("notices/<int:notice_id>/", notices.open_run, name="notice"),
    path("notices/<int:notice_id>/read/", notices.read, name="read_notice"),
]
