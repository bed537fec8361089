"""Where payers live: proposed from the address, confirmed by the town, never guessed."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from facturation.models import Compte
from facturation.payeurs.comptes import compte_of
from facturation.payeurs.lieux import load_propositions
from facturation.payeurs.residences import choisir_envoi, confirmer, load_residences
from facturation.prix.tarifs import Residence
from portail.dates import PARIS
from tests.factories import FoyerFactory, ResponsableFactory, StaffFactory, make_enfant
from tests.facturation.vecu import inscrire, make_commune

NOW = datetime(2026, 11, 30, 9, 5, tzinfo=PARIS)
TODAY = NOW.date()


@pytest.mark.parametrize(
    ("commune", "residence"),
    [
        ("Saint-Sauveur", Residence.COMMUNE),
        ("SAINT SAUVEUR", Residence.COMMUNE),
        ("St Sauveur", Residence.COMMUNE),
        ("saint sauveur cedex 2", Residence.COMMUNE),
        ("Sàint-Sauvêur", Residence.COMMUNE),
        ("Saint-Sauveur-le-Bas", Residence.HORS),
        ("Valbrune", Residence.HORS),
        ("", Residence.A_DIRE),
        (" - ", Residence.A_DIRE),
    ],
)
def test_commune_of_an_address_proposes_a_residence(db, commune, residence):
    assert load_propositions().of(commune) == residence


@pytest.fixture
def payeurs(db):
    make_commune()
    communes = {"ici": "SAINT SAUVEUR", "la": "Valbrune", "sans": ""}
    siens = {nom: ResponsableFactory(foyer=FoyerFactory(commune=commune)) for nom, commune in communes.items()}
    for responsable in siens.values():
        inscrire(make_enfant(responsable), date(2026, 11, 27))
    return siens


def test_payers_are_listed_by_what_there_is_to_say(payeurs):
    vues = load_residences(TODAY)

    assert vues.groupes["commune"].cles == [payeurs["ici"].foyer_id]
    assert vues.groupes["hors"].cles == [payeurs["la"].foyer_id]
    assert vues.sans_adresse.cles == [payeurs["sans"].foyer_id]
    assert (vues.a_dire, vues.confirmees) == (3, 0)


@pytest.mark.parametrize("familles", [1, 60])
def test_of_many_payers_a_page_is_read_in_words(db, django_assert_num_queries, familles):
    make_commune()
    for _ in range(familles):
        inscrire(make_enfant(ResponsableFactory(foyer=FoyerFactory(commune="Valbrune"))), date(2026, 11, 27))

    with django_assert_num_queries(7):
        vues = load_residences(TODAY)

    assert (vues.groupes["hors"].nombre, len(vues.groupes["hors"].vues)) == (familles, min(familles, 50))
    assert [vue.payeur.pk for vue in vues.groupes["hors"].vues] == vues.groupes["hors"].cles[:50]


def test_search_finds_a_payer_by_name(payeurs):
    oursin = ResponsableFactory(user__last_name="Oursin", foyer=FoyerFactory(commune="Valbrune"))
    inscrire(make_enfant(oursin, nom="Oursin"), date(2026, 11, 27))

    vues = load_residences(TODAY, "oursin")

    assert (vues.groupes["commune"].cles, vues.groupes["hors"].cles, vues.sans_adresse.cles) == (
        [],
        [oursin.foyer_id],
        [],
    )


def test_confirmed_residence_is_kept_with_who_said_it(payeurs):
    agente = StaffFactory()
    foyers = [payeurs["ici"].foyer_id, payeurs["sans"].foyer_id]

    assert len(confirmer(foyers, "commune", par=agente.pk, now=NOW)) == 2
    assert confirmer(foyers, "commune", par=agente.pk, now=NOW) == []

    compte = compte_of(payeurs["ici"].foyer)
    assert (compte.residence, compte.residence_vue_par, compte.residence_vue_le) == ("commune", agente, NOW)
    assert load_residences(TODAY).a_dire == 1
    with pytest.raises(ValueError, match="list"):
        confirmer(foyers, "", par=agente.pk, now=NOW)


def test_address_that_says_otherwise_since_is_listed(payeurs):
    confirmer([payeurs["la"].foyer_id], "commune", par=StaffFactory().pk, now=NOW)

    assert load_residences(TODAY).changees.cles == [payeurs["la"].foyer_id]


def test_invoices_go_by_mail_or_on_paper(payeurs):
    foyer = payeurs["ici"].foyer_id

    assert choisir_envoi(foyer, "papier").envoi == "papier"
    assert choisir_envoi(foyer, "papier") is None
    assert Compte.objects.get(foyer=foyer).envoi == "papier"
