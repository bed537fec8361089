"""A departure as the town hall writes it: what it cancels, what a date moved or cleared gives back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F

from enfance.calendrier import UN_JOUR
from enfance.inscriptions import Refus, annuler_departs
from enfance.models import Enfant, Evenement, Scolarite
from enfance.onde.places import forget_mark
from enfance.regles import Acteur
from enfance.retours import retablir_departs
from portail.dates import PARIS, jour_annee, quantieme_annee
from portail.francais import NBSP

MOTIF_DEPART = "Départ de l’école"
MOTIF_RETOUR = "Retour à l’école"


@dataclass(frozen=True)
class BilanDepart:
    """What was cancelled, what was given back, and what could not be."""

    annulees: tuple[Evenement, ...]
    rendues: tuple[Evenement, ...]
    refus: tuple[Refus, ...]

    def __bool__(self) -> bool:
        return bool(self.annulees or self.rendues or self.refus)

    @property
    def phrases(self) -> list[str]:
        """What the departure did to the inscriptions, in sentences, shown to the agent and kept in the trace: how many
        were cancelled, how many given back. What could not be given back is not said. Empty when it touched none.
        """
        phrases = []
        if self.annulees:
            dit = f"Inscriptions annulées à partir du départ{NBSP}: {len(self.annulees)}."
            phrases.append(f"{dit} La famille n’est pas prévenue par e-mail.")
        if self.rendues:
            dit = f"Inscriptions rétablies{NBSP}: {len(self.rendues)}."
            phrases.append(f"{dit} La famille est prévenue par e-mail.")
        return phrases

    @property
    def jours_annules(self) -> list[tuple[str, int]]:
        """The days, in words and in order, of the inscriptions cancelled, each with how many."""
        return _jours(self.annulees)

    @property
    def jours_rendus(self) -> list[tuple[str, int]]:
        """The days, in words and in order, of the inscriptions given back, each with how many."""
        return _jours(self.rendues)

    @property
    def non_rendues(self) -> list[str]:
        """The inscriptions that could not be given back, each with the reason: « mardi 8 décembre 2026, soir : il n’y a
        plus de place. »
        """
        phrases = []
        for refus in self.refus:
            cle = refus.cle
            phrases.append(f"{jour_annee(cle.jour)}, {cle.creneau}{NBSP}: {refus.obstacles[0].message}")
        return phrases


def load_annees(enfant: Enfant) -> list[Scolarite]:
    """The places of the child at school, the oldest year first, and in the order of their days within a year. Each one
    holds `enfant` itself, not a copy read again.
    """
    places = enfant.scolarites.with_ecole().select_related("annee", "classe")
    scolarites = list(places.order_by("annee__debut", F("debut").asc(nulls_first=True)))
    for scolarite in scolarites:
        scolarite.enfant = enfant
    return scolarites


def lasts(annees: Iterable[Scolarite]) -> list[Scolarite]:
    """The last place of each school year, among these places of one child in order. A place that ends because the child
    goes to another school is thus left out: that is no departure.
    """
    return list({scolarite.annee.pk: scolarite for scolarite in annees}.values())


def depart_of(annees: Iterable[Scolarite], today: date) -> date | None:
    """The day from which the child is gone, by its places `annees` in the school years that are not over on `today`;
    None when no departure is noted.
    """
    departs = [scolarite.depart for scolarite in lasts(annees) if scolarite.annee.fin >= today and scolarite.depart]
    return min(departs, default=None)


def hors_annee(annees: Iterable[Scolarite], depart: date, today: date) -> str:
    """Why the child cannot leave on the day `depart`, as a sentence in French; empty when that day is of one of its
    years at school (`annees`), and after its change of school if it has one in that year.
    """
    annees = lasts(annees)
    if venue := next((s.debut for s in annees if s.debut and s.annee.debut <= depart <= s.debut), None):
        return f"Cet enfant change d’école le {quantieme_annee(venue)}{NBSP}: indiquez un jour après celui-là."
    if any(scolarite.annee.debut <= depart <= scolarite.annee.fin for scolarite in annees):
        return ""
    bornes = [
        (s.annee, f"{quantieme_annee(s.annee.debut)}", f"{quantieme_annee(s.annee.fin)}")
        for s in annees
        if s.annee.fin >= today
    ]
    if not bornes:
        return "Cet enfant n’a pas d’année en cours : il n’y a pas de départ à noter."
    jours = ", ou ".join(f"de l’année {annee}, du {debut} au {fin}" for annee, debut, fin in bornes)
    return f"Indiquez un jour {jours}."


def noter(enfant: Enfant, depart: date | None, user_id: int, *, now: datetime) -> BilanDepart:
    """Write that the child leaves from the day `depart` on, or with None that it stays, and cancel or give back its
    inscriptions accordingly.
    The year of that day holds the departure, those to come end with it, those that are over stay as they are; when all
    are over, nothing is written. The family gets a mail of what is given back only. The caller holds the lock on the
    child.
    """
    today = now.astimezone(PARIS).date()
    depuis = min(depart, today) if depart else today
    annees = [scolarite for scolarite in lasts(load_annees(enfant)) if scolarite.annee.fin >= depuis]
    if not annees:
        return BilanDepart((), (), ())
    for scolarite in annees:
        voulu = max(depart, scolarite.annee.debut) if depart and depart <= scolarite.annee.fin else None
        if voulu != scolarite.depart:
            scolarite.depart = voulu
            scolarite.save(update_fields=["depart"])
        forget_mark(scolarite)
    presence = annees[0].annee.debut, depart - UN_JOUR if depart else annees[-1].annee.fin
    retour = retablir_departs([enfant.pk], Acteur.mairie(user_id, MOTIF_RETOUR), now=now, jours=presence)
    annulees: tuple[Evenement, ...] = ()
    if depart:
        acteur = Acteur.mairie(user_id, MOTIF_DEPART)
        annulees = annuler_departs([enfant.pk], depart, acteur, now=now).evenements
    return BilanDepart(annulees, retour.evenements, retour.refus)


def _jours(evenements: Collection[Evenement]) -> list[tuple[str, int]]:
    """How many by day, in words."""
    comptes = Counter(evenement.jour for evenement in evenements)
    return [(jour_annee(jour), comptes[jour]) for jour in sorted(comptes)]
