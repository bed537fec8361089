"""What a save makes of the month: before, by now, and what of it is sure."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from enfance.inscriptions import Changement
from enfance.models import Enregistrement, Inscription
from enfance.planning.ecriture import enregistrer_famille
from enfance.regles import Acteur, Cle
from facturation.arrete.estimations import estimer
from facturation.extension import EXTENSION
from facturation.models import Tarif
from tests.facturation.famille.conftest import NOW
from tests.facturation.vecu import clore, dire_quotient, inscrire, pointer
from tests.reading import html_of, words_of

pytestmark = pytest.mark.django_db
LUNDI, MARDI = date(2026, 12, 7), date(2026, 12, 8)
DECEMBRE = "/factures/devient/2026-12/"
Etat = Inscription.Etat


@pytest.fixture(autouse=True)
def quotient(camille):
    dire_quotient(camille.foyer, 742)


def save(camille, *boxes: tuple[int, date, str], etat=Etat.INSCRIT, now=NOW) -> Enregistrement:
    changements = [Changement(Cle(*box), etat) for box in boxes]
    fait = enregistrer_famille(changements, Acteur.parent(camille), now=now)
    assert fait.enregistrement is not None
    return fait.enregistrement


def read(client, fait: Enregistrement | None = None, **query) -> str:
    return words_of(client.get(DECEMBRE, ({"enregistrement": fait.pk} if fait else {}) | query))


def test_month_is_told_before_and_after_the_save(connected, camille, lea):
    inscrire(lea, date(2026, 12, 1))
    clore(date(2026, 12, 1))

    fait = save(camille, (lea.pk, LUNDI, "midi"), (lea.pk, MARDI, "matin"))

    assert "Ce que décembre devient Avant ce changement 0,80 € Maintenant 2,80 € Ce n’est pas une facture" in read(
        connected, fait
    )
    assert "environ" not in read(connected, fait)


def test_evening_is_a_guess_and_says_from_what(connected, camille, lea, tom):
    soirs = [date(2026, 11, 16), date(2026, 11, 17)]
    for soir in soirs:
        pointer(lea, soir, depart="17:40")
    inscrire(lea, *soirs, creneau="soir")
    clore(*soirs)

    fait = save(camille, (lea.pk, LUNDI, "midi"), (lea.pk, LUNDI, "soir"), (tom.pk, LUNDI, "soir"))

    texte = read(connected, fait)
    assert "Avant ce changement, environ 0,00 € Maintenant, environ 4,95 € Dont déjà sûrs 0,80 €" in texte
    assert "Soir de Léa : environ 3 demi-heures, le plus souvent, ces quatre dernières semaines." in texte
    assert "Soir de Tom : environ 4 demi-heures, jusqu’à la fermeture." in texte


def test_what_was_taken_away_is_counted_before(connected, camille, lea):
    inscrire(lea, LUNDI, MARDI)

    fait = save(camille, (lea.pk, LUNDI, "midi"), etat=Etat.ANNULEE)

    assert "Avant ce changement 1,60 € Maintenant 0,80 €" in read(connected, fait)


def test_before_is_what_the_month_was(connected, camille, lea, tom):
    """By the same estimate, made before the save: additions, withdrawals, a rank that changes."""
    inscrire(tom, LUNDI, MARDI)
    inscrire(lea, MARDI, creneau="soir")
    today, premier, foyer = NOW.date(), date(2026, 12, 1), camille.foyer_id
    avant = estimer([foyer], premier, today)[foyer].total

    fait = save(camille, (lea.pk, LUNDI, "midi"), (lea.pk, MARDI, "matin"))
    retrait = save(camille, (tom.pk, LUNDI, "midi"), etat=Etat.ANNULEE, now=NOW + timedelta(minutes=2))

    def told(un):
        return connected.get(DECEMBRE, {"enregistrement": un.pk}).context["devient"]

    assert told(retrait).maintenant == estimer([foyer], premier, today)[foyer].total
    assert told(retrait).avant - told(retrait).maintenant == 70
    assert told(fait).maintenant - told(fait).avant == told(retrait).avant - avant


def test_save_of_another_account_is_not_told(client, camille, sacha, lea):
    fait = save(camille, (lea.pk, LUNDI, "midi"))
    client.force_login(sacha.user)

    assert "Avant ce changement" not in read(client, fait)
    assert "Maintenant 0,00 €" in read(client, fait)


def test_part_alone_is_what_a_script_puts_where_the_save_is_told(connected, camille, lea):
    fait = save(camille, (lea.pk, LUNDI, "midi"))

    page = html_of(connected.get(f"/planning/2026-12/?enregistre={fait.pk}"))

    adresse = f"{DECEMBRE}?enregistrement={fait.pk}"
    assert f'data-devient="{adresse}&amp;partie=1" hidden></section>' in page
    assert f'<noscript><p><a href="{adresse}">Ce que le mois devient</a></p></noscript>' in page
    part = html_of(connected.get(adresse, {"partie": "1"}))
    assert part.strip().startswith("<h2>Ce que décembre devient</h2>")
    assert "<html" not in part


def test_town_that_bills_nothing_says_nothing(connected, camille, lea):
    Tarif.objects.all().delete()
    fait = save(camille, (lea.pk, LUNDI, "midi"))

    assert connected.get(DECEMBRE, {"enregistrement": fait.pk, "partie": "1"}).status_code == 204
    assert "Aucun tarif n’est voté : rien n’est facturé." in read(connected, fait)


def test_it_costs_few_queries_and_the_page_that_names_it_none(connected, camille, lea, tom, adds):
    inscrire(lea, MARDI, creneau="soir")
    fait = save(camille, (lea.pk, LUNDI, "midi"), (tom.pk, LUNDI, "soir"))
    retrait = save(camille, (lea.pk, MARDI, "soir"), etat=Etat.ANNULEE, now=NOW + timedelta(minutes=2))
    for une in (fait, retrait):
        adresse = f"{DECEMBRE}?enregistrement={une.pk}&partie=1"
        connected.get(adresse)
        with CaptureQueriesContext(connection) as queries:
            connected.get(adresse)
        assert len(queries) <= 30

    page = f"/planning/2026-12/?enregistre={fait.pk}"
    connected.get(page)
    with CaptureQueriesContext(connection) as avec:
        connected.get(page)
    adds("facturation", replace(EXTENSION, argent=()))
    with CaptureQueriesContext(connection) as sans:
        assert "devient" not in html_of(connected.get(page))
    assert len(avec) == len(sans)
