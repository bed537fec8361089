"""The closures to come that touch a family's children, in words: the banner of the home page and of the planning."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from enfance.jours_fermes import fermes_phrase, jours_fermes, moments_fermes
from enfance.natures import MOTS, MotsNature, NatureFermeture
from enfance.planning.cases import noms_enfants
from enfance.regles import FermetureVue, Situation
from portail.francais import NBSP, et, pluriel

PROCHE = timedelta(days=7)  # from then on the home page tells a closure in full, whoever put it away


@dataclass(frozen=True)
class Annonce:
    """A closure (`fermeture`, primary key) that touches these children: from which day to which, when in words, why,
    for whom if not for all; the words of its nature.
    """

    fermeture: int
    debut: date
    fin: date
    quand: str
    motif: str
    qui: str
    mots: MotsNature

    @property
    def phrase(self) -> str:
        """The closure in words, for a list: « mardi 15 décembre, soir (formation de l’équipe), pour Léa »; of a trip: «
        mardi 8 décembre, midi et soir, en sortie (musée), pour Léa ».
        """
        etat = "" if self.mots is MOTS[NatureFermeture.FERMETURE] else f", {self.mots.etat}"
        return f"{self.quand}{etat} ({self.motif}){self.qui}"

    @property
    def titre(self) -> str:
        """When it is, in short: « Fermé mardi 15 décembre, soir, pour Léa », « Sortie mardi 8 décembre »."""
        return f"{self.mots.titre} {self.quand}{self.qui}"

    @property
    def ligne(self) -> str:
        """The closure as a full sentence, for a banner: « Fermé mardi 15 décembre, soir, pour Léa : formation de
        l’équipe ».
        """
        return f"{self.titre}{NBSP}: {self.motif}"


def annonces(situation: Situation, seulement: Collection[int] = ()) -> list[Annonce]:
    """The closures to announce to this family, today's until it is over and those to come, the first to come first.

    A closure is announced when it touches a child: it covers the child's class, on a day and at a moment when the
    garderie would be open, whether or not the child was registered. With `seulement` (primary keys), only these
    children count.
    """
    noms = {pk: nom for pk, nom in noms_enfants(situation).items() if not seulement or pk in seulement}
    vues = []
    for fermeture in sorted(situation.annoncees, key=lambda f: (f.debut, f.fin)):
        jours = _jours(situation, fermeture)
        touches = [nom for pk, nom in noms.items() if any(_touches(situation, fermeture, pk, jour) for jour in jours)]
        if touches:
            quand = fermes_phrase(jours) + moments_fermes(fermeture.creneaux, situation.creneaux.values())
            qui = "" if len(touches) == len(noms) else f", pour {et(touches)}"
            vues.append(Annonce(fermeture.pk, jours[0], jours[-1], quand, fermeture.motif, qui, fermeture.mots))
    return vues


def partager(situation: Situation) -> tuple[list[Annonce], list[Annonce]]:
    """For the home page, two lists of closures: those that begin within a week, and the later ones whose announcement
    the parent has not hidden (« Masquer »).
    """
    toutes, limite = annonces(situation), situation.today + PROCHE
    loin = [annonce for annonce in toutes if annonce.debut > limite]
    proches = [annonce for annonce in toutes if annonce not in loin]
    return proches, [annonce for annonce in loin if annonce.fermeture not in situation.fermetures_lues]


def partager_mois(
    situation: Situation, debut: date, fin: date, seulement: Collection[int] = ()
) -> tuple[list[Annonce], list[Annonce]]:
    """For a page that shows the days from `debut` to `fin`, two lists of closures: those of these days, and the others.

    A closure whose announcement the parent has hidden is left out, unless it is one of the page's days and begins
    within a week. With `seulement` (primary keys), only these children count.
    """
    limite = situation.today + PROCHE
    toutes = annonces(situation, seulement)
    ici = [annonce for annonce in toutes if annonce.debut <= fin and annonce.fin >= debut]
    lues = situation.fermetures_lues
    return (
        [annonce for annonce in ici if annonce.debut <= limite or annonce.fermeture not in lues],
        [annonce for annonce in toutes if annonce not in ici and annonce.fermeture not in lues],
    )


def titre_limites(ici: Sequence[Annonce], ailleurs: Sequence[Annonce]) -> str:
    """The title of the foldable line above a month, which opens on the closures and the deadlines: « Fermé mardi 15
    décembre, soir, et 2 autres fermetures », those of the month (`ici`) before the others (`ailleurs`). Without a
    closure, « Jusqu’à quand changer un moment ».
    """
    if not (ici or ailleurs):
        return "Jusqu’à quand changer un moment"
    premiere, *autres = [*ici, *ailleurs]
    fermetures = all(annonce.mots is MOTS[NatureFermeture.FERMETURE] for annonce in (premiere, *autres))
    mots = "autre fermeture,autres fermetures" if fermetures else "autre annonce,autres annonces"
    suite = f", et {pluriel(len(autres), mots)}" if autres else ""
    return f"{premiere.titre}{suite}"


def _jours(situation: Situation, fermeture: FermetureVue) -> list[date]:
    """The days on which it takes something that is still to come from the garderie."""
    creneaux = [
        creneau
        for creneau in situation.creneaux.values()
        if (not fermeture.creneaux or creneau.pk in fermeture.creneaux)
        and (not fermeture.ecoles or fermeture.ecoles & situation.tenues.get(creneau.pk, fermeture.ecoles))
    ]
    return [
        jour
        for jour in jours_fermes(situation.calendrier, creneaux, max(fermeture.debut, situation.today), fermeture.fin)
        if not all(situation.is_over(jour, creneau) for creneau in creneaux if jour.weekday() in creneau.jours)
    ]


def _touches(situation: Situation, fermeture: FermetureVue, enfant: int, jour: date) -> bool:
    scolarite = situation.scolarite(enfant, jour)
    return scolarite is not None and any(
        fermeture.covers(jour, creneau.pk, scolarite) and situation.is_tenu(enfant, jour, creneau)
        for creneau in situation.creneaux.values()
        if jour.weekday() in creneau.jours
    )
