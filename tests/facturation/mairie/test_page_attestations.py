"""The certificates of a year at the town hall: seen, issued and announced at once, printed in one go."""

from datetime import date
from pathlib import Path

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Mailing, MailingLine
from enfance.models import Creneau
from facturation.models import Attestation, Compte
from facturation.payeurs.comptes import compte_of
from tests.factories import ResponsableFactory, make_enfant
from tests.facturation.papiers import ligne, make_facture, make_recu, midi, payer
from tests.reading import html_of, words_of
from tests.temoins import assert_kept, paper_of

pytestmark = [pytest.mark.django_db, pytest.mark.ci]
PAGE = "/admin/facturation/attestations/2026/"
FAIRE = f"{PAGE}faire/"
DECEMBRE = date(2026, 12, 10)


@pytest.fixture(autouse=True)
def january(clock):
    with time_machine.travel(midi(date(2027, 1, 5)), tick=False):
        yield


@pytest.fixture
def familles(camille, creneaux):
    """Camille paid for Tom, a payer without mail for Zoé, another for Léa, who is too old."""
    papier = ResponsableFactory(user__first_name="Sacha", user__last_name="Albert", user__email="")
    agee = ResponsableFactory(user__first_name="Lou", user__last_name="Denis")
    for responsable, prenom, naissance in (
        (camille, "Tom", date(2022, 3, 12)),
        (papier, "Zoé", date(2021, 5, 1)),
        (agee, "Léa", date(2019, 3, 14)),
    ):
        enfant = make_enfant(responsable, prenom=prenom, date_naissance=naissance)
        lignes = [ligne(enfant, date(2026, 11, 3), 5225, Creneau.objects.get(code="soir"))]
        payer(make_facture(compte_of(responsable.foyer), lignes, emise=date(2026, 12, 3)), DECEMBRE)
    return camille, papier


def send_all():
    from facturation.attestations import tasks

    [envoi] = Mailing.objects.all()
    tasks.send_attestations.func(2026, envoi.pk)
    for line in MailingLine.objects.values_list("pk", flat=True):
        tasks.send_attestation.func(2026, line)


def test_page_says_who_is_to_get_one_and_how(mairie, familles):
    page = words_of(mairie.get(PAGE))

    assert "2 attestations à faire" in page
    assert "Sacha Albert Zoé 52,25 € à faire lettre" in page
    assert "Camille Morel Tom 52,25 € à faire e-mail" in page
    assert "Denis" not in page


def test_year_that_is_not_over_shows_what_is_paid_and_issues_nothing(mairie, familles):
    with time_machine.travel(midi(date(2026, 12, 20)), tick=False):
        page = html_of(mairie.get(PAGE))
        mairie.post(FAIRE)

    assert "L’année 2026 n’est pas finie" in page
    assert not Attestation.objects.exists()


def test_link_opens_the_year_that_has_something(mairie, familles):
    lien = "/admin/facturation/attestations/"

    assert mairie.get(lien).url == f"{lien}2026/"  # January: the year that is over
    with time_machine.travel(midi(date(2026, 12, 20)), tick=False):
        assert mairie.get(lien).url == f"{lien}2026/"  # the first: nothing was received the year before


def test_years_lead_to_each_other(mairie, familles):
    assert 'href="/admin/facturation/attestations/2026/"' in html_of(
        mairie.get("/admin/facturation/attestations/2025/")
    )
    page = html_of(mairie.get("/admin/facturation/attestations/2027/"))
    assert '<a href="/admin/facturation/attestations/2027/" aria-current="page">2027</a>' in page
    assert '<a href="/admin/facturation/attestations/2026/">2026</a>' in page


@pytest.mark.parametrize("annee", [0, 1, 1999, 2028, 9999, 99999999999])
def test_year_that_is_none_is_not_found(mairie, familles, annee):
    page = f"/admin/facturation/attestations/{annee}/"

    assert mairie.get(page).status_code == 404
    assert mairie.post(f"{page}faire/").status_code == 404
    assert mairie.get(f"{page}imprimer/").status_code == 404


def test_nothing_is_issued_before_it_was_seen(mairie, familles):
    response = mairie.post(FAIRE)

    assert "Faire 2 attestations et prévenir les familles" in html_of(response)
    assert '<th scope="col"></th>' not in html_of(response)
    assert "Pour Tom, vous avez payé 52,25 € en 2026." in html_of(response)
    assert not Attestation.objects.exists()


def test_preview_asks_as_much_whatever_the_families(mairie, familles, creneaux):
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert mairie.post(FAIRE).status_code == 200
        return len(asked)

    before = queries()
    for rang in range(4):  # the mail that is shown is that of the last one
        autre = ResponsableFactory(user__last_name=f"Aa {rang}")
        enfant = make_enfant(autre, date_naissance=date(2022, 3, 12))
        lignes = [ligne(enfant, date(2026, 11, 3), 5225, creneaux["soir"])]
        payer(make_facture(compte_of(autre.foyer), lignes, emise=date(2026, 12, 3)), DECEMBRE)

    assert queries() <= before


