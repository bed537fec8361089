"""What a weekly pattern would do to the planning: added, removed, left as it is and why. Pure.

`enfance.planning.semaines` writes it. The same value, built again once it is written, says what did not change.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial

from enfance.jours_fermes import moments_fermes
from enfance.models import Creneau, Evenement, Inscription
from enfance.planning.cases import EnfantVu, fratrie, noms_enfants
from enfance.planning.historique import jours_phrase
from enfance.planning.periodes import date_longue, is_open, is_siens, rythme_phrase
from enfance.planning.rangees_types import boxes_at, code_montre, rangees_types
from enfance.regles import CODES_JOUR, Action, Cle, FermetureVue, InscriptionLue, Situation, obstacles_for
from enfance.semaine_modele import Box, Modele, modele_at
from portail.dates import JOURS, jour_long
from portail.francais import NBSP, et

Etat = Inscription.Etat
Origine = Inscription.Origine
SANS_OBJET = CODES_JOUR - {"fermeture"}
CONNUS = {"limite", "complet"}  # said on their own, once the others are


@dataclass
class ApercuPlanning:
    """The boxes by what becomes of them, each list in the order of the days."""

    situation: Situation
    enfants: list[int]
    ajouts: list[Cle] = field(default_factory=list)
    retraits: list[Cle] = field(default_factory=list)
    inchanges: list[Cle] = field(default_factory=list)
    complets: list[Cle] = field(default_factory=list)  # to be added, but full
    attentes: list[Cle] = field(default_factory=list)  # on the waiting list already
    tard: list[Cle] = field(default_factory=list)  # would change, but its limit has passed
    ailleurs: list[Cle] = field(default_factory=list)  # would change, but the child is with the other parent
    repas: list[Cle] = field(default_factory=list)  # would be removed, but a meal is ordered
    mains: list[Cle] = field(default_factory=list)  # would change, but somebody changed it by hand
    autres: list[Cle] = field(default_factory=list)  # would change, but a rule of another app says no
    fermes: dict[date, FermetureVue] = field(default_factory=dict)  # closed by the town hall, to one child or more
    # the children whom each of these days is closed to
    touches: dict[date, set[int]] = field(default_factory=dict)

    @property
    def change(self) -> bool:
        return bool(self.ajouts or self.retraits)


def build_apercu(situation: Situation, modeles: Sequence[Modele], *, remplacer: bool = False) -> ApercuPlanning:
    """What these patterns would do from today on; of several for a child, the first that covers a day counts.

    A box that a hand has changed is left as it is unless `remplacer`. Past limits, the other foyer's days and a lunch
    break under a meal never move. Places are counted as they go: two children, one place, one full box.
    """
    apercu = ApercuPlanning(situation, list(dict.fromkeys(modele.enfant for modele in modeles)))
    for cle, voulu in _boxes(situation, modeles):
        liste = _place(apercu, cle, voulu, remplacer)
        if liste is not None:
            liste.append(cle)
        if liste is apercu.ajouts:
            apercu.situation = apercu.situation.with_places(cle, 1)
    return apercu


def _boxes(situation: Situation, modeles: Sequence[Modele]) -> Iterator[tuple[Cle, bool]]:
    """Each box that a pattern has a say in, in the order in which the writer gives places."""
    for enfant in sorted({modele.enfant for modele in modeles}):
        siens = [modele for modele in modeles if modele.enfant == enfant]
        debut = max(situation.today, min(modele.debut for modele in siens))
        for jour in situation.calendrier.jours_ecole(debut, max(modele.fin for modele in siens)):
            if modele := modele_at(siens, enfant, jour):
                voulus: frozenset[Box] = frozenset() if modele.is_empty(jour) else boxes_at(situation, modele, jour)
                for creneau in situation.creneaux.values():
                    if situation.is_tenu(enfant, jour, creneau):
                        yield Cle(enfant, jour, creneau.code), (jour.weekday(), creneau.code) in voulus


def _place(apercu: ApercuPlanning, cle: Cle, voulu: bool, remplacer: bool) -> list[Cle] | None:
    """The list that the box belongs to, None when there is nothing to say of it."""
    situation, etat = apercu.situation, apercu.situation.etat(cle)
    if voulu == (etat != Etat.ANNULEE):
        return apercu.attentes if etat == Etat.ATTENTE else apercu.inchanges if voulu else None
    action = Action.INSCRIRE if voulu else Action.ANNULER
    codes = {obstacle.code for obstacle in obstacles_for(situation, cle, action)}  # a pattern passes over nothing
    if "fermeture" in codes:
        fermeture = situation.fermeture(cle.enfant, cle.jour, situation.creneaux[cle.creneau])
        if fermeture and voulu:
            apercu.fermes[cle.jour] = fermeture
            apercu.touches.setdefault(cle.jour, set()).add(cle.enfant)
        return None
    if codes & SANS_OBJET:
        return None
    if "limite" in codes and (voulu or etat != Etat.ATTENTE):  # one may leave the list at any time
        return apercu.tard
    if "garde" in codes:
        return apercu.ailleurs
    if "repas" in codes:
        return apercu.repas
    if codes - CONNUS:
        return apercu.autres
    if not remplacer and is_by_hand(situation.inscriptions.get(cle)):
        return apercu.mains
    if "complet" in codes:
        return apercu.complets
    return apercu.ajouts if voulu else apercu.retraits


def is_by_hand(inscription: InscriptionLue | None) -> bool:
    """Whether the box is as somebody left it on purpose, cancelled boxes included: a semaine type keeps it.

    What a closure or a departure cancelled is nobody's choice.
    """
    if inscription is None or inscription.origine == Origine.SEMAINE_TYPE:
        return False
    return inscription.etat != Etat.ANNULEE or inscription.origine not in {Origine.FERMETURE, Origine.IMPORT}


# --- In words ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LigneBilan:
    """How many boxes of a créneau. `prevus` is what the planning then holds over the period."""

    creneau: Creneau
    plus: int
    moins: int
    inchanges: int

    @property
    def prevus(self) -> int:
        return self.plus + self.inchanges


@dataclass(frozen=True)
class BilanEnfant:
    """The counts of a child over the period of its pattern: added, removed, planned, by créneau."""

    enfant: EnfantVu
    lignes: list[LigneBilan]

    @property
    def plus(self) -> int:
        return sum(ligne.plus for ligne in self.lignes)

    @property
    def moins(self) -> int:
        return sum(ligne.moins for ligne in self.lignes)

    @property
    def prevus(self) -> int:
        return sum(ligne.prevus for ligne in self.lignes)

    @property
    def resume(self) -> str:
        """« 22 ajouts, 18 retraits »."""
        comptes = ((self.plus, "ajout"), (self.moins, "retrait"))
        mots = [f"{n}{NBSP}{mot}{'s' if n > 1 else ''}" for n, mot in comptes if n]
        return ", ".join(mots) or "rien ne change"


def bilans(
    apercu: ApercuPlanning, plus: Iterable[Cle], moins: Iterable[Cle], inchanges: Iterable[Cle]
) -> list[BilanEnfant]:
    """The counts of each child, in the order of the pages."""
    listes = [_counts(apercu.situation, cles) for cles in (plus, moins, inchanges)]
    return [
        BilanEnfant(
            enfant,
            [
                LigneBilan(rangee.creneau, *(comptes[enfant.pk, rangee.creneau.code] for comptes in listes))
                for rangee in rangees_types(apercu.situation, enfant.pk)
            ],
        )
        for enfant in fratrie(apercu.situation)
        if enfant.pk in apercu.enfants
    ]


def bilans_apres(
    apres: ApercuPlanning, modeles: Sequence[Modele], evenements: Collection[Evenement]
) -> list[BilanEnfant]:
    """The counts of what these events did, beside what the planning now holds over the period of the patterns."""
    cles = {etat: {Cle(e.enfant_id, e.jour, e.creneau.code) for e in evenements if e.apres == etat} for etat in Etat}
    inscrits = {
        cle
        for cle, inscription in apres.situation.inscriptions.items()
        if inscription.etat == Etat.INSCRIT and modele_at(modeles, cle.enfant, cle.jour)
    }
    plus = cles[Etat.INSCRIT]
    return bilans(apres, plus, cles[Etat.ANNULEE], inscrits - plus)


def lasts(modeles: Sequence[Modele], enfants: Collection[int]) -> list[Modele]:
    """The pattern that was chosen last for each of these children; `modeles` has the latest first."""
    return list({modele.enfant: modele for modele in reversed(modeles) if modele.enfant in enfants}.values())


def _counts(situation: Situation, cles: Iterable[Cle]) -> Counter[tuple[int, str]]:
    """By child and row of its week: what it has in its next school counts with the moment that answers to it."""
    return Counter((cle.enfant, code_montre(situation, cle)) for cle in cles)


def nombre_jours(cles: Iterable[Cle]) -> int:
    """How many days, of whichever children."""
    return len({cle.jour for cle in cles})


def cles_phrases(
    situation: Situation,
    cles: Collection[Cle],
    reste: Callable[[Situation, Cle], str] = lambda situation, cle: "",
    *,
    noms: Mapping[int, str] | None = None,
    lien: str = f"{NBSP}: ",
) -> list[str]:
    """« Tom, soir : jeudi 10 décembre et jeudi 14 janvier », one line a child, a créneau and what `reste` says.

    `noms` are those of the pages unless given; `lien` is another one than « : » where the sentence goes on.
    """
    noms = noms or noms_enfants(situation)
    groupes: dict[tuple[int, str, str], list[date]] = {}
    for cle in sorted(cles):
        groupes.setdefault((cle.enfant, cle.creneau, reste(situation, cle)), []).append(cle.jour)
    return [
        f"{noms[enfant]}, {situation.creneaux[creneau].nom_court}{lien}{mots}{jours_phrase(jours, date.min)}"
        for (enfant, creneau, mots), jours in groupes.items()
    ]


def reste_phrase(situation: Situation, cle: Cle) -> str:
    """« reste prévu », to come before the days."""
    return {Etat.INSCRIT: "reste prévu ", Etat.ATTENTE: "reste en liste d’attente ", Etat.ANNULEE: "reste non prévu "}[
        Etat(situation.etat(cle))
    ]


def empeche_phrase(situation: Situation, cle: Cle) -> str:
    """« dossier incomplet, », what another app's rule says in short, to come before the days."""
    action = Action.INSCRIRE if situation.etat(cle) == Etat.ANNULEE else Action.ANNULER
    obstacles = obstacles_for(situation, cle, action)
    return next((f"{o.court}, " for o in obstacles if o.code not in CONNUS and not o.passed_by(situation.acteur)), "")


