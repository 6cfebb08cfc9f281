from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "linesheet.api"
    label = "api"
