from django.apps import AppConfig


class SyncConfig(AppConfig):
    name = "linesheet.sync"
    label = "sync"
