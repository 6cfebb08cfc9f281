"""The pages of what was done: activity, runs, items, calls, and the orders that came in."""

from django.urls import path

from linesheet.web.views import activity, calls, connection_orders, items, replays, runs

urlpatterns = [
    path("connections/<int:connection_id>/activity/", activity.show, name="activity"),
    path("connections/<int:connection_id>/activity/calls/", calls.show, name="calls"),
    path("connections/<int:connection_id>/orders/", connection_orders.show, name="connection_orders"),
    path("connections/<int:connection_id>/inbox/", connection_orders.inbox, name="inbox"),
    path("inbox/<int:inbox_id>/", connection_orders.details, name="inbox_record"),
    path("inbox/<int:inbox_id>/resolve/", connection_orders.resolve, name="inbox_resolve"),
    path("calls/<int:exchange_id>/", calls.call, name="call"),
    path("runs/<int:run_id>/", runs.show, name="run"),
    path("runs/<int:run_id>/progress/", runs.progress, name="progress"),
    path("runs/<int:run_id>/details/", activity.details, name="run_details"),
    path("runs/<int:run_id>/approve/", runs.approve, name="approve"),
    path("runs/<int:run_id>/cancel/", runs.cancel, name="cancel"),
    path("runs/<int:run_id>/again/", replays.run, name="run_again"),
    path("runs/<int:run_id>/file/", runs.file, name="run_file"),
    path("runs/<int:run_id>/items/<int:item_id>/", items.show, name="item"),
    path("runs/<int:run_id>/items/<int:item_id>/again/", replays.item, name="item_again"),
]
