"""The mail of the morning in a town of several schools: each canteen at its own address, at its own hour."""

from datetime import time

import pytest
from django.core import mail

from accounts import emails
from accounts.emails import NotDelivered
from accounts.models import UndeliveredMail
from enfance.cantine.reglages import choisir_heure
from enfance.cantines import load_adresse
from enfance.models import Creneau, Ecole, Inscription, ListeRepas, ReglageCantine, Repas
from tests.enfance.cantine.ecoles import make_deux_ecoles, make_eleve
from tests.enfance.cantine.matin import CANTINE, JEUDI, at, work
from tests.factories import ResponsableFactory
from tests.reading import plain

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("huit_heures")]
HAMEAU = "hameau@courriel.example"


@pytest.fixture
def ecoles(clock):
    ecoles = make_deux_ecoles()
    parent = ResponsableFactory()
    for ecole, nom in zip(ecoles, ("Léa", "Zoé"), strict=True):
        enfant = make_eleve(parent, ecole, prenom=nom)
        liste = ListeRepas.objects.create(debut=JEUDI, fin=JEUDI)
        liste.ecoles.set([ecole])
        Repas.objects.create(enfant=enfant, jour=JEUDI, liste=liste)
        midi = Creneau.objects.get(code="midi" if nom == "Léa" else "midi-hameau")
        Inscription.objects.create(enfant=enfant, jour=JEUDI, creneau=midi)
    return ecoles


@pytest.fixture
def apart(ecoles):
    """The Hameau has an address of its own."""
    Ecole.objects.filter(code="hameau").update(cantine_courriel=HAMEAU)
    return Ecole.objects.get(code="hameau")


def sent():
    """To whom, of whom; two mails of one hour leave in any order."""
    prenoms = ("Léa", "Zoé")
    return sorted((m.to[0], [prenom for prenom in prenoms if prenom in m.body]) for m in mail.outbox)


def test_one_address_gets_one_mail_of_all_its_schools(clock, ecoles):
    work(clock, at(5), at(8), at(9))
    assert sent() == [(CANTINE, ["Léa", "Zoé"])]
    assert plain(mail.outbox[0].subject) == ("Cantine du jeudi 3 décembre, École et École du Hameau : 2 repas, 0 écart")
    assert "MOREL Zoé, CE1, hameau, École du Hameau" in mail.outbox[0].body


def test_each_address_is_told_of_its_own_children_at_the_hour_of_the_town_until_it_chooses(clock, apart):
    work(clock, at(5), at(8), at(9))
    assert sent() == [(CANTINE, ["Léa"]), (HAMEAU, ["Zoé"])]
    assert ReglageCantine.objects.get(ecole=apart).heure_courriel == time(8)


def test_each_address_has_its_hour(clock, apart, agent):
    choisir_heure(time(10), agent.pk, load_adresse(apart.pk))
    work(clock, at(5), at(8), at(9))
    assert sent() == [(CANTINE, ["Léa"])]
    work(clock, at(10), at(10, 1), at(11))
    assert sent() == [(CANTINE, ["Léa"]), (HAMEAU, ["Zoé"])]
    assert ReglageCantine.objects.get(pk=1).dernier_courriel == at(8)


def test_canteen_that_wants_no_mail_gets_none(clock, apart, agent):
    choisir_heure(None, agent.pk, load_adresse(apart.pk))
    work(clock, at(5), at(8), at(9))
    assert sent() == [(CANTINE, ["Léa"])]


def test_address_given_back_to_the_town_sends_nothing_of_its_own(clock, apart):
    work(clock, at(5))
    Ecole.objects.update(cantine_courriel="")
    work(clock, at(8), at(9))
    assert sent() == [(CANTINE, ["Léa", "Zoé"])]


def test_mail_that_could_not_leave_is_tried_again_at_the_same_address(clock, apart, monkeypatch):
    vrai, rates = emails.send, []

    def send(name, adresse, context):
        if adresse == HAMEAU and not rates:
            rates.append(adresse)
            raise NotDelivered(UndeliveredMail.Reason.UNREACHABLE)
        return vrai(name, adresse, context)

    monkeypatch.setattr(emails, "send", send)
    work(clock, at(5), at(8), at(8, 30), at(9), at(10))
    assert sent() == [(CANTINE, ["Léa"]), (HAMEAU, ["Zoé"])]
