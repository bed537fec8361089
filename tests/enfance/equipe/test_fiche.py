"""What a child’s file holds for the team: whom to call, and names like that of a forbidden person."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from enfance.equipe.fiche import load_fiche
from enfance.models import Enfant, PersonneAutorisee, Responsabilite
from tests.enfance.equipe.feuille import ligne, pointer, venu
from tests.enfance.gate import JEUDI, at, inscrire, tap
from tests.factories import AnneeFactory, FoyerFactory, ResponsableFactory, make_creneaux, make_enfant
from tests.reading import plain

pytestmark = pytest.mark.django_db

VENDREDI = date(2026, 12, 11)


@pytest.fixture(autouse=True)
def school(db):
    AnneeFactory()
    make_creneaux()


# --- The child's file -------------------------------------------------------------------------------------------------


def test_fiche_says_whom_to_call():
    camille = ResponsableFactory(telephone="06 39 98 00 12")
    suspendu = ResponsableFactory(user__last_name="Rivière", foyer=FoyerFactory(adresse="3 rue du Lac"))
    lea = make_enfant(camille, suspendu)
    Responsabilite.objects.filter(responsable=suspendu).update(suspendue=True)
    inscrire(lea, "midi")
    PersonneAutorisee.objects.create(enfant=lea, nom="Odile Morel", telephone="06 39 98 00 85")
    PersonneAutorisee.objects.create(enfant=lea, nom="Claude Interdit", interdite=True)
    fiche = load_fiche(lea.pk, JEUDI)
    assert (fiche.parents, [a.telephone for a in fiche.autorises]) == ([camille], ["06 39 98 00 85"])
    assert [*map(str, fiche.interdits)] == ["Claude Interdit"]


@pytest.mark.parametrize("etat", ["annulee", None])
def test_fiche_of_a_child_of_no_sheet_of_the_day_is_none(etat):
    lea = make_enfant()
    if etat:
        inscrire(lea, etat=etat)
    inscrire(lea, jour=VENDREDI)
    assert load_fiche(lea.pk, JEUDI) is None
    pointer(tap(lea))
    assert load_fiche(lea.pk, JEUDI).nom == "Léa Morel"


# --- Names like that of a forbidden person ----------------------------------------------------------------------------


@pytest.fixture
def jean():
    """Léa, never to be handed to Jean Dupont."""
    lea = venu()
    return PersonneAutorisee.objects.create(enfant=lea, nom="Jean Dupont", interdite=True)


def alertes(enfant):
    fiche = load_fiche(enfant.pk, JEUDI)
    assert [(a.alerte, a.interdite) for a in (*fiche.autorises, *fiche.interdits)] == [
        (a.alerte, a.interdite) for a in (*ligne().autorises, *ligne().interdits)
    ]
    return {adulte.nom: plain(adulte.alerte) for adulte in (*fiche.autorises, *fiche.interdits)}


def test_team_is_told_under_what_names_a_parent_tried(jean):  # ACC-07
    demandes = jean.enfant.demandes_autorisation
    demandes.create(nom="J. Dupont", lien="papa", demandee_le=at(23, 30) - timedelta(days=3))
    assert alertes(jean.enfant) == {
        "Jean Dupont": "Nom demandé par un parent, pas autorisé : J. Dupont, papa (lundi 7 décembre 2026)"
    }
    demandes.create(nom="Dupont Jean", demandee_le=at(9), decidee_le=at(10))
    demandes.create(nom="Odile Morel", demandee_le=at(9))  # the prohibition that it was like is over
    assert alertes(jean.enfant) == {
        "Jean Dupont": "Noms demandés par un parent, pas autorisés : J. Dupont, papa (lundi 7 décembre 2026), "
        "Dupont Jean (jeudi 10 décembre 2026)"
    }


def test_team_is_told_of_an_authorised_name_like_a_forbidden_one(jean):  # ACC-07
    for nom, lien in (("Jeanne D.", ""), ("J. Dupont", ""), ("Mamie", "Jean Dupont"), ("Odile Dupont", "")):
        jean.enfant.personnes_autorisees.create(nom=nom, lien=lien)
    ressemble = "vérifiez l’identité : son nom ressemble à celui de Jean Dupont"
    assert alertes(jean.enfant) == {
        "J. Dupont": ressemble, "Mamie": ressemble, "Jeanne D.": "", "Odile Dupont": "", "Jean Dupont": ""
    }  # fmt: skip
    assert [str(adulte) for adulte in ligne().a_verifier] == ["J. Dupont", "Mamie (Jean Dupont)"]


def test_team_is_told_of_a_namesake_whom_the_town_hall_let_in(jean):  # ACC-07
    personne = jean.enfant.personnes_autorisees.create(nom="J. Dupont")
    jean.enfant.demandes_autorisation.create(nom="J. Dupont", personne=personne, decidee_le=at(9))
    admise = "vérifiez l’identité : homonyme de Jean Dupont, admis par la mairie le jeudi 10 décembre 2026"
    assert alertes(jean.enfant) == {"J. Dupont": admise, "Jean Dupont": ""}
    jean.enfant.personnes_autorisees.create(nom="J Dupont", lien="son père")
    ressemble = "vérifiez l’identité : son nom ressemble à celui de Jean Dupont"
    assert alertes(jean.enfant) == {"J. Dupont": admise, "J Dupont": ressemble, "Jean Dupont": ""}


def test_team_is_told_nothing_once_the_prohibition_is_over(jean):
    jean.enfant.personnes_autorisees.create(nom="J. Dupont")
    jean.enfant.demandes_autorisation.create(nom="Dupont")
    PersonneAutorisee.objects.filter(pk=jean.pk).update(fin=JEUDI - timedelta(days=1))
    assert alertes(jean.enfant) == {"J. Dupont": ""}


# --- Forbidden for a brother or a sister ------------------------------------------------------------------------------


@pytest.fixture
def soeurs(jean):
    """Zoé and Max of Léa's home: nobody is forbidden for them."""
    Enfant.objects.filter(pk=jean.enfant_id).update(sexe="f")
    camille = ResponsableFactory()
    jean.enfant.responsabilites.create(responsable=camille)
    zoe, max_ = (make_enfant(camille, prenom=prenom, date_naissance=date(2017, 1, 1)) for prenom in ("Zoé", "Max"))
    for enfant in (zoe, max_):
        inscrire(enfant)
    return zoe, max_


