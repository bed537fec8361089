"""What the canteen association may see: who eats, who is registered for the lunch break, and where the two disagree.

A name, a class, what the day holds. Nothing of the family: no adult, no address, no phone, no foyer; of health, at most
that there is an allergy or a PAI, and only where the family agreed. Reads, never writes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum

from enfance.calendrier import UN_JOUR, Calendrier
from enfance.cantine.perimetre import COMMUNE, Perimetre
from enfance.cantine.sans_midi import SANS_PAUSE, fermetures_phrases, raison_sans_midi, sorties_phrases
from enfance.models import Creneau, Enfant, Inscription, ListeRepas, Niveau, Repas
from enfance.models.annee import Scolarite
from enfance.natures import MOTS, NatureFermeture
from enfance.regles import Acteur, Cle, Ecart, InscriptionLue, Situation, desaccord, obstacles_jour
from enfance.seances import absences
from enfance.situation import load_situation
from portail.francais import NBSP, pluriel
from portail.lettres import lettres

INSCRIT = Inscription.Etat.INSCRIT
ETE = timedelta(days=75)  # longer than the longest holidays
NIVEAUX = list(Niveau.values)


class Cas(Enum):
    """What is to be said of a child on a day."""

    ATTENDU = "mange et est inscrit"
    SANS_MIDI = "mange, pas inscrit"
    SANS_REPAS = "inscrit, pas de repas"
    FERME = MOTS[NatureFermeture.FERMETURE].mange
    SORTIE = MOTS[NatureFermeture.SORTIE].mange
    ENSEIGNANT = MOTS[NatureFermeture.ENSEIGNANT].mange
    PARTI = "mange, a quitté l’école"
    ANNULE = "repas annulé par la famille"


FERMES = {
    NatureFermeture.FERMETURE: Cas.FERME,
    NatureFermeture.SORTIE: Cas.SORTIE,
    NatureFermeture.ENSEIGNANT: Cas.ENSEIGNANT,
}


@dataclass(frozen=True)
class EleveConvive:
    """A child as the association names it."""

    nom: str
    prenom: str
    classe: str
    rang: int  # of the level, from the youngest to the eldest
    fille: bool
    ecole: str = ""  # where the town has several
    nommee: bool = False  # the school is said with the class: those of several are shown

    def __str__(self) -> str:
        return f"{self.nom.upper()} {self.prenom}"

    @property
    def ordre(self) -> tuple[str, str, str]:
        """The sort key of the child: family name, first name, class; accents and case aside."""
        return lettres(self.nom), lettres(self.prenom), self.groupe

    @property
    def groupe(self) -> str:
        """The class of the child, followed by its school where several schools are shown."""
        return ", ".join(mot for mot in (self.classe, self.ecole) if mot) if self.nommee else self.classe

    @property
    def accord(self) -> str:
        """« inscrite » for a girl, « inscrit » for a boy."""
        return "inscrite" if self.fille else "inscrit"


@dataclass(frozen=True)
class Convive:
    """One child on one day. `signale`: there is an allergy or a PAI, which the family lets the canteen know of."""

    jour: date
    eleve: EleveConvive
    cas: Cas
    inscrit: bool
    absent: bool
    signale: bool

    @property
    def mange(self) -> bool:
        """Whether a meal is ordered for the child, and not said to be cancelled."""
        return self.cas not in {Cas.SANS_REPAS, Cas.ANNULE}

    @property
    def phrase(self) -> str:
        """What is to be said of the child on that day: « mange, pas inscrite »."""
        return self.cas.value.replace("inscrit", self.eleve.accord)


@dataclass(frozen=True)
class ParClasse:
    """The numbers of one class on one day, or of all of them."""

    classe: str
    repas: int
    sans_midi: int
    sans_repas: int


@dataclass(frozen=True)
class Journee:
    """A day as the association sees it. `raison`: why there is no lunch break at all, empty when there is one."""

    jour: date
    raison: str
    fermetures: tuple[str, ...]
    liste: ListeRepas | None  # the last one that covers the day
    inscrits: int
    convives: tuple[Convive, ...]
    commune: bool = True  # the last list is that of every school shown
    sans_liste: tuple[str, ...] = ()  # the schools shown that no list covers, where another has one

    @property
    def mot(self) -> str:
        """What the table of a week shows in place of numbers on a day without lunch break: « fermé », « pas
        de pause ». Means nothing on another day (« fermé »).
        """
        return "pas de pause" if self.raison == SANS_PAUSE else "fermé"

    @property
    def attendus(self) -> list[Convive]:
        """The children who eat and are registered for the lunch break."""
        return self._de(Cas.ATTENDU)

    @property
    def ecarts(self) -> list[Convive]:
        """The children whose meal and lunch break disagree that day: one without the other, a closed lunch break, a
        trip, a pupil who has left.
        """
        return self._de(Cas.SANS_MIDI, Cas.SANS_REPAS, *FERMES.values(), Cas.PARTI)

    @property
    def annules(self) -> list[Convive]:
        """The children whose family says that it cancelled the meal."""
        return self._de(Cas.ANNULE)

    @property
    def absents(self) -> int:
        """How many of the children who have a meal will not come, as their family told. Here a meal of a closed lunch
        break counts.
        """
        return sum(convive.mange and convive.absent for convive in self.convives)

    @property
    def phrase(self) -> str:
        """The number of meals in words, without those of a closed lunch break or of a pupil who has left: « 93 repas,
        dont 1 absence annoncée ».
        """
        dont = f", dont {pluriel(self.absents, 'absence annoncée,absences annoncées')}" if self.absents else ""
        return f"{self.total.repas}{NBSP}repas{dont}"

    @property
    def total(self) -> ParClasse:
        """The numbers of the whole day, all classes together. A meal of a closed lunch break, or of a pupil who has
        left, is not counted.
        """
        return _compte("Total", self.convives)

    @property
    def classes(self) -> list[ParClasse]:
        """The numbers of each class, from the youngest to the eldest; a class without any child to name is left out."""
        par_classe: dict[str, list[Convive]] = {}
        for convive in sorted(self.convives, key=lambda c: (c.eleve.rang, c.eleve.groupe)):
            par_classe.setdefault(convive.eleve.groupe, []).append(convive)
        return [_compte(classe, siens) for classe, siens in par_classe.items()]

    def _de(self, *cas: Cas) -> list[Convive]:
        return [convive for convive in self.convives if convive.cas in cas]


@dataclass(frozen=True)
class Releve:
    """Some days; the closures of the lunch break that are not over, whatever the days, and the trips."""

    journees: list[Journee]
    annonces: list[str]
    sorties: list[str]


def load_releve(debut: date, fin: date, *, now: datetime, perimetre: Perimetre = COMMUNE) -> Releve:
    """What the association sees of the school days from `debut` to `fin`, both included, for the schools of
    `perimetre`; a single day (`debut` = `fin`) is there even without school.

    Nine queries, one more where the town has several schools, up to two more where a single class is closed or on a
    trip, one more where there is a trip, whatever the number of children and days. Children of other schools are not
    read.
    """
    lus = perimetre.of(Repas.objects.between(debut, fin)).order_by().values_list("enfant", "jour", "annule_le")
    repas = {(enfant, jour): annule_le for enfant, jour, annule_le in lus}
    midis = Inscription.objects.inscrit().between(debut, fin).filter(creneau__moment=Creneau.Moment.MIDI)
    lues = (
        perimetre.of(midis)
        .order_by()
        .values_list("enfant", "jour", "creneau__code", "pk", "etat", "origine", "foyer", "attente_depuis")
    )
    inscrites = {Cle(*ligne[:3]): InscriptionLue(*ligne[3:]) for ligne in lues}
    enfants = {enfant for enfant, _ in repas} | {cle.enfant for cle in inscrites}
    situation = load_situation(Acteur.systeme(), debut, fin, now=now, enfants=enfants, places=False, inscriptions=False)
    situation = situation.with_inscriptions(inscrites)
    signalees = absences(debut, fin, perimetre.pks, moment=Creneau.Moment.MIDI)
    listes = _listes(debut, fin, perimetre)
    fermetures = fermetures_phrases(situation, situation.fermetures, perimetre)
    inscrits = Counter(cle.jour for cle in inscrites)
    jours = [debut] if debut == fin else list(situation.calendrier.jours_ecole(debut, fin))
    par_jour: dict[date, list[Convive]] = {jour: [] for jour in jours}
    for enfant, jour in repas.keys() | {(cle.enfant, cle.jour) for cle in inscrites}:
        cas = _cas(situation, enfant, jour, dit_annule=repas.get((enfant, jour)) is not None)
        if cas and jour in par_jour:
            fiche = situation.enfants[enfant]
            par_jour[jour].append(
                Convive(
                    jour,
                    eleve_of(fiche, _scolarite(situation, enfant, jour), perimetre),
                    cas,
                    inscrit=situation.cle_midi(enfant, jour) in inscrites,
                    absent=(enfant, jour) in signalees,
                    signale=is_signale(fiche, jour),
                )
            )
    journees = [
        Journee(
            jour,
            raison_sans_midi(situation, jour, perimetre),
            tuple(phrase for fermeture, phrase in fermetures if fermeture.debut <= jour <= fermeture.fin),
            next((liste for liste, _ in listes if liste.debut <= jour <= liste.fin), None),
            inscrits[jour],
            tuple(sorted(par_jour[jour], key=lambda convive: convive.eleve.ordre)),
            *_partage(listes, jour, perimetre),
        )
        for jour in jours
    ]
    return Releve(
        journees,
        [phrase for _, phrase in fermetures_phrases(situation, situation.annoncees, perimetre)],
        [phrase for _, phrase in sorties_phrases(situation, situation.annoncees, perimetre)],
    )


def _listes(debut: date, fin: date, perimetre: Perimetre) -> list[tuple[ListeRepas, set[int]]]:
    """The lists of these days, the latest first, each with its schools (primary keys; none: all of them)."""
    listes = ListeRepas.objects.over(debut, fin).about(perimetre.pks).order_by("-importee_le", "-pk")
    if not perimetre.ecoles:
        return [(liste, set()) for liste in listes]
    return [(liste, {e.pk for e in liste.ecoles.all()}) for liste in listes.prefetch_related("ecoles")]


def _partage(
    listes: Iterable[tuple[ListeRepas, set[int]]], jour: date, perimetre: Perimetre
) -> tuple[bool, tuple[str, ...]]:
    """Whether the schools shown have the same last list of that day, and which of them have none where another does."""
    du_jour = [(liste, dites) for liste, dites in listes if liste.debut <= jour <= liste.fin]
    dernieres = {
        ecole: next((liste.pk for liste, dites in du_jour if not dites or ecole.pk in dites), None)
        for ecole in perimetre.ecoles
    }
    manquent = tuple(ecole.nom for ecole, liste in dernieres.items() if liste is None) if du_jour else ()
    return len(set(dernieres.values())) < 2, manquent


@dataclass(frozen=True)
class ClasseSemaine:
    """The numbers of a class over the days of a week: None, and its word, on a day without lunch break."""

    classe: str
    jours: tuple[tuple[str, ParClasse | None], ...]


def par_semaine(journees: Collection[Journee]) -> list[ClasseSemaine]:
    """The numbers of each class over these days, from the youngest class to the eldest."""
    rangs = {c.eleve.groupe: c.eleve.rang for journee in journees for c in journee.convives}
    return [
        ClasseSemaine(
            classe,
            tuple(
                (journee.mot, None)
                if journee.raison
                else ("", _compte(classe, [c for c in journee.convives if c.eleve.groupe == classe]))
                for journee in journees
            ),
        )
        for classe in sorted(rangs, key=lambda classe: (rangs[classe], classe))
    ]


def jour_ouvert(calendrier: Calendrier, today: date) -> date:
    """Today if it is a school day, else the next one; the last school day known when no other comes, and today without
    any.
    """
    if calendrier.is_ecole(today):
        return today
    return calendrier.ecole_apres(today) or max(calendrier.jours_ecole(today - ETE, today), default=today)


def jours_voisins(calendrier: Calendrier, jour: date) -> tuple[date | None, date | None]:
    """The last school day before this one and the first after it, within 75 days; None for one that is not known."""
    avant = max(calendrier.jours_ecole(jour - ETE, jour - UN_JOUR), default=None)
    return avant, next(calendrier.jours_ecole(jour + UN_JOUR, jour + ETE), None)


def is_signale(enfant: Enfant, jour: date) -> bool:
    """Whether the canteen is told, on that day, that this child has an allergy or a PAI: its family agreed, and there
    is an instruction or a PAI still valid.
    """
    pai = enfant.pai and (enfant.pai_fin is None or enfant.pai_fin >= jour)
    return enfant.pai_cantine and bool(pai or enfant.consigne)


TITRES = [
    "Date", "Nom", "Prénom", "Classe", "Repas", "Pause méridienne", "À vérifier", "Absence signalée", "Allergie ou PAI"
]  # fmt: skip


def titres_csv(perimetre: Perimetre = COMMUNE) -> list[str]:
    """The column titles of the table of meals; with the school where the town has several."""
    return [*TITRES[:4], *(["École"] if perimetre.ecoles else []), *TITRES[4:]]


def lignes_csv(journees: Iterable[Journee], perimetre: Perimetre = COMMUNE) -> list[list[str]]:
    """The rows of the table of meals, one for each child and day, under the titles of `titres_csv`."""
    return [
        [
            convive.jour.isoformat(),
            convive.eleve.nom,
            convive.eleve.prenom,
            convive.eleve.classe,
            *([convive.eleve.ecole] if perimetre.ecoles else []),
            "annulé" if convive.cas is Cas.ANNULE else _oui(convive.mange),
            _oui(convive.inscrit),
            "" if convive.cas is Cas.ATTENDU else convive.phrase,
            "oui" if convive.absent else "",
            "oui" if convive.signale else "",
        ]
        for journee in journees
        for convive in journee.convives
    ]


def _cas(situation: Situation, enfant: int, jour: date, *, dit_annule: bool) -> Cas | None:
    """None for a lunch break that no list may be compared with, and for one that a closure left behind."""
    if dit_annule:
        return Cas.ANNULE
    ecart = desaccord(situation, enfant, jour)
    if ecart:
        return Cas.SANS_MIDI if ecart is Ecart.SANS_MIDI else Cas.SANS_REPAS
    cle = situation.cle_midi(enfant, jour)
    if not situation.has_repas(cle):
        return None
    if situation.scolarite(enfant, jour) is None:
        return Cas.PARTI
    creneau = situation.creneaux[cle.creneau]
    if not obstacles_jour(situation, cle, creneau) and situation.etat(cle) == INSCRIT:
        return Cas.ATTENDU
    fermeture = situation.fermeture(enfant, jour, creneau)
    return FERMES[fermeture.nature] if fermeture else Cas.FERME


def _scolarite(situation: Situation, enfant: int, jour: date) -> Scolarite | None:
    """The child's place in the year of that day, even when it has left."""
    annee = situation.calendrier.annee(jour)
    if annee is None:
        return None
    return situation.scolarite(enfant, jour) or situation.derniere_scolarite(enfant, annee.debut)


def eleve_of(enfant: Enfant, scolarite: Scolarite | None, perimetre: Perimetre = COMMUNE) -> EleveConvive:
    """The child as the association names it, with its class and level of this scolarité (None: unknown)."""
    return EleveConvive(
        enfant.nom_usage or enfant.nom,
        enfant.prenom,
        str(scolarite.classe or scolarite.get_niveau_display()) if scolarite else "",
        NIVEAUX.index(scolarite.niveau) if scolarite else len(NIVEAUX),
        enfant.sexe == Enfant.Sexe.FILLE,
        perimetre.nom(scolarite),
        perimetre.nommee,
    )


def _compte(classe: str, convives: Collection[Convive]) -> ParClasse:
    def nombre(*cas: Cas) -> int:
        return sum(convive.cas in cas for convive in convives)

    return ParClasse(classe, nombre(Cas.ATTENDU, Cas.SANS_MIDI), nombre(Cas.SANS_MIDI), nombre(Cas.SANS_REPAS))


def _oui(valeur: bool) -> str:
    return "oui" if valeur else "non"
