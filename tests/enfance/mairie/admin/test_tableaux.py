from datetime import date, datetime, time, timedelta

import pytest
import time_machine

from enfance.models import Absence, Appel, Enfant, Inscription, Pointage, Scolarite
from portail.dates import PARIS
from tests.enfance.mairie.admin.tableaux import CSV, ENFANTS, INSCRIPTIONS, XLSX, export, sheet
from tests.enfance.mairie.conftest import JEUDI_SOIR
from tests.factories import STAFF_PASSWORD, ResponsableFactory, make_enfant

COLONNES = "Nom de famille;Nom d’usage;Prénom;Date de naissance;Sexe;INE;Année scolaire;Niveau;Classe;Parti le"


def test_csv_opens_in_a_french_spreadsheet(mairie, lea):  # VAL-07, LEG-06
    Enfant.objects.update(sexe="f", consigne="arachide", pai=True)

    response = export(mairie, ENFANTS)

    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"].startswith('attachment; filename="Enfant-2026-12-03')
    assert response.text == (f"\ufeff{COLONNES}\r\nMorel;;Léa;2019-03-14;fille;;2026-2027;CE1;CE1-CE2 Mme Sorbier;\r\n")


def test_xlsx_holds_the_same_with_true_dates(mairie, lea):
    Scolarite.objects.update(depart=date(2026, 12, 18))

    feuille = sheet(export(mairie, ENFANTS, XLSX))

    assert feuille.title == "Enfants"
    rows = list(feuille.values)
    assert rows[0] == tuple(COLONNES.split(";"))
    assert rows[1][:4] == ("Morel", None, "Léa", datetime(2019, 3, 14))
    assert rows[1][-1] == datetime(2026, 12, 18)
    assert [cell.is_date for cell in feuille[2]].count(True) == 2


def test_titles_stay_in_sight_above_columns_that_show_their_cells(mairie, lea):
    Enfant.objects.update(nom="De la Tour du Pin-Montmorency")

    feuille = sheet(export(mairie, ENFANTS, XLSX))

    assert (feuille.freeze_panes, feuille["A1"].font.bold) == ("A2", True)
    assert feuille.column_dimensions["A"].width > len("De la Tour du Pin-Montmorency")


def test_sign_that_no_workbook_holds_is_left_out(mairie, lea):
    Enfant.objects.update(prenom="L\x0béa")

    assert sheet(export(mairie, ENFANTS, XLSX))["C2"].value == "Léa"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_text_becomes_a_formula(mairie, lea, start):  # VAL-07
    Enfant.objects.update(nom=f"{start}1+1")

    cell = sheet(export(mairie, ENFANTS, XLSX))["A2"]

    assert (cell.data_type, cell.value.replace("\n", "\r")) == ("s", f"'{start}1+1")
    assert f"'{start}1+1" in export(mairie, ENFANTS).text


def test_table_follows_the_list(mairie, lea):
    make_enfant(ResponsableFactory(), prenom="Tom")

    query = mairie.narrow(ENFANTS, "q=Tom").request["QUERY_STRING"]
    lines = export(mairie, ENFANTS, query=f"?{query}").content.decode().splitlines()

    assert [line.split(";")[2] for line in lines] == ["Prénom", "Tom"]


def test_adults_and_inscriptions_go_out(mairie, inscription):
    adults = export(mairie, "/admin/enfance/responsable/").content.decode().splitlines()
    inscriptions = export(mairie, "/admin/enfance/inscription/").content.decode().splitlines()

    assert adults[1] == (
        "3816238;;Morel;Camille;parent3816238@courriel.example;;;;12 chemin des Tilleuls;38160;SAINT SAUVEUR"
    )
    assert inscriptions == [
        "\ufeffJour;Créneau;N° de l’enfant;Nom de l’enfant;Prénom de l’enfant;Classe;État;Origine;Présence;"
        "N° du foyer;Foyer qui paie",
        f"2026-12-07;Soir;{inscription.enfant_id};Morel;Léa;CE1-CE2 Mme Sorbier;inscrit;accès famille;;;",
    ]


