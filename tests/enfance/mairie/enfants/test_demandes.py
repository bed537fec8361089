"""The persons to check: shown to the town hall, answered in one click, asked again when somebody else is forbidden."""

import re

import pytest
from django.contrib.admin.models import LogEntry
from django_tasks_db.models import DBTaskResult

from enfance.famille.autorisations import ajouter
from enfance.mairie.enfants.demandes import load_a_verifier
from enfance.mairie.enfants.lecture import load_fiche
from enfance.models import DemandeAutorisation, PersonneAutorisee
from tests.enfance.mairie.conftest import JEUDI_SOIR, client_of
from tests.enfance.mairie.enfants.fiche import ENFANTS, change, opened, sujet_of
from tests.factories import ResponsableFactory, make_enfant
from tests.reading import html_of, messages_of

PAGE = f"{ENFANTS}demandes/"


@pytest.fixture
def demande(lea):
    lea.personnes_autorisees.create(nom="Jean Dupont", interdite=True)
    return lea.demandes_autorisation.create(
        nom="J. Dupont", lien="sa tante", telephone="06 39 98 00 85", demandee_par=lea.responsables.get().user
    )


def page_of(lea):
    return f"{ENFANTS}{lea.pk}/change/"


def answer(client, follow=True, **data):
    return client.post(PAGE, data, follow=follow)


@pytest.mark.parametrize("page", ["list", "child"])
def test_town_hall_sees_who_asked_whom_and_whom_the_name_is_like(mairie, lea, demande, page):  # ACC-07
    html = html_of(mairie.get(PAGE if page == "list" else page_of(lea)))
    for said in (
        "J. Dupont (sa tante)", "<strong>Jean Dupont</strong>, à qui l’enfant n’est jamais remis",
        "le 3 décembre 2026 par Camille Morel", "06 39 98 00 85", "C’est quelqu’un d’autre : autoriser", ">Refuser<",
    ):  # fmt: skip
        assert said in html, said


def test_name_is_compared_with_prohibitions_that_hold_alone(lea, demande):
    lea.personnes_autorisees.create(nom="J. Dupont", lien="voisin")
    [vu] = load_a_verifier([demande])
    assert [personne.nom for personne in vu.interdites] == ["Jean Dupont"]

    lea.personnes_autorisees.filter(interdite=True).update(retiree_le=JEUDI_SOIR)

    [vu] = load_a_verifier([demande])
    assert vu.interdites == []


def test_home_leads_to_the_persons_to_check(mairie, demande):
    html = html_of(mairie.get("/admin/"))
    assert f'<a href="{PAGE}"><b>1</b> <span>personne à vérifier avant de l’autoriser <small>Léa</small></span>' in html


def test_one_click_lets_a_namesake_in(mairie, agente, lea, demande):  # ACC-07, ADM-04
    response = answer(mairie, admettre=demande.pk)
    assert messages_of(response) == ["J. Dupont, sa tante peut venir chercher Léa."]
    personne = lea.personnes_autorisees.autorisees(JEUDI_SOIR.date()).get()
    assert (personne.nom, personne.ajoutee_par) == ("J. Dupont", lea.responsables.get().user)
    trace = LogEntry.objects.get(object_id=str(lea.pk))
    assert (trace.user, "J. Dupont, sa tante peut venir chercher Léa" in trace.change_message) == (agente, True)
    assert DBTaskResult.objects.filter(task_path__endswith=".tell_autorisation").count() == 1
    assert "Personne à vérifier." in html_of(response)
    html = html_of(mairie.get(page_of(lea)))
    assert ("homonyme, admis le 3 décembre 2026 par Dominique Sorbier" in html, 'name="admettre"' in html) == (
        True,
        False,
    )


