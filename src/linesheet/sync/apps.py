from django.apps import AppConfig


class SyncConfig(AppConfig):
    name = "linesheet.sync"
    label = "sync"

    def ready(self) -> None:
        from linesheet.sync.undo_rules import register_all

        register_all()
