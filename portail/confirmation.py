"""The one way to ask « ceci touche N inscriptions, confirmer » before a change is written.

A view, wrapped in `asks_first`, makes its change for real, describes it as an `Apercu`, and calls `confirm`. Unless the
form confirms exactly this preview, the transaction takes everything back and the page of confirmation is shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import capfirst

from portail.empreintes import fingerprint_of, is_still
from portail.rehearsal import writing

View = Callable[..., HttpResponse]
CONFIRM, FINGERPRINT = "confirmer", "empreinte"
NOT_SENT_AGAIN = {"csrfmiddlewaretoken", CONFIRM, FINGERPRINT}


@dataclass(frozen=True)
class Effet:
    """One group of what changes: « Midi, 97 inscriptions annulées », with a detail in small."""

    titre: str
    texte: str
    nombre: int | None = None
    detail: str = ""
    icone: str = ""

    @classmethod
    def of(cls, phrase: str) -> Effet:
        """The effect that a sentence such as « Foyers : 2 créés. » tells: its title before the colon, then what becomes
        of it; without a colon, no title."""
        titre, *suite = re.split(r"\s:\s", phrase, maxsplit=1)
        return cls(capfirst(titre), capfirst(suite[0])) if suite else cls("", titre)


@dataclass(frozen=True)
class Cellule:
    """A cell of a table of the preview, with an icon or set in bold."""

    texte: str
    icone: str = ""
    forte: bool = False

    def __str__(self) -> str:
        return self.texte


@dataclass(frozen=True)
class Tableau:
    """The first rows of what is touched; `reste` says how many are not shown, `lien` where all of them are."""

    titre: str
    colonnes: tuple[str, ...]
    lignes: tuple[tuple[str | Cellule, ...], ...]
    reste: str = ""
    lien: str = ""


@dataclass(frozen=True)
class FamilleAAppeler:
    """A family to call: its children that are touched, its adults, each with the numbers that are known."""

    enfants: str
    adultes: tuple[tuple[str, tuple[str, ...]], ...]

    def __str__(self) -> str:
        """« Léa Morel (Camille Morel, 06 39 98 00 01) »."""
        adultes = [", ".join((nom, *(numeros or ("aucun téléphone",)))) for nom, numeros in self.adultes]
        return f"{self.enfants} ({'\u202f; '.join(adultes) or 'aucun adulte'})"


@dataclass(frozen=True)
class Suite:
    """A button of the page: what it says, and the value that comes back as `confirmer`."""

    verbe: str
    valeur: str = "1"


@dataclass(frozen=True)
class Apercu:
    """What a change would do, in the words of the page of confirmation.

    All of it is what the agent agrees to, but the example of a mail, which holds an hour and a number of its own.
    """

    phrase: str  # « Ceci touche 188 inscriptions de 92 familles. »
    question: str  # beside the buttons: « Fermer mardi 15 et annuler 188 inscriptions ? »
    suites: tuple[Suite, ...]
    titre: str = ""
    retour: str = ""  # the address of « Ne rien changer »
    abandon: str = "Ne rien changer"  # what that link says
    fil: tuple[tuple[str, str], ...] = ()  # between home and this page: words, address
    precision: str = ""
    consequence: str = ""
    remarques: tuple[str, ...] = ()
    effets: tuple[Effet, ...] = ()
    tableaux: tuple[Tableau, ...] = ()
    courriels: int = 0
    exemple: str = field(default="", repr=False)  # the text of one of the mails
    a_appeler: tuple[FamilleAAppeler, ...] = ()
    grave: bool = False  # what cannot be taken back, mails that leave
    travail: str = "Enregistrement en cours…"  # what the button says while it works
    template: str = "mairie/apercu.html"
    marque: str = ""  # what the words do not tell apart: keys of the rows that are touched

    @property
    def empreinte(self) -> str:
        """The fingerprint of this preview, in 64 signs, which its form sends back."""
        return fingerprint_of(self)


class Asked(Exception):
    """The change waits for its confirmation: nothing of it may stay."""

    def __init__(self, apercu: Apercu, context: dict[str, Any]) -> None:
        super().__init__()
        self.apercu, self.context = apercu, context


def confirm(request: HttpRequest, apercu: Apercu, **context: Any) -> str:
    """The value of the button by which the form of this request confirmed exactly this preview. Raises `Asked`, which
    shows the page of confirmation, when it did not, or when the preview has changed since.

    Call it inside a view decorated by `asks_first`, `asks_always` or `asks_at_once`, once all is written. `context`
    goes to the template of the preview.
    """
    sent = request.POST.get(FINGERPRINT, "")
    chosen = request.POST.get(CONFIRM, "")
    if chosen in {suite.valeur for suite in apercu.suites} and is_still(sent, apercu):
        return chosen
    raise Asked(apercu, {"change": bool(sent), **context})


def asks_first(view: View) -> View:
    """Decorate a view that calls `confirm`: a form that is sent (POST) is one transaction, rolled back when its
    confirmation is still to be asked, and the page of confirmation is then the answer. A page only read is in no
    transaction: on SQLite it would wait for whoever writes."""
    return _asks(view)


def asks_always(view: View) -> View:
    """Decorate a view that calls `confirm` before it keeps anything: a form that is sent (POST) is only rehearsed
    (`portail.rehearsal`) until it comes back confirmed, and the page of confirmation is the answer; once confirmed, it
    is one transaction. Rehearsed, a preview of a thousand rows holds up nobody else on SQLite."""
    return _asks(view, always=True)


def asks_at_once(view: View) -> View:
    """Decorate a view without a form of its own, which calls `confirm`: when its page is opened, the change is
    rehearsed (`portail.rehearsal`) and undone, and the page of confirmation is the answer; once the form of that page
    comes back confirmed, the change is made in one transaction."""
    return _asks(view, always=True, on_read=True)


def _asks(view: View, *, always: bool = False, on_read: bool = False) -> View:
    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        writes = on_read or request.method == "POST"
        try:
            with writing(rehearsed=always and CONFIRM not in request.POST) if writes else nullcontext():
                return view(request, *args, **kwargs)
        except Asked as asked:
            return ask(request, asked)

    return wrapper


def ask(request: HttpRequest, asked: Asked) -> HttpResponse:
    """The page of confirmation of this preview, which sends the whole form of the request again with the agent's
    answer."""
    context = {"apercu": asked.apercu, "titre": asked.apercu.titre, "champs": hidden_of(request), **asked.context}
    return render(request, asked.apercu.template, context)


def hidden_of(request: HttpRequest) -> list[tuple[str, str]]:
    """The fields of the form that was sent, as (name, value), to be sent again by a page of confirmation; without those
    that this page adds itself."""
    champs = [champ for champ in request.POST if champ not in NOT_SENT_AGAIN]
    return [(champ, valeur) for champ in champs for valeur in request.POST.getlist(champ)]
