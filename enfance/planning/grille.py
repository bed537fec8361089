"""A page of boxes to tick, a month or a day, for any actor: what was sent, what became of it, what is then shown."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseRedirect, QueryDict

from accounts.sessions import take_kept_form
from enfance.calendrier import bornes
from enfance.planning import remplissage
from enfance.planning.annonces import partager_mois, titre_limites
from enfance.planning.cases import Case, Saisie, fratrie, libres, mots_of, noms_enfants
from enfance.planning.envois import FormulaireRecu, Issue, redirect_to_held
from enfance.planning.forms import FiltreForm, PlanningForm, RemplissageForm, jour_du_bouton, preuve_of
from enfance.planning.journee import Jour
from enfance.planning.mois import GrilleMois, build_mois
from enfance.planning.resultat import (
    faites_meanwhile,
    load_resultat,
    plus_possibles,
    recents_phrases,
    refus_vus,
)
from enfance.regles import Cle, Situation
from portail.certain import certain

REMPLIR = {"titre", "partout", "idem", "recopier", "rapide"}
RECENTS = 30  # at most, as an address has a length


def sent_data(request: HttpRequest, envoi: FormulaireRecu, now: datetime) -> QueryDict | None:
    """What the form of the page sent: now, or as held at this address; else the form that an ended session was sending,
    which is shown again and not saved. None without any.
    """
    return envoi.data if envoi.data is not None else take_kept_form(request, now=now)


def asks_save(data: QueryDict, form: PlanningForm) -> bool:
    """Whether this valid form was sent to be saved, and not by a button that only ticks boxes."""
    return form.is_valid() and not REMPLIR & data.keys()


@dataclass(frozen=True)
class PageGrille[F: PlanningForm]:
    """The form of a page, what its save did (None when nothing was saved), and the situation as it is afterwards.

    The reader is the one who acts in this situation: a parent, or an agent of the town hall.
    """

    request: HttpRequest
    form: F
    fait: Issue | None
    situation: Situation
    envoi: FormulaireRecu

    @property
    def lisible(self) -> bool:
        """Whether a form was sent and is valid, whatever is wrong with its reason (`motif`)."""
        return self.form.is_bound and self.form.errors.keys() <= {"motif"}

    @cached_property
    def plus_possibles(self) -> dict[Cle, str]:
        """The ticks of a form sent earlier (held, or kept from an ended session) that the rules refuse by now: a
        sentence by box.
        """
        if self.fait or self.envoi.posted is not None or not self.lisible:
            return {}
        return plus_possibles(self.form.changements(), self.situation)

    @property
    def is_kept(self) -> bool:
        """Whether the ticks come from a session that had ended: they are put back, and not saved."""
        return self.lisible and self.envoi.data is None

    @property
    def unsaved(self) -> Saisie | None:
        """The ticks to show that are not saved; None when all are, or without a valid form.

        Those of a form sent earlier are applied to what is booked by now, as changes, without those that are no longer
        possible.
        """
        if self.fait or not self.lisible:
            return None
        if self.envoi.posted is not None:
            return self.form.saisie_in(self.situation)
        return self.form.saisie.onto(self.situation, sauf=self.plus_possibles)

    @property
    def choisi(self) -> int | None:
        """The child (primary key) that `?enfant=` names; None for all of them."""
        return FiltreForm(self.request.GET).choisi(self.situation.enfants)

    @property
    def reference(self) -> str:
        """The primary key, as text, of the save just made, else what `?enregistre=` names; empty without either."""
        if self.fait is None:
            return self.request.GET.get("enregistre", "")
        return self.fait.reference

    def build_mois(self, mois: date) -> GrilleMois:
        """The grid of the month that begins on `mois`, for the chosen child or for all, with the ticks that are not
        saved.
        """
        return build_mois(self.situation, mois, seulement=self._choisis, saisie=self.unsaved)

    def fill_mois(self, mois: date) -> GrilleMois | None:
        """The grid of the month that begins on `mois`, once the pressed button that only ticks boxes (a heading, « Tom
        comme Léa »…) has ticked them; None when no such button was pressed.

        Only a form that is being sent counts: a page shown again already has its ticks.
        """
        data = self.envoi.posted
        if data is None or not REMPLIR & data.keys():
            return None
        grille = self.build_mois(mois)
        if (semaine := jour_du_bouton(data, "idem")) is not None:
            remplissage.idem(grille, semaine)
        elif (semaine := jour_du_bouton(data, "recopier")) is not None:
            remplissage.recopier(grille, semaine)
        elif "titre" in data:
            remplissage.basculer(remplissage.cases_du_titre(grille, data.get("titre", "")))
        elif "partout" in data:
            for case, coche in remplissage.partout(grille, data.get("partout", "")):
                case.coche = coche
        elif "rapide" in data and (form := RemplissageForm(data)).is_valid():
            remplissage.rapide(grille, **form.valeurs())
        return grille

    def changed_meanwhile(self, *semaines: Collection[date]) -> list[str]:
        """The boxes (as text keys), among the days of these weeks, that somebody else changed between the display of
        the page and this save; on a page shown after a save, those that its address names.
        """
        if self.fait is None or self.envoi.posted is None:
            return self.request.GET.get("recents", "").split()
        if not self.form.is_bound:
            return []
        saisie, refuses = self.form.saisie_in(self.situation), {refus.cle for refus in self.fait.refus}
        differents = saisie.differents(self.situation) - refuses
        jours = {jour for semaine in semaines for jour in semaine}
        siens = [cle for cle in differents if cle.jour in jours and (not self._choisis or cle.enfant in self._choisis)]
        return [str(cle) for cle in libres(self.situation, siens)]

    def filled(self, cases: Sequence[Case]) -> QueryDict:
        """The form's data, with the ticks that these cells now have in place of those sent; boxes outside these cells
        stay as sent.
        """
        data, avec = self.envoi.posted or QueryDict(), {case.cle for case in cases}
        saisie = self.form.saisie_in(self.situation)
        autres = [str(cle) for cle in saisie.coches if cle not in avec]
        coches = [case for case in cases if case.coche]
        filled = data.copy()
        filled["avant"] = " ".join(map(str, saisie.avant))
        filled.setlist("r", [*autres, *(str(case.cle) for case in coches if not case.complet)])
        filled.setlist("attente", [str(case.cle) for case in coches if case.complet])
        return filled

    def redirect(self, recents: Sequence[str], remplie: GrilleMois | None = None) -> HttpResponseRedirect | None:
        """Redirect (303) to an address that may be reloaded: it shows the save just made, its refusals, or the ticks
        that a button asked for (`remplie`). `recents`: the boxes changed meanwhile.

        None when the request is no POST, when its form is not valid, or when it cannot be held: the view then answers
        with the page itself.
        """
        if self.envoi.posted is None or not (self.fait or self.lisible):
            return None
        cles = " ".join(recents[:RECENTS])
        recu = preuve_of(self.request.POST) if self.fait else ""
        if self.fait is None or self.fait.refus:
            outcome = self.fait.as_json() if self.fait else None
            data = self.filled(remplie.libres) if remplie and self.lisible else None
            return redirect_to_held(self.request, self.situation.now, outcome, data=data, recents=cles, recu=recu)
        kept = {
            "enfant": self.request.GET.get("enfant", ""),
            "enregistre": self.reference or "0",
            "recents": cles,
            "recu": recu,
        }
        query_string = urlencode({name: value for name, value in kept.items() if value != ""})
        return HttpResponseRedirect(f"{self.request.path}?{query_string}#resultat", status=303)

    def context(self, grille: GrilleMois | Jour, recents: Sequence[str], reference: str) -> dict[str, Any]:
        """The template context of a page of boxes, month or day: its children, its form, what was done (the save
        `reference`), what was refused, what changed meanwhile.

        Marks in `grille` the boxes that are in `recents`, changed by somebody else meanwhile.
        """
        situation, fait, noms = self.situation, self.fait, noms_enfants(self.situation)
        acteur, refus = situation.acteur, None
        changees = [case for case in grille.libres if str(case.cle) in recents] if recents else []
        if fait:
            refus = refus_vus(fait.refus, situation, noms, grille.libres, fait.reussis)
        return {
            "enfants": fratrie(situation),
            "form": self.form,
            "reprises": grille.modifs if self.is_kept else 0,
            "faites": faites_meanwhile(self.form.changements(), situation) if self.is_kept else [],
            "plus_garde": self.envoi.gone,
            "plus_possibles": list(self.plus_possibles.values()),
            "resultat": load_resultat(reference, certain(acteur.user_id), noms, now=situation.now, connue=situation),
            "refus": refus,
            "recu": preuve_of(self.request.POST) if fait else "",
            "recents": recents_phrases(changees, acteur.responsable, situation, noms),
        } | mots_of(situation)

    def context_mois(self, grille: GrilleMois, recents: Sequence[str], reference: str) -> dict[str, Any]:
        """The template context of a page that shows a month: that of any page of boxes, with the chosen child and the
        closures announced to the children shown.
        """
        titre = self.envoi.data.get("titre", "") if self.envoi.data else ""
        ici, ailleurs = partager_mois(self.situation, *bornes(grille.premier), self._choisis)
        return self.context(grille, recents, reference) | {
            "mois": grille,
            "choisi": self.choisi,
            "annonces": ici,
            "annonces_ailleurs": ailleurs,
            "limites_titre": titre_limites(ici, ailleurs),
            "partout": titre,
            "partout_phrase": remplissage.partout_phrase(grille, titre),
        }

    @property
    def _choisis(self) -> set[int]:
        return {self.choisi} if self.choisi else set()
