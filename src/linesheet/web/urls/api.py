"""The pages of keys for programs, of the calls that programs make of us, and of what we tell them."""

from django.urls import path

from linesheet.web.views import api_calls, api_keys, called, webhooks

urlpatterns = [
    path("api-keys/", api_keys.of_member, name="api_keys"),
    path("api-keys/calls/", api_calls.of_members, name="api_calls"),
    path("api-keys/calls/<int:api_call_id>/", api_calls.one, name="api_call"),
    path("api-keys/<int:api_key_id>/rotate/", api_keys.rotate, name="rotate_api_key"),
    path("api-keys/<int:api_key_id>/revoke/", api_keys.revoke, name="revoke_api_key"),
    path("api-keys/<int:api_key_id>/back/", api_keys.take_back, name="take_api_key_back"),
    path("connections/<int:connection_id>/keys/", api_keys.of_connection, name="connection_keys"),
    path("connections/<int:connection_id>/rehearse/", called.rehearse, name="rehearse"),
    path("connections/<int:connection_id>/activity/calls-in/", api_calls.of_connection, name="calls_in"),
    path("company/webhooks/", webhooks.show, name="webhooks"),
    path("company/webhooks/<int:webhook_id>/", webhooks.one, name="webhook"),
    path("company/webhooks/<int:webhook_id>/test/", webhooks.test, name="test_webhook"),
    path("company/webhooks/<int:webhook_id>/rotate/", webhooks.rotate, name="rotate_webhook"),
    path("company/webhooks/<int:webhook_id>/switch/", webhooks.switch, name="switch_webhook"),
    path("company/webhooks/<int:webhook_id>/remove/", webhooks.remove, name="remove_webhook"),
    path("company/webhooks/deliveries/<int:delivery_id>/", webhooks.delivery, name="delivery"),
    path("company/webhooks/deliveries/<int:delivery_id>/replay/", webhooks.replay, name="replay_delivery"),
]
