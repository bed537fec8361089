"""« Parti le », on the page of a child: what it cancels or gives back is shown before anything is written."""

from datetime import date

import pytest
from django_tasks_db.models import DBTaskResult

from enfance.inscriptions import Changement, enregistrer
from enfance.mairie.enfants.departs import depart_of, hors_annee, load_annees
from enfance.mairie.enfants.lecture import annee_ouverte
from enfance.models import AnneeScolaire, Creneau, Enregistrement, Inscription, Scolarite
from enfance.onde.places import is_marked, mark_partis
from enfance.regles import Acteur, Cle
from tests.enfance.mairie.conftest import JEUDI_SOIR, LUNDI
from tests.enfance.mairie.enfants.fiche import change, confirm, sujet_of
from tests.factories import ScolariteFactory
from tests.reading import messages_of

pytestmark = pytest.mark.ci

PASSE = date(2026, 11, 30)
MARDI = date(2026, 12, 8)
LUNDI_14 = date(2026, 12, 14)


@pytest.fixture
def jours(lea, creneaux):
    """Léa has three evenings to come, one that is over, and one that her parent cancelled."""
    parent = lea.responsables.get()
    for voulu, dates in (("inscrit", (LUNDI, MARDI, LUNDI_14, date(2026, 12, 15))), ("annulee", (date(2026, 12, 15),))):
        cles = [Cle(lea.pk, jour, "soir") for jour in dates]
        enregistrer([Changement(cle, voulu) for cle in cles], Acteur.parent(parent), now=JEUDI_SOIR)
    Inscription.objects.create(enfant=lea, jour=PASSE, creneau=creneaux["soir"], foyer=parent.foyer)
    DBTaskResult.objects.all().delete()


def etats():
    return {jour.day: etat for jour, etat in Inscription.objects.order_by("jour").values_list("jour", "etat")}


def ask(client, lea, depart):
    return change(client, lea, "classe", depart=depart)


def rows(response, titre):
    """A table of the preview, by its title."""
    return next((tableau.lignes for tableau in response.context["apercu"].tableaux if tableau.titre == titre), ())


def leave(client, lea, depart):
    return confirm(client, ask(client, lea, depart))


AVANT = {30: "inscrit", 7: "inscrit", 8: "inscrit", 14: "inscrit", 15: "annulee"}
PARTIE = {30: "inscrit", 7: "inscrit", 8: "annulee", 14: "annulee", 15: "annulee"}


def test_departure_is_shown_and_nothing_is_written(mairie, lea, jours):
    response = ask(mairie, lea, "2026-12-08")

    assert rows(response, "Annulées") == (
        ("mardi 8\u00a0décembre 2026", "1"),
        ("lundi 14\u00a0décembre 2026", "1"),
    )
    assert etats() == AVANT
    assert Scolarite.objects.get().depart is None


def test_departure_confirmed_cancels_what_comes_after(mairie, lea, jours):
    response = leave(mairie, lea, "2026-12-08")

    assert etats() == PARTIE
    assert Scolarite.objects.get().depart == MARDI
    assert Enregistrement.objects.latest("pk").motif == "Départ de l’école"
    assert "Inscriptions annulées à partir du départ : 2. La famille n’est pas prévenue par e-mail." in messages_of(
        response
    )
    assert not DBTaskResult.objects.exists()


def test_departure_in_the_past_leaves_days_past(mairie, lea, jours):
    leave(mairie, lea, "2026-09-15")

    assert etats() == AVANT | {7: "annulee", 8: "annulee", 14: "annulee"}


def test_departure_shown_is_asked_again_when_it_has_changed(mairie, lea, jours):
    shown = ask(mairie, lea, "2026-12-08")
    Inscription.objects.filter(jour=LUNDI_14).update(etat="annulee")

    again = confirm(mairie, shown)

    assert rows(again, "Annulées") == (("mardi 8\u00a0décembre 2026", "1"),)
    assert Scolarite.objects.get().depart is None
    confirm(mairie, again)
    assert Scolarite.objects.get().depart == MARDI


@pytest.mark.parametrize("jour", ["1990-01-01", "2026-08-31", "2027-08-31"])
def test_departure_outside_its_year_is_refused(mairie, lea, jours, jour):
    response = ask(mairie, lea, jour)

    annee = Scolarite.objects.get().annee
    phrase = f"Indiquez un jour de l’année {annee}, du 1er\u00a0septembre 2026 au 2\u00a0juillet 2027."
    assert response.context["form"].errors == {"depart": [phrase]}
    assert etats() == AVANT


def test_first_and_last_days_of_the_year_are_days_to_leave_on(lea):
    annees = load_annees(lea)
    for jour in (annees[0].annee.debut, annees[0].annee.fin):
        assert hors_annee(annees, jour, LUNDI) == ""


def test_departure_cleared_gives_back_what_it_cancelled_and_nothing_else(mairie, lea, jours):
    leave(mairie, lea, "2026-12-08")

    shown = ask(mairie, lea, "")

    assert sum(int(nombre) for _, nombre in rows(shown, "Rétablies")) == 2
    assert etats() == PARTIE
    response = confirm(mairie, shown)
    assert etats() == AVANT
    assert "Inscriptions rétablies : 2. La famille est prévenue par e-mail." in messages_of(response)
    assert DBTaskResult.objects.count() == 1


