"""Two homes of one child: each edits its own days, sees the others without a name, and undoes nothing silently."""

from datetime import date, datetime

import pytest
from django.test import Client
from django.urls import reverse

from enfance.inscriptions import Changement, enregistrer
from enfance.models import Enregistrement, Evenement, Garde, Inscription, Responsable
from enfance.regles import Acteur, Cle
from portail.dates import PARIS
from tests.factories import FoyerFactory, ResponsableFactory, make_creneaux, make_enfant
from tests.races import at_once

NOW = datetime(2026, 12, 3, 20, 40, tzinfo=PARIS)
MOIS = reverse("enfance:planning_mois", args=[date(2026, 12, 1)])
LUNDI_7, MARDI_8, VENDREDI_11, LUNDI_14, VENDREDI_18 = (date(2026, 12, jour) for jour in (7, 8, 11, 14, 18))
SECRETS = ["Sacha", "Lagrange", "rue du Lac", "06 99 00 11 22", "sacha@courriel.example"]


@pytest.fixture
def camille(time_machine, db) -> Responsable:
    time_machine.move_to(NOW, tick=False)
    make_creneaux()
    return ResponsableFactory()


@pytest.fixture
def sacha(camille) -> Responsable:
    return ResponsableFactory(
        foyer=FoyerFactory(adresse="3 rue du Lac"),
        user__first_name="Sacha",
        user__last_name="Lagrange",
        user__email="sacha@courriel.example",
        telephone="06 99 00 11 22",
    )


@pytest.fixture
def lea(camille, sacha):
    return make_enfant(camille, sacha)


def alternate(lea, camille, sacha, passage=Garde.Passage.LUNDI):
    """A week each from the 7th, Camille first."""
    for responsable, depuis in ((camille, LUNDI_7), (sacha, LUNDI_14)):
        lea.gardes.filter(foyer=responsable.foyer).update(rythme="alternee", depuis=depuis, passage=passage)


def save(responsable, enfant, jour, creneau="soir", voulu="inscrit"):
    return enregistrer([Changement(Cle(enfant.pk, jour, creneau), voulu)], Acteur.parent(responsable), now=NOW)


def refused(resultat):
    return [obstacle.code for refus in resultat.refus for obstacle in refus.obstacles]


def browser(responsable) -> Client:
    client = Client()
    client.force_login(responsable.user)
    return client


def send(client, page, *boxes, avant=None):
    """Send the form of the page with these boxes ticked, as it was displayed."""
    displayed = page.context["mois"].avant if avant is None else avant
    return client.post(MOIS, {"avant": displayed, "r": list(map(str, boxes)), "enregistrer": "1"}, follow=True)


def test_of_two_homes_that_both_have_garde_each_may_undo_the_other(camille, sacha, lea):
    save(camille, lea, LUNDI_7)
    assert Inscription.objects.get().foyer == camille.foyer

    assert refused(save(sacha, lea, LUNDI_7, voulu="annulee")) == []

    page = browser(camille).get(reverse("enfance:historique")).text
    assert "L’autre foyer" in page


@pytest.mark.parametrize(
    ("jour", "par_camille", "par_sacha"),
    [
        (VENDREDI_11, [], ["garde"]),
        (LUNDI_14, ["garde"], []),
        (VENDREDI_18, ["garde"], []),
        (date(2027, 1, 4), ["garde"], ["garde"]),  # nobody's day: the town hall's alone
    ],
)
def test_homes_that_follow_each_other_by_dates(camille, sacha, lea, jour, par_camille, par_sacha):
    lea.gardes.filter(foyer=camille.foyer).update(fin=date(2026, 12, 13))
    lea.gardes.filter(foyer=sacha.foyer).update(debut=LUNDI_14, fin=date(2027, 1, 3))

    assert refused(save(camille, lea, jour, "matin")) == par_camille
    assert refused(save(sacha, lea, jour, "soir")) == par_sacha


