"""What a weekly pattern does to each child, in words, for the preview, the receipt and the mail. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from enfance.jours_fermes import moments_fermes
from enfance.models import Evenement, Inscription
from enfance.planning.apercu import CONNUS, ApercuPlanning
from enfance.planning.cases import EnfantVu, fratrie, noms_enfants
from enfance.planning.compte import MOMENT, compte_phrase, mot_of, nombre_phrase
from enfance.planning.historique import JOURS_NOMMES, long_phrase, repas_phrases
from enfance.planning.rangees_types import code_montre, rangees_types
from enfance.regles import Action, Cle, FermetureVue, Situation, obstacles_for
from portail.dates import JOURS, jour_long, jours_groupes
from portail.francais import NBSP, accord, de, et

Etat = Inscription.Etat
Origine = Inscription.Origine
QUELQUES = 5  # days that are named one by one, where there might be « tous les jeudis »
FAMILLE = {Origine.PORTAIL, Origine.LISTE_ATTENTE}  # a box so written is as the family chose it


@dataclass(frozen=True)
class GardeMain:
    """Days that a hand had chosen, or taken away (`retire`), and that stay so: in words, how many, the first (ISO)."""

    retire: bool
    mots: str
    nombre: int
    premier: str

    @property
    def phrase(self) -> str:
        """The days kept, as a sentence: « 2 jours choisis à la main restent tels quels : midi, lundis 14 et 21
        décembre ».
        """
        restent = "restent tels quels" if self.nombre > 1 else "reste tel quel"
        jours = compte_phrase(self.nombre, "jour", "retiré" if self.retire else "choisi")
        return f"{jours} à la main {restent}{NBSP}: {self.mots}"

    @property
    def court(self) -> str:
        """The days kept, in short: « matin, vendredi 11 décembre », « retiré : soir, lundi 7 décembre »."""
        return f"retiré{'s' if self.nombre > 1 else ''}{NBSP}: {self.mots}" if self.retire else self.mots

    @property
    def jour(self) -> date:
        """The first of the days kept, as a date."""
        return date.fromisoformat(self.premier)


@dataclass(frozen=True)
class BlocEnfant:
    """What becomes of one child. `nouveau`: something changes, or its week is another one.

    `changes`: each a count and its days; `semaine`, what of its week stays; `gardes`, what a hand had changed, and
    stays. The others are what could not change, in words, each empty where there is nothing to say.
    """

    nouveau: bool
    changes: Sequence[Sequence[str]]
    semaine: str
    gardes: Sequence[GardeMain]
    complets: str
    deja: str
    tard: str
    repas: str
    ailleurs: str
    autres: str

    @property
    def restes(self) -> list[str]:
        """What could not change for the child and why, a sentence for each reason; empty when everything could."""
        motifs = (
            ("En liste d’attente", self.deja),
            ("Chez l’autre parent, rien ne change", self.ailleurs),
            ("Ne peut pas changer", self.autres),
            ("Gardé, un repas y est commandé", self.repas),
            ("Trop tard pour changer ici", self.tard),
        )
        return [*filter(None, [self.complets]), *(f"{motif}{NBSP}: {mots}" for motif, mots in motifs if mots)]


@dataclass(frozen=True)
class ChoixMain:
    """Moments of a child that a hand has changed, which its pattern would add (`ajoute`) or withdraw: as they stay or,
    `fait`, as they follow it. `quoi`: what the button is about, to be heard after its word.
    """

    ajoute: bool
    fait: bool
    titre: str
    phrase: str
    bouton: str
    quoi: str

    @property
    def champ(self) -> str:
        """The name of the form field that the button of this choice sends: `garder`, `retirer`, `laisser` or
        `ajouter`.
        """
        return ("laisser" if self.ajoute else "garder") if self.fait else ("ajouter" if self.ajoute else "retirer")


@dataclass(frozen=True)
class ApercuEnfant:
    """A block as the preview shows it: with what a hand changed and may follow, the places that go at once to those who
    wait (`cedees`), and what is to be settled of its meals.
    """

    enfant: EnfantVu
    bloc: BlocEnfant
    choix: list[ChoixMain]
    cedees: str
    cantine: list[str]


def apercus_enfants(apercu: ApercuPlanning, evenements: Collection[Evenement]) -> list[ApercuEnfant]:
    """The preview of a weekly pattern, a block for each child, those for whom something changes first. `evenements`:
    the changes that the preview would write.
    """
    situation, par_enfant = apercu.situation, blocs(apercu)
    noms, vus = noms_enfants(situation), []
    for enfant in fratrie(situation):
        if enfant.pk in par_enfant:
            sien = apercu.of({enfant.pk})
            cedees = [cle for cle in sien.retraits if situation.is_cedee(cle)]
            siens = [un for un in evenements if un.enfant_id == enfant.pk]
            cantine = repas_phrases(siens, noms, situation.today)
            vus.append(
                ApercuEnfant(enfant, par_enfant[enfant.pk], _choix(sien, enfant.nom), _dits(situation, cedees), cantine)
            )
    return sorted(vus, key=lambda vu: not vu.bloc.nouveau)


def blocs(apercu: ApercuPlanning, apres: Situation | None = None) -> dict[int, BlocEnfant]:
    """What a weekly pattern does to each child, in words, by primary key, in the order of the pages.

    `apres` is the situation that gives the ranks of those who wait, by default that of the preview.
    """
    enfants = [pk for pk in apercu.situation.enfants if pk in apercu.modeles]
    return {pk: _bloc(apercu.of({pk}), pk, apres or apercu.situation) for pk in enfants}


def _bloc(apercu: ApercuPlanning, enfant: int, apres: Situation) -> BlocEnfant:
    situation = apercu.situation
    mains = {retire: [cle for cle in apercu.mains if _is_libre(situation, cle) is retire] for retire in (False, True)}
    complets = (
        f"{nombre_phrase(situation, apercu.complets)} {'sont complets' if apercu.complets[1:] else 'est complet'}"
    )
    return BlocEnfant(
        nouveau=apercu.change or enfant in apercu.nouvelles,
        changes=_changes(apercu),
        semaine=_semaine(apercu),
        gardes=[_garde(situation, retire, cles) for retire, cles in mains.items() if cles],
        complets=f"{complets}{NBSP}: {_quels(situation, apercu.complets)}" if apercu.complets else "",
        deja=_dits(apres, [*apercu.attentes, *apercu.rejoints], _rang),
        tard=_dits(situation, apercu.tard),
        repas=_dits(situation, apercu.repas),
        ailleurs=_ailleurs(apercu.ailleurs),
        autres=_dits(situation, apercu.autres, _empeche),
    )


# --- What a hand changed ----------------------------------------------------------------------------------------------


def _is_libre(situation: Situation, cle: Cle) -> bool:
    return situation.etat(cle) == Etat.ANNULEE


def _garde(situation: Situation, retire: bool, cles: list[Cle]) -> GardeMain:
    jours = {cle.jour for cle in cles}
    return GardeMain(retire, _dits(situation, cles, _attend), len(jours), min(jours).isoformat())


def _choix(apercu: ApercuPlanning, nom: str) -> list[ChoixMain]:
    """Of the child of this name, what was chosen, then what was taken away: what stays so, then what follows."""
    situation, repris = apercu.situation, {*apercu.repris}
    suivis = [cle for cle in (*apercu.retraits, *apercu.ajouts) if cle in repris]
    lots = [
        (ajoute, fait, [cle for cle in cles if _is_libre(situation, cle) is ajoute])
        for ajoute in (False, True)
        for fait, cles in ((False, apercu.mains), (True, suivis))
    ]
    return [_un_choix(situation, ajoute, fait, cles, nom) for ajoute, fait, cles in lots if cles]


def _un_choix(situation: Situation, ajoute: bool, fait: bool, cles: list[Cle], nom: str) -> ChoixMain:
    plusieurs, nombre, dits = len(cles) > 1, nombre_phrase(situation, cles), _quels(situation, cles)
    s = "s" if plusieurs else ""
    quoi = f"les {nombre} {de(nom)}" if plusieurs else f"le {nombre.split(NBSP)[1]} {de(nom)}"
    if fait:
        les = ("les " if plusieurs else "l’") if ajoute else "Les" if plusieurs else "Le"
        bouton = f"Ne pas {les}ajouter" if ajoute else f"{les} garder"
        titre = f"{nombre} {'ajouté' if ajoute else 'retiré'}{s} aussi"
        return ChoixMain(ajoute, fait, titre, f"{dits[0].upper()}{dits[1:]}", bouton, quoi)
    reste = "retiré" if ajoute else "prévu"
    titre = f"{nombre} {'restent' if plusieurs else 'reste'} {reste}{s}"
    if not ajoute and any(situation.etat(cle) == Etat.ATTENTE for cle in cles):
        titre = f"{nombre} {'restent tels quels' if plusieurs else 'reste tel quel'}"
    verbe = f"{'retiré' if ajoute else 'choisi'}{s} à la main"
    siens = all(situation.inscriptions[cle].origine in FAMILLE for cle in cles)
    vous = f"Vous {'les aviez' if plusieurs else 'l’aviez'} {verbe}" if siens else verbe.capitalize()
    bouton = "Ajouter aussi" if ajoute else "Retirer aussi"
    return ChoixMain(ajoute, fait, titre, f"{vous}{NBSP}: {dits}", bouton, quoi)


# --- What changes, and when -------------------------------------------------------------------------------------------


def _changes(apercu: ApercuPlanning) -> list[tuple[str, str]]:
    """« 21 soirs retirés », « tous les jeudis à partir du 7 janvier »: a pair for each row of the week."""
    situation = apercu.situation
    attendues = [cle for cle in apercu.retraits if situation.etat(cle) == Etat.ATTENTE]
    retires = [cle for cle in apercu.retraits if situation.etat(cle) != Etat.ATTENTE]
    lots = ((apercu.ajouts, "ajouté", ""), (retires, "retiré", ""), (attendues, "retiré", " de la liste d’attente"))
    changes = []
    for cles, verbe, fin in lots:
        for siennes in _rangees(situation, cles).values():
            nombre = compte_phrase(len(siennes), mot_of(situation, siennes[0]), verbe)
            quand = _quand(apercu, siennes, ajoute=verbe == "ajouté")
            changes.append((f"{nombre}{fin}{_precision(situation, siennes[0])}", quand))
    return changes


def _rangees(situation: Situation, cles: Iterable[Cle]) -> dict[str, list[Cle]]:
    """By row of the child's week: what it has in its next school counts with the moment that answers to it."""
    par_rangee: dict[str, list[Cle]] = {}
    for cle in sorted(cles, key=lambda cle: (situation.creneaux[cle.creneau].ordre, cle.jour)):
        par_rangee.setdefault(code_montre(situation, cle), []).append(cle)
    return par_rangee


