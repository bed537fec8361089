"""The mails of a closing and of an avoir: what is to pay, until when, and the ladder that makes the sum."""

from datetime import date, timedelta

import pytest
from django.core import mail
from django_tasks_db.models import DBTaskResult

from accounts import mailings
from accounts.models import MailingLine, User
from enfance.models import Inscription
from facturation.arrete import tasks
from facturation.arrete.cloture import arreter
from facturation.arrete.corrections import corriger
from facturation.arrete.regularisations import load_propositions
from facturation.payeurs.comptes import compte_of
from facturation.regie.encaissements import encaisser
from tests.enfance.mairie.fermetures.ecriture.conftest import run_tasks
from tests.factories import FoyerFactory, ResponsableFactory, make_enfant
from tests.facturation.vecu import ENSUITE, LUNDI, NOVEMBRE, clore, dire_quotient, inscrire, make_commune
from tests.reading import body_of, plain

pytestmark = pytest.mark.django_db
MARDI = date(2026, 11, 3)


@pytest.fixture
def camille(time_machine):
    time_machine.move_to(ENSUITE, tick=False)
    make_commune()
    camille = ResponsableFactory(user__email="camille@courriel.example")
    dire_quotient(camille.foyer, 742)
    return camille


@pytest.fixture
def lea(camille):
    lea = make_enfant(camille, prenom="Léa")
    inscrire(lea, LUNDI, MARDI)
    clore(LUNDI, MARDI)
    return lea


def close():
    mois = arreter(NOVEMBRE, None, ENSUITE).mois
    run_tasks()
    return mois


def test_mail_says_what_to_pay_until_when_and_why(lea):
    close()

    [message] = mail.outbox
    assert message.to == ["camille@courriel.example"]
    assert plain(message.subject) == ("Votre facture de novembre : 1,60 €, à payer avant le dimanche 20 décembre")
    body = body_of(message)
    assert "La facture de garderie de novembre est prête : 1,60 €, à payer avant le" in body
    assert f"Léa (2 jours, 2 moments) {'.' * 40} 1,60 €" in body
    assert "/factures/F-2026-0001/" in body
    assert "Par chèque, en espèces ou en CESU : au guichet de la mairie." in body
    html = message.alternatives[0].content
    assert "1,60\u202f€" in html
    assert MailingLine.objects.get().state == "sent"


def test_credit_is_taken_off_and_said(lea, camille):
    encaisser(compte_of(camille.foyer), "cheque", 50, par=None, now=ENSUITE - timedelta(days=15))

    close()

    [message] = mail.outbox
    assert "1,10\u202f€, à payer avant" in message.subject
    assert "Votre crédit, reste du chèque du 16 novembre" in body_of(message)
    assert "À payer" in body_of(message)


def test_nothing_is_asked_of_who_has_credit_enough(lea, camille):
    encaisser(compte_of(camille.foyer), "cheque", 5000, par=None, now=ENSUITE - timedelta(days=15))

    close()

    [message] = mail.outbox
    assert plain(message.subject) == "Votre facture de novembre : rien à payer"
    assert "n’avez rien à faire" in body_of(message)


def test_treasury_collects_where_the_town_says_so(lea, settings):
    settings.ENCAISSEMENT = "titre"

    close()

    [message] = mail.outbox
    lu = " ".join(body_of(message).split())
    assert "La facture de garderie de novembre est prête : le Trésor public vous réclamera 1,60 €." in lu
    assert "Attendez son avis des sommes à payer" in lu
    assert "au guichet" not in lu
    assert "avant le" not in f"{message.subject} {lu}"


def test_avoir_says_what_comes_back_and_why(lea):
    mois = close()
    mail.outbox.clear()
    Inscription.objects.filter(enfant=lea, jour=MARDI).update(etat="annulee")
    [proposition] = load_propositions(mois)

    corriger(mois, proposition.marque, avoir=True, par=None, now=ENSUITE + timedelta(days=1))
    run_tasks()

    [message] = mail.outbox
    assert plain(message.subject) == "Une correction en votre faveur : 0,80 €"
    assert "Inscription corrigée." in body_of(message)
    assert "/factures/AV-2026-0001/" in body_of(message)


def test_mail_leaves_once_though_its_task_runs_twice(lea):
    mois = arreter(NOVEMBRE, None, ENSUITE).mois
    tasks.send_factures.enqueue(mois.pk)

    run_tasks()

    assert len(mail.outbox) == 1


def test_mails_are_enqueued_some_at_a_time(lea, monkeypatch):
    monkeypatch.setattr(mailings, "LOT", 2)
    for _ in range(4):
        adulte = ResponsableFactory(foyer=FoyerFactory())
        inscrire(make_enfant(adulte), LUNDI)

    arreter(NOVEMBRE, None, ENSUITE)
    tasks.send_factures.func(DBTaskResult.objects.get().args_kwargs["args"][0])
    suites = DBTaskResult.objects.filter(task_path="facturation.arrete.tasks.send_factures").count()
    run_tasks()

    assert (suites, len(mail.outbox)) == (2, 5)


def test_address_that_came_back_is_told_to_the_town_hall(lea, camille):
    User.objects.filter(pk=camille.user_id).update(email="")
    arreter(NOVEMBRE, None, ENSUITE)
    run_tasks()
    assert mail.outbox == []
