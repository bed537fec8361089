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
from enfance.jours_fermes import fermes_phrase, jours_fermes
from enfance.models import Classe, Creneau, Enfant, Inscription, ListeRepas, Niveau, Repas
from enfance.models.annee import Scolarite
from enfance.regles import Acteur, Cle, Ecart, FermetureVue, Situation, desaccord, obstacles_jour
from enfance.seances import absences, inscriptions
from enfance.situation import load_situation
from portail.lettres import lettres

INSCRIT = Inscription.Etat.INSCRIT
ETE = timedelta(days=75)  # longer than the longest holidays
NIVEAUX = list(Niveau.values)


class Cas(Enum):
    """What is to be said of a child on a day."""

    ATTENDU = "mange et est inscrit"
    SANS_MIDI = "mange, pas inscrit"
    SANS_REPAS = "inscrit, pas de repas"
    FERME = "mange, pause méridienne fermée"
    PARTI = "mange, a quitté l’école"
    ANNULE = "repas annulé par la famille"


@dataclass(frozen=True)
class EleveConvive:
    """A child as the association names it."""

    nom: str
    prenom: str
    classe: str
    rang: int  # of the level, from the youngest to the eldest
    fille: bool

    def __str__(self) -> str:
        return f"{self.nom.upper()} {self.prenom}"

    @property
    def ordre(self) -> tuple[str, str, str]:
        return lettres(self.nom), lettres(self.prenom), self.classe

    @property
    def accord(self) -> str:
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
        """Whether a meal stands."""
        return self.cas not in {Cas.SANS_REPAS, Cas.ANNULE}

    @property
    def phrase(self) -> str:
        """« mange, pas inscrite »."""
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

    @property
    def attendus(self) -> list[Convive]:
        return self._de(Cas.ATTENDU)

    @property
    def ecarts(self) -> list[Convive]:
        return self._de(Cas.SANS_MIDI, Cas.SANS_REPAS, Cas.FERME, Cas.PARTI)

    @property
    def annules(self) -> list[Convive]:
        return self._de(Cas.ANNULE)

    @property
    def absents(self) -> list[Convive]:
        return [convive for convive in self.convives if convive.absent]

    @property
    def total(self) -> ParClasse:
        return _compte("Total", self.convives)

    @property
    def classes(self) -> list[ParClasse]:
        """The numbers by class, from the youngest to the eldest; a class of which nothing is to be said is left out."""
        par_classe: dict[str, list[Convive]] = {}
        for convive in sorted(self.convives, key=lambda c: (c.eleve.rang, c.eleve.classe)):
            par_classe.setdefault(convive.eleve.classe, []).append(convive)
        return [_compte(classe, siens) for classe, siens in par_classe.items()]

    def _de(self, *cas: Cas) -> list[Convive]:
        return [convive for convive in self.convives if convive.cas in cas]


@dataclass(frozen=True)
class Releve:
    """Some days, and the closures of the lunch break that are not over, whatever the days."""

    journees: list[Journee]
    annonces: list[str]


def load_releve(debut: date, fin: date, *, now: datetime) -> Releve:
    """The school days from `debut` to `fin`, both included; a single day is there even without school.

    Nine queries, and up to two more where a class alone is closed, whatever the children and the days.
    """
    repas = {(r.enfant_id, r.jour): r for r in Repas.objects.between(debut, fin).order_by()}
    midis = inscriptions(debut, fin).inscrit().filter(creneau__moment=Creneau.Moment.MIDI).select_related("creneau")
    inscrites = {Cle(i.enfant_id, i.jour, i.creneau.code): i for i in midis}
    enfants = {enfant for enfant, _ in repas} | {cle.enfant for cle in inscrites}
    situation = load_situation(Acteur.systeme(), debut, fin, now=now, enfants=enfants, places=False, inscriptions=False)
    situation = situation.with_inscriptions(inscrites)
    signalees = absences(debut, fin)
    listes = list(ListeRepas.objects.filter(debut__lte=fin, fin__gte=debut).order_by("-importee_le", "-pk"))
    fermetures = fermetures_phrases(situation, situation.fermetures)
    inscrits = Counter(cle.jour for cle in inscrites)
    jours = [debut] if debut == fin else list(situation.calendrier.jours_ecole(debut, fin))
    par_jour: dict[date, list[Convive]] = {jour: [] for jour in jours}
    for enfant, jour in repas.keys() | {(cle.enfant, cle.jour) for cle in inscrites}:
        un_repas = repas.get((enfant, jour))
        cas = _cas(situation, enfant, jour, dit_annule=un_repas is not None and un_repas.annule_le is not None)
        if cas and jour in par_jour:
            fiche = situation.enfants[enfant]
            par_jour[jour].append(
                Convive(
                    jour,
                    eleve_of(fiche, _scolarite(situation, enfant, jour)),
                    cas,
                    inscrit=situation.cle_midi(enfant, jour) in inscrites,
                    absent=(enfant, jour) in signalees,
                    signale=is_signale(fiche, jour),
                )
            )
    journees = [
        Journee(
            jour,
            raison_sans_midi(situation, jour),
            tuple(phrase for fermeture, phrase in fermetures if fermeture.debut <= jour <= fermeture.fin),
            next((liste for liste in listes if liste.debut <= jour <= liste.fin), None),
            inscrits[jour],
            tuple(sorted(par_jour[jour], key=lambda convive: convive.eleve.ordre)),
        )
        for jour in jours
    ]
    return Releve(journees, [phrase for _, phrase in fermetures_phrases(situation, situation.annoncees)])


