"""Lists of records: one mechanism for every page that shows many.

A list is declared once as a `RecordList` (`declared.py`): its rows, columns, filters and actions. `show` answers the
page: filtered and sorted as the query string says, a page at a time, with saved views, a choice of columns, and rows
to select, act on and take out as CSV or XLSX.
"""

from linesheet.web.lists.declared import Action, Column, Filter, RecordList
from linesheet.web.lists.page import listed, show

__all__ = ["Action", "Column", "Filter", "RecordList", "listed", "show"]
