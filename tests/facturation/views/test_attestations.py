"""The certificate on its page: the sum, what to report, and nobody else's."""

from datetime import date

import pytest
from django.urls import reverse

from facturation.attestations.emission import emettre
from facturation.payeurs.comptes import compte_of
from tests.factories import ResponsableFactory, make_creneaux, make_enfant
from tests.facturation.papiers import ligne, make_facture, make_recu, midi, payer
from tests.reading import html_of

pytestmark = pytest.mark.django_db
JANVIER = midi(date(2027, 1, 5))
PAGE = "/attestations/2026/"


@pytest.fixture
def camille(time_machine):
    time_machine.move_to(JANVIER, tick=False)
    return ResponsableFactory()


def novembre(camille, *prenoms):
    """A paid invoice of November, with the same séance of each of these children, who are under 6."""
    soir = make_creneaux()["soir"]
    enfants = [
        make_enfant(camille, prenom=prenom, date_naissance=date(2021 + rang, 3, 12))
        for rang, prenom in enumerate(prenoms)
    ]
    lignes = [ligne(enfant, date(2026, 11, 3), 5225, soir) for enfant in enfants]
    return payer(make_facture(compte_of(camille.foyer), lignes, emise=date(2026, 12, 3)), date(2026, 12, 10))


def test_certificate_tells_the_sum_and_what_to_report(client, camille):
    novembre(camille, "Tom")
    emettre(2026, now=JANVIER)
    client.force_login(camille.user)

    page = html_of(client.get(PAGE))

    assert "pour la garde <b>de Tom Morel</b> (naissance le 12 mars 2021) :" in page
    assert "arrondi à l’euro : <b>52 €</b> (case 7GA pour un premier enfant)" in page
    assert '<td>10 décembre, chèque</td><td><span class="m">52,25 €</span></td>' in page
    assert "A-2027-0001" in page
    assert "d’avant novembre 2026" in page


def test_columns_are_the_children_where_they_are_several(client, camille):
    novembre(camille, "Anna", "Tom")
    emettre(2026, now=JANVIER)
    client.force_login(camille.user)

    response = client.get(PAGE)

    [lue] = response.context["lues"]
    assert (lue.colonnes, lue.sommes, lue.attestation.total) == (("Anna", "Tom"), (5225, 5225), 10450)
    assert "pour la garde <b>d’Anna Morel</b>" in html_of(response)
    assert "(case 7GB)" in html_of(response)


def test_certificate_that_stands_alone_is_shown(client, camille):
    recu = novembre(camille, "Tom")
    emettre(2026, now=JANVIER)
    make_recu(recu.compte, -recu.montant, recu=date(2027, 1, 6), annule=recu, motif="chèque sans provision")
    emettre(2026, now=midi(date(2027, 1, 7)))
    client.force_login(camille.user)

    page = html_of(client.get(PAGE))

    assert 'Elle remplace l’attestation n° <span class="nob">A-2027-0001</span>' in page
    assert "la somme est de 0,00 €" in page


@pytest.mark.parametrize("annee", [2025, 2026, 2027])
def test_nobody_reads_that_of_others_nor_one_that_does_not_exist(client, camille, annee):
    novembre(camille, "Tom")
    emettre(2026, now=JANVIER)
    client.force_login(ResponsableFactory().user if annee == 2026 else camille.user)

    assert client.get(reverse("facturation:attestation", args=[annee])).status_code == 404