def _precision(situation: Situation, cle: Cle) -> str:
    """« (étude) » where the moment alone would not tell the row of the child's week from another."""
    creneau = situation.creneaux[cle.creneau]
    pareils = [une for une in rangees_types(situation, cle.enfant) if une.creneau.moment == creneau.moment]
    return f" ({creneau.nom_court})" if len(pareils) > 1 or mot_of(situation, cle) == MOMENT else ""


def _quand(apercu: ApercuPlanning, cles: Sequence[Cle], *, ajoute: bool) -> str:
    """« tous les jeudis à partir du 7 janvier » where none is left out, « jeudis 3, 10 et 17 décembre » of a few."""
    jours, semaine = [cle.jour for cle in cles], sorted({cle.jour.weekday() for cle in cles})
    if len(jours) <= QUELQUES:
        return jours_groupes(jours)
    rangee = code_montre(apercu.situation, cles[0])
    contraires = [
        cle
        for cle in (_manquants(apercu) if ajoute else _prevus(apercu))
        if cle.jour.weekday() in semaine and code_montre(apercu.situation, cle) == rangee
    ]
    suivants = [cle for cle in contraires if cle.jour >= jours[0]]
    noms = et([f"{JOURS[jour]}s" for jour in semaine])
    depuis = f" à partir du {jour_long(jours[0]) if len(semaine) > 1 else jour_long(jours[0]).split(' ', 1)[1]}"
    modele = apercu.modeles[cles[0].enfant]
    if ajoute and modele.depuis and not suivants:
        return f"les {noms}, une semaine sur deux,{depuis}"
    if ajoute and suivants and set(suivants) <= {*apercu.ailleurs}:
        semaines = "vos semaines" if apercu.situation.acteur.responsable else "ses semaines"
        return f"les {noms} de {semaines},{depuis}"
    if not suivants:
        return f"tous les {noms}{depuis if ajoute or contraires else ''}"
    return f"du {jour_long(jours[0])} au {jour_long(jours[-1])}"


