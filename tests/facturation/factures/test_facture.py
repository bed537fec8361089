"""An invoice opens down to the tap at the gate, and its sums add up; of the other foyer, nothing is read."""

import gzip
import re
from datetime import date, datetime, time

import pytest

from enfance.models import Garde, Responsabilite
from facturation.models import Facture, Prestation, Relance, SignalementFacture
from facturation.payeurs.comptes import compte_of
from portail.dates import PARIS
from tests.factories import make_enfant
from tests.facturation.factures_emises import (
    EXCUSEE,
    FACTUREE,
    OCTOBRE,
    SEMAINE_TYPE,
    correction,
    emettre,
    entete_of,
    lines_of,
    make_mois,
    make_prestation,
)
from tests.facturation.famille.conftest import NOW
from tests.reading import plain, words_of

pytestmark = pytest.mark.django_db
ADRESSE = "/factures/F-2026-0349/"


def test_total_is_that_of_the_mock_up(facture):
    assert facture.total == 6735
    assert sum(ligne.montant for ligne in facture.prestations.all()) == 6735


def test_invoice_says_what_is_to_pay_and_how_its_total_is_made(connected, facture):
    texte = words_of(connected.get(ADRESSE))

    assert "Facture de novembre" in texte
    assert "À payer avant le dimanche 20 décembre 65,80 €" in texte
    assert "Léa 44,30 € Tom 24,15 € Correction d’octobre −1,10 €" in texte
    assert "Facture 67,35 € Votre crédit, reste du chèque du 16 novembre −1,55 € Reste à payer 65,80 €" in texte


def day(response, cle: str) -> str:
    """What this day of the invoice says once opened."""
    html = response.text
    jour = next(
        part for part in re.findall(r'<details class="jf".*?</details>', html, re.DOTALL) if f'id="jour-{cle}"' in part
    )
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", plain(jour)))


@pytest.mark.parametrize(
    ("prenom", "quand", "phrases"),
    [
        (
            "Léa",
            "2026-11-02",
            [
                "lun. 2 Matin, midi, soir (3 demi-heures) 3,95 € , lundi 2 novembre",
                "Matin 1,20 € 1 moment × 1,20 €",
                "Inscrite par Camille, jeudi 27 août à 21 h 03 (semaine type).",
                "Sur place Arrivée à 7 h 48, heure notée par l’équipe.",
                "Prix 1,20 € le moment : commune, quotient 742 (de 600 à 859), 1er enfant.",
                "Sur place Présente, notée à 11 h 48 par l’équipe.",
                "Soir 1,95 € 3 demi-heures commencées × 0,65 €",
                "Sur place Présente ; départ à 17 h 42, noté par l’équipe. Depuis 16 h 30 : 1 h 12.",
                "Tarif voté : délibération n° 2026-41 du 25 juin 2026, appliqué depuis le 1er septembre 2026.",
            ],
        ),
        (
            "Léa",
            "2026-11-10",
            [
                "Matin, midi absence excusée 0,00 €",
                "Absence excusée : rien à payer",
                "Absente. Signalée par Camille lundi 9 novembre à 20 h 14 : maladie.",
                "Réponse Excusée par la mairie, jeudi 12 novembre à 9 h 05 : certificat reçu.",
            ],
        ),
        (
            "Léa",
            "2026-11-19",
            [
                "retard 5,00 € 8,40 €",
                "départ à 18 h 41, noté par l’équipe. De 16 h 30 à 18 h 30, fin de la garderie : 2 h.",
                "Retard le soir 5,00 € Pourquoi Départ noté à 18 h 41 ; la garderie ferme à 18 h 30.",
                "Supplément de 5,00 € : délibération n° 2026-41 du 25 juin 2026, article 4. "
                "Ne compte pas pour le crédit d’impôt.",
            ],
        ),
        (
            "Léa",
            "2026-11-24",
            [
                "absence facturée 2,00 €",
                "Signalée par Dominique mardi 24 novembre à 8 h 10, après la limite du lundi 23, 12 h.",
                "Facturée par la mairie, jeudi 26 novembre à 9 h 12 : signalée après la limite, sans justificatif.",
            ],
        ),
        (
            "Tom",
            "2026-11-26",
            [
                "Inscrit pas d’inscription : l’équipe a accueilli Tom sur place.",
                "sans inscription 1,00 € 3,35 €",
                "Tom est resté le soir sans y être inscrit ; départ noté à 17 h 58.",
                "0,55 € la demi-heure : commune, quotient 742 (de 600 à 859), 2e enfant.",
            ],
        ),
    ],
)
def test_each_amount_opens_onto_its_why(connected, facture, lea, tom, prenom, quand, phrases):
    enfant = lea if prenom == "Léa" else tom
    dit = day(connected.get(ADRESSE), f"{enfant.pk}-{quand}")

    assert [phrase for phrase in phrases if phrase not in dit] == []


