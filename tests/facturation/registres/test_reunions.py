"""Children, adults, homes made one: papers keep their payer and their numbers, one payer stays live (RGP-16)."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import OperationalError, connection

from accounts.models import User
from enfance.mairie.doubles.fusion_enfants import reunir_enfants
from enfance.mairie.doubles.fusions import reunir_adultes, reunir_foyers
from enfance.mairie.familles.separation import Depart, Sort, changer_de_foyer
from enfance.models import Foyer
from facturation.attestations.paye import _paire_of
from facturation.models import (
    Compte,
    Encaissement,
    Facture,
    Justification,
    Partage,
    Prestation,
    Quotient,
    ReponseAbsence,
)
from facturation.payeurs.comptes import compte_of, comptes_seen_by, soldes
from facturation.regie.encaissements import encaisser as recevoir
from facturation.verification import verifier
from tests.enfance.mairie.doubles.fusions.doubles import everything
from tests.factories import FoyerFactory, ResponsableFactory, StaffFactory, make_enfant
from tests.facturation.factures_emises import emettre, make_prestation
from tests.facturation.registres.argent import DECEMBRE, JOUR
from tests.pannes import Fault

pytestmark = pytest.mark.ci


def papers() -> dict[str, list[tuple]]:
    """What was issued, as it must stay."""
    return {
        "factures": list(Facture.objects.order_by("pk").values_list()),
        "lignes": list(
            Prestation.objects.exclude(facture=None).order_by("pk").values_list("pk", "compte", "cle_enfant")
        ),
        "reçus": list(Encaissement.objects.exclude(moyen="report").order_by("pk").values_list()),
    }


# --- Children ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def double(parents):
    """Léa's second file, typed by hand; it was billed too."""
    double = make_enfant(parents.camille, prenom="Léa")
    compte = parents.comptes["Camille"]
    emettre(compte, [make_prestation(compte, double, date(2026, 11, 9), "midi")], origine=None, echeance=JOUR)
    return double


def unite(parents, double):
    return reunir_enfants(parents.lea.pk, double.pk, {}, StaffFactory().pk, now=DECEMBRE)


def test_issued_lines_keep_the_child_that_they_name_and_lead_to_the_one_that_stays(parents, double):
    avant, cle = papers(), double.pk
    bilan = unite(parents, double)
    assert papers() == avant
    assert Prestation.objects.get(cle_enfant=cle).enfant == parents.lea
    assert dict(bilan.deplaces)["prestations"] == 1


def test_line_that_waits_names_the_child_that_stays(parents, double):
    ligne = make_prestation(parents.comptes["Camille"], double, date(2026, 11, 10), "midi")
    unite(parents, double)
    assert Prestation.objects.get(pk=ligne.pk).cle_enfant == parents.lea.pk


@pytest.mark.parametrize("ou", ["on the other file", "another part issued"])
def test_line_that_waits_stays_as_it_is_where_its_price_is_bound(parents, double, ou):
    """Two lines of one séance, the same payer's; half of a price that the other payer was billed for."""
    compte, autre, jour = parents.comptes["Camille"], parents.comptes["Sacha"], date(2026, 11, 10)
    ligne, cle = make_prestation(compte, double, jour, "midi", part=50, montant=40), double.pk
    if ou == "on the other file":
        make_prestation(compte, parents.lea, jour, "midi")
    else:
        moitie = make_prestation(autre, double, jour, "midi", part=50, montant=40)
        emettre(autre, [moitie], echeance=JOUR)
    unite(parents, double)
    ligne.refresh_from_db()
    assert (ligne.cle_enfant, ligne.enfant) == (cle, parents.lea)


def test_shares_of_the_double_serve_where_the_other_file_has_none(parents, double):
    compte = parents.comptes["Camille"]
    Partage.objects.create(enfant=double, compte=compte, part=100)
    unite(parents, double)
    assert sorted(Partage.objects.values_list("enfant", "part")) == [(parents.lea.pk, 50)] * 2

    seul = make_enfant(parents.camille, prenom="Léa")
    Partage.objects.create(enfant=seul, compte=compte, part=100)
    Partage.objects.filter(enfant=parents.lea).delete()
    unite(parents, seul)
    assert Partage.objects.get().enfant == parents.lea


