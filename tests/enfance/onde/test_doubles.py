"""Doubles that the town hall made one stay one, whatever ONDE says of each: the next import changes nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from accounts.models import User
from enfance.mairie.doubles.fusions import reunir_adultes, reunir_foyers
from enfance.models import Enfant, Foyer, Garde, Responsable
from tests.enfance.onde.ecole import NOW, comptes, database, responsable, run
from tests.enfance.onde.exemples import ADULTES, CAMILLE, KARIM, LEA, NADIA, PAUL, TOM, A, change
from tests.factories import FoyerFactory, ResponsableFactory
from tests.reading import plain_all

pytestmark = pytest.mark.django_db

# The school knows the mother of Léa and the mother of Tom by two names, two addresses and two mails.
CAMILLE_TOM = A(
    "MME", "DURAND", "Camille", "9 rue du Moulin", "c.durand@travail.example", "0639980011", (TOM.cite(),),
    travail="0476000001",
)  # fmt: skip
DEUX = [*change(ADULTES, CAMILLE, enfants=(LEA.cite(),)), CAMILLE_TOM]


def unchanged(bilan, adultes):
    """Nothing created, nothing changed: so many pupils, adults and homes."""
    return comptes(bilan)[:2] == [(0, 0, 12), (0, 0, adultes)] and plain_all(bilan.doutes) == []


def unite_camille(**choix):
    ici, la = responsable_nommee("MOREL"), responsable_nommee("DURAND")
    return reunir_adultes(ici.pk, la.pk, choix, now=NOW)


def responsable_nommee(nom):
    return Responsable.objects.get(user__first_name="Camille", user__last_name=nom)


@pytest.mark.parametrize(
    "choix",
    [{}, {"courriel": "double", "nom": "double", "telephone": "double"}, {"foyer": "double"}],
    ids=["hers", "of the double", "the home of the double"],
)
def test_two_lines_of_one_person_change_nothing(annee, choix):
    run(annee, adultes=DEUX)
    unite_camille(**choix)
    avant = database()

    bilan = run(annee, adultes=DEUX)

    assert unchanged(bilan, adultes=6)
    assert database() == avant
    assert sorted(enfant.prenom for enfant in responsable("Camille").enfants.all()) == ["Léa", "Tom"]


@pytest.mark.parametrize("gardee", ["main", "double"])
def test_school_that_made_them_one_too_changes_nothing(annee, gardee):
    run(annee, adultes=DEUX)
    unite_camille()
    user = responsable("Camille").user
    deux = (LEA.cite(), TOM.cite())
    une = replace(CAMILLE if gardee == "main" else CAMILLE_TOM, enfants=deux)
    adultes = [une if adulte == DEUX[0] else adulte for adulte in DEUX if adulte != CAMILLE_TOM]

    bilan = run(annee, adultes=adultes)
    encore = run(annee, adultes=adultes)

    assert unchanged(bilan, adultes=6)
    assert unchanged(encore, adultes=6)
    assert (responsable("Camille").user.email, responsable("Camille").user) == (user.email, user)


def test_news_of_the_kept_line_is_taken(annee):
    run(annee, adultes=DEUX)
    unite_camille()

    bilan = run(annee, adultes=change(DEUX, DEUX[0], courriel="nouvelle@courriel.example"))

    assert comptes(bilan)[1] == (0, 1, 5)
    assert responsable("Camille").user.email == "nouvelle@courriel.example"


def test_double_typed_by_hand_is_found_again(annee):
    run(annee)
    main = ResponsableFactory(foyer=FoyerFactory(adresse=""), user__first_name="Camille", user__last_name="Morel")
    (ici, la) = (main, responsable_nommee("MOREL"))

    reunir_adultes(ici.pk, la.pk, {"foyer": "double"}, now=NOW)
    avant = database()

    assert unchanged(run(annee), adultes=6)
    assert database() == avant


def test_line_of_a_double_alone_is_known_where_no_link_is_left(annee):
    """By the mail of the double, that its file no longer has; the town hall took her children away."""
    run(annee, adultes=DEUX)
    unite_camille()
    responsable("Camille").responsabilites.all().delete()
    User.objects.filter(first_name="Camille").update(last_name="ROLLIN")

    bilan = run(annee, adultes=[adulte for adulte in DEUX if adulte not in (DEUX[0], KARIM)])

    assert comptes(bilan)[1][0] == 0
    assert not responsable("Camille").enfants.exists()


def test_double_of_another_double_is_known_as_well(annee):
    troisieme = replace(CAMILLE_TOM, nom="PETIT", adresse="1 rue Haute", courriel="cp@courriel.example", portable="")
    adultes = [*DEUX, troisieme]
    run(annee, adultes=adultes)
    unite_camille()
    reunir_adultes(responsable_nommee("MOREL").pk, responsable_nommee("PETIT").pk, {}, now=NOW)
    avant = database()

    assert unchanged(run(annee, adultes=adultes), adultes=6)
    assert database() == avant


def test_homes_made_one_are_not_proposed_again(annee):
    run(annee, adultes=change(ADULTES, KARIM, adresse="77 avenue du Vercors"))
    karim, camille = responsable("Karim").foyer, responsable("Camille").foyer
    assert karim != camille
    reunir_foyers(camille.pk, karim.pk, {})
    avant = database()

    bilan = run(annee, adultes=change(ADULTES, KARIM, adresse="77 avenue du Vercors"))

    assert database() == avant
    assert plain_all(bilan.propositions) == [
        "Jules LEFORT a deux foyers : le rythme de garde est à régler ; d’ici là, chacun peut l’inscrire."
    ]
    assert Garde.objects.filter(enfant=Enfant.objects.get(prenom="Léa")).count() == 1


def test_home_made_one_moves_when_onde_says_so(annee):
    run(annee, adultes=change(ADULTES, PAUL, adresse="9 rue Basse"))
    nadia, paul = responsable("Nadia").foyer, responsable("Paul").foyer
    reunir_foyers(nadia.pk, paul.pk, {})
    adultes = change(change(ADULTES, PAUL, adresse="2 rue Neuve"), NADIA, adresse="2 rue Neuve")

    run(annee, adultes=adultes)

    assert Foyer.objects.get(pk=nadia.pk).adresse == "2 rue Neuve"
