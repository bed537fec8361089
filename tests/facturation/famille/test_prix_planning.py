"""What each row of a family's planning says of its price, and that its invoice says the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from enfance.inscriptions import Changement, enregistrer
from enfance.models import Enregistrement, Inscription
from enfance.regles import Acteur, Cle
from facturation.arrete.estimations import estimer
from facturation.extension import EXTENSION
from facturation.models import LigneTarif, Partage
from facturation.payeurs.comptes import compte_of
from portail.dates import PARIS
from tests.factories import make_enfant
from tests.facturation.grille import make_tarif
from tests.facturation.vecu import clore, dire_quotient, inscrire, pointer
from tests.reading import html_of, plain

pytestmark = pytest.mark.django_db
PRIX = "/factures/prix/2026-12/"
PLANNING = "/planning/2026-12/"
LUNDI = date(2026, 12, 7)


@pytest.fixture(autouse=True)
def quotient(camille):
    dire_quotient(camille.foyer, 742)


def read(client, adresse=PRIX) -> dict[str, str]:
    """The price of each row, by its first box."""
    return {cle: plain(f"{montant} {long}".strip()) for cle, montant, _, long in client.get(adresse).json()["rangees"]}


def row(enfant, creneau, jour=LUNDI) -> str:
    return f"{enfant.pk}:{jour}:{creneau}"


def test_each_row_says_the_price_of_the_familys_own_quotient(connected, lea):
    prix = read(connected)

    assert prix[row(lea, "matin")] == "1,20 €"
    assert prix[row(lea, "midi")] == "0,80 €"
    assert prix[row(lea, "soir")] == "0,65 € la demi-heure commencée"
    assert plain(connected.get(PRIX).json()["note"]) == (
        "Prix de décembre, pour votre quotient de 742. "
        "Soir : chaque demi-heure commencée compte, jusqu’au départ de l’enfant."
    )


def test_younger_child_has_a_price_once_the_elder_was_seen_this_month(connected, lea, tom):
    assert row(tom, "midi") not in read(connected)

    inscrire(lea, date(2026, 12, 1))
    pointer(lea, date(2026, 12, 1), creneau="midi", arrivee="11:35")
    assert row(tom, "midi") not in read(connected)
    clore(date(2026, 12, 1), creneaux=["midi"])

    assert read(connected)[row(tom, "midi")] == "0,70 €"
    janvier = date(2027, 1, 4)
    assert row(tom, "midi", janvier) not in read(connected, "/factures/prix/2027-01/")
    assert read(connected, "/factures/prix/2027-01/")[row(lea, "midi", janvier)] == "0,80 €"


def test_row_in_which_the_tariff_or_the_quotient_changes_has_no_price(connected, camille, lea):
    midi = make_tarif("midi", debut=date(2026, 12, 10))
    LigneTarif.objects.filter(tarif=midi).update(prix=99)
    dire_quotient(camille.foyer, 300, debut=date(2027, 1, 1))

    prix = read(connected)

    assert row(lea, "midi") not in prix
    assert prix[row(lea, "midi", date(2026, 12, 14))] == "0,99 €"
    assert prix[row(lea, "matin")] == "1,20 €"
    assert read(connected, "/factures/prix/2027-01/")[row(lea, "matin", date(2027, 1, 4))] == "0,90 €"


def test_day_says_its_own_prices(connected, lea):
    make_tarif("midi", debut=date(2026, 12, 8))

    prix = read(connected, f"{PRIX}?jour=2026-12-08")

    assert prix == {
        row(lea, "matin", date(2026, 12, 8)): "1,20 €",
        row(lea, "midi", date(2026, 12, 8)): "0,80 €",
        row(lea, "soir", date(2026, 12, 8)): "0,65 € la demi-heure commencée",
    }
    assert f' data-prix="{PRIX}?jour=2026-12-08"' in html_of(connected.get("/jour/2026-12-08/"))
    assert "data-prix" not in html_of(connected.get("/jour/2026-12-01/"))
    assert len(read(connected, f"{PRIX}?jour=x")) > 3


def test_shared_price_is_said_to_nobody(connected, camille, sacha, lea):
    for foyer in (camille.foyer, sacha.foyer):
        Partage.objects.create(enfant=lea, compte=compte_of(foyer), part=50)

    assert read(connected) == {}
    assert connected.get(PRIX).json()["note"] == ""


def test_days_of_the_other_parent_have_no_price(client, camille, sacha):
    """Of a child who is at both homes on the same days: what the other one booked is theirs to pay."""
    lea = make_enfant(camille, sacha)
    client.force_login(sacha.user)
    assert read(client)[row(lea, "midi")] == "1,10 €"  # their own quotient is not known

    inscrire(lea, LUNDI, foyer=camille.foyer)

    assert row(lea, "midi") not in read(client)
    assert "742" not in client.get(PRIX).json()["note"]


def test_price_of_each_row_is_the_one_of_the_invoice(connected, camille, lea, tom):
    """Whatever is ticked then: by one save, all the boxes of a week."""
    inscrire(lea, date(2026, 12, 1))
    pointer(lea, date(2026, 12, 1), creneau="midi", arrivee="11:35")
    clore(date(2026, 12, 1), creneaux=["midi"])
    prix = read(connected)
    boxes = [Cle(e.pk, LUNDI, creneau) for e in (lea, tom) for creneau in ("matin", "midi", "soir")]
    changements = [Changement(cle, Inscription.Etat.INSCRIT) for cle in boxes]

    enregistrer(changements, Acteur.parent(camille), now=datetime(2026, 12, 3, 20, 41, tzinfo=PARIS))

    foyer = camille.foyer_id
    charges = estimer([foyer], date(2026, 12, 1), date(2026, 12, 3))[foyer].prevues
    dits = {i.pk: row(i.enfant, i.creneau.code) for i in Inscription.objects.filter(jour=LUNDI)}
    assert len(charges) == len(dits) == 6
    for inscription in Inscription.objects.filter(jour=LUNDI).select_related("creneau"):
        [charge] = [c for c in charges if (c.enfant, c.creneau) == (inscription.enfant_id, inscription.creneau_id)]
        euros, _, reste = prix[dits[inscription.pk]].partition(" €")
        assert round(float(euros.replace(",", ".")) * 100) == charge.prix
        assert bool(reste) == (charge.prix_dit["unite"] == "tranche")


def test_prices_cost_as_many_queries_whatever_the_children(connected, camille, lea):
    connected.get(PRIX)
    with CaptureQueriesContext(connection) as une:
        connected.get(PRIX)
    for n in range(3):
        make_enfant(camille, prenom=f"Enfant {n}")
    with CaptureQueriesContext(connection) as quatre:
        connected.get(PRIX)

    assert len(quatre) <= 30
    assert len(quatre) - len(une) <= 6  # what the gate saw, where a rank counts


def test_planning_names_the_prices_and_reads_nothing_for_them(connected, lea, adds):
    connected.get(PLANNING)
    with CaptureQueriesContext(connection) as avec:
        page = html_of(connected.get(PLANNING))
    adds("facturation", replace(EXTENSION, argent=()))
    with CaptureQueriesContext(connection) as sans:
        seul = html_of(connected.get(PLANNING))

    assert f' data-prix="{PRIX}"' in page
    assert '<p class="petit" data-note hidden><a href="/factures/tarif/">Lire le tarif voté</a></p>' in page
    assert "data-prix" not in seul
    assert "tarif" not in seul
    assert len(avec) == len(sans)


@pytest.mark.parametrize("mois", ["2026-13", "x"])
def test_prices_of_no_month_are_404(connected, lea, mois):
    assert connected.get(f"/factures/prix/{mois}/").status_code == 404


def test_month_without_any_box_has_no_price(connected, lea):
    assert connected.get("/factures/prix/2026-11/").json() == {"rangees": [], "note": ""}
    assert connected.get("/factures/prix/2027-08/").json() == {"rangees": [], "note": ""}
    assert not Enregistrement.objects.exists()
