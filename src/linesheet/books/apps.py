from django.apps import AppConfig
from django.db.backends.signals import connection_created

from linesheet.books.arrays import write_arrays_quickly


class BooksConfig(AppConfig):
    name = "linesheet.books"
    label = "books"

    def ready(self) -> None:
        connection_created.connect(write_arrays_quickly)