@pytest.mark.parametrize(
    ("etat", "present", "clos", "signalee", "words"),
    [
        ("inscrit", True, False, False, "présent"),
        ("inscrit", None, False, True, ""),
        ("inscrit", None, True, False, "absent"),
        ("inscrit", False, True, False, "absent"),
        ("inscrit", None, True, True, "absence signalée"),
        ("annulee", None, True, False, ""),
        ("annulee", True, True, False, "présent"),
        ("attente", None, True, True, ""),
    ],
)
def test_inscription_goes_out_with_its_home_and_what_became_of_it(
    mairie, lea, creneaux, etat, present, clos, signalee, words
):
    jeudi, soir, foyer = date(2026, 12, 3), creneaux["soir"], lea.responsables.get().foyer
    attente = {"attente_depuis": JEUDI_SOIR} if etat == "attente" else {}
    Inscription.objects.create(enfant=lea, jour=jeudi, creneau=soir, etat=etat, foyer=foyer, **attente)
    if present is not None:
        heures = {"arrivee": JEUDI_SOIR, "arrivee_recue": JEUDI_SOIR} if present else {}
        Pointage.objects.create(enfant=lea, jour=jeudi, creneau=soir, present=present, **heures)
    if clos:
        Appel.objects.create(jour=jeudi, creneau=soir, clos_le=JEUDI_SOIR)
    if signalee:
        Absence.objects.create(enfant=lea, jour=jeudi)

    titres, ligne = (line.split(";") for line in export(mairie, INSCRIPTIONS).text.splitlines())

    row = dict(zip(titres, ligne, strict=True))
    assert (row["Présence"], row["N° du foyer"], row["N° de l’enfant"]) == (words, str(foyer.pk), str(lea.pk))


def test_presences_go_out_with_true_times(mairie, inscription):
    arrivee, depart = datetime(2026, 12, 3, 16, 32, 59, tzinfo=PARIS), datetime(2026, 12, 3, 17, 45, tzinfo=PARIS)
    heures = {"arrivee": arrivee, "arrivee_recue": arrivee, "depart": depart, "depart_recu": depart}
    jeudi, soir = date(2026, 12, 3), inscription.creneau
    Pointage.objects.create(enfant=inscription.enfant, jour=jeudi, creneau=soir, present=True, **heures)
    Pointage.objects.create(enfant=inscription.enfant, jour=date(2026, 12, 1), creneau=soir)

    feuille = sheet(export(mairie, "/admin/enfance/pointage/", XLSX))
    lines = export(mairie, "/admin/enfance/pointage/").text.splitlines()

    lea = ("Soir", "Morel", "Léa", "CE1-CE2 Mme Sorbier")
    assert feuille.title == "Pointages"
    assert list(feuille.iter_rows(min_row=2, values_only=True)) == [
        (datetime(2026, 12, 3), *lea, "oui", time(16, 32), time(17, 45)),
        (datetime(2026, 12, 1), *lea, "non", None, None),
    ]
    assert lines[1:] == [
        "2026-12-03;Soir;Morel;Léa;CE1-CE2 Mme Sorbier;oui;16:32:00;17:45:00",
        "2026-12-01;Soir;Morel;Léa;CE1-CE2 Mme Sorbier;non;;",
    ]


@pytest.mark.parametrize(
    ("query", "jours"),
    [
        ("", ["2026-12-07"]),
        ("?jour__gte=2026-12-01&jour__lte=2026-12-31", ["2026-12-01", "2026-12-07"]),
        ("?jour__gte=2026-12-07&jour__lte=2026-12-07&periode=passees", []),
    ],
)
def test_inscriptions_of_any_days_go_out_of_the_list_and_of_the_page(mairie, inscription, query, jours):
    Inscription.objects.create(enfant=inscription.enfant, jour=date(2026, 12, 1), creneau=inscription.creneau)

    lines = export(mairie, INSCRIPTIONS, query=query).text.splitlines()[1:]

    assert [line.split(";")[0] for line in lines] == jours
    assert mairie.get(f"{INSCRIPTIONS}{query}").context["cl"].result_count == len(jours)


