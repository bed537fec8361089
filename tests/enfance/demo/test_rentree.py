"""The demo's school goes from a year to the next, as its town hall and its families see it."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.conf import settings
from django.core.management import call_command

from accounts.models import User
from enfance.demo import contenu
from enfance.models import AnneeScolaire, Enfant, Foyer, Garde, ImportOnde, Inscription, Responsable, Scolarite
from portail.dates import PARIS
from tests.clients import Client
from tests.factories import StaffFactory
from tests.reading import html_of

pytestmark = [pytest.mark.django_db, pytest.mark.ci, pytest.mark.une_fois]
RENTREE = settings.BASE_DIR / "demo" / "rentree"
PAGE_2027 = "/admin/enfance/anneescolaire/rentree/2027/"


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def scolarite(prenom: str, nom: str) -> Scolarite:
    return Scolarite.objects.get(annee__debut__year=2027, enfant__prenom=prenom, enfant__nom=nom)


def test_rentree_of_the_demo_from_march_to_september(time_machine):
    """One long story: loading the school takes seconds."""
    time_machine.move_to(datetime(2026, 11, 25, 9, tzinfo=PARIS))
    call_command("charger_demo", verbosity=0)
    avant = (Foyer.objects.count(), Responsable.objects.count(), Inscription.objects.count())

    _march(time_machine)
    _may(time_machine)
    _june(time_machine)
    assert (Foyer.objects.count(), Responsable.objects.count(), Inscription.objects.count() - 1) == avant
    _september(time_machine)


def _march(clock) -> None:
    clock.move_to(datetime(2027, 3, 15, 9, tzinfo=PARIS))
    mairie = client_of(StaffFactory())
    mairie.post(PAGE_2027, {"preparer": "1"})
    mairie.post(PAGE_2027, {"ouvrir": "1", "ouverture": "07/06/2027"})
    assert Scolarite.objects.filter(annee__debut__year=2027, classe=None).count() == 194
    assert "Louise VASSEUR" in html_of(mairie.get(PAGE_2027))  # who leaves after CM2


def _may(clock) -> None:
    clock.move_to(datetime(2027, 5, 20, 20, tzinfo=PARIS))
    camille = client_of(User.objects.get(identifiant=contenu.PARENT))
    assert "Le planning de septembre ouvre le lundi 7 juin." in html_of(camille.get("/"))
    assert "Le planning de septembre ouvre le lundi 7 juin." in html_of(camille.get("/planning/2027-09/"))
    tom = Enfant.objects.get(prenom="Tom", nom="MOREL")
    camille.post("/planning/2027-09/", {"avant": "", "r": f"{tom.pk}:2027-09-06:soir", "enregistrer": "1"})
    assert not Inscription.objects.filter(jour__year=2027, jour__month=9).exists()


def _june(clock) -> None:
    clock.move_to(datetime(2027, 6, 7, 0, 0, 1, tzinfo=PARIS))
    camille = client_of(User.objects.get(identifiant=contenu.PARENT))
    assert "Le planning de septembre est ouvert." in html_of(camille.get("/"))
    tom = Enfant.objects.get(prenom="Tom", nom="MOREL")
    camille.post("/planning/2027-09/", {"avant": "", "r": f"{tom.pk}:2027-09-06:soir", "enregistrer": "1"})
    assert Inscription.objects.get(jour=date(2027, 9, 6)).etat == "inscrit"


def _september(clock) -> None:
    clock.move_to(datetime(2027, 9, 6, 9, tzinfo=PARIS))
    gardes = Garde.objects.filter(rythme="alternee").count()
    mairie = client_of(StaffFactory())
    annee = AnneeScolaire.objects.get(debut__year=2027)
    with (
        (RENTREE / "CSVExtraction-eleves.csv").open("rb") as eleves,
        (RENTREE / "CSVExtraction-responsables.csv").open("rb") as responsables,
    ):
        data = {"annee": annee.pk, "eleves": eleves, "responsables": responsables, "deposer": "1"}
        response = mairie.post("/admin/enfance/importonde/add/", data, follow=True)
    bilan = response.context["bilan"]
    assert (bilan.eleves.crees, len(bilan.eleves.modifies), bilan.eleves.confirmes) == (27, 2, 189)
    (question,) = bilan.questions
    malo = Enfant.objects.get(prenom="Malo", nom="ROLLIN")
    assert question.options[0].valeur == f"enfant-{malo.pk}"
    page = f"/admin/enfance/importonde/{ImportOnde.objects.get().pk}/change/"
    reponse = {f"q-{question.cle}": f"enfant-{malo.pk}"}
    response = mairie.post(page, {**reponse, "apercu": "1"}, follow=True)
    mairie.post(page, {**reponse, "importer": "1", "vu": response.context["bilan"].empreinte})

    assert (scolarite("Léa", "MOREL").niveau, scolarite("Anna", "LEFORT").niveau) == ("CM1", "CE1")
    assert scolarite("Malo", "ROLLIN").niveau == "MS"
    assert Scolarite.objects.filter(annee=annee, classe=None, depart=None).count() == 0
    assert Scolarite.objects.filter(annee=annee, depart=date(2027, 9, 6)).count() == 2
    assert Garde.objects.filter(rythme="alternee").count() == gardes
    assert "219 élèves ont leur classe ; 0 attend ONDE." in html_of(mairie.get(PAGE_2027))
    eric = Responsable.objects.get(user__first_name="Éric", user__last_name="VASSEUR")
    accueil = html_of(client_of(eric.user).get("/"))
    assert "D’après les listes de l’école, Louise n’y est plus : il n’y a rien à inscrire." in accueil
