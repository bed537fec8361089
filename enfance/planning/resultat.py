"""What a save did, as the page tells it: made, refused, changed by somebody else meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.urls import reverse

from enfance.calendrier import lundi
from enfance.inscriptions import Changement, Refus, decide
from enfance.models import Enregistrement, Evenement, Inscription, Responsable
from enfance.planning import historique
from enfance.planning.annulation import prevoir
from enfance.planning.argent import devient_of
from enfance.planning.cases import Case, noms_enfants
from enfance.planning.recapitulatif import AnneeVue, RecapitulatifVu, words_of
from enfance.regles import Cle, Situation
from enfance.regles.cles import parse_key, pk
from portail.dates import jour_court
from portail.francais import NBSP

Etat = Inscription.Etat
MONTRE = timedelta(hours=1)
NOMBRES = ["Aucun", "Un", "Deux", "Trois", "Quatre", "Cinq", "Six", "Sept", "Huit", "Neuf"]


@dataclass(frozen=True)
class ResultatVu:
    """A save of the reader's own. `reference` is None when nothing had to change.

    Hours in words, or empty: `jusqua`, until when it may be undone; `avant`, if it undoes a save, when that was made;
    `annule`, when it was undone since. `perdus`: what undoing would not give back, in sentences. `dits`: of how many
    meals it says something; `midi_reste`, whether the lunch break of one that was cancelled is still planned;
    `sans_midi`, those that stand again without theirs, in words; `premier`, its first day. `courriel`: where its
    mail goes; `attente`, whether somebody joined a waiting list; `annee`, what a weekly pattern changed; `garde`,
    whether all of it is kept.
    """

    reference: int | None
    lignes: list[str]
    repas: list[str]
    jusqua: str = ""
    avant: str = ""
    annule: str = ""
    courriel: str = ""
    attente: bool = False
    annee: AnneeVue | None = None
    garde: bool = False
    dits: int = 0
    perdus: Sequence[str] = ()
    midi_reste: bool = False
    sans_midi: str = ""
    premier: date | None = None

    @property
    def planning(self) -> str:
        """The address of the week of the first change, in the planning of its month; empty when nothing changed."""
        if self.premier is None:
            return ""
        return f"{reverse('enfance:planning_mois', args=[self.premier])}#s-{lundi(self.premier).isoformat()}"

    @property
    def devient(self) -> str:
        """The address that tells what the month of the first change has become; empty where no app gives prices, when
        nothing changed, or once the save is undone.
        """
        if self.premier is None or self.reference is None or self.annule:
            return ""
        return devient_of(self.premier, self.reference)


@dataclass(frozen=True)
class RefusVu:
    """A refused change: a sentence, `code` of the obstacle, and the box it concerns if the page shows it. `repas` is
    what the button « J’ai annulé le repas » would send; `motif`, whether the town hall may pass over it with a reason.
    """

    texte: str
    code: str
    prenom: str
    cible: str
    repas: str
    motif: bool = False


@dataclass(frozen=True)
class RefusVus:
    refus: list[RefusVu]
    reussis: int

    @property
    def titre(self) -> str:
        """« Un changement n’a pas pu être enregistré », « Deux changements n’ont pas pu être enregistrés »."""
        n = len(self.refus)
        if n == 1:
            return "Un changement n’a pas pu être enregistré"
        return f"{NOMBRES[n] if n < len(NOMBRES) else n} changements n’ont pas pu être enregistrés"


def load_resultat(
    reference: str, lecteur: int, noms: Mapping[int, str], *, now: datetime, connue: Situation | None = None
) -> ResultatVu | None:
    """What the save that `?enregistre=` names did, in words; None unless `lecteur` (account, primary key) made it less
    than an hour ago. « 0 » stands for a save that changed nothing.

    `connue` is the situation of the page, reused to tell whether the save can be undone.
    """
    if reference == "0":
        return ResultatVu(None, [], [])
    key = parse_key(reference, pk)
    if key is None:
        return None
    montres = Enregistrement.objects.filter(pk=key[0], auteur=lecteur, quand__gt=now - MONTRE)
    lies = "annule", "annule_par", "auteur__responsable__foyer", "recapitulatif"
    enregistrement = montres.select_related(*lies).first()
    if enregistrement is None:
        return None
    responsable = getattr(enregistrement.auteur, "responsable", None)
    previsions = prevoir([enregistrement], responsable, now=now, connue=connue) if responsable else {}
    prevision = previsions.get(enregistrement.pk)
    jusqua = historique.annulable_jusqua(enregistrement, lecteur, now)
    annulation = historique.annulation_of(enregistrement)
    dit = _dit(enregistrement, noms, now)
    return ResultatVu(
        enregistrement.pk,
        dit.lignes,
        dit.repas,
        jusqua=historique.heure_de(jusqua) if jusqua and prevision and prevision.possible else "",
        perdus=prevision.perdus if prevision else (),
        avant=historique.heure_de(enregistrement.annule.quand) if enregistrement.annule else "",
        annule=historique.heure_de(annulation.quand) if annulation else "",
        dits=dit.dits,
        midi_reste=dit.midi_reste,
        sans_midi=dit.sans_midi,
        courriel=dit.courriel,
        attente=dit.attente,
        annee=dit.annee,
        garde=hasattr(enregistrement, "recapitulatif"),
        premier=dit.premier,
    )


def _dit(enregistrement: Enregistrement, noms: Mapping[int, str], now: datetime) -> RecapitulatifVu:
    """What the save said: as it was kept; of one that is the town hall's, by its changes."""
    if hasattr(enregistrement, "recapitulatif"):
        vu = words_of(enregistrement.recapitulatif, noms, court=True)
        return vu or RecapitulatifVu("", [], [], False, 0, False, "")
    evenements = list(
        historique.with_repas(enregistrement.evenements.filter(enfant__in=noms).select_related("creneau"))
    )
    today = evenements[0].jour if evenements else now.date()
    return RecapitulatifVu(
        enregistrement.auteur.email if enregistrement.auteur else "",
        historique.phrases(evenements, noms, today),
        historique.repas_phrases(evenements, noms, today),
        any(evenement.apres == Etat.ATTENTE for evenement in evenements),
        0,
        False,
        "",
        premier=min((evenement.jour for evenement in evenements), default=None),
    )


