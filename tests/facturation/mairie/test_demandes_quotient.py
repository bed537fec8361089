"""The mail that asks for quotients: seen first, one a payer, each January once, not sent to who has given it since."""

from __future__ import annotations

from datetime import datetime

import pytest
import time_machine

from accounts.models import Mailing, MailingLine
from facturation.models import Quotient
from facturation.quotients.demandes import ask_quotients, renouveler
from facturation.quotients.ecriture import declarer
from portail.dates import PARIS
from tests.facturation.files import sent_mails
from tests.facturation.mairie.conftest import LUNDI
from tests.facturation.mairie.quotients import known
from tests.reading import body_of, html_of

PAGE = "/admin/facturation/quotients/ecrire/"
JANVIER = datetime(2027, 1, 4, 9, tzinfo=PARIS)


def test_button_counts_who_is_asked(mairie, familles):
    assert "Écrire aux 2 familles sans quotient" in html_of(mairie.get("/admin/facturation/quotients/"))


def test_preview_says_to_whom_before_anything_leaves(mairie, familles):
    familles["munoz"].user.email = ""
    familles["munoz"].user.save()

    response = mairie.post(PAGE)

    html = html_of(response)
    assert "1 famille : 1 e-mail, un par adresse." in html
    assert "camille.morel@courriel.example" in html
    assert "Sans adresse e-mail qui marche : à appeler" in html
    assert not Mailing.objects.exists()
    assert sent_mails() == []


def test_families_are_asked_once_and_followed(mairie, familles, secretaire):
    response = mairie.confirm_preview(mairie.post(PAGE))

    assert "L’envoi est en route." in html_of(response)
    envoi = Mailing.objects.get()
    assert (str(envoi), envoi.asked_by) == ("Quotient familial\u00a0: 2\u00a0familles", secretaire)
    assert "Personne à qui écrire." in html_of(mairie.post(PAGE))
    mails = sent_mails()
    assert len(mails) == 2
    assert mails[0].subject == "Garderie\u00a0: votre quotient familial est à donner à la mairie"
    texte = body_of(mails[0])
    assert "La mairie n’a pas votre quotient familial." in texte
    assert "il compte au plus tôt du 1er décembre 2026" in texte
    assert "/factures/quotient/" in texte
    assert set(MailingLine.objects.values_list("state", flat=True)) == {"sent"}


def test_family_that_gave_it_meanwhile_is_not_written_to(mairie, familles):
    mairie.confirm_preview(mairie.post(PAGE))
    known(familles["morel"])
    camille = familles["munoz"]
    Quotient.objects.filter(compte__foyer=camille.foyer).delete()

    assert [mail.to for mail in sent_mails()] == [[camille.user.email]]
    assert set(MailingLine.objects.values_list("state", flat=True)) == {"sent", "skipped"}


@pytest.fixture
def janvier(familles, inscrire, lea, zoe, camille, ines):
    """In January, Morel's quotient ends on the 31st, Muñoz has said another that nobody has seen."""
    known(familles["morel"])
    for enfant, responsable in ((lea, camille), (zoe, ines)):
        inscrire(enfant, responsable, jour=JANVIER.date())
    with time_machine.travel(JANVIER, tick=False):
        yield familles


def test_january_asks_once_those_whose_quotient_ends(janvier):
    ask_quotients.func()
    ask_quotients.func()

    assert [str(envoi) for envoi in Mailing.objects.all()] == ["Quotient familial\u00a0: 2\u00a0familles"]
    assert renouveler(now=JANVIER) is None
    fin = [mail for mail in sent_mails() if mail.to == [janvier["morel"].user.email]]
    assert "Votre quotient familial ne compte plus après le 31 janvier 2027." in body_of(fin[0])


def test_january_leaves_who_has_said_it_already(janvier):
    ines = janvier["munoz"]
    declarer(ines.foyer_id, 500, "caf", datetime(2027, 2, 1).date(), par=ines.user_id, now=JANVIER)

    ask_quotients.func()

    assert [mail.to for mail in sent_mails()] == [[janvier["morel"].user.email]]


def test_other_months_ask_nobody(familles):
    assert renouveler(now=LUNDI) is None
    assert not Mailing.objects.exists()
