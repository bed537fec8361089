"""An erased family keeps what was issued to it, ten years, and nothing else; what is due is said before."""

from datetime import date, datetime

import pytest

from conservation.effacement import effacer
from enfance.famille.effacement import apercu_famille, effacer_famille
from enfance.models import Enfant
from facturation.arrete.cloture import arreter
from facturation.models import (
    Attestation,
    Compte,
    Encaissement,
    EssaiPaiement,
    Facture,
    Imputation,
    Justification,
    Partage,
    Prestation,
    Quotient,
    ReponseAbsence,
    SignalementFacture,
)
from facturation.payeurs.comptes import compte_of, soldes
from facturation.registres.effacements import PAPIERS
from facturation.verification import verifier
from portail.dates import PARIS
from tests.factories import FoyerFactory, ResponsableFactory
from tests.facturation.factures_emises import emettre, encaisser, make_mois, make_prestation
from tests.facturation.registres.argent import DECEMBRE, JOUR, NOVEMBRE
from tests.facturation.vecu import clore, inscrire

pytestmark = pytest.mark.ci

PIECES = (Facture, Prestation, Encaissement, Imputation, Attestation)


def rows(*models):
    """Every column of what was issued but the links that an erasure takes away."""
    return {
        model: sorted(
            model._base_manager.filter(**({"facture__isnull": False} if model is Prestation else {})).values_list(
                *(f.attname for f in model._meta.concrete_fields if f.name not in {"enfant", "motif", "reference"})
            ),
            key=str,
        )
        for model in models
    }


@pytest.fixture
def seule(parents):
    """Camille's family alone: nobody else answers for the child."""
    parents.lea.responsabilites.filter(responsable=parents.sacha).delete()
    parents.lea.gardes.filter(foyer=parents.sacha.foyer).delete()
    return parents


def test_issued_papers_stay_as_they_are_and_lead_to_nobody(seule):  # RGP-08, RGP-16
    compte, avant = seule.comptes["Camille"], rows(*PIECES)

    bilan = effacer_famille(seule.camille.user_id, now=DECEMBRE)

    assert rows(*PIECES) == avant
    assert PAPIERS in bilan.restes
    assert Compte.objects.get(pk=compte.pk).foyer is None
    assert not Prestation.objects.filter(compte=compte).exclude(enfant=None).exists()
    facture = Facture.objects.get(compte=compte, genre="F")
    assert facture.entete["payeur"]["nom"] == "Camille Morel"


def test_what_only_served_a_price_goes(seule):  # RGP-08, RGP-15
    compte = seule.comptes["Camille"]
    effacer_famille(seule.camille.user_id, now=DECEMBRE)

    for model in (Quotient, Partage):
        assert not model.objects.filter(compte=compte).exists()
    for model in (Partage, Justification, ReponseAbsence):
        assert not model.objects.filter(enfant=seule.lea.pk).exists()
    assert not SignalementFacture.objects.filter(facture__compte=compte).exists()
    siens = EssaiPaiement.objects.filter(compte=compte)
    assert {(essai.mel, "mel" in essai.reponse) for essai in siens} == {("", False)}


def test_other_parent_keeps_what_is_theirs(parents):  # ACC-03
    """The child stays with Sacha; its shares go, for one alone would not be 100 %."""
    autre = parents.comptes["Sacha"]
    avant = {
        model: list(model.objects.filter(**{chemin: autre}).values())
        for model, chemin in (
            (Facture, "compte"),
            (Prestation, "compte"),
            (Quotient, "compte"),
            (EssaiPaiement, "compte"),
        )
    }

    effacer_famille(parents.camille.user_id, now=DECEMBRE)

    assert {
        model: list(model.objects.filter(**{"compte": autre}).values())
        for model in (Facture, Prestation, Quotient, EssaiPaiement)
    } == avant
    assert Enfant.objects.filter(pk=parents.lea.pk).exists()
    assert Compte.objects.get(pk=autre.pk).foyer_id == parents.sacha.foyer_id
    assert not Partage.objects.exists()


def test_words_of_others_lose_its_names(seule):
    """A family's name in what another family wrote of an invoice."""
    dit = SignalementFacture.objects.get(facture__compte=seule.comptes["Sacha"])
    SignalementFacture.objects.filter(pk=dit.pk).update(texte="Camille Morel a gardé Léa.")
    effacer_famille(seule.camille.user_id, now=DECEMBRE)
    assert SignalementFacture.objects.get(pk=dit.pk).texte == "(effacé) a gardé Léa."


def test_line_that_waits_and_unpaid_balance_are_said_before(seule):
    compte = seule.comptes["Camille"]
    Encaissement.objects.filter(compte=compte).exclude(moyen="payfip").update(montant=10)

    avis = apercu_famille(seule.camille.user_id, now=DECEMBRE).avis

    assert avis[:2] == (
        "1\u00a0ligne de mois déjà arrêtés, 0,65\u202f€ en tout, sans facture encore\u00a0: le prochain mois arrêté "
        "l’émet, au nom et à l’adresse d’aujourd’hui, en lettre.",
        "0,70\u202f€ restent à payer\u00a0: la mairie ne pourra plus écrire à cette famille. Les factures gardent le "
        "nom et l’adresse, pour la trésorerie.",
    )
    assert Compte.objects.get(pk=compte.pk).foyer_id == seule.camille.foyer_id


