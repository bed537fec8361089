"""What a family has to pay, has paid, has in its favour; and what the month costs so far."""

import gzip
from datetime import date, datetime

import pytest

from facturation.attestations.emission import emettre as emettre_attestations
from facturation.models import Facture, Quotient, Relance
from facturation.payeurs.comptes import compte_of
from portail.dates import PARIS
from tests.factories import make_enfant
from tests.facturation.factures_emises import (
    OCTOBRE,
    correction,
    emettre,
    encaisser,
    make_mois,
    make_prestation,
)
from tests.facturation.vecu import clore, inscrire, pointer
from tests.reading import words_of

pytestmark = pytest.mark.django_db
DECEMBRE = [date(2026, 12, jour) for jour in (1, 3, 7)]


def test_what_is_to_pay_and_what_was_paid(connected, facture):
    texte = words_of(connected.get("/factures/"))

    assert "À payer avant le dimanche 20 décembre 65,80 €" in texte
    assert "Payer la facture de novembre, 65,80 € Ouvrir la facture de novembre" in texte
    assert "Facture de novembre, Léa et Tom. 67,35 €, moins votre crédit de 1,55 €." in texte
    assert "Facture d’octobre Payée le lundi 16 novembre, par chèque de 35,00 €" in texte
    assert "payée Reçu n° R-2026-0322" in texte
    assert "742, attestation CAF, vue le vendredi 28 août" in texte


def test_family_without_any_invoice_reads_that_nothing_is_due(connected, lea):
    texte = words_of(connected.get("/factures/"))

    assert "Rien à payer Votre première facture de garderie arrivera début janvier, pour le mois de décembre." in texte
    assert "Décembre, à ce jour 0,00 € · aucun moment" in texte
    assert "Nous n’avons pas votre quotient familial." in texte


def test_month_so_far_is_told_day_by_day_with_what_is_planned(connected, camille, lea, facture):
    inscrire(lea, *DECEMBRE)
    clore(*DECEMBRE[:2])

    texte = words_of(connected.get("/factures/"))

    assert "Décembre, à ce jour 1,60 € · 2 moments" in texte
    assert "Léa, mardi 1er : midi 0,80 € Léa, jeudi 3 : midi 0,80 € À ce jour, jeudi 3 décembre 1,60 €" in texte
    assert "Déjà prévu d’ici la fin du mois : 1 moment, 0,80 €." in texte
    assert "Ce n’est pas une facture : elle sera faite début janvier." in texte


def test_month_that_is_over_and_not_closed_is_told_too(connected, camille, lea):
    inscrire(lea, date(2026, 11, 5))
    clore(date(2026, 11, 5))

    texte = words_of(connected.get("/factures/"))

    assert "Novembre, avant la facture 1,10 € · 1 moment" in texte  # no quotient: the price of the unknown
    assert "Ce n’est pas une facture : la mairie la prépare." in texte


def test_evening_still_to_come_is_said_to_depend_on_the_departure(connected, camille, lea, facture):
    inscrire(lea, date(2026, 12, 7), creneau="soir")

    texte = words_of(connected.get("/factures/"))

    assert "Déjà prévu d’ici la fin du mois : 1 moment, environ 2,60 € : cela dépendra des départs." in texte


def test_what_is_planned_is_one_sum_and_what_of_it_is_sure(connected, camille, lea, facture):
    inscrire(lea, date(2026, 12, 7), creneau="soir")
    inscrire(lea, date(2026, 12, 7), date(2026, 12, 8))

    texte = words_of(connected.get("/factures/"))

    assert (
        "Déjà prévu d’ici la fin du mois : 3 moments, environ 4,20 €, dont 1,60 € sûr. Le reste dépendra des départs."
    ) in texte


