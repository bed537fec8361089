"""The association's mail of each school morning: at its hour, once, of school days alone, late but never after noon."""

from datetime import date, time, timedelta
from threading import Barrier, Thread

import pytest
from django.core import mail
from django.core.mail import mailers
from django.db import connections
from django_tasks_db.models import DBTaskResult

from accounts.models import Passage, UndeliveredMail
from enfance.cantine import matin
from enfance.cantine.reglages import choisir_heure
from enfance.cantine.tasks import send_cantine
from enfance.inscriptions import Changement, enregistrer
from enfance.models import Creneau, Fermeture, Inscription, ListeRepas, ReglageCantine, Repas
from enfance.planning.repas import annuler
from enfance.regles import Acteur, Cle
from tests.enfance.cantine.matin import CANTINE, JEUDI, at, work
from tests.factories import ResponsableFactory, make_enfant
from tests.reading import plain

pytestmark = pytest.mark.django_db


def sent():
    return [plain(message.subject) for message in mail.outbox]


RIEN = "Cantine du jeudi 3 décembre : 0 repas, 0 écart"


# --- When -------------------------------------------------------------------------------------------------------------


def test_mail_leaves_at_the_hour_chosen_and_once(clock, huit_heures):
    work(clock, at(5), at(7, 59))
    assert sent() == []
    work(clock, at(8), at(8, 1), at(9), at(11))
    assert sent() == [RIEN]
    assert mail.outbox[0].to == [CANTINE]
    assert ReglageCantine.objects.get().dernier_courriel == at(8)


@pytest.mark.parametrize(
    ("instant", "mails"),
    [(at(9, 30), [RIEN]), (at(11, 59), [RIEN]), (at(12), []), (at(18), [])],
)
def test_worker_that_comes_late_sends_the_same_morning_alone(clock, huit_heures, instant, mails):
    work(clock, instant)
    assert sent() == mails


@pytest.mark.parametrize(
    ("instant", "mails"),
    [
        (at(9, 30), [RIEN]),
        (at(12), []),
        (at(8, jour=date(2026, 12, 4)), ["Cantine du vendredi 4 décembre : 0 repas, 0 écart"]),
    ],
)
def test_worker_that_stops_before_the_hour_does_not_lose_it(clock, huit_heures, instant, mails):
    work(clock, at(5))  # then nobody passes until…
    work(clock, instant)
    assert sent() == mails


@pytest.mark.parametrize(
    ("back", "mails"),
    [
        ([at(0, 30)], []),  # yesterday's is nobody's any more, today's has not come
        ([at(0, 30), at(5), at(7, 59)], []),
        ([at(0, 30), at(5), at(8), at(8, 1)], [RIEN]),
        ([at(0, 30), at(9), at(11)], [RIEN]),  # down again until 9 h
        ([at(4, 59), at(5), at(8), at(8, 1)], [RIEN]),
        ([at(0, 30), at(12)], []),
    ],
)
def test_worker_back_in_the_night_sends_at_the_hour_and_once(clock, huit_heures, back, mails):
    """The passage that was missed is made up before 5 h, and plans the same mail as that of 5 h."""
    Passage.objects.create(job="enfance.cantine.tasks.plan_cantine", done_at=at(5, jour=date(2026, 12, 1)))
    work(clock, *back)
    assert sent() == mails


@pytest.mark.parametrize("jour", [date(2026, 12, 2), date(2026, 12, 5), date(2026, 11, 11), date(2026, 12, 24)])
def test_day_without_school_has_no_mail(clock, huit_heures, jour):
    work(clock, at(5, jour=jour), at(8, jour=jour))
    assert sent() == []


def test_weekday_of_school_without_lunch_break_has_no_mail(clock, huit_heures):
    Creneau.objects.filter(code="midi").update(jeudi=False)
    work(clock, at(5), at(8))
    assert sent() == []


def test_each_school_morning_has_its_own(clock, huit_heures):
    for jour in (JEUDI, date(2026, 12, 4), date(2026, 12, 5), date(2026, 12, 7)):
        work(clock, at(5, jour=jour), at(8, jour=jour))
    assert [subject[:22] for subject in sent()] == [
        "Cantine du jeudi 3 déc", "Cantine du vendredi 4 ", "Cantine du lundi 7 déc"
    ]  # fmt: skip


