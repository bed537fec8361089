"""A child typed before ONDE gave it, made one with the child of ONDE: the next import changes nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from enfance.mairie.doubles.fusion_enfants import reunir_enfants
from enfance.mairie.doubles.fusions import reunir_adultes
from enfance.models import Enfant, Garde, Responsabilite, Responsable
from tests.enfance.onde.ecole import NOW, comptes, database, run
from tests.enfance.onde.exemples import ADULTES, ECOLE, LEA, change
from tests.factories import FoyerFactory, ResponsableFactory, StaffFactory, make_enfant
from tests.reading import plain_all

pytestmark = [pytest.mark.django_db, pytest.mark.ci]
# As the secretary heard them on the telephone.
TYPED = {"nom": "Morel-Durand", "prenom": "Léah"}


def unite(reste, double, **choix):
    bilan = reunir_enfants(reste.pk, double.pk, choix, StaffFactory().pk, now=NOW)
    assert bilan.refus == ()


def lea_of_onde():
    return Enfant.objects.get(prenom="Léa")


def type_lea(annee, **champs):
    """The family, typed before the files of ONDE came: the same mother, recognised or not by her mail."""
    camille = ResponsableFactory(
        user__email="camille@courriel.example", foyer=FoyerFactory(adresse="12 chemin des Tilleuls")
    )
    return make_enfant(camille, annee=annee, **(TYPED | champs))


def unchanged(bilan):
    return comptes(bilan) == [(0, 0, 12), (0, 0, 6), (0, 0, 5)] and plain_all(bilan.doutes) == []


@pytest.mark.parametrize("ine", [True, False], ids=["with INE", "without"])
@pytest.mark.parametrize("kept", ["onde", "typed"])
@pytest.mark.parametrize("named", ["onde", "typed"])
def test_next_import_changes_nothing(annee, ine, kept, named):
    typed = type_lea(annee)
    run(annee, ine=ine)
    deux = [lea_of_onde(), typed] if kept == "onde" else [typed, lea_of_onde()]
    du_double = "double" if kept != named else "reste"
    unite(*deux, nom=du_double, prenom=du_double, garde="deux")
    avant = database()

    bilan = run(annee, ine=ine)

    assert database() == avant
    assert unchanged(bilan)
    assert Enfant.objects.get(pk=deux[0].pk).prenom == ("Léa" if named == "onde" else "Léah")


@pytest.mark.parametrize("kept", ["onde", "typed"])
def test_file_that_gives_the_name_that_was_typed_changes_nothing(annee, kept):
    typed = type_lea(annee)
    run(annee, ine=False)
    unite(*([lea_of_onde(), typed] if kept == "onde" else [typed, lea_of_onde()]))
    avant = database()
    autre = replace(LEA, nom="MOREL DURAND", prenom="LEAH")
    adultes = [replace(a, enfants=tuple(autre.cite() if c == LEA.cite() else c for c in a.enfants)) for a in ADULTES]

    bilan = run(annee, enfants=change(ECOLE, LEA, nom=autre.nom, prenom=autre.prenom), adultes=adultes, ine=False)

    assert comptes(bilan)[0] == (0, 0, 12)
    assert database() == avant


@pytest.mark.parametrize("first", [True, False])
def test_two_lines_of_one_child_are_one(annee, first):
    """The school has the child twice: the line that is kept is read, the other changes nothing."""
    autre = replace(LEA, nom="MOREL DURAND", prenom="LEAH", ine="", classe="CP-CE1 M. Érable", niveau="CP")
    enfants = [autre, *ECOLE] if first else [*ECOLE, autre]
    run(annee, enfants=enfants)
    unite(lea_of_onde(), Enfant.objects.get(prenom="LEAH"))
    avant = database()

    bilan = run(annee, enfants=enfants)

    assert comptes(bilan)[0] == (0, 0, 12)
    assert plain_all(bilan.doutes) == []
    assert database() == avant


def test_another_child_of_that_name_is_still_another(annee):
    """With an INE of its own, born the same day: it is asked about, never taken for the one that was made of two."""
    typed = type_lea(annee)
    run(annee)
    unite(lea_of_onde(), typed)
    autre = replace(LEA, nom="MOREL DURAND", prenom="LEAH", ine="0699999999Z")

    bilan = run(annee, enfants=[*ECOLE, autre])

    assert Enfant.objects.filter(nom="MOREL DURAND").count() == 1
    assert bilan.eleves.crees == 1


def test_child_typed_twice_is_not_known_of_onde(annee):
    un, autre = type_lea(annee), make_enfant(annee=annee, **(TYPED | {"nom": "Morel Durand"}))

    unite(un, autre)
    bilan = run(annee)

    assert "Léah Morel-Durand, saisi par la mairie, n’est pas dans ONDE : rien n’a été changé." in plain_all(
        bilan.propositions
    )


def test_child_typed_twice_then_given_by_onde_is_gone_when_onde_says_so(annee):
    un, autre = (
        type_lea(annee, **{"nom": "MOREL", "prenom": "Léa"}),
        make_enfant(annee=annee, nom="MOREL", prenom="Léa"),
    )
    unite(un, autre)
    run(annee)
    assert Enfant.objects.get(prenom="Léa").onde["nom"] == "MOREL"

    bilan = run(annee, enfants=[e for e in ECOLE if e != LEA], confirmer_departs=True)

    assert [phrase.split(",")[0] for phrase in plain_all(bilan.eleves.partis)] == ["Léa MOREL"]


def test_link_that_the_town_hall_took_away_does_not_come_back(annee):
    typed = type_lea(annee)
    run(annee)
    karim = Responsable.objects.get(user__first_name="Karim")
    Responsabilite.objects.filter(responsable=karim, enfant=lea_of_onde()).delete()
    unite(typed, lea_of_onde())

    run(annee)

    assert not Responsabilite.objects.filter(responsable=karim, enfant=typed).exists()


def test_typed_family_of_a_double_mother_is_one_in_the_end(annee):
    """The mother was typed without mail: the import gave her a second file, and the town hall makes both pairs one."""
    camille = ResponsableFactory(foyer=FoyerFactory(adresse=""), user__email="")
    typed = make_enfant(camille, annee=annee, **TYPED)
    run(annee)
    unite(lea_of_onde(), typed, garde="deux")
    autre = Responsable.objects.get(user__email="camille@courriel.example")
    reunir_adultes(autre.pk, camille.pk, {}, now=NOW)
    avant = database()

    bilan = run(annee)

    assert unchanged(bilan)
    assert database() == avant
    assert Garde.objects.filter(enfant__prenom="Léa").count() == 1
