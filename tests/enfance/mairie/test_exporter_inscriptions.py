"""`exporter_inscriptions`: the inscriptions of a period, for a spreadsheet or another program."""

import json
import resource
import stat
from datetime import date, datetime
from io import StringIO

import openpyxl
import pytest
from django.core.management import CommandError, call_command

from enfance.management.commands import exporter_inscriptions
from enfance.management.sorties import create
from enfance.models import Appel, Creneau, Enfant, Inscription, Pointage
from portail.dates import PARIS
from tests.factories import ResponsableFactory, make_creneaux, make_enfant

pytestmark = pytest.mark.django_db
LUNDI, MARDI = date(2026, 12, 7), date(2026, 12, 8)


@pytest.fixture
def parent():
    return ResponsableFactory(user__last_name="MOREL")


@pytest.fixture
def inscriptions(parent):
    """Léa on Monday and Tuesday evening; Tom waits for Monday noon; what was cancelled, and what is earlier."""
    creneaux = make_creneaux()
    lea, tom = make_enfant(parent, nom="=2+3", prenom="Léa"), make_enfant(parent, prenom="Tom")
    for enfant, jour, creneau, fields in [
        (lea, LUNDI, "soir", {"foyer": parent.foyer}),
        (lea, MARDI, "soir", {"origine": "mairie"}),
        (tom, LUNDI, "midi", {"etat": "attente", "attente_depuis": datetime(2026, 12, 1, tzinfo=PARIS)}),
        (tom, MARDI, "midi", {"etat": "annulee"}),
        (tom, date(2026, 12, 4), "midi", {}),
    ]:
        Inscription.objects.create(enfant=enfant, jour=jour, creneau=creneaux[creneau], **fields)


def run(*arguments):
    out = StringIO()
    call_command("exporter_inscriptions", *arguments, stdout=out)
    return out.getvalue()


def test_table_opens_in_a_spreadsheet(inscriptions, parent, journal):  # VAL-07, LEG-06
    foyer, lea, tom = parent.foyer_id, *Enfant.objects.order_by("pk").values_list("pk", flat=True)
    soir = Creneau.objects.get(code="soir")
    Appel.objects.bulk_create([Appel(jour=jour, creneau=soir) for jour in (LUNDI, MARDI)])
    venu = datetime(2026, 12, 7, 16, 40, tzinfo=PARIS)
    Pointage.objects.create(enfant_id=lea, jour=LUNDI, creneau=soir, present=True, arrivee=venu, arrivee_recue=venu)
    assert run("--du", "07/12/2026", "--au", "2026-12-08") == (
        "\ufeffJour;Créneau;Nom;Prénom;Classe;État;Origine;N° du foyer;Foyer qui paie;N° de l’enfant;Présence\r\n"
        "2026-12-07;midi;Morel;Tom;CE1-CE2 Mme Sorbier;attente;portail;;;"
        f"{tom};\r\n"
        f"2026-12-07;soir;'=2+3;Léa;CE1-CE2 Mme Sorbier;inscrit;portail;{foyer};Foyer MOREL, 12 chemin des Tilleuls;"
        f"{lea};present\r\n"
        "2026-12-08;soir;'=2+3;Léa;CE1-CE2 Mme Sorbier;inscrit;mairie;;;"
        f"{lea};absent\r\n"
    )
    (event,) = journal.events
    assert (event["event"], event["model"], event["rows"], event["by"]) == ("export", "inscription", 3, "command")


def test_json_is_for_another_program(inscriptions, parent):
    lignes = json.loads(run("--du", "2026-12-07", "--au", "2026-12-07", "--format", "json"))
    assert [(ligne["jour"], ligne["creneau"], ligne["nom"], ligne["foyer"]) for ligne in lignes] == [
        ("2026-12-07", "midi", "Morel", None),
        ("2026-12-07", "soir", "=2+3", parent.foyer_id),
    ]


def test_workbook_holds_true_dates_and_no_formula(inscriptions, tmp_path):  # VAL-07
    chemin = tmp_path / "decembre.xlsx"
    run("--du", "2026-12-07", "--au", "2026-12-07", "--format", "xlsx", "--sortie", str(chemin))

    feuille = openpyxl.load_workbook(chemin).active
    assert (feuille.title, feuille.freeze_panes) == ("Inscriptions", "A2")
    assert [(row[0].value, row[0].is_date, row[2].value) for row in feuille.iter_rows(min_row=2)] == [
        (datetime(2026, 12, 7), True, "Morel"),
        (datetime(2026, 12, 7), True, "'=2+3"),
    ]