def test_another_click_refuses_and_the_trace_stays(mairie, lea, demande):  # ACC-07, ADM-04
    response = answer(mairie, refuser=demande.pk)
    assert messages_of(response) == ["J. Dupont, sa tante reste sans autorisation de venir chercher Léa."]
    assert LogEntry.objects.filter(object_id=str(lea.pk)).count() == 1
    assert "personne à vérifier" not in html_of(mairie.get("/admin/"))
    html = html_of(mairie.get(page_of(lea)))
    assert ("refus le 3 décembre 2026" in html, 'name="admettre"' in html, 'name="refuser"' in html) == (
        True,
        True,
        False,
    )


def test_answer_goes_back_to_the_page_of_the_child(mairie, lea, demande):
    response = mairie.post(f"{PAGE}?next={page_of(lea)}", {"admettre": demande.pk})
    assert response["Location"] == page_of(lea)
    assert mairie.post(f"{PAGE}?next=https://ailleurs.example/", {"refuser": 1})["Location"] == PAGE  # SES-07


@pytest.mark.parametrize("data", [{}, {"admettre": "x"}, {"admettre": "9" * 30}, {"refuser": "0"}, {"admettre": "77"}])
def test_forged_answer_changes_nothing(mairie, demande, data):  # VAL-08
    assert messages_of(answer(mairie, **data)) == ["Cette demande a déjà sa réponse : rien n’a changé."]
    assert DemandeAutorisation.objects.get().attend
    assert LogEntry.objects.count() == 0


def test_answer_is_given_once(mairie, demande):
    answer(mairie, admettre=demande.pk)
    assert "déjà sa réponse" in messages_of(answer(mairie, admettre=demande.pk))[0]
    assert (PersonneAutorisee.objects.filter(interdite=False).count(), LogEntry.objects.count()) == (1, 1)


def test_click_lets_in_what_was_read_though_it_was_asked_otherwise_meanwhile(mairie, lea, demande):  # ACC-07
    assert "(sa tante)" in html_of(mairie.get(PAGE))
    parent = lea.responsables.get()
    ajouter([lea], parent, nom="J. Dupont", lien="son père", telephone="06 39 98 00 86", now=JEUDI_SOIR)
    assert messages_of(answer(mairie, admettre=demande.pk)) == ["J. Dupont, sa tante peut venir chercher Léa."]
    personne = lea.personnes_autorisees.get(interdite=False)
    assert (personne.lien, personne.telephone) == ("sa tante", "06 39 98 00 85")
    html = html_of(mairie.get(PAGE))
    assert ("(son père)" in html, "(sa tante)" in html) == (True, False)
    assert 'autoriser<span class="vh"> J. Dupont, son père</span>' in html


def test_reader_answers_nothing_and_a_stranger_reads_nothing(agent_with, demande, lea):  # ACC-02
    reader = agent_with("view_enfant", "view_personneautorisee")
    assert ("J. Dupont" in html_of(reader.get(PAGE)), 'name="admettre"' in html_of(reader.get(PAGE))) == (True, False)
    assert answer(reader, admettre=demande.pk).status_code == 403
    stranger = agent_with("view_enfant")
    assert stranger.get(PAGE).status_code == 403
    assert "J. Dupont" not in html_of(stranger.get(page_of(lea)))
    assert DemandeAutorisation.objects.get().attend


@pytest.mark.parametrize("n", [1, 4])
def test_list_costs_the_same_queries(mairie, demande, django_assert_num_queries, n):
    for rang in range(n - 1):
        enfant = make_enfant(ResponsableFactory(), prenom=f"Enfant {rang}")
        enfant.personnes_autorisees.create(nom="Jean Dupont", interdite=True)
        enfant.demandes_autorisation.create(nom="Dupont", demandee_par=enfant.responsables.get().user)
    mairie.get(PAGE)
    with django_assert_num_queries(4):
        assert html_of(mairie.get(PAGE)).count('name="admettre"') == n


# --- A prohibition ----------------------------------------------------------------------------------------------------


def forbid(client, lea, nom):
    return change(client, lea, "venir", nom=nom, interdite="on")


