"""What an invoice says of who issues it and how it is contested, frozen when it is issued."""

import pytest

from enfance.models import Absence
from facturation.arrete.cloture import arreter
from facturation.checks import check_invoices_say_who_issues_them
from facturation.models import Facture
from facturation.verification import verifier
from tests.factories import ResponsableFactory, make_enfant
from tests.facturation.vecu import ENSUITE, LUNDI, NOVEMBRE, clore, inscrire, make_commune
from tests.reading import plain, words_of

pytestmark = pytest.mark.django_db
RECOURS = "Se conteste dans les deux mois, par une lettre à la mairie."
REGLAGES = {
    "REGIE_NOM": "Régie de la garderie",
    "REGIE_SIRET": "12345678200010",
    "FACTURE_TVA": "TVA non applicable.",
    "FACTURE_RECOURS": RECOURS,
}
RIEN = dict.fromkeys(REGLAGES, "")


def regler(settings, dits):
    for nom, dit in dits.items():
        setattr(settings, nom, dit)


@pytest.fixture
def camille(db):
    make_commune()
    return ResponsableFactory(user__email="camille@courriel.example")


@pytest.fixture
def emettre(camille, client):
    """The invoice of one noon that Léa missed, and of which Camille told."""

    def _emettre() -> Facture:
        lea = make_enfant(camille, prenom="Léa")
        inscrire(lea, LUNDI, auteur=camille.user, foyer=camille.foyer)
        Absence.objects.create(enfant=lea, jour=LUNDI, signalee_par=camille.user)
        clore(LUNDI)
        arreter(NOVEMBRE, None, ENSUITE)
        client.force_login(camille.user)
        return Facture.objects.get()

    return _emettre


def pages(client, facture):
    """The words of the invoice on the screen, and on paper."""
    page = f"/factures/{facture.numero}/"
    return words_of(client.get(page)), words_of(client.get(f"{page}papier/"))


def test_invoice_keeps_what_it_said_of_who_issued_it(emettre, client, settings):
    regler(settings, REGLAGES)
    facture = emettre()
    regler(settings, dict.fromkeys(REGLAGES, "Autre chose") | {"REGIE_SIRET": "73282932000074"})

    for texte in pages(client, facture):
        for dit in ("Régie de la garderie", "SIRET 123 456 782 00010", "TVA non applicable.", f"Contester ? {RECOURS}"):
            assert dit in texte
        assert "Autre chose" not in texte
    assert facture.entete["emetteur"] == {
        "nom": "Régie de la garderie",
        "siret": "12345678200010",
        "tva": "TVA non applicable.",
        "recours": RECOURS,
    }
    assert list(verifier()) == []


def test_one_word_of_it_changed_in_the_database_is_found(emettre, settings):
    regler(settings, REGLAGES)
    facture = emettre()
    facture.entete["emetteur"]["siret"] = "73282932000074"
    facture.save()

    assert any(facture.numero in ligne for ligne in verifier())


def test_invoice_of_a_town_that_said_nothing_says_nothing(emettre, client, settings):
    regler(settings, RIEN)
    facture = emettre()

    assert "emetteur" not in facture.entete
    for texte in pages(client, facture):
        assert "SIRET" not in texte
        assert "Contester ?" not in texte


def test_absence_that_is_billed_says_how_to_contest_it(emettre, client, settings):
    regler(settings, RIEN)
    ecran, papier = pages(client, emettre())

    dit = "Dites-le à la mairie : 04 65 71 00 38, garderie@saint-sauveur.example."
    assert f"Contester {dit}" in ecran
    assert f"Contester une absence facturée ? {dit}" in papier


def test_absence_that_is_billed_says_what_the_town_set(emettre, client, settings):
    regler(settings, REGLAGES)
    ecran, papier = pages(client, emettre())

    assert ecran.count(RECOURS) == 2  # of the line, then of the invoice
    assert papier.count(RECOURS) == 1


@pytest.mark.parametrize(
    ("dits", "said"),
    [
        (REGLAGES, []),
        (REGLAGES | {"FACTURE_TVA": ""}, ["FACTURE_TVA : n’est pas donné, et les factures n’en disent rien."]),
        (
            RIEN,
            [
                "REGIE_NOM, REGIE_SIRET, FACTURE_TVA et FACTURE_RECOURS : ne sont pas donnés, et les factures n’en "
                "disent rien."
            ],
        ),
    ],
)
def test_diagnosis_names_what_invoices_do_not_say(settings, camille, dits, said):
    regler(settings, dits)

    assert [plain(warning.msg) for warning in check_invoices_say_who_issues_them(None)] == said


def test_town_without_a_tariff_is_asked_nothing(settings, db):
    regler(settings, RIEN)

    assert check_invoices_say_who_issues_them(None) == []
