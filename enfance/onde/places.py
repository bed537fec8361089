"""The places of a year that a file of ONDE is about: those of its school, and those of its pupils elsewhere.

A pupil who has a place in another school changes school: by itself where that school has let it go, or never had it but
by the rollover; else the town hall is asked, once a year, of which of the two schools it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import F, Q

from enfance.changement_ecole import ArriveeEcole, changer_place
from enfance.models import AnneeScolaire, Ecole, Enfant, Scolarite
from enfance.onde.bilan import Bilan
from enfance.onde.departs import is_marked, mark_revenus, supposees
from enfance.onde.lecture import Eleve, Extraction
from enfance.onde.questions import Option, Question, Reponses, answer, signature
from enfance.onde.registre import Registre
from portail.certain import certain
from portail.tables import LigneRefusee


def dites_of(enfant: Enfant, annee: AnneeScolaire) -> dict[str, Any]:
    """What ONDE last said of the place of this child in that year."""
    dites: dict[str, Any] = enfant.onde.setdefault("scolarites", {}).setdefault(str(annee.debut.year), {})
    return dites


def is_provisoire(place: Scolarite, dites: dict[str, Any]) -> bool:
    """Whether the rollover supposed this place, and nobody has said more of it since."""
    return place.classe_id is None and place.debut is None and "niveau" not in dites


@dataclass
class PlacesOnde:
    """The places of `annee` as the files of `ecole` find them on `jour`; who arrives from another school."""

    annee: AnneeScolaire
    ecole: Ecole
    jour: date
    arrivees: list[ArriveeEcole] = field(default_factory=list)
    nouvelles: list[Scolarite] = field(default_factory=list)
    _par_enfant: dict[int, list[Scolarite]] = field(default_factory=dict)

    @classmethod
    def load(cls, annee: AnneeScolaire, ecole: Ecole, enfants: Collection[int], *, today: date) -> PlacesOnde:
        """Those of this school, and those of these children (primary keys) whichever the school."""
        places = cls(annee, ecole, max(today, annee.debut))
        lignes = annee.scolarites.filter(Q(ecole=ecole) | Q(enfant__in=enfants))
        par_debut = F("debut").asc(nulls_first=True)
        for place in lignes.select_related("enfant", "classe", "ecole").order_by(par_debut, "pk"):
            place.annee = annee
            places._par_enfant.setdefault(place.enfant_id, []).append(place)
        return places

    def of(self, enfant: Enfant) -> Scolarite | None:
        """The place that the file of this school is about: the child's own there, of that day or to come; else the last
        one, elsewhere. On this very object.
        """
        siennes = self._par_enfant.get(enfant.pk, [])
        venues = [place for place in siennes if place.debut is None or place.debut <= self.jour]
        for place in (*venues[-1:], *siennes[-1:]):
            place.enfant = enfant
            if place.ecole_id == self.ecole.pk:
                return place
        return siennes[-1] if siennes else None

    def save(self) -> None:
        """Write the new places, all at once."""
        Scolarite.objects.bulk_create(self.nouvelles)

    @property
    def presents(self) -> list[Scolarite]:
        """The pupils of the school, who have come and have not left."""
        return [
            place
            for places in self._par_enfant.values()
            for place in places
            if place.ecole_id == self.ecole.pk
            and place.depart is None
            and (place.debut is None or place.debut <= self.jour)
        ]

    def is_last(self, place: Scolarite) -> bool:
        """Whether no other place of the pupil comes after this one in the year."""
        return self._par_enfant.get(place.enfant_id, [place])[-1] is place

    def is_dispute(self, enfant: Enfant) -> bool:
        """Whether another school has this pupil, and has not let it go."""
        place = self.of(enfant)
        if place is None or place.ecole_id == self.ecole.pk or place.depart is not None:
            return False
        dites = enfant.onde.get("scolarites", {}).get(str(self.annee.debut.year), {})
        return not is_provisoire(place, dites)

    def arrive(self, enfant: Enfant) -> tuple[Scolarite | None, str]:
        """The pupil's place in this school, made of the one elsewhere, and the change in words; None for who has had
        none in the year.
        """
        place = self.of(enfant)
        if place is None or place.ecole_id == self.ecole.pk:
            return place, ""
        dites, ancienne = dites_of(enfant, self.annee), place.ecole
        jour = max(self.jour, place.depart or self.jour)
        if is_provisoire(place, dites):
            jour = self.annee.debut
        mark_revenus([supposee for supposee in supposees([place]) if is_marked(supposee)])
        ici, arrivee = changer_place(place, self.ecole, jour)
        for champ in ("niveau", "classe", "parti"):
            dites.pop(champ, None)
        self.arrivees.append(arrivee)
        return ici, f"école « {ancienne} » → « {self.ecole} »"


def ask_ecole(
    eleves: Iterable[tuple[Eleve, Enfant]], places: PlacesOnde, fichier: str, bilan: Bilan, choix: Reponses
) -> frozenset[int]:
    """Put to the town hall the pupils whom another school has as well; the lines of those who stay there, or of whom
    nobody has said yet: nothing of them is changed.
    """
    restent = set()
    for eleve, enfant in eleves:
        if not places.is_dispute(enfant):
            continue
        place = certain(places.of(enfant))
        ici, autre = places.ecole, place.ecole
        cle = signature("école", str(places.annee.debut.year), str(enfant.pk), *map(str, sorted((ici.pk, autre.pk))))
        options = (
            Option(_valeur(ici), f"Change d’école\u00a0: {ici}", "Tous changent d’école"),
            Option(_valeur(autre), f"Reste à {autre}", "Tous restent"),
        )
        reponse = answer(choix, cle, options)
        if reponse != _valeur(ici):
            restent.add(eleve.ligne)
        dit = f"{enfant} est à {autre} ({place.classe or place.get_niveau_display()}), et dans ce fichier ({ici})"
        refus = LigneRefusee(fichier, eleve.ligne, f"{dit}. Sans réponse, rien n’est changé pour cet élève.")
        texte, commune = f"{dit}\u00a0: change d’école, ou reste\u202f?", f"Connus à {autre}"
        question = Question(cle, texte, refus, options, reponse, commune)
        bilan.ask(question, sans_reponse=not reponse)
    return frozenset(restent)


def ecole_douteuse(extraction: Extraction, registre: Registre, annee: AnneeScolaire, ecole: Ecole) -> str:
    """Why these files seem to be those of another school, as a sentence: most of their pupils were last known there,
    in that year or before it. Empty when they do not.
    """
    trouves, _ = registre.find(extraction.eleves)
    connues = Scolarite.objects.filter(enfant__in=trouves.values(), annee__debut__lte=annee.debut)
    par_place = "annee__debut", F("debut").asc(nulls_first=True)
    dernieres = dict(connues.order_by(*par_place).values_list("enfant", "ecole"))
    autres = Counter(autre for autre in dernieres.values() if autre != ecole.pk)
    autre, n = autres.most_common(1)[0] if autres else (0, 0)
    if n * 2 <= len(extraction.eleves):
        return ""
    nom = Ecole.objects.get(pk=autre)
    return (
        f"{n} élèves de ce fichier, sur {len(extraction.eleves)}, sont connus dans une autre école\u00a0: {nom}. "
        f"Ce fichier est-il bien celui d’ici\u00a0: {ecole}\u202f?"
    )


def _valeur(ecole: Ecole) -> str:
    return f"ecole-{ecole.pk}"
