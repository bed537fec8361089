"""`manage.py arreter_mois`: the closing, by command."""

from datetime import date, datetime

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from facturation.models import Facture, Mois, Prestation, Serie
from tests.factories import ResponsableFactory, make_enfant
from tests.facturation.vecu import LUNDI, clore, dire_quotient, inscrire, make_commune

pytestmark = pytest.mark.django_db
DECEMBRE = datetime(2026, 12, 1, 10, 24, tzinfo=timezone.get_default_timezone())


@pytest.fixture(autouse=True)
def en_decembre(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: DECEMBRE)


@pytest.fixture
def lea():
    make_commune()
    camille = ResponsableFactory()
    dire_quotient(camille.foyer, 742)
    lea = make_enfant(camille, prenom="Léa")
    inscrire(lea, LUNDI, date(2026, 11, 3))
    clore(LUNDI, date(2026, 11, 3))
    return lea


def arreter_mois(capsys, *arguments):
    call_command("arreter_mois", *arguments)
    return capsys.readouterr().out.splitlines()


def test_month_is_closed_and_told(lea, capsys):
    assert arreter_mois(capsys, "2026-11")[-2:] == [
        "À regarder\u00a0: 1\u00a0payeur sans résidence. "
        "Le prix est celui de la commune, tant que la mairie n’a pas dit où vit la famille.",
        "Novembre 2026 est arrêté\u00a0: 1\u00a0facture pour 1,60\u202f€, à payer avant le "
        "dimanche 20\u00a0décembre 2026. 1\u00a0e-mail, 0\u00a0lettre à imprimer.",
    ]
    assert Mois.objects.get().premier == date(2026, 11, 1)
    assert arreter_mois(capsys, "2026-11") == [
        "Novembre 2026 est déjà arrêté, depuis le mardi 1er\u00a0décembre 2026\u00a0: rien n’a été changé."
    ]


def test_simulation_says_the_same_and_writes_nothing(lea, capsys):
    [*_, bilan] = arreter_mois(capsys, "2026-11", "--simuler")

    assert bilan.startswith("Simulation, rien n’est écrit. Novembre 2026\u00a0: 1\u00a0facture pour 1,60\u202f€")
    assert [model.objects.count() for model in (Mois, Facture, Prestation, Serie)] == [0, 0, 0, 0]


@pytest.mark.parametrize(("options", "dits"), [((), 1), (("--simuler",), 0)])
def test_journal_tells_a_month_that_is_closed_and_no_simulation(lea, capsys, journal, options, dits):
    arreter_mois(capsys, "2026-11", *options)

    assert [line["event"] for line in journal.events].count("mois_arrete") == dits


def test_lines_go_to_a_file(lea, capsys, tmp_path):
    sortie = tmp_path / "novembre.csv"

    arreter_mois(capsys, "2026-11", "--simuler", "--sortie", str(sortie))

    titres, premiere, *_ = sortie.read_text("utf-8-sig").splitlines()
    assert titres.startswith("Payeur;Identifiants;Facture;Enfant;Jour;Créneau;Nature;Quantité;Prix;")
    assert premiere.endswith(
        ";F-2026-0001;Léa Morel;2026-11-02;midi;séance;1;0,80;0,80;100;0,80;742;à dire;1;Midi;2026-41;"
    )


def test_month_stays_open_when_its_file_cannot_be_written(lea, tmp_path):
    sortie = tmp_path / "novembre.csv"
    sortie.write_text("celui de la veille")

    with pytest.raises(CommandError, match="existe déjà"):
        call_command("arreter_mois", "2026-11", "--sortie", str(sortie))

    assert [model.objects.count() for model in (Mois, Facture, Prestation, Serie)] == [0, 0, 0, 0]


def test_what_keeps_a_month_open_is_said(lea, capsys):
    with pytest.raises(CommandError, match="Décembre 2026 n’est pas fini"):
        call_command("arreter_mois", "2026-12")


def test_what_is_no_month_is_refused():
    with pytest.raises(CommandError, match="«\u00a0novembre\u00a0» n’est pas un mois\u00a0: écrivez 2026-11"):
        call_command("arreter_mois", "novembre")
