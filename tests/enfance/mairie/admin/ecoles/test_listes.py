"""Every list of the secretary by school: narrowed where there are several, untouched where there is one."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from enfance.mairie.filtres import CreneauFilter
from enfance.models import (
    Absence,
    Appel,
    Enregistrement,
    Evenement,
    ImportOnde,
    ListeRepas,
    Pointage,
    Repas,
    Scolarite,
)
from tests.enfance.mairie.admin.tableaux import export
from tests.enfance.mairie.conftest import JEUDI_SOIR, LUNDI
from tests.factories import EcoleFactory, FoyerFactory, ResponsableFactory, make_enfant

pytestmark = pytest.mark.ci

MARDI_1ER = date(2026, 12, 1)  # gone by
LISTES = ["enfant", "foyer", "responsable", "inscription", "pointage", "appel", "evenement", "enregistrement"]
LISTES += ["absence", "repas", "listerepas", "classe", "creneau", "fermeture"]


@pytest.fixture
def lignes(ville):
    """One row of each school on the lists of children and days; the family of Noé is of the Bourg alone."""
    noe = make_enfant(
        ResponsableFactory(user__first_name="Noor", foyer=FoyerFactory(adresse="3 rue du Lac")), prenom="Noé"
    )
    for enfant, ecole in ((ville.lea, ville.bourg), (ville.zoe, ville.hameau), (noe, ville.bourg)):
        ville.inscrire(enfant, LUNDI, "soir")
        venu = {"present": True, "arrivee": JEUDI_SOIR, "arrivee_recue": JEUDI_SOIR}
        Pointage.objects.create(enfant=enfant, jour=LUNDI, creneau=ville.creneaux["soir"], **venu)
        Absence.objects.create(enfant=enfant, jour=LUNDI)
        liste = ListeRepas.objects.create(debut=LUNDI, fin=LUNDI)
        liste.ecoles.set([ecole])
        Repas.objects.create(enfant=enfant, jour=LUNDI, liste=liste)
        enregistrement = Enregistrement.objects.create(porte="portail")
        Evenement.objects.create(
            enregistrement=enregistrement,
            enfant=enfant,
            jour=LUNDI,
            creneau=ville.creneaux["soir"],
            avant="annulee",
            apres="inscrit",
        )
    for code in ("matin", "matin-hameau"):
        Appel.objects.create(jour=date(2026, 12, 1), creneau=ville.creneaux[code])
    return ville


def shown(client, liste: str, query: str = ""):
    return list(client.get(f"/admin/enfance/{liste}/?{query}").context["cl"].result_list)


@pytest.mark.parametrize(
    ("liste", "nombre"),
    [
        ("enfant", 1),
        ("foyer", 1),
        ("responsable", 1),
        ("inscription", 1),
        ("pointage", 1),
        ("appel", 1),
        ("evenement", 1),
        ("enregistrement", 1),
        ("absence", 1),
        ("repas", 1),
        ("listerepas", 1),
        ("classe", 1),
        ("creneau", 3),
    ],
)
def test_list_narrows_to_a_school(mairie, lignes, liste, nombre):
    hameau, toutes = shown(mairie, liste, "ecole=hameau"), shown(mairie, liste)

    assert len(hameau) == nombre
    assert len(toutes) > nombre
    assert set(hameau) < set(toutes)


QUATRE = [
    "Matin (École du Bourg)",
    "Matin (École du Hameau)",
    "Pause méridienne (toutes les écoles)",
    "Soir (École du Bourg et École du Hameau)",
]


@pytest.mark.parametrize("liste", ["inscription", "pointage", "appel", "evenement"])
def test_creneaux_to_filter_on_say_their_school(mairie, lignes, liste):
    filtres = mairie.get(f"/admin/enfance/{liste}/").context["cl"].filter_specs
    [filtre] = [filtre for filtre in filtres if isinstance(filtre, CreneauFilter)]

    assert [nom for _, nom in filtre.lookup_choices] == QUATRE


def test_creneaux_suggested_say_their_school(mairie, lignes):
    asked = {"app_label": "enfance", "model_name": "inscription", "field_name": "creneau", "term": "matin"}

    results = mairie.post("/admin/autocomplete/", asked).json()["results"]

    assert [result["text"] for result in results] == QUATRE[:2]


@pytest.mark.parametrize("liste", ["inscription", "pointage"])
def test_creneaux_of_one_school_are_named_alone(mairie, inscription, liste):
    filtres = mairie.get(f"/admin/enfance/{liste}/").context["cl"].filter_specs

    assert "(" not in "".join(nom for f in filtres if isinstance(f, CreneauFilter) for _, nom in f.lookup_choices)


def test_children_are_those_of_their_last_school_or_of_the_year_asked_for(mairie, ville):
    scolarite = Scolarite.objects.get(enfant=ville.zoe)
    Scolarite.objects.filter(pk=scolarite.pk).update(depart=MARDI_1ER)
    Scolarite.objects.create(
        enfant=ville.zoe, annee=scolarite.annee, ecole=ville.bourg, niveau=scolarite.niveau, debut=MARDI_1ER
    )

    assert [enfant.prenom for enfant in shown(mairie, "enfant", "ecole=bourg")] == ["Léa", "Zoé"]
    assert shown(mairie, "enfant", "ecole=hameau") == []


def test_rows_of_a_day_keep_the_school_of_then(mairie, ville):
    scolarite = Scolarite.objects.get(enfant=ville.zoe)
    Scolarite.objects.filter(pk=scolarite.pk).update(depart=date(2026, 12, 14))
    Scolarite.objects.create(
        enfant=ville.zoe, annee=scolarite.annee, ecole=ville.bourg, niveau=scolarite.niveau, debut=date(2026, 12, 14)
    )
    for jour in (LUNDI, date(2026, 12, 14)):
        ville.inscrire(ville.zoe, jour, "soir")

    jours = {code: [i.jour for i in shown(mairie, "inscription", f"ecole={code}")] for code in ("hameau", "bourg")}
    assert jours == {"hameau": [LUNDI], "bourg": [date(2026, 12, 14)]}


def test_columns_name_the_school(mairie, lignes):
    for liste in ("enfant", "inscription", "pointage", "evenement", "absence", "repas"):
        page = mairie.get(f"/admin/enfance/{liste}/?ecole=hameau").text
        assert '<td class="field-ecole">École du Hameau</td>' in page, liste


@pytest.mark.parametrize("liste", LISTES)
def test_one_school_is_named_nowhere(mairie, inscription, liste):
    page = mairie.get(f"/admin/enfance/{liste}/").text

    assert "ecole=" not in page
    assert "field-ecole" not in page
    assert "Par école" not in page


@pytest.mark.parametrize("liste", LISTES)
def test_school_that_is_not_offered_narrows_nothing(mairie, inscription, liste):
    assert mairie.get(f"/admin/enfance/{liste}/?ecole=ecole").status_code == 200


def test_classes_to_filter_on_are_those_of_the_school(mairie, ville):
    page = mairie.get("/admin/enfance/enfant/").text
    assert "Classe unique, École du Hameau (2026-2027)" in page

    page = mairie.get("/admin/enfance/enfant/?ecole=bourg").text
    assert "Classe unique" not in page


@pytest.mark.parametrize("liste", ["enfant", "inscription", "pointage"])
def test_table_that_goes_out_names_the_school(mairie, lignes, liste):
    adresse = f"/admin/enfance/{liste}/"

    titres, *rangees = export(mairie, adresse, query="?ecole=hameau").content.decode().splitlines()

    assert len(rangees) == 1
    assert dict(zip(titres.split(";"), rangees[0].split(";"), strict=True))["École"] == "École du Hameau"


@pytest.mark.parametrize("liste", ["enfant", "inscription", "pointage"])
def test_table_of_one_school_has_no_such_column(mairie, inscription, liste):
    titres = export(mairie, f"/admin/enfance/{liste}/").content.decode().splitlines()[0]

    assert "École" not in titres.split(";")


@pytest.mark.parametrize("liste", LISTES)
def test_list_costs_the_same_whatever_the_schools(mairie, lignes, liste, django_assert_max_num_queries):
    with django_assert_max_num_queries(20) as premiere:
        mairie.get(f"/admin/enfance/{liste}/")
    for n in range(3):
        EcoleFactory(code=f"ecole-{n}", nom=f"École {n}")
        ville_creneau = lignes.creneaux["soir"]
        ville_creneau.ecoles.add(EcoleFactory(code=f"ecole-{n}"))
    with django_assert_max_num_queries(len(premiere)):
        mairie.get(f"/admin/enfance/{liste}/")


def exported(*arguments) -> list[list[str]]:
    out = StringIO()
    call_command("exporter_inscriptions", "--du", "07/12/2026", "--au", "07/12/2026", *arguments, stdout=out)
    return [ligne.split(";") for ligne in out.getvalue().removeprefix("\ufeff").splitlines()]


def test_command_exports_the_school_and_names_it(lignes):
    titres, *toutes = exported()
    _, *hameau = exported("--ecole", "hameau")

    assert titres[3:6] == ["Prénom", "École", "Classe"]
    assert [ligne[3:6] for ligne in hameau] == [["Zoé", "École du Hameau", "Classe unique"]]
    assert len(toutes) == 3
    assert {ligne[4] for ligne in toutes} == {"École du Bourg", "École du Hameau"}


def test_command_knows_the_codes_of_the_schools(lignes):
    with pytest.raises(CommandError, match="lac.*Codes connus.*bourg, hameau"):
        exported("--ecole", "lac")


def test_imports_of_onde_are_those_of_the_school(mairie, ville):
    annee = Scolarite.objects.get(enfant=ville.zoe).annee
    for ecole in (ville.bourg, ville.hameau):
        ImportOnde.objects.create(annee=annee, ecole=ecole)

    (depot,) = shown(mairie, "importonde", "ecole=hameau")

    assert depot.ecole == ville.hameau
    assert "École du Hameau</td>" in mairie.get("/admin/enfance/importonde/?ecole=hameau").text
