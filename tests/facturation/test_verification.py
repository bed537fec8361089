"""All money counted again from the frozen lines: nothing to say of what is right, one sentence of what is not."""

from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F

from enfance.models import Creneau
from facturation.arrete.cloture import arreter
from facturation.attestations.emission import emettre
from facturation.models import (
    Attestation,
    Compte,
    Encaissement,
    Facture,
    Imputation,
    Prestation,
    ReponseAbsence,
    Serie,
    Versement,
)
from facturation.payeurs.comptes import compte_of
from facturation.recompte import factures_fausses
from facturation.scellement import Signatures, sceller_versement
from facturation.verification import verifier
from portail.dates import PARIS
from tests.factories import ResponsableFactory, make_creneaux, make_enfant
from tests.facturation.papiers import ligne, make_facture, make_recu, midi, payer
from tests.facturation.vecu import ENSUITE, LUNDI, clore, inscrire, make_commune

pytestmark = pytest.mark.django_db
NOVEMBRE = date(2026, 11, 3)


@pytest.fixture
def compte():
    return compte_of(ResponsableFactory().foyer)


@pytest.fixture
def facture(compte):
    """Paid in part; an avoir pays some of it; a share with another payer, a certificate."""
    camille = compte.foyer.responsables.get()
    tom = make_enfant(camille, prenom="Tom", date_naissance=date(2022, 3, 12))
    creneaux = make_creneaux()
    autre = compte_of(ResponsableFactory().foyer)
    midi_ = ligne(tom, NOVEMBRE, 213, creneaux["midi"], prix=425, entier=425, part=50)
    facture = make_facture(
        compte, [ligne(tom, NOVEMBRE, 300, creneaux["soir"], prix=100, quantite=3), midi_], emise=date(2026, 12, 3)
    )
    payer(make_facture(autre, [midi_ | {"montant": 212}], emise=date(2026, 12, 3)), date(2026, 12, 4))
    make_recu(compte, 100, recu=date(2026, 12, 10), sur=[(facture, 100)])
    rendu = ligne(tom, NOVEMBRE, -50, creneaux["soir"], nature="correction", motif="excusée")
    avoir = make_facture(compte, [rendu], emise=date(2026, 12, 12), origine=facture)
    Imputation.objects.create(avoir=avoir, facture=facture, montant=50, faite_le=midi(date(2026, 12, 12)))
    emettre(2026, now=midi(date(2027, 1, 5)))
    return facture


def change(modele, *cles, **champs):
    """What no code of the portal does: rows of papers changed in place; all of them, unless their keys are given."""
    colonnes = ", ".join(f"{modele._meta.get_field(nom).column} = %s" for nom in champs)
    ou = f" WHERE id IN ({', '.join(map(str, cles))})" if cles else ""
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {modele._meta.db_table} SET {colonnes}{ou}", list(champs.values()))


def test_what_is_right_says_nothing(facture):
    assert list(verifier()) == []


def test_changed_line_is_seen_in_its_invoice_its_price_its_shares_and_its_balance(facture):  # VAL-14
    Prestation.objects.filter(facture=facture, part=100).update(montant=290, entier=290)

    assert list(verifier()) == [
        "F-2026-0001\u00a0: le total est 5,13\u202f€, ses lignes font 5,03\u202f€.",
        "F-2026-0001\u00a0: elle n’est plus ce qu’elle était à son émission (empreinte).",
        f"Enfant {facture.prestations.first().cle_enfant}, 03/11/2026, créneau "
        f"{facture.prestations.get(part=100).creneau_id}, séance\u00a0: 3 fois 1,00\u202f€ ne font pas 2,90\u202f€.",
        f"Payeur {facture.compte_id}\u00a0: le solde est 3,63\u202f€, recompté 3,53\u202f€.",
    ]


def test_shares_that_do_not_make_the_price_are_seen(facture):
    Prestation.objects.filter(facture=facture, part=50).update(part=40)

    phrases = [phrase for phrase in verifier() if "90\u00a0%" in phrase]

    assert len(phrases) == 1
    assert phrases[0].endswith("le prix est 4,25\u202f€, les payeurs en doivent 4,25\u202f€ (90\u00a0%).")