def test_file_is_created_for_its_owner_and_never_written_over(inscriptions, tmp_path):
    chemin = tmp_path / "decembre.csv"
    assert run("--du", "2026-12-07", "--au", "2026-12-08", "--sortie", str(chemin)) == (
        f"3\u00a0inscriptions dans {chemin}.\n"
    )
    assert (stat.S_IMODE(chemin.stat().st_mode), chemin.read_bytes()[:8]) == (0o600, b"\xef\xbb\xbfJour;")
    with pytest.raises(CommandError, match="existe déjà"):
        run("--du", "2026-12-07", "--au", "2026-12-08", "--sortie", str(chemin))


def test_file_that_does_not_fit_is_not_left_half_written(tmp_path):
    chemin, usual = tmp_path / "decembre.csv", resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, usual[1]))
    try:
        with pytest.raises(CommandError, match="ne peut pas être écrit"):
            create(chemin, b"x" * 5000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)

    assert not chemin.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--du", "2026-12-08", "--au", "2026-12-07"], "est avant le premier"),
        (["--du", "demain", "--au", "2026-12-07"], "n’est pas une date"),
        (["--du", "2026-12-07"], "--au"),
        (["--du", "2026-12-07", "--au", "2026-12-07", "--format", "xml"], "xml"),
        (["--du", "2026-12-07", "--au", "2026-12-07", "--format", "xlsx"], "dites où l’écrire"),
        (["--du", "2026-12-07", "--au", "2026-12-07", "--sortie", "/absent/x.csv"], "ne peut pas être écrit"),
    ],
)
def test_bad_request_has_its_sentence(db, arguments, words):
    with pytest.raises(CommandError, match=words):
        run(*arguments)


def test_period_without_inscription_is_its_titles(db):
    assert run("--du", "2026-12-07", "--au", "2026-12-07").count("\r\n") == 1
    assert json.loads(run("--du", "2026-12-07", "--au", "2026-12-07", "--format", "json")) == []


@pytest.mark.parametrize("nombre", [1, 3])
def test_table_costs_the_same_whatever_its_length(parent, django_assert_num_queries, nombre):
    soir = make_creneaux()["soir"]
    for n in range(nombre):
        enfant = make_enfant(parent, prenom=f"Enfant {n}")
        Inscription.objects.create(enfant=enfant, jour=LUNDI, creneau=soir, foyer=parent.foyer)
    with django_assert_num_queries(4):
        run("--du", "2026-12-07", "--au", "2026-12-07")


def test_long_period_is_read_from_its_first_row_to_its_last(inscriptions, django_assert_max_num_queries):
    with django_assert_max_num_queries(20):
        texte = run("--du", "1990-01-01", "--au", "2060-12-31")
    assert [ligne[:10] for ligne in texte.splitlines()[1:]] == ["2026-12-04", "2026-12-07", "2026-12-07", "2026-12-08"]


def test_long_period_without_inscription_is_its_titles(db):
    assert run("--du", "1990-01-01", "--au", "2060-12-31").count("\r\n") == 1


def test_workbook_past_its_bound_is_refused_before_anything_is_written(inscriptions, tmp_path, monkeypatch):
    monkeypatch.setattr(exporter_inscriptions, "XLSX_MAX", 2)
    chemin = tmp_path / "decembre.xlsx"
    with pytest.raises(CommandError, match="3\u00a0inscriptions, et un fichier xlsx en tient 2 au plus.*--format csv"):
        run("--du", "2026-12-07", "--au", "2026-12-08", "--format", "xlsx", "--sortie", str(chemin))
    assert not chemin.exists()


def test_file_that_cannot_be_read_to_its_end_is_not_left_half_written(tmp_path):
    def lines():
        yield b"x"
        raise KeyError

    with pytest.raises(KeyError):
        create(tmp_path / "decembre.csv", lines())
    assert list(tmp_path.iterdir()) == []


def test_help_is_french_with_an_example(capsys):
    with pytest.raises(SystemExit):
        call_command("exporter_inscriptions", "--help")
    assert "exporter_inscriptions --du 01/12/2026 --au 31/12/2026 --sortie decembre.csv" in " ".join(
        capsys.readouterr().out.split()
    )
