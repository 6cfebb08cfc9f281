"""Pages of customers and orders, by their address."""

from django.urls import path

from linesheet.web.views.books import customer, customer_review, customers, held, order, orders

urlpatterns = [
    path("customers/", customers.show, name="customers"),
    path("customers/new/", customer.new, name="new_customer"),
    path("customers/<int:customer_id>/", customer.show, name="customer"),
    path("customers/<int:customer_id>/edit/", customer.edit, name="edit_customer"),
    path("customers/<int:customer_id>/reviewed/", customer_review.reviewed, name="customer_reviewed"),
    path("customers/<int:customer_id>/merge/", customer_review.merge, name="merge_customer"),
    path("customers/<int:customer_id>/addresses/new/", customer.new_address, name="new_address"),
    path("customers/<int:customer_id>/addresses/<int:address_id>/", customer.address, name="address"),
    path(
        "customers/<int:customer_id>/addresses/<int:address_id>/remove/", customer.remove_address, name="drop_address"
    ),
    path("customers/<int:customer_id>/contacts/new/", customer.new_contact, name="new_contact"),
    path("customers/<int:customer_id>/contacts/<int:contact_id>/", customer.contact, name="contact"),
    path("customers/<int:customer_id>/contacts/<int:contact_id>/remove/", customer.remove_contact, name="drop_contact"),
    path("orders/", orders.show, name="orders"),
    path("orders/held/", held.show_list, name="held_orders"),
    path("orders/held/<int:inbox_id>/", held.show, name="held_order"),
    path("orders/held/<int:inbox_id>/decide/<str:decision>/", held.decide, name="decide_on_held"),
    path("orders/held/<int:inbox_id>/customer/add/", held.add_customer, name="add_customer_of_held"),
    path("orders/held/<int:inbox_id>/customer/", held.this_is, name="customer_of_held"),
    path("orders/held/<int:inbox_id>/order/", held.this_order, name="order_of_held"),
    path("orders/held/<int:inbox_id>/lines/<int:line>/barcode/", held.give_barcode, name="barcode_of_held"),
    path("orders/<int:order_id>/", order.show, name="order"),
    path("orders/<int:order_id>/earlier/inactivate/", order.inactivate_earlier, name="inactivate_earlier"),
    path("orders/<int:order_id>/do/<str:deed>/", order.do, name="do_to_order"),
]
