"""The demo's school: what a visitor is promised is there."""

from __future__ import annotations

import hashlib
import re
import runpy
from datetime import date, timedelta
from io import StringIO

import pytest
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.management import CommandError, call_command
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts import recovery_codes
from accounts.models import User
from enfance.cantine.convives import load_releve
from enfance.demo import agents, contenu
from enfance.equipe.presences import load_constats, load_lignes
from enfance.models import (
    Appel,
    EcartVu,
    Enfant,
    Evenement,
    Fermeture,
    Foyer,
    Garde,
    Inscription,
    ListeRepas,
    PersonneAutorisee,
    Responsable,
    load_calendrier,
)
from tests.factories import ResponsableFactory, StaffFactory
from tests.tri import unsorted_rows

pytestmark = [pytest.mark.django_db, pytest.mark.ci, pytest.mark.une_fois]
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
    _has_lived_for_months()
    _has_kept_its_sheets()
    _gives_separated_parents_their_own_weeks()
    _feeds_the_canteen()
    assert unsorted_rows() == []
    assert not DBTaskResult.objects.exists()  # no mail of the past leaves

    avant = rows()
    camille = User.objects.get(identifiant=contenu.PARENT)
    camille.set_password("Autre chose 8")
    camille.save()
    said = run(AUJOURD_HUI + timedelta(days=1))

    assert said.startswith("L’école de démonstration est déjà là")
    assert said.split("\n\n")[1].splitlines()[-1].strip() == "mot de passe (changé depuis)"
    assert rows() == avant


def _feeds_the_canteen() -> None:
    """A list that disagrees here and there, and locks nothing that the shown families could still change."""
    liste = ListeRepas.objects.get()
    assert (liste.debut, liste.fin) == (date(2026, 11, 16), date(2026, 11, 24))  # Thursday closes at noon
    journees = load_releve(liste.debut, liste.fin, now=timezone.now()).journees
    assert len(journees) == 6
    assert all(journee.attendus and journee.ecarts for journee in journees)
    familles = Enfant.objects.filter(responsables__user__identifiant__in=[contenu.PARENT, *contenu.SEPARES]).distinct()
    noms = {str(c.eleve) for journee in journees for c in journee.ecarts}
    assert noms & {f"{enfant.nom.upper()} {enfant.prenom}" for enfant in familles} == set()


def _shows_its_accounts(said: str) -> None:
    for identifiant, mot_de_passe in [
        (contenu.PARENT, contenu.MOT_DE_PASSE),
        (contenu.SEPARES[0], contenu.MOT_DE_PASSE),
        *((agent.identifiant, agent.mot_de_passe) for agent in agents.AGENTS),
    ]:
        assert User.objects.get(identifiant=identifiant).check_password(mot_de_passe)
        assert f"identifiant  {identifiant}\n  mot de passe {mot_de_passe}" in said
    for agent, groupe in zip(agents.AGENTS, ["Secrétariat", "Équipe", "Cantine", "Régie", "École"], strict=True):
        user = User.objects.get(identifiant=agent.identifiant)
        assert (user.is_superuser, [group.name for group in user.groups.all()]) == (False, [groupe])  # ADM-02
        assert recovery_codes.left(user) == 10
        assert f"code         make code COMPTE={agent.identifiant}" in said


def _has_what_a_visitor_looks_for() -> None:
    assert Enfant.objects.count() == 220
    camille = Responsable.objects.get(user__identifiant=contenu.PARENT)
    assert {enfant.prenom for enfant in Enfant.objects.for_responsable(camille)} == {"Léa", "Tom", "Zoé"}
    assert Enfant.objects.get(pai=True).prenom == "Tom"
    assert PersonneAutorisee.objects.count() == 54
    assert not PersonneAutorisee.objects.filter(enfant__in=Enfant.objects.for_responsable(camille)).exists()
    assert Responsable.objects.filter(user__email="").count() == 6
    fermeture = Fermeture.objects.get()
    assert (fermeture.debut, fermeture.motif) == (date(2026, 12, 10), "formation de l’équipe")


def _has_lived_for_months() -> None:
    jours = Inscription.objects.inscrit().values_list("jour", flat=True)
    assert (min(jours), max(jours)) == (date(2026, 6, 1), date(2026, 12, 18))
    assert Inscription.objects.filter(etat="annulee").exists()
    assert not Inscription.objects.filter(jour=date(2026, 12, 10), creneau__code="soir").exists()


