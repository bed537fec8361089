"""A child's weekly pattern at the counter: the boxes that its page opens on, and its preview in words. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from enfance.courriels.fermeture import recipients
from enfance.inscriptions import Resultat
from enfance.models import Inscription
from enfance.planning.apercu import ApercuPlanning
from enfance.planning.bilan import BlocEnfant, blocs, fermes_phrases
from enfance.planning.compte import compter, nombre_phrase
from enfance.planning.periodes import rythme_phrase
from enfance.planning.rangees_types import boxes_suivies, code_montre
from enfance.regles import Cle, Situation
from enfance.semaine_modele import Box
from portail.confirmation import Apercu, Suite
from portail.dates import jour_annee
from portail.francais import NBSP, et


def boxes_cochees(situation: Situation, enfant: int, semaine: date | None) -> frozenset[Box]:
    """The boxes that the page ticks for this child (primary key): what is booked in the week of this Monday, or those
    of the pattern that it follows (None). Empty without either.
    """
    if semaine is None:
        return boxes_suivies(situation).get(enfant, frozenset())
    siennes = [
        cle
        for cle, ligne in situation.inscriptions.items()
        if cle.enfant == enfant
        and semaine <= cle.jour < semaine + timedelta(weeks=1)
        and ligne.etat != Inscription.Etat.ANNULEE
    ]
    return frozenset((cle.jour.weekday(), code_montre(situation, cle)) for cle in siennes)


@dataclass(frozen=True)
class Exceptions:
    """What a pattern leaves out, in words, and what may still be done of it: of how many moments `complets` and `tard`
    are, « 2 soirs »; empty for none.
    """

    phrases: Sequence[str]
    complets: str
    tard: str
    passees: str


def build_exceptions(apercu: ApercuPlanning, bloc: BlocEnfant) -> Exceptions:
    """What the preview of one child leaves out: closed days, full moments, those whose deadline has passed, the days of
    the other home, the meals; and what a reason passes over.
    """
    situation = apercu.situation

    def nombre(cles: Sequence[Cle]) -> str:
        return nombre_phrase(situation, cles) if cles else ""

    return Exceptions(
        [*(f"{phrase[0].upper()}{phrase[1:]}" for phrase in fermes_phrases(apercu)), *bloc.restes],
        complets=nombre(apercu.complets),
        tard=nombre(apercu.tard),
        passees=nombre(apercu.passees),
    )


def bloc_of(apercu: ApercuPlanning, enfant: int, fait: Resultat) -> BlocEnfant:
    """What the pattern does to this child (primary key), in words, as it was written: with its ranks on the lists."""
    return blocs(apercu.realise(fait.evenements), fait.situation)[enfant]


def build_confirmation(
    apercu: ApercuPlanning, bloc: BlocEnfant, fait: Resultat, *, nom: str, retour: str, fil: tuple[tuple[str, str], ...]
) -> Apercu:
    """The page that asks to confirm the weekly pattern of the child of this name, once it is written (`fait`). `retour`
    is the address of « Ne rien changer »; `fil`, what leads to the page.

    Whether full moments join the waiting list is not part of what is confirmed: it is ticked on the page itself.
    """
    changes = [f"{nombre}, {quand}" for nombre, quand in bloc.changes]
    destinataires = recipients(fait.enregistrement) if fait.enregistrement else []
    prevenus = [user.first_name or user.email for user in destinataires]
    ajouts, compte = apercu.ajouts, compter(apercu)
    seuls = ajouts and not apercu.retraits
    verbe = f"Enregistrer {nombre_phrase(apercu.situation, ajouts)}" if seuls else "Enregistrer"
    exceptions = build_exceptions(apercu, bloc)
    [modele] = apercu.modeles.values()
    debut, fin = modele.debut, modele.fin
    rythme = rythme_phrase(apercu.situation, {modele.enfant}, modele.depuis, debut, fin)
    reste = f"Le reste de sa semaine ne change pas{NBSP}: {bloc.semaine}." if changes and bloc.semaine else ""
    consequence = "Personne de la famille n’a d’adresse e-mail\u00a0: dites-le-lui de vive voix."
    if prevenus or not fait.enregistrement:
        consequence = f"Un e-mail part à {et(prevenus)}, à votre nom." if prevenus else "Aucun e-mail ne part."
    return Apercu(
        template="mairie/familles/semaine_type_apercu.html",
        titre=f"Voici ce qui va changer pour {nom}",
        phrase=f"{f'{NBSP}; '.join(changes)}." if changes else f"Rien ne change au planning pour {nom}.",
        question=compte.phrase,
        suites=(Suite(verbe),),
        retour=retour,
        fil=fil,
        precision=f"Du {jour_annee(debut)} au {jour_annee(fin)}, {rythme}. {reste}",
        consequence=consequence,
        marque=f"{exceptions.complets} {exceptions.tard} {exceptions.passees} {sorted(apercu.fermes)}",
    )