def correct(client, personne, **changes):
    return change(client, personne.enfant, "venir", {"personne": personne.pk}, **changes)


def warnings(response):
    return re.findall(r"<p>(Attention : [^<]*)</p>", html_of(response))


def test_prohibition_says_at_once_who_may_come_under_such_a_name(mairie, lea):  # ACC-07
    lea.personnes_autorisees.create(nom="J. Dupont")
    lea.personnes_autorisees.create(nom="Odile Dupont")
    [warning] = warnings(forbid(mairie, lea, "Jean Dupont"))
    assert "J. Dupont peut venir chercher Léa, et son nom ressemble à celui de Jean Dupont" in warning


def test_authorised_person_added_by_the_town_hall_is_warned_of_too(mairie, lea, demande):
    [warning] = warnings(change(mairie, lea, "venir", nom="Mme Dupont"))
    assert "Mme Dupont peut venir chercher" in warning


def test_namesake_who_was_let_in_is_warned_of_no_more(mairie, lea, demande):
    answer(mairie, admettre=demande.pk)
    assert warnings(change(mairie, lea, "identite", prenom="Léa-Rose")) == []


def test_new_prohibition_puts_the_namesake_among_those_to_check(mairie, lea, demande):  # ACC-07
    answer(mairie, admettre=demande.pk)
    assert len(warnings(forbid(mairie, lea, "Jacques Dupont"))) == 2
    assert "<b>1</b> <span>personne à vérifier" in html_of(mairie.get("/admin/"))
    answer(mairie, admettre=demande.pk)
    assert PersonneAutorisee.objects.filter(interdite=False).count() == 1


def test_namesake_who_is_forbidden_after_all_is_to_check_again(mairie, lea, demande):
    answer(mairie, admettre=demande.pk)
    correct(mairie, lea.personnes_autorisees.get(nom="J. Dupont"), interdite="on")
    assert lea.personnes_autorisees.filter(interdite=True).count() == 2
    assert DemandeAutorisation.objects.get().attend


def test_telephone_of_a_forbidden_person_asks_nothing_again(mairie, lea, demande):
    answer(mairie, admettre=demande.pk)
    correct(mairie, lea.personnes_autorisees.get(nom="Jean Dupont"), telephone="06 39 98 00 86")
    assert DemandeAutorisation.objects.get().admise


def test_child_with_both_names_is_warned_of(agente, lea):
    client, tom = client_of(agente), make_enfant(ResponsableFactory(), prenom="Tom")
    forbid(client, tom, "Jean Dupont")
    assert len(warnings(change(client, tom, "venir", nom="Dupont"))) == 1


def test_person_taken_off_the_list_is_traced(mairie, lea, demande):  # ADM-04
    personne = lea.personnes_autorisees.get()
    address = sujet_of(lea, "venir", personne=personne.pk)
    mairie.post(address, opened(mairie, address) | {"retirer": "1"})
    assert not lea.personnes_autorisees.exists()
    assert LogEntry.objects.get().change_message == ("Ne jamais remettre à\u00a0: Jean Dupont, retiré·e de la liste.")


def test_person_of_another_child_is_not_reached(mairie, lea, demande):  # ACC-02
    tom = make_enfant(ResponsableFactory(), prenom="Tom")
    address = sujet_of(tom, "venir", personne=lea.personnes_autorisees.get().pk)
    assert (mairie.get(address).status_code, mairie.post(address, {"retirer": "1"}).status_code) == (404, 404)


def test_person_taken_off_the_list_is_no_longer_among_those_who_may_come(lea):
    lea.personnes_autorisees.create(nom="Rose Martin", retiree_le=JEUDI_SOIR)
    lea.personnes_autorisees.create(nom="Odile Morel")
    fiche = load_fiche(lea, now=JEUDI_SOIR)
    assert [[personne.nom for personne in liste] for liste in (fiche.autorisees, fiche.retirees)] == [
        ["Odile Morel"], ["Rose Martin"]
    ]  # fmt: skip