def _has_kept_its_sheets() -> None:
    """Three months of school and the one that runs, closed each evening, with what a secretary has to look at."""
    jours = load_calendrier().jours_ecole(date(2026, 6, 1), date(2026, 11, 24))  # the 25th is a Wednesday
    closes = Appel.objects.clos().values_list("jour", "creneau__code")
    assert sorted(closes) == sorted((jour, code) for jour in jours for code in ("matin", "midi", "soir"))
    constats = load_constats(date(2026, 6, 1), AUJOURD_HUI)
    assert {constat.genre for constat in constats} == {"absent", "signale", "non_inscrit"}
    lignes = load_lignes(date(2026, 6, 1), AUJOURD_HUI)
    a_voir = [ligne.constat for ligne in lignes if not ligne.vu and ligne.constat in constats]
    avant = {constat.genre for constat in a_voir if constat.jour != date(2026, 11, 24)}
    assert avant == {"signale"}  # absences that families explained since: the town hall has to judge them
    assert 0 < len(constats) - len(a_voir) <= EcartVu.objects.count()


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


def test_demo_passwords_are_such_as_the_portal_accepts():
    """Those of agents pass through the door that checks them."""
    validate_password(contenu.MOT_DE_PASSE, User(identifiant="1000009", first_name="Camille"))


# --- The code of the moment -------------------------------------------------------------------------------------------


def code(identifiant: str = "1000009") -> str:
    said = StringIO()
    call_command("code_demo", identifiant, stdout=said)
    return said.getvalue().strip()


@pytest.fixture
def demonstration(time_machine):
    """The least that makes a database the demo's, and one of its agents, half a minute later."""
    time_machine.move_to("2026-11-25T09:00:00Z", tick=False)
    ResponsableFactory(user__identifiant=contenu.PARENT)
    agents.ouvrir(agents.SECRETAIRE)
    time_machine.shift(31)


def test_code_demo_opens_the_door_twice_in_a_row(demonstration, client):
    """Nobody waits for the next half-minute: a code one step early is good too. The third says how long."""
    for _ in range(2):
        client.post("/connexion/", {"identifiant": "1000009", "password": agents.SECRETAIRE.mot_de_passe})
        response = client.post("/deuxieme-facteur/", {"code": code()})
        assert (response.status_code, response["Location"]) == (302, "/admin/")
        client.post("/deconnexion/")

    assert re.fullmatch(r"\d{6} \(dans 29\u00a0s, le précédent vient de servir\)", code())


@pytest.mark.parametrize(
    "site_url",
    ["https://portail.commune.test", "http://portail.commune.test", "http://192.0.2.7:8000", "https://127.0.0.1"],
)
def test_code_demo_is_refused_elsewhere_than_on_the_machine_itself(demonstration, settings, site_url):  # ADM-01
    settings.SITE_URL = site_url

    with pytest.raises(CommandError, match=f"Ici, SITE_URL est {site_url}"):
        code()


def test_code_demo_is_refused_in_production_whatever_its_address(demonstration, settings):  # ADM-01
    settings.PRODUCTION = True

    with pytest.raises(CommandError, match="ne sert qu’à la démonstration"):
        code()


def test_code_demo_is_refused_on_another_database():  # ADM-01
    agent = StaffFactory(identifiant="1000009")
    agents.TOTPDevice.objects.create(user=agent, name="téléphone")

    with pytest.raises(CommandError, match="n’est pas celle de la démonstration"):
        code()


def test_code_demo_gives_no_code_of_a_real_phone(demonstration):  # ADM-01
    """Somebody enrolled their own phone on a demo's account."""
    agents.TOTPDevice.objects.update(name="téléphone")

    with pytest.raises(CommandError, match="n’a pas le téléphone du compte 1000009"):
        code()


@pytest.mark.parametrize("identifiant", ["9999999", "", "abc", "3816238"])
def test_code_demo_is_for_its_agents(demonstration, identifiant):
    with pytest.raises(CommandError):
        code(identifiant)


def test_fabriquer_ecole_makes_the_committed_files(tmp_path):
    dossier = settings.BASE_DIR / "demo"
    runpy.run_path(str(dossier / "fabriquer_ecole.py"))["main"](tmp_path)

    for chemin in [*dossier.glob("*.csv"), *(dossier / "rentree").glob("*.csv")]:
        assert (
            hashlib.sha256((tmp_path / chemin.relative_to(dossier)).read_bytes()).digest()
            == hashlib.sha256(chemin.read_bytes()).digest()
        )
