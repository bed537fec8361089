import re
from datetime import date

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from accounts.log import FieldChange, read_changes
from accounts.models import UndeliveredMail
from enfance.models import (
    AnneeScolaire,
    Enfant,
    Enregistrement,
    Foyer,
    Inscription,
    PersonneAutorisee,
    Responsable,
    Scolarite,
)
from tests.enfance.mairie.admin.formulaires import ENFANTS, RESPONSABLES, form_of, save
from tests.enfance.mairie.conftest import LUNDI
from tests.enfance.mairie.enfants.fiche import change, sujet_of
from tests.factories import ClasseFactory, FoyerFactory, ResponsableFactory, UserFactory, make_enfant
from tests.reading import messages_of

# --- Children -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=Léa", ["Léa"]),
        ("q=Morel", ["Léa", "Tom"]),
        ("q=123456789AB", ["Tom"]),
        ("q=3816238", ["Léa"]),
        ("pai__exact=1", ["Tom"]),
        ("presence=presents", ["Léa"]),
        ("presence=partis", ["Tom"]),
        ("classe={classe}", ["Léa"]),
        ("scolarites__annee__id__exact={annee}", ["Léa", "Tom"]),
        ("presence=autre", ["Léa", "Tom"]),
    ],
)
def test_children_are_searched_and_filtered(mairie, lea, query, found):
    tom = make_enfant(ResponsableFactory(), prenom="Tom", ine="123456789AB", pai=True)
    Scolarite.objects.filter(enfant=tom).update(depart=date(2026, 11, 1))
    classe = ClasseFactory(nom="CM2 M. Frêne")
    Scolarite.objects.filter(enfant=lea).update(classe=classe)

    response = mairie.narrow(ENFANTS, query.format(classe=classe.pk, annee=classe.annee_id))

    assert [enfant.prenom for enfant in response.context["cl"].result_list] == found


def test_list_of_children_tells_the_last_class(mairie, lea):
    Scolarite.objects.filter(enfant=lea).update(depart=date(2026, 11, 1))

    page = mairie.get(ENFANTS).text

    assert "CE1-CE2 Mme Sorbier (2026-2027, parti le 1er\u00a0novembre 2026)" in page


def test_page_of_a_child_holds_its_links(mairie, lea):
    PersonneAutorisee.objects.create(enfant=lea, nom="Mamie Jeanne")

    response = mairie.get(f"{ENFANTS}{lea.pk}/change/")

    assert response.context["changeables"] == {"identite", "classe", "responsables", "garde", "sante", "venir"}
    page = response.text
    for sujet in response.context["changeables"]:
        assert f'<a class="petit" href="{ENFANTS}{lea.pk}/change/?changer={sujet}#t-{sujet}">' in page
    assert f'href="/admin/enfance/inscription/?enfant={lea.pk}"' in page
    assert f'href="{ENFANTS}{lea.pk}/history/"' in page
    assert "Mamie Jeanne" in page


def test_page_of_a_child_says_what_it_lacks(mairie):
    lea = make_enfant(ResponsableFactory(user__email="", telephone=""))

    page = mairie.get(f"{ENFANTS}{lea.pk}/change/").text

    assert "<small>aucune adresse e-mail</small>" in page
    assert "<small>aucun numéro</small>" in page


@pytest.mark.parametrize("sujet", ["identite", "classe", "responsables", "garde", "sante", "venir"])
def test_subject_is_short(mairie, lea, sujet):
    """With the search of the header, eight inputs at most."""
    html = mairie.get(sujet_of(lea, sujet)).text

    fields = re.findall(r"<(?:input|select|textarea)\b[^>]*>", html)
    assert len([field for field in fields if 'type="hidden"' not in field]) <= 8
    assert html.count("En cours de changement") == 1


def test_child_is_corrected(mairie, lea):
    response = change(mairie, lea, "identite", nom_usage="Sorbier", ine="")

    lea.refresh_from_db()
    assert (lea.nom_usage, lea.ine) == ("Sorbier", None)
    assert messages_of(response) == ["C’est enregistré : identité, Léa Sorbier."]
    entry = LogEntry.objects.get()
    assert read_changes(entry) == [("", FieldChange("Nom d’usage", "", "Sorbier"))]
    assert entry.object_id == str(lea.pk)


