"""The pages of a connection's catalogue, by their address."""

from django.urls import path

from linesheet.web.views.catalogue import pages, picker, products, sections

_OF = "connections/<int:connection_id>/catalogue/"
_SECTION = f"{_OF}<int:section_id>/"

urlpatterns = [
    path(_OF, pages.show, name="catalogue"),
    path(f"{_OF}add/", sections.add, name="add_section"),
    path(f"{_OF}warnings/", pages.warnings, name="catalogue_warnings"),
    path(_SECTION, pages.show, name="catalogue_section"),
    path(f"{_SECTION}options/", pages.options, name="section_options"),
    path(f"{_SECTION}branch/", pages.branch, name="branch"),
    path(f"{_SECTION}rename/", sections.rename, name="rename_section"),
    path(f"{_SECTION}move/", sections.move, name="move_section"),
    path(f"{_SECTION}copy/", sections.copy, name="copy_section"),
    path(f"{_SECTION}remove/", sections.remove, name="remove_section"),
    path(f"{_SECTION}products/move/", products.move, name="move_products"),
    path(f"{_SECTION}add/", picker.show, name="pick_products"),
    path(f"{_SECTION}add/all/", picker.everything, name="pick_all"),
    path(f"{_SECTION}add/codes/", picker.codes, name="pick_codes"),
    path(f"{_SECTION}add/place/", picker.place, name="place_products"),
]
