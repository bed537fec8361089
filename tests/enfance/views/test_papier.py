"""The planning of a family on one page of paper, from the counter."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from enfance.models import AnneeScolaire, Conge, Creneau, Fermeture, Garde, Inscription
from portail.dates import PARIS
from tests.enfance.villes import make_ville
from tests.factories import FoyerFactory, ResponsableFactory, StaffFactory, make_creneaux, make_enfant
from tests.temoins import assert_kept, paper_of

pytestmark = pytest.mark.django_db
JEUDI_MATIN = datetime(2026, 12, 3, 9, 40, tzinfo=PARIS)


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(JEUDI_MATIN, tick=False)


@pytest.fixture
def foyer(db):
    """Léa and Tom, who live with Camille."""
    make_creneaux()
    camille = ResponsableFactory()
    make_enfant(camille, prenom="Léa")
    make_enfant(camille, prenom="Tom", date_naissance=date(2021, 5, 2))
    return camille.foyer


@pytest.fixture
def mairie(client):
    client.force_login(StaffFactory())
    return client


def enfant(prenom: str):
    return Garde.objects.get(enfant__prenom=prenom).enfant


def inscrire(prenom: str, jour: int, code: str, **champs) -> None:
    creneau = Creneau.objects.get(code=code)
    Inscription.objects.create(enfant=enfant(prenom), jour=date(2026, 12, jour), creneau=creneau, **champs)


def page_of(client, foyer, mois: str = "2026-12"):
    return client.get(f"/guichet/{foyer.pk}/planning/{mois}/papier/")


def ligne_of(response, jour: str):
    return next(ligne for ligne in response.context["papier"].lignes if ligne.jour == jour.replace(" ", "\u00a0"))


@pytest.mark.temoin
def test_each_day_says_who_is_registered(mairie, foyer):
    inscrire("Léa", 7, "matin")
    inscrire("Tom", 7, "soir", etat="attente", attente_depuis=JEUDI_MATIN)

    response = page_of(mairie, foyer)

    lundi = ligne_of(response, "lun. 7")
    assert [cellule.texte for cellule in lundi.cellules] == [
        "inscrit",
        "pas inscrit",
        "pas inscrit",
        "pas inscrit",
        "pas inscrit",
        "liste d’attente, n°\u00a01",
    ]
    assert (lundi.premier, lundi.limite) == (True, "ven.\u00a04, 12\u00a0h")
    assert ligne_of(response, "mar. 1er").limite == ""
    assert response.context["papier"].totaux == [1, 0, 0, 0, 0, 0]
    assert response.context["papier"].rendre
    assert_kept(Path(__file__).parent / "temoins" / "planning.txt", paper_of(response))


def test_days_without_garderie_are_said_once(mairie, foyer):
    annee = AnneeScolaire.objects.get()
    Conge.objects.filter(debut__year=2026, debut__month=12).delete()
    Conge.objects.create(
        annee=annee, genre="vacances", nom="Vacances de Noël", debut=date(2026, 12, 19), fin=date(2027, 1, 3)
    )
    Fermeture.objects.create(debut=date(2026, 12, 15), fin=date(2026, 12, 15), motif="grève")

    response = page_of(mairie, foyer)

    assert ligne_of(response, "mar. 15").hors == "Garderie fermée\u00a0: grève"
    noel = [ligne for ligne in response.context["papier"].lignes if "Reprise" in ligne.hors]
    assert [(ligne.jour, ligne.hors) for ligne in noel] == [
        (
            "sam.\u00a019",
            "Vacances de Noël, du samedi 19\u00a0décembre au dimanche 3\u00a0janvier. Reprise lundi 4\u00a0janvier.",
        )
    ]


def test_closure_of_one_moment_leaves_the_others(mairie, foyer):
    fermeture = Fermeture.objects.create(debut=date(2026, 12, 15), fin=date(2026, 12, 15), motif="grève")
    fermeture.creneaux.add(Creneau.objects.get(code="soir"))

    cellules = ligne_of(page_of(mairie, foyer), "mar. 15").cellules

    assert [cellule.note for cellule in cellules] == ["–", "–", "fermé"] * 2


def test_days_of_the_other_home_are_said(mairie, foyer):
    Garde.objects.filter(enfant=enfant("Tom")).update(rythme="alternee", depuis=date(2026, 12, 7))

    response = page_of(mairie, foyer)

    assert [cellule.note for cellule in ligne_of(response, "lun. 7").cellules[3:]] == ["–"] * 3
    assert [cellule.texte for cellule in ligne_of(response, "lun. 14").cellules[3:]] == ["chez l’autre parent"] * 3


def test_month_without_school_does_not_exist(mairie, foyer):
    assert page_of(mairie, foyer, "2027-08").status_code == 404
    assert page_of(mairie, FoyerFactory()).status_code == 404


def test_counter_leads_to_the_paper(mairie, foyer):
    page = mairie.get(f"/guichet/{foyer.pk}/planning/2026-12/").text

    assert f"/guichet/{foyer.pk}/planning/2026-12/papier/" in page


def test_each_child_has_the_columns_of_its_school(mairie, db):
    ville = make_ville()
    Fermeture.objects.create(debut=date(2026, 12, 15), fin=date(2026, 12, 15), motif="grève").ecoles.add(ville.hameau)
    ville.lea.inscriptions.create(jour=date(2026, 12, 7), creneau=Creneau.objects.get(code="soir"))
    ville.tom.inscriptions.create(jour=date(2026, 12, 7), creneau=Creneau.objects.get(code="midi-hameau"))

    response = page_of(mairie, ville.camille.foyer)

    papier = response.context["papier"]
    assert [(vu.nom, [creneau.code for creneau in siens]) for vu, siens in papier.enfants] == [
        ("Léa", ["matin", "midi", "soir"]),
        ("Tom", ["matin", "midi-hameau", "soir-hameau"]),
    ]
    assert [cellule.oui for cellule in ligne_of(response, "lun. 7").cellules] == [
        False,
        False,
        True,
        False,
        True,
        False,
    ]
    assert papier.totaux == [0, 0, 1, 0, 1, 0]
    assert [cellule.note for cellule in ligne_of(response, "mar. 15").cellules] == ["–"] * 3 + ["fermé"] * 3
    assert "Léa (CE1, École du Bourg), Tom (CP, École du Hameau)" in response.text
