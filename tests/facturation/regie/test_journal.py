"""The journal of a month and its file; what is brought to the treasury; a receipt that was wrong."""

import csv
import io
from datetime import timedelta

import openpyxl
import pytest
from django.contrib.auth.models import Group

from facturation.models import Encaissement, EssaiPaiement
from facturation.payeurs.comptes import soldes
from facturation.regie.encaissements import annuler, encaisser, verser
from tests.clients import Client
from tests.factories import StaffFactory
from tests.facturation.caisse import JEUDI, make_compte, make_facture

pytestmark = pytest.mark.django_db
PAGE = "/admin/regie/journal/"


def receive(compte, montant, moyen="cheque", **fields):
    return encaisser(compte, moyen, montant, par=None, **{"now": JEUDI, **fields})


@pytest.fixture
def giraud():
    """24,30 € by a cheque that was not signed, cancelled and paid again."""
    compte = make_compte("Giraud")
    make_facture(compte, 2430)
    recu = receive(compte, 2430, reference="7730015")
    annuler(recu, "chèque non signé, rendu", None, JEUDI)
    receive(compte, 2430, reference="7730022", motif="remplace R-2026-0001")
    return compte


def test_journal_shows_each_entry_its_running_total_and_its_means(regie, giraud):
    receive(giraud, 1000, "especes")

    page = regie.get(PAGE)

    assert [ligne.cumul for ligne in page.context["journal"].lignes] == [2430, 0, 2430, 3430]
    assert [(un.nom, un.nombre, un.montant) for un in page.context["journal"].moyens] == [
        ("Chèques", 3, 2430),
        ("Espèces", 1, 1000),
    ]
    assert "annule R-2026-0001\u00a0: chèque non signé, rendu" in page.text
    assert "remplace R-2026-0001" in page.text
    assert "\u221224,30\u202f€" in page.text
    assert "Total, 4\u00a0lignes" in page.text


def test_month_is_that_of_the_entry_and_another_one_is_a_choice(regie, giraud):
    avant = JEUDI - timedelta(days=30)
    receive(giraud, 700, "virement", now=avant, recu_le=avant - timedelta(days=4))

    decembre, novembre = regie.get(PAGE), regie.get(PAGE, {"mois": "2026-11"})

    assert (decembre.context["journal"].total, novembre.context["journal"].total) == (2430, 700)
    assert "reçu le vendredi 30\u00a0octobre 2026" in novembre.text
    assert '<option value="2026-11">novembre 2026</option>' in decembre.text
    assert regie.get(PAGE, {"mois": "décembre"}).status_code == 404


def test_file_adds_up_to_the_total(regie, giraud):
    receive(giraud, 3000, "cesu", titres=3)

    texte = regie.get(f"{PAGE}tableau/", {"format": "csv"}).content.decode("utf-8-sig")
    classeur = regie.get(f"{PAGE}tableau/", {"format": "xlsx"})

    lignes = list(csv.DictReader(io.StringIO(texte), delimiter=";"))
    assert [ligne["Montant"] for ligne in lignes] == ["24,30", "-24,30", "24,30", "30,00"]
    assert (lignes[-1]["Cumul"], lignes[-1]["Titres"], lignes[1]["Raison"]) == (
        "54,30",
        "3",
        "annule R-2026-0001\u00a0: chèque non signé, rendu",
    )
    feuille = openpyxl.load_workbook(io.BytesIO(classeur.content)).active
    montants = [cell for cell in feuille["I"][1:]]
    assert {cell.data_type for cell in montants} == {"n"}
    assert round(sum(cell.value for cell in montants), 2) == 54.30


def test_file_asks_for_the_password_of_an_old_session(regie, giraud, time_machine):
    time_machine.move_to(JEUDI + timedelta(minutes=25), tick=False)
    answer = regie.get(f"{PAGE}tableau/", {"format": "csv"})
    assert answer.headers["Location"].startswith("/compte/confirmer/")
    assert regie.get(f"{PAGE}tableau/", {"format": "pdf"}).status_code == 404


def test_secretary_reads_the_journal_and_brings_nothing(regie, giraud):
    agent = StaffFactory(is_superuser=False)
    agent.groups.add(Group.objects.get(name="Secrétariat"))
    secretaire = Client()
    secretaire.force_login(agent)

    page = secretaire.get(PAGE)

    assert "Recettes\u00a0: 24,30\u202f€" in page.text
    assert "Verser" not in page.text
    assert "tableau" not in page.text
    assert secretaire.post("/admin/regie/versement/", {"verse_le": "2026-12-03"}).status_code == 403