def _prevus(apercu: ApercuPlanning) -> list[Cle]:
    """What the planning holds once the pattern is written."""
    restes = (apercu.mains, apercu.tard, apercu.repas, apercu.ailleurs, apercu.autres)
    tels = [cle for liste in restes for cle in liste if not _is_libre(apercu.situation, cle)]
    return [*apercu.inchanges, *apercu.ajouts, *apercu.attentes, *tels]


def _manquants(apercu: ApercuPlanning) -> list[Cle]:
    """What the pattern wants, and the planning does not hold."""
    restes = (apercu.mains, apercu.tard, apercu.ailleurs, apercu.autres)
    tels = [cle for liste in restes for cle in liste if _is_libre(apercu.situation, cle)]
    return [*apercu.complets, *apercu.attentes, *apercu.rejoints, *tels]


def _semaine(apercu: ApercuPlanning) -> str:
    """« matin le mardi, midi lundi, mardi et jeudi »: what of the child's week is planned, and does not change."""
    situation = apercu.situation
    changees = {(cle.jour.weekday(), code_montre(situation, cle)) for cle in (*apercu.ajouts, *apercu.retraits)}
    par_rangee: dict[str, set[int]] = {}
    for rangee, cles in _rangees(situation, apercu.inchanges).items():
        jours = {cle.jour.weekday() for cle in cles if (cle.jour.weekday(), rangee) not in changees}
        if jours:
            par_rangee.setdefault(situation.creneaux[rangee].nom_court, set()).update(jours)
    noms = {nom: [JOURS[jour] for jour in sorted(jours)] for nom, jours in par_rangee.items()}
    return ", ".join(f"{nom} {et(jours) if len(jours) > 1 else f'le {jours[0]}'}" for nom, jours in noms.items())


