"""The sheet of a créneau on a day: who is expected, who is there, who is gone. Reads, never writes.

Six queries, whatever the number of children: the calendar, the créneaux with their numbers, the children, who may
fetch them, their parents, to whom they were handed. One more for the sheet of today, which says whom to call.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from accounts.models import User
from enfance.calendrier import Calendrier
from enfance.equipe.appel import PARTI, PRESENT, heure_chiffres, heure_du, moment_proche, retard
from enfance.equipe.encadrement import DE_6, MOINS_DE_6, Encadrement, taux_of, tranche
from enfance.equipe.enfants import EnfantAppel, load_enfants
from enfance.equipe.fiche import AdulteVenu, classe_dite, load_adultes, sante_of
from enfance.equipe.jours import has_garderie, jours_apres
from enfance.equipe.onglets import Onglet, Onglets, load_onglets
from enfance.equipe.qui_vient import QuiPeutVenir
from enfance.equipe.remises import jeton_of, load_remises, suite_dite
from enfance.equipe.telephones import Joignable, load_joignables, load_parents
from enfance.models import Ecole, Inscription, load_calendrier
from enfance.models.noms import nom_liste
from portail.dates import PARIS, date_heure, jour_court, jour_long
from portail.francais import NBSP, accord, et, pluriel

Etat = Inscription.Etat
Saisie = Mapping[tuple[int, str], bool]  # what a form ticks and unticks, by child and « present » or « parti »
AUCUNE: Saisie = {}


@dataclass(frozen=True)
class LigneFeuille:
    """One child of the sheet. `homonyme`: whether another one on it has the same name. `revient`: at what time its
    family took the absence back, where none stands. `sante`: « PAI » or « Consigne » where there is something to read,
    never what. `joignables`: whom to call, on the sheet of today alone. `heures`: what the fields of its hours hold, by
    box; `fautes`: the ids of what is amiss with them. `remis`: to whom it was handed, as `QuiVient` has it;
    `remis_dit`, in words. `suite`: what is asked under its line, `arrivee` of one who is gone and never came.
    """

    pk: int
    nom: str
    nom_liste: str
    homonyme: bool
    niveau: str
    classe: str
    tranche: str
    etat: str
    rang: int
    absence: bool
    revient: str
    sante: str
    present: bool
    parti: bool
    arrivee: str
    depart: str
    retard: str
    joignables: list[Joignable]
    autorises: list[AdulteVenu]
    interdits: list[AdulteVenu]
    heures: Mapping[str, str]
    remis: str
    remis_dit: str
    qui: QuiPeutVenir
    suite: str
    modifs: Collection[str] = ()
    fautes: Mapping[str, str] = field(default_factory=lambda: {PRESENT: "", PARTI: ""})

    @property
    def valeur(self) -> str:
        """What the boxes of this child send in the form: its primary key."""
        return str(self.pk)

    @property
    def dit(self) -> str:
        """The name of the child in a sentence: « Anna Denis », or « Anna Denis (CM1) » where another child of the sheet
        has that name.
        """
        return f"{self.nom} ({self.classe})" if self.homonyme else self.nom

    @property
    def appels(self) -> str:
        """Whom to call for the child, the number of the first and the first names of the others: « Isabelle 06 39 98 02
        10, puis Florian ». Ask it only of a child with somebody to call (`joignables`).
        """
        premier, *suivants = self.joignables
        return f"{premier}, puis {et([autre.prenom for autre in suivants])}" if suivants else str(premier)

    @property
    def attendu(self) -> bool:
        """Whether the child is registered: it holds a place."""
        return self.etat == Etat.INSCRIT

    @property
    def a_dire(self) -> bool:
        """Whether the line has something to show besides the name and the ticks (a forbidden person, health, an
        absence, a rank…): for most children it has not.
        """
        return bool(self.interdits or self.a_verifier or self.sante or self.absence or self.revient or self.rang)

    @property
    def a_verifier(self) -> list[AdulteVenu]:
        """The persons who may fetch the child, but whose identity the team must check, as their name is like that of a
        forbidden one.
        """
        return [adulte for adulte in self.autorises if adulte.alerte]

    @property
    def encore_la(self) -> bool:
        """Whether the child counts as there: it came and has not left, or it was marked as gone only and it is still to
        be asked.
        """
        return self.present != self.parti

    @property
    def venu(self) -> bool:
        """Whether the child came; one who was only marked as gone counts, until somebody says otherwise."""
        return self.present or self.parti

    @property
    def remise(self) -> str:
        """To whom the child was handed, when it has left, in words: « remise à Sophie Vidal »; else empty."""
        return self.remis_dit if self.present and self.parti else ""

    @property
    def coches(self) -> dict[str, bool]:
        """Whether each box of the child is ticked, by its name: « present », « parti »."""
        return {PRESENT: self.present, PARTI: self.parti}

    @property
    def heures_jetons(self) -> list[str]:
        """The hours of the child's boxes, as the form sends them back: « 12:parti:1750 »."""
        return [f"{self.pk}:{quoi}:{heure.replace(':', '')}" for quoi, heure in self.heures.items() if heure]

    @property
    def jetons(self) -> list[str]:
        """The ticked boxes of the child, as the form sends them back: « 12:present »."""
        return [f"{self.pk}:{quoi}" for quoi, coche in self.coches.items() if coche]

    def with_suite(self, suite: str) -> LigneFeuille:
        """This line, with a question under it: `personne` (who came for the child), or `remis` (to whom it is handed),
        which only a child who has left gets.
        """
        return replace(self, suite=suite) if suite == "personne" or (self.present and self.parti) else self

    def with_saisie(self, saisie: Saisie) -> LigneFeuille:
        """This line, ticked as a form that is not saved has it; `modifs` then names the boxes that differ from what is
        saved.
        """
        vus = {quoi: saisie.get((self.pk, quoi), coche) for quoi, coche in self.coches.items()}
        modifs = [quoi for quoi, coche in self.coches.items() if vus[quoi] != coche]
        return replace(self, present=vus[PRESENT], parti=vus[PARTI], modifs=modifs)

    def with_heures(self, textes: Mapping[tuple[int, str], str], fautes: Mapping[tuple[int, str], str]) -> LigneFeuille:
        """This line, with the hours that a form has typed (`textes`), and the ids of the errors about them (`fautes`),
        both by child and box.
        """
        tapees = {quoi: textes[cle] for quoi in self.heures if (cle := (self.pk, quoi)) in textes}
        siennes = {quoi: fautes.get((self.pk, quoi), "") for quoi in self.heures}
        return replace(self, heures={**self.heures, **tapees}, modifs={*self.modifs, *tapees}, fautes=siennes)


