"""Lists, filters and exports show the class of the year they are asked for, never that of the year being prepared."""

from datetime import date

import pytest

from enfance.models import AnneeScolaire, Inscription, Scolarite
from enfance.models.annee import Niveau
from tests.enfance.mairie.admin.formulaires import ENFANTS
from tests.enfance.mairie.admin.tableaux import INSCRIPTIONS, export
from tests.factories import ClasseFactory, ScolariteFactory


@pytest.fixture
def annees(lea) -> dict[int, AnneeScolaire]:
    """Léa was in PS, is in CE1, and the rollover has put her in CE2, where a class is known already."""
    annees = {2026: AnneeScolaire.objects.get()}
    for debut, nom, niveau in ((2025, "PS", Niveau.PS), (2027, "CE2 Mme Aulne", Niveau.CE2)):
        annees[debut] = AnneeScolaire.objects.create(debut=date(debut, 9, 1), fin=date(debut + 1, 7, 2))
        ScolariteFactory(
            enfant=lea, annee=annees[debut], niveau=niveau, classe=ClasseFactory(annee=annees[debut], nom=nom)
        )
    return annees


def rows(client, query):
    """The class that the list shows, then what its export says: year, niveau, class."""
    page = client.narrow(ENFANTS, query)
    [enfant] = page.context["cl"].result_list
    line = export(client, ENFANTS, query=f"?{query}").content.decode().splitlines()[1]
    return page.context["cl"].model_admin.classe(enfant), line.split(";")[6:9]


CE1 = ("CE1-CE2 Mme Sorbier (2026-2027)", ["2026-2027", "CE1", "CE1-CE2 Mme Sorbier"])
PS = ("PS (2025-2026)", ["2025-2026", "PS", "PS"])
CE2 = ("CE2 Mme Aulne (2027-2028)", ["2027-2028", "CE2", "CE2 Mme Aulne"])


@pytest.mark.parametrize(("asked", "shown"), [(None, CE1), (2025, PS), (2026, CE1), (2027, CE2)])
def test_year_that_is_asked_for_is_shown(mairie, annees, asked, shown):
    query = f"scolarites__annee__id__exact={annees[asked].pk}" if asked else ""
    assert rows(mairie, query) == shown


@pytest.mark.parametrize(("debut", "shown"), [(2025, PS), (2026, CE1), (2027, CE2)])
def test_class_that_is_asked_for_is_shown_in_its_own_year(mairie, annees, debut, shown):
    classe = Scolarite.objects.get(annee=annees[debut]).classe_id
    assert rows(mairie, f"classe={classe}") == shown


def test_classes_of_the_year_before_and_of_the_year_to_come_are_offered(mairie, annees):
    html = mairie.get(ENFANTS).text
    assert [nom in html for nom in ("PS (2025-2026)", "CE2 Mme Aulne (2027-2028)")] == [True, True]


def test_inscriptions_of_a_class_are_those_of_its_year(mairie, annees, lea, creneaux):
    for jour in (date(2026, 6, 1), date(2026, 12, 8)):
        Inscription.objects.create(enfant=lea, jour=jour, creneau=creneaux["soir"])
    found = {}
    for debut, annee in annees.items():
        query = f"classe={Scolarite.objects.get(annee=annee).classe_id}&periode=toutes"
        page = mairie.get(f"{INSCRIPTIONS}?{query}")
        found[debut] = [inscription.jour for inscription in page.context["cl"].result_list]
    assert found == {2025: [date(2026, 6, 1)], 2026: [date(2026, 12, 8)], 2027: []}
