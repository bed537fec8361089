"""A child of the day, as the team may know it: who may fetch it, and that there is something to watch over."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q

from accounts.search import fold
from enfance.famille.personnes import periode_texte
from enfance.models import Enfant, Inscription, PersonneAutorisee, Pointage, Responsable, Scolarite


@dataclass(frozen=True)
class Adulte:
    """Somebody who may fetch the child that day, or, `interdite`, to whom it is never handed."""

    nom: str
    lien: str
    telephone: str
    periode: str
    interdite: bool

    def __str__(self) -> str:
        return f"{self.nom} ({self.lien})" if self.lien else self.nom


def load_adultes(enfants: Collection[int], jour: date) -> dict[int, list[Adulte]]:
    """Who may fetch these children that day besides their parents, and to whom they are never handed."""
    adultes: dict[int, list[Adulte]] = {}
    for personne in PersonneAutorisee.objects.on(jour).filter(enfant__in=enfants).order_by("nom", "pk"):
        periode = periode_texte(personne.debut, personne.fin)
        adulte = Adulte(personne.nom, personne.lien, personne.telephone, periode, personne.interdite)
        adultes.setdefault(personne.enfant_id, []).append(adulte)
    return adultes


def ordre(enfant: Enfant) -> tuple[str, str, int]:
    """By surname, then first name, accents, spaces and hyphens set aside: the order of a list on paper."""
    return _lettres(enfant.nom_usage or enfant.nom), _lettres(enfant.prenom), enfant.pk


def _lettres(nom: str) -> str:
    return "".join(lettre for lettre in fold(nom) if lettre.isalnum())


def sante_of(enfant: Enfant, jour: date) -> str:
    """That there is something to read before the child is in one's care; never what."""
    if enfant.pai and (enfant.pai_fin is None or enfant.pai_fin >= jour):
        return "PAI"
    return "Consigne" if enfant.consigne else ""


def classe_of(scolarite: Scolarite, *, homonyme: bool = True) -> str:
    """« CE1 »; with its class where two children have the same name."""
    niveau = scolarite.get_niveau_display()
    return f"{niveau}, {scolarite.classe}" if homonyme and scolarite.classe else niveau


@dataclass(frozen=True)
class Fiche:
    """What the team may know of a child of the day. `parents`: those who answer for it, with their numbers."""

    pk: int
    nom: str
    prenom: str
    classe: str
    parents: list[Responsable]
    autorises: list[Adulte]
    interdits: list[Adulte]
    sante: str
    pai_fin: date | None
    consigne: str
    absence: bool


def load_fiche(pk: int, jour: date) -> Fiche | None:
    """None for a child who is on no sheet of that day: the team has no need of it."""
    du_jour = Q(Exists(Inscription.objects.active().filter(jour=jour, enfant=OuterRef("enfant"))))
    du_jour |= Q(Exists(Pointage.objects.filter(jour=jour, present=True, enfant=OuterRef("enfant"))))
    scolarites = Scolarite.objects.filter(annee__debut__lte=jour, annee__fin__gte=jour, enfant=pk)
    scolarite = scolarites.filter(du_jour).select_related("enfant", "classe").first()
    if scolarite is None:
        return None
    enfant, adultes = scolarite.enfant, load_adultes([pk], jour).get(pk, [])
    parents = Responsable.objects.filter(responsabilites__enfant=pk, responsabilites__suspendue=False)
    return Fiche(
        pk=pk,
        nom=str(enfant),
        prenom=enfant.prenom,
        classe=classe_of(scolarite),
        parents=list(parents.select_related("user")),
        autorises=[adulte for adulte in adultes if not adulte.interdite],
        interdits=[adulte for adulte in adultes if adulte.interdite],
        sante=sante_of(enfant, jour),
        pai_fin=enfant.pai_fin,
        consigne=enfant.consigne,
        absence=enfant.absences.filter(jour=jour).exists(),
    )
