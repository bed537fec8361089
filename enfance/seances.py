"""What happened: who was booked, who came, who was said to be absent. A page that counts or shows rows starts here.

Days are dates in Paris. What was booked comes from `Inscription`, what the gate saw from `Pointage` and `Appel`, what a
parent told from `Absence`. Reads, never writes.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db.models import Case, CharField, Exists, OuterRef, Q, Value, When

from enfance.models import Absence, Appel, Inscription, Pointage, of_ecoles

Etat = Inscription.Etat
DE_LA_FEUILLE = {"jour": OuterRef("jour"), "creneau": OuterRef("creneau")}
DE_LA_SEANCE = {"enfant": OuterRef("enfant"), **DE_LA_FEUILLE}


def _close(**jours: date) -> Exists:
    return Exists(Appel.objects.clos().filter(**DE_LA_FEUILLE, **jours))


def _signalee(**jours: date) -> Exists:
    dites = Absence.objects.standing().filter(enfant=OuterRef("enfant"), jour=OuterRef("jour"), **jours)
    return Exists(dites.covering(OuterRef("creneau")))


def inscriptions(debut: date, fin: date) -> Any:
    """The inscriptions (a queryset) from `debut` to `fin`, both included, in any state, each annotated with whether the
    team marked the child as present (`venu`), whether the attendance sheet is closed (`close`) and whether a parent
    told the absence (`signalee`).
    """
    jours = {"jour__gte": debut, "jour__lte": fin}  # said of each table: else all the days of the other ones are read
    venu = Exists(Pointage.objects.filter(**DE_LA_SEANCE, present=True, **jours))
    lignes = Inscription.objects.between(debut, fin)
    return lignes.annotate(venu=venu, close=_close(**jours), signalee=_signalee(**jours))


def presences(debut: date, fin: date) -> Any:
    """The `Pointage` rows (a queryset) of the children whom the team marked as present from `debut` to `fin`, both
    included, each annotated with whether the child had a place (`inscrit`), whether the attendance sheet is closed
    (`close`) and whether a parent told an absence (`signalee`).
    """
    jours = {"jour__gte": debut, "jour__lte": fin}
    inscrit = Exists(Inscription.objects.inscrit().filter(**DE_LA_SEANCE, **jours))
    presents = Pointage.objects.filter(present=True, **jours)
    return presents.annotate(inscrit=inscrit, close=_close(**jours), signalee=_signalee(**jours))


def absences(debut: date, fin: date, ecoles: Collection[int] = (), *, moment: str = "") -> set[tuple[int, date]]:
    """The absences from `debut` to `fin`, both included, that parents told and did not take back, booked or not: pairs
    of child (primary key) and day.

    Of all the children, or of those of these schools (primary keys). With `moment`, only those of the whole day or of a
    créneau of this moment.
    """
    signalees = Absence.objects.standing().filter(jour__gte=debut, jour__lte=fin)
    if moment:
        signalees = signalees.filter(Q(creneaux=None) | Q(creneaux__moment=moment))
    return set((of_ecoles(signalees, ecoles) if ecoles else signalees).values_list("enfant", "jour"))


def presence_du_jour() -> Case:
    """An expression to annotate inscriptions: « présent », « absent » or « absence signalée »; empty while the sheet is
    open. An inscription that holds no place says « présent » or nothing.
    """
    return Case(
        When(Exists(Pointage.objects.filter(**DE_LA_SEANCE, present=True)), then=Value("présent")),
        When(~Q(etat=Etat.INSCRIT) | ~_close(), then=Value("")),
        When(_signalee(), then=Value("absence signalée")),
        default=Value("absent"),
        output_field=CharField(),
    )
