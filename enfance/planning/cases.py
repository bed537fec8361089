"""One cell of a grid, as the rules see it: the same for the month and for the day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import date

from enfance.calendrier import Annee, lundi
from enfance.cantines import mots_cantine
from enfance.ecoles import mots_garderie
from enfance.models import Inscription, Scolarite
from enfance.planning.paires import pareil
from enfance.regles import Action, Cle, Ecart, Obstacle, Situation, ecart, obstacles_for, tardif_of
from portail.certain import certain
from portail.dates import jour_court
from portail.francais import NBSP, et

Etat = Inscription.Etat
PEU_DE_PLACES = 5
LIE = "oui, lié au repas de cantine commandé"
DEPASSE = ("trop tard pour changer ici", "")  # said of a locked box, with its icon
AILLEURS = "chez l’autre parent"
MOTIFS = {"limite": "délai", "garde": "garde", "repas": "repas"}  # what wants a reason, in the box
FERMANTS = {"annee": "Hors année", "vacances": "Congés", "ferie": "Férié", "ecole": "Pas d’école", "fermeture": ""}


@dataclass
class Case:
    """One cell. `genre`: libre (a checkbox), fige (words), ferme (a hatched block), saute (under that block).
    `repas`: a meal is ordered without the lunch break that goes with it; `lie`: with it, and the meal locks it, or lets
    it go for another one of that day alone (a checkbox).
    `motif`: the town hall must say why, to change it. `attente`: on the waiting list, at this `rang`. `cedee`: its
    place, given up, goes to the waiting list at once. `ailleurs`: the child is at the other parent's then. `sortie`: of
    a closed cell, that the child is on a trip, or without class: the garderie is open to others. `pareil`:
    what it shares with the boxes that answer to it in another school (`enfance.planning.paires`). `tardif`: the limit
    has passed, and it is booked for this supplement, « + 2,00 € ».
    """

    genre: str
    cle: Cle
    nom: str = ""
    coche: bool = False
    avant: bool = False
    complet: bool = False
    repas: bool = False
    lie: bool = False
    motif: bool = False
    attente: bool = False
    cedee: bool = False
    ailleurs: bool = False
    sortie: bool = False
    rang: int | None = None
    note: str = ""
    texte: str = ""
    icone: str = ""
    erreur: str = ""
    recent: str = ""
    pareil: str = ""
    tardif: str = ""

    @property
    def id(self) -> str:
        """The HTML id of the box: its key with « - » in place of « : »."""
        return str(self.cle).replace(":", "-")

    @property
    def repas_valeur(self) -> str:
        """What the button « J’ai annulé le repas » sends for the meal of this lunch break: `enfant:date`."""
        return f"{self.cle.enfant}:{self.cle.jour.isoformat()}"

    @property
    def modif(self) -> bool:
        """Whether the tick shown in the cell differs from the one that is saved."""
        return self.coche != self.avant

    @property
    def en_bloc(self) -> bool:
        """Whether a button may tick this box together with others.

        False for a box that needs a decision of its own (to join a waiting list, to give a place up to those who wait,
        to write a reason, to leave the lunch break of a meal), and for a locked or closed cell.
        """
        return self.genre == "libre" and not (self.complet or self.cedee or self.motif or self.lie or self.tardif)

    @property
    def description(self) -> str:
        """The HTML ids of the texts that describe the box, joined by spaces, for its `aria-describedby`."""
        ids = [f"n-{self.id}"] if self.note and not (self.repas or self.lie) else []
        if self.modif:
            ids.append("aide-modif")
        if self.repas:
            ids.append("aide-repas")
        if self.tardif:
            ids.append("aide-tardif")
        if self.complet and not self.coche:
            ids.append("aide-complet")
        if self.cedee:
            ids.append("aide-cedee")
        if self.lie:
            ids.append("aide-service")
        if self.recent:
            ids.append(f"c-{self.id}")
        if self.erreur:
            ids.append(f"e-{self.id}")
        return " ".join(ids)

    @property
    def ordinaire(self) -> bool:
        """Whether there is nothing to show of the box but its tick, as for nearly all of them: the template then draws
        it by the shortest way.
        """
        rare = self.complet or self.cedee or self.motif or self.repas or self.note or self.erreur or self.recent
        return self.genre == "libre" and not (rare or self.modif or self.pareil)

    @property
    def variante(self) -> str:
        """The CSS look of a box that is not ordinary: `att` (full), else `motif` (a reason is needed), else `repas` (a
        meal without its lunch break), else `tard` (booked late); empty otherwise.
        """
        looks = {"att": self.complet, "motif": self.motif, "repas": self.repas, "tard": self.tardif}
        return next((look for look, vrai in looks.items() if vrai), "")

    @property
    def marques(self) -> str:
        """The CSS classes of the table cell around the box: `modif` when its tick is not saved yet, `recent` when
        somebody else changed it meanwhile.
        """
        return " ".join(classe for classe, vrai in (("modif", self.modif), ("recent", self.recent)) if vrai)


@dataclass(frozen=True)
class Saisie:
    """What a form sent back: the boxes ticked at display, those ticked now, by key."""

    avant: frozenset[Cle]
    coches: frozenset[Cle]

    def onto(self, situation: Situation, sauf: Container[Cle] = ()) -> Saisie:
        """The ticks and unticks of this form, made again on what the situation has booked by now, but for the boxes of
        `sauf`.
        """
        actives = _actives(situation)
        coches = {cle for cle in self.coches - self.avant if cle not in sauf}
        decoches = {cle for cle in self.avant - self.coches if cle not in sauf}
        return Saisie(actives, (actives | coches) - decoches)

    def within(self, semaines: Container[date], situation: Situation) -> Saisie:
        """The same, of a page that showed the weeks of these Mondays alone: the boxes of the others, which it did not
        send, are as the situation has them.
        """
        ailleurs = {cle for cle in _actives(situation) if lundi(cle.jour) not in semaines}
        return Saisie(self.avant | ailleurs, self.coches | ailleurs)

    def differents(self, situation: Situation) -> frozenset[Cle]:
        """The boxes whose state in the situation (booked or not) is not the tick that the form sent."""
        return _actives(situation) ^ self.coches


def _actives(situation: Situation) -> frozenset[Cle]:
    """The boxes that have a place or wait for one."""
    return frozenset(cle for cle, ligne in situation.inscriptions.items() if ligne.etat != Etat.ANNULEE)


@dataclass(frozen=True)
class EnfantVu:
    """A child as the pages name it: `rang` chooses the colour of its initial. `classe`: its level, and its school where
    the family has several, which is `ecole`.
    """

    pk: int
    nom: str
    classe: str
    rang: int
    ecole: str = ""

    @property
    def initiale(self) -> str:
        return self.nom[0]


def fratrie(situation: Situation, annee: Annee | None = None, jour: date | None = None) -> list[EnfantVu]:
    """The children of the situation as the pages show them, in order, with their level, and their school where the
    family has several.

    Level and school are those of today; of `annee` if it is given, and on `jour` where a child changes school within
    that year.
    """
    if annee is None or not situation.changes_ecole(annee.debut):
        jour = None  # the same on every day of the year
    key = "fratrie", annee and annee.debut, jour, tuple(situation.enfants)
    return list(situation.once(key, lambda: _fratrie(situation, annee, jour)))


def _fratrie(situation: Situation, annee: Annee | None, jour: date | None) -> list[EnfantVu]:
    ecoles = ecoles_vues(situation, annee, jour)
    vus = []
    for rang, (pk, nom) in enumerate(noms_enfants(situation).items()):
        classe, ecole = classe_texte(situation, pk, annee, jour), ecoles.get(pk, "")
        vus.append(EnfantVu(pk, nom, ", ".join(filter(None, [classe, ecole])), rang % 4 + 1, ecole))
    return vus


def noms_enfants(situation: Situation) -> dict[int, str]:
    """The first name of each child by primary key, the eldest child first; followed by the class, « Léa (CE1) », where
    two children share a first name.
    """
    prenoms = Counter(enfant.prenom for enfant in situation.enfants.values())
    return {
        pk: enfant.prenom if prenoms[enfant.prenom] == 1 else f"{enfant.prenom} ({classe_texte(situation, pk)})"
        for pk, enfant in situation.enfants.items()
    }


def partis_of(situation: Situation, debut: date, fin: date = date.max) -> str:
    """The first names, « Léa et Tom », of the children who are at no school from `debut` to `fin` (by default, from
    `debut` on); empty when all are.
    """
    restent = situation.with_eleves(debut, fin).enfants
    partis = [enfant.prenom for pk, enfant in situation.enfants.items() if pk not in restent]
    return et(partis) if partis else ""


def mots_of(situation: Situation) -> dict[str, object]:
    """The words that a page uses for the canteen and for where to call, for the schools of the children of this
    situation.
    """
    return mots_cantine(situation.ecoles) | mots_garderie(situation.ecoles)


def classe_texte(situation: Situation, pk: int, annee: Annee | None = None, jour: date | None = None) -> str:
    """The level of this child (primary key) in words: « CE1 », « Moyenne section ».

    It is the present level, or the last known one; if `annee` is given, that of this year (on `jour`), empty as long as
    it is not known.
    """
    scolarite = _scolarite_vue(situation, pk, annee, jour)
    return scolarite.get_niveau_display() if scolarite else ""


def ecoles_vues(situation: Situation, annee: Annee | None = None, jour: date | None = None) -> dict[int, str]:
    """The name of each child's school, by primary key of the child; empty when all the children shown are in one
    school.

    The school is the present one, or the last known; if `annee` is given, that of this year (on `jour`).
    """
    vues = {pk: _scolarite_vue(situation, pk, annee, jour) for pk in situation.enfants}
    siennes = [places for (pk, debut), places in situation.scolarites.items() if annee and debut == annee.debut]
    if len({place.ecole_id for place in (*vues.values(), *(p for places in siennes for p in places)) if place}) < 2:
        return {}
    return {pk: str(scolarite.ecole) for pk, scolarite in vues.items() if scolarite}


def _scolarite_vue(situation: Situation, pk: int, annee: Annee | None, jour: date | None) -> Scolarite | None:
    if annee:
        place = situation.scolarite(pk, jour) if jour else None
        return place or situation.derniere_scolarite(pk, annee.debut)
    annees = [debut for enfant, debut in situation.scolarites if enfant == pk]
    return situation.scolarite(pk, situation.today) or situation.derniere_scolarite(pk, max(annees))


def build_case(situation: Situation, cle: Cle, nom: str, saisie: Saisie | None = None) -> Case:
    """The cell to draw for a box (child, day, créneau): whether it may be ticked, and what it says, by the rules.

    `nom` is the child's name, for the label. `saisie` gives ticks that are not saved, shown in place of the saved ones.
    """
    etat = situation.etat(cle)
    coche, attente = etat != Etat.ANNULEE, etat == Etat.ATTENTE
    action = Action.ANNULER if coche else Action.INSCRIRE
    obstacles = [o for o in obstacles_for(situation, cle, action) if not o.passed_by(situation.acteur)]
    tardif = "" if coche else tardif_of(obstacles)
    if tardif:
        obstacles = []
    motifs = [o for o in obstacles if o.wants_motif(situation.acteur) and o.code != "complet"]
    if attente:  # one may leave a list at any time
        motifs = [o for o in motifs if o.code == "garde"]
    codes = {obstacle.code for obstacle in obstacles if obstacle not in motifs}
    inscription = situation.inscriptions.get(cle)
    rang = situation.rangs.get(inscription.pk) if inscription and attente else None  # None: it was not waiting yet
    if fermant := next((code for code in FERMANTS if code in codes), None):
        if fermant != "fermeture":
            return Case("ferme", cle, texte=FERMANTS[fermant])
        fermeture = certain(situation.fermeture(cle.enfant, cle.jour, situation.creneaux[cle.creneau]))
        return Case("ferme", cle, texte=fermeture.mots.case, sortie=not fermeture.is_fermeture)
    lie = codes == {"repas"} and has_other_midi(situation, cle)
    libre = not codes or lie or codes == {"complet"} or (codes == {"limite"} and attente)
    if not libre or cle.jour < situation.today:
        return _fige(situation, cle, obstacles, coche, attente, rang)
    creneau = situation.creneaux[cle.creneau]
    case = Case("libre", cle, f"{nom}, {creneau.nom_court}, {jour_court(cle.jour)}", coche, coche)
    case.lie, case.texte = lie, LIE if lie else ""
    case.pareil = pareil(situation, cle.enfant, cle.jour, creneau)
    if saisie:
        case.coche, case.avant = cle in saisie.coches, cle in saisie.avant
    if not coche and situation.is_midi(cle) and cle == situation.cle_midi(cle.enfant, cle.jour):
        case.repas = ecart(situation, cle.enfant, cle.jour) is Ecart.SANS_MIDI
    case.attente, case.rang, case.tardif = attente, rang, tardif
    case.complet = attente or "complet" in codes
    case.cedee = situation.is_cedee(cle)
    places = situation.places(cle.jour, creneau)
    case.motif = bool(motifs)
    if attente:
        case.note = _attente_note(rang)
    elif case.motif:
        case.note = MOTIFS.get(motifs[0].code, motifs[0].court)
    elif tardif and (tardive := situation.tardive(cle.jour, creneau)):
        case.note = tardive.supplement.court
    elif case.repas or case.lie:
        case.note = "repas"
    elif case.complet:
        case.note = "complet"
    elif places is not None and places <= PEU_DE_PLACES and not coche:
        case.note = f"{places} place{'s' if places > 1 else ''}"
    return case


def libres(situation: Situation, cles: Iterable[Cle]) -> list[Cle]:
    """The boxes, among these, that may be ticked or unticked now, in the order of a page: by week, then child, créneau
    and day.
    """
    enfants, creneaux = list(situation.enfants), list(situation.creneaux)
    siennes = [cle for cle in cles if cle.enfant in situation.enfants and cle.creneau in situation.creneaux]
    ouvertes = [cle for cle in siennes if build_case(situation, cle, "").genre == "libre"]
    return sorted(
        ouvertes,
        key=lambda cle: (lundi(cle.jour), enfants.index(cle.enfant), creneaux.index(cle.creneau), cle.jour),
    )


def has_other_midi(situation: Situation, cle: Cle) -> bool:
    """Whether the child may be registered for another lunch break of that day in place of this one."""
    autres = (Cle(cle.enfant, cle.jour, midi.code) for midi in situation.midis(cle.enfant, cle.jour))
    return any(
        all(o.passed_by(situation.acteur) for o in obstacles_for(situation, autre, Action.INSCRIRE))
        for autre in autres
        if autre != cle
    )


def _fige(
    situation: Situation, cle: Cle, obstacles: list[Obstacle], coche: bool, attente: bool, rang: int | None
) -> Case:
    obstacle = next((o for o in obstacles if o.code == "garde"), None)  # theirs to change, whatever the limit
    if obstacle and situation.foyers(cle.enfant, cle.jour, situation.creneaux[cle.creneau]):
        return _ailleurs(cle, coche, attente, rang)
    obstacle = obstacle or next((o for o in obstacles if o.code != "complet"), None)
    if obstacle and obstacle.code == "repas":
        return Case("fige", cle, coche=True, lie=True, texte=LIE, note="repas", icone="cadenas")
    pourquoi, icone = (
        {
            "garde": ("aucune garde notée", ""),
            "jour": ("pas de garderie", ""),
            "scolarite": ("pas à l’école", ""),
            "creneau": ("pas à son école", ""),
            "ouverture": ("pas encore ouvert", ""),
            "limite": DEPASSE,
        }.get(obstacle.code, (obstacle.court, ""))
        if obstacle
        else DEPASSE
    )
    oui = coche and not attente
    texte = f"liste d’attente, {pourquoi}" if attente else f"{'oui' if oui else 'non'}, {pourquoi}"
    note = _attente_note(rang) if attente else "" if oui else "–"
    icone = icone if icone or not oui else "ok"
    return Case("fige", cle, coche=oui, texte=texte, attente=attente, rang=rang, note=note, icone=icone)


def _ailleurs(cle: Cle, coche: bool, attente: bool, rang: int | None) -> Case:
    """The other parent's: the words say what they have booked, and nothing else of theirs."""
    oui = coche and not attente
    dit = "liste d’attente" if attente else "prévu" if oui else "rien de prévu"
    note = _attente_note(rang) if attente else dit if oui else "–"
    texte = f"{AILLEURS}{NBSP}: {dit}"
    return Case(
        "fige", cle, coche=oui, texte=texte, attente=attente, ailleurs=True, rang=rang, note=note, icone="maison"
    )


def _attente_note(rang: int | None) -> str:
    return f"attente {rang}" if rang else "attente"


def cedees_phrase(situation: Situation, cases: Iterable[Case]) -> str:
    """The warning for the boxes whose place, once given up, goes at once to somebody who waits: « Jeudi 10, soir :
    d’autres attendent… »; empty without such a box.
    """
    moments = sorted({(case.cle.jour, case.cle.creneau) for case in cases if case.cedee})
    if not moments:
        return ""
    quand = et([f"{jour_court(jour)}, {situation.creneaux[code].nom_court}" for jour, code in moments])
    suite = "d’autres attendent. Retirée, une place est donnée aussitôt, sans retour"
    return f"{quand[0].upper()}{quand[1:]}{NBSP}: {suite}"