@dataclass(frozen=True)
class Groupe:
    """`court`: what is heard of it at each of its children, whose head of row it is not."""

    titre: str
    court: str
    lignes: list[LigneFeuille]


@dataclass(frozen=True)
class Feuille:
    """`onglet` is the créneau that is shown; none on a day without garderie. `avant`: what is ticked as the page is
    shown, `heures` since when; a save applies the difference alone. Where the town has several schools, `ecole` is the
    one that is shown, and `ecoles` those that an agent of several chooses from; `jours`: the weekdays on which it has
    garderie.
    """

    jour: date
    today: date
    calendrier: Calendrier
    onglets: list[Onglet]
    onglet: Onglet | None
    lignes: list[LigneFeuille]
    avant: str
    heures: str
    dernier: str
    ecoles: Sequence[Ecole] = ()
    ecole: Ecole | None = None
    jours: Collection[int] = ()

    @property
    def attendus(self) -> list[LigneFeuille]:
        """The children who are registered: they hold a place."""
        return [ligne for ligne in self.lignes if ligne.attendu]

    @property
    def groupes(self) -> list[Groupe]:
        """The lines in groups, each under its title: the registered children, the waiting list by rank, those who came
        without being registered. Empty groups are left out.
        """
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
        """The children on the sheet who are neither registered nor on the waiting list."""
        return [ligne for ligne in self.lignes if ligne.etat not in (Etat.INSCRIT, Etat.ATTENTE)]

    @property
    def nombre_attendus(self) -> int:
        """How many registered children are expected: one whose parents told an absence is not, unless it came."""
        return sum(ligne.venu or not ligne.absence for ligne in self.attendus)

    @property
    def presents(self) -> int:
        """How many of the registered children came."""
        return sum(ligne.venu for ligne in self.attendus)

    @property
    def comptes(self) -> str:
        """The counts in words, to follow the number of those present: « présents sur 11 attendus et 2 venus sans
        inscription »; `static/js/comptes.js` says the same as the boxes change.
        """
        venus = sum(ligne.venu for ligne in self.lignes) - self.presents
        phrase = f"présent{'s' if self.presents > 1 else ''} sur {accord(self.nombre_attendus, 'attendu')}"
        return phrase + (f" et {pluriel(venus, 'venu,venus')} sans inscription" if venus else "")

    @property
    def encore(self) -> list[LigneFeuille]:
        """The children who are still there, and those who were only marked as gone, as long as it is to be asked
        whether they came.
        """
        return [ligne for ligne in self.lignes if ligne.encore_la]

    @property
    def encore_noms(self) -> str:
        """The names of the children who came and are still there, joined: « Tom et Léa »; « personne » without any."""
        noms = [ligne.dit for ligne in self.encore if ligne.present]
        return et(noms) if noms else "personne"

    @property
    def en_question(self) -> list[LigneFeuille]:
        """The children who were marked as gone and whose arrival nobody noted: it is still to be asked what
        was meant.
        """
        return [ligne for ligne in self.encore if ligne.parti]

    @property
    def non_repartis(self) -> list[LigneFeuille]:
        """The children whom nobody saw leave, once the sheet is closed. Empty while it is open, and for a créneau after
        which the children go to class.
        """
        return self.encore if self.clos and self.onglet and self.onglet.creneau.goes_home else []

    @property
    def encadrement(self) -> Encadrement | None:
        """How many adults the children who are there need, and how many are there; None on a day without garderie."""
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
        """The children who are registered and whom nobody has marked, neither as present nor as gone. Those whose
        absence was told are among them.
        """
        return [ligne for ligne in self.attendus if not ligne.venu]

    @property
    def clos(self) -> str:
        """When the sheet was closed, and by whom: « jeudi 10 décembre à 18 h 32, par Alix Durand » (Paris time); empty
        while it is open.
        """
        if self.onglet is None or self.onglet.clos_le is None:
            return ""
        return date_heure(self.onglet.clos_le) + (f", par {self.onglet.clos_par}" if self.onglet.clos_par else "")

    @property
    def ouverte(self) -> bool:
        """Whether the team may tick on this sheet: its day has come, and nobody has closed it."""
        return self.onglet is not None and self.jour <= self.today and not self.clos

    @property
    def passee(self) -> bool:
        """Whether the day of the sheet is over: a tick made then tells no hour, so that somebody writes it."""
        return self.onglet is not None and self.jour < self.today

    @property
    def titre(self) -> str:
        """The day of the sheet: « Jeudi 10 décembre »."""
        return jour_long(self.jour).capitalize()

    @property
    def precedent(self) -> date | None:
        """The day of garderie before this one, within the known school years; None before the first."""
        jour = self.calendrier.ecole_avant(self.jour, 1)
        while self.calendrier.is_ecole(jour):
            if has_garderie(jour, self.jours):
                return jour
            jour = self.calendrier.ecole_avant(jour, 1)
        return None

    @property
    def suivant(self) -> date | None:
        """The day of garderie after this one, within the known school years; None after the last."""
        return next(jours_apres(self.jour, self.calendrier, self.jours), None)

    @property
    def pourquoi_ce_jour(self) -> str:
        """Why the sheet of another day than today is shown, in a sentence, when today has no school or no garderie and
        this day is the next that has; else empty.
        """
        ecole = self.calendrier.is_ecole(self.today)
        if ecole and has_garderie(self.today, self.jours):
            return ""
        if next(jours_apres(self.today, self.calendrier, self.jours), None) != self.jour:
            return ""
        manque = "de garderie" if ecole else "d’école"
        vient = manque if self.calendrier.ecole_apres(self.today) == self.jour else "de garderie"
        return f"Pas {manque} aujourd’hui, {jour_court(self.today)}{NBSP}: voici le prochain jour {vient}."


