"""The screen of supplements: entered in euros or per cent, ended once used."""

from __future__ import annotations

from datetime import date

import pytest

from facturation.models import Prestation, Supplement
from tests.factories import make_creneaux
from tests.facturation.factures_emises import une_facture
from tests.facturation.grille import make_deliberation
from tests.facturation.mairie.supplements import typed
from tests.reading import html_of

AJOUTER = "/admin/facturation/supplement/add/"


@pytest.fixture
def vote(db):
    return make_deliberation()


def page(supplement):
    return f"/admin/facturation/supplement/{supplement.pk}/change/"


def test_supplement_is_entered_in_euros(mairie, vote):
    response = mairie.post(AJOUTER, typed(vote, prix="5,50"), follow=True)

    assert "Supplément, retard : enregistré." in html_of(response)
    assert "5,50 €" in html_of(response)
    supplement = Supplement.objects.get()
    assert (supplement.prix, supplement.pourcentage, supplement.tolerance, supplement.moment) == (550, None, 5, "soir")
    assert 'name="prix" value="5,50"' in html_of(mairie.get(page(supplement)))


@pytest.mark.parametrize(
    ("fields", "dit"),
    [
        ({"prix": ""}, "Écrivez un prix ou un pourcentage : l’un des deux."),
        ({"pourcentage": "50"}, "Écrivez un prix ou un pourcentage : l’un des deux."),
        ({"prix": "cher"}, "Écrivez une somme en euros, par exemple 12,40."),
        ({"debut": "2026-08-31"}, "Cette délibération s’applique dès le mardi 1er septembre 2026."),
        ({"fin": "2026-11-30"}, "Un supplément finit après avoir commencé."),
    ],
)
def test_supplement_that_does_not_hold_is_refused_in_words(mairie, vote, fields, dit):
    assert dit in html_of(mairie.post(AJOUTER, typed(vote, **fields)))
    assert Supplement.objects.count() == 0


def test_used_supplement_is_only_ended(mairie, lea, vote):
    make_creneaux()
    une_facture(lea)
    supplement = Supplement.objects.create(genre="retard", deliberation=vote, debut=date(2026, 9, 1), prix=500)
    Prestation.objects.update(supplement=supplement)

    html = html_of(mairie.get(page(supplement)))
    assert "Il a servi à une facture : seul son dernier jour se change." in html
    assert 'name="prix"' not in html
    refused = mairie.post(page(supplement), {"fin": "2026-10-31"})
    assert "dernier jour d’un mois arrêté" in html_of(refused)
    mairie.post(page(supplement), {"fin": "2026-12-31", "prix": "9"})

    supplement.refresh_from_db()
    assert (supplement.prix, supplement.fin) == (500, date(2026, 12, 31))


@pytest.mark.parametrize("fin", ["", "2026-12-31", "2026-11-30"])
def test_end_in_a_closed_month_is_changed_no_more(mairie, lea, vote, fin):
    """What it would bill anew is of a month that nobody bills again."""
    make_creneaux()
    une_facture(lea)
    ended = date(2026, 11, 2)
    supplement = Supplement.objects.create(
        genre="retard", deliberation=vote, debut=date(2026, 9, 1), fin=ended, prix=500
    )
    Prestation.objects.update(supplement=supplement)

    refused = mairie.post(page(supplement), {"fin": fin})

    assert "Il s’arrête le lundi 2 novembre 2026, dans un mois arrêté" in html_of(refused)
    supplement.refresh_from_db()
    assert supplement.fin == ended


@pytest.mark.parametrize(("typed_one", "said"), [("5", "article 5"), ("4 bis", "article 4 bis"), ("annexe", "annexe")])
def test_article_that_is_a_number_is_an_article(mairie, vote, typed_one, said):
    mairie.post(AJOUTER, typed(vote, article=typed_one))

    assert Supplement.objects.get().article == said


def test_unused_supplement_is_corrected(mairie, vote):
    mairie.post(AJOUTER, typed(vote))

    mairie.post(page(Supplement.objects.get()), typed(vote, prix="", pourcentage="50"))

    assert Supplement.objects.values_list("prix", "pourcentage").get() == (None, 50)


# --- One a kind and a moment on a day --------------------------------------------------------------------------------


@pytest.fixture
def ancien(vote):
    return Supplement.objects.create(
        genre="retard", deliberation=vote, moment="soir", debut=date(2026, 9, 1), fin=date(9999, 12, 31), prix=500
    )


def test_supplement_that_begins_before_another_ends_is_refused_until_that_one_does(mairie, vote, ancien):
    said = html_of(mairie.post(AJOUTER, typed(vote, prix="6")))

    assert (
        "Un supplément du même genre, commencé le mardi 1er septembre 2026, va jusqu’au vendredi 31 décembre 9999 : "
        "changez d’abord sa fin, qui doit précéder ce jour." in said
    )
    assert 'name="prix" value="6"' in said
    assert Supplement.objects.count() == 1
    ancien.fin = date(2026, 11, 30)
    ancien.save()
    mairie.post(AJOUTER, typed(vote, prix="6"))
    assert Supplement.objects.count() == 2


def test_supplement_that_has_no_end_is_followed_without_a_word(mairie, vote, ancien):
    Supplement.objects.update(fin=None)

    mairie.post(AJOUTER, typed(vote, prix="6"))

    assert Supplement.objects.count() == 2


def test_supplement_must_end_before_the_one_that_follows(mairie, vote, ancien):
    page_ancien = page(ancien)
    Supplement.objects.update(debut=date(2027, 9, 1), fin=None)

    said = html_of(mairie.post(AJOUTER, typed(vote, fin="2027-09-01")))

    assert "Un supplément du même genre commence le mercredi 1er septembre 2027 : celui-ci doit finir avant." in said
    assert "commence déjà ce jour-là" in html_of(mairie.post(AJOUTER, typed(vote, debut="2027-09-01")))
    assert Supplement.objects.count() == 1
    assert mairie.post(page_ancien, typed(vote, debut="2027-09-01")).status_code == 302  # itself is no other


def test_end_of_a_used_supplement_stops_before_the_next(mairie, lea, vote, ancien):
    make_creneaux()
    une_facture(lea)
    Prestation.objects.update(supplement=ancien)
    Supplement.objects.create(genre="retard", deliberation=vote, moment="soir", debut=date(2027, 9, 1), prix=600)

    said = html_of(mairie.post(page(ancien), {"fin": "2027-09-01"}))

    assert "celui-ci doit finir avant" in said
    assert mairie.post(page(ancien), {"fin": "2027-08-31"}).status_code == 302


@pytest.mark.parametrize("fields", [{"moment": "matin"}, {"genre": "absence", "tolerance": "0"}, {"moment": ""}])
def test_supplement_of_another_moment_or_kind_is_another(mairie, vote, ancien, fields):
    mairie.post(AJOUTER, typed(vote, **fields))

    assert Supplement.objects.count() == 2
