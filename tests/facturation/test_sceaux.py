"""Receipts, cancellations and versements are sealed: what somebody changes in the database is found."""

from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.db import connection

from accounts.models import Passage
from facturation.models import Encaissement, Facture, Imputation, Nomination, Prestation, Regie, Serie, Versement
from facturation.payeurs.comptes import compte_of
from facturation.regie.encaissements import annuler, encaisser, rembourser, verser
from facturation.scellement import SCELLES, sceller_anciens, sceller_d_abord
from facturation.verification import verifier
from tests.factories import ResponsableFactory, UserFactory, make_creneaux, make_enfant
from tests.facturation.papiers import ligne, make_facture, midi

pytestmark = pytest.mark.django_db
JOUR = date(2026, 12, 3)


@pytest.fixture
def regisseuse():
    agent = UserFactory(first_name="Hélène", last_name="Garnier")
    Nomination.objects.create(nom="Hélène Garnier", fonction="titulaire", debut=date(2026, 1, 1), compte=agent)
    Regie.objects.create(acte="Arrêté 2026-12", acte_du=date(2026, 1, 1))
    return agent


@pytest.fixture
def caisse(regisseuse):
    """Two payers; an invoice paid by a cheque that bounced after the versement, then in cash; a refund."""
    camille = ResponsableFactory()
    compte = compte_of(camille.foyer)
    tom, soir = make_enfant(camille), make_creneaux()["soir"]
    facture = make_facture(compte, [ligne(tom, date(2026, 11, 3), 3000, soir)], emise=date(2026, 12, 1))
    compte_of(ResponsableFactory().foyer)
    cheque = encaisser(compte, "cheque", 3000, reference="1", par=regisseuse, now=midi(JOUR))
    verser(JOUR, regisseuse, midi(JOUR) + timedelta(hours=1))
    annuler(cheque, "sans provision", regisseuse, midi(date(2026, 12, 5)), impaye=True)
    encaisser(compte, "especes", 3500, par=regisseuse, now=midi(date(2026, 12, 8)))
    rembourser(compte, 500, motif="trop payé", par=regisseuse, now=midi(date(2026, 12, 9)))
    return facture


def sql(requete, *valeurs):
    with connection.cursor() as cursor:
        cursor.execute(requete, valeurs)
        assert cursor.rowcount == 1


def test_what_is_sealed_says_nothing(caisse):
    assert list(verifier()) == []
    assert {recu.empreinte for recu in Encaissement.objects.all()} & {""} == set()


RECU, VERSEMENT, IMPUTATION, LIGNE = (
    modele._meta.db_table for modele in (Encaissement, Versement, Imputation, Prestation)
)
CHANGES = {
    "a cent": (f"UPDATE {RECU} SET montant = montant + 1 WHERE numero = 'R-2026-0003'", "R-2026-0003"),
    "another payer": (f"UPDATE {RECU} SET payeur = 'Autre' WHERE numero = 'R-2026-0003'", "R-2026-0003"),
    "another account": (
        f"UPDATE {RECU} SET compte_id = compte_id + 1 WHERE numero = 'R-2026-0004'",
        "R-2026-0004",
    ),
    "another means": (f"UPDATE {RECU} SET moyen = 'virement' WHERE numero = 'R-2026-0003'", "R-2026-0003"),
    "another day": (
        f"UPDATE {RECU} SET recu_le = '2026-12-07 12:00:00+00:00' WHERE numero = 'R-2026-0003'",
        "R-2026-0003",
    ),
    "another sum in the bounce": (
        f"UPDATE {RECU} SET montant = montant - 1 WHERE numero = 'R-2026-0002'",
        "R-2026-0002",
    ),
    "a cent of the versement": (
        f"UPDATE {VERSEMENT} SET total = total + 1 WHERE numero = 'V-2026-0001'",
        "V-2026-0001",
    ),
    "another day of the versement": (
        f"UPDATE {VERSEMENT} SET verse_le = '2026-12-02' WHERE numero = 'V-2026-0001'",
        "V-2026-0001",
    ),
    "a cent of what it paid": (
        f"UPDATE {IMPUTATION} SET montant = montant - 1 WHERE encaissement_id = "  # noqa: S608
        f"(SELECT id FROM {RECU} WHERE numero = 'R-2026-0003') AND facture_id IS NOT NULL",
        "R-2026-0003",
    ),
    "no seal any more": (f"UPDATE {RECU} SET empreinte = '' WHERE numero = 'R-2026-0003'", "R-2026-0003"),
    "a cent of a line": (f"UPDATE {LIGNE} SET montant = montant + 1", "F-2026-0001"),
}