def test_evening_that_nobody_came_to_says_the_rule_and_where_to_explain_it(connected, camille, tom):
    """Registered, not seen: one half-hour is due, none began. A month later, there is no more to explain."""
    compte = compte_of(camille.foyer)
    vu_de_personne = {"inscription": SEMAINE_TYPE}
    lignes = [
        make_prestation(compte, tom, date(2026, 11, 5), "soir", faits=vu_de_personne),
        make_prestation(compte, tom, date(2026, 10, 16), "midi", faits=vu_de_personne),
        make_prestation(compte, tom, date(2026, 11, 9), "soir", faits=FACTUREE),
    ]
    emettre(compte, lignes, mois=make_mois())
    page = connected.get("/factures/F-2026-0001/")

    soir, midi, dite = (day(page, f"{tom.pk}-2026-{quand}") for quand in ("11-05", "10-16", "11-09"))

    assert "Soir (1 demi-heure) aucune présence notée 0,65 €" in soir
    assert "1 demi-heure × 0,65 €" in soir
    assert "Aucune présence notée par l’équipe." in soir
    assert "Règle Un enfant inscrit qui n’est pas venu doit 1 demi-heure." in soir
    assert "Expliquer une absence" in soir
    assert "Règle Une inscription qui n’est pas annulée à temps est due, que l’enfant vienne ou non." in midi
    assert "Expliquer une absence" not in midi
    assert "Règle Un enfant inscrit qui n’est pas venu doit 1 demi-heure." in dite
    assert "Expliquer une absence" not in dite
    assert "commencée" not in soir + dite


def test_missing_departure_is_said_with_the_hour_it_was_counted_to(connected, camille, lea):
    compte = compte_of(camille.foyer)
    venue = {"inscription": SEMAINE_TYPE, "presence": {"arrivee": "2026-11-05T16:32:00+01:00", "depart": None}}
    ligne = make_prestation(compte, lea, date(2026, 11, 5), "soir", quantite=4, faits=venue)
    avant = {"depart": None, "quantite": 4, "montant": 260}
    apres = {"depart": "2026-11-05T17:25:00+01:00", "quantite": 2, "montant": 130}
    corrigee = correction(ligne, -130, faits={"avant": avant, "apres": apres})
    emettre(compte, [ligne, corrigee], mois=make_mois())
    page = connected.get("/factures/F-2026-0001/")

    assert "Présente, sans heure de départ notée, comptée jusqu’à la fermeture, 18 h 30." in day(
        page, f"{lea.pk}-2026-11-05"
    )
    assert "Avant Sans heure de départ notée, jusqu’à la fermeture : 4 demi-heures, 2,60 €." in day(
        page, f"correction-{corrigee.pk}"
    )


def test_correction_says_what_it_was_what_it_is_and_why(connected, facture):
    ligne = facture.prestations.get(nature="correction")
    dit = day(connected.get(ADRESSE), f"correction-{ligne.pk}")

    assert "Soir du 12 octobre, facture n° F-2026-0214 −1,10 €" in dit
    assert "Avant Départ 18 h 05 : 4 demi-heures, 2,20 €." in dit
    assert "Après Départ 17 h 25 : 2 demi-heures, 1,10 €." in dit
    assert "Pourquoi Heure corrigée par l’équipe le mardi 10 novembre, après votre message du 6 novembre." in dit


def test_other_parent_and_another_family_find_no_such_invoice(client, facture, sacha, lea):
    Responsabilite.objects.create(enfant=lea, responsable=sacha)
    Garde.objects.create(enfant=lea, foyer=sacha.foyer)
    client.force_login(sacha.user)

    assert client.get(ADRESSE).status_code == 404
    assert "F-2026-0349" not in words_of(client.get("/factures/"))


