"""A silence of the portal declared later on: who booked late because of it owes no supplement, and reads why."""

from datetime import date, datetime, time

import pytest

from enfance.inscriptions import Changement, enregistrer
from enfance.models import Creneau, Indisponibilite, Inscription, RegleDelai
from enfance.regles import Acteur, Cle
from facturation.arrete.cloture import arreter
from facturation.arrete.regularisations import load_propositions
from facturation.models import Prestation, Supplement
from facturation.verification import verifier
from portail.dates import PARIS
from tests.clients import Client
from tests.factories import StaffFactory
from tests.facturation.grille import RENTREE, make_deliberation
from tests.facturation.vecu import clore, dire_quotient
from tests.reading import messages_of, plain, words_of

pytestmark = pytest.mark.django_db
ADRESSE = "/admin/enfance/silence/"
VENDREDI = date(2026, 12, 4)  # to register for it, before Thursday at noon; late, until seven o'clock of its day
DIT = "+\u00a02,00\u202f€"
DECEMBRE, JANVIER = date(2026, 12, 1), datetime(2027, 1, 4, 9, tzinfo=PARIS)
SAISI = {"jour": "2026-12-03", "de": "11:20", "a": "12:10", "fin": "", "proposition": ""}


def jeudi(heure, minute=0):
    return datetime(2026, 12, 3, heure, minute, tzinfo=PARIS)


@pytest.fixture
def tardif(camille):
    regle = RegleDelai.objects.create(genre="jours", nombre=0, heure=time(7))
    Creneau.objects.update(delai_tardif=regle)
    dire_quotient(camille.foyer, 742)
    return Supplement.objects.create(genre="tardive", deliberation=make_deliberation(), debut=RENTREE, prix=200)


@pytest.fixture
def pris(camille, lea, tardif):
    """Two boxes booked late: one in the fifty minutes that the silence gives back, the other after them."""
    for creneau, quand in (("matin", jeudi(12, 20)), ("soir", jeudi(12, 50))):
        changement = Changement(Cle(lea.pk, VENDREDI, creneau), "inscrit", tardif=DIT)
        assert not enregistrer([changement], Acteur.parent(camille), now=quand).refus


def tardives():
    return sorted(Inscription.objects.filter(hors_delai=True).values_list("creneau__code", flat=True))


def agent():
    """An agent who has just connected, whatever the clock says."""
    client = Client()
    client.force_login(StaffFactory())
    return client


def declare(mairie):
    return plain(messages_of(mairie.agree(ADRESSE, SAISI))[0])


def natures():
    return sorted(Prestation.objects.values_list("creneau__code", "nature"))


@pytest.mark.usefixtures("pris")
def test_secretary_reads_it_before_and_the_family_owes_nothing_more(connected, time_machine):
    time_machine.move_to(jeudi(13), tick=False)
    page = plain(words_of(agent().post(ADRESSE, SAISI)))

    assert "1 inscription prise hors délai entre l’ancienne limite et la nouvelle compte comme prise à temps" in page
    assert tardives() == ["matin", "soir"], "a preview moves nothing"

    assert declare(agent()).endswith("; 1 inscription hors délai à temps.")

    assert tardives() == ["soir"]
    histoire = plain(connected.get("/historique/").text)
    assert "matin ajouté hors délai (+ 2,00 €, qui n’est plus dû : limite reportée), vendredi 4" in histoire
    assert "soir ajouté hors délai (+ 2,00 €), vendredi 4" in histoire
    clore(VENDREDI)
    arreter(DECEMBRE, None, JANVIER)
    assert natures() == [("matin", "seance"), ("soir", "seance"), ("soir", "tardive")]
    assert list(verifier()) == []


@pytest.mark.usefixtures("pris")
def test_closed_month_keeps_its_lines_and_the_supplement_is_proposed_back(time_machine):
    clore(VENDREDI)
    mois = arreter(DECEMBRE, None, JANVIER).mois
    avant = natures()
    assert ("matin", "tardive") in avant
    time_machine.move_to(JANVIER, tick=False)

    declare(agent())

    assert natures() == avant
    assert list(verifier()) == []
    (proposee,) = load_propositions(mois)
    assert proposee.montant == -200


@pytest.mark.usefixtures("pris")
def test_silence_taken_back_makes_nobody_late_again(time_machine):
    time_machine.move_to(jeudi(13), tick=False)
    declare(agent())

    agent().agree(f"{ADRESSE}{Indisponibilite.objects.get().pk}/retirer/")

    assert tardives() == ["soir"]


@pytest.mark.usefixtures("pris")
def test_box_taken_again_late_is_judged_by_its_last_booking(camille, lea, time_machine):
    mairie = Acteur.mairie(StaffFactory().pk, "erreur")
    cle = Cle(lea.pk, VENDREDI, "matin")
    enregistrer([Changement(cle, "annulee")], mairie, now=jeudi(12, 30))
    enregistrer([Changement(cle, "inscrit", tardif=DIT)], Acteur.parent(camille), now=jeudi(12, 55))
    time_machine.move_to(jeudi(13), tick=False)

    assert not declare(agent()).endswith("à temps.")

    assert tardives() == ["matin", "soir"]
