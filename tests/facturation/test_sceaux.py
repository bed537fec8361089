"""Receipts, cancellations and versements are sealed: what somebody changes in the database is found."""

from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.db import connection

from accounts.models import Passage
from facturation.models import (
    Encaissement,
    Facture,
    Imputation,
    Nomination,
    Prestation,
    Regie,
    ReglageFacturation,
    Serie,
    Versement,
)
from facturation.payeurs.comptes import compte_of
from facturation.regie.encaissements import annuler, encaisser, rembourser, verser
from facturation.scellement import SCELLES, Signatures, sceller_anciens, sceller_d_abord
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
    "a cent": (
        RECU,
        "montant = montant + 1",
        "R-2026-0003",
        "«\u00a035,00\u202f€\u00a0», et non «\u00a035,01\u202f€",
    ),
    "another payer": (RECU, "payeur = 'Autre'", "R-2026-0003", "le nom du payeur n’est plus"),
    "another account": (RECU, "compte_id = compte_id + 1", "R-2026-0004", "le payeur était"),
    "another means": (
        RECU,
        "moyen = 'virement'",
        "R-2026-0003",
        "le moyen était «\u00a0especes",
    ),
    "another day": (RECU, "recu_le = '2026-12-07 12:00:00+00:00'", "R-2026-0003", "le jour où l’argent est venu était"),
    "another day of writing": (
        RECU,
        "ecrit_le = '2026-12-07 12:00:00+00:00'",
        "R-2026-0003",
        "l’heure où il a été écrit",
    ),
    "another sum in the bounce": (RECU, "montant = montant - 1", "R-2026-0002", "la somme était"),
    "another seal": (RECU, "scelle_le = '2026-12-07 12:00:00+00:00'", "R-2026-0003", "son sceau n’est pas le sien"),
    "no seal any more": (RECU, "empreinte = ''", "R-2026-0003", "il n’a plus de sceau"),
    "a cent of the versement": (VERSEMENT, "total = total + 1", "V-2026-0001", "le total était «\u00a030,00"),
    "another day of the versement": (VERSEMENT, "verse_le = '2026-12-02'", "V-2026-0001", "le jour était"),
}
PAYE = f"encaissement_id = (SELECT id FROM {RECU} WHERE numero = 'R-2026-0003') AND facture_id IS NOT NULL"  # noqa: S608


@pytest.mark.parametrize(("table", "change", "numero", "dit"), CHANGES.values(), ids=list(CHANGES))
def test_change_in_the_database_is_found_with_its_number_and_what_changed(caisse, table, change, numero, dit):
    sql(f"UPDATE {table} SET {change} WHERE numero = %s", numero)  # noqa: S608

    assert [phrase for phrase in verifier() if phrase.startswith(f"{numero}\u00a0: il n’est plus") and dit in phrase]


def test_change_of_what_was_paid_or_of_a_line_is_found(caisse):
    sql(f"UPDATE {IMPUTATION} SET montant = montant - 1 WHERE {PAYE}")  # noqa: S608
    assert "R-2026-0003\u00a0: il dit payer 30,00\u202f€ de F-2026-0001, 29,99\u202f€ y sont imputés." in list(
        verifier()
    )

    sql(f"UPDATE {LIGNE} SET montant = montant + 1")  # noqa: S608
    assert "F-2026-0001\u00a0: elle n’est plus ce qu’elle était à son émission (empreinte)." in list(verifier())


def test_other_words_of_what_it_paid_are_found(caisse):
    recu = Encaissement.objects.get(numero="R-2026-0003")
    recu.contenu["factures"][0]["paye"] -= 1
    recu.save()

    assert [phrase for phrase in verifier() if "R-2026-0003" in phrase and "ce qu’il a payé n’est plus" in phrase]


