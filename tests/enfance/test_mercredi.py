"""A Wednesday of one school, end to end: until when, who may, the planning, the sheet, the figures, a closure."""

from datetime import date, datetime, time

import pytest

from enfance.delais import limite
from enfance.inscriptions import Changement, enregistrer
from enfance.mairie.bureau import load_journee
from enfance.mairie.chiffres import load_chiffres
from enfance.mairie.fermetures.ecriture import Portee, fermer
from enfance.models import AnneeScolaire, Inscription, ListeRepas, Repas, load_calendrier
from enfance.planning.ecarts import repas_sans_midi
from enfance.regles import Acteur, Cle
from portail.dates import PARIS
from tests.factories import CreneauFactory, StaffFactory
from tests.reading import plain
from tests.ville import Ville, make_ville

LUNDI_SOIR = datetime(2026, 12, 7, 20, 40, tzinfo=PARIS)
MARDI_MIDI = datetime(2026, 12, 8, 12, tzinfo=PARIS)
MERCREDI = date(2026, 12, 9)


@pytest.fixture
def ville(db, time_machine) -> Ville:
    """The hamlet alone keeps its pupils on Wednesdays, all day."""
    time_machine.move_to(LUNDI_SOIR, tick=False)
    ville = make_ville()
    AnneeScolaire.objects.update(mercredi=True)
    jours = {"lundi": False, "mardi": False, "mercredi": True, "jeudi": False, "vendredi": False}
    journee = CreneauFactory(
        code="mercredi",
        nom="Mercredi",
        nom_court="mercredi",
        moment="journee",
        debut=time(7, 30),
        fin=time(18),
        **jours,
    )
    journee.ecoles.set([ville.hameau])
    ville.creneaux["mercredi"] = journee
    return ville


def save(ville, enfant, *codes, jour=MERCREDI, now=LUNDI_SOIR):
    changements = [Changement(Cle(enfant.pk, jour, code), "inscrit") for code in codes]
    return enregistrer(changements, Acteur.parent(ville.camille), now=now)


def codes_refused(resultat) -> list[set[str]]:
    return [{obstacle.code for obstacle in refus.obstacles} for refus in resultat.refus]


def test_wednesday_has_its_limit(ville):
    regle = ville.creneaux["mercredi"].delai_inscription.valeur

    assert limite(MERCREDI, regle, load_calendrier()) == MARDI_MIDI
    assert codes_refused(save(ville, ville.zoe, "mercredi", now=MARDI_MIDI)) == [{"limite"}]
    assert save(ville, ville.zoe, "mercredi").refus == ()


def test_wednesday_is_for_the_pupils_of_its_school(ville):
    assert codes_refused(save(ville, ville.lea, "mercredi")) == [{"creneau"}]
    assert not Inscription.objects.exists()


@pytest.mark.parametrize("code", ["matin-hameau", "midi", "soir"])
def test_other_creneaux_stay_closed_on_wednesdays(ville, code):
    assert len(save(ville, ville.zoe, code).refus) == 1


def test_planning_has_a_box_for_the_one_child_on_the_one_day(ville, client):
    client.force_login(ville.camille.user)

    page = client.get("/planning/2026-12/").text

    assert f'value="{ville.zoe.pk}:2026-12-09:mercredi"' in page
    assert f'value="{ville.zoe.pk}:2026-12-09:soir"' not in page
    assert f'value="{ville.zoe.pk}:2026-12-08:mercredi"' not in page
    assert f"{ville.lea.pk}:2026-12-09:" not in page
    assert "Zoé, mercredi, mercredi 9" in plain(page)


def test_day_of_the_parent_shows_it(ville, client):
    client.force_login(ville.camille.user)

    page = client.get("/jour/2026-12-09/").text

    assert f'value="{ville.zoe.pk}:2026-12-09:mercredi"' in page
    assert f"{ville.lea.pk}:2026-12-09:" not in page


def test_sheet_of_wednesday_has_one_creneau(ville, client):
    save(ville, ville.zoe, "mercredi")
    client.force_login(StaffFactory())

    page = client.get("/equipe/2026-12-09/")

    assert page.context["feuille"].onglet.creneau == ville.creneaux["mercredi"]
    assert "Zoé" in page.text
    assert "Léa" not in page.text


def test_figures_count_wednesdays(ville):
    save(ville, ville.zoe, "mercredi")

    chiffres = load_chiffres(AnneeScolaire.objects.get(), date(2026, 12, 1), today=MERCREDI, ecole=ville.hameau)

    (mercredi,) = [r for r in chiffres.remplissages if r.creneau.code == "mercredi"]
    assert {jour.jour.weekday() for jour in mercredi.jours} == {2}
    assert {jour.jour: jour.pris for jour in mercredi.jours if jour.pris} == {MERCREDI: 1}
    assert chiffres.total_mois.total.inscrits == 1
    (ailleurs,) = [r for r in chiffres.remplissages if r.creneau.code == "soir"]
    assert 2 not in {jour.jour.weekday() for jour in ailleurs.jours}


def test_home_shows_wednesday_in_its_row_alone(ville):
    save(ville, ville.zoe, "mercredi")

    journee = load_journee(now=LUNDI_SOIR)

    cases = {creneau.code: moments[2] for creneau, moments in journee.lignes}
    assert {code for code, case in cases.items() if case} == {"mercredi"}
    assert cases["mercredi"].inscrits == 1


def test_closure_of_wednesday_is_of_the_school_that_has_one(ville):
    save(ville, ville.zoe, "mercredi")

    assert fermer(Portee(MERCREDI, MERCREDI, "grève", ecoles=(ville.bourg,)), now=LUNDI_SOIR).fermeture is None
    bilan = fermer(Portee(MERCREDI, MERCREDI, "grève", ecoles=(ville.hameau,)), now=LUNDI_SOIR)

    assert bilan.touches.inscriptions == 1
    assert Inscription.objects.get().etat == "annulee"


def test_meal_of_wednesday_wants_no_lunch_break(ville):
    liste = ListeRepas.objects.create(debut=MERCREDI, fin=MERCREDI)
    Repas.objects.create(enfant=ville.zoe, jour=MERCREDI, liste=liste)

    assert not repas_sans_midi(now=LUNDI_SOIR).exists()
