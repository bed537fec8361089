"""Saves and workers at the same instant: one mail is opened, and each save is told by exactly one."""

import re
from datetime import date, datetime, timedelta

import pytest
from django.core import mail
from django_tasks_db.models import DBTaskResult

from accounts.worker import Worker
from enfance.inscriptions import Changement, enregistrer
from enfance.models import Enregistrement
from enfance.planning.annulation import annuler
from enfance.regles import Acteur, Cle
from portail.dates import PARIS
from tests.enfance.annees import CALENDRIER
from tests.factories import AnneeFactory, ResponsableFactory, make_creneaux, make_enfant
from tests.races import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.ci, pytest.mark.sqlite]
NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)
CINQ = timedelta(minutes=5)
JOURS = list(CALENDRIER.jours_ecole(date(2026, 12, 7), date(2027, 7, 2)))


@pytest.fixture
def camille(time_machine, settings):
    settings.DAILY_TASKS = {}
    time_machine.move_to(NOW, tick=False)
    AnneeFactory()
    make_creneaux()
    return ResponsableFactory()


def save(camille, enfant, jour, creneau, now):
    voulu = [Changement(Cle(enfant.pk, jour, creneau), "inscrit")]
    return lambda: enregistrer(voulu, Acteur.parent(camille), now=now).enregistrement


def work():
    Worker(interval=0, batch=True).run()


def told():
    """Each reference that a mail tells, in all of them."""
    return sorted(
        int(numero)
        for message in mail.outbox
        for numero in re.findall(r"\d+", re.search(r"Références?([^.]*)\.", message.body)[1])
    )


@pytest.mark.parametrize("fois", [3, pytest.param(30, marks=pytest.mark.lent)])
def test_two_first_saves_at_once_open_one_mail(camille, fois):
    """They share no créneau, so that nothing else makes the second one wait."""
    enfants = [make_enfant(camille, prenom="Léa"), make_enfant(camille, prenom="Tom")]
    for tour in range(fois):
        now = NOW + tour * CINQ
        at_once(*(save(camille, e, JOURS[tour], c, now) for e, c in zip(enfants, ("matin", "soir"), strict=True)))
    assert DBTaskResult.objects.count() == fois
    assert Enregistrement.objects.filter(dit_avec=None).count() == fois


@pytest.mark.parametrize("fois", [5, pytest.param(50, marks=pytest.mark.lent)])
def test_a_save_at_the_last_second_is_told_once_whoever_is_first(camille, time_machine, fois):
    lea = make_enfant(camille, prenom="Léa")
    for tour in range(fois):
        now = NOW + tour * 3 * CINQ
        save(camille, lea, JOURS[tour], "matin", now)()
        time_machine.move_to(now + CINQ, tick=False)
        at_once(save(camille, lea, JOURS[tour], "soir", now + CINQ - timedelta(milliseconds=1)), work, work)
        time_machine.move_to(now + 2 * CINQ, tick=False)
        work()
    assert told() == sorted(Enregistrement.objects.values_list("pk", flat=True))
    assert not DBTaskResult.objects.exclude(status="SUCCESSFUL").exists()


@pytest.mark.parametrize("fois", [3, pytest.param(30, marks=pytest.mark.lent)])
def test_an_undoing_and_a_save_at_once_do_not_wait_for_each_other(camille, fois):
    lea, tom = make_enfant(camille, prenom="Léa"), make_enfant(camille, prenom="Tom")
    for tour in range(fois):
        now = NOW + tour * 2 * CINQ
        premier = save(camille, lea, JOURS[tour], "matin", now)()
        suite = save(camille, tom, JOURS[tour], "soir", now + timedelta(seconds=1))
        defait, fait = at_once(lambda r=premier.pk, n=now: annuler(r, camille, now=n + timedelta(seconds=1)), suite)
        assert (defait.refus, {defait.par.dit_avec_id, fait.dit_avec_id}) == ((), {premier.pk})