@dataclass(frozen=True)
class ClasseSemaine:
    """The numbers of a class over the days of a week: None on a day without lunch break."""

    classe: str
    jours: tuple[ParClasse | None, ...]


def par_semaine(journees: Collection[Journee]) -> list[ClasseSemaine]:
    """The classes of these days, from the youngest to the eldest."""
    rangs = {c.eleve.classe: c.eleve.rang for journee in journees for c in journee.convives}
    return [
        ClasseSemaine(
            classe,
            tuple(
                None if journee.raison else _compte(classe, [c for c in journee.convives if c.eleve.classe == classe])
                for journee in journees
            ),
        )
        for classe in sorted(rangs, key=lambda classe: (rangs[classe], classe))
    ]


def fermetures_phrases(situation: Situation, fermetures: Iterable[FermetureVue]) -> list[tuple[FermetureVue, str]]:
    """Those that close the lunch break: « mardi 15 décembre (formation de l’équipe), CM1-CM2 Mme Sorbier »."""
    midis = [creneau for creneau in situation.creneaux.values() if creneau.moment == Creneau.Moment.MIDI]
    of_midi = [f for f in fermetures if midis and (not f.creneaux or f.creneaux & {midi.pk for midi in midis})]
    classes = set().union(*(f.classes for f in of_midi))
    noms = dict(Classe.objects.filter(pk__in=classes).values_list("pk", "nom")) if classes else {}
    phrases = []
    for f in sorted(of_midi, key=lambda f: (f.debut, f.fin)):
        if jours := jours_fermes(situation.calendrier, midis, f.debut, f.fin):
            mots = [f"{fermes_phrase(jours)} ({f.motif})", *sorted(noms[pk] for pk in f.classes)]
            phrases.append((f, ", ".join(mots)))
    return phrases


def raison_sans_midi(situation: Situation, jour: date) -> str:
    """Why nobody has lunch here on that day; empty when the lunch break is on for some at least."""
    calendrier = situation.calendrier
    midis = [c for c in situation.creneaux.values() if c.moment == Creneau.Moment.MIDI and jour.weekday() in c.jours]
    if vacances := calendrier.vacances(jour):
        return f"{vacances.nom}\u00a0: pas d’école."
    if jour in calendrier.feries:
        return f"Jour férié ({calendrier.feries[jour]})."
    if not calendrier.is_ecole(jour):
        return "Pas d’école ce jour-là."
    if not midis:
        return "Pas de pause méridienne ce jour-là."
    fermes = [next((f for f in situation.fermetures if f.covers(jour, midi.pk, None)), None) for midi in midis]
    return f"Pause méridienne fermée ({fermes[0].motif})." if fermes[0] and all(fermes) else ""


def jour_ouvert(calendrier: Calendrier, today: date) -> date:
    """Today, or the next school day; the last one known when no other comes."""
    if calendrier.is_ecole(today):
        return today
    return calendrier.ecole_apres(today) or max(calendrier.jours_ecole(today - ETE, today), default=today)


def jours_voisins(calendrier: Calendrier, jour: date) -> tuple[date | None, date | None]:
    """The school days before and after this one."""
    avant = max(calendrier.jours_ecole(jour - ETE, jour - UN_JOUR), default=None)
    return avant, next(calendrier.jours_ecole(jour + UN_JOUR, jour + ETE), None)


def is_signale(enfant: Enfant, jour: date) -> bool:
    """Whether the canteen is told that there is an allergy or a PAI: the family agreed, and it still holds."""
    pai = enfant.pai and (enfant.pai_fin is None or enfant.pai_fin >= jour)
    return enfant.pai_cantine and bool(pai or enfant.consigne)


TITRES = [
    "Date", "Nom", "Prénom", "Classe", "Repas", "Pause méridienne", "À vérifier", "Absence signalée", "Allergie ou PAI"
]  # fmt: skip


def lignes_csv(journees: Iterable[Journee]) -> list[list[str]]:
    """One line a child and a day, under `TITRES`."""
    return [
        [
            convive.jour.isoformat(),
            convive.eleve.nom,
            convive.eleve.prenom,
            convive.eleve.classe,
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
    ouvert = not obstacles_jour(situation, cle, situation.creneaux[cle.creneau])
    return Cas.ATTENDU if ouvert and situation.etat(cle) == INSCRIT else Cas.FERME


def _scolarite(situation: Situation, enfant: int, jour: date) -> Scolarite | None:
    """The child's place in the year of that day, even when it has left."""
    annee = situation.calendrier.annee(jour)
    if annee is None:
        return None
    return situation.scolarite(enfant, jour) or situation.derniere_scolarite(enfant, annee.debut)


def eleve_of(enfant: Enfant, scolarite: Scolarite | None) -> EleveConvive:
    """The child as the association names it, in this place of a year."""
    return EleveConvive(
        enfant.nom_usage or enfant.nom,
        enfant.prenom,
        str(scolarite.classe or scolarite.get_niveau_display()) if scolarite else "",
        NIVEAUX.index(scolarite.niveau) if scolarite else len(NIVEAUX),
        enfant.sexe == Enfant.Sexe.FILLE,
    )


def _compte(classe: str, convives: Collection[Convive]) -> ParClasse:
    def nombre(*cas: Cas) -> int:
        return sum(convive.cas in cas for convive in convives)

    return ParClasse(classe, nombre(Cas.ATTENDU, Cas.SANS_MIDI), nombre(Cas.SANS_MIDI), nombre(Cas.SANS_REPAS))


def _oui(valeur: bool) -> str:
    return "oui" if valeur else "non"
