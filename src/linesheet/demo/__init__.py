"""A made-up brand to try Linesheet with: its books, and its connections to the sandboxes of this machine."""

from linesheet.demo.books import fill_books
from linesheet.demo.connecting import connect, connect_sandboxes, pair, section_path

__all__ = ["connect", "connect_sandboxes", "fill_books", "pair", "section_path"]
