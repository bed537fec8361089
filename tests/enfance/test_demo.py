"""The demo's school: what a visitor is promised is there."""

from __future__ import annotations

import hashlib
import runpy
from datetime import date, timedelta
from io import StringIO

import pytest
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.management import CommandError, call_command
from django_tasks_db.models import DBTaskResult

from accounts.models import User
from enfance import demo
from enfance.models import Enfant, Evenement, Fermeture, Foyer, Garde, Inscription, Responsable
from tests.factories import ResponsableFactory

pytestmark = pytest.mark.django_db
AUJOURD_HUI = date(2026, 11, 25)


def run(jour: date = AUJOURD_HUI) -> str:
    said = StringIO()
    call_command("charger_demo", "--aujourd-hui", jour.isoformat(), stdout=said)
    return said.getvalue()


def rows() -> list[int]:
    modeles = (User, Foyer, Responsable, Enfant, Garde, Fermeture, Inscription, Evenement)
    return [modele.objects.count() for modele in modeles]


def test_charger_demo_makes_a_school_that_lives():
    """One long story: the loading takes seconds."""
    said = run()

    _shows_its_accounts(said)
    _has_what_a_visitor_looks_for()
    _has_lived_for_a_month()
    _gives_separated_parents_their_own_weeks()
    assert not DBTaskResult.objects.exists()  # no mail of the past leaves

    avant = rows()
    camille = User.objects.get(identifiant=demo.PARENT)
    camille.set_password("Autre chose 8")
    camille.save()
    said = run(AUJOURD_HUI + timedelta(days=1))

    assert said.startswith("L’école de démonstration est déjà là")
    assert said.split("\n\n")[1].splitlines()[-1].strip() == "mot de passe (changé depuis)"
    assert rows() == avant


def _shows_its_accounts(said: str) -> None:
    for identifiant, mot_de_passe in [
        (demo.PARENT, demo.MOT_DE_PASSE),
        (demo.SEPARES[0], demo.MOT_DE_PASSE),
        (demo.SECRETAIRE, demo.MOT_DE_PASSE_MAIRIE),
    ]:
        assert User.objects.get(identifiant=identifiant).check_password(mot_de_passe)
        assert f"identifiant  {identifiant}\n  mot de passe {mot_de_passe}" in said
    assert User.objects.get(identifiant=demo.SECRETAIRE).is_superuser


def _has_what_a_visitor_looks_for() -> None:
    assert Enfant.objects.count() == 220
    camille = Responsable.objects.get(user__identifiant=demo.PARENT)
    assert {enfant.prenom for enfant in Enfant.objects.for_responsable(camille)} == {"Léa", "Tom", "Zoé"}
    assert Enfant.objects.get(pai=True).prenom == "Tom"
    assert Responsable.objects.filter(user__email="").count() == 6
    fermeture = Fermeture.objects.get()
    assert (fermeture.debut, fermeture.motif) == (date(2026, 12, 10), "formation de l’équipe")


def _has_lived_for_a_month() -> None:
    jours = Inscription.objects.inscrit().values_list("jour", flat=True)
    assert (min(jours), max(jours)) == (date(2026, 11, 2), date(2026, 12, 18))
    assert Inscription.objects.filter(etat="annulee").exists()
    assert not Inscription.objects.filter(jour=date(2026, 12, 10), creneau__code="soir").exists()


def _gives_separated_parents_their_own_weeks() -> None:
    inscriptions = Inscription.objects.filter(enfant__nom="LEFORT").select_related("creneau")
    for inscription in inscriptions:
        gardes = Garde.objects.filter(enfant=inscription.enfant_id)
        tenus = [g.foyer_id for g in gardes if g.holds(inscription.jour, inscription.creneau.is_soir)]
        assert tenus == [inscription.foyer_id]
    assert len({inscription.foyer_id for inscription in inscriptions}) == 2


@pytest.mark.parametrize("jour", [date(2026, 7, 20), date(2026, 9, 2)])
def test_charger_demo_works_all_the_year_round(jour):
    run(jour)

    assert Inscription.objects.inscrit().exists()


def test_charger_demo_refuses_production(settings):
    settings.PRODUCTION = True

    with pytest.raises(CommandError, match="ne se charge pas en production"):
        run()
    assert not User.objects.exists()


def test_charger_demo_refuses_to_mix_with_families():
    ResponsableFactory()

    with pytest.raises(CommandError, match="contient déjà des familles"):
        run()


@pytest.mark.parametrize(("mot_de_passe", "is_staff"), [(demo.MOT_DE_PASSE, False), (demo.MOT_DE_PASSE_MAIRIE, True)])
def test_demo_passwords_are_such_as_the_portal_accepts(mot_de_passe, is_staff):
    validate_password(mot_de_passe, User(identifiant="1000009", first_name="Camille", is_staff=is_staff))


def test_fabriquer_ecole_makes_the_committed_files(tmp_path):
    dossier = settings.BASE_DIR / "demo"
    runpy.run_path(str(dossier / "fabriquer_ecole.py"))["main"](tmp_path)

    for chemin in dossier.glob("*.csv"):
        assert (
            hashlib.sha256((tmp_path / chemin.name).read_bytes()).digest()
            == hashlib.sha256(chemin.read_bytes()).digest()
        )
