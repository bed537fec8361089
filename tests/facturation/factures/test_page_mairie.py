"""The town hall reads an invoice as its family does, down to the tap and its author; each group what it may."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest

from accounts.models import User
from enfance.models import Creneau, Enfant, Geste, Pointage
from facturation.models import SignalementFacture
from portail.dates import PARIS
from tests.factories import StaffFactory, make_enfant
from tests.facturation.factures.conftest import client_of
from tests.facturation.factures_emises import emettre, make_mois, make_prestation
from tests.reading import words_of

pytestmark = pytest.mark.django_db
PAGE = "/admin/facturation/facture/F-2026-0349/"
SOIR = date(2026, 11, 19)  # Léa's: half past six is past, there is a late pick-up


def tap(enfant: Enfant, quoi: str, tapee: str, *, auteur: User | None, code: str = "soir", **fields) -> Geste:
    pointage, _ = Pointage.objects.get_or_create(enfant=enfant, jour=SOIR, creneau=Creneau.objects.get(code=code))
    fait_le = datetime.fromisoformat(f"{SOIR} {tapee}").replace(tzinfo=PARIS)
    known = {"coche": True, "fait_le": fait_le, "recu_le": fait_le + timedelta(seconds=2)}
    return Geste.objects.create(id=uuid4(), pointage=pointage, quoi=quoi, auteur=auteur, **{**known, **fields})


def test_page_says_all_that_the_family_reads(secretariat, connected, facture):
    famille = words_of(connected.get("/factures/F-2026-0349/"))
    mairie = words_of(secretariat.get(PAGE))

    for said in (
        "À payer avant le dimanche 20 décembre",
        "Léa 44,30 € Tom 24,15 € Correction d’octobre −1,10 €",
        "Facture 67,35 € Votre crédit, reste du chèque du 16 novembre −1,55 € Reste à payer 65,80 €",
        "Supplément de 5,00 € : délibération n° 2026-41 du 25 juin 2026, article 4.",
        "Signalée par Dominique mardi 24 novembre à 8 h 10, après la limite",
        "1,20 € le moment : commune, quotient 742 (de 600 à 859), 1er enfant.",
    ):
        assert (said in famille, said in mairie) == (True, True), said


def test_line_says_who_tapped_when_and_when_it_was_received(secretariat, facture, lea):
    ines = StaffFactory(first_name="Inès", last_name="Muñoz")
    tap(lea, "present", "16:31:09", auteur=ines)
    tap(lea, "parti", "18:41:04", auteur=ines)

    texte = words_of(secretariat.get(PAGE))

    assert (
        "Gestes Présente : tapé à 16 h 31 min 9 s par Inès Muñoz, reçu à 16 h 31 min 11 s. "
        "Partie : tapé à 18 h 41 min 4 s par Inès Muñoz, reçu à 18 h 41 min 6 s. Jamais corrigé."
    ) in texte
    assert texte.count("tapé à 18 h 41") == 1  # the late pick-up of that evening does not say it again


def test_correction_of_an_hour_says_its_author_its_day_and_why(secretariat, facture, lea):
    ines = StaffFactory(first_name="Inès", last_name="Muñoz")
    tap(lea, "parti", "18:41:04", auteur=ines)
    demain = datetime(2026, 11, 20, 9, 12, 30, tzinfo=PARIS)
    tap(
        lea,
        "parti",
        "18:41:05",
        auteur=None,
        heure=datetime(2026, 11, 19, 17, 20, tzinfo=PARIS),
        fait_le=demain,
        recu_le=demain,
        motif="vue partir par Alix",
    )

    texte = words_of(secretariat.get(PAGE))

    assert (
        "Partie à 17 h 20, heure écrite ensuite : tapé vendredi 20 novembre 2026 à 9 h 12 min 30 s "
        "par un compte effacé, reçu vendredi 20 novembre 2026 à 9 h 12 min 30 s : vue partir par Alix."
    ) in texte
    assert "Jamais corrigé" not in texte


def test_taps_that_are_kept_no_more_are_said_so(secretariat, facture):
    assert "Gestes Les gestes de ce moment ne sont plus gardés." in words_of(secretariat.get(PAGE))


def test_receipts_of_the_invoice_open(secretariat, facture):
    page = secretariat.get(PAGE)

    assert "R-2026-0322 chèque de 35,00 €, lundi 16 novembre à 9 h 12 1,55 €" in words_of(page)
    assert 'href="/admin/regie/recus/R-2026-0322/"' in page.text


def test_reported_error_stands_first_with_its_sheet_and_its_answer(secretariat, facture, camille, lea):
    soir = facture.prestations.get(enfant=lea, jour=SOIR, creneau__code="soir", nature="seance")
    dit = SignalementFacture.objects.create(
        facture=facture, prestation=soir, texte="Partie à 17 h.", dit_par=camille.user
    )

    page = secretariat.get(PAGE)

    assert "Camille signale une erreur : Léa, jeudi 19 novembre, soir « Partie à 17 h. »" in words_of(page)
    assert 'href="/equipe/2026-11-19/?creneau=soir">Ouvrir la feuille : jeudi 19 novembre, soir' in page.text.replace(
        "\u00a0", " "
    )
    assert f'href="/admin/facturation/signalements/#t-{dit.pk}"' in page.text
    assert f'id="jour-{lea.pk}-2026-11-19" open' in page.text
    assert page.text.count(">signalé<") == 1


def test_régie_reads_sums_and_receipts_neither_children_nor_quotients(facture):  # RGP-15
    page = client_of("Régie").get(PAGE)

    texte = words_of(page)
    for said in ("Camille et Dominique Morel", "Reste à payer 65,80 €", "R-2026-0322"):
        assert said in texte, said
    for hidden in ("Léa", "Tom", "742", "Gestes", "Imprimer"):
        assert hidden not in texte, hidden


def test_avoir_says_where_it_went_and_what_it_corrects(secretariat, facture, lea):
    ligne = make_prestation(facture.compte, lea, date(2026, 11, 4), "midi", nature="correction", entier=-80)
    avoir = emettre(facture.compte, [ligne], origine=facture, motif="Séance comptée deux fois")

    page = secretariat.get(f"/admin/facturation/facture/{avoir.numero}/")

    texte = words_of(page)
    for said in ("En faveur de la famille 0,80 €", "Séance comptée deux fois.", "corrige la facture n° F-2026-0349"):
        assert said in texte, said
    assert f"/admin/facturation/facture/{avoir.numero}/" in secretariat.get(PAGE).text


def test_paper_is_that_of_the_family(secretariat, facture):
    page = secretariat.get(f"{PAGE}papier/")

    assert "Total de la facture 67,35 €" in words_of(page)
    assert client_of("Régie").get(f"{PAGE}papier/").status_code == 403


@pytest.mark.parametrize("pages", ["F-2026-9999/", "F-2026-9999/papier/", "987654/change/"])
def test_unknown_invoice_is_not_found(secretariat, pages):
    assert secretariat.get(f"/admin/facturation/facture/{pages}").status_code == 404


def test_last_invoice_of_a_family_opens_from_its_page(secretariat, camille, sacha, facture):
    famille = secretariat.get(f"/admin/enfance/foyer/{camille.foyer_id}/famille/").text
    adresse = f"/admin/facturation/payeurs/{camille.foyer_id}/derniere/"

    assert f'href="{adresse}"' in famille
    assert secretariat.get(adresse).headers["Location"] == PAGE
    sans = secretariat.get(f"/admin/facturation/payeurs/{sacha.foyer_id}/derniere/", follow=True)
    assert "Aucune facture pour l’instant." in words_of(sans)


def test_page_costs_the_same_for_one_child_and_three(secretariat, camille, facture, django_assert_num_queries):
    enfants = [make_enfant(camille, prenom=prenom) for prenom in ("Ana", "Bob", "Cléo")]
    lignes = [
        [make_prestation(facture.compte, enfant, jour, "soir", mois=make_mois(jour.replace(day=1))) for enfant in siens]
        for jour, siens in ((date(2026, 12, 1), enfants[:1]), (date(2027, 1, 5), enfants))
    ]
    factures = [emettre(facture.compte, siennes, mois=siennes[0].mois) for siennes in lignes]
    secretariat.get(PAGE)  # what is asked once a process

    for une in factures:
        with django_assert_num_queries(17):
            secretariat.get(f"/admin/facturation/facture/{une.numero}/")
