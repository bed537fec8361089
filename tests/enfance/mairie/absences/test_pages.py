"""The page of an absence that was told: what a secretary reads of it."""

from datetime import timedelta

import pytest
from django.urls import reverse

from enfance.mairie.absences.lecture import find_absence
from enfance.models import Absence
from facturation.models import Justification
from tests.enfance.mairie.conftest import JEUDI_SOIR, LUNDI
from tests.factories import CreneauFactory
from tests.reading import words_of


@pytest.fixture
def absence(lea):
    absence = Absence.objects.create(
        enfant=lea, jour=LUNDI, signalee_par=lea.responsables.get().user, signalee_le=JEUDI_SOIR
    )
    absence.creneaux.add(CreneauFactory())
    return absence


def page_of(client, absence):
    return words_of(client.get(reverse("admin:enfance_absence_change", args=[absence.pk])))


def test_absence_says_who_when_why_and_by_whom(mairie, absence):
    Justification.objects.create(enfant=absence.enfant, jour=LUNDI, raison="maladie")

    page = page_of(mairie, absence)

    assert "Lundi 7 décembre 2026. L’équipe ne l’attend pas." in page
    assert f"Enfant {absence.enfant} Moments soir Raison maladie" in page
    assert f"Signalée jeudi 3 décembre 2026 à 20 h 41, par {absence.signalee_par} Retirée non" in page


def test_absence_of_the_whole_day_without_reason_says_so(mairie, lea):
    absence = Absence.objects.create(enfant=lea, jour=LUNDI, signalee_le=JEUDI_SOIR)

    page = page_of(mairie, absence)

    assert "Moments toute la journée Raison pas dite" in page
    assert "par un compte effacé" in page


def test_days_told_in_the_same_gesture_are_named(mairie, absence):
    Absence.objects.create(enfant=absence.enfant, jour=LUNDI + timedelta(days=1), signalee_le=JEUDI_SOIR)

    assert "Dite aussi pour mardi 8 décembre 2026" in page_of(mairie, absence)


def test_absence_taken_back_says_by_whom(mairie, agente, absence):
    Absence.objects.update(retiree_par=agente, retiree_le=JEUDI_SOIR + timedelta(minutes=5))

    page = page_of(mairie, absence)

    assert "Retirée : l’enfant est attendu." in page
    assert f"Retirée jeudi 3 décembre 2026 à 20 h 46, par {agente}" in page
    assert "vient finalement" not in page


def test_absence_leads_to_the_family_and_to_its_history(mairie, absence):
    page = mairie.get(reverse("admin:enfance_absence_change", args=[absence.pk])).text

    assert reverse("admin:enfance_foyer_famille", args=[absence.enfant.gardes.get().foyer_id]) in page
    assert reverse("admin:enfance_absence_history", args=[absence.pk]) in page
    assert reverse("admin:enfance_absence_delete", args=[absence.pk]) in page


@pytest.mark.parametrize("key", ["999999", "rien", "1e3"])
def test_absence_that_does_not_exist_is_not_found(mairie, key):
    assert mairie.get(f"/admin/enfance/absence/{key}/change/").status_code == 404


@pytest.mark.parametrize("autres", [1, 3])
def test_absence_is_read_in_as_many_queries_whatever_its_days(absence, django_assert_num_queries, autres):
    for jours in range(autres):
        jour = LUNDI + timedelta(days=1 + jours)
        Absence.objects.create(enfant=absence.enfant, jour=jour, signalee_le=JEUDI_SOIR)

    with django_assert_num_queries(7):
        lue = find_absence(absence.pk)
        assert lue is not None
        assert (len(lue.autres), [str(foyer) != "" for foyer in lue.foyers]) == (autres, [True])
