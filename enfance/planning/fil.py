"""The history of a family: its saves, and the absences that were told or taken back, latest first, by day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime

from django.db.models import Q

from accounts.models import User
from enfance.models import Absence, Enregistrement, Responsable
from enfance.planning.annulation import prevoir
from enfance.planning.historique import (
    PAGE,
    EntreeHistorique,
    JourHistorique,
    heure_de,
    jours_phrase,
    load_entrees,
    par_jour,
)
from portail.dates import PARIS
from portail.francais import NBSP

Porte = Enregistrement.Porte
GESTES = {"signalee": "absence signalée", "retiree": "absence retirée"}
LIENS = ("signalee_par__responsable", "retiree_par__responsable")


def load_historique(
    lecteur: Responsable | None,
    noms: Mapping[int, str],
    *,
    now: datetime,
    avant: int | None = None,
    page: int = PAGE,
) -> tuple[list[JourHistorique], int | None]:
    """The history of these children (names by primary key), by day, the latest first; and the reference to pass as
    `avant` for the older page, None on the last one.

    It holds the saves, `page` of them before the save `avant`, and the absences told or taken back in the same time.
    The town hall (`lecteur` None) reads all names.
    """
    entrees, suite = load_entrees(lecteur, noms, now=now, avant=avant, page=page)
    if lecteur:
        entrees = list(_foresee(entrees, lecteur, now))
    depuis = entrees[-1].quand if suite else None
    fin = Enregistrement.objects.filter(pk=avant).first() if avant else None
    absences = load_absences(lecteur, noms, depuis=depuis, jusqua=fin.quand if fin else None)
    return par_jour([*entrees, *absences], now.astimezone(PARIS).date()), suite


def _foresee(entrees: Iterable[EntreeHistorique], lecteur: Responsable, now: datetime) -> Iterator[EntreeHistorique]:
    """The same, each offering to undo what still can be, and saying what cannot."""
    entrees = list(entrees)
    references = [entree.reference for entree in entrees if entree.annulable]
    saves = Enregistrement.objects.filter(pk__in=references).select_related("annule_par") if references else []
    previsions = prevoir(saves, lecteur, now=now)
    for entree in entrees:
        prevision = previsions.get(entree.reference)
        if prevision is None:
            yield replace(entree, annulable="")
        else:
            yield replace(entree, annulable=entree.annulable if prevision.possible else "", perdus=prevision.perdus)


def load_absences(
    lecteur: Responsable | None, noms: Mapping[int, str], *, depuis: datetime | None, jusqua: datetime | None
) -> list[EntreeHistorique]:
    """The absences of these children that were told or taken back from `depuis` (included) to `jusqua` (excluded), None
    for no bound: one entry for all those of one gesture. Two queries, one without an absence.
    """
    absences = Absence.objects.filter(_between("signalee_le", depuis, jusqua) | _between("retiree_le", depuis, jusqua))
    groupes: dict[tuple[datetime, str, int | None], list[Absence]] = {}
    absences = absences.filter(enfant__in=noms).select_related(*LIENS).prefetch_related("creneaux")
    for absence in absences.order_by("jour", "pk"):
        for geste in GESTES:
            quand, par = getattr(absence, f"{geste}_le"), getattr(absence, f"{geste}_par_id")
            if quand and (depuis is None or quand >= depuis) and (jusqua is None or quand < jusqua):
                groupes.setdefault((quand, geste, par), []).append(absence)
    return [_entree(lecteur, noms, quand, geste, lignes) for (quand, geste, _), lignes in groupes.items()]


def _between(champ: str, depuis: datetime | None, jusqua: datetime | None) -> Q:
    bornes = {"isnull": False, "gte": depuis, "lt": jusqua}
    return Q(**{f"{champ}__{borne}": valeur for borne, valeur in bornes.items() if valeur is not None})


def _entree(
    lecteur: Responsable | None, noms: Mapping[int, str], quand: datetime, geste: str, absences: list[Absence]
) -> EntreeHistorique:
    auteur = getattr(absences[0], f"{geste}_par")
    return EntreeHistorique(
        reference=0,
        heure=heure_de(quand),
        qui=_qui(auteur, lecteur),
        voie=str((Porte.MAIRIE if auteur and auteur.is_staff else Porte.PORTAIL).label),  # agents are never erased
        icone="info",
        lignes=list(_phrases(noms, quand, GESTES[geste], absences)),
        motif="",
        annulable="",
        annule="",
        quand=quand,
    )


def _phrases(noms: Mapping[int, str], quand: datetime, fait: str, absences: list[Absence]) -> Iterator[str]:
    """« Léa : absence signalée, jeudi 10, matin et midi », one a child and moments, in the order of `noms`."""
    for pk, nom in noms.items():
        par_moments: dict[str, list[date]] = {}
        for absence in absences:
            if absence.enfant_id == pk:
                par_moments.setdefault(absence.moments, []).append(absence.jour)
        for moments, jours in par_moments.items():
            quels = jours_phrase(jours, quand.astimezone(PARIS).date())
            yield f"{nom}{NBSP}: {fait}, {quels}{f', {moments}' if moments else ''}"


def _qui(auteur: User | None, lecteur: Responsable | None) -> str:
    """Who did it, as `lecteur` may know it; the town hall (None) knows all names."""
    if auteur is None:
        return "L’autre foyer" if lecteur else "Un compte supprimé"
    if lecteur is None:
        return auteur.get_full_name() or str(auteur)
    if auteur.pk == lecteur.user_id:
        return "Vous"
    responsable = getattr(auteur, "responsable", None)
    if responsable is None:
        return "La mairie"
    return (
        auteur.first_name or "Un adulte de votre foyer" if responsable.foyer_id == lecteur.foyer_id else "L’autre foyer"
    )
