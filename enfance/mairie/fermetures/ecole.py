"""What the school's own agent sees: the pupils of its classes by name and class, the trips to come. Of a booking, a
parent, health or the past, nothing. Reads, never writes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby

from django.db.models import Q

from enfance.mairie.fermetures.ecriture import BilanFermeture
from enfance.mairie.fermetures.forms import SortieForm
from enfance.mairie.fermetures.sorties import ApercuSortie, apercu_sortie, sortie_titre
from enfance.models import Ecole, Fermeture, Scolarite
from portail.certain import certain
from portail.francais import NBSP, pluriel

SANS_CLASSE = "Sans classe"


@dataclass(frozen=True)
class ClasseVue:
    """A class, with the names of its pupils in the order of the alphabet."""

    nom: str
    eleves: tuple[str, ...]


@dataclass(frozen=True)
class SortieAnnoncee:
    """A trip, or a teacher away, that is not over: « Sortie des CM1, mardi 8 décembre », and its reason."""

    titre: str
    motif: str


def load_classes(ecoles: Sequence[Ecole], today: date) -> list[ClasseVue]:
    """The classes of these schools, by name, with their pupils of `today`; of the next school year between two years.
    Those who have no class yet come last. One query.
    """
    places = Scolarite.objects.nearest(today).filter(ecole__in=ecoles).select_related("enfant", "classe")
    noms = [
        (str(place.classe) if place.classe else "", str(place.enfant)) for place in places.order_by("enfant__tri", "pk")
    ]
    noms.sort(key=lambda dit: (not dit[0], dit[0]))
    return [
        ClasseVue(nom or SANS_CLASSE, tuple(eleve for _, eleve in dits))
        for nom, dits in groupby(noms, key=lambda dit: dit[0])
    ]


def load_sorties(ecoles: Sequence[Ecole], today: date) -> list[SortieAnnoncee]:
    """The trips and the teachers away of these schools that are not over on `today`, the next one first."""
    fermetures = Fermeture.objects.exclude(nature=Fermeture.Nature.FERMETURE).filter(
        Q(ecoles=None) | Q(ecoles__in=ecoles), Q(classes=None) | Q(classes__ecole__in=ecoles), fin__gte=today
    )
    fermetures = fermetures.distinct().prefetch_related("classes").order_by("debut", "pk")
    return [SortieAnnoncee(sortie_titre(fermeture), fermeture.motif) for fermeture in fermetures]


def check_jour(form: SortieForm, today: date) -> None:
    """Refuse a trip that has begun before `today`: what has been is the town hall's to correct."""
    debut = form.cleaned_data.get("debut")
    if debut and debut < today:
        form.add_error("debut", f"Ce jour est passé{NBSP}: dites-le à la mairie, qui le corrige.")


def apercu_ecole(bilan: BilanFermeture, form: SortieForm, *, now: datetime, retour: str) -> ApercuSortie:
    """The preview of the trip that this valid form asks for, once `fermer` has made it (`bilan`), as the school may
    read it: who leaves and who stays, by name and class. `retour`: the address of « Ne rien changer ».
    """
    apercu = apercu_sortie(bilan, form, now=now, retour=retour, fil=())
    eleves = [replace(eleve, moments="") for eleve in (*apercu.inscrits, *apercu.autres)]
    eleves.sort(key=lambda eleve: (eleve.classe, eleve.tri))
    partent = sum(not eleve.reste for eleve in eleves)
    absents = pluriel(partent, "élève absent,élèves absents")
    return replace(
        apercu,
        phrase=f"{absents} de l’école, {certain(bilan.fermeture).groupes}. Personne d’autre n’est touché.",
        precision="Leurs familles, la garderie et la cantine sont prévenues dès que vous enregistrez. "
        "Seule la mairie peut revenir en arrière.",
        suites=(replace(apercu.suites[0], verbe="Enregistrer et prévenir"),),
        remarques=(),
        courriels=0,
        exemple="",
        destinataire="",
        lisent="",
        a_appeler=(),
        grave=True,
        template="enfance/ecole/sortie_apercu.html",
        inscrits=(),
        autres=tuple(eleves),
    )
