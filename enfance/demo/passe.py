"""The months that a demonstration's school has behind it: the year before, and sheets closed day after day.

The bookings go through the writer, as those of the weeks around today do; the sheets of so many days are written at
once, as the gate would have left them.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import partial

from django.db.models import Count

from accounts.models import User
from enfance.calendrier import UN_JOUR, Calendrier
from enfance.demo import vie
from enfance.equipe.pointages import voir
from enfance.equipe.presences import load_constats
from enfance.mairie.annee import SUIVANTS, preparer_annee
from enfance.models import AnneeScolaire, Appel, Creneau, Enfant, Geste, Inscription, Pointage, Scolarite
from portail.dates import PARIS
from portail.groupes import EQUIPE, SECRETARIAT

MOIS_VECUS = 3  # before the one that the town hall has not dealt with yet
JOURS_D_UN_MOIS = 5  # of school at least: the first days of July are no month
TRAITE_LE = 10  # the day of a month by which the town hall has dealt with the one before
PRECEDENTS = {suivant: niveau for niveau, suivant in SUIVANTS.items()}


def mois_vecus(calendrier: Calendrier, today: date) -> list[date]:
    """The first days of the last months of school that are over and whose presences the town hall has dealt with (three
    at most), the oldest first.
    """
    dernier = (today - timedelta(days=TRAITE_LE)).replace(day=1)  # not dealt with yet
    mois: list[date] = []
    while len(mois) < MOIS_VECUS and dernier >= date(today.year - 1, 1, 1):
        fin = dernier - UN_JOUR
        dernier = fin.replace(day=1)
        if len(list(calendrier.jours_ecole(dernier, fin))) >= JOURS_D_UN_MOIS:
            mois.append(dernier)
    return mois[::-1]


def attend_last_year(annee: AnneeScolaire) -> None:
    """Create the school year before this one, if it is not there, and replace its pupils by those of this one who were
    at school then, a level below.
    """
    avant = preparer_annee(annee.debut.year - 1, annee.zone).annee
    Scolarite.objects.filter(annee=avant).delete()
    siennes = Scolarite.objects.filter(annee=annee).order_by("pk")
    Scolarite.objects.bulk_create(
        Scolarite(enfant_id=une.enfant_id, annee=avant, ecole_id=une.ecole_id, niveau=PRECEDENTS[une.niveau])
        for une in siennes
        if une.niveau in PRECEDENTS
    )


def keep_old_sheets(calendrier: Calendrier, depuis: date, jusqu_au: date) -> None:
    """Create the attendance sheets of the school days from `depuis` to `jusqu_au`, both included, all closed, with who
    came and left when; the secretary has seen their differences.
    """
    hasard = random.Random(13)  # noqa: S311 (nothing secret is drawn)
    auteur = User.objects.filter(groups__name=EQUIPE).order_by("pk").first()
    lus: dict[date, dict[int, list[int]]] = {jour: {} for jour in calendrier.jours_ecole(depuis, jusqu_au)}
    inscrits = Inscription.objects.inscrit().filter(jour__in=lus).order_by("enfant")
    for jour, cle, enfant in inscrits.values_list("jour", "creneau", "enfant"):
        lus[jour].setdefault(cle, []).append(enfant)
    creneaux = [(creneau, {ecole.pk for ecole in creneau.ecoles.all()}) for creneau in Creneau.objects.all()]
    eleves: dict[int, dict[int, list[int]]] = {}  # by year and school
    seuls = Enfant.objects.annotate(n=Count("gardes")).filter(n=1)  # of two foyers, nobody could say which one pays
    siennes = Scolarite.objects.filter(enfant__in=seuls).order_by("enfant")
    for annee, ecole, enfant in siennes.values_list("annee", "ecole", "enfant"):
        eleves.setdefault(annee, {}).setdefault(ecole, []).append(enfant)
    pointages, gestes, appels = [], [], []
    for jour, par_creneau in lus.items():
        par_ecole = eleves[vie.annee_of(jour).pk]
        for creneau, ecoles in creneaux:
            if jour.weekday() not in creneau.jours:
                continue
            tous = [enfant for ecole, eux in par_ecole.items() if not ecoles or ecole in ecoles for enfant in eux]
            eux = par_creneau.get(creneau.pk, [])
            debut, fin = (datetime.combine(jour, heure, tzinfo=PARIS) for heure in (creneau.debut, creneau.fin))
            appels.append(Appel(jour=jour, creneau=creneau, clos_le=fin + timedelta(minutes=30), clos_par=auteur))
            for geste in vie.taps(eux, partial(_others, tous, eux), creneau, debut, fin, hasard):
                if geste.quoi == Geste.Quoi.PRESENT:
                    pointage = Pointage(enfant_id=geste.enfant, jour=jour, creneau=creneau, present=True)
                    pointage.arrivee = pointage.arrivee_recue = geste.fait_le
                    pointages.append(pointage)
                else:
                    pointage.depart = pointage.depart_recu = geste.fait_le
                gestes.append((pointage, geste))
    Pointage.objects.bulk_create(pointages)
    Appel.objects.bulk_create(appels)
    Geste.objects.bulk_create(
        Geste(
            id=geste.id,
            pointage=pointage,
            quoi=geste.quoi,
            coche=True,
            fait_le=geste.fait_le,
            recu_le=geste.fait_le,
            auteur=auteur,
        )
        for pointage, geste in gestes
    )
    secretaire = User.objects.get(groups__name=SECRETARIAT)
    voir(load_constats(depuis, jusqu_au), secretaire, now=datetime.combine(jusqu_au, time(23), tzinfo=PARIS))


def _others(tous: Sequence[int], eux: Sequence[int]) -> list[int]:
    return sorted(set(tous) - set(eux))
