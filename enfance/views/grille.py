"""A page of boxes to tick, a month or a day, for any actor: what was sent, what became of it, what is then shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseRedirect, QueryDict

from accounts.sessions import take_kept_form
from enfance.inscriptions import Resultat
from enfance.planning import remplissage
from enfance.planning.annonces import annonces
from enfance.planning.cases import Case, Saisie, fratrie, noms_enfants
from enfance.planning.forms import FiltreForm, PlanningForm, RemplissageForm, jour_du_bouton
from enfance.planning.journee import Jour
from enfance.planning.mois import Mois, build_mois
from enfance.planning.resultat import changes_meanwhile, load_resultat, recents_phrases, refus_vus
from enfance.regles import Situation

REMPLIR = {"idem", "recopier", "rapide"}
RECENTS = 30  # at most, as an address has a length


def sent_data(request: HttpRequest, now: datetime) -> QueryDict | None:
    """What the form sent, or what an ended session was sending: that is shown again, and not saved."""
    return request.POST if request.method == "POST" else take_kept_form(request, now=now)


def asks_save(request: HttpRequest, form: PlanningForm) -> bool:
    """Whether these ticks are to be saved: they are valid, and the button pressed is not one that only ticks boxes."""
    return request.method == "POST" and form.is_valid() and not REMPLIR & request.POST.keys()


@dataclass(frozen=True)
class PageGrille[F: PlanningForm]:
    """The form of a page, the result of its save (None when nothing was saved), and the situation as it is afterwards.

    The reader is the one who acts in this situation: a parent, or an agent of the town hall.
    """

    request: HttpRequest
    form: F
    fait: Resultat | None
    situation: Situation

    @property
    def unsaved(self) -> Saisie | None:
        """The ticks to show that are not saved, even where the reason alone was refused."""
        valid = self.form.is_bound and self.form.errors.keys() <= {"motif"}
        return self.form.saisie if self.fait is None and valid else None

    @property
    def choisi(self) -> int | None:
        """The child that `?enfant=` names, or None for all of them."""
        return FiltreForm(self.request.GET).choisi(self.situation.enfants)

    @property
    def reference(self) -> str:
        """The key of the save that was just made, else the one that `?enregistre=` names; empty for none."""
        if self.fait is None:
            return self.request.GET.get("enregistre", "")
        return str(self.fait.enregistrement.pk) if self.fait.enregistrement else ""

    def build_mois(self, mois: date) -> Mois:
        """The month of the chosen child, or of all, with the ticks that are not saved."""
        return build_mois(self.situation, mois, seulement=self._choisis, saisie=self.unsaved)

    def fill(self, grille: Mois) -> None:
        """Tick the boxes that « Tom comme Léa », « Recopier sur la suite » or « Remplir plus vite » asks for."""
        data = self.request.POST
        if (semaine := jour_du_bouton(data, "idem")) is not None:
            remplissage.idem(grille, semaine)
        elif (semaine := jour_du_bouton(data, "recopier")) is not None:
            remplissage.recopier(grille, semaine)
        elif "rapide" in data and (form := RemplissageForm(data)).is_valid():
            remplissage.rapide(grille, **form.valeurs())

    def changed_meanwhile(self, cases: Sequence[Case]) -> list[Case]:
        """The boxes that somebody else changed since the page was shown; after a save, those that its address names."""
        if self.fait is None:
            return [case for case in cases if str(case.cle) in self.request.GET.get("recents", "").split()]
        refuses = [refus.cle for refus in self.fait.refus]
        return changes_meanwhile(self.form.saisie, cases, refuses) if self.form.is_bound else []

    def redirect(self, recents: Sequence[Case]) -> HttpResponseRedirect | None:
        """303 to the same address, which tells what was done: reloading it sends nothing again.

        None when nothing was saved, or when a part was refused: the page itself then answers.
        """
        if self.fait is None or self.fait.refus:
            return None
        cles = " ".join(str(case.cle) for case in recents[:RECENTS])
        kept = {"enfant": self.request.GET.get("enfant", ""), "enregistre": self.reference or "0", "recents": cles}
        query_string = urlencode({name: value for name, value in kept.items() if value != ""})
        return HttpResponseRedirect(f"{self.request.path}?{query_string}#resultat", status=303)

    def context(self, grille: Mois | Jour, recents: Sequence[Case], reference: str) -> dict[str, Any]:
        """What every such page shows: its children, its form, what was done (`reference`), refused, changed meanwhile.

        Marks in `grille` the boxes changed meanwhile.
        """
        situation, fait, noms = self.situation, self.fait, noms_enfants(self.situation)
        acteur, refus = situation.acteur, None
        assert acteur.user_id is not None
        if fait:
            refus = refus_vus(fait.refus, situation, noms, grille.libres, len(fait.evenements))
        return {
            "enfants": fratrie(situation),
            "form": self.form,
            "gardes": self.form.is_bound and self.request.method != "POST",
            "resultat": load_resultat(reference, acteur.user_id, noms, now=situation.now),
            "refus": refus,
            "recents": recents_phrases(recents, acteur.responsable, situation, noms),
        }

    def context_mois(self, grille: Mois, recents: Sequence[Case], reference: str) -> dict[str, Any]:
        """The same for a month, with the child chosen and what is announced to the children shown."""
        seen = {"mois": grille, "choisi": self.choisi, "annonces": annonces(self.situation, self._choisis)}
        return self.context(grille, recents, reference) | seen

    @property
    def _choisis(self) -> set[int]:
        return {self.choisi} if self.choisi else set()