def rang_phrase(situation: Situation, cle: Cle) -> str:
    """« n° 2, », to come before the days."""
    inscription = situation.inscriptions.get(cle)
    rang = situation.rangs.get(inscription.pk) if inscription else None
    return f"n°{NBSP}{rang}, " if rang else ""


@dataclass(frozen=True)
class Reste:
    """Boxes that the pattern wanted otherwise, and that stay: how many days, and which in words."""

    nombre: int
    lignes: list[str]


@dataclass(frozen=True)
class ASavoir:
    """What stays as it is, by reason; `deja` waits already; `cedees`, removed, goes to the waiting list at once."""

    complets: Reste
    deja: list[str]
    tard: Reste
    mains: Reste
    repas: Reste
    ailleurs: Reste
    autres: Reste
    fermes: list[str]
    cedees: list[str]

    @property
    def reste(self) -> bool:
        """Whether something wanted did not change."""
        restes = (self.complets, self.tard, self.mains, self.repas, self.ailleurs, self.autres)
        return any(reste.nombre for reste in restes)

    @property
    def rien(self) -> bool:
        return not (self.deja or self.reste or self.cedees)


def a_savoir(apercu: ApercuPlanning, noms: Mapping[int, str] | None = None) -> ASavoir:
    """What the preview says beside its counts, and the result as well."""
    situation = apercu.situation
    say = partial(cles_phrases, situation, noms=noms)
    jours_tard = sorted({cle.jour for cle in apercu.tard})
    return ASavoir(
        complets=Reste(len(apercu.complets), say(apercu.complets)),
        deja=say(apercu.attentes, rang_phrase),
        tard=Reste(len(jours_tard), [jours_phrase(jours_tard, date.min)] if jours_tard else []),
        mains=Reste(nombre_jours(apercu.mains), say(apercu.mains, reste_phrase)),
        repas=Reste(len(apercu.repas), say(apercu.repas, reste_phrase)),
        ailleurs=Reste(nombre_jours(apercu.ailleurs), _ailleurs(apercu, noms or noms_enfants(situation))),
        autres=Reste(nombre_jours(apercu.autres), say(apercu.autres, empeche_phrase)),
        fermes=[
            f"{jour_long(jour)}{moments_fermes(fermeture.creneaux, situation.creneaux.values())} "
            f"(garderie fermée{_pour(apercu, jour, noms or noms_enfants(situation))}{NBSP}: {fermeture.motif})"
            for jour, fermeture in sorted(apercu.fermes.items())
        ],
        cedees=say([cle for cle in apercu.retraits if situation.is_cedee(cle)]),
    )


