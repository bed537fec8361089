"""What a save told its author when it was made: kept in its own transaction, shown again as it was said.

Figures and days are kept, and the names that they went by; sentences are made of them. Nothing of it is asked again of
the planning, which may be anything since.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction

from enfance.inscriptions import Changement, Resultat, enregistrer
from enfance.models import Creneau, Evenement, EvenementRepas, Inscription, Recapitulatif
from enfance.models import RecapitulatifEnfant as Part
from enfance.planning.apercu import ApercuPlanning, periode_phrase
from enfance.planning.bilan import BlocEnfant, GardeMain, blocs
from enfance.planning.cases import ecoles_vues, noms_enfants
from enfance.planning.compte import CompteAnnee, compter, ecart_phrase
from enfance.planning.historique import (
    JOURS_NOMMES,
    jours_phrase,
    load_dits_annules,
    long_phrase,
    mot_repas,
    repas_genre,
    repas_texte,
    verbe,
)
from enfance.regles import Acteur, Cle, Situation
from portail.dates import MOIS, quantieme_mois
from portail.francais import NBSP, accord, de, et

Etat = Inscription.Etat
# What a weekly pattern left as it was, in days, by the key that receipts had before they had `annee`.
RESTES = {
    "tard": "trop tard pour changer",
    "mains": "gardé tel quel, changé à la main",
    "repas": "midi gardé, un repas y était commandé",
    "ailleurs": "chez l’autre parent, rien n’a changé",
}


# --- Kept -------------------------------------------------------------------------------------------------------------


def retenir(
    fait: Resultat,
    acteur: Acteur,
    situation: Situation | None,
    *,
    annee: tuple[ApercuPlanning, CompteAnnee | None] | None = None,
    restes: Mapping[int, Sequence[date]] | None = None,
    midi_reste: bool = False,
) -> None:
    """Keep what this save of a family says, in its transaction; `situation` is as it left it. `annee`: what became of
    a weekly pattern, and the count that its preview had said. Of meals: `restes`, the days without lunch break by
    child; `midi_reste`.
    """
    enregistrement, responsable = fait.enregistrement, acteur.responsable
    if enregistrement is None or responsable is None or situation is None:
        return
    evenements = with_dits(fait.evenements, situation)
    parts: dict[int, dict[str, Any]] = {}
    ecoles = ecoles_vues(situation)
    par_enfant = blocs(annee[0], situation) if annee else {}
    for pk, nom in noms_enfants(situation).items():
        siens = [evenement for evenement in evenements if evenement.enfant_id == pk]
        dits = [dit for dit in fait.repas if dit.enfant_id == pk]
        bloc = par_enfant.get(pk)
        if siens or dits or bloc:
            parts[pk] = {"nom": nom} | _changes(siens) | _dits(dits) | ({"bloc": asdict(bloc)} if bloc else {})
            if ecole := ecoles.get(pk):
                parts[pk]["ecole"] = ecole
            if jours := (restes or {}).get(pk):
                parts[pk]["sans_midi"] = _jours_json(jours)
    chiffres: dict[str, Any] = {"midi_reste": True} if midi_reste else {}
    if annee:
        chiffres["annee"] = _annee(*annee)
    recapitulatif = Recapitulatif.objects.create(
        enregistrement=enregistrement,
        auteur_id=responsable.user_id,
        courriel=responsable.user.email,
        chiffres=chiffres,
    )
    Part.objects.bulk_create(
        Part(recapitulatif=recapitulatif, enfant_id=pk, contenu=contenu) for pk, contenu in parts.items()
    )


def enregistrer_famille(
    changements: Iterable[Changement], acteur: Acteur, *, now: datetime, jours: tuple[date, date] | None = None
) -> Resultat:
    """`enregistrer` for a family, that is told afterwards what it said."""
    with transaction.atomic():
        fait = enregistrer(changements, acteur, now=now, jours=jours)
        retenir(fait, acteur, fait.situation)
    return fait


def with_dits(evenements: Iterable[Evenement], situation: Situation) -> list[Evenement]:
    """Each change also knows whether a meal stands on its day (`repas`), and whether its family said that it cancelled
    it (`repas_dit_annule`): one query, where a lunch break is taken away."""
    evenements = list(evenements)
    retires = [e for e in evenements if e.creneau.moment == Creneau.Moment.MIDI and e.apres == Etat.ANNULEE]
    dits = load_dits_annules(retires)
    for evenement in evenements:
        key = evenement.enfant_id, evenement.jour
        cle = Cle(*key, evenement.creneau.code)
        evenement.repas = situation.has_repas(cle)  # type: ignore[attr-defined]
        evenement.repas_dit_annule = key in dits  # type: ignore[attr-defined]
    return evenements


def _changes(evenements: Sequence[Evenement]) -> dict[str, Any]:
    """The changes of one child, by créneau and what became of it."""
    changements: dict[tuple[int, str, str], list[date]] = {}
    repas: dict[str, list[date]] = {}
    for evenement in sorted(evenements, key=lambda e: (e.creneau.ordre, e.jour)):
        key = evenement.creneau.ordre, evenement.creneau.nom_court, verbe(evenement)
        changements.setdefault(key, []).append(evenement.jour)
        if genre := repas_genre(evenement):
            repas.setdefault(genre, []).append(evenement.jour)
    return {
        "changements": [[nom, mot, _jours_json(jours)] for (_, nom, mot), jours in changements.items()],
        "repas": {genre: _jours_json(jours) for genre, jours in repas.items()},
        "attente": any(evenement.apres == Etat.ATTENTE for evenement in evenements),
    }


def _dits(dits: Sequence[EvenementRepas]) -> dict[str, Any]:
    jours = {annule: [dit.jour for dit in dits if dit.annule is annule] for annule in (True, False)}
    return {"dits": [[annule, len(siens), _jours_json(siens)] for annule, siens in jours.items() if siens]}


def _annee(apercu: ApercuPlanning, annonce: CompteAnnee | None) -> dict[str, Any]:
    modeles, compte = list(apercu.modeles.values()), compter(apercu)
    return {
        "compte": compte.phrase,
        "change": compte.change,
        "ecart": ecart_phrase(annonce, compte),
        "fin": max(modele.fin for modele in modeles).isoformat(),
        "periode": periode_phrase(apercu.situation, modeles),
        "jour": min([*apercu.ajouts, *apercu.retraits, *apercu.rejoints], key=lambda cle: cle.jour).jour.isoformat(),
    }


def _jours_json(jours: Collection[date]) -> list[Any]:
    """The days, or of many their number and ends: a year is as short as a week."""
    if len(jours) > JOURS_NOMMES:
        return [len(jours), min(jours).isoformat(), max(jours).isoformat()]
    return [jour.isoformat() for jour in sorted(jours)]


# --- Shown again ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class BlocVu:
    """A child by the name it went by, and what was said of it."""

    pk: int
    nom: str
    ecole: str
    bloc: BlocEnfant

    @property
    def titre(self) -> str:
        """« Léa », « Léa, École du Hameau »."""
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
        return [vu for vu in self.enfants if vu.bloc.nouveau]

    @property
    def restes(self) -> list[BlocVu]:
        """Those of whom something could not change."""
        return [vu for vu in self.enfants if vu.bloc.restes]

    @property
    def tard(self) -> bool:
        """For some of them it was too late."""
        return any(vu.bloc.tard for vu in self.enfants)

    @property
    def repas(self) -> bool:
        """For some of them a meal is ordered."""
        return any(vu.bloc.repas for vu in self.enfants)

    @property
    def mois(self) -> str:
        """The name of the first month that changed."""
        return MOIS[self.jour.month - 1]

    @property
    def gardes(self) -> list[tuple[BlocVu, GardeMain]]:
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
    """What was said of the children of these keys; None when none of them is left. `court`: days of one month alone
    leave its name out."""
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