@pytest.mark.parametrize("page", ["", "export/"])
def test_days_are_asked_for_beside_the_other_filters(mairie, inscription, page):
    query = "?etat__exact=inscrit&jour__gte=2026-12-01&jour__lte=2026-12-31&periode=passees"

    html = mairie.get(f"{INSCRIPTIONS}{page}{query}").text

    assert 'name="jour__gte" id="jours-du" value="2026-12-01"' in html
    assert 'name="jour__lte" id="jours-au" value="2026-12-31"' in html
    assert '<input type="hidden" name="etat__exact" value="inscrit">' in html
    assert 'name="periode"' not in html


def test_table_costs_the_same_for_one_and_three(mairie, lea, django_assert_num_queries):
    for prenoms in [[], ["Tom", "Lou"]]:
        for prenom in prenoms:
            make_enfant(ResponsableFactory(), prenom=prenom)
        with django_assert_num_queries(10):
            export(mairie, ENFANTS)


def test_export_is_told_to_the_journal(mairie, agente, lea, caplog):  # ADM-05, LOG-01
    with caplog.at_level("INFO", logger="journal"):
        export(mairie, ENFANTS)

    (record,) = caplog.records
    assert record.getMessage() == "export"
    assert record.fields["user"] == agente.pk
    assert (record.fields["model"], record.fields["rows"]) == ("enfant", 1)


def test_export_wants_its_right(agent_with, lea):  # ADM-05
    without = agent_with("view_enfant", "change_enfant")
    with_it = agent_with("view_enfant", "export_enfant")

    assert "Exporter" not in without.get(ENFANTS).text
    assert export(without, ENFANTS).status_code == 403
    assert f'href="{ENFANTS}export/?"' in with_it.get(ENFANTS).text
    assert export(with_it, ENFANTS).status_code == 200


@pytest.mark.parametrize(("seconds", "status"), [(15 * 60 - 1, 200), (15 * 60, 302)])
def test_export_wants_a_password_just_typed(mairie, lea, seconds, status):  # ADM-05
    with time_machine.travel(JEUDI_SOIR + timedelta(seconds=seconds), tick=False):
        assert export(mairie, ENFANTS).status_code == status


def test_export_asks_the_password_again_and_goes_on_where_it_was(mairie, lea):  # ADM-05
    make_enfant(ResponsableFactory(), prenom="Tom", pai=True)
    with time_machine.travel(JEUDI_SOIR + timedelta(minutes=20), tick=False):
        asked = mairie.get(f"{ENFANTS}export/?pai__exact=1", follow=True)
        assert asked.request["PATH_INFO"] == "/compte/confirmer/"
        assert asked.context["kept"] == [("next", f"{ENFANTS}export/?pai__exact=1")]

        back = mairie.confirm(asked, STAFF_PASSWORD)

        assert back.headers["Location"] == f"{ENFANTS}export/?pai__exact=1"
        lines = export(mairie, ENFANTS, query="?pai__exact=1").content.decode().splitlines()
        assert [line.split(";")[2] for line in lines] == ["Prénom", "Tom"]


def test_export_page_names_its_columns_and_offers_a_workbook_first(mairie, lea):
    page = mairie.get(f"{ENFANTS}export/").text

    assert "Colonnes\u00a0: Nom de famille, Nom d’usage, Prénom" in page
    assert "onchange" not in page
    assert '<option value="xlsx" selected>xlsx</option>' in page


@pytest.mark.parametrize("file_format", ["", "1", "json"])
def test_form_without_a_format_or_of_the_version_before_is_asked_again(mairie, lea, caplog, file_format):
    response = export(mairie, ENFANTS, file_format)

    assert (response.status_code, [*response.context["form"].errors]) == (200, ["format"])
    assert [record for record in caplog.records if record.getMessage() == "export"] == []


@pytest.mark.parametrize("path", ["enfant/import/", "responsable/import/", "inscription/import/"])
def test_nothing_comes_in(mairie, path):
    before = [Enfant.objects.count(), Inscription.objects.count(), Scolarite.objects.count()]

    mairie.post(f"/admin/enfance/{path}", {"format": CSV}, follow=True)

    assert [Enfant.objects.count(), Inscription.objects.count(), Scolarite.objects.count()] == before
