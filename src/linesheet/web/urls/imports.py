"""Pages of files that people bring into the books."""

from django.urls import path

from linesheet.web.views import import_files, imports

urlpatterns = [
    path("imports/", imports.start, name="imports"),
    path("imports/templates/<str:kind>.<str:format>", import_files.template, name="import_template"),
    path("imports/<int:import_id>/", imports.show, name="import"),
    path("imports/<int:import_id>/columns/", imports.columns, name="import_columns"),
    path("imports/<int:import_id>/sheet/", imports.sheet, name="import_sheet"),
    path("imports/<int:import_id>/check/", imports.check, name="import_check"),
    path("imports/<int:import_id>/bring-in/", imports.bring_in, name="import_bring_in"),
    path("imports/<int:import_id>/cancel/", imports.cancel, name="import_cancel"),
    path("imports/<int:import_id>/undo/", imports.undo, name="import_undo"),
    path("imports/<int:import_id>/progress/", imports.progress, name="import_progress"),
    path("imports/<int:import_id>/discard/", imports.discard, name="import_discard"),
    path("imports/<int:import_id>/refused.csv", import_files.refused, name="import_refused"),
]
