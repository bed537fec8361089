"""The pupils whom several schools may take: placed many at once, until ONDE confirms."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.contrib.admin.models import LogEntry

from enfance.mairie.placement import placer
from enfance.mairie.rentree import load_rentree, preparer
from enfance.models import AnneeScolaire, Ecole, Scolarite
from portail.dates import PARIS
from tests.factories import AnneeFactory, ClasseFactory, EcoleFactory, EnfantFactory, StaffFactory, make_creneaux
from tests.reading import plain

pytestmark = pytest.mark.django_db

MARS = datetime(2027, 3, 15, 9, tzinfo=PARIS)
PAGE = "/admin/enfance/anneescolaire/rentree/2027/"


@pytest.fixture
def ecoles(time_machine) -> dict[str, Ecole]:
    """The children of the maternelle go up to the élémentaire or to the hamlet's."""
    time_machine.move_to(MARS, tick=False)
    AnneeFactory()
    make_creneaux()
    Ecole.objects.update(nom="École élémentaire", code="elementaire", premier_niveau="CP")
    hameau, maternelle = EcoleFactory(ordre=8), EcoleFactory(code="maternelle", nom="Maternelle", dernier_niveau="GS")
    for prenom, niveau in [("Alix", "MS"), ("Basile", "GS"), ("Célia", "GS"), ("Denis", "GS")]:
        Scolarite.objects.create(
            enfant=EnfantFactory(prenom=prenom), annee=AnneeFactory(), ecole=maternelle, niveau=niveau
        )
    preparer(2027, "A", now=MARS)
    return {"elementaire": Ecole.objects.get(code="elementaire"), "hameau": hameau, "maternelle": maternelle}


def suivante() -> AnneeScolaire:
    return AnneeScolaire.objects.get(debut__year=2027)


def places() -> list[tuple[str, str, str]]:
    lignes = suivante().scolarites.order_by("enfant__prenom").select_related("enfant", "ecole")
    return [(s.enfant.prenom, s.niveau, s.ecole.code) for s in lignes]


def pks(*prenoms: str) -> list[int]:
    lignes = Scolarite.objects.filter(enfant__prenom__in=prenoms, annee=AnneeFactory())
    return list(lignes.values_list("enfant", flat=True))


def dits() -> list[tuple[str, list[str]]]:
    groupes = load_rentree(2027, "A", now=MARS).groupes
    return [(groupe.titre, [eleve.dit.split(" ")[0] for eleve in groupe.eleves]) for groupe in groupes]


def test_pupils_are_grouped_by_the_schools_that_may_take_them(ecoles):
    assert dits() == [("CP, à École élémentaire ou École du Hameau", ["Basile", "Célia", "Denis"])]


def test_those_who_are_chosen_go_up_to_the_school(ecoles):
    assert len(placer(suivante(), "hameau", pks("Basile", "Célia"))) == 2

    assert places() == [("Alix", "GS", "maternelle"), ("Basile", "CP", "hameau"), ("Célia", "CP", "hameau")]
    assert dits() == [("CP, à École élémentaire ou École du Hameau", ["Denis"])]
    assert preparer(2027, "A", now=MARS).is_empty
    assert placer(suivante(), "elementaire", pks("Basile")) == []  # placed already


@pytest.mark.parametrize("code", ["maternelle", "ailleurs", ""])
def test_school_that_has_not_their_niveau_takes_nobody(ecoles, code):
    assert placer(suivante(), code, pks("Basile")) == []
    assert places() == [("Alix", "GS", "maternelle")]


def test_pupil_who_has_no_choice_or_has_left_is_not_placed(ecoles):
    Scolarite.objects.filter(enfant__prenom="Denis").update(depart=date(2027, 2, 1))
    suivante().scolarites.all().delete()

    assert placer(suivante(), "hameau", [*pks("Alix", "Denis"), 999_999]) == []


def test_school_that_has_said_its_classes_takes_nobody_more(ecoles):
    classe = ClasseFactory(annee=suivante(), ecole=ecoles["elementaire"])
    Scolarite.objects.create(
        enfant=EnfantFactory(), annee=suivante(), ecole=ecoles["elementaire"], niveau="CE1", classe=classe
    )

    assert dits() == [("CP, à École du Hameau", ["Basile", "Célia", "Denis"])]
    assert placer(suivante(), "elementaire", pks("Basile")) == []


def test_page_places_those_who_are_ticked(client, ecoles):
    agente = StaffFactory()
    client.force_login(agente)
    html = client.get(PAGE).text
    for pk in pks("Basile", "Célia", "Denis"):
        assert f'name="enfant" value="{pk}" checked' in html
    assert f'name="enfant" value="{pks("Alix")[0]}"' not in html

    response = client.post(PAGE, {"placer": "hameau", "enfant": pks("Basile", "Denis")}, follow=True)

    assert [plain(message) for message in response.context["messages"]] == [
        "Rentrée 2027 : 2 élèves à École du Hameau. Les fichiers d’ONDE le confirmeront."
    ]
    assert [ligne[0] for ligne in places() if ligne[2] == "hameau"] == ["Basile", "Denis"]
    entree = LogEntry.objects.get(object_id=str(suivante().pk))
    assert (entree.user, "2\u00a0élèves à École du Hameau" in entree.change_message) == (agente, True)


@pytest.mark.parametrize(
    ("enfants", "phrase"),
    [
        ([], "Cochez les élèves à placer : rien n’a été changé."),
        (["x", "0", "\u0661"], "Cochez les élèves à placer : rien n’a été changé."),
        (
            ["999999"],
            "Ces élèves ont déjà leur place, ou l’école a dit ses classes : rien n’a été changé.",
        ),
    ],
)
def test_form_that_places_nobody_says_why(client, ecoles, enfants, phrase):
    client.force_login(StaffFactory())

    response = client.post(PAGE, {"placer": "hameau", "enfant": enfants}, follow=True)

    assert [plain(message) for message in response.context["messages"]] == [phrase]
    assert places() == [("Alix", "GS", "maternelle")]


def test_year_that_is_not_prepared_only_names_them(client, ecoles):
    suivante().scolarites.all().delete()
    suivante().delete()
    client.force_login(StaffFactory())

    html = client.get(PAGE).text

    assert 'name="placer"' not in html
    assert "Ajoutez l’année dans la fiche de l’enfant (3)" in html
    assert client.post(PAGE, {"placer": "hameau", "enfant": pks("Basile")}).status_code == 404
