"""An absence noted by two at the same instant: one absence, one mail, no error."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.contrib.admin.models import LogEntry
from django_tasks_db.models import DBTaskResult

from enfance.famille.absences.ecriture import signaler
from enfance.mairie.familles.absence import DemandeAbsence, noter, reprendre
from enfance.models import Absence, Creneau, Inscription
from enfance.regles import Acteur
from portail.dates import PARIS
from tests.factories import AnneeFactory, ResponsableFactory, StaffFactory, make_creneaux, make_enfant
from tests.races import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.ci, pytest.mark.sqlite]
VENDREDI = date(2026, 12, 4)
MATIN = datetime(2026, 12, 4, 7, 40, tzinfo=PARIS)


@pytest.fixture
def camille(time_machine):
    time_machine.move_to(MATIN, tick=False)
    AnneeFactory()
    make_creneaux()
    return ResponsableFactory()


@pytest.fixture
def tom(camille):
    tom = make_enfant(camille, prenom="Tom")
    Inscription.objects.create(enfant=tom, jour=VENDREDI, creneau=Creneau.objects.get(code="midi"))
    return tom


def mails() -> int:
    return DBTaskResult.objects.filter(task_path__endswith="tell_absences").count()


def test_double_click_is_one_absence_and_one_mail(camille, tom):
    acteur = Acteur.guichet(StaffFactory().pk, camille.foyer)
    demande = DemandeAbsence([tom.pk], ["midi"], VENDREDI, VENDREDI, {})
    dites = at_once(*[lambda: noter(demande, acteur, now=MATIN)] * 3)
    assert [[dite.enfant.pk for dite in siennes] for siennes in dites] == [[tom.pk]] * 3
    assert (Absence.objects.count(), mails(), LogEntry.objects.count()) == (1, 1, 1)

    retirees = at_once(*[lambda: reprendre(acteur, tom.pk, VENDREDI, now=MATIN)] * 3)
    assert sorted(len(siennes) for siennes in retirees) == [0, 0, 1]
    assert (Absence.objects.standing().count(), mails(), LogEntry.objects.count()) == (0, 2, 2)


def test_parent_and_agent_at_once_are_one_absence(camille, tom):
    acteur = Acteur.guichet(StaffFactory().pk, camille.foyer)
    demande = DemandeAbsence([tom.pk], ["midi"], VENDREDI, VENDREDI, {})
    at_once(
        lambda: noter(demande, acteur, now=MATIN),
        lambda: signaler(Acteur.parent(camille), {tom.pk: ["midi"]}, VENDREDI, now=MATIN),
    )
    assert (Absence.objects.count(), mails()) == (1, 1)
