"""The column that sorts names: whoever writes a name writes it, lists and searches read it."""

from datetime import date, datetime
from importlib import import_module
from pkgutil import iter_modules

import pytest
from django.apps import apps

import accounts.migrations
import enfance.migrations
from accounts.models import User
from enfance.equipe.recherche import chercher
from enfance.mairie.familles.lecture import find_familles
from enfance.models import Creneau, Enfant, PersonneAutorisee, Responsable
from portail.dates import PARIS
from tests.clients import Client
from tests.enfance.onde.ecole import run
from tests.enfance.onde.exemples import ADULTES, CAMILLE, ECOLE, LEA, change
from tests.factories import (
    AnneeFactory,
    EnfantFactory,
    ResponsableFactory,
    StaffFactory,
    UserFactory,
    make_creneaux,
    make_enfant,
)
from tests.tri import unsorted_rows

pytestmark = pytest.mark.django_db
TRIES = [
    "d’Almeida",
    "Étienne",
    "Eude",
    "Fabre",
    "Le Goff",
    "Legrand",
    "Nuñez",
    "Odet",
    "Œuvrard",
    "Oury",
    "Şen",
    "ZOLA",
]
NOMS = TRIES[::-1]


def test_names_sort_as_french_does():
    for nom in NOMS:
        make_enfant(ResponsableFactory(user__last_name=nom), nom=nom)

    assert list(Enfant.objects.values_list("nom", flat=True)) == TRIES
    assert list(User.objects.values_list("last_name", flat=True)) == TRIES
    assert list(Responsable.objects.values_list("user__last_name", flat=True)) == TRIES
    client = Client()
    client.force_login(StaffFactory(last_name="Admin"))
    for adresse, nom in [("/admin/enfance/enfant/", "nom"), ("/admin/enfance/responsable/", "nom")]:
        page = client.get(adresse).text
        assert sorted(TRIES, key=page.index) == TRIES, nom
        assert client.get(f"{adresse}?o=-1").status_code == client.get(f"{adresse}?o=2").status_code == 200


def test_columns_of_names_sort_alike():
    for prenom in ("Élie", "Zoé", "Eva"):
        EnfantFactory(nom="Morel", prenom=prenom)
    client = Client()
    client.force_login(StaffFactory())

    lignes = client.get("/admin/enfance/enfant/?o=-1").context["cl"].result_list

    assert [enfant.prenom for enfant in lignes] == ["Zoé", "Eva", "Élie"]


def test_usual_name_sorts_and_both_names_are_found():
    usage = EnfantFactory(nom="Morel", nom_usage="Arnaud", prenom="Léa")
    EnfantFactory(nom="Bernard", prenom="Tom")

    assert Enfant.objects.first() == usage
    assert Enfant.objects.get(tri__icontains="MOREL") == Enfant.objects.get(tri__icontains="Arnaud") == usage


@pytest.mark.parametrize("typed", ["oeuvrard", "ŒUVRARD", "Léo œuvr", "jean-leo", "jean léo"])
def test_searches_read_the_column(typed, time_machine):
    time_machine.move_to(datetime(2026, 12, 3, 8, tzinfo=PARIS), tick=False)
    make_creneaux()
    enfant = make_enfant(ResponsableFactory(), nom="Œuvrard", prenom="Jean-Léo")
    client = Client()
    client.force_login(StaffFactory(last_name="Agent"))

    page = client.post("/admin/enfance/enfant/", {"q": typed}, follow=True)

    assert list(page.context["cl"].result_list) == [enfant]
    trouves = chercher(typed, date(2026, 12, 3), Creneau.objects.first())
    assert [trouve.pk for trouve in trouves] == [enfant.pk]
    assert len(find_familles(typed, today=date(2026, 12, 3))[0]) == 1


def test_whoever_writes_a_name_writes_the_column():
    enfant = EnfantFactory(nom="Morel")
    user = UserFactory(last_name="Morel")
    enfant.nom = "Œuvrard"
    enfant.save(update_fields={"nom"})
    User.objects.filter(last_name="Morel").update(last_name="Étienne")
    EnfantFactory(nom="Zola")
    Enfant.objects.filter(nom="Zola").update(nom_usage="Abel")
    Enfant.objects.bulk_create([Enfant(nom="Çelik", prenom="Ali", date_naissance=date(2019, 1, 1))])
    deux = list(Enfant.objects.all())
    for un in deux:
        un.prenom = "Éva"
    Enfant.objects.bulk_update(deux, ["prenom"])
    PersonneAutorisee.objects.create(enfant=enfant, nom="Œil")
    PersonneAutorisee.objects.update(nom="Ñandu")

    assert unsorted_rows() == []
    assert {*Enfant.objects.values_list("tri", flat=True)} == {"oeuvrard eva", "abel eva zola", "celik eva"}
    user.refresh_from_db()
    assert user.tri == f"etienne {user.first_name.lower()}"


def test_other_columns_written_leave_it_alone():
    user = UserFactory(last_name="Morel")
    other = User.objects.get(pk=user.pk)
    other.last_name = "Étienne"
    other.save()

    user.email = "autre@courriel.example"
    user.save(update_fields=["email"])

    assert unsorted_rows() == []


def test_import_of_onde_writes_it():
    annee = AnneeFactory()
    run(annee)
    adultes = change(ADULTES, CAMILLE, nom="ŒUVRARD")
    run(annee, change(ECOLE, LEA, usage="ÉTIENNE"), adultes)

    assert Enfant.objects.filter(tri__startswith="etienne").exists()
    assert unsorted_rows() == []


@pytest.mark.parametrize("package", [accounts.migrations, enfance.migrations])
def test_migration_writes_it_for_the_rows_that_are_there(package):
    enfant = EnfantFactory(nom="Œuvrard", nom_usage="Étienne")
    EnfantFactory(nom="Zola")
    PersonneAutorisee.objects.create(enfant=enfant, nom="Œil")
    UserFactory(last_name="Şen")
    module = next(module.name for module in iter_modules(package.__path__) if module.name.endswith("_sort_by_names"))
    for model in (User, Enfant, PersonneAutorisee):
        if model.__module__.startswith(package.__name__.split(".")[0]):
            model.objects.update(tri="")

    import_module(f"{package.__name__}.{module}").fill(apps, None)

    assert unsorted_rows() == []