def test_reason_is_told_once_a_day_and_every_answer_follows(parents, double):
    creneau = ReponseAbsence.objects.first().creneau
    for jour in (JOUR, date(2026, 11, 12)):
        Justification.objects.create(enfant=double, jour=jour, raison="transport")
        ReponseAbsence.objects.create(enfant=double, jour=jour, creneau=creneau, reponse="facturee", motif="tard")
    unite(parents, double)
    assert list(Justification.objects.order_by("jour").values_list("jour", "raison")) == [
        (JOUR, "maladie"),
        (date(2026, 11, 12), "transport"),
    ]
    assert ReponseAbsence.objects.filter(enfant=parents.lea).count() == 4


# --- Homes ------------------------------------------------------------------------------------------------------------


def join(parents):
    return reunir_foyers(parents.camille.foyer_id, parents.sacha.foyer_id, {})


def test_balance_is_carried_by_two_opposite_lines(parents):
    vivant, autre = parents.comptes["Camille"], parents.comptes["Sacha"]
    avant = papers()
    assert soldes([vivant, autre]) == {vivant.pk: 20, autre.pk: 20}

    join(parents)

    autre.refresh_from_db()
    assert papers() == avant
    assert (autre.foyer, autre.reuni_dans) == (None, vivant)
    assert soldes([vivant, autre]) == {vivant.pk: 40, autre.pk: 0}
    assert sorted(Encaissement.objects.filter(moyen="report").values_list("compte", "montant")) == sorted(
        [(autre.pk, 20), (vivant.pk, -20)]
    )
    assert {recu.payeur for recu in Encaissement.objects.filter(moyen="report")} == {"Camille Morel et Sacha Rivière"}
    assert set(comptes_seen_by(parents.camille.user)) == {vivant, autre}


def test_credit_is_carried_too_and_money_that_comes_later_is_the_live_payers(parents):
    vivant, autre = parents.comptes["Camille"], parents.comptes["Sacha"]
    recevoir(autre, "especes", 520, par=None, now=DECEMBRE)
    join(parents)
    assert soldes([vivant, autre]) == {vivant.pk: 20 - 500, autre.pk: 0}
    recu = recevoir(autre, "especes", 100, par=None, now=DECEMBRE)
    assert recu.compte == vivant


def test_what_waits_for_an_invoice_is_the_live_payers(parents):
    vivant, autre = parents.comptes["Camille"], parents.comptes["Sacha"]
    ligne = make_prestation(autre, parents.lea, date(2026, 11, 10), "midi")
    join(parents)
    assert Prestation.objects.get(pk=ligne.pk).compte == vivant
    assert Prestation.objects.waiting().filter(compte=autre).exclude(montant__lt=0).count() == 1  # the shared evening


def test_séance_that_the_two_shared_is_carried_by_two_opposite_lines(parents):
    """Both wait for the evening of the 5th: one séance has one line a payer."""
    vivant, autre = parents.comptes["Camille"], parents.comptes["Sacha"]
    join(parents)
    attente = Prestation.objects.waiting().order_by("pk")
    assert [(p.compte, p.nature, p.montant) for p in attente] == [
        (vivant, "seance", 65),
        (autre, "seance", 65),
        (autre, "report", -65),
        (vivant, "report", 65),
    ]
    assert [phrase for phrase in verifier() if "autre payeur" in phrase or "lignes du payeur" in phrase] == []


def test_shares_of_the_two_are_added_up_period_by_period(parents):
    vivant, autre = parents.comptes["Camille"], parents.comptes["Sacha"]
    tiers = compte_of(FoyerFactory(adresse="9 rue du Moulin"))
    Partage.objects.all().delete()
    enfant, ete = parents.lea, date(2027, 7, 1)
    Partage.objects.create(enfant=enfant, compte=vivant, part=30, fin=date(2027, 6, 30))
    Partage.objects.create(enfant=enfant, compte=vivant, part=60, debut=ete)
    Partage.objects.create(enfant=enfant, compte=autre, part=30, fin=date(2027, 6, 30))
    Partage.objects.create(enfant=enfant, compte=tiers, part=40)

    join(parents)

    assert list(Partage.objects.order_by("compte", "debut").values_list("compte", "part", "debut", "fin")) == [
        (vivant.pk, 60, None, None),
        (tiers.pk, 40, None, None),
    ]


def test_part_of_each_period_stays_where_it_changes(parents):
    vivant, autre = parents.comptes["Camille"], parents.comptes["Sacha"]
    Partage.objects.all().delete()
    janvier = date(2027, 1, 1)
    Partage.objects.create(enfant=parents.lea, compte=vivant, part=40, debut=date(2026, 9, 1))
    Partage.objects.create(enfant=parents.lea, compte=autre, part=20, debut=janvier, fin=date(2027, 1, 31))
    join(parents)
    assert sorted(Partage.objects.values_list("debut", "fin", "part")) == [
        (date(2026, 9, 1), date(2026, 12, 31), 40),
        (janvier, date(2027, 1, 31), 60),
        (date(2027, 2, 1), None, 40),
    ]