def test_header_that_changed_is_seen(facture):  # VAL-12
    change(Facture, motif="autre")

    assert [phrase for phrase in verifier() if "empreinte" in phrase] == [
        f"{numero}\u00a0: elle n’est plus ce qu’elle était à son émission (empreinte)."
        for numero in ("F-2026-0001", "F-2026-0002", "AV-2026-0001")
    ]


def test_number_that_is_not_of_its_rank_is_seen(facture):  # VAL-12
    change(Facture, facture.pk, numero="F-2026-0009")
    Encaissement.objects.filter(montant=100).update(numero="R-2026-0009")

    phrases = [phrase for phrase in verifier() if "rang" in phrase]

    assert phrases == [
        "F-2026-0009\u00a0: ce numéro n’est pas celui de son rang, 1 de 2026.",
        "R-2026-0009\u00a0: ce numéro n’est pas celui de son rang, 2 de 2026.",
    ]


def test_line_of_another_payer_is_seen(facture):
    autre = compte_of(ResponsableFactory().foyer)
    Prestation.objects.filter(facture=facture, part=100).update(compte=autre)

    assert "F-2026-0001\u00a0: une de ses lignes est d’un autre payeur." in list(verifier())


def test_line_without_creneau_that_is_there_twice_is_seen(facture):
    """The database holds it of all others."""
    une = facture.prestations.get(part=100)
    une.creneau = None
    une.save()
    une.pk = None
    une.save()

    doubles = [phrase for phrase in verifier() if "il en faut une" in phrase]

    assert doubles == [
        f"Enfant {une.cle_enfant}, 03/11/2026, séance\u00a0: 2 lignes du payeur {facture.compte_id}, il en faut une."
    ]


def test_missing_numbers_are_named(facture):  # VAL-12
    Serie.objects.filter(code="F").update(dernier=4)
    Serie.objects.filter(code="R").update(dernier=1)

    assert list(verifier()) == [
        "F-2026-0003\u00a0: ce numéro manque.",
        "F-2026-0004\u00a0: ce numéro manque.",
        "R-2026-0002 existe, la série en est au n°\u00a01.",
    ]


def test_many_missing_numbers_are_counted(facture):
    Serie.objects.create(code="V", annee=2026, dernier=30)

    phrases = list(verifier())

    assert (len(phrases), phrases[-1]) == (21, "Série V de 2026\u00a0: 10 autres numéros manquent.")


def test_more_imputed_than_there_is_is_seen_on_either_side(facture):
    Imputation.objects.update(montant=F("montant") + 400)

    assert {phrase.partition("\u00a0")[0]: phrase.partition(": ")[2] for phrase in verifier()} == {
        "F-2026-0001": "9,50\u202f€ imputés, pour 5,13\u202f€.",
        "F-2026-0002": "6,12\u202f€ imputés, pour 2,12\u202f€.",
        "AV-2026-0001": "4,50\u202f€ imputés, pour 0,50\u202f€.",
        "R-2026-0001": "6,12\u202f€ imputés, pour 2,12\u202f€.",
        "R-2026-0002": "5,00\u202f€ imputés, pour 1,00\u202f€.",
    }


def test_money_of_one_payer_on_the_invoice_of_another_is_seen(facture):
    recu = make_recu(compte_of(ResponsableFactory().foyer), 100, recu=date(2026, 12, 11), sur=[(facture, 100)])

    [phrase] = verifier()
    assert phrase.endswith(f"elle va du payeur {recu.compte_id} au payeur {facture.compte_id}.")


def test_counter_entry_that_is_not_the_opposite_is_seen(facture):
    recu = Encaissement.objects.get(montant=100)
    make_recu(facture.compte, -90, recu=date(2026, 12, 11), annule=recu, motif="erreur")

    assert list(verifier()) == ["R-2026-0003\u00a0: il annule R-2026-0002, et n’en est pas l’opposé."]


