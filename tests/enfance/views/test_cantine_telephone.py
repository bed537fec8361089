"""The canteen's telephone, wherever a page or a mail sends a family to the association, if it has one."""

import re
from datetime import date, datetime

import pytest

from accounts.emails import text_of
from enfance.courriels.confirmation import mail_of
from enfance.inscriptions import Changement, enregistrer
from enfance.models import Scolarite
from enfance.regles import Acteur, Cle
from portail.dates import PARIS
from tests.factories import AnneeFactory, EcoleFactory, ResponsableFactory, make_creneaux, make_enfant
from tests.reading import plain

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)
NUMERO = "04 65 71 00 40"
LIEN = '<a class="nob" href="tel:+33465710040">04\u00a065\u00a071\u00a000\u00a040</a>'


@pytest.fixture
def famille(client, time_machine):
    time_machine.move_to(NOW, tick=False)
    AnneeFactory()
    make_creneaux()
    camille = ResponsableFactory()
    client.force_login(camille.user)
    return camille, make_enfant(camille, prenom="Léa")


def pages(client):
    return [client.get(path).text for path in ("/planning/2026-12/", "/jour/2026-12-08/", "/semaine-type/")]


def test_pages_give_the_telephone_where_there_is_one(client, famille, settings):
    settings.CANTINE_TELEPHONE = NUMERO
    assert [f"auprès de l’association de la cantine ({LIEN})" in page for page in pages(client)] == [True] * 3


def test_pages_say_nothing_where_there_is_none(client, famille, settings):
    settings.CANTINE_TELEPHONE = ""
    for page in pages(client):
        assert re.search("auprès de l’association de la cantine[.,]", page)


@pytest.mark.parametrize(("numero", "suite"), [(NUMERO, f" ({NUMERO})."), ("", ".")])
def test_mails_give_it_too(famille, settings, numero, suite):
    settings.CANTINE_TELEPHONE = numero
    camille, lea = famille
    midi = Changement(Cle(lea.pk, date(2026, 12, 8), "midi"), "inscrit")
    fait = enregistrer([midi], Acteur.parent(camille), now=NOW).enregistrement
    name, context = mail_of(fait, camille.user, now=NOW)
    texte = plain(text_of(name, camille.user, context))
    assert f"auprès de l’association de la cantine{suite}" in texte


# --- Several schools --------------------------------------------------------------------------------------------------


@pytest.fixture
def hameau(settings):
    settings.CANTINE_TELEPHONE = ""
    return EcoleFactory(cantine_nom="la cantine du Hameau", cantine_telephone=NUMERO)


def test_school_that_has_a_canteen_of_its_own_gives_it(client, famille, hameau):
    _, lea = famille
    Scolarite.objects.filter(enfant=lea).update(ecole=hameau)
    assert [f"auprès de la cantine du Hameau ({LIEN})" in page for page in pages(client)] == [True] * 3


def test_children_of_two_canteens_have_both(client, famille, hameau):
    camille, _ = famille
    tom = make_enfant(camille, prenom="Tom")
    Scolarite.objects.filter(enfant=tom).update(ecole=hameau)
    deux = f"auprès de l’association de la cantine ou la cantine du Hameau ({LIEN})"
    assert [deux in page for page in pages(client)] == [True] * 3


def test_mail_gives_the_canteen_of_its_children(famille, hameau):
    camille, lea = famille
    tom = make_enfant(camille, prenom="Tom")
    Scolarite.objects.filter(enfant=tom).update(ecole=hameau)
    for jour, enfants, mots in [
        (7, [tom], f"auprès de la cantine du Hameau ({NUMERO})."),
        (8, [lea], "auprès de l’association de la cantine."),
        (10, [lea, tom], f"auprès de l’association de la cantine ou la cantine du Hameau ({NUMERO})."),
    ]:
        midis = [Changement(Cle(enfant.pk, date(2026, 12, jour), "midi"), "inscrit") for enfant in enfants]
        fait = enregistrer(midis, Acteur.parent(camille), now=NOW).enregistrement
        name, context = mail_of(fait, camille.user, now=NOW)
        assert mots in plain(text_of(name, camille.user, context))
