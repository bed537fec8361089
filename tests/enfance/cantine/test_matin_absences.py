"""Absences in the canteen's mail of the morning, and the mail more where one is told once it has left."""

from datetime import timedelta

import pytest
from django.core import mail

from enfance.cantine.convives import load_releve
from enfance.famille.absences.ecriture import retirer, signaler
from enfance.inscriptions import Changement, enregistrer
from enfance.models import Inscription, ListeRepas, ReglageCantine, Repas
from enfance.regles import Acteur, Cle
from tests.clients import Client
from tests.enfance.cantine.matin import CANTINE, JEUDI, at, work
from tests.factories import ResponsableFactory, make_enfant
from tests.reading import html_of, plain, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def parent(clock, huit_heures):
    """Léa and Tom eat this Thursday, and are registered at noon and in the evening."""
    parent = ResponsableFactory()
    liste = ListeRepas.objects.create(debut=JEUDI, fin=JEUDI)
    enfants = [make_enfant(parent, prenom=prenom) for prenom in ("Léa", "Tom")]
    Repas.objects.bulk_create(Repas(enfant=enfant, jour=JEUDI, liste=liste) for enfant in enfants)
    changements = [
        Changement(Cle(enfant.pk, JEUDI, code), Inscription.Etat.INSCRIT)
        for enfant in enfants
        for code in ("midi", "soir")
    ]
    assert enregistrer(changements, Acteur.parent(parent), now=at(20) - timedelta(days=15)).refus == ()
    parent.lea, parent.tom = enfants
    return parent


def tell(parent, enfant, now, code="midi"):
    assert signaler(Acteur.parent(parent), {enfant.pk: [code]}, JEUDI, now=now)


def sent():
    """The subjects of what the canteen got."""
    return [plain(message.subject) for message in mail.outbox if message.to == [CANTINE]]


def last():
    return " ".join(plain([message for message in mail.outbox if message.to == [CANTINE]][-1].body).split())


PREMIER = "Cantine du jeudi 3 décembre : 2 repas, 0 écart"
SECOND = "Cantine du jeudi 3 décembre, mise à jour : 2 repas, dont 1 absence annoncée, 0 écart"


def test_absence_told_before_the_hour_is_counted_in_the_mail_and_on_the_page(parent, clock, agent):
    tell(parent, parent.lea, at(7, 50))
    work(clock, at(8))
    assert sent() == ["Cantine du jeudi 3 décembre : 2 repas, dont 1 absence annoncée, 0 écart"]
    assert "Voici les repas du jeudi 3 décembre : 2 repas, dont 1 absence annoncée." in last()
    work(clock, at(9))
    assert len(sent()) == 1
    client = Client()
    client.force_login(agent)
    assert "Jeudi 3 décembre 2 repas, dont 1 absence annoncée" in words_of(html_of(client.get(f"/cantine/{JEUDI}/")))


def test_absence_told_once_the_mail_has_left_is_a_mail_more(parent, clock):
    work(clock, at(8))
    clock.move_to(at(8, 20), tick=False)
    tell(parent, parent.lea, at(8, 20))
    work(clock, at(8, 21))
    assert sent() == [PREMIER]
    work(clock, at(8, 25), at(8, 40))
    assert sent() == [PREMIER, SECOND]
    assert "Une absence a changé depuis l’e-mail de ce matin." in last()
    assert "Changements depuis aujourd’hui à 8 h" in last() or "Changements depuis jeudi 3 décembre à 8 h" in last()
    assert "MOREL Léa, CE1-CE2 Mme Sorbier : absence annoncée jeudi 3" in last()
    assert ReglageCantine.objects.get().dernier_courriel == at(8, 25)


def test_absences_of_the_same_minutes_are_one_mail(parent, clock):
    work(clock, at(8))
    tell(parent, parent.lea, at(8, 20))
    tell(parent, parent.tom, at(8, 22))
    work(clock, at(8, 23), at(8, 25), at(8, 30))
    assert sent()[1:] == ["Cantine du jeudi 3 décembre, mise à jour : 2 repas, dont 2 absences annoncées, 0 écart"]


def test_absence_taken_back_is_told_as_well(parent, clock):
    tell(parent, parent.lea, at(7, 50))
    work(clock, at(8))
    assert retirer(Acteur.parent(parent), parent.lea.pk, JEUDI, now=at(8, 30))
    work(clock, at(8, 35))
    assert sent()[1:] == ["Cantine du jeudi 3 décembre, mise à jour : 2 repas, 0 écart"]
    assert "MOREL Léa, CE1-CE2 Mme Sorbier : absence retirée jeudi 3" in last()


def told_and_taken_back(parent):
    tell(parent, parent.lea, at(8, 20))
    assert retirer(Acteur.parent(parent), parent.lea.pk, JEUDI, now=at(8, 22))


def told_of_the_evening(parent):
    tell(parent, parent.lea, at(8, 20), code="soir")


@pytest.mark.parametrize("gesture", [told_and_taken_back, told_of_the_evening])
def test_what_changes_no_lunch_is_no_mail(parent, clock, gesture):
    work(clock, at(8))
    gesture(parent)
    work(clock, at(8, 30), at(9))
    assert sent() == [PREMIER]


def test_nothing_leaves_at_noon_nor_where_no_mail_is_wanted(parent, clock):
    work(clock, at(8))
    tell(parent, parent.lea, at(11, 20))
    work(clock, at(12, 5))
    assert sent() == [PREMIER]
    mail.outbox.clear()
    ReglageCantine.objects.update(heure_courriel=None)
    tell(parent, parent.tom, at(11, 25))
    work(clock, at(11, 40))
    assert sent() == []


def test_meal_that_does_not_stand_is_no_absence_of_the_count(parent, clock):
    tell(parent, parent.lea, at(7, 50))
    Repas.objects.filter(enfant=parent.lea).update(annule_le=at(7, 55))
    (journee,) = load_releve(JEUDI, JEUDI, now=at(9)).journees
    assert plain(journee.phrase) == "1 repas"


def test_family_reads_at_what_hour_the_canteen_is_told(parent, clock):
    clock.move_to(at(7, 40), tick=False)
    tell(parent, parent.lea, at(7, 40))
    client = Client()
    client.force_login(parent.user)
    page = words_of(html_of(client.get(f"/jour/{JEUDI}/absences/dites/")))
    assert "La cantine « 1 absence annoncée », dans sa liste et son e-mail de 8 h 7 h 40" in page
