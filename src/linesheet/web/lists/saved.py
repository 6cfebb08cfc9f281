"""Views of lists that people keep: a name for what a query string asks."""

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from linesheet.web.access import MemberRequest
from linesheet.web.going_back import way_back
from linesheet.web.models import SavedView


def views_of(request: MemberRequest, list_key: str, query: QueryDict) -> list[dict[str, object]]:
    """The views of a list the member kept, and those others share; each says whether it is what is asked."""
    here = _of_the_list(query)
    kept = SavedView.objects.filter(Q(user=request.user) | Q(shared=True), list=list_key).select_related("user")
    return [{"view": view, "here": view.query == here, "own": view.user_id == request.user.pk} for view in kept]


@require_POST
def keep(request: MemberRequest) -> HttpResponseBase:
    """Keep what the page asks for under a name; a view of that name is replaced."""
    name = " ".join(request.POST.get("name", "").split())[:60]
    back = way_back(request)
    if not name:
        messages.error(request, "Give the view a name.")
        return redirect(back)
    query = _of_the_list(QueryDict(request.POST.get("query", "").removeprefix("?")))
    given = {"query": query, "shared": request.POST.get("shared") == "yes"}
    of = {"user": request.user, "list": request.POST.get("list", "")[:40]}
    try:
        with transaction.atomic():
            if not SavedView.objects.filter(**of, name__iexact=name).update(**given):
                SavedView.objects.create(**of, **given, name=name)
    except IntegrityError:  # kept twice in this moment
        SavedView.objects.filter(**of, name__iexact=name).update(**given)
    messages.success(request, f"The view {name} is kept.")
    return redirect(f"{back.partition('?')[0]}?{query}")


@require_POST
def drop(request: MemberRequest, view_id: int) -> HttpResponseBase:
    """Forget a view of one's own."""
    view: SavedView = get_object_or_404(SavedView.objects.filter(user=request.user), pk=view_id)
    view.delete()
    messages.success(request, f"The view {view.name} is gone; the records are not.")
    return redirect(way_back(request).partition("?")[0])


def _of_the_list(query: QueryDict) -> str:
    """What a query string asks of the list itself, whatever page of it is on show."""
    kept = query.copy()
    for key in ("after", "export"):
        kept.pop(key, None)
    for key in [key for key, values in kept.lists() if not any(values)]:
        kept.pop(key)
    return kept.urlencode()
