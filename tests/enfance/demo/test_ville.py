"""The demo's town of three schools: what a visitor is promised is there."""

from __future__ import annotations

import hashlib
import runpy
from datetime import date
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import call_command
from django_tasks_db.models import DBTaskResult

from accounts.models import User
from enfance.demo import ville
from enfance.models import (
    Absence,
    Affectation,
    Appel,
    Ecole,
    Enfant,
    Fermeture,
    Inscription,
    ListeRepas,
    Message,
    PersonneAutorisee,
    Repas,
    Responsable,
    Scolarite,
)
from tests.tri import unsorted_rows

pytestmark = [pytest.mark.django_db, pytest.mark.ci, pytest.mark.une_fois]
AUJOURD_HUI = date(2026, 11, 25)


def run() -> str:
    said = StringIO()
    call_command("charger_demo", "--ville", "--aujourd-hui", AUJOURD_HUI.isoformat(), stdout=said)
    return said.getvalue()


def test_charger_demo_makes_a_town_that_lives():
    """One long story: the loading takes seconds."""
    said = run()

    _shows_its_accounts(said)
    _has_three_schools()
    _has_a_parent_of_a_child_in_each()
    _has_lived_for_a_month()
    _has_a_strike_at_one_school()
    _has_wednesdays_at_one_school()
    _has_meals_in_each_school()
    _has_something_on_every_list()
    assert unsorted_rows() == []
    assert not DBTaskResult.objects.exists()
    lignes = Inscription.objects.count()

    assert run().startswith("La ville de démonstration est déjà là")
    assert Inscription.objects.count() == lignes


def _shows_its_accounts(said: str) -> None:
    assert said.startswith(
        "La ville de démonstration est chargée : trois écoles, 70 familles, 110 enfants.".replace(" :", "\u00a0:")
    )
    for agent in ville.AGENTS:
        assert User.objects.get(identifiant=agent.identifiant).check_password(agent.mot_de_passe)
        assert f"identifiant  {agent.identifiant}\n  mot de passe {agent.mot_de_passe}" in said
        assert f"code         make code-ville COMPTE={agent.identifiant}" in said
    assert f"identifiant  {ville.PARENT}" in said


def _has_three_schools() -> None:
    comptes = {ecole.code: ecole.scolarites.count() for ecole in Ecole.objects.all()}
    assert comptes == {"maternelle": 43, "elementaire": 49, "hameau": 18}
    assert not Scolarite.objects.exclude(depart=None).exists()
    assert {(a.agent.identifiant, a.ecole.code) for a in Affectation.objects.all()} == {
        (identifiant, code) for identifiant, codes in ville.AFFECTATIONS.items() for code in codes
    }


def _has_a_parent_of_a_child_in_each() -> None:
    camille = Responsable.objects.get(user__identifiant=ville.PARENT)
    siens = Enfant.objects.for_responsable(camille)
    assert {s.enfant.prenom: s.ecole.code for s in Scolarite.objects.filter(enfant__in=siens)} == {
        "Léa": "elementaire",
        "Tom": "hameau",
        "Zoé": "maternelle",
    }
    assert not Inscription.objects.filter(enfant__in=siens).exists()


def _has_lived_for_a_month() -> None:
    inscrits = Inscription.objects.inscrit().order_by().values_list("creneau__code", flat=True)
    assert set(inscrits) == {code for code, *_ in ville.CRENEAUX} | {ville.MERCREDI}
    ailleurs = [
        inscription
        for inscription in Inscription.objects.select_related("creneau").prefetch_related("creneau__ecoles")
        if inscription.enfant.scolarites.get().ecole not in inscription.creneau.ecoles.all()
    ]
    assert ailleurs == []
    assert Appel.objects.clos().exists()


def _has_a_strike_at_one_school() -> None:
    greve = Fermeture.objects.get()
    assert (greve.debut, [ecole.code for ecole in greve.ecoles.all()]) == (date(2026, 12, 10), ["elementaire"])
    ce_jour = Inscription.objects.inscrit().filter(jour=greve.debut)
    assert set(ce_jour.order_by().values_list("enfant__scolarites__ecole__code", flat=True)) == {"maternelle", "hameau"}


def _has_wednesdays_at_one_school() -> None:
    """The next one is full, and two children wait for a place."""
    siennes = Inscription.objects.filter(creneau__code=ville.MERCREDI)
    assert {i.jour.weekday() for i in siennes} == {2}
    assert set(siennes.order_by().values_list("enfant__scolarites__ecole__code", flat=True)) == {"hameau"}
    prochain = siennes.filter(jour=date(2026, 12, 2)).order_by().values_list("etat", flat=True)
    assert sorted(prochain) == ["attente"] * 2 + ["inscrit"] * 6
    assert Appel.objects.clos().filter(creneau__code=ville.MERCREDI).exists()


def _has_meals_in_each_school() -> None:
    for ecole in Ecole.objects.all():
        liste = ListeRepas.objects.get(ecoles=ecole)
        repas = Repas.objects.filter(liste=liste)
        assert set(repas.order_by().values_list("enfant__scolarites__ecole", flat=True)) == {ecole.pk}
        assert repas.filter(jour=date(2026, 11, 24)).exists()
        assert not repas.filter(jour__week_day=4).exists()  # Wednesday
        assert repas.without_midi().exists()


def _has_something_on_every_list() -> None:
    assert {absence.enfant.scolarites.get().ecole.code for absence in Absence.objects.all()} >= {"hameau"}
    pai = Enfant.objects.get(pai=True)
    assert (pai.scolarites.get().ecole.code, bool(pai.consigne)) == ("maternelle", True)
    assert PersonneAutorisee.objects.exists()
    assert [ecole.code for ecole in Message.objects.get().ecoles.all()] == ["maternelle"]


def test_fabriquer_ville_makes_the_committed_files(tmp_path):
    dossier = settings.BASE_DIR / "demo"
    runpy.run_path(str(dossier / "fabriquer_ville.py"))["main"](tmp_path)

    chemins = sorted((dossier / "ville").rglob("*.csv"))
    assert len(chemins) == 6
    for chemin in chemins:
        assert (
            hashlib.sha256((tmp_path / chemin.relative_to(dossier / "ville")).read_bytes()).digest()
            == hashlib.sha256(chemin.read_bytes()).digest()
        )
