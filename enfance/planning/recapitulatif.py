"""What a save told its author when it was made, shown again as it was said.

Sentences are made of what `ecriture` kept of it. Nothing of it is asked again of the planning, which may be anything
since.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from enfance.models import Recapitulatif
from enfance.models import RecapitulatifEnfant as Part
from enfance.planning.bilan import BlocEnfant, GardeMain
from enfance.planning.historique import (
    jours_phrase,
    long_phrase,
    mot_repas,
    repas_texte,
)
from portail.dates import MOIS, quantieme_mois
from portail.francais import NBSP, accord, de, et

# What a weekly pattern left as it was, in days, by the key that receipts had before they had `annee`.
RESTES = {
    "tard": "trop tard pour changer",
    "mains": "gardé tel quel, changé à la main",
    "repas": "midi gardé, un repas y était commandé",
    "ailleurs": "chez l’autre parent, rien n’a changé",
}


@dataclass(frozen=True)
class BlocVu:
    """A child by the name it went by, and what was said of it."""

    pk: int
    nom: str
    ecole: str
    bloc: BlocEnfant

    @property
    def titre(self) -> str:
        """The child's name, with its school where the family has several: « Léa », « Léa, École du Hameau »."""
        return ", ".join(filter(None, [self.nom, self.ecole]))


@dataclass(frozen=True)
class AnneeVue:
    """What a weekly pattern told: its counts (`compte`; `change`, without the days that were kept), what was not as its
    preview had said, until when, the first day that changed, and the children.
    """

    compte: str
    change: str
    ecart: str
    fin: str
    periode: str
    jour: date
    enfants: list[BlocVu]

    @property
    def changes(self) -> list[BlocVu]:
        """The children for whom the weekly pattern changed something, or is another one than they followed."""
        return [vu for vu in self.enfants if vu.bloc.nouveau]

    @property
    def restes(self) -> list[BlocVu]:
        """The children for whom something could not change."""
        return [vu for vu in self.enfants if vu.bloc.restes]

    @property
    def tard(self) -> bool:
        """Whether some changes came too late for a child."""
        return any(vu.bloc.tard for vu in self.enfants)

    @property
    def repas(self) -> bool:
        """Whether a lunch break was kept for a child because a meal is ordered."""
        return any(vu.bloc.repas for vu in self.enfants)

    @property
    def mois(self) -> str:
        """The French name of the month of the first change: « décembre »."""
        return MOIS[self.jour.month - 1]

    @property
    def gardes(self) -> list[tuple[BlocVu, GardeMain]]:
        """The days kept because they were changed by hand, each beside its child."""
        return [(vu, garde) for vu in self.enfants for garde in vu.bloc.gardes]


@dataclass(frozen=True)
class RecapitulatifVu:
    """What was said, in words. `today` of `words_of` chooses between « mardi 8 » and « mardi 8 décembre ». `ecoles`: of
    children in several schools, « Léa : École du Bourg ».
    """

    courriel: str
    lignes: list[str]
    repas: list[str]
    attente: bool
    dits: int
    midi_reste: bool
    sans_midi: str
    annee: AnneeVue | None = None
    restes: Sequence[str] = ()  # of a weekly pattern, what could not change
    ecoles: Sequence[str] = ()
    caches: bool = field(default=False)  # a child that its author may no longer see is left out
    premier: date | None = None  # the first day told of


