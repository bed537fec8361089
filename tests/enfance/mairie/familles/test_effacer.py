"""A family erased from its page: the right family, seen first, confirmed once, traced without a name."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session

from accounts.models import User
from conservation.models import Effacement
from enfance.models import Enfant, Foyer, Inscription, Responsable
from tests.enfance.mairie.conftest import JEUDI_SOIR
from tests.enfance.mairie.doubles.fusions.doubles import everything
from tests.factories import STAFF_PASSWORD, ResponsableFactory, UserFactory, make_enfant
from tests.reading import messages_of, plain

pytestmark = pytest.mark.ci

FAMILLES = "/admin/enfance/foyer/"
TROUVER = f"{FAMILLES}trouver/"
RIGHTS = ["view_foyer", "effacer_famille"]
NUMERO = {"identifiant": "3816238"}


def page_of(foyer: Foyer) -> str:
    return f"{FAMILLES}{foyer.pk}/effacer/"


def famille_of(foyer: Foyer) -> str:
    return f"{FAMILLES}{foyer.pk}/famille/"


@pytest.fixture
def morel(familles) -> Foyer:
    return familles["morel"].foyer


def test_page_is_offered_to_who_may_and_says_when_not_to_erase(agent_with, morel):
    without, with_it = agent_with("view_foyer"), agent_with(*RIGHTS)
    link = f'href="{page_of(morel)}"'
    assert [link in client.get(famille_of(morel)).text for client in (without, with_it)] == [False, True]
    assert without.get(page_of(morel)).status_code == 403
    assert "La famille quitte l’école : n’effacez pas" in plain(with_it.get(page_of(morel)).text)


def test_reading_the_page_or_the_preview_changes_nothing(mairie, morel):
    avant = everything()

    mairie.get(page_of(morel))
    apercu = mairie.post(page_of(morel), NUMERO).context["apercu"]

    assert everything() == avant
    assert plain(apercu.phrase) == (
        "Ceci efface pour toujours 1 adulte et 1 enfant : Foyer Morel, 12 chemin des Tilleuls."
    )
    assert [suite.verbe for suite in apercu.suites] == ["Effacer la famille"]


def test_preview_says_who_goes_what_goes_and_what_stays(mairie, familles, morel, creneaux):
    Inscription.objects.create(enfant=familles["lea"], jour=JEUDI_SOIR.date(), creneau=creneaux["soir"])

    html = plain(mairie.post(page_of(morel), NUMERO).text)

    for said in (
        "Camille Morel (3816238), 12 chemin des Tilleuls.",
        "1 enfant : Léa Morel.",
        "Léa Morel est sur la feuille d’aujourd’hui (soir) et n’y sera plus",
        "ONDE les ramènerait au prochain import",
        "Aucun e-mail ne part",
        "<li>Inscriptions : 1</li>",
        "<li>Les sauvegardes déjà faites : jusqu’à leur rotation",
        "Il n’y a pas de retour en arrière.",
    ):
        assert said in html, said


def test_family_is_erased_with_a_trace_that_names_nobody(mairie, agente, familles, morel, journal):  # RGP-08, ADM-04
    mairie.post(TROUVER, {"famille": "morel camille"})
    pks = {"enfance.Enfant": familles["lea"].pk, "enfance.Foyer": morel.pk, "accounts.User": familles["morel"].user_id}

    response = mairie.agree(page_of(morel), NUMERO)

    assert response.request["PATH_INFO"] == TROUVER
    assert plain(messages_of(response)[0]) == "La famille est effacée : 1 adulte et 1 enfant."
    assert not Foyer.objects.filter(pk=morel.pk).exists()
    assert [e.prenom for e in Enfant.objects.all()] == ["Zoë"]
    assert {modele: Effacement.objects.get(modele=modele).cle for modele in pks} == pks
    entry = LogEntry.objects.latest("pk")
    assert (entry.user, entry.object_repr, plain(entry.get_change_message())) == (
        agente,
        f"enfance.Foyer {morel.pk}",
        "Famille effacée : 1 adulte et 1 enfant.",
    )
    [event] = [event for event in journal.events if event["event"] == "family_erased"]
    assert (event["by"], event["user"]) == (agente.pk, pks["accounts.User"])
    said = [repr(session.get_decoded()) for session in Session.objects.all()]
    said += [repr(list(LogEntry.objects.values_list("object_repr", "change_message"))), journal.text]
    assert [word for word in ("Camille", "Morel", "3816238", "Tilleuls") for text in said if word in text] == []


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Recopiez l’identifiant d’un adulte de ce foyer."),
        ("4512778", "Ce n’est pas l’identifiant d’un adulte de ce foyer : vérifiez sur sa page."),
        ("Camille", "Ce n’est pas l’identifiant d’un adulte de ce foyer : vérifiez sur sa page."),
    ],
)
def test_number_of_another_family_erases_nobody(mairie, morel, typed, said):
    response = mairie.post(page_of(morel), {"identifiant": typed})

    assert [plain(error) for error in response.context["form"].errors["identifiant"]] == [said]
    assert "Erreur : Effacer la famille" in plain(response.text)
    assert Responsable.objects.count() == 2


def test_number_may_be_typed_with_its_spaces(mairie, morel):
    mairie.agree(page_of(morel), {"identifiant": " 381 62 38 "})
    assert not Foyer.objects.filter(pk=morel.pk).exists()


def test_form_without_its_field_erases_nobody(mairie, morel):  # VAL-10
    mairie.post(page_of(morel), {"confirmer": "1", "empreinte": "x"})
    assert Foyer.objects.filter(pk=morel.pk).exists()


def test_password_is_asked_again_of_a_window_left_open(mairie, morel):  # ADM-05
    mairie.grow_old()

    asked = mairie.post(page_of(morel), NUMERO)
    preview = mairie.confirm(asked, STAFF_PASSWORD)

    assert "Confirmez que c’est vous" in asked.text
    assert "apercu" in preview.context
    assert Foyer.objects.filter(pk=morel.pk).exists()


def test_second_click_and_the_page_come_back_to_say_that_it_is_done(mairie, familles, morel):
    preview = mairie.post(page_of(morel), NUMERO)
    mairie.confirm_preview(preview)
    avant = everything()

    again = [mairie.confirm_preview(preview), mairie.get(page_of(morel), follow=True)]

    said = "Cette famille est déjà effacée, depuis le jeudi 3 décembre à 20 h 41."
    assert [plain(messages_of(page)[-1]) for page in again] == [said, said]
    assert everything() == avant


def test_family_erased_by_another_agent_meanwhile_is_said(mairie, agent_with, morel):
    other = agent_with(*RIGHTS)
    preview = mairie.post(page_of(morel), NUMERO)
    other.agree(page_of(morel), NUMERO)

    response = mairie.confirm_preview(preview)

    assert plain(messages_of(response)[-1]).startswith("Cette famille est déjà effacée, depuis")
    assert LogEntry.objects.filter(content_type__model="effacement").count() == 1


def test_what_changed_since_the_preview_is_shown_again(mairie, familles, morel):
    preview = mairie.post(page_of(morel), NUMERO)
    make_enfant(familles["morel"], prenom="Tom")

    response = mairie.confirm_preview(preview)

    assert "Ce que cela touche a changé depuis l’aperçu" in response.text
    assert "2 enfants" in plain(response.context["apercu"].phrase)
    assert Foyer.objects.filter(pk=morel.pk).exists()


def test_home_that_never_was_is_404(mairie, familles):
    assert mairie.get(f"{FAMILLES}{10**9}/effacer/").status_code == 404


def test_account_of_an_agent_is_never_erased(mairie, morel):
    """A row that no page makes: an agent among the adults of a home."""
    agent = UserFactory(identifiant="5550099")
    ResponsableFactory(user=agent, foyer=morel)
    User.objects.filter(pk=agent.pk).update(is_staff=True)

    response = mairie.post(page_of(morel), NUMERO)

    assert [plain(e) for e in response.context["form"].non_field_errors()] == [
        "Le compte 5550099 est d’un agent : il ne s’efface pas ainsi."
    ]
    assert Foyer.objects.filter(pk=morel.pk).exists()


def test_home_without_an_adult_says_what_to_do(mairie, familles):
    vide = Foyer.objects.create(adresse="9 rue du Moulin")
    html = mairie.get(page_of(vide)).text
    assert "réunissez-le d’abord" in html
    assert "Voir ce qui part" not in html
