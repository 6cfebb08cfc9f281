"""Pages of products, seasons, prices and stock, by their address; and explanations."""

from django.urls import path

from linesheet.web.views import explain
from linesheet.web.views.books import (
    barcodes,
    locations,
    pictures,
    price_cells,
    price_edits,
    price_lists,
    product,
    product_edits,
    product_pictures,
    products,
    season_edits,
    seasons,
    stock,
    stock_adding,
    stock_coming,
    stock_edits,
)

urlpatterns = [
    path("explain/<str:kind>/<int:pk>/", explain.show, name="explain"),
    path("products/", products.show, name="products"),
    path("products/barcodes/", barcodes.show, name="barcodes"),
    path("products/barcodes/give/", barcodes.give, name="give_barcodes"),
    path("products/<int:product_id>/", product.show, name="product"),
    path("products/<int:product_id>/facts/", product_edits.facts, name="product_facts"),
    path("products/<int:product_id>/skus/<int:sku_id>/barcode/", product_edits.barcode, name="sku_barcode"),
    path("products/<int:product_id>/pictures/add/", product_pictures.add, name="add_pictures"),
    path("products/<int:product_id>/pictures/order/", product_pictures.order, name="order_pictures"),
    path("products/<int:product_id>/pictures/<int:image_id>/remove/", product_pictures.remove, name="remove_picture"),
    path("products/pictures/<int:image_id>/<int:width>/", pictures.small, name="small_picture"),
    path("seasons/", seasons.show, name="seasons"),
    path("seasons/add/", season_edits.add, name="add_season"),
    path("seasons/<int:season_id>/", season_edits.change, name="season"),
    path("seasons/<int:season_id>/archive/", season_edits.archive, name="archive_season"),
    path("seasons/<int:season_id>/carry-on/", season_edits.carry_on, name="carry_on_season"),
    path("price-lists/", price_lists.show, name="price_lists"),
    path("price-lists/add/", price_edits.add, name="add_price_list"),
    path("price-lists/<int:price_list_id>/", price_edits.latest, name="price_list"),
    path(
        "price-lists/<int:price_list_id>/<int:season_id>/<str:currency>/",
        price_edits.show,
        name="prices",
    ),
    path(
        "products/<int:product_id>/prices/<int:season_id>/<int:price_list_id>/<str:currency>/",
        price_cells.save,
        name="set_price",
    ),
    path("stock/", stock.show, name="stock"),
    path("stock/add/", stock_adding.add, name="add_stock"),
    path("stock/skus/", stock_adding.skus, name="stock_skus"),
    path("stock/locations/", locations.show, name="locations"),
    path("stock/locations/add/", locations.add, name="add_location"),
    path("stock/locations/<int:location_id>/", locations.change, name="location"),
    path("stock/coming/", stock_coming.show, name="stock_coming"),
    path("stock/coming/<int:coming_id>/units/", stock_coming.set_units, name="coming_units"),
    path("stock/<int:stock_id>/<str:figure>/", stock_edits.set_figure, name="stock_figure"),
]