def test_child_is_added_then_its_file_says_the_rest(mairie):
    form = form_of(mairie, f"{ENFANTS}add/")
    data = form | {"prenom": "Tom", "nom": "Morel", "date_naissance": "2019-03-14"}

    response = mairie.post(f"{ENFANTS}add/", data)

    assert response["Location"] == f"{ENFANTS}{Enfant.objects.get().pk}/change/"
    assert {"pai", "consigne"}.isdisjoint(form)


def test_responsabilite_is_suspended(mairie, lea):
    responsable = Responsable.objects.get()

    change(mairie, lea, "responsables", **{f"acces-{lea.responsabilites.get().pk}": "suspendu"})

    assert list(Enfant.objects.for_responsable(responsable)) == []
    change_of = FieldChange("Camille Morel", "voit l’enfant sur le portail", "suspendu par un juge")
    assert read_changes(LogEntry.objects.get()) == [("", change_of)]


def test_adult_is_added_by_the_identifiant_and_taken_away(mairie, lea):
    autre = ResponsableFactory(user__identifiant="4000001", user__first_name="Dominique")

    change(mairie, lea, "responsables", identifiant="4000001")
    assert set(lea.responsables.all()) == {Responsable.objects.get(user__identifiant="3816238"), autre}

    change(mairie, lea, "responsables", **{f"acces-{lea.responsabilites.get(responsable=autre).pk}": "retire"})
    assert autre not in lea.responsables.all()


@pytest.mark.parametrize(
    ("identifiant", "phrase"),
    [
        ("9999999", "Aucun parent n’a cet identifiant. Cherchez sa famille par son nom."),
        ("3816238", "Camille Morel est déjà responsable de cet enfant."),
    ],
)
def test_adult_that_cannot_be_added_is_refused(mairie, lea, identifiant, phrase):
    response = change(mairie, lea, "responsables", identifiant=identifiant)

    assert response.context["form"].errors == {"identifiant": [phrase]}
    assert lea.responsabilites.count() == 1


@pytest.mark.parametrize(
    ("sujet", "right"),
    [
        ("classe", "change_scolarite"),
        ("garde", "change_garde"),
        ("responsables", "change_responsabilite"),
        ("sante", "view_sante"),
        ("venir", "change_personneautorisee"),
    ],
)
def test_subject_wants_its_rights(agent_with, lea, sujet, right):  # ACC-02
    rights, seen = {"view_enfant", "change_enfant"}, f"view_{right.partition('_')[2]}"
    without, reader = agent_with(*rights), agent_with(*({*rights, seen} - {"change_enfant"}))
    with_it = agent_with(*{*rights, seen, right})
    statuses = [client.get(sujet_of(lea, sujet)).status_code for client in (without, reader, with_it)]
    posted = [client.post(sujet_of(lea, sujet), {}).status_code for client in (without, reader)]
    assert (statuses, posted) == ([403, 403, 200], [403, 403])


def test_health_wants_its_right(agent_with, lea):  # ADM-03
    Enfant.objects.update(pai=True, consigne="arachide")
    page = f"{ENFANTS}{lea.pk}/change/"
    rights = ["view_enfant", "change_enfant"]

    without, with_it = agent_with(*rights), agent_with(*rights, "view_sante")

    assert "arachide" not in without.get(page).text
    assert "PAI" not in without.get(ENFANTS).text
    assert without.get(f"{ENFANTS}?pai__exact=1").status_code == 400
    assert "arachide" in with_it.get(page).text
    assert "PAI" in with_it.get(ENFANTS).text


def test_health_is_kept_by_who_does_not_see_it(agent_with, lea):
    Enfant.objects.update(pai=True, consigne="arachide")

    change(agent_with("view_enfant", "change_enfant"), lea, "identite", nom_usage="Sorbier")

    lea.refresh_from_db()
    assert (lea.nom_usage, lea.pai, lea.consigne) == ("Sorbier", True, "arachide")


@pytest.mark.parametrize("model", [Enfant, Responsable, Foyer, AnneeScolaire])
def test_files_are_never_deleted(mairie, lea, model):
    row = model.objects.first()

    response = mairie.post(reverse(f"admin:enfance_{model._meta.model_name}_delete", args=[row.pk]), {"post": "yes"})

    assert response.status_code == 403
    assert model.objects.filter(pk=row.pk).exists()


# --- Adults and homes -----------------------------------------------------------------------------------------------