@pytest.mark.parametrize("passage", Garde.Passage)
@pytest.mark.parametrize(("jour", "creneau"), [(VENDREDI_11, "midi"), (VENDREDI_11, "soir"), (LUNDI_14, "matin")])
def test_hand_over_on_friday_evening_or_on_monday(camille, sacha, lea, passage, jour, creneau):
    alternate(lea, camille, sacha, passage)
    chez_sacha = jour == LUNDI_14 or (passage == Garde.Passage.VENDREDI and creneau == "soir")
    ici, ailleurs = (sacha, camille) if chez_sacha else (camille, sacha)

    assert refused(save(ailleurs, lea, jour, creneau)) == ["garde"]
    assert refused(save(ici, lea, jour, creneau)) == []
    assert Inscription.objects.get().foyer == ici.foyer


def test_year_of_53_weeks_does_not_slip(camille, sacha, lea):
    alternate(lea, camille, sacha)

    assert refused(save(camille, lea, date(2027, 1, 4))) == []
    assert refused(save(sacha, lea, date(2027, 1, 11))) == []


def test_each_home_sees_the_days_of_the_other_without_a_name(camille, sacha, lea):
    alternate(lea, camille, sacha)
    save(sacha, lea, LUNDI_14)
    client = browser(camille)
    pages = [
        MOIS,
        reverse("enfance:accueil"),
        reverse("enfance:jour", args=[LUNDI_14]),
        reverse("enfance:enfant", args=[lea.pk]),
        reverse("enfance:historique"),
    ]

    texts = [client.get(page).text for page in pages]

    assert [secret for secret in SECRETS for text in texts if secret in text] == []
    assert "Semaine du 14 au 18\u00a0décembre, chez l’autre parent" in texts[0]
    assert "Léa, Soir\u00a0: lundi 14" in texts[0]


def test_two_stale_pages_lose_no_tick(camille, sacha, lea):
    ici, ailleurs = browser(camille), browser(sacha)
    page_ici, page_ailleurs = ici.get(MOIS), ailleurs.get(MOIS)
    cle_ici, cle_ailleurs = Cle(lea.pk, MARDI_8, "soir"), Cle(lea.pk, MARDI_8, "matin")

    send(ici, page_ici, cle_ici)
    answer = send(ailleurs, page_ailleurs, cle_ailleurs)

    assert sorted(Inscription.objects.inscrit().values_list("creneau__code", "foyer")) == [
        ("matin", sacha.foyer_id),
        ("soir", camille.foyer_id),
    ]
    html = answer.text
    assert "Le planning a changé pendant que vous l’aviez ouvert" in html
    assert "changé par l’autre foyer" in html
    assert [secret for secret in ("Camille", "Tilleuls") if secret in html] == []


def test_page_opened_before_a_change_of_rhythm_says_why_it_is_refused(camille, sacha, lea):
    client = browser(camille)
    page = client.get(MOIS)
    alternate(lea, camille, sacha)

    answer = send(client, page, Cle(lea.pk, LUNDI_14, "soir"), Cle(lea.pk, MARDI_8, "soir"))

    assert "Léa est chez l’autre parent ce jour-là." in answer.text
    assert list(Inscription.objects.inscrit().values_list("jour", flat=True)) == [MARDI_8]


@pytest.mark.django_db(transaction=True)
def test_two_homes_at_once_lose_no_tick(camille, sacha, lea):
    alternate(lea, camille, sacha)
    codes = ("matin", "midi", "soir")

    resultats = at_once(
        *(lambda code=code: save(camille, lea, LUNDI_7, code) for code in codes),
        *(lambda code=code: save(sacha, lea, LUNDI_14, code) for code in codes),
        *(lambda code=code: save(sacha, lea, LUNDI_7, code, "annulee") for code in codes),
    )

    assert [refused(resultat) for resultat in resultats[:6]] == [[]] * 6
    assert Inscription.objects.inscrit().filter(jour=LUNDI_7, foyer=camille.foyer).count() == 3
    assert Inscription.objects.inscrit().filter(jour=LUNDI_14, foyer=sacha.foyer).count() == 3
    assert Enregistrement.objects.count() == Evenement.objects.count() == 6


@pytest.mark.django_db(transaction=True)
def test_two_homes_on_the_same_box_at_once_write_one_row(camille, sacha, lea):
    resultats = at_once(*[lambda: save(camille, lea, LUNDI_7), lambda: save(sacha, lea, LUNDI_7)] * 4)

    (gagnant,) = [resultat.enregistrement for resultat in resultats if resultat.enregistrement]
    assert Inscription.objects.get().foyer_id == gagnant.foyer_id