def test_evening_of_the_month_says_what_the_gate_did_not_see(connected, camille, lea, facture):
    inscrire(lea, *DECEMBRE[:2], creneau="soir")
    pointer(lea, DECEMBRE[0])
    clore(*DECEMBRE[:2])

    texte = words_of(connected.get("/factures/"))

    assert "Léa, mardi 1er : soir (sans heure de départ, 4 demi-heures) 2,60 €" in texte
    assert "Léa, jeudi 3 : soir (aucune présence notée, 1 demi-heure) 0,65 €" in texte


def test_two_children_of_one_first_name_are_told_apart(connected, camille, lea):
    autre = make_enfant(camille, prenom="Léa", nom="Lefort", date_naissance=date(2018, 1, 2))
    compte = compte_of(camille.foyer)
    lignes = [make_prestation(compte, enfant, date(2026, 11, 5), "midi") for enfant in (lea, autre)]
    emettre(compte, lignes, mois=make_mois())
    inscrire(lea, DECEMBRE[0])
    inscrire(autre, DECEMBRE[0])
    clore(DECEMBRE[0])

    texte = words_of(connected.get("/factures/"))

    assert "Facture de novembre, Léa Lefort et Léa Morel." in texte
    assert "Léa Morel, mardi 1er : midi" in texte
    assert "Léa Lefort, mardi 1er : midi" in texte
    assert "Léa Lefort, mardi 1er décembre" in words_of(connected.get("/factures/absences/"))


def test_invoice_past_its_date_supposes_an_oversight(connected, camille, facture, clock):
    clock.move_to(datetime(2027, 1, 4, 9, tzinfo=PARIS))
    connected.force_login(camille.user)

    texte = words_of(connected.get("/factures/"))

    assert "En retard : à payer depuis le dimanche 20 décembre 65,80 €" in texte


def test_part_payment_is_taken_off(connected, facture, camille):
    encaisser(facture.compte, 2000, (facture, 2000))

    texte = words_of(connected.get("/factures/"))

    assert (
        "45,80 € Facture de novembre, Léa et Tom. 67,35 €, moins votre crédit de 1,55 €, dont 20,00 € déjà payés."
        in texte
    )


def test_credit_says_where_it_comes_from(connected, camille, tom):
    compte = compte_of(camille.foyer)
    ligne = make_prestation(compte, tom, date(2026, 10, 12), "soir", quantite=4)
    facture = emettre(compte, [ligne], mois=make_mois(OCTOBRE))
    encaisser(compte, 500, (facture, 260))
    emettre(compte, [correction(ligne, -110)], origine=Facture.objects.get())

    texte = words_of(connected.get("/factures/"))

    assert "Votre crédit 3,50 €" in texte
    assert "2,40 € : reste du chèque du 3 décembre." in texte
    assert "1,10 € : avoir n° AV-2026-0001." in texte
    assert "Avoir n° AV-2026-0001 Corrige la facture n° F-2026-0001" in texte


def test_what_is_too_little_for_an_invoice_waits_for_the_next(connected, camille, lea):
    make_prestation(compte_of(camille.foyer), lea, date(2026, 11, 5), "midi")

    texte = words_of(connected.get("/factures/"))

    assert "Pour la prochaine facture 0,80 € C’est trop peu pour une facture" in texte


def test_quotient_that_nobody_has_seen_yet_does_not_count(connected, camille):
    Quotient.objects.create(compte=compte_of(camille.foyer), valeur=512, source="caf", debut=date(2026, 12, 1))

    texte = words_of(connected.get("/factures/"))

    assert "Vous avez écrit 512 : montrez l’attestation à la mairie pour qu’il compte." in texte
    assert "Nous n’avons pas votre quotient familial." in texte


def test_certificates_are_there_from_january(connected, camille, facture, tom, clock):
    encaisser(facture.compte, 6580, (facture, 6580))
    clock.move_to(datetime(2027, 1, 4, 9, tzinfo=PARIS))
    connected.force_login(camille.user)
    emettre_attestations(2026, now=datetime(2027, 1, 4, 8, tzinfo=PARIS))

    assert 'href="/attestations/2026/"' in connected.get("/factures/").text