def test_payer_that_took_over_another_reads_its_invoices(connected, camille, sacha, tom):
    ancien = compte_of(sacha.foyer)
    nouveau = compte_of(camille.foyer)
    ancien.reuni_dans = nouveau
    ancien.foyer = None
    ancien.save()
    sienne = emettre(ancien, [make_prestation(ancien, tom, date(2026, 9, 7), "midi")], mois=make_mois(date(2026, 9, 1)))

    assert connected.get(f"/factures/{sienne.numero}/").status_code == 200


def test_share_of_another_foyer_says_the_price_and_its_vote_alone(client, camille, sacha, lea):
    """Camille’s quotient priced it; Sacha owes half."""
    moitie = compte_of(sacha.foyer)
    ligne = make_prestation(moitie, lea, date(2026, 11, 5), "soir", quantite=3, part=50, montant=97)
    inscription = {"par": "Camille", "par_foyer": camille.foyer_id, "le": "2026-08-27T21:03:00+02:00"}
    prix_dit = ligne.prix_dit | {"propre": False}
    Prestation.objects.filter(pk=ligne.pk).update(faits=ligne.faits | {"inscription": inscription}, prix_dit=prix_dit)
    emettre(moitie, [ligne], mois=make_mois(), entete=entete_of(sacha.foyer, [lea], quotient=None))
    client.force_login(sacha.user)

    page = client.get("/factures/F-2026-0001/")
    texte = words_of(page)

    assert "3 demi-heures commencées × 0,65 € = 1,95 €, dont votre part, 50 % : 0,97 €" in texte
    assert "0,65 € la demi-heure : délibération n° 2026-41 du 25 juin 2026." in texte
    assert "par l’autre foyer, jeudi 27 août à 21 h 03" in texte
    assert [mot for mot in ("742", "600", "859", "1er enfant", "Camille", "commune, quotient") if mot in texte] == []


def test_share_of_another_foyer_keeps_the_reason_of_an_absence(client, camille, sacha, lea):
    """An illness is told to the town hall by one home: the other reads that the absence was excused, and no more."""
    moitie = compte_of(sacha.foyer)
    ligne = make_prestation(moitie, lea, date(2026, 11, 10), "midi", part=50, montant=0, faits=EXCUSEE)
    Prestation.objects.filter(pk=ligne.pk).update(prix_dit=ligne.prix_dit | {"propre": False})
    autre = make_prestation(moitie, lea, date(2026, 11, 12), "midi")
    emettre(moitie, [ligne, autre], mois=make_mois(), entete=entete_of(sacha.foyer, [lea], quotient=None))
    client.force_login(sacha.user)

    texte = words_of(client.get("/factures/F-2026-0001/"))

    assert "Absente. Signalée par" in texte
    assert "Excusée par la mairie" in texte
    assert "maladie" not in texte


def test_share_priced_by_the_reader_s_own_quotient_says_it(connected, camille, lea):
    compte = compte_of(camille.foyer)
    ligne = make_prestation(compte, lea, date(2026, 11, 5), "soir", quantite=3, part=50, montant=98)
    emettre(compte, [ligne], mois=make_mois())

    assert "commune, quotient 742 (de 600 à 859), 1er enfant." in words_of(connected.get("/factures/F-2026-0001/"))


def test_zero_line_month_lists_what_was_not_billed(connected, camille, lea):
    compte = compte_of(camille.foyer)
    excusee = make_prestation(compte, lea, date(2026, 11, 10), "midi", montant=0, faits=EXCUSEE)
    autre = make_prestation(compte, lea, date(2026, 10, 12), "midi")
    emettre(compte, [excusee, autre], mois=make_mois())

    texte = words_of(connected.get("/factures/F-2026-0001/"))

    assert "lun. 12 Midi (octobre) 0,80 €, lundi 12 octobre" in texte
    assert "2 jours, 1 moment, 1 excusée" in texte


