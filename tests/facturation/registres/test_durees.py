"""How long money is kept: the accounts ten years, whole; what only served a price, with its school year (RGP-06)."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from enfance.mairie.partis import load_partis
from enfance.models import Creneau
from facturation.models import (
    Attestation,
    Compte,
    Encaissement,
    EssaiPaiement,
    Facture,
    Imputation,
    Justification,
    NombreEnfants,
    Partage,
    PartPaiement,
    Prestation,
    Quotient,
    ReponseAbsence,
    Versement,
)
from facturation.payeurs.comptes import compte_of, soldes
from facturation.regie.encaissements import annuler
from facturation.regie.encaissements import encaisser as recevoir
from facturation.registres import durees
from facturation.verification import verifier
from portail.dates import PARIS
from portail.durees import erase
from tests.factories import (
    AnneeFactory,
    ClasseFactory,
    EnfantFactory,
    ResponsableFactory,
    ScolariteFactory,
    UserFactory,
    make_enfant,
)
from tests.facturation.essais import make_essai
from tests.facturation.factures_emises import correction, emettre, encaisser, make_mois, make_prestation
from tests.facturation.registres.argent import make_argent
from tests.facturation.vecu import make_commune

pytestmark = [pytest.mark.django_db, pytest.mark.ci]
# Ten years after 2026, in the autumn when the purge passes: what was issued in 2026 is kept for the last time.
VEILLE, NOW = (datetime(annee, 10, 15, 3, tzinfo=PARIS) for annee in (2036, 2037))
ALORS = datetime(2026, 12, 3, 10, tzinfo=PARIS)
PLUS_TARD = datetime(2030, 12, 3, 10, tzinfo=PARIS)
ESSAIS, PRIX, COMPTES = durees.DUREES


@pytest.fixture
def compte() -> Compte:
    make_commune()
    return compte_of(ResponsableFactory().foyer)


def facture(compte: Compte, *, le: datetime = ALORS, mois: date = date(2026, 11, 1), code: str = "midi") -> Facture:
    """0,80 € of a month."""
    ligne = make_prestation(compte, EnfantFactory(), mois.replace(day=5), code)
    return emettre(compte, [ligne], mois=make_mois(mois), emise_le=le)


def left() -> dict[str, int]:
    models = (Facture, Prestation, Encaissement, Imputation)
    return {model.__name__: n for model in models if (n := model._base_manager.count())}


def test_settled_invoice_goes_with_its_lines_and_what_paid_it_ten_years_after_its_year(compte):  # RGP-06, RGP-16
    vieille = facture(compte)
    encaisser(compte, 80, (vieille, 80), recu_le=ALORS)
    recente = facture(compte, le=PLUS_TARD, mois=date(2030, 11, 1))

    assert erase(COMPTES, now=VEILLE) == {}
    assert dict(erase(COMPTES, now=NOW)) == {
        "facturation.Facture": 1,
        "facturation.Prestation": 1,
        "facturation.Encaissement": 1,
        "facturation.Imputation": 1,
    }
    assert list(Facture.objects.all()) == [recente]
    assert soldes([compte]) == {compte.pk: 80}


def test_simulation_counts_and_takes_back(compte):
    encaisser(compte, 80, (facture(compte), 80), recu_le=ALORS)
    avant = left()
    assert sum(erase(COMPTES, now=NOW, simuler=True).values()) == 4
    assert left() == avant


def test_unpaid_invoice_stays_as_long_as_its_payer_has_newer_ones(compte):
    facture(compte)
    recente = facture(compte, le=PLUS_TARD, mois=date(2030, 11, 1))
    assert erase(COMPTES, now=NOW) == {}
    encaisser(compte, 80, (recente, 80), recu_le=PLUS_TARD)
    assert erase(COMPTES, now=datetime(2041, 10, 15, 3, tzinfo=PARIS)).total() == 6  # nothing newer is left
    assert left() == {}


def test_receipt_that_paid_a_newer_invoice_keeps_the_older_one(compte):
    vieille, recente = facture(compte), facture(compte, le=PLUS_TARD, mois=date(2030, 11, 1))
    encaisser(compte, 160, (vieille, 80), (recente, 80), recu_le=ALORS)
    assert erase(COMPTES, now=NOW) == {}


def test_what_a_newer_paper_corrects_stays(compte):
    vieille = facture(compte)
    encaisser(compte, 80, (vieille, 80), recu_le=ALORS)
    retour = correction(vieille.prestations.get(), -20)
    emettre(compte, [retour], origine=vieille, emise_le=PLUS_TARD)
    assert erase(COMPTES, now=NOW) == {}


def test_correction_that_waits_keeps_what_it_corrects(compte):
    vieille = facture(compte)
    encaisser(compte, 80, (vieille, 80), recu_le=ALORS)
    facture(compte, le=PLUS_TARD, mois=date(2030, 11, 1))
    correction(vieille.prestations.get(), -20)
    assert erase(COMPTES, now=NOW) == {}


@pytest.mark.parametrize("avoir", [False, True])
def test_what_the_payer_that_stays_corrects_of_the_one_that_went_stays(compte, avoir):
    """Two homes were made one, then a line of the one that went was corrected, in a year whose time has not passed."""
    autre = compte_of(ResponsableFactory().foyer)
    vieille = facture(autre)
    encaisser(autre, 80, (vieille, 80), recu_le=ALORS)
    Compte.objects.filter(pk=autre.pk).update(foyer=None, reuni_dans=compte)
    retour = correction(vieille.prestations.get(), -20)
    Prestation.objects.filter(pk=retour.pk).update(compte=compte)
    retour.refresh_from_db()
    if avoir:
        emettre(compte, [retour], origine=vieille, emise_le=PLUS_TARD)
    else:
        ligne = make_prestation(compte, EnfantFactory(), date(2030, 11, 5), "midi")
        emettre(compte, [retour, ligne], mois=make_mois(date(2030, 11, 1)), emise_le=PLUS_TARD)

    assert erase(COMPTES, now=NOW) == {}
    erase(COMPTES, now=datetime(2041, 10, 15, 3, tzinfo=PARIS))
    erase(COMPTES, now=datetime(2041, 10, 16, 3, tzinfo=PARIS))
    assert left() == {}


def test_receipt_and_what_cancels_it_go_together(compte):
    facture(compte)
    faux = recevoir(compte, "cheque", 80, par=None, now=ALORS)
    annuler(faux, "chèque sans provision", None, ALORS)
    recevoir(compte, "cheque", 80, par=None, now=ALORS)
    facture(compte, le=PLUS_TARD, mois=date(2030, 11, 1))

    assert erase(COMPTES, now=NOW)["facturation.Encaissement"] == 3


def test_invoices_paid_at_once_on_line_go_together(compte):
    """One of them is not settled: what PayFiP took stays the sum of its receipts."""
    premiere, seconde = facture(compte), facture(compte, mois=date(2026, 10, 1))
    recus = [
        encaisser(compte, somme, (une, somme), moyen="payfip", reference="P")
        for une, somme in ((premiere, 80), (seconde, 30))
    ]
    essai = make_essai(premiere, montant=110, etat="paye", encaissement=recus[0], demande_le=ALORS)
    part = PartPaiement.objects.create(essai=essai, facture=seconde, montant=30, encaissement=recus[1])
    facture(compte, le=PLUS_TARD, mois=date(2030, 11, 1))

    assert erase(COMPTES, now=NOW) == {}
    assert not [phrase for phrase in verifier(depuis=2027) if "PayFiP" in phrase]

    recevoir(compte, "cheque", 50, factures=[seconde], par=None, now=ALORS)
    assert erase(COMPTES, now=NOW)["facturation.Encaissement"] == 3
    assert not EssaiPaiement.objects.exists()
    assert not PartPaiement.objects.filter(pk=part.pk).exists()


def test_whole_payer_goes_once_it_leads_nowhere_and_has_nothing_newer(compte):
    """All that a payer can have, part of it unpaid, certificates of 2027 last."""
    enfant = EnfantFactory()
    argent = make_argent(compte.foyer, enfant, UserFactory())
    Compte.objects.filter(pk=argent.pk).update(foyer=None)
    for modele in (Quotient, NombreEnfants, Partage):  # as an erasure does
        modele.objects.all().delete()

    erase(COMPTES, now=NOW)
    assert left() == {}
    assert (Versement.objects.count(), EssaiPaiement.objects.count(), Attestation.objects.count()) == (0, 0, 1)
    erase(COMPTES, now=datetime(2038, 10, 15, 3, tzinfo=PARIS))
    assert not Compte.objects.exists()


def test_count_of_money_is_right_after_a_purge(compte):
    """Numbers, shares and versements of the years that have passed are asked no more; those of later years are."""
    vieille = facture(compte)
    recu = encaisser(compte, 80, (vieille, 80), recu_le=ALORS)
    recu.versement = Versement.objects.create(
        annee=2027, rang=1, numero="V-2027-0001", verse_le=date(2027, 1, 4), total=80
    )
    recu.save()
    facture(compte, le=PLUS_TARD, mois=date(2030, 11, 1))
    erase(COMPTES, now=NOW)

    depuis = durees.first_whole_year(NOW)
    dites = [phrase for phrase in verifier(depuis=depuis) if "empreinte" not in phrase]
    assert depuis == 2027
    assert dites == [
        "V-2027-0001 existe, la série en est au n°\u00a00.",
    ]


# --- What served a price ----------------------------------------------------------------------------------------------


@pytest.fixture
def fini(compte) -> date:
    """The last day of a school year whose days have gone by `NOW`."""
    AnneeFactory(debut=date(2034, 9, 1), fin=date(2035, 7, 6), ouverture=date(2034, 6, 1))
    return date(2035, 7, 6)


def quotient(compte: Compte, debut: date, **fields) -> Quotient:
    known = {"valeur": 742, "source": "caf", "vu_le": debut, "saisi_le": datetime(2034, 9, 1, tzinfo=PARIS)}
    return Quotient.objects.create(compte=compte, debut=debut, **{**known, **fields})


def test_quotient_goes_once_another_has_taken_its_place(compte, fini):  # RGP-06, RGP-15
    quotient(compte, date(2033, 9, 1))
    tient = quotient(compte, date(2034, 9, 1))
    quotient(compte, date(2034, 10, 1), vu_le=None)  # told, and its attestation never seen
    apres = quotient(compte, date(2035, 9, 1))  # of the next year: the former one still served in July

    assert dict(erase(PRIX, now=NOW)) == {"facturation.Quotient": 2}
    assert set(Quotient.objects.all()) == {tient, apres}


@pytest.mark.parametrize(
    "fields",
    [{"fin": date(2035, 6, 30)}, {"annule_le": datetime(2035, 7, 1, tzinfo=PARIS)}, {"vu_le": None}],
    ids=["ended", "cancelled", "never seen"],
)
def test_quotient_that_counts_no_more_goes(compte, fini, fields):
    quotient(compte, date(2034, 9, 1), **fields)
    assert erase(PRIX, now=NOW).total() == 1


@pytest.mark.parametrize(
    "fields",
    [{}, {"fin": date(2035, 7, 31)}, {"vu_le": None, "saisi_le": datetime(2035, 8, 1, tzinfo=PARIS)}],
    ids=["holds", "ended later", "told later"],
)
def test_quotient_that_may_still_count_stays(compte, fini, fields):
    quotient(compte, date(2034, 9, 1), **fields)
    assert erase(PRIX, now=NOW) == {}


def test_reasons_answers_and_shares_go_with_the_days_that_they_are_about(compte, fini):  # RGP-06
    enfant = EnfantFactory()
    midi = {"creneau": Creneau.objects.get(code="midi"), "reponse": "excusee", "motif": "certificat"}
    for jour in (fini, date(2035, 9, 3)):
        Justification.objects.create(enfant=enfant, jour=jour, raison="maladie")
        ReponseAbsence.objects.create(enfant=enfant, jour=jour, **midi)
        Partage.objects.create(enfant=enfant, compte=compte, part=50, fin=jour)
    Partage.objects.create(enfant=enfant, compte=compte, part=50)

    assert dict(erase(PRIX, now=NOW)) == {
        "facturation.Justification": 1,
        "facturation.ReponseAbsence": 1,
        "facturation.Partage": 1,
    }
    assert (Justification.objects.count(), ReponseAbsence.objects.count(), Partage.objects.count()) == (1, 1, 2)


def test_attempt_without_payment_goes_after_a_year(compte):
    essai = {
        "facture": facture(compte),
        "compte": compte,
        "numcli": "090909",
        "exer": "2026",
        "refdet": "F20260001",
        "objet": "x",
        "montant": 100,
        "saisie": "T",
        "mel": "camille@courriel.example",
        "demande_le": ALORS,
    }
    restent = [EssaiPaiement.objects.create(**essai, etat=etat) for etat in ("a_verifier", "en_cours", "demande")]
    for etat in ("refuse", "abandonne", "perime"):
        EssaiPaiement.objects.create(**essai, etat=etat)

    assert erase(ESSAIS, now=datetime(2027, 12, 3, 9, tzinfo=PARIS)) == {}
    assert erase(ESSAIS, now=datetime(2027, 12, 3, 11, tzinfo=PARIS)).total() == 3
    assert set(EssaiPaiement.objects.all()) == set(restent)


# --- Who has left, and is not settled ---------------------------------------------------------------------------------

JOUR = date(2027, 10, 15)


def test_home_that_owes_nothing_is_not_kept(compte):
    encaisser(compte, 80, (facture(compte), 80), recu_le=ALORS)
    assert durees.retenus([compte.foyer_id], JOUR) == set()


@pytest.mark.parametrize("quoi", ["unpaid", "credit", "waiting"])
def test_home_with_something_to_settle_is_kept_for_four_years(compte, quoi):
    if quoi == "unpaid":
        facture(compte)
    elif quoi == "credit":
        encaisser(compte, 80, recu_le=ALORS)
    else:
        make_prestation(compte, EnfantFactory(), date(2026, 11, 5), "midi")
    assert durees.retenus([compte.foyer_id], JOUR) == {compte.foyer_id}
    if quoi != "waiting":
        assert durees.retenus([compte.foyer_id], date(2031, 1, 1)) == set()


@pytest.mark.parametrize("genre", ["tresorerie", "de_cote"])
def test_invoice_that_the_treasury_has_or_put_aside_keeps_nobody(compte, genre):
    facture(compte).relances.create(genre=genre, motif="plan de paiement")
    assert durees.retenus([compte.foyer_id], JOUR) == set()


def test_where_the_treasury_collects_an_invoice_keeps_its_family_until_a_list(compte, settings):
    settings.ENCAISSEMENT = "titre"
    due = facture(compte)
    assert durees.retenus([compte.foyer_id], JOUR) == {compte.foyer_id}
    due.relances.create(genre="tresorerie", montant=due.total)
    assert durees.retenus([compte.foyer_id], JOUR) == set()


def test_purge_of_who_has_left_waits_for_the_balance(compte):  # RGP-06
    """The child left in July 2027, and CONSERVATION_DEPARTS has passed since."""
    parent = compte.foyer.responsables.get()
    lea = make_enfant(parent)
    annee = AnneeFactory(debut=date(2028, 9, 1), fin=date(2029, 7, 6), ouverture=date(2028, 6, 1))
    ScolariteFactory(annee=annee, classe=ClasseFactory(annee=annee))
    jour = date(2028, 10, 15)
    due = facture(compte, le=datetime(2027, 1, 4, tzinfo=PARIS))

    partis = load_partis(jour)
    assert (partis.familles, partis.retenues) == ((), 1)

    encaisser(compte, 80, (due, 80), recu_le=ALORS)
    (famille,) = load_partis(jour).familles
    assert (famille.enfants, famille.foyers) == ({lea.pk}, {compte.foyer_id})