# --- What does not ----------------------------------------------------------------------------------------------------


def _dits(situation: Situation, cles: Collection[Cle], suite: Callable[[Situation, Cle], str] = lambda *_: "") -> str:
    """« soir, jeudis 3 et 10 décembre ; matin, vendredi 11 décembre », each with what `suite` says before its days."""
    groupes: dict[tuple[str, str], list[date]] = {}
    for rangee, siennes in _rangees(situation, cles).items():
        for cle in siennes:
            groupes.setdefault((situation.creneaux[rangee].nom_court, suite(situation, cle)), []).append(cle.jour)
    return f"{NBSP}; ".join(f"{nom}, {mots}{_jours(jours)}" for (nom, mots), jours in groupes.items())


def _quels(situation: Situation, cles: Sequence[Cle]) -> str:
    """The days alone, after `nombre_phrase` where it has told the moment."""
    lots = {(code_montre(situation, cle), _attend(situation, cle)) for cle in cles}
    if len(lots) == 1 and not _attend(situation, cles[0]) and mot_of(situation, cles[0]) != MOMENT:
        return _jours({cle.jour for cle in cles})
    return _dits(situation, cles, _attend)


def _jours(jours: Collection[date]) -> str:
    if len(jours) > JOURS_NOMMES:
        return long_phrase(len(jours), min(jours), max(jours))
    return jours_groupes(jours)


def _ailleurs(cles: Collection[Cle]) -> str:
    """« 84 jours du lundi 14 décembre au vendredi 2 juillet »: whatever the moments."""
    jours = {cle.jour for cle in cles}
    if not jours or len(jours) > JOURS_NOMMES:
        return _jours(jours) if jours else ""
    return f"{accord(len(jours), 'jour')}, {_jours(jours)}"


def _attend(situation: Situation, cle: Cle) -> str:
    return "en liste d’attente, " if situation.etat(cle) == Etat.ATTENTE else ""


def _rang(situation: Situation, cle: Cle) -> str:
    inscription = situation.inscriptions.get(cle)
    rang = situation.rangs.get(inscription.pk) if inscription else None
    return f"n°{NBSP}{rang}, " if rang else ""


def _empeche(situation: Situation, cle: Cle) -> str:
    """« dossier incomplet, »: what another app's rule says in short."""
    action = Action.INSCRIRE if _is_libre(situation, cle) else Action.ANNULER
    obstacles = obstacles_for(situation, cle, action)
    return next((f"{o.court}, " for o in obstacles if o.code not in CONNUS and not o.passed_by(situation.acteur)), "")


def fermes_phrases(apercu: ApercuPlanning) -> list[str]:
    """The days on which a closure keeps the pattern from adding, a line each: « mardi 15 décembre, soir (garderie
    fermée pour Léa : grève) ».
    """
    situation = apercu.situation
    return [
        f"{jour_long(jour)}{moments_fermes(fermeture.creneaux, situation.creneaux.values())} "
        f"({fermeture.mots.etat}{_pour(apercu, jour, fermeture)}{NBSP}: {fermeture.motif})"
        for jour, fermeture in sorted(apercu.fermes.items())
    ]


def _pour(apercu: ApercuPlanning, jour: date, fermeture: FermetureVue) -> str:
    """« pour Léa » of a closed day, where the school of another child is open, or another child is not of the trip."""
    touches = apercu.touches[jour]
    if (fermeture.is_fermeture and not apercu.situation.propres) or touches >= apercu.modeles.keys():
        return ""
    return f" pour {et([nom for pk, nom in noms_enfants(apercu.situation).items() if pk in touches])}"
