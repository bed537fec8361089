"""What a save told its author when it was made: kept in its own transaction, shown again as it was said.

Figures and days are kept, and the names that they went by; sentences are made of them. Nothing of it is asked again of
the planning, which may be anything since.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import BigIntegerField

from enfance.inscriptions import Changement, Resultat, enregistrer
from enfance.models import Creneau, Evenement, EvenementRepas, Inscription, Recapitulatif
from enfance.models import RecapitulatifEnfant as Part
from enfance.planning.apercu import (
    ApercuPlanning,
    BilanEnfant,
    a_savoir,
    bilans_apres,
    build_apercu,
    periode_phrase,
)
from enfance.planning.cases import ecoles_vues, noms_enfants
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
from enfance.planning.periodes import date_simple
from enfance.regles import Acteur, Cle, Situation
from enfance.semaine_modele import Modele
from portail.francais import NBSP, de, et
from portail.requetes import Inconnue, Requete

Etat = Inscription.Etat
RESTES = ("tard", "mains", "repas", "ailleurs")  # what stays as it was, counted for all the children together


# --- Kept -------------------------------------------------------------------------------------------------------------


def retenir(
    fait: Resultat,
    acteur: Acteur,
    situation: Situation | None,
    *,
    modeles: Sequence[Modele] = (),
    restes: Mapping[int, Sequence[date]] | None = None,
    midi_reste: bool = False,
) -> None:
    """Keep what this save of a family says, in its transaction; `situation` is as it left it, its days being those of
    `modeles` if it filled them. Of meals: `restes`, the days without lunch break by child; `midi_reste`.
    """
    enregistrement, responsable = fait.enregistrement, acteur.responsable
    if enregistrement is None or responsable is None or situation is None:
        return
    evenements = with_dits(fait.evenements, situation)
    parts: dict[int, dict[str, Any]] = {}
    ecoles = ecoles_vues(situation)
    for pk, nom in noms_enfants(situation).items():
        siens = [evenement for evenement in evenements if evenement.enfant_id == pk]
        dits = [dit for dit in fait.repas if dit.enfant_id == pk]
        if siens or dits:
            parts[pk] = {"nom": nom} | _changes(siens) | _dits(dits)
            if ecole := ecoles.get(pk):
                parts[pk]["ecole"] = ecole
            if jours := (restes or {}).get(pk):
                parts[pk]["sans_midi"] = _jours_json(jours)
    chiffres: dict[str, Any] = {"midi_reste": True} if midi_reste else {}
    if modeles := [modele for modele in modeles if modele.enfant in parts]:
        apres = build_apercu(situation, modeles)
        chiffres |= _semaine(apres, modeles, fait.evenements)
        for bilan in bilans_apres(apres, modeles, fait.evenements):
            parts[bilan.enfant.pk]["semaine"] = _part_semaine(apres, bilan)
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


def _semaine(apres: ApercuPlanning, modeles: Sequence[Modele], evenements: Iterable[Evenement]) -> dict[str, Any]:
    debut, savoir = min(evenement.jour for evenement in evenements), a_savoir(apres)
    return {
        "rempli": any(modele.boxes for modele in modeles),
        "fin": max(modele.fin for modele in modeles).isoformat(),
        "periode": periode_phrase(apres.situation, modeles),
        "mois": debut.replace(day=1).isoformat(),
        "restes": {genre: getattr(savoir, genre).nombre for genre in RESTES},
    }


def _part_semaine(apres: ApercuPlanning, bilan: BilanEnfant) -> dict[str, Any]:
    """What the pattern made of one child's planning, by créneau, and what stays as it was."""
    pk = bilan.enfant.pk

    def siens(cles: Iterable[Cle]) -> list[Cle]:
        return [cle for cle in cles if cle.enfant == pk]

    savoir = a_savoir(
        ApercuPlanning(
            apres.situation,
            [pk],
            complets=siens(apres.complets),
            attentes=siens(apres.attentes),
            autres=siens(apres.autres),
        )
    )
    return {
        "rang": bilan.enfant.rang,
        "lignes": [
            [ligne.creneau.titre, ligne.creneau.icone, ligne.creneau.couleur, ligne.plus, ligne.moins, ligne.inchanges]
            for ligne in bilan.lignes
        ],
        "deja": savoir.deja,
        "complets": savoir.complets.lignes,
        "autres": savoir.autres.lignes,
    }


def _jours_json(jours: Collection[date]) -> list[Any]:
    """The days, or of many their number and ends: a year is as short as a week."""
    if len(jours) > JOURS_NOMMES:
        return [len(jours), min(jours).isoformat(), max(jours).isoformat()]
    return [jour.isoformat() for jour in sorted(jours)]


