"""A family's save through the one writer, and what it told its author, kept in its own transaction.

Figures and days are kept, and the names that they went by: `recapitulatif` makes sentences of them, as it was said.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from django.db import transaction

from enfance.inscriptions import Changement, Resultat, enregistrer
from enfance.models import Creneau, Evenement, EvenementRepas, Inscription, Recapitulatif
from enfance.models import RecapitulatifEnfant as Part
from enfance.planning.apercu import ApercuPlanning, periode_phrase
from enfance.planning.bilan import blocs
from enfance.planning.cases import ecoles_vues, noms_enfants
from enfance.planning.compte import CompteAnnee, compter, ecart_phrase
from enfance.planning.historique import (
    JOURS_NOMMES,
    load_dits_annules,
    repas_genre,
    verbe,
)
from enfance.regles import Acteur, Cle, Situation

Etat = Inscription.Etat


def retenir(
    fait: Resultat,
    acteur: Acteur,
    situation: Situation | None,
    *,
    annee: tuple[ApercuPlanning, CompteAnnee | None] | None = None,
    restes: Mapping[int, Sequence[date]] | None = None,
    midi_reste: bool = False,
) -> None:
    """Keep what the page says of this save, to show it again later as it was said; call it in the transaction of the
    save.

    `situation` is as the save left it. Of a weekly pattern, `annee`: the preview as it came true, and the count
    announced. Of meals, `restes`: the days without lunch break by child (primary key), and `midi_reste`: whether the
    lunch break of a cancelled meal is still booked. Nothing is kept when nothing changed, or when no parent acts.
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
    """Save these changes for a parent, and keep what the page says of them, in one transaction. `jours` widens the
    returned situation to the days that a page shows.
    """
    with transaction.atomic():
        fait = enregistrer(changements, acteur, now=now, jours=jours)
        retenir(fait, acteur, fait.situation)
    return fait


def with_dits(evenements: Iterable[Evenement], situation: Situation) -> list[Evenement]:
    """The same changes, as a list; on each, `repas` says whether a meal is ordered on its day, and `repas_dit_annule`
    whether the family said that it cancelled it. One query where a lunch break is taken away, else none.
    """
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
