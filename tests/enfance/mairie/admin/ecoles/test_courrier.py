"""Messages, credentials and letters to the families of a school; the lists of who is to be called."""

from datetime import date

import pytest

from accounts.models import User
from enfance.models import Classe, Inscription, Message
from tests.enfance.mairie.admin.formulaires import MESSAGES
from tests.enfance.mairie.conftest import JEUDI_SOIR, LUNDI
from tests.factories import AnneeFactory, FoyerFactory, ResponsableFactory, make_enfant
from tests.reading import plain

IDENTIFIANTS, LETTRES = "/admin/enfance/responsable/identifiants/", "/admin/enfance/responsable/lettres/"


@pytest.fixture
def noor(ville):
    """A family of the Bourg alone."""
    noor = ResponsableFactory(user__first_name="Noor", foyer=FoyerFactory(adresse="3 rue du Lac"))
    make_enfant(noor, prenom="Noé")
    return noor


def message(**champs):
    return {"cible": "ecoles", "creneau": "", "jour": "", "objet": "Photos", "texte": "Lundi."} | champs


def test_message_goes_to_the_families_of_a_school(mairie, ville, noor):
    page = mairie.post(f"{MESSAGES}add/", message(ecoles=[ville.hameau.pk]), follow=True)

    assert [adulte.pk for adulte in page.context["courrier"].adultes] == [ville.camille.pk]
    assert page.context["apercu"].phrase.startswith("Pour les familles (École du Hameau)\u00a0: 1\u00a0adulte")

    mairie.agree(page.request["PATH_INFO"], suite="envoyer")
    assert Message.objects.get().destinataires == "les familles (École du Hameau)"


@pytest.mark.parametrize(
    ("champs", "erreur"),
    [
        ({}, "Choisissez au moins une école."),
        (
            {"cible": "tous", "ecoles": True},
            "Ce choix ne va pas avec «\u00a0À qui\u00a0»\u00a0: changez l’un ou videz l’autre.",
        ),
    ],
)
def test_choice_that_does_not_hold_is_said(mairie, ville, champs, erreur):
    choisies = {"ecoles": [ville.hameau.pk]} if champs.get("ecoles") else {}

    page = mairie.post(f"{MESSAGES}add/", message(**(champs | choisies)))

    assert page.context["form"].errors == {"ecoles": [erreur]}


def test_creneaux_to_write_about_say_their_school(mairie, ville):
    creneau = mairie.get(f"{MESSAGES}add/").context["form"].fields["creneau"]

    assert [nom for _, nom in creneau.choices] == [
        "Choisir un créneau",
        "Matin (École du Bourg)",
        "Matin (École du Hameau)",
        "Pause méridienne (toutes les écoles)",
        "Soir (École du Bourg et École du Hameau)",
    ]


def test_message_about_a_creneau_says_whose_it_is(mairie, ville):
    ville.inscrire(ville.zoe, date(2026, 12, 7), "matin-hameau")
    champs = {"cible": "creneau", "creneau": ville.creneaux["matin-hameau"].pk, "jour": "2026-12-07"}

    apercu = mairie.post(f"{MESSAGES}add/", message(**champs), follow=True).context["apercu"]

    assert "lundi 7 décembre 2026, matin (École du Hameau)" in plain(apercu.phrase)


def test_one_school_is_asked_for_none(mairie, lea):
    page = mairie.get(f"{MESSAGES}add/")
    form = page.context["form"]
    assert "ecoles" not in form.fields
    assert [valeur for valeur, _ in form.fields["cible"].choices] == ["tous", "classes", "creneau"]
    assert "écoles" not in page.text.partition("<form")[2].lower()

    refuse = mairie.post(f"{MESSAGES}add/", message())
    assert list(refuse.context["form"].errors) == ["cible"]


@pytest.mark.parametrize("page", [IDENTIFIANTS, LETTRES])
def test_credentials_and_letters_are_for_a_school(mairie, ville, noor, page):
    User.objects.filter(is_staff=False).update(email="" if page == LETTRES else "a@courriel.example")

    response = mairie.post(page, {"ecole": ville.hameau.pk, "classe": ""})

    montres = response.context["lettres"] if page == LETTRES else response.context["destinataires"]
    assert len(montres) == 1
    assert "Camille" in response.text


@pytest.mark.parametrize("page", [IDENTIFIANTS, LETTRES])
def test_class_of_another_school_is_refused(mairie, ville, page):
    classe = Classe.objects.get(nom="Classe unique")

    response = mairie.post(page, {"ecole": ville.bourg.pk, "classe": classe.pk})

    assert response.context["form"].errors == {
        "classe": ["Cette classe n’est pas de cette école\u00a0: École du Hameau."]
    }


@pytest.mark.parametrize("page", [IDENTIFIANTS, LETTRES])
def test_classes_stand_under_their_school(mairie, ville, page):
    form = mairie.get(page).context["form"]

    groupes = [texte for valeur, texte in form.fields["classe"].choices if isinstance(texte, list)]
    assert [[nom for _, nom in groupe] for groupe in groupes] == [
        ["CE1-CE2 Mme Sorbier"],
        ["Classe unique"],
    ]


@pytest.mark.parametrize("page", [IDENTIFIANTS, LETTRES])
def test_credentials_and_letters_of_one_school_ask_for_none(mairie, lea, page):
    AnneeFactory()

    response = mairie.get(page)

    assert "ecole" not in response.context["form"].fields
    assert "optgroup" not in response.text


def test_letters_of_the_preview_are_of_the_same_school(mairie, ville, noor):
    User.objects.filter(is_staff=False).update(email="")

    apercu = mairie.post(IDENTIFIANTS, {"ecole": ville.hameau.pk, "classe": ""})

    assert f'<input type="hidden" name="ecole" value="{ville.hameau.pk}">' in apercu.text


def test_parents_without_mail_are_those_of_the_school(mairie, ville, noor):
    User.objects.filter(is_staff=False).update(email="")
    page = "/admin/enfance/responsable/sans-courriel/"

    tous, hameau = mairie.get(page), mairie.get(f"{page}?ecole=hameau")

    assert (len(tous.context["lignes"]), [ligne.adulte for ligne in hameau.context["lignes"]]) == (2, [ville.camille])


def test_waiting_lists_are_those_of_the_creneaux_of_the_school(mairie, ville):
    attente = {"etat": "attente", "attente_depuis": JEUDI_SOIR, "jour": LUNDI}
    Inscription.objects.create(enfant=ville.lea, creneau=ville.creneaux["matin"], **attente)
    Inscription.objects.create(enfant=ville.zoe, creneau=ville.creneaux["matin-hameau"], **attente)
    page = "/admin/enfance/inscription/attente/"

    listes = {code: mairie.get(f"{page}?ecole={code}").context["page"].object_list for code in ("", "hameau")}

    assert [len(listes[code]) for code in listes] == [2, 1]
    assert listes["hameau"][0].creneau.code == "matin-hameau"


def test_message_sent_says_its_school(mairie, ville):
    page = mairie.post(f"{MESSAGES}add/", message(ecoles=[ville.bourg.pk, ville.hameau.pk]), follow=True)
    response = mairie.agree(page.request["PATH_INFO"], suite="envoyer")

    assert "Pour les familles (École du Bourg et École du Hameau)." in plain(response.text)
    assert Message.objects.get().destinataires == "les familles (École du Bourg et École du Hameau)"
