"""The places of a year that a file of ONDE is about: those of its school, and those of its pupils elsewhere; the
classes that it names, and those that the town hall typed before; the departures that an import notes, told from those
that the town hall noted, and the years to come that follow them.

A pupil who has a place in another school changes school: by itself where that school has let it go, or never had it but
by the rollover; else the town hall is asked, once a year, of which of the two schools it is.
So it is of a class that the town hall typed otherwise.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import F, Q

from enfance.changement_ecole import ArriveeEcole, changer_place
from enfance.models import AnneeScolaire, Classe, Ecole, Enfant, Scolarite
from enfance.models.ecoles import PREMIERE
from enfance.onde.bilan import Option, Question, Reponses, answer, signature
from enfance.onde.lecture import Eleve, Extraction
from enfance.onde.memoire import reprend
from enfance.onde.rapprochement import Registre
from portail.certain import certain
from portail.cles import cle
from portail.francais import accord
from portail.tables import LigneRefusee


def dites_of(enfant: Enfant, annee: AnneeScolaire) -> dict[str, Any]:
    """What ONDE last said of the place at school of this child in that year: the dictionary in `enfant.onde` itself,
    made empty if need be, to be changed in place.
    """
    dites: dict[str, Any] = enfant.onde.setdefault("scolarites", {}).setdefault(str(annee.debut.year), {})
    return dites


def is_provisoire(place: Scolarite, dites: dict[str, Any]) -> bool:
    """Whether this place was only supposed when the year was prepared: it has no class, no first day, and ONDE
    (`dites`, what it last said of it) has not given its niveau.
    """
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
        """The places of the year in this school, and those of these children (primary keys) in any school, read from
        the database; as they are on `today`, or on the first day of a year to come.
        """
        places = cls(annee, ecole, max(today, annee.debut))
        lignes = annee.scolarites.filter(Q(ecole=ecole) | Q(enfant__in=enfants))
        par_debut = F("debut").asc(nulls_first=True)
        for place in lignes.select_related("enfant", "classe", "ecole").order_by(par_debut, "pk"):
            place.annee = annee
            places._par_enfant.setdefault(place.enfant_id, []).append(place)
        return places

    def of(self, enfant: Enfant) -> Scolarite | None:
        """The place of this child that the file of this school is about: its place in this school, now or to come; else
        its last place of the year, in another school. None without any. The place found holds `enfant` itself, not a
        copy read again.
        """
        siennes = self._par_enfant.get(enfant.pk, [])
        venues = [place for place in siennes if place.debut is None or place.debut <= self.jour]
        for place in (*venues[-1:], *siennes[-1:]):
            place.enfant = enfant
            if place.ecole_id == self.ecole.pk:
                return place
        return siennes[-1] if siennes else None

    def save(self) -> None:
        """Write the new places to the database, all at once."""
        Scolarite.objects.bulk_create(self.nouvelles)

    @property
    def presents(self) -> list[Scolarite]:
        """The places in this school of the pupils who have come by the day of the import and have not left."""
        return [
            place
            for places in self._par_enfant.values()
            for place in places
            if place.ecole_id == self.ecole.pk
            and place.depart is None
            and (place.debut is None or place.debut <= self.jour)
        ]

    def is_last(self, place: Scolarite) -> bool:
        """Whether the pupil of this place has no other place after it in the year."""
        return self._par_enfant.get(place.enfant_id, [place])[-1] is place

    def is_dispute(self, enfant: Enfant) -> bool:
        """Whether two schools have this pupil: its place is in another school, which has not let it go, and was not
        only supposed when the year was prepared.
        """
        place = self.of(enfant)
        if place is None or place.ecole_id == self.ecole.pk or place.depart is not None:
            return False
        dites = enfant.onde.get("scolarites", {}).get(str(self.annee.debut.year), {})
        return not is_provisoire(place, dites)

    def arrive(self, enfant: Enfant) -> tuple[Scolarite | None, str]:
        """Make the pupil change to this school, if its place of the year is in another one: from the day of the import,
        or of its departure if later; from the first day of the year where that place was only supposed. Returns its
        place in this school and the change in words, empty when it was here already; (None, "") when it has no place in
        the year.
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
    eleves: Iterable[tuple[Eleve, Enfant]], places: PlacesOnde, fichier: str, choix: Reponses
) -> tuple[frozenset[int], list[Question]]:
    """Ask the town hall, about each pupil of the file whom another school has as well, which of the two schools it is
    in. Returns the lines of the pupils who stay in the other school, or of whom nobody has answered (nothing is changed
    of them), then the questions.
    """
    restent, questions = set(), []
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
        questions.append(Question(cle, texte, refus, options, reponse, commune, ouverte=not reponse))
    return frozenset(restent), questions