def test_departure_moved_gives_back_the_days_before(mairie, lea, jours):
    leave(mairie, lea, "2026-12-08")
    leave(mairie, lea, "2026-12-10")
    assert etats() == AVANT | {14: "annulee"}

    leave(mairie, lea, "")

    assert etats() == AVANT


def test_departure_moved_to_a_day_of_school_does_not_give_that_day_back(mairie, lea, jours):
    leave(mairie, lea, "2026-12-08")

    shown = ask(mairie, lea, "2026-12-14")

    assert rows(shown, "Rétablies") == (("mardi 8\u00a0décembre 2026", "1"),)
    assert rows(shown, "Annulées") == ()

    confirm(mairie, shown)
    leave(mairie, lea, "")

    assert etats() == AVANT


def test_year_to_correct_is_by_default_the_one_in_course(lea):
    passee = AnneeScolaire.objects.create(debut=date(2025, 9, 1), fin=date(2026, 7, 3))
    ScolariteFactory(enfant=lea, annee=passee, niveau="CP", classe=None)
    assert annee_ouverte(load_annees(lea), None, LUNDI).debut == date(2026, 9, 1)
    assert annee_ouverte(load_annees(lea), passee.pk, LUNDI) == passee


def test_departure_cleared_takes_no_place(mairie, lea, jours):
    leave(mairie, lea, "2026-12-08")
    Creneau.objects.update(places=0)

    response = leave(mairie, lea, "")

    assert etats() == PARTIE
    assert Scolarite.objects.get().depart is None
    assert [text.startswith("Non rétablie : ") for text in messages_of(response)[:2]] == [True, True]


# --- The year that is prepared ----------------------------------------------------------------------------------------


@pytest.fixture
def suivante(lea):
    """The year that the rollover has prepared: Léa is expected in CE2."""
    annee = AnneeScolaire.objects.create(debut=date(2027, 9, 1), fin=date(2028, 7, 4))
    return ScolariteFactory(enfant=lea, annee=annee, niveau="CE2", classe=None)


def departs(lea):
    return list(lea.scolarites.order_by("annee__debut").values_list("depart", flat=True))


def test_departure_ends_the_prepared_year_and_a_return_gives_it_back(mairie, lea, jours, suivante):
    leave(mairie, lea, "2026-12-08")
    assert departs(lea) == [MARDI, suivante.annee.debut]
    assert depart_of(load_annees(lea), LUNDI) == MARDI

    leave(mairie, lea, "")
    assert departs(lea) == [None, None]


def test_departure_in_the_prepared_year_leaves_this_one(mairie, lea, jours, suivante):
    ask(mairie, lea, "2027-09-20")

    assert departs(lea) == [None, date(2027, 9, 20)]
    assert etats() == AVANT


def test_child_who_comes_back_falsifies_no_past_year(mairie, lea):
    """She left two years ago, and is entered again this year."""
    passee = AnneeScolaire.objects.create(debut=date(2024, 9, 2), fin=date(2025, 7, 4))
    Scolarite.objects.update(annee=passee, depart=date(2025, 2, 3), classe=None)
    courante = AnneeScolaire.objects.get(debut=date(2026, 9, 1))

    change(mairie, lea, "classe", {"annee": courante.pk}, niveau="CE2")
    change(mairie, lea, "classe", depart="2026-12-08")
    change(mairie, lea, "classe", depart="")

    assert departs(lea) == [date(2025, 2, 3), None]
    assert depart_of(load_annees(lea), LUNDI) is None
    assert lea.scolarites.get(annee=courante).niveau == "CE2"


def test_departure_that_the_town_hall_corrects_is_no_longer_that_of_the_import(mairie, lea):
    mark_partis([Scolarite.objects.select_related("enfant", "annee").get()], PASSE)
    assert is_marked(Scolarite.objects.get())

    ask(mairie, lea, "2026-12-08")

    assert departs(lea) == [MARDI]
    assert not is_marked(Scolarite.objects.get())


def test_departure_found_out_late_is_kept_in_the_year_of_its_day(mairie, lea):
    passee = AnneeScolaire.objects.create(debut=date(2025, 9, 1), fin=date(2026, 7, 3))
    ScolariteFactory(enfant=lea, annee=passee, niveau="CP", classe=None)

    ask(mairie, lea, "2026-06-15")

    assert departs(lea) == [date(2026, 6, 15), date(2026, 9, 1)]


def test_class_of_a_past_year_is_corrected_alone(mairie, lea):
    passee = AnneeScolaire.objects.create(debut=date(2025, 9, 1), fin=date(2026, 7, 3))
    ScolariteFactory(enfant=lea, annee=passee, niveau="CP", classe=None)
    page = mairie.get(sujet_of(lea, "classe", annee=passee.pk))
    assert page.context["form"].scolarite.annee == passee

    change(mairie, lea, "classe", {"annee": passee.pk}, niveau="GS")

    assert list(lea.scolarites.order_by("annee__debut").values_list("niveau", flat=True)) == ["GS", "CE1"]