def test_versement_that_is_not_the_sum_of_its_receipts_is_seen(facture):
    Serie.objects.create(code="V", annee=2026, dernier=1)
    versement = Versement(annee=2026, rang=1, numero="V-2026-0001", verse_le=date(2026, 12, 15), total=300)
    sceller_versement(versement, Encaissement.objects.all(), Signatures())
    versement.save()
    Encaissement.objects.update(versement=versement)

    assert list(verifier()) == ["V-2026-0001\u00a0: le total est 3,00\u202f€, ses encaissements font 3,12\u202f€."]


@pytest.mark.parametrize(
    ("moyen", "annule_le", "dit"),
    [
        ("especes", 18, ["R-2026-0002\u00a0: il est annulé, bien que versé."]),
        ("cheque", 14, ["R-2026-0002\u00a0: il est annulé, bien que versé."]),
        ("cheque", 18, []),  # the bank rejected it
    ],
)
def test_receipt_that_was_brought_then_cancelled_is_seen(facture, moyen, annule_le, dit):
    recu = Encaissement.objects.get(montant=100)
    versement = Versement.objects.create(
        annee=2026,
        rang=1,
        numero="V-2026-0001",
        verse_le=date(2026, 12, 15),
        ecrit_le=midi(date(2026, 12, 15)),
        total=100,
    )
    Encaissement.objects.filter(pk=recu.pk).update(moyen=moyen, versement=versement)
    make_recu(facture.compte, -100, recu=date(2026, 12, annule_le), annule=recu, motif="erreur")

    assert [phrase for phrase in verifier() if "versé" in phrase] == dit


def test_payer_joined_to_another_who_still_owes_is_seen(facture):
    stays = compte_of(ResponsableFactory().foyer)
    Compte.objects.filter(pk=facture.compte_id).update(reuni_dans=stays)

    assert f"Payeur {facture.compte_id}\u00a0: réuni à un autre, il doit encore 3,63\u202f€." in list(verifier())


def test_certificate_that_changed_is_seen(facture):
    Attestation.objects.filter(compte=facture.compte).update(total=1)

    [phrase] = verifier()
    assert phrase.startswith("A-2027-0001\u00a0: le total est 0,01\u202f€, ses lignes font ")


# --- The command and the night ----------------------------------------------------------------------------------------


def test_command_counts_and_says_that_nothing_differs(facture, capsys):
    call_command("verifier_factures")

    assert capsys.readouterr().out == (
        "3\u00a0factures, 2\u00a0payeurs, 2\u00a0encaissements\u00a0: aucune différence.\n"
    )


def test_what_live_data_says_otherwise_is_proposed_and_no_difference(db, capsys):
    make_commune()
    camille = ResponsableFactory()
    lea = make_enfant(camille)
    inscrire(lea, LUNDI, creneau="midi")
    clore(LUNDI)
    assert arreter(date(2026, 11, 1), None, ENSUITE).refus == ()
    ReponseAbsence.objects.create(
        enfant=lea, jour=LUNDI, creneau=Creneau.objects.get(code="midi"), reponse="excusee", motif="certificat reçu"
    )

    call_command("verifier_factures", "--propositions")

    assert capsys.readouterr().out.splitlines()[1:] == ["Novembre 2026\u00a0: 1\u00a0correction à proposer."]


def test_command_fails_with_the_list(facture, capsys):
    Serie.objects.filter(code="AV").update(dernier=2)

    with pytest.raises(CommandError, match="^1\u00a0différence, sur 3\u00a0factures"):
        call_command("verifier_factures")

    assert capsys.readouterr().out == "AV-2026-0002\u00a0: ce numéro manque.\n"


def test_town_hall_is_told_until_all_adds_up_again(facture, time_machine):
    from facturation.tasks import verify_factures

    time_machine.move_to(midi(date(2026, 12, 20)), tick=False)
    Serie.objects.filter(code="AV").update(dernier=2)
    verify_factures.func()
    assert factures_fausses(midi(date(2026, 12, 20)).astimezone(PARIS)) == "dimanche 20\u00a0décembre à 12\u00a0h"

    time_machine.move_to(midi(date(2026, 12, 21)), tick=False)
    Serie.objects.filter(code="AV").update(dernier=1)
    verify_factures.func()
    assert factures_fausses(midi(date(2026, 12, 21))) == ""
