from django.apps import AppConfig


class BooksConfig(AppConfig):
    name = "linesheet.books"
    label = "books"
