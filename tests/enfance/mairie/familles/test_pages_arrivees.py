"""A family typed at the counter, somebody added to a home, an adult who goes to another one."""

import pytest
from django.contrib.admin.models import LogEntry
from django_tasks_db.models import DBTaskResult

from enfance.models import Foyer, Inscription, Responsable, Scolarite
from tests.enfance.mairie.admin.formulaires import RESPONSABLES, form_of
from tests.enfance.mairie.conftest import LUNDI
from tests.enfance.mairie.familles.nouvelles import FOYERS, INES, MILO, errors_of
from tests.factories import FoyerFactory, ResponsableFactory, make_creneaux
from tests.reading import messages_of

AJOUTER = ["add_user", "add_responsable", "add_enfant", "add_responsabilite", "add_garde", "view_foyer", "add_foyer"]


def test_new_family_is_typed_on_one_page(mairie, lea):
    classe = Scolarite.objects.get().classe

    response = mairie.post(f"{FOYERS}add/", INES | MILO | {"enfant-0-classe": classe.pk}, follow=True)

    ines = Responsable.objects.get(user__first_name="Inès")
    assert messages_of(response) == [f"Ajoutés. Adultes : Inès Roche ({ines.user.identifiant}). Enfants : Milo Roche."]
    assert (ines.telephone, ines.foyer.adresse) == ("06 39 98 00 20", "4 rue Neuve")
    assert [(enfant.prenom, enfant.scolarites.get().classe) for enfant in ines.enfants.all()] == [("Milo", classe)]
    assert LogEntry.objects.count() == 2


@pytest.mark.parametrize(
    ("data", "erreur", "champs"),
    [
        ({}, "Écrivez au moins un adulte ou un enfant.", []),
        (MILO, "Une nouvelle famille a au moins un adulte.", []),
        (INES | {"adulte-0-nom": ""}, "", [{"nom": ["Ce champ est obligatoire."]}]),
        (INES | {"adulte-0-courriel": "ines"}, "", [{"courriel": ["Saisissez une adresse de courriel valide."]}]),
        (
            INES | {"adulte-0-telephone": "06"},
            "",
            [{"telephone": ["Écrivez un numéro complet, comme 06\u00a039\u00a098\u00a000\u00a000."]}],
        ),
        (INES | MILO | {"enfant-0-niveau": ""}, "", [{"niveau": ["Ce champ est obligatoire."]}]),
    ],
    ids=["nobody", "no adult", "no name", "bad mail", "bad phone", "no level"],
)
def test_what_is_missing_is_said_and_nothing_is_written(mairie, data, erreur, champs):
    response = mairie.post(f"{FOYERS}add/", data)

    assert (response.context["dossier"].erreur, errors_of(response)) == (erreur, champs)
    assert not Foyer.objects.exists()


def test_errors_lead_to_their_fields_and_what_is_typed_is_unfolded(mairie):
    deuxieme = {"adulte-1-prenom": "Marc", "adulte-1-nom": "", "adulte-1-civilite": ""}
    deuxieme |= {"adulte-1-courriel": "", "adulte-1-telephone": ""}

    page = mairie.post(f"{FOYERS}add/", INES | deuxieme).text

    assert '<a href="#id_adulte-1-nom">Adulte 2, Nom\u00a0: Ce champ est obligatoire.</a>' in page
    assert page.count("<details open>") == 1
    assert mairie.get(f"{FOYERS}add/").text.count("<details>") == 3


def test_who_is_known_already_is_asked_about(mairie):
    ResponsableFactory(user__identifiant="1000001", user__first_name="Inès", user__last_name="Roche")

    response = mairie.post(f"{FOYERS}add/", INES | MILO)
    assert [str(h) for h in response.context["dossier"].homonymes] == ["Inès Roche (1000001), 12 chemin des Tilleuls"]
    page = response.text
    foyer = Responsable.objects.get().foyer
    assert f'href="/admin/enfance/foyer/{foyer.pk}/famille/">Ouvrir cette famille' in page
    assert ("<title>Erreur" in page, 'value="4 rue Neuve"' in page) == (True, True)
    assert Responsable.objects.count() == 1

    mairie.post(f"{FOYERS}add/", INES | MILO | {"certain": "on"})
    assert Responsable.objects.count() == 2


def test_child_is_added_to_a_home(mairie, lea):
    adulte = Responsable.objects.get()

    mairie.post(f"{FOYERS}{adulte.foyer_id}/ajouter/", MILO | {"enfant-0-responsables": [adulte.pk]})

    assert sorted(enfant.prenom for enfant in adulte.enfants.all()) == ["Léa", "Milo"]


def test_adult_is_added_to_a_home(mairie, lea):
    foyer = Foyer.objects.get()

    mairie.post(f"{FOYERS}{foyer.pk}/ajouter/", INES | {"adulte-0-enfants": [lea.pk]})

    assert sorted(adulte.user.first_name for adulte in lea.responsables.all()) == ["Camille", "Inès"]
    assert Foyer.objects.get().adresse == "12 chemin des Tilleuls"