def words_of(recapitulatif: Recapitulatif, visibles: Collection[int], *, court: bool = False) -> RecapitulatifVu | None:
    """What a save told its author, in words, for the children of these primary keys; None when it says nothing of any
    of them.

    `court`: days that are all in the month of the first one are written without it, « mardi 8 ».
    """
    toutes = list(Part.objects.filter(recapitulatif=recapitulatif))
    parts = [part for part in toutes if part.enfant_id in visibles]
    if not any(part.contenu["changements"] or part.contenu["dits"] for part in parts):
        return None
    today = _premier(parts) if court else date.min
    lignes, dits, attente = [], 0, False
    repas: dict[str, dict[int, str]] = {}
    noms: dict[int, str] = {}
    manquent = []
    for rang, part in enumerate(parts):  # two parts of one child, of two files made one
        contenu, nom = part.contenu, part.contenu["nom"]
        noms[rang] = nom
        attente = attente or contenu["attente"]
        for creneau, mot, jours in contenu["changements"]:
            lignes.append(f"{nom}{NBSP}: {creneau} {mot}, {_jours_lus(jours, today)}")
        for annule, n, jours in contenu["dits"]:
            dits += n
            lignes.append(f"{nom}{NBSP}: {mot_repas(annule)}, {_jours_lus(jours, today)}")
            if not annule:
                repas.setdefault("repris", {})[rang] = _jours_lus(jours, today)
        for genre, jours in contenu["repas"].items():
            repas.setdefault(genre, {})[rang] = _jours_lus(jours, today)
        if jours := contenu.get("sans_midi"):
            manquent.append(f"{de(nom)} ({_jours_lus(jours, today)})")
    annee = _annee_vue(recapitulatif.chiffres, parts)
    return RecapitulatifVu(
        recapitulatif.courriel,
        lignes,
        repas_texte(repas, noms),
        attente,
        dits,
        recapitulatif.chiffres.get("midi_reste", False),
        f"Il manque la pause méridienne {et(manquent)}" if manquent else "",
        annee,
        _restes(recapitulatif.chiffres, parts, annee),
        [f"{c['nom']}{NBSP}: {c['ecole']}" for part in parts if (c := part.contenu).get("ecole")],
        len(parts) < len(toutes),
        _premier(parts),
    )


def _annee_vue(chiffres: Mapping[str, Any], parts: Sequence[Part]) -> AnneeVue | None:
    if (annee := chiffres.get("annee")) is None:
        return None
    return AnneeVue(
        annee["compte"],
        annee["change"],
        annee["ecart"],
        quantieme_mois(date.fromisoformat(annee["fin"])),
        annee["periode"],
        date.fromisoformat(annee["jour"]),
        [
            BlocVu(part.enfant_id, part.contenu["nom"], part.contenu.get("ecole", ""), _bloc_lu(bloc))
            for part in parts
            if (bloc := part.contenu.get("bloc"))
        ],
    )


def _restes(chiffres: Mapping[str, Any], parts: Sequence[Part], annee: AnneeVue | None) -> list[str]:
    """« Tom : 1 soir est complet : lundi 7 décembre »; of a receipt without `annee`, as it was kept then."""
    if annee:
        dits = [(vu.nom, phrase) for vu in annee.enfants for phrase in vu.bloc.restes]
        return [f"{nom}{NBSP}: {phrase[0].lower()}{phrase[1:]}" for nom, phrase in dits]
    semaines = [part.contenu.get("semaine", {}) for part in parts]
    lignes = [
        ligne for genre in ("deja", "complets", "autres") for semaine in semaines for ligne in semaine.get(genre, ())
    ]
    comptes = [(chiffres.get("restes", {}).get(genre), mots) for genre, mots in RESTES.items()]
    return [*lignes, *(f"{accord(n, 'jour')}{NBSP}: {mots}" for n, mots in comptes if n)]


def _bloc_lu(contenu: Mapping[str, Any]) -> BlocEnfant:
    return BlocEnfant(**{**contenu, "gardes": [GardeMain(**garde) for garde in contenu["gardes"]]})


def _premier(parts: Iterable[Part]) -> date:
    """The first day that is told of."""
    listes = [jours for part in parts for *_, jours in (*part.contenu["changements"], *part.contenu["dits"])]
    return min(date.fromisoformat(jours[1] if isinstance(jours[0], int) else jours[0]) for jours in listes)


def _jours_lus(jours: Sequence[Any], today: date) -> str:
    """« mardi 8 et vendredi 11 », « 159 jours du lundi 7 décembre au vendredi 2 juillet »."""
    if isinstance(jours[0], int):
        return long_phrase(jours[0], date.fromisoformat(jours[1]), date.fromisoformat(jours[2]))
    return jours_phrase([date.fromisoformat(jour) for jour in jours], today)