def test_list_of_adults_tells_the_home_of_each(mairie, lea):
    ResponsableFactory(user__first_name="Alix", foyer=FoyerFactory(adresse="3 rue du Lac"))

    rows = mairie.get(RESPONSABLES).context["cl"].result_list
    cells = [re.findall(r'field-adresse">([^<]*)<', row) for row in mairie.get(RESPONSABLES).text.split("<tr>")]

    assert [cell for [cell] in filter(None, cells)] == [adulte.foyer.adresse for adulte in rows]
    assert {"3 rue du Lac", "12 chemin des Tilleuls"} == {adulte.foyer.adresse for adulte in rows}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=3816238", ["3816238"]),
        ("q=Morel", ["3816238", "4000001", "4000002"]),
        ("q=0612", ["4000001"]),
        ("a_traiter=sans_courriel", ["4000001"]),
        ("a_traiter=non_remis", ["4000002"]),
        ("a_traiter=jamais_connectes", ["3816238", "4000001"]),
    ],
)
def test_adults_are_searched_and_filtered(mairie, lea, query, found):
    sans_courriel = ResponsableFactory(user__identifiant="4000001", user__email="", telephone="0612345678")
    make_enfant(sans_courriel, prenom="Tom")
    non_remis = ResponsableFactory(user__identifiant="4000002")
    UndeliveredMail.objects.create(user=non_remis.user, mail="Envoi", reason="refused")
    UndeliveredMail.objects.create(user=non_remis.user, mail="Autre", reason="refused")

    response = mairie.narrow(RESPONSABLES, query)

    assert [responsable.user.identifiant for responsable in response.context["cl"].result_list] == found


def test_page_of_an_adult_leads_to_the_account(mairie, lea):
    responsable = Responsable.objects.get()

    page = mairie.get(f"{RESPONSABLES}{responsable.pk}/change/").text

    assert "Camille Morel (3816238), parent3816238@courriel.example" in page
    assert f'href="/admin/accounts/user/{responsable.user_id}/change/"' in page
    assert "Léa Morel" in page


def test_adult_is_added_to_an_account(mairie):
    user, foyer = UserFactory(), FoyerFactory()

    save(mairie, f"{RESPONSABLES}add/", user=user.pk, foyer=foyer.pk)

    assert Responsable.objects.get().user == user


def test_adult_receives_a_temporary_password(mairie, lea):
    data = {"action": "send_temporary_password", "_selected_action": [Responsable.objects.get().pk]}

    response = mairie.post(RESPONSABLES, data, follow=True)

    assert messages_of(response) == [
        "Un mot de passe temporaire part par e-mail, valable 24 heures : Camille Morel (3816238)."
    ]
    assert DBTaskResult.objects.get().args_kwargs["args"] == ["3816238"]


def test_sending_wants_the_right_on_accounts(agent_with, lea):
    data = {"action": "send_temporary_password", "_selected_action": [Responsable.objects.get().pk]}

    agent_with("view_responsable", "change_responsable").post(RESPONSABLES, data)

    assert not DBTaskResult.objects.exists()


def test_page_of_a_home_names_its_adults(mairie, lea):
    foyer = Foyer.objects.get()

    assert "Camille Morel (3816238)" in mairie.get(f"/admin/enfance/foyer/{foyer.pk}/change/").text


@pytest.mark.parametrize(
    ("model", "field", "term", "label"),
    [
        ("inscription", "enfant", "Léa", "Léa Morel, CE1-CE2 Mme Sorbier (2026-2027)"),
        ("responsabilite", "responsable", "3816238", "Camille Morel (3816238)"),
        ("garde", "foyer", "tilleuls", "Foyer Morel, 12 chemin des Tilleuls"),
        ("responsable", "user", "Camille", "Camille Morel (3816238), parent3816238@courriel.example"),
    ],
)
def test_suggestions_tell_homonyms_apart(mairie, lea, model, field, term, label):
    query = {"app_label": "enfance", "model_name": model, "field_name": field, "term": term}

    results = mairie.post("/admin/autocomplete/", query).json()["results"]

    assert [result["text"] for result in results] == [label]


def test_suggestions_are_not_asked_for_in_an_address(mairie, lea):  # HDR-08
    query = {"app_label": "enfance", "model_name": "inscription", "field_name": "enfant", "term": "Léa"}

    assert mairie.get("/admin/autocomplete/", query).status_code == 405


def test_inscription_stays_where_it_is(mairie, inscription):
    """Opening and saving a subject without a change writes nothing."""
    for sujet in ("identite", "classe", "responsables", "sante"):
        change(mairie, inscription.enfant, sujet)

    assert not LogEntry.objects.exists()
    assert not Enregistrement.objects.exists()
    assert Inscription.objects.get().jour == LUNDI
