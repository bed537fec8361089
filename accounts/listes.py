"""The lists of the admin site, on tables of millions of rows: what would read all of them is counted up to a bound."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from functools import cached_property
from typing import Any

from django.contrib.admin.templatetags.admin_list import date_hierarchy
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.search import Folded, kept_search
from portail.francais import milliers

COUNTED = 100_000  # rows: past them a list says that it holds more


def bounded(rows: Any) -> tuple[int, bool]:
    """How many rows this queryset has, counted up to `COUNTED` (100,000), and whether there are more."""
    count = rows.order_by().values("pk")[: COUNTED + 1].count()
    return min(count, COUNTED), count > COUNTED


class BoundedPaginator(Paginator):
    """Pages of the first rows of a list. Past the bound nobody turns pages: a filter or a search finds.

    `steps`: the first columns by which such a list may be sorted, those that an index holds. A page past the bound is
    looked for in one after the other, so that only the rows that share what it shows are sorted, not a whole day.
    """

    steps: Sequence[str] = ()

    def page(self, number: int | str) -> Page[Any]:
        """The page of this number; in a list of more than 100,000 rows, it is found step by step along indexed columns
        (`steps`)."""
        page = super().page(number)
        if self.more and self.steps:
            page.object_list = self._stepped(page.start_index() - 1, page.end_index())
        return page

    def _stepped(self, start: int, end: int) -> Any:
        """These rows of the list, from `start` to `end`, which is left out."""
        rows: Any = self.object_list
        for order, step in zip(rows.query.order_by, self.steps, strict=False):
            if order not in {step, f"-{step}"}:
                break
            values = rows.order_by(order).values_list(step, flat=True)
            first, last = [*values[start : start + 1]], [*values[end - 1 : end]]
            if not (first and last):
                break  # rows went meanwhile
            before = rows.filter(**{f"{step}__{'lt' if order == step else 'gt'}": first[0]}).order_by().count()
            start, end = start - before, end - before
            if first != last:
                return rows.filter(**{f"{step}__range": sorted([*first, *last])})[start:end]
            rows = rows.filter(**{step: first[0]})
        return rows[start:end]

    @cached_property
    def _bounded(self) -> tuple[int, bool]:
        return bounded(self.object_list)

    @property
    def count(self) -> int:
        """The number of rows of the list, counted up to 100,000 (`COUNTED`)."""
        return self._bounded[0]

    @property
    def more(self) -> bool:
        """Whether the list has more than 100,000 rows (`COUNTED`)."""
        return self._bounded[1]


class TownHallList(ChangeList):
    """A list whose address says which search of the session it answers, never its text."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        """The rows that answer the search kept in the session under the word of the address. All the rows when none is
        kept."""
        self.query = kept_search(request.session, request.GET.get(SEARCH_VAR, "")) or ""
        return super().get_queryset(request, exclude_parameters)

    def get_ordering_field(self, field_name: Any) -> Any:
        """The column by which the list sorts when this field is chosen: for a name, the one without accents and
        case."""
        first, *others = getattr(self.model, "NOMS", [""])
        if field_name in others:
            return Folded(field_name)
        return "tri" if field_name == first else super().get_ordering_field(field_name)

    def get_results(self, request: HttpRequest) -> None:
        """Django's results of the list, with the rows of the unfiltered list counted up to the bound only."""
        super().get_results(request)
        full, self.full_more = bounded(self.root_queryset)
        self.full_result_count = full
        self.show_full_result_count = True
        self.show_admin_actions = bool(self.full_result_count)

    @property
    def full_text(self) -> int | str:
        """How many rows the unfiltered list holds: a number, or « plus de 100 000 » past the bound."""
        full = self.full_result_count or 0
        return f"plus de {milliers(full)}" if self.full_more else full

    @property
    def more(self) -> bool:
        """Whether the filtered list holds more rows than it counted."""
        return bool(self.paginator.more)

    def dates(self) -> dict[str, Any]:
        """The links to the years, months or days above the list (Django's `date_hierarchy`), as the context of their
        template; empty when there are none."""
        read: Any = Leaps(self) if self.more else self
        shown: dict[str, Any] | None = date_hierarchy(read)
        return shown or {}


class Leaps:
    """A list as Django's function on its dates reads it, found from one to the next instead of in all of its rows."""

    def __init__(self, shown: TownHallList) -> None:
        self._shown = shown
        self.queryset = LeapingDates(shown.queryset)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._shown, name)


class LeapingDates:
    """The dates of these rows: the first, then the first past its year, month or day… Each is asked of an index."""

    def __init__(self, rows: QuerySet[Any]) -> None:
        self._rows = rows.order_by()

    def aggregate(self, **fields: Any) -> dict[str, Any]:
        """These aggregates of all the rows, as `QuerySet.aggregate` gives them."""
        return self._rows.aggregate(**fields)

    def dates(self, field: str, kind: str) -> Iterator[date]:
        """The distinct years, months or days (`kind`) of the dates in `field`, each as its first day, in order: as
        `QuerySet.dates`, but one query for each."""
        found = self._first(field)
        while found:
            start = _start(found, kind)
            yield start
            found = self._first(field, _after(start, kind))

    def datetimes(self, field: str, kind: str) -> Iterator[datetime]:
        """The distinct years, months or days (`kind`) of the instants in `field`, each as its first midnight in the
        current time zone, in order: as `QuerySet.datetimes`, but one query for each."""
        found = self._first(field)
        while found:
            start = _start(timezone.localdate(found), kind)
            yield _midnight(start)
            found = self._first(field, _midnight(_after(start, kind)))

    def _first(self, field: str, since: Any = None) -> Any:
        rows = self._rows.filter(**({} if since is None else {f"{field}__gte": since}), **{f"{field}__isnull": False})
        return rows.order_by(field).values_list(field, flat=True).first()


def _start(jour: date, kind: str) -> date:
    """The first day of its year or month, or the day itself."""
    if kind == "year":
        return jour.replace(month=1, day=1)
    return jour.replace(day=1) if kind == "month" else jour


def _after(start: date, kind: str) -> date:
    """The first day past the year, the month or the day that begins there."""
    if kind == "year":
        return start.replace(year=start.year + 1)
    if kind == "month":
        return date(start.year + start.month // 12, start.month % 12 + 1, 1)
    return date.fromordinal(start.toordinal() + 1)


def _midnight(jour: date) -> datetime:
    return timezone.make_aware(datetime.combine(jour, time.min))
