"""A parent books after the limit for the supplement that was voted, told before the tick; nobody else does."""

from datetime import date, datetime, time

import pytest

from enfance.inscriptions import Changement, enregistrer
from enfance.models import Creneau, Evenement, Inscription, RegleDelai
from enfance.regles import Acteur, Cle
from facturation.arrete.cloture import arreter
from facturation.arrete.estimations import estimer
from facturation.models import Prestation, Supplement
from facturation.papiers.pourquoi import EnfantDit, pourquoi
from facturation.verification import verifier
from portail.dates import PARIS
from tests.factories import StaffFactory
from tests.facturation.grille import RENTREE, make_deliberation
from tests.facturation.vecu import clore, dire_quotient
from tests.reading import plain

pytestmark = pytest.mark.django_db
MOIS, JOUR = "/planning/2026-12/", "/jour/2026-12-04/"
VENDREDI = date(2026, 12, 4)
NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)  # Friday's limit was at noon; the late one is tomorrow, 7 h
DIT = "+\u00a02,00\u202f€"


@pytest.fixture
def tardif(camille) -> Supplement:
    """Every créneau may be booked until seven o'clock of its day, for 2 €."""
    regle = RegleDelai.objects.create(genre="jours", nombre=0, heure=time(7))
    Creneau.objects.update(delai_tardif=regle)
    return Supplement.objects.create(genre="tardive", deliberation=make_deliberation(), debut=RENTREE, prix=200)


def box(enfant, creneau="soir", jour=VENDREDI) -> Cle:
    return Cle(enfant.pk, jour, creneau)


def book(acteur, cle, dit=DIT, **fields):
    acteur = acteur if isinstance(acteur, Acteur) else Acteur.parent(acteur)
    return enregistrer([Changement(cle, "inscrit", tardif=dit)], acteur, now=fields.pop("now", NOW), **fields)


@pytest.mark.usefixtures("tardif")
def test_box_says_the_supplement_and_the_tick_books_late(connected, lea):
    html = connected.get(MOIS).text

    assert f'<input type="hidden" name="tardif" value="{box(lea)}={DIT}">' in html
    assert f'<span class="vh">en retard\u00a0: </span>{DIT}' in html
    assert "Vendredi 4, matin, midi et soir : en retard, + 2,00 € jusqu’à demain, 7 h" in plain(html)

    connected.send(MOIS, {"avant": "", "r": [str(box(lea))], "tardif": [f"{box(lea)}={DIT}"], "enregistrer": "1"})

    inscription, evenement = Inscription.objects.get(), Evenement.objects.get()
    assert (inscription.etat, inscription.hors_delai) == ("inscrit", True)
    assert (evenement.hors_delai, evenement.limite) == (DIT, datetime(2026, 12, 3, 12, tzinfo=PARIS))
    page = plain(connected.get("/historique/").text)
    assert "soir ajouté hors délai (+ 2,00 €), vendredi 4" in page


@pytest.mark.usefixtures("tardif")
def test_page_of_a_day_says_it_too(connected, lea):
    html = plain(connected.get(JOUR).text)

    assert "en retard : + 2,00 €" in html
    assert "Encore possible en retard, avec un supplément" in html


@pytest.mark.usefixtures("tardif")
def test_limit_to_come_says_what_follows_it(connected, lea):
    html = plain(connected.get(MOIS).text)

    assert "à modifier avant demain, 12 h, puis + 2,00 € jusqu’à lundi 7, 7 h" in html
    assert "puis à inscrire en retard, + 2,00 €, jusqu’au jour même, 7 h" in html


@pytest.mark.parametrize("dit", ["", "+\u00a01,00\u202f€"])
def test_who_was_told_nothing_or_another_price_is_refused(camille, lea, tardif, dit):
    (refus,) = book(camille, box(lea), dit).refus

    assert refus.obstacles[0].code == "limite"
    assert "à cocher de nouveau, en retard, + 2,00 €." in plain(refus.obstacles[0].message)
    assert not Inscription.objects.exists()


def test_without_a_vote_nobody_books_late(connected, camille, lea, tardif):
    tardif.delete()

    assert book(camille, box(lea)).refus
    assert "aide-tardif" not in connected.get(MOIS).text


def test_in_time_nothing_is_late(camille, lea, tardif):
    book(camille, box(lea, jour=date(2026, 12, 7)))

    assert not Inscription.objects.get().hors_delai
    assert not Evenement.objects.get().hors_delai


def test_town_hall_never_books_late(camille, lea, tardif):
    mairie = Acteur.mairie(StaffFactory().pk, "appel de la famille")

    book(mairie, box(lea))

    assert not Inscription.objects.get().hors_delai


def test_town_hall_takes_a_late_booking_over_without_supplement(camille, lea, tardif):
    book(camille, box(lea))
    mairie = Acteur.mairie(StaffFactory().pk, "erreur")

    enregistrer([Changement(box(lea), "annulee")], mairie, now=NOW)
    book(mairie, box(lea))

    assert [e.hors_delai for e in Evenement.objects.order_by("pk")] == [DIT, "", ""]
    assert not Inscription.objects.get().hors_delai


def test_late_booking_is_not_cancelled_by_the_parent_once_the_limit_to_cancel_has_passed(camille, lea, tardif):
    fait = book(camille, box(lea))

    assert enregistrer([Changement(box(lea), "annulee")], Acteur.parent(camille), now=NOW).refus
    assert Inscription.objects.get().hors_delai
    assert fait.enregistrement


def test_late_booking_may_be_cancelled_where_the_limit_to_cancel_is_later(camille, lea, tardif):
    regle = RegleDelai.objects.create(genre="jours", nombre=0, heure=time(6))
    Creneau.objects.update(delai_annulation=regle)
    book(camille, box(lea))

    assert not enregistrer([Changement(box(lea), "annulee")], Acteur.parent(camille), now=NOW).refus
    assert enregistrer([Changement(box(lea), "inscrit")], Acteur.parent(camille), now=NOW).refus  # never silently


@pytest.mark.parametrize(
    ("fields", "montant", "dit"),
    [
        ({"prix": 200}, 200, DIT),
        ({"prix": None, "pourcentage": 50}, 40, "+\u00a050\u00a0% du prix"),
        ({"prix": 390, "en_tout": True}, 310, "3,90\u202f€ en tout"),
    ],
)
def test_invoice_says_the_supplement_and_adds_up(camille, lea, tardif, fields, montant, dit):
    Supplement.objects.filter(pk=tardif.pk).update(**fields)
    dire_quotient(camille.foyer, 742)
    assert not book(camille, box(lea, "midi"), dit).refus
    foyer = camille.foyer_id
    estimation = [c.montant for c in estimer([foyer], date(2026, 12, 1), NOW.date())[foyer].prevues]
    clore(VENDREDI)

    arreter(date(2026, 12, 1), None, datetime(2027, 1, 4, 9, tzinfo=PARIS))

    seance, ligne = Prestation.objects.order_by("pk")
    assert (seance.montant, ligne.nature, ligne.montant, ligne.credit_impot) == (80, "tardive", montant, False)
    assert estimation == [80, montant]
    assert list(verifier()) == []
    dite = plain(" ".join(phrase for _, phrase in pourquoi(ligne, EnfantDit("Léa", True), [camille.foyer_id]).faits))
    assert "après la limite du jeudi 3, 12 h" in dite
    assert "délibération n° 2026-41" in dite