@pytest.mark.parametrize("missing", AJOUTER)
def test_adding_wants_its_rights(agent_with, lea, missing):
    client = agent_with(*(right for right in AJOUTER if right != missing))
    foyer = Foyer.objects.get()

    nouvelle, ici = (client.get(f"{FOYERS}{page}/").status_code for page in ("add", f"{foyer.pk}/ajouter"))

    assert nouvelle == 403
    assert ici == (200 if missing == "add_foyer" else 403)


# --- Another home ---------------------------------------------------------------------------------------------------


@pytest.fixture
def karim(lea):
    karim = ResponsableFactory(foyer=Foyer.objects.get(), user__first_name="Karim")
    lea.responsabilites.create(responsable=karim)
    Inscription.objects.create(enfant=lea, jour=LUNDI, creneau=make_creneaux()["soir"], foyer=Foyer.objects.get())
    return karim


def page_of(karim):
    return f"{RESPONSABLES}{karim.pk}/foyer/"


def asked(lea, suite, **champs):
    data = {"adresse": "3 rue du Lac", "code_postal": "", "commune": "", "chercher": "", "le": "2026-12-03"}
    return data | {f"enfant-{lea.pk}": suite, "semaine": "", "passage": "lundi"} | champs


def test_home_of_an_adult_is_changed_on_its_own_page_alone(mairie, karim):
    page = f"{RESPONSABLES}{karim.pk}/change/"

    assert "foyer" not in form_of(mairie, page)
    assert f'href="{page_of(karim)}"' in mairie.get(page).text


def test_what_changes_is_seen_first(mairie, karim, lea):
    apercu = mairie.post(page_of(karim), asked(lea, "suit")).context["apercu"]

    (laissees,) = apercu.tableaux
    assert [effet.titre for effet in apercu.effets] == ["Garde"]
    assert [ligne[:3] for ligne in laissees.lignes] == [("lundi 7\u00a0décembre 2026", "Léa Morel", "Soir")]
    assert [suite.verbe for suite in apercu.suites] == ["Les laisser", "Les annuler"]
    assert Foyer.objects.count() == 1
    assert not DBTaskResult.objects.exists()


def test_inscriptions_left_behind_are_decided_of(mairie, karim, lea):
    apercu = mairie.post(page_of(karim), asked(lea, "suit")).context["apercu"]
    mairie.post(page_of(karim), asked(lea, "suit", confirmer="1", empreinte=apercu.empreinte))
    assert Foyer.objects.count() == 1

    response = mairie.agree(page_of(karim), asked(lea, "suit"), suite="annuler")
    assert messages_of(response)[-1] == "Inscriptions annulées : 1."
    assert Inscription.objects.get().etat == "annulee"
    assert Responsable.objects.get(pk=karim.pk).foyer.adresse == "3 rue du Lac"
    assert LogEntry.objects.get().object_id == str(karim.pk)


def test_inscriptions_left_behind_may_be_left(mairie, karim, lea):
    response = mairie.agree(page_of(karim), asked(lea, "suit"), suite="laisser")

    assert messages_of(response)[-1] == "Inscriptions laissées : 1."
    assert Inscription.objects.get().etat == "inscrit"


@pytest.mark.parametrize(
    ("change", "errors"),
    [
        ({"adresse": ""}, {"adresse": ["Écrivez une adresse, ou cherchez un foyer déjà connu."]}),
        ({"le": ""}, {"le": ["Ce champ est obligatoire."]}),
        ({"adresse": "", "chercher": "3816238"}, {"foyer": ["Choisissez le foyer, ou écrivez une adresse."]}),
    ],
)
def test_what_is_missing_of_a_move_is_said(mairie, karim, lea, change, errors):
    response = mairie.post(page_of(karim), asked(lea, "reste", **change))

    assert response.context["form"].errors == errors


def test_home_that_is_known_is_found_and_chosen(mairie, karim, lea):
    ailleurs = ResponsableFactory(user__identifiant="4000009", foyer=FoyerFactory(adresse="5 rue du Pont")).foyer
    data = asked(lea, "deux", adresse="", chercher="4000009", foyer=ailleurs.pk)

    mairie.agree(page_of(karim), data)

    assert Responsable.objects.get(pk=karim.pk).foyer == ailleurs


def test_home_that_was_not_found_is_not_chosen(mairie, karim, lea):
    ailleurs = ResponsableFactory(foyer=FoyerFactory(adresse="5 rue du Pont")).foyer

    response = mairie.post(page_of(karim), asked(lea, "deux", foyer=ailleurs.pk, confirmer="x"))

    assert list(response.context["form"].errors) == ["foyer"]


def test_move_that_leaves_nobody_is_refused(mairie, lea):
    seul = Responsable.objects.get()

    response = mairie.post(page_of(seul), asked(lea, "reste"))

    assert response.context["form"].non_field_errors() == [
        "Il ne resterait personne dans ce foyer\u202f: changez plutôt son adresse."
    ]


@pytest.mark.parametrize("missing", ["change_responsable", "change_garde"])
def test_moving_wants_its_rights(agent_with, karim, missing):
    client = agent_with(*({"change_responsable", "change_garde"} - {missing}), "view_responsable")

    assert client.get(page_of(karim)).status_code == 403
