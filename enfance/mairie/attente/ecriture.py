"""The waiting lists as the town hall sees them, and a place given from one of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from django.db import transaction

from enfance.inscriptions import Changement, enregistrer
from enfance.models import Creneau, Ecole, Enregistrement, Evenement, Garde, Inscription, classe_du_jour
from enfance.regles import Acteur, Cle
from enfance.retours import GARDE_PASSEE
from portail.certain import certain
from portail.dates import PARIS, jour_long
from portail.francais import NBSP

DONNEES = 5
MOTIF_ATTENTE = "Place libre donnée au premier de la liste d’attente"


@dataclass(frozen=True)
class Attente:
    """One waiting: its rank, and the ranks that it may be moved to."""

    inscription: Inscription
    rang: int
    total: int

    @property
    def moves(self) -> list[tuple[str, str]]:
        """The buttons that move this child in the waiting list: what each sends (« primary key of the inscription:new
        rank ») and its words (« En premier », « Monter », « Descendre »). Only the moves that its rank allows.
        """
        moves = []
        if self.rang > 2:
            moves.append((1, "En premier"))
        if self.rang > 1:
            moves.append((self.rang - 1, "Monter"))
        if self.rang < self.total:
            moves.append((self.rang + 1, "Descendre"))
        return [(f"{self.inscription.pk}:{rang}", verbe) for rang, verbe in moves]


@dataclass(frozen=True)
class ListeAttente:
    """The list of a créneau on a day. `inscrits` counts the places that are taken."""

    jour: date
    creneau: Creneau
    inscrits: int
    attentes: list[Attente]

    @property
    def avant(self) -> str:
        """The order of the list as it is displayed: the primary keys of its inscriptions, separated by spaces. A button
        sends it back, and its move is refused once the order is another.
        """
        return " ".join(str(attente.inscription.pk) for attente in self.attentes)

    @property
    def nom(self) -> str:
        """The day and the créneau of the list in words: « lundi 7 décembre, soir »."""
        return f"{jour_long(self.jour)}, {self.creneau.nom_court}"

    @property
    def libres(self) -> int | None:
        """How many places of the créneau are left on this day, never below 0; None where places are not limited."""
        return None if self.creneau.places is None else max(0, self.creneau.places - self.inscrits)


def load_listes(today: date, ecole: Ecole | None = None) -> list[ListeAttente]:
    """Every waiting list from `today` on; with `ecole`, only those of the créneaux that this school holds, with the
    children of other schools too, for a rank counts them all. Four queries.
    """
    attentes = Inscription.objects.waiting(today).select_related("enfant", "foyer").annotate(classe=classe_du_jour())
    if ecole:
        attentes = attentes.filter(creneau__in=Creneau.objects.all().held_by([ecole.pk]).order_by().values("pk"))
    comptes = Inscription.objects.occupation_of_lists(today)
    listes = []
    for (jour, creneau), groupe in groupby(
        attentes.prefetch_related("foyer__responsables__user"), key=lambda i: (i.jour, i.creneau)
    ):
        rangees = list(groupe)
        vues = [Attente(inscription, rang, len(rangees)) for rang, inscription in enumerate(rangees, 1)]
        listes.append(ListeAttente(jour, creneau, comptes.get((jour, creneau.pk), 0), vues))
    return listes


def load_donnees(today: date) -> list[Evenement]:
    """The last five places given to children who waited, for `today` and the days to come, the latest first."""
    Etat = Inscription.Etat
    donnees = Evenement.objects.filter(avant=Etat.ATTENTE, apres=Etat.INSCRIT, jour__gte=today)
    return list(donnees.select_related("enfant", "creneau", "enregistrement").order_by("-pk")[:DONNEES])


@dataclass(frozen=True)
class Don:
    """What came of a place asked for somebody who waits: the save, or `refus`, the sentence that says why not.

    `motif`: a reason is all that it lacks. `depasse`: the créneau now has more children than places.
    """

    enregistrement: Enregistrement | None = None
    refus: str = ""
    motif: bool = False
    depasse: bool = False


def donner(inscription: Inscription, user_id: int, motif: str, *, now: datetime) -> Don:
    """Give a place to this inscription, which is on a waiting list, for the agent `user_id`, through the writer of
    inscriptions. The returned Don says what was saved, or why it was refused.
    The first of the list takes a free place without any reason, even past the deadline as long as the moment is not
    over, for the family asked in time. In any other case a reason (`motif`) is needed, and without it the place is
    refused: to pass before another child, to go beyond the number of places, for a home that has no garde on that day.
    A child who waits no more is refused in any case.
    """
    with transaction.atomic():
        creneau, jour = inscription.creneau, inscription.jour
        Creneau.objects.lock({creneau.code})
        liste = list(Inscription.objects.attente_for({(jour, creneau.pk)}).select_related("enfant"))
        if inscription.pk not in {autre.pk for autre in liste}:
            return Don(refus=f"{inscription.enfant} n’attend plus{NBSP}: la liste a changé depuis l’affichage.")
        if liste[0].pk != inscription.pk and not motif:
            return Don(refus=f"{liste[0].enfant} attend depuis plus longtemps{NBSP}: écrivez pourquoi.", motif=True)
        if not motif and not _has_garde(inscription):
            return Don(refus=f"{inscription.enfant}{NBSP}: {GARDE_PASSEE.message}", motif=True)
        voulu = [Changement(Cle(inscription.enfant_id, jour, creneau.code), Inscription.Etat.INSCRIT)]
        fait = enregistrer(voulu, Acteur.mairie(user_id, motif), now=now)
        obstacles = [obstacle for refus in fait.refus for obstacle in refus.obstacles]
        over = now >= datetime.combine(jour, creneau.fin, PARIS)
        if {obstacle.code for obstacle in obstacles} == {"limite"} and not over:
            fait = enregistrer(voulu, Acteur.mairie(user_id, MOTIF_ATTENTE), now=now)
            obstacles = [obstacle for refus in fait.refus for obstacle in refus.obstacles]
        if obstacles:
            phrase = f"{inscription.enfant}{NBSP}: {' '.join(obstacle.message for obstacle in obstacles)}"
            return Don(refus=phrase, motif=all(obstacle.overridable for obstacle in obstacles))
        taken = certain(fait.situation).occupation.get((jour, creneau.pk), 0)
        return Don(fait.enregistrement, depasse=creneau.places is not None and taken > creneau.places)


def _has_garde(inscription: Inscription) -> bool:
    """Whether the home that chose the list still has the child on that day; so is it when none is known."""
    if inscription.foyer_id is None:
        return True
    gardes = Garde.objects.filter(enfant=inscription.enfant_id, foyer=inscription.foyer_id)
    return any(garde.holds(inscription.jour, inscription.creneau.is_soir) for garde in gardes)
