"""What a weekly pattern would do to the planning: added, removed, left as it is and why. Pure.

`enfance.planning.semaines` writes it, `enfance.planning.bilan` says it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from operator import itemgetter
from typing import Any

from enfance.models import Evenement, Inscription
from enfance.planning.cases import noms_enfants
from enfance.planning.historique import jours_phrase
from enfance.planning.periodes import is_open, is_siens, rythme_phrase
from enfance.planning.rangees_types import boxes_at, boxes_montrees
from enfance.regles import CODES_JOUR, Action, Cle, FermetureVue, InscriptionLue, Situation, obstacles_for
from enfance.semaine_modele import Box, Modele, modele_at, modele_now
from portail.dates import jour_annee
from portail.francais import NBSP

Etat = Inscription.Etat
Origine = Inscription.Origine
SANS_OBJET = CODES_JOUR - {"fermeture"}
CONNUS = {"limite", "complet"}  # said on their own, once the others are
Repris = Collection[tuple[int, bool]]


@dataclass
class ApercuPlanning:
    """The boxes by what becomes of them, each list in the order of the days."""

    situation: Situation
    modeles: dict[int, Modele]  # by child, the first of several
    nouvelles: frozenset[int] = frozenset()  # the children whose week is another one than they follow
    passes: frozenset[str] = frozenset()  # the rules that a reason passes over
    ajouts: list[Cle] = field(default_factory=list)
    retraits: list[Cle] = field(default_factory=list)
    inchanges: list[Cle] = field(default_factory=list)
    complets: list[Cle] = field(default_factory=list)  # to be added, but full
    attentes: list[Cle] = field(default_factory=list)  # on the waiting list already
    rejoints: list[Cle] = field(default_factory=list)  # full, and on the waiting list since: once it is written
    tard: list[Cle] = field(default_factory=list)  # would change, but its limit has passed
    ailleurs: list[Cle] = field(default_factory=list)  # would change, but the child is with the other parent
    repas: list[Cle] = field(default_factory=list)  # would be removed, but a meal is ordered
    mains: list[Cle] = field(default_factory=list)  # would change, but somebody changed it by hand
    repris: list[Cle] = field(default_factory=list)  # changed by hand, and asked to follow: elsewhere as well
    autres: list[Cle] = field(default_factory=list)  # would change, but a rule of another app says no
    passees: list[Cle] = field(default_factory=list)  # change by a reason alone: elsewhere as well
    fermes: dict[date, FermetureVue] = field(default_factory=dict)  # closed by the town hall, to one child or more
    # the children whom each of these days is closed to
    touches: dict[date, set[int]] = field(default_factory=dict)

    @property
    def change(self) -> bool:
        """Whether the pattern would add or remove at least one box."""
        return bool(self.ajouts or self.retraits)

    def of(self, enfants: Collection[int]) -> ApercuPlanning:
        """The same preview, reduced to the boxes and the patterns of these children (primary keys). The closed days
        (`fermes`, `touches`) stay whole.
        """
        siens: dict[str, Any] = {
            un.name: sorted(cle for cle in liste if cle.enfant in enfants)
            for un in fields(self)
            if isinstance(liste := getattr(self, un.name), list)
        }
        siens["modeles"] = {pk: modele for pk, modele in self.modeles.items() if pk in enfants}
        return replace(self, **siens)

    def realise(self, evenements: Collection[Evenement]) -> ApercuPlanning:
        """The preview as it came true, by the changes that were written: a full box may be on the waiting list by now,
        or have found a place.
        """
        faits = {Cle(un.enfant_id, un.jour, un.creneau.code): un.apres for un in evenements}
        return replace(
            self,
            ajouts=sorted(cle for cle, etat in faits.items() if etat == Etat.INSCRIT),
            retraits=sorted(cle for cle, etat in faits.items() if etat == Etat.ANNULEE),
            rejoints=sorted(cle for cle, etat in faits.items() if etat == Etat.ATTENTE),
            complets=[cle for cle in self.complets if cle not in faits],
        )


def build_apercu(
    situation: Situation, modeles: Sequence[Modele], *, repris: Repris = (), passes: Collection[str] = ()
) -> ApercuPlanning:
    """What these weekly patterns would do to the planning from today on, box by box; of several patterns of a child,
    the first that covers a day counts.

    A box changed by hand is left as it is, unless `repris` names its child with the same wish (True: to add, False: to
    remove). Boxes past their limit, the other foyer's days and a lunch break that goes with a meal never change, but
    for the rules of `passes` (codes of obstacles), which the town hall passes over with a reason. Places are counted as
    the save will give them: two children never get the same last place, and a place that one gives up goes to the other
    when nobody waits for it.
    """
    par_enfant: dict[int, Modele] = {}
    for modele in modeles:
        par_enfant.setdefault(modele.enfant, modele)
    nouvelles = frozenset(pk for pk, modele in par_enfant.items() if _is_nouvelle(situation, modele))
    apercu = ApercuPlanning(situation, par_enfant, nouvelles, frozenset(passes))
    for cle, voulu in sorted(_boxes(situation, modeles), key=itemgetter(1)):
        liste = _place(apercu, cle, voulu, repris)
        if liste is not None:
            liste.append(cle)
        if liste is apercu.ajouts:
            apercu.situation = apercu.situation.with_places(cle, 1)
        elif liste is apercu.retraits and situation.etat(cle) == Etat.INSCRIT and not situation.is_cedee(cle):
            apercu.situation = apercu.situation.with_places(cle, -1)
    return apercu.of(par_enfant)


def _boxes(situation: Situation, modeles: Sequence[Modele]) -> Iterator[tuple[Cle, bool]]:
    """Each box that a pattern has a say in, and whether it wants it."""
    for enfant in sorted({modele.enfant for modele in modeles}):
        siens = [modele for modele in modeles if modele.enfant == enfant]
        debut = max(situation.today, min(modele.debut for modele in siens))
        for jour in situation.calendrier.jours_ecole(debut, max(modele.fin for modele in siens)):
            if modele := modele_at(siens, enfant, jour):
                voulus: frozenset[Box] = frozenset() if modele.is_empty(jour) else boxes_at(situation, modele, jour)
                for creneau in situation.creneaux.values():
                    if situation.is_tenu(enfant, jour, creneau):
                        yield Cle(enfant, jour, creneau.code), (jour.weekday(), creneau.code) in voulus


def _place(apercu: ApercuPlanning, cle: Cle, voulu: bool, repris: Repris) -> list[Cle] | None:
    """The list that the box belongs to, None when there is nothing to say of it."""
    situation, etat = apercu.situation, apercu.situation.etat(cle)
    if voulu == (etat != Etat.ANNULEE):
        return apercu.attentes if etat == Etat.ATTENTE else apercu.inchanges if voulu else None
    action = Action.INSCRIRE if voulu else Action.ANNULER
    tous = {obstacle.code for obstacle in obstacles_for(situation, cle, action)}
    codes = tous - apercu.passes
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
    if is_by_hand(situation.inscriptions.get(cle)):
        if (cle.enfant, voulu) not in repris:
            return apercu.mains
        apercu.repris.append(cle)
    if "complet" in codes:
        return apercu.complets
    if tous & apercu.passes:
        apercu.passees.append(cle)
    return apercu.ajouts if voulu else apercu.retraits


def _is_nouvelle(situation: Situation, modele: Modele) -> bool:
    suivi = modele_now(situation.modeles, modele.enfant, situation.today)
    return (boxes_montrees(situation, suivi) if suivi else frozenset()) != boxes_montrees(situation, modele)


def is_by_hand(inscription: InscriptionLue | None) -> bool:
    """Whether somebody set this box on purpose, cancelled or not, so that a weekly pattern leaves it as it is.

    False for a box without a row, for one that a weekly pattern wrote, and for one that a closure or a departure
    cancelled.
    """
    if inscription is None or inscription.origine == Origine.SEMAINE_TYPE:
        return False
    return inscription.etat != Etat.ANNULEE or inscription.origine not in {Origine.FERMETURE, Origine.IMPORT}


# --- In words ---------------------------------------------------------------------------------------------------------


def cles_phrases(
    situation: Situation,
    cles: Collection[Cle],
    reste: Callable[[Situation, Cle], str] = lambda situation, cle: "",
    *,
    noms: Mapping[int, str] | None = None,
    lien: str = f"{NBSP}: ",
) -> list[str]:
    """These boxes in words, a line for each child, créneau and text that `reste` gives: « Tom, soir : jeudi 10 décembre
    et jeudi 14 janvier ».

    `noms` gives the children's names (by default those of the pages); `lien` stands between the créneau and the days.
    """
    noms = noms or noms_enfants(situation)
    groupes: dict[tuple[int, str, str], list[date]] = {}
    for cle in sorted(cles):
        groupes.setdefault((cle.enfant, cle.creneau, reste(situation, cle)), []).append(cle.jour)
    return [
        f"{noms[enfant]}, {situation.creneaux[creneau].nom_court}{lien}{mots}{jours_phrase(jours, date.min)}"
        for (enfant, creneau, mots), jours in groupes.items()
    ]


def periode_phrase(situation: Situation, modeles: Sequence[Modele]) -> str:
    """The period of these patterns in words: « du lundi 7 décembre 2026 au vendredi 2 juillet 2027, toutes les
    semaines ».

    It begins on the first day that may still be changed and is the parent's own. The patterns, one a child, share one
    period.
    """
    modele, enfants = modeles[0], {modele.enfant for modele in modeles}
    jours = list(situation.calendrier.jours_ecole(max(modele.debut, situation.today), modele.fin))
    ouverts = [jour for jour in jours if is_open(situation, jour)] or jours or [modele.debut, modele.fin]
    debut = next((jour for jour in ouverts if is_siens(situation, enfants, jour)), ouverts[0])
    rythme = rythme_phrase(situation, enfants, modele.depuis, debut, ouverts[-1])
    return f"du {jour_annee(debut)} au {jour_annee(ouverts[-1])}, {rythme}"
