"""The screens of what was voted: the list, a tariff like its grid, refused with nothing lost, tried."""

from __future__ import annotations

from datetime import date

import pytest
from django.contrib.admin.models import LogEntry

from enfance.models import Creneau
from facturation.models import Deliberation, LigneTarif, Mois, Prestation, Tarif
from tests.factories import make_creneaux
from tests.facturation.factures_emises import une_facture
from tests.facturation.grille import make_deliberation, make_tarif
from tests.facturation.mairie.tarifs import typed
from tests.reading import html_of

LISTE, AJOUTER = "/admin/facturation/tarif/", "/admin/facturation/tarif/add/"
JANVIER = date(2027, 1, 4)
QUERIES = 13  # one for the caps


@pytest.fixture
def soir(db) -> Creneau:
    return make_creneaux()["soir"]


@pytest.fixture
def vote(db) -> Deliberation:
    return make_deliberation(numero="2026-58", votee_le=date(2026, 11, 19), applicable_le=date(2027, 1, 1))


def test_grid_is_saved_as_it_was_voted(mairie, soir, vote):
    response = mairie.post(AJOUTER, typed(vote, soir), follow=True)

    assert "Soir : tarif enregistré, à partir du lundi 4 janvier 2027." in html_of(response)
    tarif = Tarif.objects.get()
    assert (tarif.nom, tarif.deliberation, tarif.debut, tarif.unite, tarif.minutes) == (
        "Soir",
        vote,
        JANVIER,
        "tranche",
        30,
    )
    assert list(tarif.creneaux.all()) == [soir]
    lignes = LigneTarif.objects.order_by("residence", "inconnu", "qf_min")
    assert [(x.residence, x.qf_min, x.qf_max, x.rang, x.prix) for x in lignes] == [
        ("commune", 0, 599, 1, 55),
        ("commune", 600, None, 1, 70),
        ("commune", None, None, 1, 200),
        ("hors", 0, None, 1, 140),
        ("hors", None, None, 1, 200),
    ]
    assert LogEntry.objects.get().change_message == "Tarif saisi, Délibération n°\u00a02026-58."


def test_hole_is_refused_in_words_with_nothing_lost(mairie, soir, vote):
    troue = {"commune-1": ("0", "", "0,70"), "hors-1": ("0", "799", "1,00"), "hors-3": ("860", "", "1,25")}

    html = html_of(mairie.post(AJOUTER, typed(vote, soir, rangees=troue)))

    assert Tarif.objects.count() == 0
    assert "Ce tarif a un trou, il n’est pas enregistré" in html
    assert html.count("Hors commune, de 800 à 859 : aucun prix.") == 2  # in the summary, and beside its row
    assert 'value="ajouter hors 800-859"' in html
    assert 'name="hors-1-a" value="799"' in html
    assert 'name="hors-3-p1" value="1,25"' in html


def test_error_of_one_residence_is_told_with_the_hole_of_another(mairie, soir, vote):
    faux = {
        "commune-1": ("0", "499", "0,70"),
        "commune-2": ("600", "", ""),
        "hors-1": ("0", "799", "1"),
        "hors-3": ("860", "", "2"),
    }

    html = html_of(mairie.post(AJOUTER, typed(vote, soir, rangees=faux)))

    assert "Écrivez un prix, 0 s’il n’y a rien à payer." in html
    assert html.count("Hors commune, de 800 à 859 : aucun prix.") == 2
    assert "Commune, de" not in html  # its second row is not understood yet: its holes would be guessed
    assert "Ce tarif a un trou" not in html


@pytest.mark.parametrize(
    ("rangees", "dit"),
    [
        (
            {"commune-1": ("0", "1900", "0,70"), "commune-2": ("1900", "", "1"), "hors-1": ("0", "", "2")},
            "QF 1900 : deux prix",
        ),
        ({"commune-1": ("10", "", "0,70"), "hors-1": ("0", "", "2")}, "Commune, de 0 à 9 : aucun prix"),
        ({"commune-1": ("0", "", "0,70")}, "Hors commune, 0 et plus : aucun prix"),
        ({"commune-1": ("0", "", "dix"), "hors-1": ("0", "", "2")}, "Écrivez une somme en euros, par exemple 12,40."),
        ({"commune-1": ("600", "599", "1"), "hors-1": ("0", "", "2")}, "Une tranche finit après avoir commencé"),
        ({"commune-1": ("0", "", ""), "hors-1": ("0", "", "2")}, "Écrivez un prix, 0 s’il n’y a rien à payer."),
        ({"commune-1": ("", "", ""), "hors-1": ("0", "", "2")}, "Commune, 0 et plus : aucun prix"),
        ({"commune-1": ("", "599", "1"), "hors-1": ("0", "", "2")}, "Dites à quel quotient cette tranche commence."),
        ({"commune-1": ("-5", "", "1"), "hors-1": ("0", "", "2")}, "Un quotient est un nombre entier"),
    ],
)
def test_grid_that_prices_nobody_or_somebody_twice_is_refused(mairie, soir, vote, rangees, dit):
    response = mairie.post(AJOUTER, typed(vote, soir, rangees=rangees))

    assert response.status_code == 200
    assert dit in html_of(response)
    assert Tarif.objects.count() == 0