def test_quotients_are_one_list_and_residence_that_is_known_stays(parents):
    vivant, autre = parents.comptes["Camille"], parents.comptes["Sacha"]
    Compte.objects.filter(pk=vivant.pk).update(residence="", residence_vue_le=None)
    Quotient.objects.filter(compte=autre).update(debut=date(2026, 11, 1), valeur=900)
    join(parents)
    assert Quotient.objects.holding(date(2026, 12, 1)).first().valeur == 900
    assert set(Quotient.objects.values_list("compte", flat=True)) == {vivant.pk}
    assert Compte.objects.get(pk=vivant.pk).residence == "commune"


def test_home_without_a_payer_takes_that_of_the_other(parents):
    foyer, autre = FoyerFactory(adresse="9 rue du Moulin"), parents.comptes["Sacha"]
    reunir_foyers(foyer.pk, parents.sacha.foyer_id, {})
    autre.refresh_from_db()
    assert (autre.foyer, autre.reuni_dans) == (foyer, None)


def test_double_home_without_a_payer_brings_none(parents):
    vide = FoyerFactory(adresse="9 rue du Moulin")
    reunir_foyers(parents.sacha.foyer_id, vide.pk, {})
    assert Compte.objects.count() == 2


def test_payers_made_one_twice_lead_straight_to_the_one_that_stays(parents):
    alix = ResponsableFactory(foyer=FoyerFactory(adresse="9 rue du Moulin"))
    dernier = compte_of(alix.foyer)
    join(parents)
    reunir_foyers(alix.foyer_id, parents.camille.foyer_id, {})
    assert {compte.reuni_dans for compte in parents.comptes.values() if not compte.refresh_from_db()} == {dernier}
    assert soldes([dernier]) == {dernier.pk: 40}
    assert len(comptes_seen_by(alix.user)) == 3


def test_what_paid_a_debt_is_still_found_once_its_payer_was_made_one_again(parents):
    """A certificate follows the entry that settled it to the one that the other payer has to pay."""
    vivant, autre = parents.comptes["Camille"], parents.comptes["Sacha"]
    join(parents)
    alix = ResponsableFactory(foyer=FoyerFactory(adresse="9 rue du Moulin"))
    compte_of(alix.foyer)
    reunir_foyers(alix.foyer_id, parents.camille.foyer_id, {})

    sortie = _paire_of(Encaissement.objects.get(moyen="report", compte=autre))

    assert (sortie.compte, sortie.montant) == (vivant, -20)


# --- Adults -----------------------------------------------------------------------------------------------------------


def test_what_an_adult_told_is_told_by_the_account_that_stays(parents):
    """Their homes are one as well: nobody is left in the other."""
    reunir_adultes(parents.camille.pk, parents.sacha.pk, {}, now=DECEMBRE)
    assert set(Quotient.objects.values_list("saisi_par", flat=True)) == {parents.camille.user_id}
    assert Compte.objects.get(foyer=parents.camille.foyer_id) == parents.comptes["Camille"]


def test_adult_who_leaves_reads_the_papers_of_the_home_no_more(parents):  # ACC-03
    """The home keeps its payer, its papers and its balance; the other begins with none."""
    alix = ResponsableFactory(foyer=parents.camille.foyer, user__first_name="Alix")
    depart = Depart(alix.pk, DECEMBRE.date(), {})
    bilan = changer_de_foyer(depart, Foyer(adresse="9 rue du Moulin"), Sort.LAISSER, StaffFactory().pk, now=DECEMBRE)
    assert bilan.refus == ()
    assert comptes_seen_by(User.objects.get(pk=alix.user_id)) == []
    assert comptes_seen_by(parents.camille.user) == [parents.comptes["Camille"]]


@pytest.mark.django_db(transaction=True)
def test_fault_at_any_query_leaves_two_payers_or_one(parents):
    """All or nothing, balances and numbers included."""
    for n in range(1, 300):
        avant = everything()
        try:
            with connection.execute_wrapper(Fault(n, done=True)):
                join(parents)
        except OperationalError:
            assert everything() == avant, f"query {n}"
        else:
            break
    vivant, autre = parents.comptes["Camille"], parents.comptes["Sacha"]
    assert soldes([vivant, autre]) == {vivant.pk: 40, autre.pk: 0}
    assert 30 < n < 299