def _pour(apercu: ApercuPlanning, jour: date, noms: Mapping[int, str]) -> str:
    """« pour Léa » of a closed day, where the school of another child is open."""
    touches = apercu.touches[jour]
    if not apercu.situation.propres or touches >= set(apercu.enfants):
        return ""
    return f" pour {et([nom for pk, nom in noms.items() if pk in touches])}"


def _ailleurs(apercu: ApercuPlanning, noms: Mapping[int, str]) -> list[str]:
    """« Jules et Anna : 84 jours du lundi 14 décembre au vendredi 2 juillet »: one line, whatever the boxes."""
    if not apercu.ailleurs:
        return []
    enfants = {cle.enfant for cle in apercu.ailleurs}
    jours = sorted({cle.jour for cle in apercu.ailleurs})
    return [f"{et([nom for pk, nom in noms.items() if pk in enfants])}{NBSP}: {jours_phrase(jours, date.min)}"]


def periode_phrase(situation: Situation, modeles: Sequence[Modele]) -> str:
    """« du lundi 7 décembre 2026 au vendredi 2 juillet 2027, toutes les semaines », from the first day that is open
    and one of the parent's own. The patterns of several children have the same period.
    """
    modele, enfants = modeles[0], {modele.enfant for modele in modeles}
    jours = list(situation.calendrier.jours_ecole(max(modele.debut, situation.today), modele.fin))
    ouverts = [jour for jour in jours if is_open(situation, jour)] or jours or [modele.debut, modele.fin]
    debut = next((jour for jour in ouverts if is_siens(situation, enfants, jour)), ouverts[0])
    rythme = rythme_phrase(situation, enfants, modele.depuis, debut, ouverts[-1])
    return f"du {date_longue(debut)} au {date_longue(ouverts[-1])}, {rythme}"


def moments_phrases(situation: Situation, boxes: Collection[Box]) -> list[str]:
    """« Matin : lundi », one line a créneau."""
    jours = {creneau: sorted(jour for jour, code in boxes if code == creneau) for creneau in situation.creneaux}
    return [
        f"{situation.creneaux[creneau].titre}{NBSP}: {', '.join(JOURS[jour] for jour in siens)}"
        for creneau, siens in jours.items()
        if siens
    ]