@pytest.mark.parametrize("heure", [None, time(8)])
def test_nothing_leaves_without_hour_or_address(clock, agent, settings, heure):
    settings.CANTINE_COURRIEL = "" if heure else CANTINE
    choisir_heure(heure, agent.pk)
    work(clock, at(5), at(8), at(9))
    assert sent() == []


def test_nothing_leaves_before_anybody_chose(clock):
    work(clock, at(5), at(8), at(9))
    assert sent() == []


# --- An hour that moves -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heure", "chosen_at", "sent_at"),
    [
        (time(7), at(6), at(7)),  # sooner
        (time(10), at(7), at(10)),  # later
        (time(7), at(7, 30), at(7, 30)),  # sooner than now: at once
        (None, at(7), None),
        (time(7), at(9), at(8)),  # it has left already
    ],
)
def test_hour_chosen_in_the_morning_is_that_of_the_day(clock, huit_heures, agent, heure, chosen_at, sent_at):
    minutes = [at(5) + timedelta(minutes=n) for n in range(0, 7 * 60, 10)]
    work(clock, *[minute for minute in minutes if minute < chosen_at])
    clock.move_to(chosen_at, tick=False)
    choisir_heure(heure, agent.pk)
    work(clock, *[minute for minute in minutes if minute >= chosen_at])
    assert (len(mail.outbox), ReglageCantine.objects.get().dernier_courriel) == (int(sent_at is not None), sent_at)


def test_hour_chosen_in_the_afternoon_is_for_tomorrow(clock, agent):
    clock.move_to(at(15), tick=False)
    choisir_heure(time(8), agent.pk)
    work(clock, at(15), at(8, jour=date(2026, 12, 4)))
    assert [subject[:21] for subject in sent()] == ["Cantine du vendredi 4"]


def test_mail_that_another_task_takes_between_the_look_and_the_taking_is_left_to_it(clock, huit_heures, monkeypatch):
    look = matin.depart

    def depart(adresse, *, now):
        vu = look(adresse, now=now)
        ReglageCantine.objects.update(dernier_courriel=now)  # the other task, at the same instant
        return vu

    monkeypatch.setattr(matin, "depart", depart)
    assert matin.take(JEUDI, now=at(8)) is None


