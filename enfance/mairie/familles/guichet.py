"""What a family's planning says to the town hall alone: in which other home a child is, by its name; the weeks that
the page of a family opens on. Reads only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from enfance.models import Creneau, Foyer
from enfance.planning.mois import GrilleMois, Info, Semaine
from enfance.regles import Situation
from portail.dates import jour_court
from portail.francais import NBSP, et


def load_autres_foyers(situation: Situation, foyer: Foyer) -> dict[int, str]:
    """The names of the other homes where the children of this planning have a garde, by primary key, `foyer` left out;
    no query where there is none.
    """
    autres = {garde.foyer_id for gardes in situation.gardes.values() for garde in gardes} - {foyer.pk}
    foyers = Foyer.objects.filter(pk__in=autres).prefetch_related("responsables__user") if autres else ()
    return {autre.pk: str(autre) for autre in foyers}


def name_autres_foyers(grille: GrilleMois, situation: Situation, autres: Mapping[int, str]) -> None:
    """Add to each week of the grid which children are in another home, in which one of `autres`, and on which days."""
    grille.blocs = [
        replace(bloc, infos=[*bloc.infos, *_ailleurs(bloc, situation, autres)]) if isinstance(bloc, Semaine) else bloc
        for bloc in grille.blocs
    ]


def _ailleurs(semaine: Semaine, situation: Situation, autres: Mapping[int, str]) -> list[Info]:
    qui: dict[str, list[str]] = {}  # children by what there is to say of them
    for vu in semaine.enfants:
        jours: dict[str, list[str]] = {}
        for entete in semaine.jours:
            creneaux = [
                c
                for c in situation.creneaux.values()
                if entete.jour.weekday() in c.jours and situation.is_tenu(vu.enfant.pk, entete.jour, c)
            ]
            chez = [_foyer(situation, autres, vu.enfant.pk, entete.jour, creneau) for creneau in creneaux]
            for nom in dict.fromkeys(nom for nom in chez if nom):
                moments = [c.nom_court for c, sien in zip(creneaux, chez, strict=True) if sien == nom]
                partie = "" if len(moments) == len(creneaux) else f" ({et(moments)})"
                jours.setdefault(nom, []).append(f"{jour_court(entete.jour)}{partie}")
        for nom, quand in jours.items():
            entiere = len(quand) == len(semaine.jours) and not any("(" in jour for jour in quand)
            qui.setdefault(f"{nom}, {'toute la semaine' if entiere else et(quand)}", []).append(vu.enfant.nom)
    return [Info("maison", f"{et(noms)}{NBSP}: {texte}") for texte, noms in qui.items()]


def _foyer(situation: Situation, autres: Mapping[int, str], enfant: int, jour: date, creneau: Creneau) -> str:
    """The other home that has the child then; empty when it is here, or in none."""
    foyers = situation.foyers(enfant, jour, creneau)
    return autres[foyers[0]] if foyers and all(foyer in autres for foyer in foyers) else ""


def mois_of(premier: date) -> date:
    """The first day of the month whose page shows the week that begins on the Monday `premier`: the month of its
    Friday.
    """
    return (premier + timedelta(days=4)).replace(day=1)


def keep_semaines(grille: GrilleMois, premier: date) -> GrilleMois:
    """This grid of a month, changed to hold only the week that begins on the Monday `premier` and the next one, if the
    month shows it.
    """
    semaines = [s for s in grille.semaines if premier <= s.lundi <= premier + timedelta(weeks=1)]
    suites = [semaine.recopiable and semaine is not semaines[-1] for semaine in semaines]
    grille.blocs = [replace(semaine, recopiable=suite) for semaine, suite in zip(semaines, suites, strict=True)]
    return grille
