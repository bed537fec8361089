"""What ONDE leaves open on its screen: who is who, answered by the town hall, held to the person."""

from __future__ import annotations

from dataclasses import replace

import pytest

from enfance.models import Enfant, Responsable
from tests.enfance.mairie.onde.ecran import LISTE, confirme, depose, page_of
from tests.enfance.onde.ecole import database, run
from tests.enfance.onde.exemples import ADULTES, ANNE, ECOLE, GRANDS, HELENE, LEA, MOYENS, NADIA, A, E, change
from tests.reading import plain_all

pytestmark = pytest.mark.ci

DOUBLE = replace(NADIA, adresse="99 rue Neuve", portable="0639980077", courriel="autre@courriel.example")
TROISIEME = replace(NADIA, adresse="1 place Neuve", portable="0639980088", courriel="troisieme@courriel.example")


def ask(client, response, *valeurs):
    """Answer the questions of this preview in their order, and look at the preview again."""
    page = f"{LISTE}{response.context['depot'].pk}/change/"
    return client.post(page, {**reponses(response, *valeurs), "apercu": "1"}, follow=True)


def reponses(response, *valeurs) -> dict[str, str]:
    questions = response.context["bilan"].questions
    return {f"q-{q.cle}": valeur for q, valeur in zip(questions, valeurs, strict=True)}


@pytest.fixture
def deux_nadia(annee) -> tuple[Responsable, Responsable]:
    """Two adults of one name for one child, and a third line in the file: who is she?"""
    run(annee, adultes=[*ADULTES, DOUBLE])
    return tuple(Responsable.objects.filter(user__first_name="Nadia").order_by("pk"))


ADULTES_3 = change(ADULTES, NADIA, **{k: getattr(TROISIEME, k) for k in ("adresse", "portable", "courriel")})


def test_open_question_shows_who_it_may_be(mairie, annee, deux_nadia):
    (question,) = depose(mairie, annee, adultes=ADULTES_3).context["bilan"].questions

    assert plain_all([question.texte]) == [
        "Qui est Nadia BERGER (troisieme@courriel.example, 1 place Neuve, 06 39 98 00 88, responsable de Jules) ?"
    ]
    assert [option.valeur for option in question.options] == [
        *(f"responsable-{nadia.pk}" for nadia in deux_nadia),
        "nouveau",
    ]


@pytest.mark.parametrize("rang", [0, 1])
def test_adult_chosen_among_two_is_changed(mairie, annee, deux_nadia, rang):
    choisie, autre = deux_nadia[rang], deux_nadia[1 - rang]
    valeur = f"responsable-{choisie.pk}"
    response = ask(mairie, depose(mairie, annee, adultes=ADULTES_3), valeur)
    assert len(response.context["bilan"].responsables.modifies) == 1

    confirme(mairie, response, **reponses(response, valeur))

    choisie.user.refresh_from_db()
    assert choisie.user.email == "troisieme@courriel.example"
    assert Responsable.objects.get(pk=autre.pk).user.email == autre.user.email
    assert depose(mairie, annee, adultes=ADULTES_3).context["bilan"].questions == []  # known from now on


def test_adult_said_to_be_new_is_created(mairie, annee, deux_nadia):
    response = ask(mairie, depose(mairie, annee, adultes=ADULTES_3), "nouveau")

    confirme(mairie, response, **reponses(response, "nouveau"))

    assert Responsable.objects.filter(user__first_name="Nadia").count() == 3
    response = depose(mairie, annee, adultes=ADULTES_3)
    assert (response.context["bilan"].questions, response.context["bilan"].responsables.crees) == ([], 0)


def test_question_without_answer_leaves_the_person_alone(mairie, annee, deux_nadia):
    avant = database()
    response = confirme(mairie, depose(mairie, annee, adultes=ADULTES_3))

    assert database() == avant
    assert "À préciser, rien n’a été deviné" in [section["titre"] for section in response.context["depot"].bilan]


HUGO_CP = E("MARTIN", "Hugo", "03/04/2020", "CP", MOYENS, "0600000201A")
HUGO_CE1 = E("MARTIN", "Hugo", "05/06/2019", "CE1", MOYENS, "0600000202B")
MARIE = A("MME", "MARTIN", "Marie", "2 rue du Lac", "marie@courriel.example", "0639980021", (HUGO_CP.cite(),))


