"""Until when a day may be changed, and the next limit that comes: what the pages say of them. Reads, never writes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from enfance import delais
from enfance.models import Creneau
from enfance.planning.cases import Case
from enfance.regles import Action, Situation, Tardive
from portail.dates import jour_court
from portail.francais import NBSP, et


@dataclass(frozen=True)
class Limite:
    """The next limit: when in words, and for which day; why it is later than usual, where the portal did not answer."""

    quand: str
    pour: str
    reportee: str = ""


def jour_limite(situation: Situation, jour: date) -> datetime:
    """The instant of the next deadline for this day, over the créneaux that are the parent's own (or all, if none is);
    the last one when all have passed.

    For a day without any créneau, now: nothing of it can change any more.
    """
    creneaux = [creneau for creneau in situation.creneaux.values() if jour.weekday() in creneau.jours]
    return _limite(situation, jour, _siens(situation, jour) or creneaux)


def puis_phrase(situation: Situation, jour: date) -> str:
    """What follows the limit of this day where a parent may still book late then: « , puis + 2,00 € jusqu’à jeudi 10, 8
    h », with its créneaux where some of the parent's own have no second limit; empty where none has one.
    """
    siens = _siens(situation, jour)
    lots: dict[Tardive, list[str]] = {}
    for creneau in siens:
        if tardive := situation.tardive(jour, creneau):
            lots.setdefault(tardive, []).append(creneau.nom_court)
    return "".join(
        f", puis {f'{et(noms)}{NBSP}: ' if len(noms) < len(siens) else ''}{tardive.supplement.long} "
        f"jusqu’à {delais.avant_phrase(tardive.jusqu_a, situation.today)}"
        for tardive, noms in lots.items()
    )


def tardives_phrases(situation: Situation, cases: Iterable[Case]) -> Iterator[str]:
    """Until when each of these boxes may still be booked late, a sentence for each day and limit: « Mardi 8, soir : en
    retard, + 2,00 € jusqu’à demain, 8 h ».
    """
    lots: dict[tuple[date, Tardive], list[str]] = {}
    for case in cases:
        creneau = situation.creneaux[case.cle.creneau]
        if case.tardif and (tardive := situation.tardive(case.cle.jour, creneau)):
            noms = lots.setdefault((case.cle.jour, tardive), [])
            if creneau.nom_court not in noms:
                noms.append(creneau.nom_court)
    for (jour, tardive), noms in sorted(lots.items(), key=lambda lot: lot[0][0]):
        en_ordre = [creneau.nom_court for creneau in situation.creneaux.values() if creneau.nom_court in noms]
        quand = f"{jour_court(jour).capitalize()}, {et(list(dict.fromkeys(en_ordre)))}"
        jusqu_a = delais.avant_phrase(tardive.jusqu_a, situation.today)
        yield f"{quand}{NBSP}: en retard, {tardive.supplement.long} jusqu’à {jusqu_a}"


def report_jour(situation: Situation, jour: date) -> str:
    """That the next deadline of this day (`jour_limite`) moved because the portal did not answer, in words, as « limite
    reportée à 18 h 50 : … »; empty where no silence moved it.
    """
    if not situation.calendrier.silences:
        return ""
    creneaux = [creneau for creneau in situation.creneaux.values() if jour.weekday() in creneau.jours]
    limite = jour_limite(situation, jour)
    reports = (
        situation.report(jour, creneau, action)
        for creneau in _siens(situation, jour) or creneaux
        for action in Action
        if situation.limite(jour, creneau, action) == limite
    )
    return next((report.phrase_on(situation.today) for report in reports if report), "")


def prochaine_limite(situation: Situation, fin: date) -> Limite | None:
    """The first deadline still to come, among the school days up to `fin` on which a child is at this parent's; None
    when there is none.
    """
    limites = [
        (limite, jour)
        for jour in situation.calendrier.jours_ecole(situation.today, fin)
        if (siens := _siens(situation, jour)) and (limite := _limite(situation, jour, siens)) > situation.now
    ]
    if not limites:
        return None
    limite, jour = min(limites)
    return Limite(delais.avant_phrase(limite, situation.today), jour_court(jour), report_jour(situation, jour))


def _siens(situation: Situation, jour: date) -> list[Creneau]:
    """The créneaux of that day that are the parent's own."""
    creneaux = [creneau for creneau in situation.creneaux.values() if jour.weekday() in creneau.jours]
    return [creneau for creneau in creneaux if situation.is_siens(jour, creneau)]


def _limite(situation: Situation, jour: date, creneaux: Collection[Creneau]) -> datetime:
    limites = [situation.limite(jour, creneau, action) for creneau in creneaux for action in Action]
    a_venir = [limite for limite in limites if limite > situation.now]
    return min(a_venir) if a_venir else max(limites, default=situation.now)
