"""What the régie's home says that there is to deal with."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group

from facturation.models import EssaiPaiement, Relance
from facturation.regie.relances.ecriture import mettre_de_cote
from facturation.views.regie.rubriques import entrees
from tests.clients import Client
from tests.factories import StaffFactory
from tests.facturation.caisse import JEUDI, make_compte, make_facture

pytestmark = pytest.mark.django_db
HOME = "/admin/"


def late(nom, jours, *genres):
    facture = make_facture(make_compte(nom), 4210, echeance=JEUDI.date() - timedelta(days=jours))
    for genre in genres:
        Relance.objects.create(facture=facture, genre=genre, faite_le=JEUDI - timedelta(days=20))
    return facture


def things(page):
    return {chose.texte: (chose.nombre, chose.detail, chose.adresse) for chose in page.context["choses"]}


def test_home_counts_what_payfip_left_unsure_and_the_reminders(regie):
    late("Amrani", 7)
    late("Roche", 8)
    late("Vial", 30, "premier")
    late("Delmas", 70, "premier", "deuxieme")
    mettre_de_cote(late("Savoie", 9), "échéancier", None, JEUDI)
    facture = make_facture(make_compte("Martin"), 4210)
    EssaiPaiement.objects.create(
        facture=facture,
        compte=facture.compte,
        numcli="1",
        exer="2026",
        refdet="x",
        objet="x",
        montant=4210,
        saisie="T",
        mel="a@courriel.example",
        etat="a_verifier",
    )

    choses = things(regie.get(HOME))

    assert choses["paiement de PayFiP à vérifier"] == (1, facture.numero, "/admin/regie/journal/")
    assert choses["rappels de factures à envoyer"] == (
        3,
        "2\u00a0premiers et 1\u00a0deuxième",
        "/admin/regie/relances/",
    )
    assert choses["facture à remettre à la trésorerie"] == (1, "", "/admin/regie/relances/")


def test_home_and_menu_say_who_collects(regie, settings):
    assert things(regie.get(HOME)) == {}
    assert [entree.nom for entree in entrees()] == ["Encaisser", "Journal de la régie", "Relances"]
    late("Amrani", 7)
    late("Delmas", 70, "premier", "deuxieme")
    settings.ENCAISSEMENT = "titre"
    assert things(regie.get(HOME)) == {"factures à remettre à la trésorerie": (2, "", "/admin/regie/relances/")}
    assert [entree.nom for entree in entrees()] == ["Titres", "Journal de la régie"]


def test_home_of_the_secretary_does_not_ask_for_reminders(regie):
    late("Amrani", 7)
    agent = StaffFactory(is_superuser=False)
    agent.groups.add(Group.objects.get(name="Secrétariat"))
    secretaire = Client()
    secretaire.force_login(agent)
    assert "rappel de facture à envoyer" not in things(secretaire.get(HOME))
