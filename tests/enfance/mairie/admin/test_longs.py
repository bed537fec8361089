"""Lists and tables of a town: counted up to a bound, led through by dates, sent out while they are read."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from accounts import listes
from enfance.admin import tableaux
from enfance.admin.inscriptions import InscriptionAdmin
from enfance.models import Enregistrement, Inscription, Pointage, Scolarite
from portail import tableur
from portail.dates import PARIS
from tests.enfance.mairie.admin.tableaux import CSV, XLSX, export, sheet
from tests.enfance.mairie.conftest import JEUDI_SOIR
from tests.factories import ClasseFactory, ResponsableFactory, make_enfant
from tests.reading import plain

INSCRIPTIONS = "/admin/enfance/inscription/"
JOURS = [date(2026, 12, 7), date(2026, 12, 8), date(2027, 1, 12), date(2027, 1, 14), date(2027, 3, 4)]


@pytest.fixture
def inscriptions(lea, creneaux):
    foyer = lea.responsables.get().foyer
    return [Inscription.objects.create(enfant=lea, jour=jour, creneau=creneaux["soir"], foyer=foyer) for jour in JOURS]


@pytest.fixture
def short(monkeypatch):
    """Lists are long past three rows, in pages of two, tables past one."""
    monkeypatch.setattr(listes, "COUNTED", 3)
    monkeypatch.setattr(InscriptionAdmin, "list_per_page", 2)
    monkeypatch.setattr(tableur, "LONG", 1)


def titles(response) -> list[str]:
    return [choice["title"] for choice in response.context["cl"].dates()["choices"]]


def test_short_list_says_how_many_it_holds(mairie, inscriptions):
    html = mairie.get(INSCRIPTIONS).text

    assert "5 inscriptions" in html
    assert "plus de" not in html


def test_long_list_says_that_it_holds_more_and_shows_its_first_rows(mairie, inscriptions, short):
    response = mairie.get(INSCRIPTIONS)

    assert "plus de 3 inscriptions" in response.text
    assert [ligne.jour for ligne in response.context["cl"].result_list] == JOURS[:2]


@pytest.mark.ci
@pytest.mark.parametrize(
    "query", ["periode=toutes", "periode=passees", "o=1", "o=-1.3", "o=2", "periode=toutes&etat__exact=annulee"]
)
def test_pages_of_a_long_list_are_those_of_a_short_one(mairie, lea, creneaux, monkeypatch, query):
    enfants = [lea, *(make_enfant(ResponsableFactory(), prenom=prenom) for prenom in ("Tom", "Zoé", "Tom"))]
    for n, jour in enumerate([*JOURS, date(2026, 9, 3), date(2026, 9, 4)]):
        for rang, creneau in enumerate(creneaux.values()):
            for enfant in enfants[: 4 - (n + rang) % 4]:
                etat = "annulee" if (n + enfant.pk) % 3 == 0 else "inscrit"
                Inscription.objects.create(enfant=enfant, jour=jour, creneau=creneau, etat=etat)
    monkeypatch.setattr(InscriptionAdmin, "list_per_page", 4)

    def lignes(page) -> list[Inscription]:
        return list(mairie.get(f"{INSCRIPTIONS}?{query}&p={page}").context["cl"].result_list)

    pages = range(1, mairie.get(f"{INSCRIPTIONS}?{query}").context["cl"].paginator.num_pages)
    usual = [lignes(page) for page in pages]
    monkeypatch.setattr(listes, "COUNTED", 4 * len(pages))
    response = mairie.get(f"{INSCRIPTIONS}?{query}")

    assert len(pages) > 1
    assert response.context["cl"].more
    assert [lignes(page) for page in pages] == usual


def test_page_of_a_list_whose_rows_went_meanwhile_is_empty(inscriptions, short):
    pages = listes.BoundedPaginator(Inscription.objects.order_by("jour"), 2)
    pages.steps = ("jour",)
    assert (pages.count, pages.more) == (3, True)
    Inscription.objects.all().delete()

    assert list(pages.page(1)) == []


def test_whole_list_is_counted_up_to_the_bound_beside_a_search(mairie, inscriptions, short):
    response = mairie.get(f"{INSCRIPTIONS}?jour__year=2027&jour__month=3")

    assert "plus de 3" in response.text
    assert response.context["cl"].result_count == 1


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["2026", "2027"]),
        ("?jour__year=2026", ["Décembre 2026"]),
        ("?jour__year=2027", ["Janvier 2027", "Mars 2027"]),
        ("?jour__year=2027&jour__month=1", ["12 janvier", "14 janvier"]),
        ("?jour__year=2027&jour__month=1&jour__day=14", ["14 janvier"]),
    ],
)
def test_dates_are_the_same_however_they_are_found(mairie, inscriptions, monkeypatch, query, found):
    usual = titles(mairie.get(f"{INSCRIPTIONS}{query}"))
    monkeypatch.setattr(listes, "COUNTED", 0)

    assert [plain(title) for title in usual] == found
    assert titles(mairie.get(f"{INSCRIPTIONS}{query}")) == usual


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["2026", "2027"]),
        ("?quand__year=2026", ["Juin 2026", "Décembre 2026"]),
        ("?quand__year=2026&quand__month=12", ["1\u00a0décembre", "31\u00a0décembre"]),
    ],
)
def test_instants_are_led_through_by_the_days_of_paris(mairie, db, monkeypatch, query, found):
    instants = [(2026, 6, 2, 12), (2026, 12, 1, 0), (2026, 12, 1, 23), (2026, 12, 31, 23), (2027, 1, 1, 0)]
    for annee, mois, jour, heure in instants:
        quand = datetime(annee, mois, jour, heure, 30, tzinfo=PARIS)
        Enregistrement.objects.create(porte="mairie", quand=quand)
    usual = titles(mairie.get(f"/admin/enfance/enregistrement/{query}"))
    monkeypatch.setattr(listes, "COUNTED", 0)

    assert usual == found
    assert titles(mairie.get(f"/admin/enfance/enregistrement/{query}")) == usual


# --- Tables -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("liste", ["inscription", "pointage"])
def test_long_table_holds_the_same_as_a_short_one(mairie, inscriptions, creneaux, monkeypatch, caplog, liste):
    tom = make_enfant(ResponsableFactory(), prenom="Tom")
    Scolarite.objects.filter(enfant=tom).update(classe=None)
    Inscription.objects.create(enfant=tom, jour=JOURS[0], creneau=creneaux["midi"], etat="annulee")
    heures = {"present": True, "arrivee": JEUDI_SOIR, "arrivee_recue": JEUDI_SOIR}
    Pointage.objects.create(enfant=tom, jour=JOURS[0], creneau=creneaux["midi"], **heures)
    Pointage.objects.create(enfant=inscriptions[0].enfant, jour=JOURS[0], creneau=creneaux["soir"])
    adresse = f"/admin/enfance/{liste}/"
    short = export(mairie, adresse)
    monkeypatch.setattr(tableur, "LONG", 1)

    with caplog.at_level("INFO", logger="journal"):
        long = export(mairie, adresse)

    assert long.streaming
    assert long.getvalue() == short.content
    assert long.headers["Content-Disposition"] == short.headers["Content-Disposition"]
    record = caplog.records[-1]
    assert (record.fields["model"], record.fields["rows"]) == (liste, short.text.count("\r\n") - 1)


def test_class_of_a_long_table_is_that_of_the_day(mairie, inscriptions, short):
    (place,) = Scolarite.objects.all()
    ailleurs = ClasseFactory(annee=place.annee, nom="CE1 du hameau")
    Scolarite.objects.filter(pk=place.pk).update(depart=JOURS[2])
    Scolarite.objects.create(
        enfant=place.enfant, annee=place.annee, niveau=place.niveau, classe=ailleurs, debut=JOURS[2]
    )

    lignes = export(mairie, INSCRIPTIONS).getvalue().decode().splitlines()[1:]

    assert [ligne.split(";")[5] for ligne in lignes] == ["CE1-CE2 Mme Sorbier"] * 2 + ["CE1 du hameau"] * 3


def test_long_table_costs_the_same_whatever_its_length(mairie, inscriptions, short, django_assert_num_queries):
    for query in ("?jour__lte=2026-12-08", ""):
        with django_assert_num_queries(10):
            export(mairie, INSCRIPTIONS, query=query).getvalue()


def test_workbook_past_its_bound_says_what_to_do(mairie, inscriptions, short, monkeypatch):
    monkeypatch.setattr(tableaux, "XLSX_MAX", 4)

    response = export(mairie, INSCRIPTIONS, XLSX, query="?jour__gte=2026-12-01")

    assert "Ce tableau a 5\u00a0lignes, et un fichier xlsx en tient 4 au plus" in response.text
    assert 'name="jour__gte" id="jours-du" value="2026-12-01"' in response.text
    monkeypatch.setattr(tableaux, "XLSX_MAX", 5)
    assert len(list(sheet(export(mairie, INSCRIPTIONS, XLSX)).rows)) == 6


def test_long_table_wants_the_right_of_any(agent_with, inscriptions, short):  # ADM-05
    assert export(agent_with("view_inscription"), INSCRIPTIONS, CSV).status_code == 403
