"""Reminders: the evening before the limit, once, of something to decide; stopped in one click from the mail."""

import re
from datetime import date, datetime, time, timedelta
from functools import partial

import pytest
from django.conf import settings as portail_settings
from django.core import mail
from django.core.mail import mailers
from django_tasks_db.models import DBTaskResult

from accounts import worker
from accounts.models import Passage
from enfance.courriels import rappel, tasks
from enfance.inscriptions import Changement, enregistrer
from enfance.models import Creneau, Fermeture, Garde, Inscription, Rappel, RegleDelai
from enfance.regles import Acteur, Cle
from portail.dates import PARIS
from tests.factories import AnneeFactory, FoyerFactory, ResponsableFactory, make_creneaux, make_enfant
from tests.races import at_once
from tests.reading import body_of, plain

pytestmark = pytest.mark.django_db
JEUDI = datetime(2026, 12, 3, 18, tzinfo=PARIS)  # the limit of Monday 7 is on Friday 4, 12 h
LUNDI = date(2026, 12, 7)
Etat = Inscription.Etat


@pytest.fixture
def camille(time_machine):
    time_machine.move_to(JEUDI, tick=False)
    AnneeFactory()
    make_creneaux()
    return ResponsableFactory(user__first_name="Camille", rappel=True)


@pytest.fixture
def lea(camille):
    return make_enfant(camille, prenom="Léa")


def passage(now=JEUDI):
    """What the worker does of the day's work and of what follows from it."""
    worker.enqueue_daily(now=now)
    while rows := list(DBTaskResult.objects.filter(status="READY", task_path__startswith="enfance.")):
        for row in rows:
            DBTaskResult.objects.filter(pk=row.pk).update(status="SUCCESSFUL")
            row.task.func(*row.args_kwargs["args"], **row.args_kwargs["kwargs"])


def save(responsable, enfant, jour, *creneaux, now=JEUDI - timedelta(days=20)):
    changements = [Changement(Cle(enfant.pk, jour, creneau), Etat.INSCRIT) for creneau in creneaux]
    assert enregistrer(changements, Acteur.parent(responsable), now=now).refus == ()
    DBTaskResult.objects.all().delete()


def test_reminder_says_what_is_planned_and_until_when(camille, lea):
    tom = make_enfant(camille, prenom="Tom", date_naissance=date(2022, 1, 1))
    save(camille, lea, LUNDI, "matin", "midi", "soir")
    save(camille, tom, LUNDI, "midi")
    passage()
    [message] = mail.outbox
    assert message.to == [camille.user.email]
    assert plain(message.subject) == "Garderie du lundi 7 : à modifier avant vendredi 4 décembre, 12 h"
    body = " ".join(body_of(message).split())
    for words in [
        "Bonjour Camille,",
        "Voici ce qui est prévu lundi 7 décembre :",
        "Léa : matin, midi, soir",
        "Tom : midi",
        "À modifier avant le vendredi 4 décembre, 12 h :",
        "/jour/2026-12-07/",
        "C’est juste ? Vous n’avez rien à faire.",
        "Le régler ou l’arrêter :",
    ]:
        assert words in body


def test_reminder_is_of_the_evening_before_by_the_worker_alone(camille, lea):
    assert portail_settings.DAILY_TASKS["enfance.courriels.tasks.send_rappels"] == time(18)
    passage(JEUDI - timedelta(seconds=1))
    assert mail.outbox == []
    passage(JEUDI)
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    ("evening", "days"),
    [
        (datetime(2026, 12, 2, 18, tzinfo=PARIS), [4]),
        (datetime(2026, 12, 3, 18, tzinfo=PARIS), [7]),
        (datetime(2026, 12, 4, 18, tzinfo=PARIS), []),
        (datetime(2026, 12, 5, 18, tzinfo=PARIS), []),
        (datetime(2026, 12, 6, 18, tzinfo=PARIS), [8]),
        (datetime(2026, 12, 18, 18, tzinfo=PARIS), []),  # the holidays begin
        (datetime(2026, 12, 31, 18, tzinfo=PARIS), [4]),  # their last working day is the limit of the 4th of January
    ],
)
def test_day_is_reminded_of_on_the_eve_of_its_limit(camille, evening, days):
    assert [jour.day for jour in rappel.jours_a_rappeler(now=evening)] == days


