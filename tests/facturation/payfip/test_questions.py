"""What the worker asks PayFiP, and what the régie is told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django_tasks_db.models import DBTaskResult

from accounts import groups
from accounts.emails import text_of
from accounts.models import User
from facturation.essai_payfip.serveur import Avis, Panne
from facturation.models import Encaissement, EssaiPaiement
from facturation.payfip.paiements import commencer, conclure
from facturation.payfip.questions import interroger_essai, prevenir_regie, raison_of, redemander, send_essai
from facturation.regie.encaissements import encaisser
from facturation.regie.tasks import send_recu
from tests.factories import ResponsableFactory, StaffFactory
from tests.facturation.essais import NOW, make_essai, make_facture, questions
from tests.facturation.payfip.reponses import MEL, REPONSE
from tests.reading import plain

pytestmark = pytest.mark.django_db


@pytest.fixture
def regisseuse(time_machine) -> User:
    """The one member of the régie who has an address."""
    time_machine.move_to(NOW, tick=False)
    groups.sync()
    told = StaffFactory(is_superuser=False, first_name="Hélène")
    for user in (told, StaffFactory(is_superuser=False, email="")):
        user.groups.add(Group.objects.get(name="Régie"))
    StaffFactory(is_superuser=False).groups.add(Group.objects.get(name="Secrétariat"))
    return told


def test_question_credits_what_was_paid(serveur, montre, time_machine):
    montre.now = NOW
    time_machine.move_to(NOW + timedelta(minutes=1), tick=False)
    essai = commencer(make_facture(), MEL, par=None, now=NOW)
    serveur.conclure(essai.id_op, "P", Avis.JAMAIS)
    interroger_essai.func(essai.pk, 0)
    assert Encaissement.objects.get().montant == 6580


def test_question_without_an_answer_is_a_line_of_the_journal(serveur, journal, time_machine):
    time_machine.move_to(NOW + timedelta(minutes=1), tick=False)
    essai = commencer(make_facture(), MEL, par=None, now=NOW)
    serveur.panne = Panne.PAGE
    interroger_essai.func(essai.pk, 0)
    assert [(line["event"], line["result"]) for line in journal.events] == [("payfip_unavailable", "SOAP error")]
    assert sorted(args for args, _ in questions()) == [[essai.pk, 0], [essai.pk, 1]]


def test_night_asks_out_of_turn(time_machine):
    time_machine.move_to(NOW + timedelta(days=1), tick=False)
    essai = make_essai(make_facture())
    redemander.func()
    assert questions() == [([essai.pk], None)]


def test_members_of_the_regie_who_have_an_address_are_told(regisseuse, mailoutbox):
    essai = make_essai(make_facture(), etat="a_verifier", resultrans="Q")
    prevenir_regie.func(essai.pk)
    send_essai.func(essai.pk, regisseuse.pk)
    (mail,) = mailoutbox
    assert (mail.to, mail.subject) == ([regisseuse.email], "Paiement à vérifier\u00a0: facture F-2026-0349")
    assert "PayFiP a répondu «\u00a0Q\u00a0»" in mail.body
    assert "65,80\u202f€" in mail.body
    assert MEL not in mail.body + str(mail.alternatives)
    assert "Morel" not in mail.body + str(mail.alternatives)


def test_mail_of_what_is_paid_by_now_does_not_leave(regisseuse, mailoutbox):
    essai = make_essai(make_facture(), etat="a_verifier", resultrans="Q")
    EssaiPaiement.objects.filter(pk=essai.pk).delete()
    send_essai.func(essai.pk, regisseuse.pk)
    assert mailoutbox == []


def test_parent_who_paid_is_told_what_it_paid(serveur, mailoutbox, time_machine, montre):
    montre.now = NOW + timedelta(minutes=1)
    time_machine.move_to(NOW + timedelta(minutes=2), tick=False)
    parent = ResponsableFactory(user__first_name="Camille")
    facture = make_facture(parent)
    encaisser(facture.compte, "cheque", 155, factures=[facture], reference="12", par=None, now=NOW)
    essai = commencer(facture, MEL, par=parent.user, now=NOW)
    serveur.conclure(essai.id_op, "P", Avis.JAMAIS)
    interroger_essai.func(essai.pk, 0)
    (told,) = DBTaskResult.objects.filter(task_path=send_recu.module_path)

    send_recu.func(*told.args_kwargs["args"])

    (mail,) = mailoutbox
    assert mail.to == [parent.user.email]
    assert mail.subject == "Merci, la facture F-2026-0349 est payée\u00a0: 64,25\u202f€"
    said = plain(mail.body)
    assert "Nous avons bien reçu 64,25 €, jeudi 3 décembre à 20 h 53, " in said
    assert "F-2026-0349 : 65,80 €\n" in said
    assert "Payé : 64,25 €\nReste à payer : 0,00 €" in said
    assert "/recus/R-2026-0002/" in said


def test_parent_who_reads_that_receipt_no_more_is_told_nothing(mailoutbox):
    parent = ResponsableFactory()
    essai = make_essai(make_facture(parent))
    essai = conclure(essai.pk, REPONSE, now=NOW)
    for user in (ResponsableFactory().user, StaffFactory()):
        send_recu.func(user.pk, essai.encaissement_id)
    assert mailoutbox == []


@pytest.mark.parametrize(
    ("etat", "resultrans", "raison"),
    [
        ("a_verifier", "Q", "PayFiP a répondu «\u00a0Q\u00a0», que le portail ne connaît pas"),
        ("a_verifier", "P", "PayFiP dit payé, mais pas ce que le portail avait demandé"),
        ("a_verifier", "T2", "PayFiP répond T2\u00a0: il ne connaît pas ce numéro client. "),
        ("a_verifier", "", "PayFiP n’a donné aucun résultat en une semaine."),
        ("perime", "T2", "PayFiP répond T2\u00a0: il ne connaît pas ce numéro client."),
    ],
)
def test_reason_is_said_in_a_sentence(etat, resultrans, raison):
    assert raison_of(make_essai(make_facture(), etat=etat, resultrans=resultrans)).startswith(raison)


def test_mail_is_told_in_plain_text_as_well(regisseuse):
    said = text_of(
        "essai_paiement",
        regisseuse,
        {"numeros": "F-2026-0349", "montant": "65,80\u202f€", "quand": "jeudi", "raison": "Voilà.", "suivi": False},
    )
    assert said.startswith("Paiement à vérifier\u00a0: facture F-2026-0349\n\nBonjour Hélène,")