def test_negative_sum_is_an_avoir_in_favour_of_the_family(connected, camille, tom):
    compte = compte_of(camille.foyer)
    ligne = make_prestation(compte, tom, date(2026, 10, 12), "soir", quantite=4)
    emettre(compte, [ligne], mois=make_mois(OCTOBRE))
    emettre(compte, [correction(ligne, -110)], origine=Facture.objects.get(), motif="heure corrigée")

    texte = words_of(connected.get("/factures/AV-2026-0001/"))

    assert "Avoir n° AV-2026-0001" in texte
    assert "En votre faveur 1,10 €" in texte
    assert "Cet avoir corrige la facture n° F-2026-0001." in texte
    assert "À payer avant" not in texte


def test_two_children_of_one_first_name_are_told_apart(connected, camille, lea):
    compte = compte_of(camille.foyer)
    autre = make_enfant(camille, prenom="Léa", nom="Lefort", date_naissance=date(2018, 1, 2))
    lignes = [make_prestation(compte, enfant, date(2026, 11, 5), "midi") for enfant in (lea, autre)]
    emettre(compte, lignes, mois=make_mois())

    texte = words_of(connected.get("/factures/F-2026-0001/"))

    assert "Léa Lefort 0,80 € Léa Morel 0,80 €" in texte


def test_invoice_keeps_the_names_that_it_was_issued_with(connected, facture, lea):
    lea.prenom = "Léane"
    lea.save()

    assert "Léane" not in words_of(connected.get(ADRESSE))


def test_invoice_in_titre_mode_says_who_collects(connected, facture, settings):
    settings.ENCAISSEMENT = "titre"

    texte = words_of(connected.get(ADRESSE))

    assert "Le Trésor public vous réclamera 65,80 €" in texte
    assert "Attendez son avis des sommes à payer" in texte
    assert "Payer 65,80 €" not in texte


def test_invoice_handed_over_to_the_treasury_is_paid_here_no_more(connected, facture, camille, clock):
    clock.move_to(datetime(2027, 3, 3, 12, tzinfo=PARIS))
    connected.force_login(camille.user)
    assert "Payer 65,80 €" in words_of(connected.get(ADRESSE))
    Relance.objects.create(facture=facture, genre="tresorerie", faite_le=datetime(2027, 3, 1, 12, tzinfo=PARIS))

    pages = [words_of(connected.get(adresse)) for adresse in (ADRESSE, "/factures/", f"{ADRESSE}papier/")]

    assert all("Le Trésor public vous réclame 65,80 €" in page for page in pages)
    assert all("epuis le lundi 1er mars 2027" in page for page in pages)
    assert not any("Payer 65,80 €" in page or "/payer/" in page or "Talon" in page for page in pages)
    assert "/payer/" not in connected.get("/factures/").text
    assert "le Trésor public vous réclame 65,80 €. Suivez son avis." in words_of(connected.get("/"))


@pytest.mark.parametrize(
    ("jour", "mode", "dit"),
    [
        (date(2026, 12, 20), "regie", "À payer avant le dimanche 20 décembre 65,80 €"),
        (date(2026, 12, 21), "regie", "En retard : à payer depuis le dimanche 20 décembre 65,80 €"),
        (date(2027, 8, 2), "regie", "En retard : à payer depuis le dimanche 20 décembre 2026 65,80 €"),
        (date(2026, 12, 21), "titre", "Le Trésor public vous réclamera 65,80 €"),
    ],
)
def test_date_of_an_invoice_is_said_as_of_today(connected, camille, facture, settings, clock, jour, mode, dit):
    """In titre mode the treasury alone knows whether it was paid."""
    settings.ENCAISSEMENT = mode
    clock.move_to(datetime.combine(jour, time(9), tzinfo=PARIS))
    connected.force_login(camille.user)

    assert dit in words_of(connected.get(ADRESSE))


def test_invoice_asks_ten_queries_and_weighs_little(connected, facture, django_assert_max_num_queries):
    connected.get(ADRESSE)  # which says that its session is in use

    with django_assert_max_num_queries(10):
        page = connected.get(ADRESSE)

    assert len(gzip.compress(page.content, 9)) <= 10 * 1024