def test_journal_leads_to_the_versement(regie, giraud):
    page = regie.get(PAGE)
    assert 'href="/admin/regie/versement/">Verser</a>' in page.text
    assert "Chèques, 1" in page.text
    verser(JEUDI.date(), None, JEUDI)
    page = regie.get(PAGE)
    assert "V-2026-0001" in page.text
    assert "Rien à verser" in page.text


def test_attempt_to_check_is_in_plain_sight(regie, giraud):
    EssaiPaiement.objects.create(
        facture=giraud.factures.get(),
        compte=giraud,
        numcli="090909",
        exer="2026",
        refdet="F20260001",
        objet="Garderie",
        montant=2430,
        saisie="T",
        mel="giraud@courriel.example",
        etat="a_verifier",
        resultrans="X",
        demande_le=JEUDI - timedelta(days=1),
    )
    texte = regie.get(PAGE).text
    assert "À vérifier (1)" in texte
    assert "mercredi 2\u00a0décembre à 10\u00a0h\u00a012" in texte
    assert "jusqu’au mercredi 9\u00a0décembre" in texte


def test_journal_has_as_many_queries_with_one_receipt_as_with_three(regie, django_assert_num_queries):
    regie.get(PAGE)
    for nombre in (1, 2, 3):
        receive(make_compte(), 1000)
        if nombre != 2:
            with django_assert_num_queries(9):
                regie.get(PAGE)


# --- A receipt that was wrong -----------------------------------------------------------------------------------------


def correct(client, recu, **fields):
    address = f"/admin/regie/recus/{recu.numero}/corriger/"
    form = client.get(address).context["form"]
    data = {
        nom: form[nom].value() or ""
        for nom in ("cle", "moyen", "montant", "reference", "titres", "part_famille", "recu_le")
    }
    return client.post(address, data | {"motif": "chèque non signé, rendu"} | fields, follow=True)


def test_receipt_is_cancelled_and_replaced(regie, berthet):
    recu = receive(berthet, 5065, reference="3380216")

    page = correct(regie, recu, remplacer="1", montant="50,00", reference="3380217")

    contraire, nouveau = Encaissement.objects.order_by("pk")[1:]
    assert (contraire.montant, contraire.motif) == (-5065, "chèque non signé, rendu")
    assert (nouveau.montant, nouveau.motif, nouveau.reference) == (5000, "remplace R-2026-0001", "3380217")
    assert soldes([berthet]) == {berthet.pk: 65}
    assert "R-2026-0003" in page.text
    assert "Il reste 0,65\u202f€ à payer" in page.text


def test_receipt_is_only_cancelled(regie, berthet):
    correct(regie, receive(berthet, 5065), annuler="1", montant="")
    assert Encaissement.objects.count() == 2
    assert soldes([berthet]) == {berthet.pk: 5065}


def test_correction_says_why_first(regie, berthet):
    page = correct(regie, receive(berthet, 5065), remplacer="1", motif="")
    assert "Écrivez la raison" in page.text
    assert Encaissement.objects.count() == 1


def test_receipt_that_was_brought_is_corrected_no_more(regie, berthet):
    recu = receive(berthet, 5065)
    verser(JEUDI.date(), None, JEUDI)
    address = f"/admin/regie/recus/{recu.numero}/corriger/"
    for page in (regie.get(address), regie.post(address, {"motif": "erreur", "annuler": "1"})):
        assert "est dans un versement" in page.text
    assert Encaissement.objects.count() == 1


def test_correction_sent_twice_happens_once(regie, berthet):
    recu = receive(berthet, 5065)
    address = f"/admin/regie/recus/{recu.numero}/corriger/"
    form = regie.get(address).context["form"]
    data = {nom: form[nom].value() or "" for nom in ("cle", "moyen", "montant", "reference", "titres", "recu_le")}
    for _ in range(2):
        page = regie.post(address, data | {"motif": "erreur", "remplacer": "1"}, follow=True)
    assert "est déjà annulé" in page.text
    assert Encaissement.objects.count() == 3


def test_correction_says_what_the_family_paid_and_questions_neither_day_nor_cash(regie, berthet):
    recu = receive(berthet, 5065, "cesu", titres=5, recu_le=JEUDI - timedelta(days=200))
    correct(regie, recu, remplacer="1", part_famille="12,00")
    assert Encaissement.objects.latest("pk").part_famille == 1200
    correct(regie, Encaissement.objects.latest("pk"), remplacer="1", moyen="especes", montant="400")
    assert Encaissement.objects.latest("pk").montant == 40_000
