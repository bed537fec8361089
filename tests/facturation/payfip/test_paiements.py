"""Attempts to pay on line: begun once, concluded by our own question, credited once and only for what was asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db.models import Sum
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from facturation.essai_payfip.serveur import Avis, Panne
from facturation.models import Encaissement, EssaiPaiement, Imputation
from facturation.payeurs.comptes import restes, soldes
from facturation.payfip.echange import PayfipIndisponible
from facturation.payfip.paiements import (
    ALERTE,
    PaiementImpossible,
    ask_and_plan_next,
    close_old_and_list_pending,
    commencer,
    conclure,
    regler,
    signaler,
)
from facturation.regie.encaissements import encaisser
from portail.dates import PARIS
from tests.facturation.essais import NOW, make_essai, make_facture, questions
from tests.facturation.payfip.reponses import MEL, REPONSE, minutes

pytestmark = pytest.mark.django_db


def begin(facture, now=NOW) -> EssaiPaiement:
    return commencer(facture, MEL, par=None, now=now)


def pay(serveur, essai, resultat="P") -> None:
    serveur.conclure(str(essai.id_op), resultat, Avis.JAMAIS)


@pytest.fixture(autouse=True)
def _same_hour(montre):
    """PayFiP and the portal read the same clock."""
    montre.now = NOW


# --- Beginning --------------------------------------------------------------------------------------------------------


def test_attempt_asks_for_what_remains_to_pay(serveur, settings):
    settings.SITE_URL = "http://127.0.0.1:8000"
    facture = make_facture()

    essai = begin(facture)

    (operation,) = serveur.registre.operations.values()
    assert operation.champs == {
        "exer": "2026",
        "mel": MEL,
        "montant": "6580",
        "numcli": "090909",
        "objet": "Garderie facture F 2026 0349",
        "refdet": "F20260349",
        "saisie": "T",
        "urlnotif": "http://127.0.0.1:8000/paiement/notification/",
        "urlredirect": "http://127.0.0.1:8000/paiement/retour/",
    }
    essai.refresh_from_db()
    assert (essai.etat, essai.id_op, essai.montant) == ("en_cours", operation.idop, 6580)
    assert essai.reponse == {"page": f"{serveur.adresse}/tpa/paiementws.web?idop={operation.idop}"}
    assert questions() == [([essai.pk, 0], NOW + minutes(1))]


def test_attempt_after_a_part_payment_asks_for_the_rest(serveur):
    facture = make_facture()
    encaisser(facture.compte, "cheque", 2000, factures=[facture], reference="12", par=None, now=NOW)
    assert begin(facture).montant == 4580


@pytest.mark.parametrize(
    ("total", "refus"),
    [
        (99, "PayFiP n’accepte pas moins de 1,00\u202f€"),
        (10_000_001, "PayFiP n’accepte pas plus de 100\u202f000,00\u202f€"),
    ],
)
def test_invoice_out_of_the_bounds_of_payfip_is_not_paid_on_line(serveur, total, refus):
    with pytest.raises(PaiementImpossible, match=refus):
        begin(make_facture(total=total))
    assert (serveur.registre.operations, EssaiPaiement.objects.count()) == ({}, 0)


def test_invoice_that_is_paid_is_not_paid_again(serveur):
    facture = make_facture()
    encaisser(facture.compte, "cheque", 6580, factures=[facture], reference="12", par=None, now=NOW)
    with pytest.raises(PaiementImpossible, match="il ne reste rien à payer"):
        begin(facture)


@pytest.mark.parametrize(("encaissement", "numcli"), [("titre", "090909"), ("regie", "")])
def test_portal_that_takes_no_payment_begins_none(serveur, settings, encaissement, numcli):
    settings.ENCAISSEMENT, settings.PAYFIP_NUMCLI = encaissement, numcli
    with pytest.raises(PaiementImpossible, match="n’est pas ouvert"):
        begin(make_facture())


def test_second_attempt_waits_twenty_minutes(serveur):
    facture = make_facture()
    begin(facture)

    with pytest.raises(PaiementImpossible) as refused:
        begin(facture, NOW + minutes(19))

    assert str(refused.value) == (
        "Un paiement est commencé depuis 20\u00a0h\u00a052. Sans réponse de PayFiP, "
        "un nouvel essai sera possible à 21\u00a0h\u00a012."
    )
    assert begin(facture, NOW + minutes(20)).etat == "en_cours"


@pytest.mark.parametrize("resultat", ["R", "Z", "A"])
def test_second_attempt_waits_no_longer_than_the_answer(serveur, resultat):
    facture = make_facture()
    premier = begin(facture)
    pay(serveur, premier, resultat)
    regler(premier.id_op, now=NOW + minutes(1))
    assert begin(facture, NOW + minutes(2)).pk != premier.pk


def test_attempt_that_payfip_did_not_take_lets_another_begin_at_once(serveur):
    facture = make_facture()
    serveur.panne = Panne.PAGE
    with pytest.raises(PaiementImpossible, match="ne répond pas en ce moment. Rien n’a été débité"):
        begin(facture)
    assert (EssaiPaiement.objects.get().etat, questions()) == ("perime", [])
    serveur.panne = Panne.AUCUNE
    assert begin(facture).etat == "en_cours"


def test_fault_of_the_settings_is_told_to_the_regie_once_a_day(serveur):
    serveur.registre.faute = "T4"
    for rang in (1, 2, 3):
        with pytest.raises(PaiementImpossible, match="Le paiement en ligne ne marche pas en ce moment"):
            begin(make_facture(rang=rang), NOW + minutes(rang))
    told = DBTaskResult.objects.filter(task_path=ALERTE)
    assert [row.args_kwargs["args"] for row in told] == [[EssaiPaiement.objects.order_by("pk").first().pk]]


def test_address_that_payfip_refuses_is_said_to_the_parent_alone(serveur):
    serveur.registre.faute = "A2"
    with pytest.raises(PaiementImpossible, match="n’accepte pas cette adresse e-mail"):
        begin(make_facture())
    assert not DBTaskResult.objects.filter(task_path=ALERTE).exists()


# --- Concluding -------------------------------------------------------------------------------------------------------


def test_paid_attempt_is_credited_to_its_invoice(serveur, montre):
    facture = make_facture()
    essai = begin(facture)
    montre.move(minutes=3)
    pay(serveur, essai, "V")

    regler(essai.id_op, now=NOW + minutes(40))

    essai.refresh_from_db()
    recu = Encaissement.objects.get()
    assert (essai.etat, essai.resultrans, essai.encaissement) == ("paye", "V", recu)
    assert (recu.moyen, recu.montant, recu.numero) == ("payfip", 6580, "R-2026-0001")
    assert recu.reference == "F20260349 112233445566-tip"
    assert (recu.recu_le, recu.ecrit_le) == (NOW + minutes(3), NOW + minutes(40))
    assert list(Imputation.objects.values_list("facture", "montant")) == [(facture.pk, 6580)]
    assert (restes([facture]), soldes([facture.compte])) == ({facture.pk: 0}, {facture.compte_id: 0})
    assert "mel" not in essai.reponse


def test_payment_is_credited_once_whatever_is_asked_again(serveur):  # VAL-13
    essai = begin(make_facture())
    pay(serveur, essai)
    for _ in range(3):
        regler(essai.id_op, now=NOW + minutes(1))
    assert Encaissement.objects.count() == 1
    assert serveur.registre.questions == [essai.id_op]  # nothing more to ask


def test_forged_name_credits_nothing(serveur):  # VAL-13
    make_essai(make_facture())
    assert regler("f0f0f0f0-0000-0000-0000-000000000000", now=NOW) is None
    assert (serveur.registre.questions, Encaissement.objects.count()) == ([], 0)


def test_return_without_a_payment_credits_nothing(serveur):  # VAL-13
    essai = begin(make_facture())
    regler(essai.id_op, now=NOW + minutes(2))
    essai.refresh_from_db()
    assert (essai.etat, essai.interroge_le, Encaissement.objects.count()) == ("en_cours", NOW + minutes(2), 0)
    assert "page" in essai.reponse  # which may still be opened


@pytest.mark.parametrize(
    "mensonge",
    [
        {"montant": "100"},
        {"montant": "65.80"},
        {"montant": ""},
        {"refdet": "F20260350"},
        {"numcli": "999999"},
        {"saisie": "W"},
        {"idOp": "f0f0f0f0-0000-0000-0000-000000000000"},
    ],
)
def test_payment_of_something_else_is_for_the_regie(serveur, mensonge):  # VAL-13
    essai = begin(make_facture())
    pay(serveur, essai)
    serveur.registre.operations[essai.id_op].mensonge = mensonge

    regler(essai.id_op, now=NOW + minutes(1))
    regler(essai.id_op, now=NOW + minutes(5))

    essai.refresh_from_db()
    assert (essai.etat, Encaissement.objects.count()) == ("a_verifier", 0)
    assert DBTaskResult.objects.filter(task_path=ALERTE).count() == 1


def test_unknown_code_is_for_the_regie_and_a_later_answer_still_credits(serveur):
    essai = begin(make_facture())
    serveur.registre.conclure(essai.id_op, "Q")
    regler(essai.id_op, now=NOW + minutes(1))
    essai.refresh_from_db()
    assert (essai.etat, essai.resultrans, Encaissement.objects.count()) == ("a_verifier", "Q", 0)

    serveur.registre.operations[essai.id_op].resultat = "P"
    regler(essai.id_op, now=NOW + timedelta(days=1))

    essai.refresh_from_db()
    assert (essai.etat, Encaissement.objects.count()) == ("paye", 1)


@pytest.mark.parametrize(("resultat", "etat"), [("R", "refuse"), ("Z", "refuse"), ("A", "abandonne")])
def test_refused_or_given_up_is_written_and_a_later_payment_credits(serveur, resultat, etat):
    essai = begin(make_facture())
    pay(serveur, essai, resultat)
    regler(essai.id_op, now=NOW + minutes(1))
    essai.refresh_from_db()
    assert (essai.etat, essai.conclu_le, Encaissement.objects.count()) == (etat, NOW + minutes(1), 0)

    serveur.registre.operations[essai.id_op].resultat = "P"
    regler(essai.id_op, now=NOW + minutes(5))

    essai.refresh_from_db()
    assert (essai.etat, Encaissement.objects.count()) == ("paye", 1)


@pytest.mark.parametrize(
    ("faute", "after", "etat"),
    [
        ("P5", 60, "en_cours"),
        ("P3", 60, "en_cours"),
        ("P1", 5, "en_cours"),
        ("P1", 60, "perime"),
        ("P4", 15, "en_cours"),
        ("P4", 60, "perime"),
        ("T2", 1, "a_verifier"),
    ],
)
def test_fault_ends_an_attempt_only_when_it_can(serveur, faute, after, etat):
    essai = begin(make_facture())
    serveur.registre.operations[essai.id_op].faute = faute
    regler(essai.id_op, now=NOW + minutes(after))
    essai.refresh_from_db()
    assert essai.etat == etat


def test_payfip_that_does_not_answer_changes_nothing(serveur):
    essai = begin(make_facture())
    pay(serveur, essai)
    for panne in (Panne.COUPEE, Panne.PAGE, Panne.TECHNIQUE):
        serveur.panne = panne
        with pytest.raises(PayfipIndisponible):
            regler(essai.id_op, now=NOW + minutes(1))
    essai.refresh_from_db()
    assert (essai.etat, essai.interroge_le, Encaissement.objects.count()) == ("en_cours", None, 0)
    serveur.panne = Panne.AUCUNE
    regler(essai.id_op, now=NOW + minutes(5))
    assert Encaissement.objects.count() == 1


def test_payment_of_an_invoice_paid_meanwhile_is_a_credit(serveur):
    facture = make_facture()
    essai = begin(facture)
    encaisser(facture.compte, "especes", 6580, factures=[facture], par=None, now=NOW)
    pay(serveur, essai)
    regler(essai.id_op, now=NOW + minutes(1))
    assert soldes([facture.compte]) == {facture.compte_id: -6580}
    assert Imputation.objects.aggregate(paid=Sum("montant"))["paid"] == 6580


@pytest.mark.parametrize(
    ("dattrans", "heurtrans", "recu_le"),
    [
        ("03122026", "2053", datetime(2026, 12, 3, 20, 53, tzinfo=PARIS)),
        ("03122026", "2052", datetime(2026, 12, 3, 20, 52, tzinfo=PARIS)),
        ("02122026", "2053", NOW + minutes(9)),  # before it was asked for
        ("04122026", "2053", NOW + minutes(9)),  # tomorrow
        ("31022026", "2053", NOW + minutes(9)),
        ("", "", NOW + minutes(9)),
        ("03122026", "4", NOW + minutes(9)),
    ],
)
def test_receipt_has_the_hour_of_payfip_when_it_makes_sense(dattrans, heurtrans, recu_le):
    essai = make_essai(make_facture())
    conclure(essai.pk, replace(REPONSE, dattrans=dattrans, heurtrans=heurtrans), now=NOW + minutes(9))
    assert Encaissement.objects.get().recu_le == recu_le


# --- Asking, and asking again -----------------------------------------------------------------------------------------


def test_notifications_bring_one_question(serveur):
    essai = begin(make_facture())
    DBTaskResult.objects.all().delete()
    for _ in range(3):
        signaler(essai.id_op, now=NOW)
    assert questions() == [([essai.pk], None)]


def test_notification_of_what_was_just_asked_waits_five_seconds():
    essai = make_essai(make_facture(), interroge_le=NOW - timedelta(seconds=2))
    signaler(essai.id_op, now=NOW)
    assert questions() == [([essai.pk], NOW + timedelta(seconds=3))]


def test_question_out_of_turn_without_an_answer_is_asked_again_four_times(serveur):
    essai = begin(make_facture())
    serveur.panne = Panne.PAGE
    DBTaskResult.objects.all().delete()
    asked = []
    for tour in (-1, -2, -3, -4, -5):
        with pytest.raises(PayfipIndisponible):
            ask_and_plan_next(essai.pk, tour, now=NOW)
        asked += [(args[1], at - NOW) for args, at in questions()]
        DBTaskResult.objects.all().delete()
    assert asked == [(-2, minutes(1)), (-3, minutes(5)), (-4, minutes(15)), (-5, minutes(60))]


@pytest.mark.parametrize("idop", ["", "f0f0f0f0-0000-0000-0000-000000000000"])
def test_notification_of_nobodys_payment_asks_nothing(idop):
    make_essai(make_facture(), id_op=None)
    signaler(idop, now=NOW)
    assert questions() == []


def test_notification_of_a_paid_attempt_asks_nothing():
    essai = make_essai(make_facture())
    conclure(essai.pk, REPONSE, now=NOW)
    signaler(essai.id_op, now=NOW)
    assert questions() == []


def test_question_is_asked_after_1_5_15_and_60_minutes(serveur):
    essai = begin(make_facture())
    asked = []
    for tour in range(4):
        asked += [(args[1], at - NOW) for args, at in questions()]
        DBTaskResult.objects.all().delete()
        ask_and_plan_next(essai.pk, tour, now=NOW)
    assert asked == [(0, minutes(1)), (1, minutes(5)), (2, minutes(15)), (3, minutes(60))]
    assert questions() == []


def test_next_question_is_noted_before_this_one_is_asked(serveur):
    essai = begin(make_facture())
    DBTaskResult.objects.all().delete()
    serveur.panne = Panne.PAGE
    with pytest.raises(PayfipIndisponible):
        ask_and_plan_next(essai.pk, 0, now=NOW + minutes(1))
    with pytest.raises(PayfipIndisponible):  # the same task, run twice
        ask_and_plan_next(essai.pk, 0, now=NOW + minutes(1))
    assert questions() == [([essai.pk, 1], NOW + minutes(5))]


def test_paid_attempt_is_asked_about_no_more(serveur):
    essai = begin(make_facture())
    pay(serveur, essai)
    ask_and_plan_next(essai.pk, 0, now=NOW + minutes(1))
    DBTaskResult.objects.all().delete()
    ask_and_plan_next(essai.pk, 1, now=NOW + minutes(5))
    assert (questions(), len(serveur.registre.questions)) == ([], 1)


def test_night_asks_about_what_may_still_be_paid_for_a_week():
    facture = make_facture()
    rows = {
        (etat, code, jours): make_essai(
            facture, id_op=f"op-{rang:08}", etat=etat, resultrans=code, demande_le=NOW - timedelta(days=jours)
        ).pk
        for rang, (etat, code, jours) in enumerate(
            [
                ("en_cours", "", 1),
                ("a_verifier", "Q", 6),
                ("abandonne", "A", 2),
                ("perime", "P4", 3),
                ("perime", "P1", 3),
                ("refuse", "R", 1),
                ("a_verifier", "Q", 7),
            ]
        )
    }
    assert close_old_and_list_pending(now=NOW) == [
        rows[key] for key in [("en_cours", "", 1), ("a_verifier", "Q", 6), ("abandonne", "A", 2), ("perime", "P4", 3)]
    ]


def test_night_gives_to_the_regie_what_had_no_answer_in_a_week_and_ends_what_never_began():
    facture = make_facture()
    muet = make_essai(facture, demande_le=NOW - timedelta(days=7), interroge_le=NOW)
    revenu = make_essai(facture, id_op="op-1", demande_le=NOW - timedelta(days=30))  # in an archive for a month
    mort = make_essai(facture, id_op=None, etat="demande", demande_le=NOW - timedelta(hours=2))
    debut = make_essai(facture, id_op=None, etat="demande", demande_le=NOW - minutes(1))

    assert close_old_and_list_pending(now=NOW) == [revenu.pk]

    states = [EssaiPaiement.objects.get(pk=essai.pk).etat for essai in (muet, revenu, mort, debut)]
    assert states == ["a_verifier", "en_cours", "perime", "demande"]
    assert [row.args_kwargs["args"] for row in DBTaskResult.objects.filter(task_path=ALERTE)] == [[muet.pk]]


@pytest.mark.ci
def test_payfip_that_says_nothing_at_all_for_a_week_is_told_to_the_regie_once(serveur):
    essai = begin(make_facture())
    serveur.panne = Panne.PAGE
    DBTaskResult.objects.all().delete()
    told = []
    for nuit in range(1, 11):
        now = NOW + timedelta(days=nuit)
        for pk in close_old_and_list_pending(now=now):
            with pytest.raises(PayfipIndisponible):
                ask_and_plan_next(pk, -1, now=now)
        told.append(DBTaskResult.objects.filter(task_path=ALERTE).count())
    essai.refresh_from_db()
    assert (essai.etat, told) == ("a_verifier", [0, 0, 0, 0, 0, 0, 0, 1, 1, 1])


def test_winter_hour_is_read_as_the_first_one():
    """A naive hour of PayFiP that comes twice is some minute between the attempt and now, or it is now."""
    debut = datetime(2026, 10, 25, 2, 30, tzinfo=PARIS)
    essai = make_essai(make_facture(), demande_le=debut)
    reponse = replace(REPONSE, dattrans="25102026", heurtrans="0240")
    conclure(essai.pk, reponse, now=debut + minutes(20))
    assert timezone.localtime(Encaissement.objects.get().recu_le, PARIS).minute == 40
