"""What a query string asks of a list."""

from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q
from django.http import QueryDict

from linesheet.books.tenancy import CompanyOwned, company_in_hand
from linesheet.web.access import MemberRequest
from linesheet.web.lists.declared import Column, Filter, RecordList, Rows

GRID = "grid"
_OF_THE_PAGE = ("after", "export")


@dataclass(frozen=True, slots=True)
class Answered:
    """A filter with the value that was asked for, "" for none. No row passes a value that is `unknown`."""

    filter: Filter
    value: str
    choices: list[tuple[str, str]]
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A list as it is asked for. `sort` is the key of a column, with "-" before it for falling order."""

    declared: RecordList
    query: QueryDict
    answers: list[Answered]
    columns: list[Column]
    sort: str
    grid: bool

    @property
    def narrowed(self) -> bool:
        """Whether any filter is set."""
        return any(answer.value for answer in self.answers)

    def rows(self, rows: Rows) -> Rows:
        """The rows that pass the filters."""
        for answer in self.answers:
            if answer.unknown:
                return rows.none()
            if answer.value:
                rows = answer.filter.narrow(rows, answer.value)
        return rows

    def ordered(self, rows: Rows) -> tuple[Rows, str, bool]:
        """The rows in the order asked for, with the field they are ordered by and whether it falls."""
        falling = self.sort.startswith("-")
        column = next((one for one in self.declared.columns if one.key == self.sort.lstrip("-")), None)
        name = column.sort if column else self.declared.order.lstrip("-")
        if column is None:
            falling = self.declared.order.startswith("-")
        order = (F(name).desc(), "-pk") if falling else (F(name).asc(), "pk")
        rows = _of_related(rows, name)
        return rows.order_by(*([self.declared.within] if self.declared.within else []), *order), name, falling

    def with_(self, **changed: str | None) -> str:
        """The query string with some values changed, from the first page on; None takes one out."""
        query = self.query.copy()
        for key in _OF_THE_PAGE:
            query.pop(key, None)
        for key, value in changed.items():
            query.pop(key, None)
            if value is not None:
                query[key] = value
        return f"?{query.urlencode()}"


def _of_related(rows: Rows, name: str) -> Rows:
    """The same rows, found from what they are sorted by where that is of the company too.

    Said so, the database can begin with the first customer, say, instead of naming the customer of each order.
    """
    relation, _, _ = name.rpartition("__")
    model: Any = rows.model
    for step in filter(None, relation.split("__")):
        model = model._meta.get_field(step).related_model
    if relation and issubclass(model, CompanyOwned):
        return rows.filter(**{f"{relation}__company": company_in_hand()})
    return rows


def asked(request: MemberRequest, declared: RecordList, query: QueryDict | None = None) -> Asked:
    """What the request, or another query string, asks of the list; a column or an order it cannot have is left out.

    A filter's value that is not offered is kept, and nothing passes it: whoever asks for less must not get more.

    The choice of columns is remembered for the session.
    """
    query = request.GET if query is None else query
    answers = [_answered(one, query) for one in declared.filters]
    sortable = {one.key for one in declared.columns if one.sort}
    sort = query.get("sort", "")
    return Asked(
        declared,
        query,
        answers,
        _columns(request, declared, query),
        sort if sort.lstrip("-") in sortable else "",
        bool(declared.grid) and query.get("as") == GRID,
    )


def beyond(rows: Rows, field: str, falling: bool, after: Any) -> Rows:
    """The rows that come after the one with this key, in the order of `ordered`; all of them when it has gone."""
    edge = rows.order_by().filter(pk=after).values_list(field, flat=True).first()
    return rows if edge is None else after_edge(rows, field, falling, edge, after)


def after_edge(rows: Rows, field: str, falling: bool, edge: Any, pk: Any) -> Rows:
    """The rows that come after one with this value in the field and this key, whether it is still there or not."""
    way = "lt" if falling else "gt"
    # Said twice, since an index can begin at a bound and not at a choice of two.
    rows = rows.filter(**{f"{field}__{way}e": edge})
    return rows.filter(Q(**{f"{field}__{way}": edge}) | Q(**{field: edge, f"pk__{way}": pk}))


def _answered(one: Filter, query: QueryDict) -> Answered:
    value = query.get(one.key, "").strip()
    if one.choices is None:
        return Answered(one, value, [])
    choices = list(one.choices())
    unknown = bool(value) and value not in dict(choices)
    return Answered(one, value, [*choices, (value, "not there any more")] if unknown else choices, unknown)


def _columns(request: MemberRequest, declared: RecordList, query: QueryDict) -> list[Column]:
    remembered = f"columns:{declared.key}"
    known = [one.key for one in declared.columns]
    if "columns" in query:
        chosen = [key for key in query.getlist("columns") if key in known]
        if chosen != request.session.get(remembered):
            request.session[remembered] = chosen
    wanted = request.session.get(remembered) or [one.key for one in declared.columns if one.usual]
    return [one for one in declared.columns if one.key in wanted]
