"""The demonstration's money: three months closed and one open, families who paid, who are late and in credit."""

from datetime import date, time
from io import StringIO

import pytest
from django.core.management import call_command
from django_tasks_db.models import DBTaskResult

from accounts.models import MailingLine
from enfance.demo.contenu import PARENT
from enfance.models import Ecole
from facturation.arrete.preparation import preparer
from facturation.models import Compte, Encaissement, Facture, Justification, Mois, Prestation, Quotient
from facturation.payeurs.comptes import restes, soldes
from facturation.verification import verifier
from portail.dates import instant

pytestmark = [pytest.mark.django_db, pytest.mark.ci, pytest.mark.une_fois]
LE_3 = date(2026, 12, 3)
NATURES = {"seance", "retard", "sans_inscription"}


def test_demo_has_closed_months_paid_and_unpaid():
    """One long story: the loading takes seconds."""
    call_command("charger_demo", "--aujourd-hui", LE_3.isoformat(), stdout=StringIO())

    mois = list(Mois.objects.order_by("premier").values_list("premier", flat=True))
    assert mois == [date(2026, 6, 1), date(2026, 7, 1), date(2026, 9, 1), date(2026, 10, 1)]
    assert set(Prestation.objects.values_list("nature", flat=True)) == NATURES
    _november_has_something_to_settle()
    _parent_has_october_to_pay_and_a_credit()
    _families_have_paid_or_are_late()
    assert list(verifier()) == []
    assert not DBTaskResult.objects.filter(task_path__startswith="facturation.").exists()  # no mail of the past leaves
    assert not MailingLine.objects.filter(state=MailingLine.State.WAITING).exists()


def test_demo_of_the_town_has_tariffs_payers_and_invoices_in_each_school():
    call_command("charger_demo", "--ville", "--aujourd-hui", LE_3.isoformat(), stdout=StringIO())

    assert list(Mois.objects.order_by("premier").values_list("premier", flat=True)) == [
        date(2026, 9, 1),
        date(2026, 10, 1),
    ]
    lignes = Prestation.objects.filter(facture__isnull=False, nature="seance").order_by()
    ecoles = set(Ecole.objects.values_list("pk", flat=True))
    assert set(lignes.values_list("enfant__scolarites__ecole", flat=True)) == ecoles
    assert set(lignes.values_list("creneau__moment", flat=True)) == {"matin", "midi", "soir", "journee"}
    assert set(Prestation.objects.values_list("nature", flat=True)) == NATURES
    assert "" not in set(Compte.objects.values_list("residence", flat=True))
    _families_have_paid_or_are_late()
    _november_has_something_to_settle()
    assert list(verifier()) == []


def _november_has_something_to_settle() -> None:
    preparation = preparer(date(2026, 11, 1), instant(LE_3, time(9)))
    assert preparation.trop_tot == []
    assert preparation.a_facturer > 0
    assert Justification.objects.count() == 6
    assert 0 < Compte.objects.exclude(quotients__in=Quotient.objects.seen()).count() < 20


def _parent_has_october_to_pay_and_a_credit() -> None:
    compte = Compte.objects.get(foyer__responsables__user__identifiant=PARENT)
    factures = {facture.mois.premier.month: facture for facture in Facture.objects.filter(compte=compte)}
    dus = restes(factures.values())
    assert [dus[factures[mois].pk] for mois in (6, 7, 9)] == [0, 0, 0]
    assert dus[factures[10].pk] == factures[10].total - 155 == soldes([compte])[compte.pk]


def _families_have_paid_or_are_late() -> None:
    dus = restes(Facture.objects.factures())
    late = sum(1 for reste in dus.values() if reste)
    assert 0.1 < late / len(dus) < 0.35
    assert {"cheque", "especes", "virement", "cesu"} == set(Encaissement.objects.values_list("moyen", flat=True))