def ecole_douteuse(extraction: Extraction, registre: Registre, annee: AnneeScolaire, ecole: Ecole) -> str:
    """Why these files seem to be those of another school than `ecole`, as a sentence: more than half of their pupils
    were last known in one same other school, in `annee` or before it. Empty when they do not.
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


# --- Classes --------------------------------------------------------------------------------------------------------

GARDER, PRENDRE = "garder", "prendre"
NOMMES = 5


class Classes:
    """Those of a year in a school. A pupil whose class was typed by hand keeps it until the town hall has answered: one
    question for all those of the same two classes.
    """

    def __init__(self, annee: AnneeScolaire, ecole: Ecole, choix: Reponses, fichier: str) -> None:
        self._annee, self._ecole, self._choix, self._fichier = annee, ecole, choix, fichier
        self._connues = {cle(classe.nom): classe for classe in annee.classes.filter(ecole=ecole)}
        self._ecarts: dict[tuple[Classe, Classe], list[Eleve]] = {}

    def write(self, scolarite: Scolarite, dernieres: dict[str, Any], eleve: Eleve) -> str:
        """Give the pupil's place the class of the file, unless the town hall typed another one and has not chosen the
        file's since; a file without class changes nothing; returns the change in words, empty without any.
        `dernieres` holds what ONDE last said of this pupil and year. Nothing is saved here but a new class.
        """
        ici, voulue = scolarite.classe, self._find(eleve.classe)
        if ici is None or voulue is None or ici == voulue or not _is_typed(ici, dernieres, eleve):
            return reprend(scolarite, dernieres, "classe", voulue, eleve.classe)
        self._ecarts.setdefault((ici, voulue), []).append(eleve)
        reponse = answer(self._choix, _cle(ici, voulue), _options(ici, voulue))
        if reponse:
            dernieres["classe"] = eleve.classe
        if reponse != PRENDRE:
            return ""
        scolarite.classe = voulue
        return f"classe « {ici} » → « {voulue} »"

    def questions(self) -> list[Question]:
        """The questions, answered or not, about the pupils for whom the town hall typed a class and ONDE says another:
        one for each pair of classes met by `write`.
        """
        questions = []
        for (ici, voulue), eleves in self._ecarts.items():
            options = _options(ici, voulue)
            reponse = answer(self._choix, _cle(ici, voulue), options)
            dit = f"la mairie a saisi la classe « {ici} », ONDE dit « {voulue} » : {_noms(eleves)}."
            refus = LigneRefusee(self._fichier, eleves[0].ligne, f"{dit} Sans réponse, la classe saisie est gardée.")
            texte = f"{dit[0].upper()}{dit[1:]} Quelle est la bonne classe ?"
            questions.append(Question(_cle(ici, voulue), texte, refus, options, reponse, ouverte=not reponse))
        return questions

    def _find(self, nom: str) -> Classe | None:
        """The class of this name, made if it is new; None without a name."""
        if not cle(nom):
            return None
        if cle(nom) not in self._connues:
            enseignant = re.search(r"\b(M\.|Mme|Mlle|Mr)\s.+$", nom)
            self._connues[cle(nom)] = Classe.objects.create(
                annee=self._annee, ecole=self._ecole, nom=nom, enseignant=enseignant.group() if enseignant else ""
            )
        return self._connues[cle(nom)]


def _is_typed(ici: Classe, dernieres: dict[str, Any], eleve: Eleve) -> bool:
    """Whether the town hall chose this class, and ONDE has said another one since."""
    connue = dernieres.get("classe")
    return connue is None or (connue != eleve.classe and cle(connue) != cle(ici.nom))


def _cle(ici: Classe, voulue: Classe) -> str:
    ecole = [] if voulue.ecole_id == PREMIERE else [str(voulue.ecole_id)]  # two schools may have a « CP »
    return signature("classe", cle(ici.nom), cle(voulue.nom), *ecole)


def _options(ici: Classe, voulue: Classe) -> tuple[Option, ...]:
    return Option(GARDER, f"{ici}, saisie par la mairie"), Option(PRENDRE, f"{voulue}, celle d’ONDE")


def _noms(eleves: list[Eleve]) -> str:
    noms = ", ".join(map(str, eleves[:NOMMES]))
    reste = len(eleves) - NOMMES
    return f"{noms} et {accord(reste, 'autre')}" if reste > 0 else noms


# --- Departures -----------------------------------------------------------------------------------------------------


def mark_revenus(revenus: list[Scolarite]) -> None:
    """Write that these pupils have not left after all: their departure is taken back, and the mark that an import or
    the preparation of a year had noted it.
    """
    for scolarite in revenus:
        scolarite.depart = None
        scolarite.save(update_fields=["depart"])
        forget_mark(scolarite)


def forget_mark(scolarite: Scolarite) -> None:
    """Take off the mark that an import noted the departure of this pupil: its departure, or its presence, is the town
    hall's own decision from now on.
    """
    dernieres = scolarite.enfant.onde.get("scolarites", {}).get(str(scolarite.annee.debut.year), {})
    if dernieres.pop("parti", None):
        scolarite.enfant.save(update_fields=["onde"])


def is_marked(scolarite: Scolarite) -> bool:
    """Whether an import, or the preparation of a year, noted the departure of this place (`mark_partis`), and not the
    town hall. False when it has no departure.
    """
    dernieres = scolarite.enfant.onde.get("scolarites", {}).get(str(scolarite.annee.debut.year), {})
    return scolarite.depart is not None and dernieres.get("parti", False)


def mark_partis(partis: list[Scolarite], depuis: date) -> None:
    """Write that these pupils have left from the day `depuis` on; in a later year, from its first day; a pupil who came
    that very day, from the next one. A mark is kept with each, which tells this departure from one that the town hall
    noted.
    """
    for scolarite in partis:
        arrive = scolarite.debut + timedelta(days=1) if scolarite.debut else depuis
        scolarite.depart = max(depuis, arrive, scolarite.annee.debut)
        scolarite.save(update_fields=["depart"])
        enfant = scolarite.enfant
        enfant.onde.setdefault("scolarites", {}).setdefault(str(scolarite.annee.debut.year), {})["parti"] = True
        enfant.save(update_fields=["onde"])


def supposees(scolarites: list[Scolarite]) -> list[Scolarite]:
    """The places without class that these pupils have in later years, supposed when those years were prepared. Each
    holds the same child object as the place given.
    """
    depuis = {scolarite.enfant_id: scolarite for scolarite in scolarites}
    lues = Scolarite.objects.filter(enfant__in=depuis, classe=None).select_related("annee")
    trouvees = [s for s in lues if s.annee.debut > depuis[s.enfant_id].annee.debut]
    for scolarite in trouvees:
        scolarite.enfant = depuis[scolarite.enfant_id].enfant
    return trouvees