@pytest.mark.parametrize(
    ("fields", "dit"),
    [
        ({"debut": "2026-12-31"}, "Cette délibération s’applique dès le vendredi 1er janvier 2027."),
        ({"moment": "soir"}, "Choisissez des créneaux, ou un moment : l’un des deux."),
        ({"creneaux": []}, "Choisissez des créneaux, ou un moment : l’un des deux."),
        ({"minutes": ""}, "Un prix à la durée commencée dit de combien de minutes elle est."),
        ({"unite": "mois", "minutes": ""}, "Un prix au mois commence le premier d’un mois."),
        ({"par_jour": "on"}, "Un prix par jour est à la séance."),
        ({"fratrie": "on"}, "Le prix d’une fratrie est à la séance ou au mois."),
        ({"nom": ""}, "Nom :"),
        ({"creneaux": [], "moment": "midi"}, "La pause méridienne se paie à la séance ou au mois."),
    ],
)
def test_tariff_that_does_not_hold_is_refused_in_words(mairie, soir, vote, fields, dit):
    assert dit in html_of(mairie.post(AJOUTER, typed(vote, soir, **fields)))
    assert Tarif.objects.count() == 0


def test_second_tariff_of_a_day_and_a_closed_month_are_refused(mairie, soir, vote):
    mairie.post(AJOUTER, typed(vote, soir))

    assert "« Soir » est déjà le tarif de ce créneau à partir de ce jour." in html_of(
        mairie.post(AJOUTER, typed(vote, soir))
    )
    Mois.objects.create(premier=date(2027, 2, 1), echeance=date(2027, 3, 20))
    refused = html_of(mairie.post(AJOUTER, typed(vote, soir, debut="2027-02-15")))
    assert "Le mois de février 2027 est arrêté : rien n’y change plus de prix." in refused
    assert Tarif.objects.count() == 1


def test_form_that_did_not_come_whole_changes_nothing(mairie, soir, vote):
    data = typed(vote, soir)
    del data["commune-1-p2"]

    assert "n’est pas arrivé tel que la page l’envoie" in html_of(mairie.post(AJOUTER, data))
    assert Tarif.objects.count() == 0


# --- The shape of the grid, without a script ----------------------------------------------------------------------


def shape(mairie, vote, soir, geste, **fields):
    html = html_of(mairie.post(AJOUTER, typed(vote, soir, geste=geste, **fields)))
    assert Tarif.objects.count() == 0
    return html


def test_row_is_added_in_its_place_with_nothing_lost(mairie, soir, vote):
    troue = {"commune-1": ("0", "", "0,70"), "hors-1": ("0", "799", "1,00"), "hors-3": ("860", "", "pas un prix")}

    html = shape(mairie, vote, soir, "ajouter hors 800-859", rangees=troue)

    assert 'name="hors-2-de" value="800"' in html
    assert 'name="hors-2-a" value="859"' in html
    assert 'name="hors-3-p1" value="pas un prix"' in html
    assert 'name="nom" value="Soir"' in html
    assert "pas enregistré" not in html


def test_row_added_last_begins_where_the_one_before_ends(mairie, soir, vote):
    html = shape(mairie, vote, soir, "ajouter commune", rangees={"commune-7": ("0", "599", "0,70")})

    assert 'name="commune-2-de" value="600"' in html


def test_row_is_taken_off(mairie, soir, vote):
    html = shape(mairie, vote, soir, "retirer commune-1")

    assert 'name="commune-1-de" value="600"' in html
    assert 'name="commune-2-de"' not in html


def test_those_who_live_elsewhere_may_have_the_same_grid(mairie, soir, vote):
    html = shape(mairie, vote, soir, "copier")

    assert 'name="hors-2-p1" value="0,70"' in html
    assert 'name="hors-inconnu-p1" value="2"' in html


