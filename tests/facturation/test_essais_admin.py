"""The régie reads the attempts on PayFiP, and settles those that nobody else can."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django_tasks_db.models import DBTaskResult

from accounts import groups
from facturation.models import Encaissement, EssaiPaiement, Imputation
from facturation.payeurs.comptes import restes
from facturation.payfip.echange import RESULTATS, EtatPayfip, ReponsePayfip, read_centimes
from facturation.payfip.paiements import ALERTE, close_old_and_list_pending, conclure, trancher
from facturation.payfip.questions import raison_of
from facturation.regie.encaissements import SEND
from facturation.verification import verifier
from portail.dates import PARIS
from tests.clients import Client
from tests.factories import ResponsableFactory, StaffFactory
from tests.facturation.essais import NOW, make_essai, make_facture, questions
from tests.facturation.payfip.reponses import REPONSE
from tests.reading import html_of

pytestmark = pytest.mark.django_db
PAYE = {
    "idOp": REPONSE.idop,
    "numcli": REPONSE.numcli,
    "refdet": REPONSE.refdet,
    "montant": "6580",
    "saisie": REPONSE.saisie,
    "resultrans": "P",
}
LISTE = "/admin/facturation/essaipaiement/"


@pytest.fixture
def regie(time_machine) -> Client:
    time_machine.move_to(NOW, tick=False)
    groups.sync()
    agent = StaffFactory(is_superuser=False)
    agent.groups.add(Group.objects.get(name="Régie"))
    client = Client()
    client.force_login(agent)
    return client


@pytest.fixture
def essai(regie) -> EssaiPaiement:
    parent = ResponsableFactory()
    return make_essai(make_facture(parent), etat="a_verifier", resultrans="Q", demande_par=parent.user)


def dit(**mensonge: str) -> ReponsePayfip:
    """What PayFiP says of the attempt, but for this."""
    dites = {**PAYE, **mensonge}
    return ReponsePayfip(
        idop=dites["idOp"],
        etat=RESULTATS.get(dites["resultrans"], EtatPayfip.INCONNU),
        code=dites["resultrans"],
        numcli=dites["numcli"],
        refdet=dites["refdet"],
        montant=read_centimes(dites["montant"]),
        saisie=dites["saisie"],
        brute=dites,
    )


def do(client: Client, action: str, *essais: EssaiPaiement) -> str:
    sent = {"action": action, "_selected_action": [essai.pk for essai in essais]}
    return html_of(client.post(LISTE, sent, follow=True))


def test_regie_reads_the_attempts_without_an_address(regie, essai):
    pages = [regie.get(url).text for url in (LISTE, f"{LISTE}{essai.pk}/change/")]
    assert all("F-2026-0349" in page and "65,80" in page for page in pages)
    assert not any(essai.mel in page for page in pages)


def test_attempt_read_as_paid_is_credited_once_by_hand(regie, essai):
    assert "Encaissé : R-2026-0001." in do(regie, "encaisser", essai)
    assert "rien n’a changé" in do(regie, "encaisser", essai)

    essai.refresh_from_db()
    recu = Encaissement.objects.get()
    assert (essai.etat, essai.encaissement, recu.moyen, recu.montant) == ("paye", recu, "payfip", 6580)
    assert list(Imputation.objects.values_list("facture", "montant")) == [(essai.facture_id, 6580)]
    assert recu.ecrit_par is not None
    assert DBTaskResult.objects.filter(task_path=SEND).count() == 1
    assert LogEntry.objects.get().get_change_message() == "Encaissé d’après l’espace PayFiP\u00a0: R-2026-0001."
    assert conclure(essai.pk, REPONSE, now=NOW).encaissement == recu  # what PayFiP says later credits no more
    assert Encaissement.objects.count() == 1


def test_attempt_read_as_unpaid_is_over_unless_payfip_says_otherwise(regie, essai):
    assert "Classé sans suite : 1." in do(regie, "classer", essai)

    essai.refresh_from_db()
    assert (essai.etat, Encaissement.objects.count(), close_old_and_list_pending(now=NOW + timedelta(hours=9))) == (
        "perime",
        0,
        [],
    )
    assert conclure(essai.pk, REPONSE, now=NOW).etat == "paye"


def test_attempt_paid_for_another_sum_is_credited_of_what_was_paid(regie, essai):
    EssaiPaiement.objects.update(etat="en_cours")
    conclure(essai.pk, dit(montant="100"), now=NOW)
    assert "PayFiP dit payé, 1,00\u202f€ au lieu de 65,80\u202f€" in raison_of(EssaiPaiement.objects.get())

    assert "Encaissé : R-2026-0001." in do(regie, "encaisser", essai)

    assert Encaissement.objects.get().montant == 100
    assert restes([essai.facture]) == {essai.facture_id: 6480}
    assert [phrase for phrase in verifier() if "PayFiP" in phrase] == []
    Encaissement.objects.update(montant=6580)
    assert [phrase for phrase in verifier() if "PayFiP" in phrase] == [
        f"PayFiP {essai.id_op}\u00a0: 1,00\u202f€ payés, 65,80\u202f€ reçus."
    ]


def test_answer_is_not_lost_when_payfip_forgets_it(regie, essai):
    conclure(essai.pk, dit(montant="100"), now=NOW)
    conclure(essai.pk, ReponsePayfip(essai.id_op, EtatPayfip.PERIME, "P1", brute={"code": "P1"}), now=NOW)
    do(regie, "encaisser", essai)
    assert Encaissement.objects.get().montant == 100


@pytest.mark.parametrize(
    ("mensonge", "autre"),
    [
        ({"refdet": "F20260350"}, "F20260350"),
        ({"numcli": "999999"}, "999999"),
        ({"montant": "65.80"}, "65.80 pour somme"),
        ({"montant": ""}, "aucune pour somme"),
        ({"montant": "0"}, "0 pour somme"),
    ],
)
def test_attempt_paid_for_something_else_is_not_credited_to_its_payer(regie, essai, mensonge, autre):
    conclure(essai.pk, dit(**mensonge), now=NOW)

    said = do(regie, "encaisser", essai)

    assert f"PayFiP a parlé d’un autre paiement ({autre}). Rien n’est encaissé" in said
    assert "n’est à vérifier" not in said
    assert (EssaiPaiement.objects.get().etat, Encaissement.objects.count()) == ("a_verifier", 0)


@pytest.mark.parametrize("premiere", [{"resultrans": "Q"}, {"montant": "100"}])
def test_attempt_that_is_classed_stays_so_whatever_is_asked_again(regie, essai, premiere):
    conclure(essai.pk, dit(**premiere), now=NOW)
    do(regie, "classer", essai)
    DBTaskResult.objects.all().delete()

    for minute in (1, 2, 3):
        assert conclure(essai.pk, dit(**premiere), now=NOW + timedelta(minutes=minute)).etat == "perime"

    assert not DBTaskResult.objects.filter(task_path=ALERTE).exists()
    autre = conclure(essai.pk, dit(montant="200"), now=NOW)  # what nobody has read yet
    assert (autre.etat, DBTaskResult.objects.filter(task_path=ALERTE).count()) == ("a_verifier", 1)


def test_payment_settled_by_hand_is_of_the_day_that_payfip_said(essai):
    """A payment of December settled in January is of December, as its certificate will say."""
    demande = datetime(2026, 12, 30, 20, 52, tzinfo=PARIS)
    EssaiPaiement.objects.update(etat="en_cours", demande_le=demande)
    paye = dit(resultrans="Q", dattrans="30122026", heurtrans="2055")
    conclure(essai.pk, paye, now=demande + timedelta(minutes=5))

    fait = trancher(essai.pk, paye=True, par=StaffFactory(), now=datetime(2027, 1, 4, 9, tzinfo=PARIS))

    assert fait.encaissement.recu_le == demande.replace(minute=55)


@pytest.mark.parametrize("etat", ["en_cours", "refuse", "perime"])
def test_attempt_that_is_not_to_be_checked_is_not_settled_by_hand(regie, essai, etat):
    EssaiPaiement.objects.update(etat=etat)
    for paye in (True, False):
        assert trancher(essai.pk, paye=paye, par=StaffFactory(), now=NOW) is None
    assert (EssaiPaiement.objects.get().etat, Encaissement.objects.count()) == (etat, 0)


def test_question_is_asked_again_at_the_demand_of_the_regie(regie, essai):
    assert "Demandé à PayFiP : 1." in do(regie, "redemander", essai)
    assert questions() == [([essai.pk], None)]


@pytest.mark.parametrize("action", ["encaisser", "classer"])
def test_whoever_does_not_hold_the_regie_settles_nothing(essai, action):
    client, agent = Client(), StaffFactory(is_superuser=False)
    agent.groups.add(Group.objects.get(name="Secrétariat"))
    client.force_login(agent)
    client.post(LISTE, {"action": action, "_selected_action": [essai.pk]})
    assert EssaiPaiement.objects.get().etat == "a_verifier"


def test_nothing_is_said_to_be_asked_when_nothing_is(regie, essai):
    EssaiPaiement.objects.update(id_op=None)

    said = do(regie, "redemander", essai)

    assert "Rien n’est demandé à PayFiP" in said
    assert "La réponse arrive" not in said