@pytest.mark.parametrize(
    ("regle", "evening", "days"),
    [
        ({"genre": "jours", "nombre": 0, "heure": time(7)}, datetime(2026, 12, 6, 18, tzinfo=PARIS), [7]),
        ({"genre": "jours", "nombre": 1, "heure": time(0)}, datetime(2026, 12, 4, 18, tzinfo=PARIS), [7]),  # minuit
        (
            {"genre": "semaine", "nombre": 1, "jour_semaine": 1, "heure": time(23, 59)},
            datetime(2026, 12, 7, 18, tzinfo=PARIS),
            [14, 15, 17, 18],
        ),
        (
            {"genre": "semaine", "nombre": 1, "jour_semaine": 1, "heure": time(23, 59)},
            datetime(2026, 12, 8, 18, tzinfo=PARIS),  # the passage of the 7th was missed
            [14, 15, 17, 18],
        ),
    ],
)
def test_every_kind_of_limit_has_its_eve(camille, regle, evening, days):
    vide = {"nombre": None, "jour_semaine": None}
    RegleDelai.objects.update(**vide | regle)
    assert [jour.day for jour in rappel.jours_a_rappeler(now=evening)] == days


@pytest.mark.parametrize(
    ("regle", "now", "days"),
    [
        # Made up for before 18 h: what closes later today, not tomorrow's limits, which this evening tells.
        ({}, datetime(2026, 12, 4, 8, tzinfo=PARIS), [7]),
        ({}, datetime(2026, 12, 4, 0, 0, tzinfo=PARIS), [7]),
        ({}, datetime(2026, 12, 4, 11, 59, 59, tzinfo=PARIS), [7]),
        ({}, datetime(2026, 12, 4, 12, tzinfo=PARIS), []),  # too late
        ({}, datetime(2026, 12, 3, 8, tzinfo=PARIS), [4]),  # and not the 7th, whose limit is tomorrow
        ({}, datetime(2026, 12, 3, 17, 59, 59, tzinfo=PARIS), []),
        ({"genre": "jours", "nombre": 0, "heure": time(7)}, datetime(2026, 12, 7, 6, 59, tzinfo=PARIS), [7]),
        ({"genre": "jours", "nombre": 0, "heure": time(7)}, datetime(2026, 12, 7, 7, tzinfo=PARIS), []),
        ({"genre": "jours", "nombre": 1, "heure": time(0)}, datetime(2026, 12, 5, 8, tzinfo=PARIS), [7]),  # minuit
        ({"genre": "jours", "nombre": 1, "heure": time(0)}, datetime(2026, 12, 4, 8, tzinfo=PARIS), []),
        # The day of 23 hours, that of 25, and the mornings after them.
        ({"genre": "jours", "nombre": 2, "heure": time(12)}, datetime(2027, 3, 28, 8, tzinfo=PARIS), [30]),
        ({"genre": "jours", "nombre": 2, "heure": time(12)}, datetime(2027, 3, 29, 8, tzinfo=PARIS), []),
        ({"genre": "jours", "nombre": 1, "heure": time(12)}, datetime(2027, 3, 29, 8, tzinfo=PARIS), [30]),
        ({"genre": "jours", "nombre": 8, "heure": time(12)}, datetime(2026, 10, 25, 8, tzinfo=PARIS), [2]),
        ({"genre": "jours", "nombre": 8, "heure": time(12)}, datetime(2026, 10, 25, 17, 59, tzinfo=PARIS), []),
        ({"genre": "jours", "nombre": 7, "heure": time(12)}, datetime(2026, 10, 26, 8, tzinfo=PARIS), [2]),
    ],
)
def test_passage_of_the_morning_tells_what_closes_today(camille, regle, now, days):
    if regle:
        RegleDelai.objects.update(**{"nombre": None, "jour_semaine": None} | regle)
    assert [jour.day for jour in rappel.jours_a_rappeler(now=now)] == days


def test_reminder_of_a_worker_down_over_midnight_is_made_up_in_the_morning(camille, lea, time_machine):
    def pass_at(*when):
        time_machine.move_to(datetime(*when, tzinfo=PARIS), tick=False)
        passage(datetime(*when, tzinfo=PARIS))
        return [plain(message.subject)[:21] for message in mail.outbox]

    assert pass_at(2026, 12, 1, 18) == ["Garderie du jeudi 3 :"]  # then nobody until Thursday, 8 h: that of the 4th
    assert pass_at(2026, 12, 3, 8) == ["Garderie du jeudi 3 :", "Garderie du vendredi "]
    assert len(pass_at(2026, 12, 3, 8, 1)) == 2
    assert pass_at(2026, 12, 3, 18)[2:] == ["Garderie du lundi 7 :"]
    assert len(pass_at(2026, 12, 4, 8)) == 3  # nothing was missed
    assert sorted(Rappel.objects.values_list("jour", flat=True)) == [date(2026, 12, 3), date(2026, 12, 4), LUNDI]


def test_worker_back_after_a_week_reminds_of_today_alone(camille, lea, time_machine):
    passage(datetime(2026, 11, 25, 18, tzinfo=PARIS))
    mail.outbox.clear()
    time_machine.move_to(datetime(2026, 12, 3, 8, tzinfo=PARIS), tick=False)
    passage(datetime(2026, 12, 3, 8, tzinfo=PARIS))
    assert ["vendredi 4" in plain(message.subject) for message in mail.outbox] == [True]


