"""Two files of one adult, two homes that are one, made one by the secretary: seen first, confirmed, traced."""

import pytest
from django.contrib.admin.models import LogEntry

from enfance.models import Foyer, Garde, Responsable
from tests.enfance.mairie.admin.formulaires import RESPONSABLES
from tests.enfance.mairie.doubles.fusions.doubles import everything
from tests.factories import STAFF_PASSWORD, FoyerFactory, ResponsableFactory, make_enfant
from tests.reading import messages_of

pytestmark = pytest.mark.ci

FOYERS = "/admin/enfance/foyer/"
RESTE = {"courriel": "reste", "foyer": "reste"}
SECRETAIRE = ["view_responsable", "change_responsable", "change_user", "view_foyer", "change_foyer", "delete_foyer"]


@pytest.fixture
def camille(lea) -> Responsable:
    return Responsable.objects.get()


@pytest.fixture
def double(camille) -> Responsable:
    double = ResponsableFactory(user__identifiant="4000001", foyer=FoyerFactory(adresse="9 rue du Moulin"))
    make_enfant(double, prenom="Tom")
    return double


def page_of(ici, la, base=RESPONSABLES):
    return f"{base}{ici.pk}/reunir/?avec={la.pk}"


def test_double_is_looked_for_by_name_or_number(mairie, camille, double):
    page = f"{RESPONSABLES}{camille.pk}/reunir/"

    assert mairie.get(page).context["candidats"] == []
    assert mairie.post(page, {"famille": "tom 4000001"}, follow=True).context["candidats"] == [
        (page_of(camille, double), f"Camille Morel (4000001), {double.user.email}, 9 rue du Moulin")
    ]
    assert "Personne d’autre ne correspond" in mairie.post(page, {"famille": "3816238"}, follow=True).text
    assert mairie.post(page, {"famille": ""}, follow=True).context["form"].errors


def test_home_is_looked_for_by_one_of_its_children(mairie, camille, double):
    response = mairie.post(f"{FOYERS}{camille.foyer_id}/reunir/", {"famille": "tom"}, follow=True)

    assert response.context["candidats"] == [
        (page_of(camille.foyer, double.foyer, FOYERS), "Foyer Morel, 9 rue du Moulin, Tom Morel")
    ]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_rows_of_the_list_are_compared(mairie, camille, double, number):
    pks = [camille.pk, double.pk, ResponsableFactory().pk][:number]

    response = mairie.post(RESPONSABLES, {"action": "reunir", "_selected_action": pks})

    addresses = [f"{RESPONSABLES}{camille.pk}/reunir/", page_of(camille, double), RESPONSABLES]
    assert response["Location"] == addresses[number - 1]


def test_comparison_says_what_each_file_holds(mairie, camille, double):
    response = mairie.get(page_of(camille, double))

    lignes = {ligne.libelle: tuple(ligne.dits) for ligne in response.context["lignes"]}
    assert lignes["Identifiant"] == ("3816238", "4000001")
    assert lignes["Enfants"] == ("Léa Morel", "Tom Morel")
    assert [question.label for question in response.context["form"]] == ["E-mail", "Foyer"]


def test_preview_says_what_moves_and_writes_nothing(mairie, camille, double):
    avant = everything()

    apercu = mairie.post(page_of(camille, double), RESTE).context["apercu"]

    assert {effet.titre: effet.nombre for effet in apercu.effets if effet.nombre} == {"Responsabilités": 1, "Gardes": 1}
    assert [suite.verbe for suite in apercu.suites] == ["Réunir"]
    assert everything() == avant


def test_two_files_are_made_one(mairie, camille, double):
    response = mairie.agree(page_of(camille, double), RESTE | {"courriel": "double"})

    camille = Responsable.objects.select_related("user").get()
    assert (camille.user.identifiant, camille.user.email) == ("3816238", double.user.email)
    assert messages_of(response)[0] == (
        "Les deux fiches n’en font plus qu’une : Camille Morel, identifiant 3816238. "
        "Le numéro 4000001 ouvre le même compte."
    )
    entree = LogEntry.objects.get()
    assert (entree.object_id, entree.get_change_message()) == (
        str(camille.pk),
        "Réuni avec Camille Morel (4000001). L’identifiant 4000001 ouvre maintenant ce compte.",
    )


