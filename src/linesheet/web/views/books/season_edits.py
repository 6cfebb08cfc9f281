"""Adding and changing a season, carrying on from the one before, and the archive."""

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from linesheet.books import seasons
from linesheet.books.changes import recorded
from linesheet.books.models import Season
from linesheet.books.reasons import Refused
from linesheet.books.words import counted
from linesheet.web.access import MemberRequest, editors_only
from linesheet.web.forms.books import SeasonForm
from linesheet.web.undoing import offer_undo

_FIELDS = ("name", "starts_on", "previous", "delivery_starts_on", "delivery_cancels_on")


@require_http_methods(["GET", "HEAD", "POST"])
@editors_only("add seasons")
def add(request: MemberRequest) -> HttpResponseBase:
    """A form for a new season."""
    latest = Season.objects.filter(archived=False).order_by("-starts_on", "-pk").first()
    form = SeasonForm(request.POST if request.method == "POST" else None, initial={"previous": latest})
    if request.method == "POST" and form.is_valid():
        try:
            with recorded("seasons", "Added a season.", by=request.user) as changes:
                season = seasons.create_season(**form.cleaned_data)
                changes.says = f"Season {season} added."
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            offer_undo(request, changes, changes.says)
            return redirect("season", season.pk)
    return _page(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: MemberRequest, season_id: int) -> HttpResponseBase:
    """A season, and the form that changes it."""
    season: Season = get_object_or_404(Season.objects.select_related("previous"), pk=season_id)
    if request.method != "POST":
        return _page(
            request, SeasonForm(initial={name: getattr(season, name) for name in _FIELDS}, season=season), season
        )
    return _changed(request, season)


@editors_only("change seasons")
def _changed(request: MemberRequest, season: Season) -> HttpResponseBase:
    form = SeasonForm(request.POST, season=season)
    if form.is_valid():
        try:
            with recorded("seasons", f"Season {season} changed.", by=request.user) as changes:
                seasons.change_season(season, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            offer_undo(request, changes, f"Season {season} changed." if changes.pk else "Nothing was changed.")
            return redirect("season", season.pk)
    return _page(request, form, Season.objects.get(pk=season.pk))


@require_POST
@editors_only("archive seasons")
def archive(request: MemberRequest, season_id: int) -> HttpResponseBase:
    """Put a season away, or take it back."""
    season: Season = get_object_or_404(Season.objects, pk=season_id)
    away = request.POST.get("archived") == "yes"
    says = f"Season {season} {'put into' if away else 'taken back from'} the archive."
    with recorded("seasons", says, by=request.user) as changes:
        (seasons.archive if away else seasons.unarchive)(season)
    offer_undo(request, changes, says)
    return redirect("season", season.pk)


@require_POST
@editors_only("carry seasons on")
def carry_on(request: MemberRequest, season_id: int) -> HttpResponseBase:
    """Make visible what was visible the season before, with its prices."""
    season: Season = get_object_or_404(Season.objects.select_related("previous"), pk=season_id)
    try:
        with recorded("seasons", f"Carried on to {season}.", by=request.user) as changes:
            number = seasons.carry_on(season)
            changes.says = f"{counted(number, 'product')} of {season.previous} made visible in {season}, with prices."
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        offer_undo(
            request, changes, changes.says if changes.pk else f"Everything of {season.previous} is there already."
        )
    return redirect("season", season.pk)


def _page(request: MemberRequest, form: SeasonForm, season: Season | None) -> HttpResponseBase:
    return render(
        request,
        "web/seasons/season.html",
        {"form": form, "season": season},
        status=422 if form.errors else 200,
    )
