"""« Interdite » and « autorisée » said at once of brothers and sisters: what is asked, what is written of each."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.log import FieldChange, read_changes
from enfance.famille.autorisations import ajouter
from enfance.mairie.enfants.forms_venir import RELIRE
from enfance.models import Enfant, Garde, PersonneAutorisee, Scolarite
from tests.enfance.mairie.conftest import JEUDI_SOIR, client_of
from tests.enfance.mairie.enfants.fiche import ENFANTS, change, opened, page_of, sujet_of
from tests.factories import FoyerFactory, ResponsableFactory, StaffFactory, make_enfant
from tests.races import at_once
from tests.reading import html_of, messages_of, plain

JEAN = "Jean Dupont"


@pytest.fixture
def camille(lea):
    return lea.responsables.get(user__first_name="Camille")


@pytest.fixture
def tom(camille):
    return make_enfant(camille, prenom="Tom", sexe="m", date_naissance=date(2017, 1, 1))


@pytest.fixture
def zoe(tom, camille):
    return make_enfant(camille, prenom="Zoé", sexe="f", date_naissance=date(2020, 1, 1))


def boxes(response):
    """Each child that has a box: what its label says, and whether it is ticked."""
    form = response.context["form"]
    if "aussi" not in form.fields:
        return {}
    ticked = {str(pk) for pk in form["aussi"].value() or []}
    labels = {str(pk): re.sub(r"\s*</?small>", "|", str(label)) for pk, label in form.fields["aussi"].choices}
    return {plain(label).rstrip("|"): pk in ticked for pk, label in labels.items()}


def again(client, response, **changes):
    """The form that came back, sent as it is."""
    request = response.request
    data = {field.html_name: field.value() for field in response.context["form"]}
    data = {nom: valeur for nom, valeur in data.items() if valeur not in (False, None)} | changes
    data["_fingerprint"] = response.context["shown"]
    return client.post(f"{request['PATH_INFO']}?{request['QUERY_STRING']}", data, follow=True)


def forbid(client, enfant, nom=JEAN, **changes):
    return change(client, enfant, "venir", {"interdire": 1}, nom=nom, **changes)


def correct(client, personne, **changes):
    return change(client, personne.enfant, "venir", {"personne": personne.pk}, **changes)


def held(enfant):
    return [
        (p.nom, p.interdite, p.debut, p.fin) for p in enfant.personnes_autorisees.filter(retiree_le=None).order_by("pk")
    ]


def traces(enfant):
    return [entry.get_change_message() for entry in LogEntry.objects.filter(object_id=str(enfant.pk)).order_by("pk")]


# --- Asked ------------------------------------------------------------------------------------------------------------


def test_prohibition_is_ticked_for_all_and_an_authorisation_for_none(mairie, lea, zoe):
    assert boxes(mairie.get(sujet_of(lea, "venir", interdire=1))) == {"Tom": True, "Zoé": True}
    assert boxes(mairie.get(sujet_of(lea, "venir"))) == {"Tom": False, "Zoé": False}
    assert (
        f'href="{page_of(lea)}?changer=venir&amp;interdire=1#t-venir">Interdire quelqu’un</a>'
        in mairie.get(page_of(lea)).text
    )


def test_only_child_is_asked_nothing(mairie, lea, tom):
    Scolarite.objects.filter(enfant=tom).update(depart=date(2026, 11, 1))
    assert boxes(mairie.get(sujet_of(lea, "venir", interdire=1))) == {}
    forbid(mairie, lea)
    assert held(lea) == [(JEAN, True, None, None)]


def test_brothers_and_sisters_are_of_the_same_homes(mairie, lea, ailleurs, camille):
    """By the custody of either home, or by an adult who answers for both; not by a custody that is over."""
    demi = make_enfant(ailleurs, prenom="Noé")
    accueilli = make_enfant(ResponsableFactory(foyer=FoyerFactory()), prenom="Max")
    Garde.objects.create(enfant=accueilli, foyer=camille.foyer)
    parti = make_enfant(ResponsableFactory(foyer=FoyerFactory()), prenom="Ana")
    Garde.objects.create(enfant=parti, foyer=camille.foyer, fin=date(2026, 11, 1))
    suspendu = make_enfant(ResponsableFactory(foyer=FoyerFactory()), prenom="Eva")
    suspendu.responsabilites.create(responsable=camille, suspendue=True)
    assert {*boxes(mairie.get(sujet_of(lea, "venir")))} == {demi.prenom, "Max"}


def test_two_children_of_one_first_name_are_told_apart(mairie, lea, camille):
    make_enfant(camille, prenom="Tom", nom="Rivière")
    make_enfant(camille, prenom="Tom", nom="Morel", date_naissance=date(2015, 5, 2))
    make_enfant(camille, prenom="Tom", nom="Morel", date_naissance=date(2016, 5, 2))
    assert list(boxes(mairie.get(sujet_of(lea, "venir")))) == [
        "Tom Morel, 2 mai 2015", "Tom Morel, 2 mai 2016", "Tom Rivière"
    ]  # fmt: skip


# --- A prohibition ----------------------------------------------------------------------------------------------------


def test_prohibition_is_written_of_each_child_that_is_ticked(mairie, agente, lea, tom, zoe):  # ADM-04
    response = forbid(mairie, lea, lien="son oncle", aussi=[zoe.pk])

    assert [held(enfant) for enfant in (lea, tom, zoe)] == [[(JEAN, True, None, None)], [], [(JEAN, True, None, None)]]
    assert zoe.personnes_autorisees.values_list("lien", "ajoutee_par").get() == ("son oncle", agente.pk)
    said = [f"Ne jamais remettre à\u00a0: {JEAN}, ajouté·e."]
    assert (traces(lea), traces(tom), traces(zoe)) == (said, [], said)
    assert messages_of(response) == [
        "Dit aussi pour Zoé Morel.", "C’est enregistré : qui peut venir le chercher, Léa Morel."
    ]  # fmt: skip
    assert not DBTaskResult.objects.exists()  # no parent is told


def test_box_interdite_of_the_form_that_adds_asks_before_it_writes(mairie, lea, zoe):
    """The boxes were those of an authorisation: nobody has said yet whether the others are forbidden it too."""
    response = change(mairie, lea, "venir", nom=JEAN, interdite="on")
    assert response.context["form"].errors == {"aussi": [RELIRE]}
    assert (boxes(response), held(lea)) == ({"Tom": True, "Zoé": True}, [])
    assert "Décochez ceux que cela ne touche pas : leur fiche le rappellera." in html_of(response)

    again(mairie, response)
    assert [held(enfant) for enfant in (lea, zoe)] == [[(JEAN, True, None, None)]] * 2


def test_parent_of_a_sister_is_never_forbidden_for_her_from_here(mairie, lea, tom, zoe):
    marc = ResponsableFactory(user__first_name="Jean", user__last_name="Dupont", foyer=FoyerFactory())
    zoe.responsabilites.create(responsable=marc)

    response = forbid(mairie, lea, "DUPONT Jean")

    assert (boxes(response), held(zoe)) == ({"Tom": True}, [])
    assert "<p>Zoé : Jean Dupont est responsable de cet enfant ; rien ne change ici pour lui.</p>" in html_of(response)
    again(mairie, response, aussi=[tom.pk, zoe.pk])  # forged
    assert [len(held(enfant)) for enfant in (lea, tom, zoe)] == [1, 1, 0]


def test_name_like_that_of_a_sister_s_parent_is_said_and_left_to_her_file(mairie, lea, zoe, ailleurs):
    zoe.responsabilites.create(responsable=ailleurs)
    response = forbid(mairie, lea, "D. Morel")
    said = (
        "<p>Zoé : ce nom ressemble à celui de Dominique Morel, responsable de cet enfant ; rien ne change ici pour "
        "lui. Si c’est quelqu’un d’autre, voyez sa fiche.</p>"
    )
    assert said in html_of(response)
    assert [*boxes(response)] == ["Tom"]
    of_the_child = "<p>Ce nom ressemble à celui de Dominique Morel, responsable de Léa.</p>"
    assert of_the_child in html_of(response)


def test_parent_whose_access_a_judge_suspended_may_be_forbidden_for_her(mairie, lea, zoe):
    suspendu = ResponsableFactory(user__first_name="Jean", user__last_name="Dupont", foyer=FoyerFactory())
    zoe.responsabilites.create(responsable=suspendu, suspendue=True)
    forbid(mairie, lea)
    assert held(zoe) == [(JEAN, True, None, None)]


def test_person_who_may_fetch_the_sister_is_said_and_settled_by_the_box(mairie, lea, tom, zoe):
    fin = date(2026, 12, 18)
    zoe.personnes_autorisees.create(nom="jean dupont", fin=fin)
    tom.personnes_autorisees.create(nom="J. Dupont")

    response = forbid(mairie, lea)

    assert boxes(response) == {
        "Tom|ce nom ressemble à celui de J. Dupont, qui peut venir": True,
        "Zoé|peut déjà venir jusqu’au vendredi 18 décembre 2026, cocher y met fin": True,
    }
    assert held(lea) == []
    done = again(mairie, response)
    assert held(zoe) == [(JEAN, True, None, None)]
    assert held(tom) == [("J. Dupont", False, None, None), (JEAN, True, None, None)]
    assert any("J. Dupont peut venir chercher Tom, et son nom ressemble" in dit for dit in messages_of(done))
    changes = [change for _, change in read_changes(LogEntry.objects.get(object_id=str(zoe.pk)))]
    assert FieldChange(f"Ne jamais remettre à ({JEAN}), interdite", "non", "oui") in changes


def test_sister_left_out_keeps_who_may_fetch_her(mairie, lea, zoe):
    zoe.personnes_autorisees.create(nom=JEAN)
    again(mairie, forbid(mairie, lea), aussi=[])
    assert (held(lea), held(zoe)) == ([(JEAN, True, None, None)], [(JEAN, False, None, None)])


def test_several_authorisations_of_one_name_all_end(mairie, lea, tom):
    for fin in (date(2026, 12, 11), date(2026, 12, 18)):
        tom.personnes_autorisees.create(nom=JEAN, debut=fin, fin=fin)
    again(mairie, forbid(mairie, lea))
    assert held(tom) == [(JEAN, True, None, None)]


def test_same_prohibition_is_not_written_twice(mairie, lea, tom):  # idempotent
    tom.personnes_autorisees.create(nom=JEAN, interdite=True)
    response = forbid(mairie, lea)
    assert "<p>Tom : c’est déjà noté.</p>" in html_of(response)
    again(mairie, response)
    assert (held(lea), held(tom)) == ([(JEAN, True, None, None)], [(JEAN, True, None, None)])
    assert traces(tom) == []


def test_longer_prohibition_of_a_sister_is_not_shortened_unless_it_is_ticked(mairie, lea, tom):
    tom.personnes_autorisees.create(nom=JEAN, interdite=True)
    response = forbid(mairie, lea, fin="2026-12-18")
    assert boxes(response) == {"Tom|personne déjà interdite": False}
    again(mairie, response)
    assert held(tom) == [(JEAN, True, None, None)]


def test_shorter_prohibition_of_a_sister_is_made_longer(mairie, lea, tom):
    tom.personnes_autorisees.create(nom=JEAN, interdite=True, fin=date(2026, 12, 11))
    again(mairie, forbid(mairie, lea))
    assert held(tom) == [(JEAN, True, None, None)]


def test_namesake_let_in_for_a_sister_is_to_check_again(mairie, lea, tom):  # ACC-07
    tom.personnes_autorisees.create(nom="Jacques Dupont", interdite=True)
    demande = tom.demandes_autorisation.create(nom="J. Dupont")
    mairie.post(f"{ENFANTS}demandes/", {"admettre": demande.pk})
    again(mairie, forbid(mairie, lea))
    demande.refresh_from_db()
    assert demande.attend


def test_correction_of_a_prohibition_of_one_child_leaves_the_sister_out(mairie, lea, tom):
    """The town said « for this one only »: the telephone that it corrects says nothing else."""
    personne = lea.personnes_autorisees.create(nom=JEAN, interdite=True)
    correct(mairie, personne, telephone="06 39 98 00 85")
    assert held(tom) == []


# --- An authorisation -------------------------------------------------------------------------------------------------


def test_authorisation_is_written_of_each_child_that_is_ticked(mairie, lea, tom, zoe):
    change(mairie, lea, "venir", nom="Odile Morel", lien="sa grand-mère", aussi=[tom.pk])
    assert [held(enfant) for enfant in (lea, tom, zoe)] == [[("Odile Morel", False, None, None)]] * 2 + [[]]
    assert traces(tom) == ["Peut venir chercher\u00a0: Odile Morel, ajouté·e."]


def test_authorisation_of_one_forbidden_for_a_sister_is_said_and_ticked_by_nobody(mairie, lea, tom, zoe):
    zoe.personnes_autorisees.create(nom=JEAN, interdite=True)
    tom.personnes_autorisees.create(nom="J. Dupont", interdite=True)

    response = change(mairie, lea, "venir", nom=JEAN, aussi=[tom.pk, zoe.pk])

    assert boxes(response) == {
        "Tom|ce nom ressemble à celui de J. Dupont, personne interdite": False,
        "Zoé|personne déjà interdite, cocher y met fin": False,
    }
    again(mairie, response)
    assert (held(lea), held(zoe)) == ([(JEAN, False, None, None)], [(JEAN, True, None, None)])


def test_other_days_of_somebody_authorised_are_days_more(mairie, lea, tom):
    fin = date(2026, 12, 11)
    tom.personnes_autorisees.create(nom="Odile Morel", fin=fin)
    response = change(mairie, lea, "venir", nom="Odile Morel", debut="2026-12-14", aussi=[tom.pk])
    assert boxes(response) == {"Tom|peut déjà venir jusqu’au vendredi 11 décembre 2026": False}
    again(mairie, response, aussi=[tom.pk])
    assert held(tom) == [("Odile Morel", False, None, fin), ("Odile Morel", False, date(2026, 12, 14), None)]


# --- The end of it ----------------------------------------------------------------------------------------------------


@pytest.fixture
def interdite(lea, tom, zoe):
    """For Léa and Zoé, not for Tom."""
    zoe.personnes_autorisees.create(nom=JEAN, interdite=True)
    return lea.personnes_autorisees.create(nom=JEAN, interdite=True)


@pytest.mark.parametrize("ticked", [False, True])
def test_prohibition_that_ends_is_asked_of_the_sister(mairie, interdite, zoe, ticked):
    response = correct(mairie, interdite, fin="2026-12-18")
    assert boxes(response) == {"Tom": False, "Zoé|personne déjà interdite": False}
    again(mairie, response, **({"aussi": [zoe.pk]} if ticked else {}))
    fin = date(2026, 12, 18)
    assert (held(interdite.enfant), held(zoe)) == (
        [(JEAN, True, None, fin)], [(JEAN, True, None, fin if ticked else None)]
    )  # fmt: skip


@pytest.mark.parametrize("ticked", [False, True])
def test_prohibition_that_is_lifted_is_asked_of_the_sister(mairie, interdite, zoe, ticked):
    response = correct(mairie, interdite, interdite=False)
    assert boxes(response)["Zoé|personne déjà interdite, cocher y met fin"] is False
    again(mairie, response, **({"aussi": [zoe.pk]} if ticked else {}))
    assert (held(interdite.enfant), held(zoe)) == ([(JEAN, False, None, None)], [(JEAN, not ticked, None, None)])


@pytest.mark.parametrize("ticked", [False, True])
def test_person_taken_off_the_list_is_asked_of_the_sister(mairie, interdite, zoe, ticked):
    address = sujet_of(interdite.enfant, "venir", personne=interdite.pk)
    response = mairie.post(address, opened(mairie, address) | {"retirer": "1"})
    assert (boxes(response), len(held(interdite.enfant))) == ({"Zoé|personne interdite aussi": False}, 1)
    assert ">Retirer de la liste</button>" in html_of(response)

    done = again(mairie, response, retirer="1", **({"aussi": [zoe.pk]} if ticked else {}))

    assert (held(interdite.enfant), len(held(zoe))) == ([], 0 if ticked else 1)
    assert len(traces(zoe)) == ticked
    assert f"{JEAN} n’est plus dans la liste." in messages_of(done)


# --- Near names -------------------------------------------------------------------------------------------------------


def test_near_name_is_shown_before_it_is_written_and_on_the_pages(mairie, lea, zoe):  # ACC-07
    lea.personnes_autorisees.create(nom=JEAN, interdite=True)
    response = change(mairie, lea, "venir", nom="Jean Dupond")
    near = "nom proche de Jean Dupont, personne interdite pour Léa"
    assert f"<p>N{near[1:]}.</p>" in html_of(response)
    assert len(held(lea)) == 1
    again(mairie, response)
    said = f"Jean Dupond, qui peut venir chercher Léa : {near}"
    assert said in html_of(mairie.get(page_of(lea)))
    assert said in html_of(mairie.get(f"/admin/enfance/foyer/{lea.responsables.get().foyer_id}/famille/"))


def test_near_name_of_an_adult_and_of_a_sister_s_prohibition_is_shown(mairie, lea, zoe, ailleurs):
    zoe.personnes_autorisees.create(nom="Dominique Morol", interdite=True)
    said = "Dominique Morel, responsable de Léa : nom proche de Dominique Morol, personne interdite pour Zoé, sa sœur"
    assert said in html_of(mairie.get(page_of(lea)))
    response = forbid(mairie, lea, "Dominique Morol", aussi=[])
    assert "<p>Nom proche de Dominique Morel, responsable de Léa.</p>" in html_of(response)


def test_near_name_of_a_sister_s_list_is_said_in_the_form(mairie, lea, tom):
    tom.personnes_autorisees.create(nom="Jean Dupond")
    assert boxes(forbid(mairie, lea)) == {"Tom|nom proche de Jean Dupond, qui peut venir": True}


def test_near_name_of_a_sister_s_parent_is_said_and_ticked_by_nobody(mairie, lea, zoe):
    parent = ResponsableFactory(user__first_name="Jean", user__last_name="Dupond", foyer=FoyerFactory())
    zoe.responsabilites.create(responsable=parent)
    said = {"Tom": True, "Zoé|nom proche de Jean Dupond, responsable de cet enfant": False}
    assert boxes(forbid(mairie, lea)) == said


# --- For this one only ------------------------------------------------------------------------------------------------


def test_page_of_the_sister_warns(mairie, lea, zoe):
    Enfant.objects.filter(pk=lea.pk).update(sexe="f")
    forbid(mairie, lea, lien="son oncle", aussi=[])
    said = "Personne interdite pour Léa, sa sœur : <b>Jean Dupont (son oncle)</b>. Rien ne l’interdit pour Zoé."
    assert said in html_of(mairie.get(page_of(zoe)))
    assert "interdite pour Léa" not in html_of(mairie.get(page_of(lea)))
    lea.personnes_autorisees.update(retiree_le=timezone.now())
    assert "interdite pour Léa" not in html_of(mairie.get(page_of(zoe)))


# --- Rights, and two agents ------------------------------------------------------------------------------------------


def test_sister_who_is_added_to_wants_the_right_to_add(agent_with, lea, tom):  # ACC-02
    rights = ("view_enfant", "change_enfant", "view_personneautorisee", "change_personneautorisee")
    personne = lea.personnes_autorisees.create(nom="Odile Morel")
    client = agent_with(*rights)
    assert correct(client, personne, lien="sa tante", aussi=[tom.pk]).status_code == 403
    assert (held(tom), lea.personnes_autorisees.get().lien) == ([], "")


def test_what_changed_for_a_sister_meanwhile_is_asked_again(mairie, lea, tom):
    address = sujet_of(lea, "venir", interdire=1)
    tab = opened(mairie, address) | {"nom": JEAN}
    tom.personnes_autorisees.create(nom=JEAN)
    response = mairie.post(address, tab)
    assert response.context["form"].errors == {"aussi": [RELIRE]}
    assert held(lea) == []


@pytest.mark.ci
@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_two_agents_who_forbid_from_two_files_at_once_write_once(lea, tom):
    clients = [client_of(StaffFactory()) for _ in range(2)]
    pages = [sujet_of(enfant, "venir", interdire=1) for enfant in (lea, tom)]
    tabs = [opened(client, page) | {"nom": JEAN} for client, page in zip(clients, pages, strict=True)]

    responses = at_once(*(lambda n=n: clients[n].post(pages[n], tabs[n]) for n in range(2)))

    assert sorted(response.status_code for response in responses) == [200, 302]  # the second is asked again
    assert (held(lea), held(tom)) == ([(JEAN, True, None, None)], [(JEAN, True, None, None)])
    assert PersonneAutorisee.objects.count() == 2


@pytest.mark.ci
@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_parent_who_adds_the_person_at_once_is_asked_or_the_agent_is(mairie, lea, tom, camille):  # ACC-07
    page = sujet_of(lea, "venir", interdire=1)
    tab = opened(mairie, page) | {"nom": JEAN}

    obstacles, response = at_once(
        lambda: ajouter([tom], camille, nom=JEAN, now=JEUDI_SOIR), lambda: mairie.post(page, tab)
    )

    if obstacles:  # the agent was the first
        assert (response.status_code, held(lea), held(tom)) == (302, [(JEAN, True, None, None)], held(lea))
    else:
        assert (boxes(response), held(lea)) == ({"Tom|peut déjà venir, cocher y met fin": True}, [])
        assert held(tom) == [(JEAN, False, None, None)]