def test_first_start_in_the_morning_reminds_of_nothing(camille, lea, time_machine):
    time_machine.move_to(datetime(2026, 12, 4, 8, tzinfo=PARIS), tick=False)
    passage(datetime(2026, 12, 4, 8, tzinfo=PARIS))
    assert mail.outbox == []


def test_days_that_close_together_are_one_mail(camille, lea, time_machine):
    RegleDelai.objects.update(genre="semaine", nombre=1, jour_semaine=1, heure=time(12))
    evening = datetime(2026, 12, 7, 18, tzinfo=PARIS)
    time_machine.move_to(evening, tick=False)
    passage(evening)
    [message] = mail.outbox
    assert plain(message.subject).startswith("Garderie du lundi 14 au vendredi 18 : à modifier avant")
    assert Rappel.objects.filter(responsable=camille).count() == 4


def test_reminder_is_sent_once(camille, lea):
    passage()
    passage(JEUDI + timedelta(minutes=1))
    tasks.send_rappels.func()
    tasks.send_rappel.func(camille.pk, [LUNDI.isoformat()])
    assert len(mail.outbox) == 1
    assert list(Rappel.objects.values_list("responsable", "jour")) == [(camille.pk, LUNDI)]


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_remind_once(camille, lea):
    assert sorted(at_once(*[lambda: rappel.retenir(camille, [LUNDI], now=JEUDI)] * 2), key=len) == [set(), {LUNDI}]
    assert Rappel.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_back_in_the_morning_send_one_mail_for_a_day(camille, lea, time_machine):  # REL-05
    make_enfant(ResponsableFactory(rappel=True), prenom="Tom")
    Passage.objects.create(job="enfance.courriels.tasks.send_rappels", done_at=datetime(2026, 12, 2, 18, tzinfo=PARIS))
    matin = datetime(2026, 12, 4, 8, tzinfo=PARIS)
    time_machine.move_to(matin, tick=False)

    at_once(*[lambda: worker.enqueue_daily(now=matin)] * 4)
    rows = DBTaskResult.objects.filter(task_path="enfance.courriels.tasks.send_rappels")
    assert rows.count() == 1
    at_once(*[tasks.send_rappels.func] * 2)  # given back while its first worker lived
    envois = list(DBTaskResult.objects.filter(task_path="enfance.courriels.tasks.send_rappel"))
    at_once(*(partial(envoi.task.func, *envoi.args_kwargs["args"]) for envoi in envois))

    assert (len(envois), len(mail.outbox), Rappel.objects.filter(jour=LUNDI).count()) == (4, 2, 2)
    assert len({message.to[0] for message in mail.outbox}) == 2


def nobody_asked(camille, lea):
    rappel.choisir(camille, False)


def no_child_at_school(camille, lea):
    lea.scolarites.update(depart=date(2026, 12, 1))


def day_closed(camille, lea):
    Fermeture.objects.create(debut=LUNDI, fin=LUNDI, motif="grève")


def at_the_other_parent_s(camille, lea):
    Garde.objects.update(rythme="alternee", depuis=date(2026, 12, 14))


def responsabilite_suspended(camille, lea):
    lea.responsabilites.update(suspendue=True)


def no_address(camille, lea):
    camille.user.email = ""
    camille.user.save()


def account_closed(camille, lea):
    camille.user.is_active = False
    camille.user.save()


def no_creneau_that_day(camille, lea):
    Creneau.objects.update(lundi=False)


@pytest.mark.parametrize(
    "arrange",
    [
        nobody_asked,
        no_child_at_school,
        day_closed,
        at_the_other_parent_s,
        responsabilite_suspended,
        no_address,
        account_closed,
        no_creneau_that_day,
    ],
)
def test_nothing_to_decide_sends_nothing(camille, lea, arrange):
    arrange(camille, lea)
    passage()
    assert (mail.outbox, Rappel.objects.count()) == ([], 0)


def test_child_who_is_elsewhere_is_not_spoken_of(camille, lea):  # ACC-03
    jules = make_enfant(camille, prenom="Jules", date_naissance=date(2020, 1, 1))
    ailleurs = ResponsableFactory(foyer=FoyerFactory(adresse="3 rue du Lac"))
    jules.gardes.update(rythme="alternee", depuis=date(2026, 12, 14))
    jules.gardes.create(foyer=ailleurs.foyer, rythme="alternee", depuis=LUNDI)
    passage()
    assert "Léa : rien de prévu" in body_of(mail.outbox[0])
    assert "Jules" not in mail.outbox[0].body