def test_line_that_waits_is_billed_to_its_family_once_erased(seule):
    """The next closing issues it with the names and the address of the day of the erasure: nothing is lost."""
    compte = seule.comptes["Camille"]
    adresse = seule.camille.foyer.adresse
    effacer_famille(seule.camille.user_id, now=DECEMBRE)

    arret = arreter(date(2026, 12, 1), None, datetime(2027, 1, 4, 9, tzinfo=PARIS))

    assert arret.refus == ()
    facture = Facture.objects.get(compte=compte, mois=arret.mois)
    assert facture.total == 65
    payeur = facture.entete["payeur"]
    assert (payeur["nom"], payeur["adresse"][0], payeur["identifiants"]) == ("Camille Morel", adresse, ["2000001"])
    assert [enfant["prenom"] for enfant in facture.entete["enfants"].values()] == ["Léa"]
    assert facture.pk in arret.mois.bilan["lettres"]
    assert [dit for dit in verifier() if facture.numero in dit] == []


def test_month_that_is_not_closed_is_said_before(seule):
    inscrire(seule.lea, date(2026, 12, 1), foyer=seule.camille.foyer)
    clore(date(2026, 12, 1))

    avis = apercu_famille(seule.camille.user_id, now=DECEMBRE).avis

    assert (
        "Décembre 2026 n’est pas arrêté\u00a0: 0,40\u202f€ à ce jour ne seraient jamais facturés. Attendez l’arrêté, "
        "si cette famille doit les payer."
    ) in avis


def test_credit_is_said_before(seule):
    compte = seule.comptes["Camille"]
    encaisser(compte, 500)
    avis = apercu_famille(seule.camille.user_id, now=DECEMBRE).avis
    assert "4,80\u202f€ sont à rendre à cette famille\u00a0: remboursez d’abord." in avis


def test_payer_of_nothing_goes(parents):
    """A family that only told its quotient."""
    alix = ResponsableFactory(foyer=FoyerFactory(adresse="9 rue du Moulin"))
    compte = compte_of(alix.foyer)
    Quotient.objects.create(compte=compte, valeur=500, source="caf", debut=date(2026, 9, 1))

    bilan = effacer_famille(alix.user_id, now=DECEMBRE)

    assert not Compte.objects.filter(pk=compte.pk).exists()
    assert (PAPIERS in bilan.restes, Compte.objects.count()) == (False, 2)


def test_payers_made_one_with_theirs_lose_what_served_a_price_too(seule):
    """Papers of the other foyer stay as well; an empty one goes, whichever led to the other."""
    vivant, autre = seule.comptes["Camille"], seule.comptes["Sacha"]
    vide = Compte.objects.create(reuni_dans=vivant)
    Compte.objects.filter(pk=autre.pk).update(foyer=None, reuni_dans=vivant)

    effacer_famille(seule.camille.user_id, now=DECEMBRE)

    assert not Quotient.objects.exists()
    assert set(Compte.objects.values_list("pk", flat=True)) == {vivant.pk, autre.pk}
    assert not Compte.objects.filter(pk=vide.pk).exists()


def test_child_alone_erased_leaves_its_lines(parents):  # RGP-08
    """As the yearly purge erases one who left, while a brother stays."""
    compte, avant = parents.comptes["Camille"], rows(*PIECES)
    bilan = effacer({"enfance.Enfant": {parents.lea.pk}}, now=DECEMBRE)
    assert rows(*PIECES) == avant
    assert bilan.gardes == (PAPIERS,)
    assert soldes([compte]) == {compte.pk: 20}


def test_line_that_waits_keeps_the_name_of_a_child_erased_alone(parents):
    effacer({"enfance.Enfant": {parents.lea.pk}}, now=DECEMBRE)

    attente = Prestation.objects.waiting()
    assert {ligne.faits["enfant"]["prenom"] for ligne in attente} == {"Léa"}
    assert not any("payeur" in ligne.faits for ligne in attente)


def test_agent_who_wrote_is_forgotten_and_papers_stay(parents):
    """An agent's closed account, erased in its time."""
    agent = Facture.objects.exclude(emise_par=None)[0].emise_par
    agent.is_active = False
    agent.save()
    avant = Facture.objects.count()
    effacer({"accounts.User": {agent.pk}}, now=DECEMBRE)
    assert (Facture.objects.count(), Facture.objects.exclude(emise_par=None).exists()) == (avant, False)


def test_other_families_lines_of_the_same_day_are_left(seule):
    autre = seule.comptes["Sacha"]
    ligne = make_prestation(autre, seule.lea, JOUR.replace(day=12), "midi")
    emettre(autre, [ligne], mois=make_mois(NOVEMBRE.replace(month=10)))
    effacer_famille(seule.camille.user_id, now=DECEMBRE)
    assert Prestation.objects.get(pk=ligne.pk).facture.compte == autre
