"""`manage.py purger`: what goes, in words; nothing of it when it is only tried."""

from datetime import date, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from conservation.annuelle import passer
from enfance.mairie import partis
from enfance.models import Decompte, Enfant, Inscription
from portail.dates import PARIS
from portail.effacements import EffacementRefuse
from tests.factories import (
    AnneeFactory,
    ClasseFactory,
    ResponsableFactory,
    ScolariteFactory,
    StaffFactory,
    make_creneaux,
    make_enfant,
)
from tests.reading import html_of, plain

pytestmark = pytest.mark.django_db


@pytest.fixture
def ecole(time_machine):
    """In October 2028: Léa left in July 2027; Tom is there."""
    time_machine.move_to(datetime(2028, 10, 15, 9, tzinfo=PARIS), tick=False)
    soir = make_creneaux()["soir"]
    annee, en_cours = AnneeFactory(), AnneeFactory(debut=date(2028, 9, 1), fin=date(2029, 7, 3))
    lea = make_enfant(ResponsableFactory(), annee=annee, prenom="Léa")
    tom = make_enfant(ResponsableFactory(), annee=annee, prenom="Tom")
    ScolariteFactory(enfant=tom, annee=en_cours, classe=ClasseFactory(annee=en_cours))
    for enfant in (lea, tom):
        Inscription.objects.create(enfant=enfant, jour=date(2026, 12, 10), creneau=soir)


def run(*args):
    out = StringIO()
    call_command("purger", *args, stdout=out)
    return plain(out.getvalue())


def counts():
    return Enfant.objects.count(), Inscription.objects.count(), User.objects.count(), Decompte.objects.count()


def test_simulation_says_in_words_and_keeps_all(ecole):  # RGP-06
    before = counts()
    said = run("--simuler")
    assert counts() == before
    assert said.startswith("À blanc : rien n’est effacé.\n")
    assert "(l’année scolaire, puis 1 an) : 2 inscriptions." in said
    assert "1 compte, 1 enfant, 1 foyer, 1 responsable." in said
    assert "  Partis en 2026-2027 : 1 enfant." in said
    assert "visa des Archives départementales" in said


@pytest.mark.ci
def test_command_does_what_the_simulation_said_then_nothing(ecole, journal):
    said = run("--simuler")
    assert run() == said.removeprefix("À blanc : rien n’est effacé.\n")
    assert counts() == (1, 0, 1, 1)
    assert Decompte.objects.get().inscrits == 2
    assert {event["kind"]: event["rows"] for event in journal.events} == {"school_years": 2, "departures": 4}
    assert run() == "Rien n’a passé son temps.\n"


def test_refusal_is_a_sentence_and_the_rest_is_done(ecole, monkeypatch):
    def refuse(cles, *, now):
        raise EffacementRefuse("Un e-mail part en ce moment.")

    monkeypatch.setattr(partis, "effacer", refuse)
    with pytest.raises(CommandError, match=r"Un e-mail part en ce moment\.\nLe reste est fait"):
        run()
    assert counts() == (2, 0, 2, 1)


def test_home_of_the_town_hall_announces_it_with_its_list(ecole, client, time_machine):
    mairie = StaffFactory()
    client.force_login(mairie)
    time_machine.move_to(datetime(2028, 9, 15, 3, 30, tzinfo=PARIS), tick=False)
    assert "à effacer" not in client.get("/admin/").text
    passer(now=datetime(2028, 9, 15, 3, 30, tzinfo=PARIS))
    page = html_of(client.get("/admin/"))
    assert "enfant parti à effacer" in page
    assert "Avec eux, 1 foyer. Demandez d’abord le visa des Archives départementales" in page
    assert "le dimanche 15 octobre" in page
    liste = client.get("/admin/enfance/enfant/?a_traiter=a_effacer").text
    assert ("Léa" in liste, ">Tom" in liste) == (True, False)
