"""What a parent downloads of money: each table of their own payer's, and nothing of the other parent's."""

import json

import pytest
from django.core.serializers.json import DjangoJSONEncoder

from accounts.models import User
from enfance.extensions import Demandeur
from enfance.famille.donnees import load_donnees
from facturation.models import Compte, EssaiPaiement, Justification, Prestation, Quotient, ReponseAbsence
from facturation.registres.donnees import PARTIES
from tests.factories import StaffFactory
from tests.facturation.famille.conftest import NOW

pytestmark = pytest.mark.ci


def told_to(user):
    return json.loads(json.dumps(load_donnees(User.objects.get(pk=user.pk), now=NOW), cls=DjangoJSONEncoder))


def test_file_tells_each_table_of_money(parents):  # RGP-07
    told = told_to(parents.camille.user)
    assert [partie.nom for partie in PARTIES if not told[partie.nom]] == []
    assert [(f["numéro"], f["total"]) for f in told["factures"]] == [
        ("AV-2026-0001", "−0,20\u202f€"),
        ("F-2026-0001", "2,00\u202f€"),
    ]
    assert [(ligne["jour"], ligne["enfant"], ligne["montant"]) for ligne in told["lignes des factures"]][:2] == [
        ("2026-11-05", "Léa", "1,20\u202f€"),
        ("2026-11-05", "Léa", "0,80\u202f€"),
    ]
    assert told["quotients familiaux"][0]["quotient"] == 742
    assert {ligne["e-mail du ticket"] for ligne in told["paiements en ligne"]} == {parents.camille.user.email}


def test_file_tells_nothing_of_the_other_parent(parents):  # RGP-07, RGP-15, ACC-03
    Quotient.objects.filter(compte=parents.comptes["Sacha"]).update(valeur=1234)
    ReponseAbsence.objects.update(motif="certificat reçu")  # of a séance that both pay
    text = json.dumps(told_to(parents.camille.user), ensure_ascii=False)
    autre = ("Sacha", "Rivière", "sacha@ailleurs.example", "1234", "F-2026-0002", "R-2026-0003", "A-2027-0003")
    assert [word for word in autre if word in text] == []


@pytest.mark.parametrize("part", [50, 100])
def test_share_of_what_the_other_foyer_registered_tells_price_and_vote_alone(parents, part):  # RGP-15
    autre = parents.sacha.foyer_id
    ligne = Prestation.objects.filter(compte=parents.comptes["Camille"], creneau__code="matin").get()
    ligne.part, ligne.prix_dit["propre"] = part, False
    ligne.faits["inscription"] = ligne.faits["inscription"] | {"par": "Sacha", "par_foyer": autre}
    ligne.save()

    dite = told_to(parents.camille.user)["lignes des factures"][0]
    assert (dite["quotient"], dite["résidence"], dite["rang de l’enfant"]) == (None, None, None)
    assert (dite["prix"], dite["le prix"]["deliberation"]) == ("1,20\u202f€", "2026-41")
    assert {"tranche", "propre"} & dite["le prix"].keys() == set()
    assert dite["ce qui s’est passé"]["inscription"]["par"] == "l’autre foyer"

    del ligne.prix_dit["propre"]
    ligne.save()
    assert told_to(parents.camille.user)["lignes des factures"][0]["quotient"] == 742


def test_other_parents_reason_and_ticket_are_not_told(parents):
    Justification.objects.update(dite_par=parents.sacha.user)
    EssaiPaiement.objects.update(demande_par=StaffFactory())
    told = told_to(parents.camille.user)
    assert told["raisons d’une absence"] == []
    assert {ligne["e-mail du ticket"] for ligne in told["paiements en ligne"]} == {""}


def test_papers_of_a_payer_made_one_with_theirs_are_told(parents):
    autre, sien = parents.comptes["Sacha"], parents.comptes["Camille"]
    Compte.objects.filter(pk=autre.pk).update(foyer=None, reuni_dans=sien)
    assert {facture["numéro"] for facture in told_to(parents.camille.user)["factures"]} >= {
        "F-2026-0001",
        "F-2026-0002",
    }


def test_agent_has_none(parents):
    told = told_to(StaffFactory())
    assert [partie.nom for partie in PARTIES if told[partie.nom]] == []


@pytest.mark.parametrize("partie", PARTIES, ids=lambda partie: partie.nom)
def test_one_query_a_table(parents, django_assert_max_num_queries, partie):
    personne = Demandeur(parents.camille.user, parents.camille)
    assert personne.adultes
    with django_assert_max_num_queries(1):
        for ligne in partie.lignes(personne):
            for lecture in partie.champs.values():
                if callable(lecture):
                    lecture(ligne, personne)