def test_rate_has_its_columns_and_is_saved(mairie, soir, vote):
    html = shape(mairie, vote, soir, "taux")
    assert 'name="commune-1-taux"' in html
    assert 'name="genre" value="taux"' in html
    data = typed(vote, soir, genre="taux", unite="seance", minutes="", arrondi="5", colonnes="1")
    for cle in data["rangee"]:
        data |= {f"{cle}-taux": "0,55", f"{cle}-minimum": "", f"{cle}-maximum": "3,19"}

    mairie.post(AJOUTER, data)

    lignes = LigneTarif.objects.filter(inconnu=False)
    assert {(str(x.taux), x.prix, x.minimum, x.maximum) for x in lignes} == {("0.5500", None, None, 319)}
    assert set(LigneTarif.objects.filter(inconnu=True).values_list("prix", flat=True)) == {200}
    assert 'name="commune-1-taux" value="0,55"' in html_of(mairie.get(f"{LISTE}{Tarif.objects.get().pk}/change/"))


@pytest.mark.parametrize(
    ("champs", "dit"),
    [
        ({"commune-1-taux": ""}, "Écrivez un taux, par exemple 0,55."),
        ({"commune-1-taux": "un demi"}, "Un taux est un nombre, par exemple 0,55."),
        ({"commune-1-taux": "0,123456"}, "Un taux est un nombre, par exemple 0,55."),
        ({"commune-1-minimum": "3,20"}, "Le maximum est plus petit que le minimum."),
        ({"commune-1-de": ""}, "Dites à quel quotient cette tranche commence."),
        ({"commune-2-a": "599"}, "Une tranche finit après avoir commencé. Vide : sans limite."),
    ],
)
def test_rate_that_cannot_be_counted_is_refused_in_words(mairie, soir, vote, champs, dit):
    data = typed(vote, soir, genre="taux", unite="seance", minutes="", arrondi="5", colonnes="1")
    for cle in data["rangee"]:
        data |= {f"{cle}-taux": "0,55", f"{cle}-minimum": "", f"{cle}-maximum": "3,19"}

    html = html_of(mairie.post(AJOUTER, data | champs))

    assert dit in html
    assert 'name="commune-2-taux" value="0,55"' in html
    assert not Tarif.objects.exists()


# --- Tried ----------------------------------------------------------------------------------------------------------


def test_price_is_tried_beside_its_grid_and_nothing_is_saved(mairie, soir, vote):
    grille = {
        "commune-1": ("0", "650", "0,30"),
        "commune-2": ("651", "1150", "0,48"),
        "commune-3": ("1151", "", "0,63"),
        "hors-1": ("0", "", "1"),
    }
    essai = {"essai-qf": "652", "essai-enfants": "2", "essai-fois": "16", "essai-duree": "45 min"}

    html = html_of(mairie.post(AJOUTER, typed(vote, soir, rangees=grille, geste="essayer", **essai)))

    assert "Commune, QF 652, deux enfants, 16 soirs de 45 min : 30,72 €" in html
    assert "45 min, soit 2 demi-heures commencées." in html
    assert Tarif.objects.count() == 0


def test_price_is_tried_at_an_hour_and_beside_the_tariff_before(mairie, soir, vote):
    make_tarif("soir")
    essai = {"essai-qf": "742", "essai-duree": "17 h 42"}

    html = html_of(mairie.post(AJOUTER, typed(vote, soir, geste="essayer", **essai)))

    assert "De 16 h 30 à 17 h 42 : 1 h 12, soit 3 demi-heures commencées." in html
    assert "Commune, QF 742, un enfant, 1 soir de 1 h 12 : 2,10 €" in html
    assert 'Avec le tarif d’avant : <span class="m">1,95 €</span>, soit +<span class="m">0,15 €</span>.' in html


def test_trial_that_is_not_understood_is_refused_beside_it(mairie, soir, vote):
    html = html_of(mairie.post(AJOUTER, typed(vote, soir, geste="essayer", **{"essai-duree": "longtemps"})))

    assert "Écrivez des minutes, par exemple 45, ou une heure, par exemple 17 h 15." in html


def test_trial_says_what_may_stay_empty(mairie, soir, vote):
    html = html_of(mairie.get(AJOUTER))

    assert [mot for mot in ("Enfants", "Séances", "Résidence") if f"{mot} (facultatif)" in html] == []
    assert "Quotient (facultatif)" in html
    assert "Vide : tout le créneau." in html
    assert "Séances" in html_of(mairie.post(AJOUTER, typed(vote, soir, geste="essayer", **{"essai-fois": ""})))