@pytest.mark.django_db(transaction=True)
def test_two_tasks_at_once_send_one_mail(clock, huit_heures):
    clock.move_to(at(8), tick=False)
    barrier, taken = Barrier(2, timeout=30), []

    def take():
        try:
            barrier.wait()
            taken.append(matin.take(JEUDI, now=at(8)))
        finally:
            connections.close_all()

    threads = [Thread(target=take) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(taken, key=lambda envoi: envoi is None) == [matin.Envoi(JEUDI, None), None]


# --- What it says -----------------------------------------------------------------------------------------------------


def text():
    return " ".join(plain(mail.outbox[-1].body).split())


def lived():
    """Léa eats and is registered, Tom eats and is not; Lina is registered since the last mail."""
    parent = ResponsableFactory()
    lea, tom, lina = (
        make_enfant(parent, prenom=prenom, sexe=sexe) for prenom, sexe in (("Léa", "f"), ("Tom", "m"), ("Lina", "f"))
    )
    lea.pai = lea.pai_cantine = True
    lea.consigne = "Allergie à l’arachide"
    lea.save()
    liste = ListeRepas.objects.create(debut=JEUDI, fin=date(2026, 12, 18), importee_le=at(18, jour=date(2026, 11, 30)))
    Repas.objects.bulk_create(Repas(enfant=enfant, jour=JEUDI, liste=liste) for enfant in (lea, tom))
    for enfant, jour, now in [
        (lea, JEUDI, at(20, jour=date(2026, 11, 20))),
        (lina, date(2026, 12, 7), at(20, jour=date(2026, 12, 2))),
    ]:
        change = Changement(Cle(enfant.pk, jour, "midi"), Inscription.Etat.INSCRIT)
        assert enregistrer([change], Acteur.parent(parent), now=now).refus == ()
    DBTaskResult.objects.all().delete()


def test_mail_says_who_eats_where_it_disagrees_and_what_changed(clock, huit_heures, settings):
    lived()
    ReglageCantine.objects.update(dernier_courriel=at(8, jour=date(2026, 12, 1)))
    Fermeture.objects.create(debut=date(2026, 12, 15), fin=date(2026, 12, 15), motif="grève")
    work(clock, at(8))
    assert sent() == ["Cantine du jeudi 3 décembre : 2 repas, 1 écart"]
    for words in [
        "CE1-CE2 Mme Sorbier : 2, dont 1 pas inscrit",
        "- MOREL Tom, CE1-CE2 Mme Sorbier : mange, pas inscrit",
        "Changements depuis mardi 1er décembre à 8 h - MOREL Lina, CE1-CE2 Mme Sorbier : inscrite lundi 7",
        "- mardi 15 décembre (grève)",
        "Mangent et sont inscrits (1) - MOREL Léa, CE1-CE2 Mme Sorbier",
        f"{settings.SITE_URL}/cantine/2026-12-03/",
    ]:
        assert words in text()


def test_mail_says_the_meals_that_families_say_they_cancelled(clock, huit_heures):
    lived()
    ReglageCantine.objects.update(dernier_courriel=at(8, jour=date(2026, 12, 1)))
    lea = Repas.objects.first().enfant
    liste = ListeRepas.objects.get()
    Repas.objects.create(enfant=lea, jour=date(2026, 12, 8), liste=liste)
    acteur = Acteur.parent(lea.responsables.get())
    assert annuler([Cle(lea.pk, date(2026, 12, 8), "midi")], acteur, now=at(20, jour=date(2026, 12, 2))).refus == ()
    DBTaskResult.objects.all().delete()
    work(clock, at(8))
    for words in [
        "Repas dits annulés, jours suivants - mardi 8 décembre : MOREL Léa, CE1-CE2 Mme Sorbier",
        "- MOREL Léa, CE1-CE2 Mme Sorbier : repas dit annulé mardi 8",
    ]:
        assert words in text()


def test_mail_holds_no_health_and_nothing_of_the_family(clock, huit_heures):  # RGP-05
    lived()
    work(clock, at(8))
    (html,) = [part.content for part in mail.outbox[0].alternatives]
    for word in ["llergie", "PAI", "rachide", "Camille", "courriel.example", "Tilleuls"]:
        assert (word in mail.outbox[0].body, word in html) == (False, False)


def test_first_mail_tells_no_change(clock, huit_heures):
    lived()
    work(clock, at(8))
    assert "Changements depuis" not in text()


def test_mail_of_a_closed_day_says_why(clock, huit_heures):
    Fermeture.objects.create(debut=JEUDI, fin=JEUDI, motif="neige")
    work(clock, at(8))
    assert sent() == ["Cantine du jeudi 3 décembre : pas de pause méridienne"]
    assert "Pause méridienne fermée (neige)." in text()


# --- What cannot leave ------------------------------------------------------------------------------------------------


@pytest.fixture
def panne(monkeypatch):
    def fail(*args, **kwargs):
        raise OSError

    monkeypatch.setattr(mailers["default"].__class__, "send_messages", fail)
    return monkeypatch


def test_mail_that_fails_is_tried_again_then_left_to_the_town_hall(clock, huit_heures, agent, panne):
    ReglageCantine.objects.update(dernier_courriel=at(8, jour=date(2026, 12, 1)))
    work(clock, *(at(5) + timedelta(seconds=30 * n) for n in range(0, 14 * 120, 20)))
    assert (sent(), DBTaskResult.objects.filter(task_path=send_cantine.module_path).count()) == ([], 5)
    failure = UndeliveredMail.objects.get()
    assert (failure.user, plain(failure.mail)) == (agent, RIEN)
    assert ReglageCantine.objects.get().dernier_courriel == at(8, jour=date(2026, 12, 1))


def test_mail_that_leaves_at_its_second_try_is_one(clock, huit_heures, panne):
    work(clock, at(8))
    panne.undo()
    work(clock, at(8, 1), at(8, 3), at(9, 30))
    assert sent() == [RIEN]


def test_attempt_that_comes_after_noon_is_dropped_and_no_mail_is_thought_to_have_left(clock, huit_heures, panne):
    work(clock, at(8))
    panne.undo()
    work(clock, at(14))
    assert (sent(), ReglageCantine.objects.get().dernier_courriel) == ([], None)