def refus_vus(
    refus: Iterable[Refus], situation: Situation, noms: Mapping[int, str], cases: Iterable[Case], reussis: int
) -> RefusVus:
    """The refused changes in words; each refusal is also set as the error of its box among `cases`. `reussis`: how many
    changes were made.
    """
    par_cle = {case.cle: case for case in cases}
    vus = []
    for un_refus in sorted(refus, key=lambda r: r.cle):
        obstacle = un_refus.obstacles[0]
        case = par_cle.get(un_refus.cle)
        libelle = cle_phrase(un_refus.cle, situation, noms)
        if case and case.genre == "libre":
            case.erreur = f"{libelle}{NBSP}: {obstacle.message}"
        enfant = situation.enfants.get(un_refus.cle.enfant)
        vus.append(
            RefusVu(
                f"{libelle}{NBSP}: {obstacle.message}",
                obstacle.code,
                enfant.prenom if enfant else "",
                f"r-{case.id}" if case and case.genre == "libre" else "",
                f"{un_refus.cle.enfant}:{un_refus.cle.jour.isoformat()}",
                obstacle.overridable,
            )
        )
    return RefusVus(vus, reussis)


def cle_phrase(cle: Cle, situation: Situation, noms: Mapping[int, str]) -> str:
    """The box in words: « Tom, jeudi 10, soir »; without the name of a child, or the créneau, that the family does not
    know.
    """
    creneau = situation.creneaux.get(cle.creneau)
    mots = [noms.get(cle.enfant, ""), jour_court(cle.jour), creneau.nom_court if creneau else ""]
    texte = ", ".join(mot for mot in mots if mot)
    return texte[0].upper() + texte[1:]


def is_done(situation: Situation, cle: Cle, voulu: str) -> bool:
    """Whether the box already is as wanted: booked or on the waiting list, against neither."""
    return (situation.etat(cle) == Etat.ANNULEE) == (voulu == Etat.ANNULEE)


def faite_phrase(situation: Situation, cle: Cle, noms: Mapping[int, str]) -> str:
    """That somebody has already made this change, asked a while ago: « Tom, jeudi 10, soir : déjà retiré »."""
    faits = {Etat.INSCRIT: "ajouté", Etat.ATTENTE: "en liste d’attente", Etat.ANNULEE: "retiré"}
    return f"{cle_phrase(cle, situation, noms)}{NBSP}: déjà {faits[Etat(situation.etat(cle))]}"


def faites_meanwhile(changements: Iterable[Changement], situation: Situation) -> list[str]:
    """The changes, among these asked a while ago, that somebody has already made, a sentence each."""
    noms = noms_enfants(situation)
    faites = sorted(un.cle for un in changements if is_done(situation, un.cle, un.voulu))
    return [faite_phrase(situation, cle, noms) for cle in faites]


def plus_possibles(changements: Iterable[Changement], situation: Situation) -> dict[Cle, str]:
    """The changes, among these asked a while ago, that the rules refuse by now: a sentence by box.

    A box that already is as wanted is left out, and so is a change that a reason lets the town hall make.
    """
    noms, phrases = noms_enfants(situation), {}
    for un in sorted(changements, key=lambda un: un.cle):
        etat = situation.etat(un.cle)
        if un.voulu == etat or (un.voulu, etat) == (Etat.ATTENTE, Etat.INSCRIT):
            continue
        _, obstacles = decide(situation, un.cle, un.voulu, un.tardif)
        for obstacle in obstacles:
            if obstacle.code == "complet" or not obstacle.wants_motif(situation.acteur):
                phrases[un.cle] = f"{cle_phrase(un.cle, situation, noms)}{NBSP}: {obstacle.message}"
                break
    return phrases


def recents_phrases(
    cases: Iterable[Case], lecteur: Responsable | None, situation: Situation, noms: Mapping[int, str]
) -> list[str]:
    """For each of these cells that was ever changed, a sentence: what it is now and who changed it last, in words that
    `lecteur` may read (None: the town hall).

    Also sets `recent` on these cells. One query for each cell.
    """
    lignes = []
    for case in cases:
        evenement = (
            Evenement.objects.filter(enfant=case.cle.enfant, jour=case.cle.jour, creneau__code=case.cle.creneau)
            .filter(rang_apres=None)
            .select_related("enregistrement__auteur", "creneau")
            .order_by("-enregistrement_id")
            .first()
        )
        if evenement is None:
            continue
        case.recent = f"changé{historique.cause_phrase(evenement, lecteur)}"
        dite = cle_phrase(case.cle, situation, noms)
        lignes.append(f"{dite}{NBSP}: {historique.fait_phrase(evenement, lecteur)}")
    return lignes