@pytest.mark.parametrize(("requete", "numero"), CHANGES.values(), ids=list(CHANGES))
def test_change_in_the_database_is_found_with_its_number(caisse, requete, numero):
    sql(requete)

    assert [phrase for phrase in verifier() if phrase.startswith(numero)]


def test_another_signer_is_found(caisse):
    Encaissement.objects.filter(numero="R-2026-0003").update(signe={"signataire": "Quelqu’un"})

    assert list(verifier()) == ["R-2026-0003\u00a0: il n’est plus ce qu’il était quand il a été scellé (sceau)."]


def test_receipt_that_left_a_versement_is_found(caisse):
    Encaissement.objects.filter(numero="R-2026-0001").update(versement=None)

    assert "V-2026-0001\u00a0: il n’est plus ce qu’il était quand il a été scellé (sceau)." in list(verifier())


def test_receipt_keeps_who_signed_and_received_it(caisse, regisseuse):
    Nomination.objects.update(fin=date(2026, 12, 31))
    Nomination.objects.create(nom="Paul Meunier", fonction="titulaire", debut=date(2027, 1, 1))

    nouveau = encaisser(Facture.objects.get().compte, "especes", 100, par=regisseuse, now=midi(date(2027, 1, 4)))

    assert Encaissement.objects.get(numero="R-2026-0003").signe == {
        "signataire": "Hélène Garnier",
        "fonction": "régisseur ou régisseuse titulaire",
        "recu_par": "Hélène Garnier",
        "acte": "Arrêté 2026-12 du 01/01/2026",
    }
    assert (nouveau.signe["signataire"], nouveau.signe["recu_par"]) == ("Paul Meunier", "Hélène Garnier")
    assert list(verifier()) == []


def test_bounce_is_an_act_of_its_own(caisse):
    assert Encaissement.objects.get(numero="R-2026-0002").signe["impaye"] is True
    assert "impaye" not in Encaissement.objects.get(numero="R-2026-0001").signe


def test_those_of_before_are_sealed_as_they_stand_and_say_since_when(caisse, capsys):
    Encaissement.objects.update(empreinte="", signe={}, scelle_le=None)
    Versement.objects.update(empreinte="", signe={}, scelle_le=None)
    assert len([phrase for phrase in verifier() if "n’est pas scellé" in phrase]) == 5

    assert sceller_anciens(midi(date(2026, 12, 20))) == 5

    assert list(verifier()) == []
    assert {recu.signe["tel_quel"] for recu in Encaissement.objects.all()} == {True}
    assert {recu.scelle_le for recu in Encaissement.objects.all()} == {midi(date(2026, 12, 20))}
    call_command("sceller")
    assert capsys.readouterr().out == "0\u00a0pièce scellée.\n"


def test_first_night_seals_them_and_the_others_do_not(caisse):
    Encaissement.objects.filter(numero="R-2026-0001").update(empreinte="")
    sceller_d_abord(midi(date(2026, 12, 20)))
    assert list(verifier()) == []
    assert Passage.objects.filter(job=SCELLES).exists()

    Encaissement.objects.filter(numero="R-2026-0001").update(empreinte="")
    sceller_d_abord(midi(date(2026, 12, 21)))

    assert "R-2026-0001\u00a0: il n’est pas scellé." in list(verifier())


def test_deleted_receipt_is_a_number_that_misses(caisse):
    recu = Encaissement.objects.get(numero="R-2026-0004")
    Imputation.objects.filter(sortie=recu).delete()
    sql(f"DELETE FROM {RECU} WHERE id = %s", recu.pk)  # noqa: S608

    assert "R-2026-0004\u00a0: ce numéro manque." in list(verifier())
    assert Serie.objects.get(code="R", annee=2026).dernier == 4