@pytest.mark.parametrize("choisi", [HUGO_CP, HUGO_CE1, None])
def test_child_chosen_among_two_homonyms_of_one_class_is_linked(mairie, annee, choisi):
    enfants, adultes = [*ECOLE, HUGO_CP, HUGO_CE1], [*ADULTES, MARIE]
    response = depose(mairie, annee, enfants, adultes)
    (question,) = response.context["bilan"].questions
    assert question.options[0].libelle.startswith("Hugo MARTIN, CP-CE1 M. Érable, date de naissance 03/04/2020")
    valeur = question.options[[HUGO_CP, HUGO_CE1, None].index(choisi)].valeur

    confirme(mairie, ask(mairie, response, valeur), **reponses(response, valeur))

    hugos = Enfant.objects.filter(prenom="Hugo", responsables__user__first_name="Marie")
    assert [hugo.ine for hugo in hugos] == ([choisi.ine] if choisi else [])
    again = depose(mairie, annee, enfants, adultes).context["bilan"]  # ONDE is as ambiguous as before
    assert ([q.reponse for q in again.questions], again.doutes) == ([valeur], [])


def test_child_under_a_corrected_name_is_recognised_or_new(mairie, annee):
    run(annee, ine=False)
    anne = Enfant.objects.get(prenom="Anne-Sophie")
    enfants = change(ECOLE, ANNE, prenom="Anna-Sophia")
    adultes = change(ADULTES, HELENE, enfants=(("", "LEFÈVRE", "Anna-Sophia", GRANDS),))
    response = depose(mairie, annee, enfants, adultes, ine=False)

    nouvelle = ask(mairie, response, "nouveau").context["bilan"]
    assert (nouvelle.eleves.venus, nouvelle.eleves.partis) == (
        ["Anna-Sophia LEFÈVRE"],
        [f"Anne-Sophie LEFÈVRE, {GRANDS}"],
    )
    meme = ask(mairie, response, f"enfant-{anne.pk}")
    assert plain_all(meme.context["bilan"].eleves.modifies) == [
        "Anna-Sophia LEFÈVRE : prénom « Anne-Sophie » → « Anna-Sophia »"
    ]
    confirme(mairie, meme, **reponses(meme, f"enfant-{anne.pk}"))
    anne.refresh_from_db()
    assert (anne.prenom, Enfant.objects.count()) == ("Anna-Sophia", 12)


def test_child_with_another_ine_is_recognised_or_new(mairie, annee):
    run(annee)
    lea = Enfant.objects.get(prenom="Léa")
    response = depose(mairie, annee, change(ECOLE, LEA, ine="0600000099Z"))

    assert ask(mairie, response, "nouveau").context["bilan"].eleves.venus == ["Léa MOREL"]
    meme = ask(mairie, response, f"enfant-{lea.pk}")
    confirme(mairie, meme, **reponses(meme, f"enfant-{lea.pk}"))
    lea.refresh_from_db()
    assert lea.ine == "0600000099Z"


def test_answers_hold_when_the_lines_are_sorted_otherwise(mairie, annee, deux_nadia):
    response = ask(mairie, depose(mairie, annee, adultes=ADULTES_3), f"responsable-{deux_nadia[0].pk}")

    response = depose(mairie, annee, ECOLE[::-1], ADULTES_3[::-1], page=page_of(response))

    bilan = response.context["bilan"]
    assert ([q.reponse for q in bilan.questions], bilan.doutes) == ([f"responsable-{deux_nadia[0].pk}"], [])


@pytest.mark.parametrize("valeur", ["responsable-999999", "enfant-1", "nouveau'", "\N{SNOWMAN}", "x" * 500])
def test_answer_that_is_no_option_is_no_answer(mairie, annee, deux_nadia, valeur):
    response = ask(mairie, depose(mairie, annee, adultes=ADULTES_3), valeur)

    assert [q.reponse for q in response.context["bilan"].questions] == [""]
    assert len(response.context["bilan"].doutes) == 1


def test_answers_that_were_not_previewed_are_shown_first(mairie, annee, deux_nadia):
    response = depose(mairie, annee, adultes=ADULTES_3)
    avant = database()

    response = confirme(mairie, response, **reponses(response, "nouveau"))

    assert "vos réponses l’ont changé" in response.context["alerte"]
    assert database() == avant
    confirme(mairie, response, **reponses(response, "nouveau"))
    assert Responsable.objects.filter(user__first_name="Nadia").count() == 3