def test_issued_and_announced_once(mairie, familles):
    page = html_of(mairie.agree(FAIRE))
    send_all()
    send_all()

    assert "2 attestations sont faites, 1 e-mail part." in page
    assert Attestation.objects.count() == 2
    [courriel] = mail.outbox
    assert courriel.subject == "Votre attestation pour les impôts\u00a0: garderie de Tom, 52,25\u202f€ payés en 2026"
    assert "/attestations/2026/" in courriel.body
    assert "Toutes les attestations de 2026 sont faites" in html_of(mairie.get(PAGE))
    assert "Rien à faire." in html_of(mairie.post(FAIRE))


def test_changed_payment_is_said_then_certified_again(mairie, familles):
    mairie.agree(FAIRE)
    camille, _ = familles
    recu = compte_of(camille.foyer).encaissements.get()
    make_recu(recu.compte, -5225, recu=date(2027, 1, 4), annule=recu, motif="chèque sans provision")

    assert "à refaire : elle dit 52,25 €" in html_of(mairie.get(PAGE))
    apercu = mairie.post(FAIRE)
    assert '<th scope="col">Remplace</th>' in html_of(apercu)
    assert "0,00 € A-2027-0001 e-mail" in words_of(apercu)
    mairie.agree(FAIRE)

    assert sorted(Attestation.objects.filter(remplacee_par=None).values_list("total", flat=True)) == [0, 5225]


def test_all_paid_in_cesu_is_announced_with_the_part_of_the_family(mairie, camille, creneaux):
    tom = make_enfant(camille, prenom="Tom", date_naissance=date(2022, 3, 12))
    lignes = [ligne(tom, date(2026, 11, 3), 5225, creneaux["soir"])]
    facture = make_facture(compte_of(camille.foyer), lignes, emise=date(2026, 12, 3))
    make_recu(facture.compte, 5225, recu=DECEMBRE, moyen="cesu", titres=5, sur=[(facture, 5225)], part_famille=2000)

    page = words_of(mairie.get(PAGE))
    mairie.agree(FAIRE)
    send_all()

    assert "Camille Morel Tom 0,00 € à faire e-mail" in page
    [courriel] = mail.outbox
    assert courriel.subject == "Votre attestation pour les impôts\u00a0: garderie de Tom, 52,25\u202f€ en CESU en 2026"
    assert "52,25\u202f€, dont 20,00\u202f€ par vous-même." in courriel.body.replace("\n", " ")
    assert "Si vous avez déclaré" not in courriel.body + courriel.alternatives[0][0]
    papier = words_of(mairie.get(f"{PAGE}imprimer/"))
    assert "Dont payé par vous-même, à ajouter au montant 20,00 €" in papier
    assert "Dont payé par votre employeur 32,25 €" in papier


def test_mail_says_what_was_paid_in_cesu_apart(mairie, camille, creneaux):
    tom = make_enfant(camille, prenom="Tom", date_naissance=date(2022, 3, 12))
    lignes = [ligne(tom, date(2026, 11, 3), 5225, creneaux["soir"])]
    facture = make_facture(compte_of(camille.foyer), lignes, emise=date(2026, 12, 3))
    make_recu(facture.compte, 5000, recu=DECEMBRE, moyen="cesu", titres=5, sur=[(facture, 5000)])
    make_recu(facture.compte, 225, recu=DECEMBRE, sur=[(facture, 225)])

    mairie.agree(FAIRE)
    send_all()

    [courriel] = mail.outbox
    assert "vous avez payé 2,25\u202f€ en 2026, sans compter 50,00\u202f€ en CESU." in courriel.body.replace("\n", " ")


def test_mail_of_a_certificate_of_nothing_announces_no_credit(mairie, familles):
    mairie.agree(FAIRE)
    Mailing.objects.all().delete()
    camille, _ = familles
    recu = compte_of(camille.foyer).encaissements.get()
    make_recu(recu.compte, -5225, recu=date(2027, 1, 4), annule=recu, motif="chèque sans provision")
    mairie.agree(FAIRE)
    send_all()

    [courriel] = mail.outbox
    assert courriel.subject == "Votre attestation fiscale 2026 a changé\u00a0: plus rien à déclarer"
    assert "rien ne donne droit au crédit d’impôt" in courriel.body.replace("\n", " ")
    assert "0,00" not in courriel.body
    assert "Beaucoup de familles l’oublient" not in courriel.body + courriel.alternatives[0][0]


@pytest.mark.temoin
def test_all_are_printed_those_without_mail_or_one(mairie, familles):
    mairie.agree(FAIRE)
    compte = Compte.objects.get(foyer=familles[0].foyer)

    def noms(query):
        response = mairie.get(f"{PAGE}imprimer/{query}")
        return sorted(lue.payeur for lue in response.context["lues"])

    assert_kept(Path(__file__).parent / "temoins" / "attestations.txt", paper_of(mairie.get(f"{PAGE}imprimer/")))
    assert noms("") == ["Camille Morel", "Sacha Albert"]
    assert noms("?pour=lettres") == ["Sacha Albert"]
    assert noms(f"?compte={compte.pk}") == ["Camille Morel"]
    assert mairie.get(f"{PAGE}imprimer/?compte=0").status_code == 404


def test_home_asks_for_the_year_until_it_is_done(mairie, familles):
    assert "1 année d’attestations fiscales à faire 2026" in words_of(mairie.get("/admin/"))

    mairie.agree(FAIRE)

    assert "attestations fiscales à faire" not in html_of(mairie.get("/admin/"))