def load_feuille(
    jour: date, code: str, *, now: datetime, agent: User | None = None, ecole: str = "", saisie: Saisie = AUCUNE
) -> Feuille | None:
    """The attendance sheet of a day, at the créneau of this code; for an empty code, at the créneau nearest to `now` in
    Paris.

    None when there is no such sheet: the créneau is not held that day, or is not one of this `agent`'s, or the day is
    outside every school year. For an empty code, a day without garderie has a sheet without créneau. `ecole` (a code)
    chooses a school, for an agent of several. With `saisie`, the sheet is ticked as a form that was not saved has it.
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
    enfants = load_enfants(jour, onglet.creneau, {enfant for enfant, _ in saisie}) if onglet else []
    today = now.astimezone(PARIS).date()
    lignes = _lignes(enfants, jour, onglet, today=today) if onglet else []
    return Feuille(
        jour=jour,
        today=today,
        calendrier=calendrier,
        onglets=onglets,
        onglet=onglet,
        lignes=[ligne.with_saisie(saisie) for ligne in lignes] if saisie else lignes,
        avant=" ".join(jeton for ligne in lignes for jeton in ligne.jetons),
        heures=" ".join(jeton for ligne in lignes for jeton in ligne.heures_jetons),
        dernier=_dernier(enfants, jour),
        ecoles=lus.lieux.ecoles,
        ecole=lus.lieux.ecole,
        jours=lus.lieux.jours,
    )


def _lignes(enfants: list[EnfantAppel], jour: date, onglet: Onglet, *, today: date) -> list[LigneFeuille]:
    eux = [enfant.pk for enfant in enfants]
    adultes = load_adultes(eux, jour) if eux else {}
    parents = load_parents(eux) if eux else {}
    dites = load_remises(pointage__jour=jour, pointage__creneau=onglet.creneau) if eux else {}
    remises = {remise.pointage.enfant_id: remise for remise in dites.values()}
    joignables = load_joignables(parents, jour, soir=onglet.creneau.is_soir) if jour == today else {}
    noms = Counter(str(enfant) for enfant in enfants)
    attente = sorted((e for e in enfants if e.etat == Etat.ATTENTE), key=lambda e: (e.attente_depuis, e.inscription))
    rangs = {enfant.pk: rang for rang, enfant in enumerate(attente, 1)}
    lignes = []
    for enfant in sorted(enfants, key=lambda e: (e.tri, e.pk)):
        nom, siens, seul = str(enfant), adultes.get(enfant.pk, []), enfant.parti_seul
        homonyme = noms[nom] > 1
        classe, lieu = (enfant.classe or "") if homonyme else "", enfant.lieu if onglet.partage else ""
        classe = classe_dite(enfant.niveau, classe, lieu)
        qui = QuiPeutVenir(f"{nom}, {classe}", enfant.prenom, enfant.sexe, parents.get(enfant.pk, []), siens)
        remise = remises.get(enfant.pk)
        lignes.append(
            LigneFeuille(
                pk=enfant.pk,
                nom=nom,
                nom_liste=nom_liste(enfant.prenom, enfant.nom, enfant.nom_usage),
                homonyme=homonyme,
                niveau=enfant.niveau,
                classe=classe,
                tranche=tranche(enfant.date_naissance, jour),
                etat=enfant.etat or "",
                rang=rangs.get(enfant.pk, 0),
                absence=enfant.absence,
                revient="" if enfant.absence else heure_du(enfant.retiree_le, jour),
                sante=sante_of(enfant, jour),
                present=bool(enfant.present) and not seul,
                parti=bool(enfant.parti_recu or seul),
                arrivee=heure_du(enfant.arrive_le, jour),
                depart=heure_du(enfant.parti_le or seul, jour),
                retard=retard(enfant.parti_le, jour, onglet.creneau.fin),
                joignables=joignables.get(enfant.pk, []),
                autorises=[adulte for adulte in siens if not adulte.interdite],
                interdits=[adulte for adulte in siens if adulte.interdite],
                heures={
                    PRESENT: heure_chiffres(enfant.arrive_le, jour),
                    PARTI: heure_chiffres(enfant.parti_le or seul, jour),
                },
                suite="arrivee" if seul else "",
                remis=jeton_of(remise) if remise else "",
                remis_dit=suite_dite(remise, qui.e) if remise else "",
                qui=qui,
            )
        )
    return lignes


def _dernier(enfants: list[EnfantAppel], jour: date) -> str:
    """« 17 h 12 »: when the last tap came in."""
    recus = [recu for enfant in enfants for recu in (enfant.arrivee_recue, enfant.parti_recu) if recu]
    return heure_du(max(recus), jour) if recus else ""