def test_eight_changes_at_once_are_eight_found(caisse):
    """One cent on each of eight papers: an invoice’s line and total, receipts, a bounce, a refund, a versement."""
    dits = []
    for numero in ("R-2026-0001", "R-2026-0002", "R-2026-0003", "R-2026-0004"):
        sql(f"UPDATE {RECU} SET montant = montant + 1 WHERE numero = %s", numero)  # noqa: S608
        dits.append((numero, "la somme était"))
    sql(f"UPDATE {VERSEMENT} SET total = total + 1")  # noqa: S608
    sql("UPDATE facturation_facture SET total = total + 1")
    sql(f"UPDATE {LIGNE} SET montant = montant + 2")  # noqa: S608
    sql(f"UPDATE {IMPUTATION} SET montant = montant + 1 WHERE {PAYE}")  # noqa: S608
    dits += [
        ("V-2026-0001", "le total était"),
        ("F-2026-0001", "le total est 30,01\u202f€, ses lignes font 30,02\u202f€"),
        ("F-2026-0001", "empreinte"),
        ("Payeur", "le solde est"),
    ]

    phrases = list(verifier())

    assert [un for un in dits if not any(un[0] in phrase and un[1] in phrase for phrase in phrases)] == []


def test_another_signer_is_found(caisse):
    recu = Encaissement.objects.get(numero="R-2026-0003")
    Encaissement.objects.filter(pk=recu.pk).update(signe=recu.signe | {"signataire": "Quelqu’un"})

    (phrase,) = verifier()

    assert phrase.startswith("R-2026-0003\u00a0: ")
    assert phrase.endswith("\u00a0: qui a signé ou reçu n’est plus ce qui est scellé.")


def test_sealing_a_receipt_adds_one_query(regisseuse, django_assert_num_queries):
    with django_assert_num_queries(1):
        signatures = Signatures()
    assert signatures.of(JOUR, regisseuse)["acte"] == "Arrêté 2026-12 du 01/01/2026"
    assert signatures.of(date(2025, 12, 31), None) == {"acte": "Arrêté 2026-12 du 01/01/2026"}


def test_setting_signs_where_nobody_is_named():
    ReglageFacturation.objects.create(regisseur="Nadia Roux")
    assert Signatures().of(JOUR, None) == {"signataire": "Nadia Roux"}


def test_receipt_that_left_a_versement_is_found(caisse):
    Encaissement.objects.filter(numero="R-2026-0001").update(versement=None)

    dit = "la liste de ses reçus était «\u00a0R-2026-0001\u00a0», et non «\u00a0\u00a0»"
    assert [phrase for phrase in verifier() if phrase.startswith("V-2026-0001") and dit in phrase]


def test_receipt_keeps_who_signed_and_received_it(caisse, regisseuse):
    Nomination.objects.update(fin=date(2026, 12, 31))
    Nomination.objects.create(nom="Paul Meunier", fonction="titulaire", debut=date(2027, 1, 1))

    nouveau = encaisser(Facture.objects.get().compte, "especes", 100, par=regisseuse, now=midi(date(2027, 1, 4)))

    signe = Encaissement.objects.get(numero="R-2026-0003").signe
    assert {cle: valeur for cle, valeur in signe.items() if cle != "dit"} == {
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
    assert list(verifier()) == []  # nothing has been sealed yet

    assert sceller_anciens(midi(date(2026, 12, 20))) == 5

    assert list(verifier()) == []
    assert {recu.signe["tel_quel"] for recu in Encaissement.objects.all()} == {True}
    assert {recu.scelle_le for recu in Encaissement.objects.all()} == {midi(date(2026, 12, 20))}
    call_command("sceller")
    assert capsys.readouterr().out == "0\u00a0pièce scellée.\n"


def test_first_night_seals_them_and_the_others_do_not(caisse):
    Encaissement.objects.filter(numero="R-2026-0001").update(empreinte="", signe={}, scelle_le=None)
    sceller_d_abord(midi(date(2026, 12, 20)))
    assert list(verifier()) == []
    assert Passage.objects.filter(job=SCELLES).exists()

    Encaissement.objects.filter(numero="R-2026-0001").update(empreinte="", signe={}, scelle_le=None)
    sceller_d_abord(midi(date(2026, 12, 21)))

    assert list(verifier()) == [
        "R-2026-0001\u00a0: il n’est plus ce qu’il était quand il a été scellé\u00a0: il n’a plus de sceau."
    ]


def test_deleted_receipt_is_a_number_that_misses(caisse):
    recu = Encaissement.objects.get(numero="R-2026-0004")
    Imputation.objects.filter(sortie=recu).delete()
    sql(f"DELETE FROM {RECU} WHERE id = %s", recu.pk)  # noqa: S608

    assert "R-2026-0004\u00a0: ce numéro manque." in list(verifier())
    assert Serie.objects.get(code="R", annee=2026).dernier == 4
