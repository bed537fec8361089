"""Payments of several invoices, as the régie reads them."""

from __future__ import annotations

import pytest

from accounts.models import User
from facturation.models import Facture
from facturation.payfip.lectures import load_en_cours
from facturation.payfip.questions import send_essai
from facturation.regie.relances.lecture import attente_of, with_attente
from tests.facturation.essais import NOW, make_essai_of, make_trois
from tests.reading import words_of

pytestmark = pytest.mark.django_db


def test_payment_to_be_checked_names_all_of_its_invoices(regie, mailoutbox):
    essai = make_essai_of(make_trois(), etat="a_verifier", resultrans="Q")
    tous = "F-2026-0349, F-2026-0350 et F-2026-0351"

    assert f"pour les factures {tous}, est à vérifier" in load_en_cours(essai.compte, now=NOW)[0]
    assert "factures F-2026-0349, F-2026-0350, F-2026-0351, 83,00 €" in words_of(regie.get("/admin/regie/journal/"))
    assert tous in words_of(regie.get("/admin/facturation/essaipaiement/?q=F-2026-0351"))
    send_essai.func(essai.pk, User.objects.filter(groups__name="Régie").get().pk)
    (mail,) = mailoutbox
    assert mail.subject == f"Paiement à vérifier\u00a0: factures {tous}"


def test_reminders_and_lists_know_each_invoice_that_may_be_paid():
    factures = make_trois()
    make_essai_of(factures, etat="a_verifier", resultrans="Q")
    attentes = [attente_of(une) for une in with_attente(Facture.objects.order_by("rang"))]
    assert attentes == ["un paiement est à vérifier"] * 3