def test_full_month_of_three_children_stays_light(connected, camille, lea, tom, django_assert_max_num_queries):
    compte = compte_of(camille.foyer)
    jours = [jour for jour in range(2, 31) if date(2026, 11, jour).weekday() in {0, 1, 3, 4}]
    plein = {"matin": jours, "midi": jours, "soir": {jour: 1 + jour % 4 for jour in jours}}
    anna = make_enfant(camille, prenom="Anna", date_naissance=date(2022, 5, 3))
    lignes = [ligne for rang, e in enumerate((lea, tom, anna), 1) for ligne in lines_of(compte, e, plein, rang)]
    facture = emettre(compte, lignes, mois=make_mois())
    page = connected.get(f"/factures/{facture.numero}/")

    with django_assert_max_num_queries(10):
        page = connected.get(f"/factures/{facture.numero}/")

    assert page.content.count(b'class="jf"') == 3 * len(jours)
    assert len(gzip.compress(page.content, 9)) <= 10 * 1024


# --- « Signaler une erreur » ------------------------------------------------------------------------------------------


def test_error_is_told_of_one_moment_of_a_day(connected, facture, camille, tom):
    soir = facture.prestations.get(enfant=tom, jour=date(2026, 11, 26), creneau__code="soir", nature="seance")
    cle = str(soir.pk)
    assert f'<option value="{cle}" selected>' in connected.get(f"{ADRESSE}?ligne={cle}").text

    page = connected.post(ADRESSE, {"ligne": cle, "message": "Tom était rentré."}, follow=True)

    dit = SignalementFacture.objects.get()
    assert (dit.facture, dit.prestation, dit.dit_par) == (facture, soir, camille.user)
    assert (
        "Votre message est bien arrivé. La mairie vous répond ici, au plus tard le vendredi 18 décembre."
        in words_of(page)
    )
    assert "Jeudi 3 décembre à 20 h 41, Tom, jeudi 26 novembre, soir : « Tom était rentré. »" in words_of(page)
    assert "La mairie n’a pas encore répondu." in words_of(page)
    attend = "Une erreur est signalée sur cette facture : la mairie n’a pas encore répondu."
    assert attend in words_of(connected.get(ADRESSE))
    SignalementFacture.objects.update(repondu_le=NOW, reponse="Corrigé.")
    assert attend not in words_of(connected.get(ADRESSE))


def test_each_moment_of_a_day_has_its_own_link_and_words(connected, facture, lea):
    soir = facture.prestations.get(enfant=lea, jour=date(2026, 11, 19), nature="seance", creneau__code="soir")
    retard = facture.prestations.get(enfant=lea, jour=date(2026, 11, 19), nature="retard")
    page = connected.get(ADRESSE)

    assert "Signaler une erreur, midi" in words_of(page)
    for ligne, mot in ((soir, "soir"), (retard, "retard le soir")):
        assert page.text.count(f"?ligne={ligne.pk}#signaler") == 1
        assert f'<option value="{ligne.pk}">Léa, jeudi 19\u00a0novembre, {mot}</option>' in page.text


def test_answer_of_the_town_hall_is_shown_with_its_date(connected, facture):
    SignalementFacture.objects.create(
        facture=facture, texte="Trop cher.", reponse="C’est corrigé.", dit_le=NOW, repondu_le=NOW
    )

    texte = words_of(connected.get(ADRESSE))

    assert "Réponse de la mairie, jeudi 3 décembre à 20 h 41 : C’est corrigé." in texte


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"ligne": "facture", "message": ""}, "Écrivez ce qui ne va pas"),
        ({"ligne": "99-2026-11-26", "message": "Faux."}, "Choisissez un moment de cette facture."),
        ({"ligne": "facture", "message": "x" * 1001}, "C’est trop long : 1000 signes au plus."),
        ({"ligne": "facture"}, "Ce formulaire n’est pas arrivé tel que la page l’envoie"),
    ],
)
def test_bad_error_is_refused_in_words_and_nothing_is_lost(connected, facture, sent, said):
    page = connected.post(ADRESSE, sent)

    assert said in words_of(page)
    assert sent.get("message", "") in page.text
    assert not SignalementFacture.objects.exists()


def test_errors_are_not_told_without_end(connected, facture):
    for fois in range(10):
        connected.post(ADRESSE, {"ligne": "facture", "message": f"Faux, {fois}."})

    assert connected.post(ADRESSE, {"ligne": "facture", "message": "Faux."}).status_code == 429
    assert SignalementFacture.objects.count() == 10
