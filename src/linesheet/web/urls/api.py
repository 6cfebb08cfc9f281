"""The pages of keys for programs, and of the calls that programs make of us."""

from django.urls import path

from linesheet.web.views import api_calls, api_keys

urlpatterns = [
    path("api-keys/", api_keys.of_member, name="api_keys"),
    path("api-keys/calls/", api_calls.of_members, name="api_calls"),
    path("api-keys/calls/<int:api_call_id>/", api_calls.one, name="api_call"),
    path("api-keys/<int:api_key_id>/rotate/", api_keys.rotate, name="rotate_api_key"),
    path("api-keys/<int:api_key_id>/revoke/", api_keys.revoke, name="revoke_api_key"),
    path("api-keys/<int:api_key_id>/back/", api_keys.take_back, name="take_api_key_back"),
    path("connections/<int:connection_id>/keys/", api_keys.of_connection, name="connection_keys"),
    path("connections/<int:connection_id>/activity/calls-in/", api_calls.of_connection, name="calls_in"),
]