def test_trial_that_is_not_asked_for_is_kept_and_not_judged(mairie, soir, vote):
    html = html_of(mairie.post(AJOUTER, typed(vote, soir, nom="", **{"essai-fois": "", "essai-duree": "longtemps"})))

    assert 'name="essai-duree" value="longtemps"' in html
    assert "Écrivez des minutes" not in html
    assert 'id="id_essai-fois_error"' not in html


# --- Used, followed ------------------------------------------------------------------------------------------------


def test_unused_tariff_is_corrected(mairie, soir, vote):
    mairie.post(AJOUTER, typed(vote, soir))
    page = f"{LISTE}{Tarif.objects.get().pk}/change/"
    assert 'name="commune-1-p1" value="0,55"' in html_of(mairie.get(page))

    mairie.post(
        page, typed(vote, soir, nom="Soir long", rangees={"commune-1": ("0", "", "1"), "hors-1": ("0", "", "2")})
    )

    tarif = Tarif.objects.get()
    assert tarif.nom == "Soir long"
    assert sorted(tarif.lignes.filter(inconnu=False).values_list("prix", flat=True)) == [100, 200]


@pytest.fixture
def used(lea, soir):
    """The tariff of the evening, which an invoice of November used."""
    une_facture(lea)
    return Tarif.objects.get()


def test_used_tariff_is_read_and_a_new_one_follows_it(mairie, used):
    page = f"{LISTE}{used.pk}/change/"

    html = html_of(mairie.get(page))

    assert "Ce tarif a servi à une facture : il ne se change plus." in html
    assert f'href="{AJOUTER}?suite={used.pk}"' in html
    assert "<td>0,65</td>" in html
    suite = html_of(mairie.get(AJOUTER, {"suite": used.pk}))
    assert "Il suit « Soir » du mardi 1er septembre 2026, qui finira la veille." in suite
    assert 'name="commune-2-p1" value="0,65"' in suite


def test_used_tariff_is_never_edited(mairie, used, vote, soir):
    before = list(used.lignes.order_by("pk").values_list("pk", "prix"))

    mairie.post(f"{LISTE}{used.pk}/change/", typed(vote, soir))

    used.refresh_from_db()
    assert (used.nom, used.debut) == ("Soir", date(2026, 9, 1))
    assert list(used.lignes.order_by("pk").values_list("pk", "prix")) == before
    assert Prestation.objects.get().tarif == used


def test_price_is_tried_on_a_tariff_that_is_read(mairie, used):
    essai = {
        "essai-residence": "hors",
        "essai-qf": "600",
        "essai-enfants": "1",
        "essai-fois": "1",
        "essai-duree": "17h00",
    }

    html = html_of(mairie.get(f"{LISTE}{used.pk}/change/", essai))

    assert "Hors commune, QF 600, un enfant, 1 soir de 30 min : 1,30 €" in html


def test_list_tells_what_holds_and_what_is_missing(mairie):
    make_creneaux()
    make_tarif("soir")
    make_tarif("soir", debut=JANVIER)

    html = html_of(mairie.get(LISTE))

    assert "2 créneaux sans tarif" in html
    assert "Soir (toutes les écoles)" in html
    assert ("en vigueur" in html, "à venir" in html, "remplacé" in html) == (True, True, False)


def test_vote_is_entered_and_applies_after_it(mairie):
    page = "/admin/facturation/deliberation/add/"
    data = {"numero": "2027-12", "votee_le": "2027-03-02", "applicable_le": "2027-03-01", "objet": ""}

    assert "Une délibération ne s’applique pas avant son vote." in html_of(mairie.post(page, data))
    response = mairie.post(page, {**data, "applicable_le": "2027-09-01"}, follow=True)

    assert "Délibération n° 2027-12 enregistrée." in html_of(response)
    assert Deliberation.objects.get().applicable_le == date(2027, 9, 1)
    assert "Une autre délibération porte déjà ce numéro." in html_of(mairie.post(page, data))


def test_list_costs_the_same_whatever_the_tariffs(mairie, django_assert_num_queries):
    make_creneaux()
    make_tarif("soir")
    mairie.get(LISTE)
    with django_assert_num_queries(QUERIES):
        mairie.get(LISTE)
    make_tarif("midi")
    make_tarif("matin")
    with django_assert_num_queries(QUERIES):
        mairie.get(LISTE)
