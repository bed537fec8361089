"""A change of garde: what becomes of the inscriptions already made is asked before anything is written."""

import re
from datetime import date

import pytest
from django.contrib.admin.models import LogEntry
from django_tasks_db.models import DBTaskResult

from accounts.log import read_changes
from enfance.inscriptions import Changement, enregistrer
from enfance.models import Enregistrement, Garde, Inscription
from enfance.regles import Acteur, Cle
from tests.enfance.mairie.conftest import JEUDI_SOIR
from tests.enfance.mairie.enfants.fiche import change, confirm, sujet_of
from tests.enfance.mairie.enfants.gardes import alternee, etats
from tests.reading import html_of, messages_of, plain

LUNDI_14 = date(2026, 12, 14)


def shown(response):
    """The rows of the preview."""
    return [ligne for tableau in response.context["apercu"].tableaux for ligne in tableau.lignes]


def montrees(response):
    return [(plain(ligne[0]), ligne[1]) for ligne in shown(response)]


VENDREDI_SOIR, LUNDI_SOIR = ("vendredi 11 décembre 2026", "Soir"), ("lundi 14 décembre 2026", "Soir")


def test_inscriptions_left_behind_are_shown_and_nothing_is_written(mairie, lea, semaines, ailleurs):
    response = change(mairie, lea, "garde", **alternee(ailleurs.foyer))

    assert montrees(response) == [LUNDI_SOIR]
    assert "3 rue du Lac" in response.text
    assert list(Garde.objects.values_list("rythme", flat=True)) == ["toujours"]


def test_friday_hand_over_moves_the_evening(mairie, lea, semaines, ailleurs):
    response = change(mairie, lea, "garde", **alternee(ailleurs.foyer, passage="vendredi"))

    assert montrees(response) == [VENDREDI_SOIR, LUNDI_SOIR]


def test_inscriptions_left_behind_are_cancelled_and_told(mairie, lea, semaines, ailleurs):
    response = confirm(mairie, change(mairie, lea, "garde", **alternee(ailleurs.foyer)), "annuler")

    assert "Inscriptions annulées par le changement de garde : 1." in messages_of(response)
    assert etats()[-1] == (14, "soir", "annulee")
    assert Garde.objects.filter(rythme="alternee").count() == 2
    assert Enregistrement.objects.latest("pk").motif == "Changement de garde"
    assert "Changement de garde dit aux parents, par e-mail : 2." in messages_of(response)
    assert {task.task_path for task in DBTaskResult.objects.all()} == {"enfance.courriels.tasks.send_garde"}


def test_inscriptions_left_behind_are_left_to_who_made_them(mairie, lea, semaines, ailleurs):
    response = confirm(mairie, change(mairie, lea, "garde", **alternee(ailleurs.foyer)), "laisser")

    assert "Inscriptions laissées au foyer qui les a faites : 1." in messages_of(response)
    assert {etat for *_, etat in etats()} == {"inscrit"}
    cle = Cle(lea.pk, LUNDI_14, "soir")
    assert Inscription.objects.get(jour=LUNDI_14).foyer != ailleurs.foyer
    refusee = enregistrer([Changement(cle, "annulee")], Acteur.parent(lea.responsables.first()), now=JEUDI_SOIR)
    assert [refus.obstacles[0].code for refus in refusee.refus] == ["garde"]
    assert enregistrer([Changement(cle, "annulee")], Acteur.parent(ailleurs), now=JEUDI_SOIR).refus == ()


def test_inscription_made_meanwhile_is_asked_about_again(mairie, lea, semaines, ailleurs):
    question = change(mairie, lea, "garde", **alternee(ailleurs.foyer))
    cle = Cle(lea.pk, date(2026, 12, 15), "soir")
    enregistrer([Changement(cle, "inscrit")], Acteur.parent(lea.responsables.first()), now=JEUDI_SOIR)

    response = confirm(mairie, question, "annuler")

    assert montrees(response) == [LUNDI_SOIR, ("mardi 15 décembre 2026", "Soir")]
    assert etats()[-1] == (15, "soir", "inscrit")


def test_inscription_gone_meanwhile_is_asked_about_again(mairie, lea, semaines, ailleurs):
    question = change(mairie, lea, "garde", **alternee(ailleurs.foyer))
    Inscription.objects.filter(jour=LUNDI_14).update(etat="annulee")

    response = confirm(mairie, question, "annuler")

    assert (response.context["change"], montrees(response)) == (True, [])
    assert not Garde.objects.filter(rythme="alternee").exists()