# --- Shown again ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LigneVue:
    """A créneau in the planning that a pattern filled, as it was counted then."""

    titre: str
    icone: str
    couleur: str
    plus: int
    moins: int
    inchanges: int

    @property
    def creneau(self) -> LigneVue:
        return self

    @property
    def prevus(self) -> int:
        return self.plus + self.inchanges


@dataclass(frozen=True)
class EnfantRecapitule:
    """A child by the name it went by."""

    pk: int
    nom: str
    rang: int

    @property
    def initiale(self) -> str:
        return self.nom[0]


@dataclass(frozen=True)
class BilanVu:
    enfant: EnfantRecapitule
    lignes: list[LigneVue]

    @property
    def prevus(self) -> int:
        return sum(ligne.prevus for ligne in self.lignes)

    @property
    def resume(self) -> str:
        """« 22 ajouts, 18 retraits »."""
        comptes = (
            (sum(ligne.plus for ligne in self.lignes), "ajout"),
            (sum(ligne.moins for ligne in self.lignes), "retrait"),
        )
        mots = [f"{n}{NBSP}{mot}{'s' if n > 1 else ''}" for n, mot in comptes if n]
        return ", ".join(mots) or "rien ne change"


@dataclass(frozen=True)
class SemaineVue:
    """What a filled pattern told: how far, counted by child and créneau, and what stayed as it was."""

    rempli: bool
    fin: str
    periode: str
    mois: date
    bilans: list[BilanVu]
    restes: Mapping[str, int]
    deja: list[str]
    complets: list[str]
    autres: list[str]

    @property
    def reste(self) -> bool:
        """Whether something stayed as it was."""
        return bool(self.deja or self.complets or self.autres or any(self.restes.values()))


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
    semaine: SemaineVue | None = None
    ecoles: Sequence[str] = ()
    caches: bool = field(default=False)  # a child that its author may no longer see is left out


PARTS = Requete(lambda: Part.objects.filter(recapitulatif__pk=Inconnue("recapitulatif", BigIntegerField())))


def words_of(recapitulatif: Recapitulatif, visibles: Collection[int], *, court: bool = False) -> RecapitulatifVu | None:
    """What was said of the children of these keys; None when none of them is left. `court`: days of one month alone
    leave its name out."""
    toutes = list(PARTS({"recapitulatif": recapitulatif.pk}))
    parts = [part for part in toutes if part.enfant_id in visibles]
    if not parts:
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
    return RecapitulatifVu(
        recapitulatif.courriel,
        lignes,
        repas_texte(repas, noms),
        attente,
        dits,
        recapitulatif.chiffres.get("midi_reste", False),
        f"Il manque la pause méridienne {et(manquent)}" if manquent else "",
        _semaine_vue(recapitulatif.chiffres, parts),
        [f"{c['nom']}{NBSP}: {c['ecole']}" for part in parts if (c := part.contenu).get("ecole")],
        len(parts) < len(toutes),
    )


def _semaine_vue(chiffres: Mapping[str, Any], parts: Sequence[Part]) -> SemaineVue | None:
    siennes = [(part, semaine) for part in parts if (semaine := part.contenu.get("semaine"))]
    if not siennes:
        return None
    semaines = [semaine for _, semaine in siennes]
    return SemaineVue(
        chiffres["rempli"],
        date_simple(date.fromisoformat(chiffres["fin"])),
        chiffres["periode"],
        date.fromisoformat(chiffres["mois"]),
        [
            BilanVu(
                EnfantRecapitule(part.pk, part.contenu["nom"], semaine["rang"]),
                [LigneVue(*ligne) for ligne in semaine["lignes"]],
            )
            for part, semaine in siennes
        ],
        chiffres["restes"],
        [ligne for semaine in semaines for ligne in semaine["deja"]],
        [ligne for semaine in semaines for ligne in semaine["complets"]],
        [ligne for semaine in semaines for ligne in semaine["autres"]],
    )


def _premier(parts: Iterable[Part]) -> date:
    """The first day that is told of."""
    listes = [jours for part in parts for *_, jours in (*part.contenu["changements"], *part.contenu["dits"])]
    return min(date.fromisoformat(jours[1] if isinstance(jours[0], int) else jours[0]) for jours in listes)


def _jours_lus(jours: Sequence[Any], today: date) -> str:
    """« mardi 8 et vendredi 11 », « 159 jours du lundi 7 décembre au vendredi 2 juillet »."""
    if isinstance(jours[0], int):
        return long_phrase(jours[0], date.fromisoformat(jours[1]), date.fromisoformat(jours[2]))
    return jours_phrase([date.fromisoformat(jour) for jour in jours], today)
