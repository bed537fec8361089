"""The sheet of a créneau on a day: who is expected, who is there, who is gone. Reads, never writes.

Four queries, whatever the number of children: the calendar, the créneaux with their numbers, the children, and who may
fetch them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db.models import BigIntegerField, DateField, F, FilteredRelation, OuterRef, Q, QuerySet, Subquery

from accounts.models import User
from accounts.search import fold
from enfance.calendrier import Calendrier
from enfance.ecoles import nom_ecole
from enfance.equipe.appel import PARTI, PRESENT, heure_du, moment_proche, retard
from enfance.equipe.eleves import eleves_of
from enfance.equipe.encadrement import DE_6, MOINS_DE_6, Encadrement, taux_of, tranche
from enfance.equipe.fiche import AdulteVenu, classe_of, load_adultes, sante_of
from enfance.equipe.onglets import Onglet, Onglets, load_onglets
from enfance.models import (
    Absence,
    AdultesPresents,
    Appel,
    Creneau,
    Ecole,
    Inscription,
    Pointage,
    Scolarite,
    load_calendrier,
)
from portail.dates import PARIS, date_heure, jour_court, jour_long
from portail.francais import NBSP, accord, et, pluriel
from portail.requetes import Inconnue, Requete

Etat = Inscription.Etat
# Of a child: what ONDE said of it weighs more.
LUS = ("nom", "nom_usage", "prenom", "tri", "date_naissance", "pai", "pai_fin", "consigne")
TROUVES = 20
Saisie = Mapping[tuple[int, str], bool]  # what a form ticks and unticks, by child and « present » or « parti »
AUCUNE: Saisie = {}


@dataclass(frozen=True)
class LigneFeuille:
    """One child of the sheet. `revient`: at what time its family took the absence back, where none stands. `sante`:
    « PAI » or « Consigne » where there is something to read, never what.
    """

    pk: int
    nom: str
    classe: str
    tranche: str
    etat: str
    rang: int
    absence: bool
    revient: str
    sante: str
    present: bool
    parti: bool
    depart: str
    retard: str
    autorises: list[AdulteVenu]
    interdits: list[AdulteVenu]
    modifs: Collection[str] = ()

    @property
    def a_verifier(self) -> list[AdulteVenu]:
        """Those who may fetch the child, and whom the team asks who they are."""
        return [adulte for adulte in self.autorises if adulte.alerte]

    @property
    def coches(self) -> dict[str, bool]:
        return {PRESENT: self.present, PARTI: self.parti}

    @property
    def jetons(self) -> list[str]:
        """What is ticked, as the form sends it back: « 12:present »."""
        return [f"{self.pk}:{quoi}" for quoi, coche in self.coches.items() if coche]

    def with_saisie(self, saisie: Saisie) -> LigneFeuille:
        """The same, ticked as a form has it; `modifs`: which of its boxes are not saved."""
        vus = {quoi: saisie.get((self.pk, quoi), coche) for quoi, coche in self.coches.items()}
        modifs = [quoi for quoi, coche in self.coches.items() if vus[quoi] != coche]
        return replace(self, present=vus[PRESENT], parti=vus[PARTI], modifs=modifs)


@dataclass(frozen=True)
class Groupe:
    """`court`: what is heard of it at each of its children, whose head of row it is not."""

    titre: str
    court: str
    lignes: list[LigneFeuille]


@dataclass(frozen=True)
class Feuille:
    """`onglet` is the créneau that is shown; none on a day without garderie. `avant`: what is ticked as the page is
    shown; a save applies the difference alone. Where the town has several schools, `ecole` is the one that is shown,
    and `ecoles` those that an agent of several chooses from.
    """

    jour: date
    today: date
    calendrier: Calendrier
    onglets: list[Onglet]
    onglet: Onglet | None
    lignes: list[LigneFeuille]
    avant: str
    dernier: str
    ecoles: Sequence[Ecole] = ()
    ecole: Ecole | None = None

    @property
    def attendus(self) -> list[LigneFeuille]:
        return [ligne for ligne in self.lignes if ligne.etat == Etat.INSCRIT]

    @property
    def groupes(self) -> list[Groupe]:
        attente = [ligne for ligne in self.lignes if ligne.etat == Etat.ATTENTE]
        groupes = [
            Groupe("", "", self.attendus),
            Groupe(
                "Liste d’attente, à accueillir s’il reste de la place",
                "liste d’attente",
                sorted(attente, key=lambda ligne: ligne.rang),
            ),
            Groupe("Présents sans inscription", "sans inscription", self.non_inscrits),
        ]
        return [groupe for groupe in groupes if groupe.lignes]

    @property
    def non_inscrits(self) -> list[LigneFeuille]:
        return [ligne for ligne in self.lignes if ligne.etat not in (Etat.INSCRIT, Etat.ATTENTE)]

    @property
    def attendu(self) -> int:
        """How many are expected: those whose parents told an absence are not, unless they came."""
        return sum(ligne.present or not ligne.absence for ligne in self.attendus)

    @property
    def presents(self) -> int:
        """How many of those who were expected came."""
        return sum(ligne.present for ligne in self.attendus)

    @property
    def comptes(self) -> str:
        """« présents sur 11 attendus et 2 venus sans inscription », after their number; `static/js/comptes.js` says the
        same as the boxes change.
        """
        venus = sum(ligne.present for ligne in self.lignes) - self.presents
        phrase = f"présent{'s' if self.presents > 1 else ''} sur {accord(self.attendu, 'attendu')}"
        return phrase + (f" et {pluriel(venus, 'venu,venus')} sans inscription" if venus else "")

    @property
    def encore(self) -> list[LigneFeuille]:
        """Those who are there and not gone yet."""
        return [ligne for ligne in self.lignes if ligne.present and not ligne.parti]

    @property
    def encore_noms(self) -> str:
        return et([ligne.nom for ligne in self.encore]) if self.encore else "personne"

    @property
    def encadrement(self) -> Encadrement | None:
        """The adults that those who are there need; None on a day without garderie."""
        if self.onglet is None:
            return None
        tranches = Counter(ligne.tranche for ligne in self.encore)
        return Encadrement(
            moins6=tranches[MOINS_DE_6],
            plus6=tranches[DE_6],
            taux=taux_of(self.onglet.creneau.debut, self.onglet.creneau.fin, pedt=self.onglet.pedt),
            adultes=self.onglet.adultes,
            declaree=self.onglet.declaree,
        )

    @property
    def absents(self) -> list[LigneFeuille]:
        """Those who hold a place and whom nobody has ticked."""
        return [ligne for ligne in self.attendus if not ligne.present]

    @property
    def clos(self) -> str:
        """« jeudi 10 décembre à 18 h 32, par Alix Durand »; empty while the sheet is open."""
        if self.onglet is None or self.onglet.clos_le is None:
            return ""
        return date_heure(self.onglet.clos_le) + (f", par {self.onglet.clos_par}" if self.onglet.clos_par else "")

    @property
    def ouverte(self) -> bool:
        """Whether the team may tick: the day has come, and nobody has closed the sheet."""
        return self.onglet is not None and self.jour <= self.today and not self.clos

    @property
    def titre(self) -> str:
        return jour_long(self.jour).capitalize()

    @property
    def precedent(self) -> date | None:
        """The school day before, within the years that are known."""
        jour = self.calendrier.ecole_avant(self.jour, 1)
        return jour if self.calendrier.is_ecole(jour) else None

    @property
    def suivant(self) -> date | None:
        return self.calendrier.ecole_apres(self.jour)

    @property
    def prochaine(self) -> str:
        """Why another day than today is shown, where it is the next one with school."""
        if self.calendrier.is_ecole(self.today) or self.calendrier.ecole_apres(self.today) != self.jour:
            return ""
        return f"Pas d’école aujourd’hui, {jour_court(self.today)}{NBSP}: voici le prochain jour d’école."


def jour_propose(today: date) -> date | None:
    """Today, or the next day with school; None past the last year that is known."""
    calendrier = load_calendrier()
    return today if calendrier.is_ecole(today) else calendrier.ecole_apres(today)


def load_feuille(
    jour: date, code: str, *, now: datetime, agent: User | None = None, ecole: str = "", saisie: Saisie = AUCUNE
) -> Feuille | None:
    """The sheet of the créneau of this code; without one, of the créneau of the hour. None when there is no such thing:
    a créneau that is not of that day or not of this `agent`, a day outside every year. Of the school of the code
    `ecole`, for an agent of several. With `saisie`, ticked as a form that was not saved.
    """
    calendrier = load_calendrier()
    if calendrier.annee(jour) is None:
        return None
    lus = load_onglets(jour, agent, code=code, ecole=ecole) if calendrier.is_ecole(jour) else Onglets()
    onglets = lus.onglets
    if not code and (proche := moment_proche([onglet.creneau for onglet in onglets], now.astimezone(PARIS).time())):
        code = proche.code
    onglet = next((onglet for onglet in onglets if onglet.creneau.code == code), None)
    if code and onglet is None:
        return None
    enfants = _enfants(jour, onglet.creneau, {enfant for enfant, _ in saisie}) if onglet else []
    lignes = _lignes(enfants, jour, onglet) if onglet else []
    return Feuille(
        jour=jour,
        today=now.astimezone(PARIS).date(),
        calendrier=calendrier,
        onglets=onglets,
        onglet=onglet,
        lignes=[ligne.with_saisie(saisie) for ligne in lignes],
        avant=" ".join(jeton for ligne in lignes for jeton in ligne.jetons),
        dernier=_dernier(enfants, jour),
        ecoles=lus.lieux.ecoles,
        ecole=lus.lieux.ecole,
    )


def enfants_of(jour: date, creneau: Creneau, aussi: Collection[int] = ()) -> QuerySet[Any]:
    """The scolarités of the children of a sheet, with what is known of each of them that day: `etat`, `attente_depuis`
    and the `inscription` (primary key) that settles who waits first, `present`, `parti_le`, `absence`, `retiree_le`
    (the last that was taken back). Those who wait or are registered, those who came all the same, and those of these
    keys who might. `lieu` names their school where the town has several.
    """
    sheet = {"jour": jour, "creneau": creneau}
    venus = Pointage.objects.filter(**sheet, present=True).order_by().values("enfant")
    enfants = Inscription.objects.active().filter(**sheet).order_by().values("enfant").union(venus)
    sheets = Q(enfant__in=enfants)
    if aussi:
        sheets |= Q(enfant__in=eleves_of(jour, creneau).filter(enfant__in=aussi).values("enfant"))
    retirees = Absence.objects.filter(enfant=OuterRef("enfant"), jour=jour, retiree_le__isnull=False)
    return (
        Scolarite.objects.known_on(jour)
        .filter(sheets)
        .select_related("enfant", "classe")
        .only("niveau", "classe__nom", *(f"enfant__{champ}" for champ in LUS))
        .annotate(
            booked=_joined("inscriptions", **sheet),
            seen=_joined("pointages", **sheet),
            told=_joined("absences", jour=jour, retiree_le=None),
            inscription=F("booked__pk"),
            etat=F("booked__etat"),
            attente_depuis=F("booked__attente_depuis"),
            present=F("seen__present"),
            arrivee_recue=F("seen__arrivee_recue"),
            parti_le=F("seen__depart"),
            parti_recu=F("seen__depart_recu"),
            absence=F("told__pk"),
            lieu=nom_ecole(),
            retiree_le=Subquery(retirees.order_by("-retiree_le").values("retiree_le")[:1]),
        )
    )


def _enfants(jour: date, creneau: Creneau, aussi: Collection[int]) -> list[Any]:
    """Those of the sheet; what every team asks all evening is compiled once."""
    if aussi:
        return list(enfants_of(jour, creneau, aussi))
    return list(ENFANTS({"jour": jour, "creneau": creneau.pk}))


def _build_enfants() -> QuerySet[Any]:
    jour: Any = Inconnue("jour", DateField())
    creneau: Any = Inconnue("creneau", BigIntegerField())
    return enfants_of(jour, creneau)


ENFANTS = Requete(_build_enfants)


def _joined(relation: str, **fields: Any) -> FilteredRelation:
    """The rows of this relation of the child for these fields: one at most, the database says so."""
    condition = Q(**{f"enfant__{relation}__{name}": value for name, value in fields.items()})
    return FilteredRelation(f"enfant__{relation}", condition=condition)


def _lignes(enfants: list[Any], jour: date, onglet: Onglet) -> list[LigneFeuille]:
    adultes = load_adultes([scolarite.enfant_id for scolarite in enfants], jour) if enfants else {}
    noms = Counter(str(scolarite.enfant) for scolarite in enfants)
    attente = sorted((s for s in enfants if s.etat == Etat.ATTENTE), key=lambda s: (s.attente_depuis, s.inscription))
    rangs = {scolarite.enfant_id: rang for rang, scolarite in enumerate(attente, 1)}
    lignes = []
    for scolarite in sorted(enfants, key=lambda s: (s.enfant.tri, s.enfant_id)):
        enfant, siens = scolarite.enfant, adultes.get(scolarite.enfant_id, [])
        lignes.append(
            LigneFeuille(
                pk=enfant.pk,
                nom=str(enfant),
                classe=classe_of(
                    scolarite, homonyme=noms[str(enfant)] > 1, lieu=scolarite.lieu if onglet.partage else ""
                ),
                tranche=tranche(enfant.date_naissance, jour),
                etat=scolarite.etat or "",
                rang=rangs.get(enfant.pk, 0),
                absence=scolarite.absence is not None,
                revient="" if scolarite.absence else heure_du(scolarite.retiree_le, jour),
                sante=sante_of(enfant, jour),
                present=bool(scolarite.present),
                parti=scolarite.parti_le is not None,
                depart=heure_du(scolarite.parti_le, jour),
                retard=retard(scolarite.parti_le, jour, onglet.creneau.fin),
                autorises=[adulte for adulte in siens if not adulte.interdite],
                interdits=[adulte for adulte in siens if adulte.interdite],
            )
        )
    return lignes


def _dernier(enfants: list[Any], jour: date) -> str:
    """« 17 h 12 »: when the last tap came in."""
    recus = [recu for s in enfants for recu in (s.arrivee_recue, s.parti_recu) if recu]
    return heure_du(max(recus), jour) if recus else ""


def etat_of(jour: date, creneau: Creneau, *, now: datetime) -> dict[str, Any]:
    """What is ticked at `now`, for a page that is open already: keys and hours, never a name. Three queries."""
    clos = Appel.objects.clos().filter(jour=jour, creneau=creneau).first()
    pointages = Pointage.objects.of(jour, creneau).filter(present=True).order_by("enfant")
    enfants = {
        pointage.enfant_id: {
            "present": True,
            "parti": pointage.depart is not None,
            "depart": heure_du(pointage.depart, jour),
            "retard": retard(pointage.depart, jour, creneau.fin),
        }
        for pointage in pointages
    }
    return {
        "instant": int(now.timestamp()),
        "clos": date_heure(clos.clos_le) if clos else "",
        "adultes": AdultesPresents.objects.filter(jour=jour, creneau=creneau).values_list("nombre", flat=True).first(),
        "enfants": enfants,
    }


@dataclass(frozen=True)
class Trouve:
    """A pupil that a search found; `deja` on the sheet."""

    pk: int
    nom: str
    classe: str
    deja: bool


def chercher(texte: str, jour: date, creneau: Creneau) -> list[Trouve]:
    """The pupils of that day, of the schools that hold the créneau, whose name holds each of these words, accents set
    aside; the first twenty.
    """
    eleves: QuerySet[Any] = eleves_of(jour, creneau).select_related("enfant", "classe").annotate(lieu=nom_ecole())
    for mot in fold(texte).split():
        eleves = eleves.filter(enfant__tri__icontains=mot)
    deja = set(enfants_of(jour, creneau).values_list("enfant", flat=True))
    trouves = eleves.order_by("enfant__tri", "enfant")[:TROUVES]
    return [Trouve(s.enfant_id, str(s.enfant), classe_of(s, lieu=s.lieu), s.enfant_id in deja) for s in trouves]