@pytest.mark.parametrize("suite", ["", "autre", "1"])
def test_nothing_is_decided_by_itself(mairie, lea, semaines, ailleurs, suite):
    response = confirm(mairie, change(mairie, lea, "garde", **alternee(ailleurs.foyer)), suite)

    assert montrees(response) == [LUNDI_SOIR]
    assert not Garde.objects.filter(rythme="alternee").exists()


def test_what_was_left_before_is_not_asked_about_again(mairie, lea, semaines, ailleurs):
    confirm(mairie, change(mairie, lea, "garde", **alternee(ailleurs.foyer)), "laisser")

    response = change(mairie, lea, "garde", **alternee(ailleurs.foyer, debut="2026-12-28"))

    assert montrees(response) == []
    confirm(mairie, response)
    assert Garde.objects.filter(debut=date(2026, 12, 28)).exists()


def test_change_that_leaves_nothing_behind_asks_only_to_confirm(mairie, lea, semaines, ailleurs):
    question = change(mairie, lea, "garde", rythme="tous", debut="2027-01-04")

    apercu = question.context["apercu"]
    assert (apercu.phrase, montrees(question)) == ("Aucune inscription déjà faite n’est touchée.", [])
    assert [suite.verbe for suite in apercu.suites] == ["Enregistrer"]
    confirm(mairie, question)
    assert Garde.objects.count() == 2


def test_garde_that_ends_leaves_the_days_after_to_nobody(mairie, lea, semaines):
    response = change(mairie, lea, "garde", rythme="aucun", debut="2026-12-12")

    assert montrees(response) == [LUNDI_SOIR]
    assert shown(response)[0][-1] == "Personne"


# --- In words ---------------------------------------------------------------------------------------------------------


def rows(lea):
    lignes = lea.gardes.order_by("debut", "depuis", "pk").values_list("rythme", "depuis", "debut", "fin")
    return [tuple(str(valeur) if valeur else "" for valeur in ligne) for ligne in lignes]


def test_weeks_alternate_from_a_monday_on_and_the_first_garde_ends_on_its_eve(mairie, lea, ailleurs):
    response = confirm(mairie, change(mairie, lea, "garde", **alternee(ailleurs.foyer)))

    assert sorted(rows(lea)) == [
        ("alternee", "2026-12-07", "2026-12-07", ""),
        ("alternee", "2026-12-14", "2026-12-07", ""),
        ("toujours", "", "", "2026-12-06"),
    ]
    html = html_of(response)
    phrase = (
        "ne semaine sur deux, à partir du lundi 7 décembre 2026, d’abord chez Camille Morel, puis chez Dominique Morel"
    )
    assert f"U{phrase}." in html
    [(_, trace)] = read_changes(LogEntry.objects.get())
    assert (trace.label, trace.before) == ("Garde", "tous les jours chez Camille Morel")
    assert plain(trace.after) == f"u{phrase}"


def test_what_was_foreseen_after_that_day_goes(mairie, lea, ailleurs):
    confirm(mairie, change(mairie, lea, "garde", **alternee(ailleurs.foyer, debut="2027-01-04")))

    confirm(mairie, change(mairie, lea, "garde", rythme=f"seul-{ailleurs.foyer_id}", debut="2026-12-21"))

    assert sorted(rows(lea)) == [("toujours", "", "", "2026-12-20"), ("toujours", "", "2026-12-21", "")]


def test_garde_that_goes_on_as_it_is_stays_one(mairie, lea, ailleurs):
    confirm(mairie, change(mairie, lea, "garde", rythme="tous", debut="2026-12-07"))

    assert sorted(rows(lea)) == [("toujours", "", "", ""), ("toujours", "", "2026-12-07", "")]


@pytest.mark.parametrize(
    ("champs", "champ", "phrase"),
    [
        (
            {"debut": "2026-12-09"},
            "debut",
            "Choisissez un lundi\u00a0: le 7\u00a0décembre 2026, ou le 14\u00a0décembre 2026.",
        ),
        ({"debut": ""}, "debut", "Ce champ est obligatoire."),
        ({"rythme": ""}, "rythme", "Ce champ est obligatoire."),
    ],
)
def test_what_no_garde_can_be_is_refused(mairie, lea, ailleurs, champs, champ, phrase):
    response = change(mairie, lea, "garde", **alternee(ailleurs.foyer) | champs)

    assert response.context["form"].errors == {champ: [phrase]}
    assert "<title>Erreur\u00a0: " in response.text
    assert rows(lea) == [("toujours", "", "", "")]


def test_custody_is_changed_with_eight_inputs_at_most(mairie, lea, ailleurs):
    html = mairie.get(sujet_of(lea, "garde")).text

    fields = re.findall(r"<(?:input|select|textarea)\b[^>]*>", html)
    assert len([field for field in fields if 'type="hidden"' not in field]) == 8