def test_other_parent_sees_neither_the_amounts_nor_the_quotient(client, facture, sacha):
    client.force_login(sacha.user)

    texte = words_of(client.get("/factures/"))

    assert "Rien à payer" in texte
    assert [mot for mot in ("65,80", "67,35", "742", "F-2026", "R-2026") if mot in texte] == []


def test_titre_mode_says_who_collects_and_offers_no_payment(connected, facture, settings):
    settings.ENCAISSEMENT = "titre"

    page = connected.get("/factures/")

    assert "Le Trésor public vous réclamera 65,80 €" in words_of(page)
    assert "Rien à payer" not in words_of(page)
    assert "/payer/" not in page.text


def test_treasury_alone_knows_what_was_paid_of_what_it_claims_since_long(connected, camille, facture, settings, clock):
    settings.ENCAISSEMENT = "titre"
    clock.move_to(datetime(2027, 1, 4, 9, tzinfo=PARIS))
    connected.force_login(camille.user)
    texte = words_of(connected.get("/factures/"))
    assert "Le Trésor public vous réclamera 65,80 €" in texte
    assert "En retard" not in texte
    Relance.objects.create(facture=facture, genre="tresorerie", montant=6580)

    for jour, dit in (
        (datetime(2027, 3, 5, 9, tzinfo=PARIS), "Le Trésor public vous réclame 65,80 €"),
        (datetime(2027, 3, 6, 9, tzinfo=PARIS), "Réclamée par la trésorerie depuis le lundi 4 janvier 2027 : 65,80 €"),
    ):
        clock.move_to(jour)
        connected.force_login(camille.user)
        texte = words_of(connected.get("/factures/"))
        assert dit in texte
        assert "Rien à payer" not in texte


def test_four_children_and_long_names_stand_on_the_page(connected, camille, lea, tom):
    long = make_enfant(camille, prenom="Maximilienne-Alexandrine", nom="Vandenbroucke-Castelnaudary")
    autre = make_enfant(camille, prenom="Jules")
    compte = compte_of(camille.foyer)
    lignes = [make_prestation(compte, enfant, date(2026, 11, 5), "midi") for enfant in (lea, tom, long, autre)]
    emettre(compte, lignes, mois=make_mois())

    assert "Jules, Léa, Maximilienne-Alexandrine et Tom" in words_of(connected.get("/factures/"))


def test_list_asks_as_many_queries_whatever_its_length(connected, facture, camille, lea, django_assert_max_num_queries):
    for mois in range(1, 7):
        ligne = make_prestation(facture.compte, lea, date(2026, mois, 5), "midi", mois=make_mois(date(2026, mois, 1)))
        emettre(facture.compte, [ligne], mois=make_mois(date(2026, mois, 1)))
    connected.get("/factures/")

    with django_assert_max_num_queries(45):
        page = connected.get("/factures/")

    assert len(gzip.compress(page.content, 9)) <= 5 * 1024


def test_voted_tariff_is_shown_as_the_council_voted_it(connected):
    texte = words_of(connected.get("/factures/tarif/"))

    assert "Matin : le moment Délibération n° 2026-41 du 25 juin 2026." in texte
    assert "Soir : la demi-heure commencée" in texte
    assert "De 600 à 859 1,20 € 1,05 € 0,95 €" in texte
    assert "Quotient inconnu 1,70 € 1,50 € 1,30 €" in texte
    assert "Hors commune" in texte
    assert (
        "Retard, par départ, au-delà de 5 minutes : 5,00 €. Délibération n° 2026-41 du 25 juin 2026, article 4."
        in texte
    )


def test_day_without_tariff_says_so(connected, clock):
    clock.move_to(datetime(2026, 8, 20, 9, tzinfo=PARIS))

    assert "Aucun tarif ne s’applique aujourd’hui." in words_of(connected.get("/factures/tarif/"))