def test_adults_who_share_an_address_get_one(camille, lea):
    dominique = ResponsableFactory(foyer=camille.foyer, rappel=True, user__email=camille.user.email.upper())
    lea.responsabilites.create(responsable=dominique)
    ailleurs = ResponsableFactory(
        foyer=FoyerFactory(adresse="3 rue du Lac"), rappel=True, user__email=camille.user.email
    )
    assert rappel.destinataires() == [camille, ailleurs]
    passage()
    assert len(mail.outbox) == 1


def test_day_that_was_told_is_left_out_of_those_that_close_with_it(camille, lea):
    rappel.retenir(camille, [LUNDI], now=JEUDI)
    tasks.send_rappel.func(camille.pk, [LUNDI.isoformat(), "2026-12-08"])
    assert plain(mail.outbox[0].subject).startswith("Garderie du mardi 8 : ")


def test_reminder_of_two_days_says_the_limit_that_comes_first(camille):
    jours = [rappel.JourRappele(LUNDI + timedelta(days=n), JEUDI - timedelta(hours=n), []) for n in range(2)]
    assert plain(rappel.rappel_context(jours, camille)["limite"]) == "jeudi 3 décembre, 17 h"


def test_reminder_of_a_server_that_is_away_comes_later_unless_too_late(camille, lea, monkeypatch, time_machine):
    def away(*args):
        raise ConnectionRefusedError

    with monkeypatch.context() as patch:
        patch.setattr(type(mailers.default), "send_messages", away)
        tasks.send_rappel.func(camille.pk, [LUNDI.isoformat()])
    [row] = DBTaskResult.objects.filter(status="READY")
    assert row.args_kwargs == {"args": [camille.pk, ["2026-12-07"]], "kwargs": {"attempt": 1}}
    time_machine.move_to(datetime(2026, 12, 4, 12, tzinfo=PARIS), tick=False)
    row.task.func(*row.args_kwargs["args"], **row.args_kwargs["kwargs"])
    assert mail.outbox == []
    time_machine.move_to(JEUDI + timedelta(minutes=2), tick=False)
    row.task.func(*row.args_kwargs["args"], **row.args_kwargs["kwargs"])
    assert len(mail.outbox) == 1


# --- Stop -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def stop_url(camille, lea):
    """The address in the mail's header, as a mail program reads it."""
    passage()
    [message] = mail.outbox
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = re.fullmatch(r"<(.+)>", message.extra_headers["List-Unsubscribe"])[1]
    assert address in message.body.splitlines()
    return address.removeprefix(portail_settings.SITE_URL)


def test_one_click_stops_without_login_nor_token(client, camille, stop_url):
    from_nowhere = type(client)(enforce_csrf_checks=True)
    response = from_nowhere.post(stop_url, {"List-Unsubscribe": "One-Click"})
    assert (response.status_code, dict(response.cookies)) == (200, {})
    camille.refresh_from_db()
    assert camille.rappel is False


def test_following_the_link_stops_nothing(client, camille, stop_url):  # SES-06
    page = client.get(stop_url).text
    camille.refresh_from_db()
    assert ("Arrêter le rappel" in page, camille.rappel) == (True, True)


def test_stop_says_so_and_twice_is_harmless(client, camille, stop_url):
    for _ in range(2):
        assert "C’est arrêté" in client.post(stop_url).text
    assert "C’est arrêté" in client.get(stop_url).text


def test_stop_page_names_nobody(client, camille, lea, stop_url):
    page = client.get(stop_url).text
    assert [word for word in ("Camille", "Morel", "Léa", camille.user.identifiant) if word in page] == []


def test_stop_is_for_all_who_share_the_address(client, camille, lea, stop_url):
    dominique = ResponsableFactory(foyer=camille.foyer, rappel=True, user__email=camille.user.email)
    other = ResponsableFactory(rappel=True, user__email=camille.user.email)  # of another home
    conjoint = ResponsableFactory(foyer=camille.foyer, rappel=True)
    client.post(stop_url)
    for responsable, voulu in ((dominique, False), (other, True), (conjoint, True)):
        responsable.refresh_from_db()
        assert responsable.rappel is voulu


@pytest.mark.parametrize("jeton", ["1", "1:x", "x:x", ":", "é", "1:" + "a" * 43])
def test_forged_stop_is_an_unknown_page(client, camille, jeton):
    assert client.post(f"/rappel/{jeton}/").status_code == 404
    camille.refresh_from_db()
    assert camille.rappel is True


def test_stop_of_somebody_else_cannot_be_made_from_ones_own(client, camille, lea):
    other = ResponsableFactory(rappel=True)
    signature = rappel.jeton(camille).partition(":")[2]
    assert client.post(f"/rappel/{other.pk}:{signature}/").status_code == 404