def ailleurs(enfant):
    return [plain(f"{qui.phrase} {qui}") for qui in load_fiche(enfant.pk, JEUDI).ailleurs]


def test_card_of_the_sister_says_who_is_forbidden_for_the_other(jean, soeurs):
    zoe, max_ = soeurs
    assert ailleurs(zoe) == ailleurs(max_) == ["Personne interdite pour Léa, sa sœur : Jean Dupont"]
    assert ailleurs(jean.enfant) == []
    max_.personnes_autorisees.create(nom="jean dupont", lien="son oncle", interdite=True)
    assert ailleurs(max_) == []
    assert ailleurs(zoe) == ["Personne interdite pour Max, du même foyer, et pour Léa, sa sœur : Jean Dupont"]


def test_card_says_nothing_of_another_home_nor_of_what_is_over(jean, soeurs):
    zoe, _ = soeurs
    autre = make_enfant(ResponsableFactory(foyer=FoyerFactory(adresse="3 rue du Lac")), prenom="Ana")
    inscrire(autre)
    assert (ailleurs(autre), len(ailleurs(zoe))) == ([], 1)
    PersonneAutorisee.objects.filter(pk=jean.pk).update(fin=JEUDI - timedelta(days=1))
    assert ailleurs(zoe) == []


def test_gate_is_told_nothing_of_a_near_name(jean):  # ACC-07
    jean.enfant.personnes_autorisees.create(nom="Jean Dupond")
    assert alertes(jean.enfant) == {"Jean Dupond": "", "Jean Dupont": ""}
