"""A pupil with two places in a year, one a school: who reads the last one, and nobody takes it for gone."""

from __future__ import annotations

from datetime import date

import pytest

from enfance.changement_ecole import changer_place
from enfance.mairie.bureau import partis
from enfance.mairie.doubles.fusion_enfants import reunir_enfants
from enfance.mairie.durees import debut_connu
from enfance.mairie.enfants.changements_ecole import changer, place_of
from enfance.mairie.enfants.departs import depart_of, hors_annee, load_annees
from enfance.mairie.enfants.lecture import classe_texte, with_classe
from enfance.models import Ecole, Enfant, Inscription, Scolarite
from tests.enfance.mairie.doubles.fusions.doubles import NOW
from tests.factories import (
    AnneeFactory,
    ClasseFactory,
    CreneauFactory,
    EcoleFactory,
    ResponsableFactory,
    ScolariteFactory,
    StaffFactory,
    make_creneaux,
    make_enfant,
)

pytestmark = pytest.mark.django_db

LUNDI, TODAY = date(2026, 12, 7), date(2026, 12, 10)


@pytest.fixture
def hameau():
    return EcoleFactory()


@pytest.fixture
def lea(hameau):
    """She has gone from the first school to the hamlet's."""
    enfant = make_enfant(prenom="Léa")
    place, _ = changer_place(enfant.scolarites.get(), hameau, LUNDI)
    place.classe = ClasseFactory(nom="Classe unique", ecole=hameau)
    place.save()
    return enfant


def texte(enfant, today):
    return classe_texte(with_classe(Enfant.objects.filter(pk=enfant.pk)).get(), today)


def test_pupil_who_changed_school_has_not_left(lea):
    assert list(partis(TODAY)) == []
    assert depart_of(load_annees(lea), TODAY) is None

    lea.scolarites.filter(depart=None).update(depart=date(2026, 12, 9))
    assert list(partis(TODAY)) == [lea]
    assert depart_of(load_annees(lea), TODAY) == date(2026, 12, 9)


@pytest.mark.parametrize(("today", "classe"), [(TODAY, "Classe unique"), (date(2026, 12, 4), "CE1-CE2 Mme Sorbier")])
def test_class_is_that_of_the_day(lea, today, classe):
    assert texte(lea, today).split(",")[0] == classe
    assert str(lea.scolarites.latest_begun_first(today)[0].classe) == classe


def test_departure_comes_after_the_change_of_school(lea):
    assert "change d’école le 7\u00a0décembre 2026" in hors_annee(load_annees(lea), LUNDI, TODAY)
    assert hors_annee(load_annees(lea), date(2026, 12, 8), TODAY) == ""


def test_two_files_of_a_child_keep_the_places_of_the_surer_one(lea, hameau):
    double = make_enfant(prenom="Léa")

    reunir_enfants(lea.pk, double.pk, {}, StaffFactory().pk, now=NOW)

    places = Scolarite.objects.order_by("pk").values_list("ecole__code", "debut", "depart")
    assert list(places) == [("ecole", None, LUNDI), ("hameau", LUNDI, None)]


def test_nobody_has_left_while_a_school_has_not_said_who_is_there(hameau):
    avant, annee = AnneeFactory(debut=date(2025, 9, 1), fin=date(2026, 7, 3)), AnneeFactory()
    zoe = make_enfant(prenom="Zoé", annee=avant)
    Scolarite.objects.filter(enfant=zoe).update(ecole=hameau, classe=None)
    make_enfant(prenom="Tom", annee=avant)
    ScolariteFactory(enfant=Enfant.objects.get(prenom="Tom"), annee=annee)
    assert debut_connu(TODAY) is None

    ScolariteFactory(enfant=zoe, annee=annee, ecole=hameau, classe=None)  # supposed by the rollover
    assert debut_connu(TODAY) == annee.debut


def test_place_to_leave_is_the_last_of_the_year_unless_the_child_has_left(lea, hameau):
    annee, suivante = AnneeFactory(), AnneeFactory(debut=date(2027, 9, 2), fin=date(2028, 7, 3))
    ScolariteFactory(enfant=lea, annee=suivante, ecole=hameau, classe=None)
    ici = lea.scolarites.get(debut=LUNDI)

    assert place_of(load_annees(lea), annee) == ici
    assert place_of(load_annees(lea), suivante) == lea.scolarites.get(annee=suivante)
    lea.scolarites.filter(pk=ici.pk).update(depart=date(2026, 12, 9))
    assert place_of(load_annees(lea), annee) is None


@pytest.mark.parametrize(("dites", "restent"), [({"classe": "CE1", "parti": True, "niveau": "CE1"}, "CE1"), ({}, "")])
def test_what_onde_said_of_the_class_that_is_left_is_forgotten_and_no_more(hameau, dites, restent):
    """The year is that of the place, whichever the day."""
    avant = {"2025": {"classe": "CP", "niveau": "CP"}}
    tom = make_enfant(prenom="Tom", onde={"nom": "Morel", "scolarites": avant | ({"2026": dites} if dites else {})})

    changer(tom.scolarites.get(), hameau, date(2027, 1, 4), StaffFactory().pk, now=NOW)

    tom.refresh_from_db()
    assert tom.onde == {"nom": "Morel", "scolarites": avant | {"2026": {"niveau": restent}}}


def test_what_stays_is_counted_of_this_child_from_the_change_on(hameau):
    creneaux, bourg = make_creneaux(), Ecole.objects.get(code="ecole")
    for code in ("matin", "soir"):
        creneaux[code].ecoles.set([bourg])
    CreneauFactory(code="soir-hameau", moment="soir", ordre=4).ecoles.set([hameau])
    camille = ResponsableFactory()
    tom, zoe = (make_enfant(camille, prenom=prenom) for prenom in ("Tom", "Zoé"))
    for enfant in (tom, zoe):
        for jour in (date(2026, 12, 11), date(2026, 12, 14)):
            for creneau in creneaux.values():
                Inscription.objects.create(enfant=enfant, jour=jour, creneau=creneau, foyer=camille.foyer)

    bilan = changer(tom.scolarites.get(), hameau, date(2026, 12, 14), StaffFactory().pk, now=NOW)

    codes = [[evenement.creneau.code for evenement in suite] for suite in (bilan.deplacees, bilan.perdues)]
    assert (codes, bilan.gardees) == ([["soir-hameau"], ["matin"]], 1)
