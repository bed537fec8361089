"""What a family's form sent and what became of it, at an address of its own: « Retour » then sends nothing again.

The page is drawn again from what was sent, under the situation of the moment (`accounts.held_pages`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Self

from django.http import HttpRequest, HttpResponseRedirect, QueryDict

from accounts.held_pages import WORD, HeldPage, hold, is_gone
from accounts.held_pages import held as held_page
from enfance.inscriptions import Refus, Resultat
from enfance.regles import Cle, Obstacle


@dataclass(frozen=True)
class Issue:
    """What a save did: `reference`, its key in text, empty when nothing changed; what it refused; how much it made."""

    reference: str
    refus: tuple[Refus, ...] = ()
    reussis: int = 0

    @classmethod
    def of(cls, fait: Resultat) -> Self:
        """The outcome of a save, from the result that the writer of inscriptions returned."""
        reference = str(fait.enregistrement.pk) if fait.enregistrement else ""
        return cls(reference, fait.refus, fait.reussis)

    def as_json(self) -> Any:
        """The outcome as JSON values, to be held with the page; `parse` reads them back."""
        return [self.reference, refus_json(self.refus), self.reussis]

    @classmethod
    def parse(cls, held: Any) -> Self | None:
        """The outcome read back from the JSON values of `as_json`; None for None."""
        if held is None:
            return None
        reference, refus, reussis = held
        return cls(reference, refus_lus(refus), reussis)


def refus_json(refus: Iterable[Refus]) -> list[Any]:
    """The refused changes as JSON values, which `refus_lus` reads back."""
    return [[str(un.cle), un.voulu, [asdict(obstacle) for obstacle in un.obstacles]] for un in refus]


def refus_lus(held: list[Any]) -> tuple[Refus, ...]:
    """The refused changes, read back from the JSON values that `refus_json` made of them. One whose key cannot be read
    is left out.
    """
    return tuple(
        Refus(cle, voulu, tuple(Obstacle(**obstacle) for obstacle in obstacles))
        for texte, voulu, obstacles in held
        if (cle := Cle.parse(texte))
    )


@dataclass(frozen=True)
class FormulaireRecu:
    """What a page is to show of a form. `posted`: it comes now; else `held`, at this address, None for none, and
    `gone` when it was and is no more.
    """

    posted: QueryDict | None
    held: HeldPage | None
    gone: bool

    @property
    def data(self) -> QueryDict | None:
        """What the form sent: now, or when the page was held; None without either."""
        if self.posted is not None:
            return self.posted
        return self.held.data if self.held else None

    @property
    def issue(self) -> Issue | None:
        """What the save of the held form did; None when no form is held, or when it was held without being saved. A
        save that changed nothing has one.
        """
        return Issue.parse(self.held.outcome) if self.held else None


def envoi_of(request: HttpRequest, now: datetime) -> FormulaireRecu:
    """The form that this request sends (POST), or the one that was held at this address (GET)."""
    if request.method == "POST":
        return FormulaireRecu(request.POST, None, False)
    return FormulaireRecu(None, held_page(request, now=now), is_gone(request, now=now))


def redirect_to_held(
    request: HttpRequest,
    now: datetime,
    outcome: Any = None,
    *,
    data: QueryDict | None = None,
    path: str = "",
    **query: str,
) -> HttpResponseRedirect | None:
    """Hold what this request sent (or `data`) with its `outcome`, and redirect (303) to the address that shows it.

    The page is this one, with its `?enfant=` filter, or the one at `path`; `query` is added to the address. None when
    it cannot be held: the view then answers with the page itself.
    """
    filtre = {} if path else {"enfant": request.GET.get("enfant", "")}
    path = path or request.path
    word = hold(request, path, request.POST if data is None else data, outcome, now=now)
    if word is None:
        return None
    address = QueryDict(mutable=True)
    address.update({name: value for name, value in {**filtre, **query, WORD: word}.items() if value})
    return HttpResponseRedirect(f"{path}?{address.urlencode()}", status=303)