def test_who_may_be_somebody_else_is_asked_about(mairie, camille):
    karim = ResponsableFactory(foyer=camille.foyer, user__first_name="Karim")
    data = {"nom": "reste", "courriel": "reste"}

    apercu = mairie.post(page_of(camille, karim), data).context["apercu"]
    assert apercu.remarques[0] == ("Les prénoms diffèrent\u00a0: Camille et Karim. Est-ce bien la même personne\u202f?")
    assert Responsable.objects.count() == 2

    mairie.agree(page_of(camille, karim), data)
    assert Responsable.objects.count() == 1


def test_preview_follows_the_choices(mairie, camille, double):
    ResponsableFactory(foyer=double.foyer, user__first_name="Paul")

    vu = mairie.post(page_of(camille, double), RESTE).context["apercu"]
    autre = mairie.post(page_of(camille, double), RESTE | {"foyer": "double"}).context["apercu"]

    assert vu.remarques == ("Tom Morel n’a pas de garde dans ce foyer\u00a0: à régler sur sa fiche.",)
    assert autre.remarques == ()
    assert Responsable.objects.count() == 3


def test_what_was_not_chosen_is_asked_again(mairie, camille, double):
    response = mairie.post(page_of(camille, double), {"courriel": "reste"})

    assert response.context["form"].errors == {"foyer": ["Choisissez."]}
    assert "<title>Erreur" in response.text


def test_two_homes_are_made_one(mairie, camille, double):
    response = mairie.agree(page_of(camille.foyer, double.foyer, FOYERS), {"adresse": "double"})

    assert messages_of(response) == ["Les deux foyers n’en font plus qu’un."]
    assert (Foyer.objects.get().pk, Foyer.objects.get().adresse) == (camille.foyer_id, "9 rue du Moulin")
    assert LogEntry.objects.get().get_change_message() == f"Réuni avec le foyer n°\u00a0{double.foyer_id}."


def test_separated_parents_stay_two_homes_unless_it_is_confirmed(mairie, camille, lea):
    autre = ResponsableFactory(foyer=FoyerFactory(adresse="3 rue du Lac"))
    lea.responsabilites.create(responsable=autre)
    lea.gardes.create(foyer=autre.foyer)
    page = page_of(camille.foyer, autre.foyer, FOYERS)

    assert "a la garde dans les deux foyers" in mairie.post(page, {"adresse": "reste"}).text
    assert Foyer.objects.count() == 2

    mairie.agree(page, {"adresse": "reste"})
    assert Garde.objects.get().foyer == camille.foyer


@pytest.mark.parametrize("avec", ["0", "x", "999999999999999999999999"])
def test_unknown_double_is_not_found(mairie, camille, avec):
    assert mairie.get(f"{RESPONSABLES}{camille.pk}/reunir/?avec={avec}").status_code == 404


@pytest.mark.parametrize("missing", ["change_responsable", "change_user", "change_foyer", "delete_foyer"])
def test_merging_wants_its_rights(agent_with, camille, double, missing):
    client = agent_with(*(right for right in SECRETAIRE if right != missing))
    pages = [page_of(camille, double), page_of(camille.foyer, double.foyer, FOYERS)]

    assert [client.get(page).status_code for page in pages] == ([403, 200] if missing in SECRETAIRE[:3] else [200, 403])


def test_accounts_are_joined_with_a_password_just_typed(mairie, camille, double):  # ADM-05
    """The e-mail of the one may become that of the other; homes have none."""
    mairie.grow_old()
    data = RESTE | {"courriel": "double"}

    asked = mairie.post(page_of(camille, double), data | {"confirmer": "1", "empreinte": "x"})
    assert Responsable.objects.count() == 2
    seen = mairie.confirm(asked, STAFF_PASSWORD)
    assert Responsable.objects.count() == 2
    done = mairie.post(
        page_of(camille, double), data | {"confirmer": "1", "empreinte": seen.context["apercu"].empreinte}
    )

    assert done.headers["Location"] == f"{FOYERS}{camille.foyer_id}/famille/"
    camille.user.refresh_from_db()
    assert camille.user.email == double.user.email


def test_homes_are_joined_without(mairie, camille, double):
    mairie.grow_old()

    mairie.agree(page_of(camille.foyer, double.foyer, FOYERS), {"adresse": "reste"})

    assert Foyer.objects.count() == 1
