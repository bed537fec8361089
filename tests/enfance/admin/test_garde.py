"""A change of garde: what becomes of the inscriptions already made is asked before anything is written."""

from datetime import date

import pytest
from django_tasks_db.models import DBTaskResult

from enfance.inscriptions import Changement, enregistrer
from enfance.models import Enregistrement, Garde, Inscription
from enfance.regles import Acteur, Cle
from tests.enfance.admin.conftest import JEUDI_SOIR
from tests.enfance.admin.test_personnes import ENFANTS, save, texts

LUNDI_14 = date(2026, 12, 14)


def alternee(foyer, **champs):
    """One week in two at the first home from the 7th, at the other from the 14th."""
    data = {
        "gardes-0-rythme": "alternee",
        "gardes-0-depuis": "2026-12-07",
        "gardes-1-foyer": foyer.pk,
        "gardes-1-rythme": "alternee",
        "gardes-1-depuis": "2026-12-14",
        "gardes-1-passage": "lundi",
        **dict.fromkeys(["gardes-1-id", "gardes-1-enfant", "gardes-1-debut", "gardes-1-fin"], ""),
        "gardes-TOTAL_FORMS": "2",
    }
    return data | champs


def montrees(response):
    return [(ligne.jour.day, ligne.creneau.code) for ligne in response.context["lignes"]]


def page_of(lea):
    return f"{ENFANTS}{lea.pk}/change/"


def choose(client, response, suite):
    data = {}
    for nom, valeur in response.context["champs"]:
        data.setdefault(nom, []).append(valeur)
    data |= {"montree": [str(ligne.cle) for ligne in response.context["lignes"]], "suite": suite}
    return client.post(response.request["PATH_INFO"], data, follow=True)


def etats():
    lignes = Inscription.objects.order_by("jour", "creneau__ordre").values_list("jour__day", "creneau__code", "etat")
    return [(jour, code, etat) for jour, code, etat in lignes]


def test_inscriptions_left_behind_are_shown_and_nothing_is_written(mairie, lea, semaines, ailleurs):
    response = save(mairie, page_of(lea), **alternee(ailleurs.foyer))

    assert montrees(response) == [(14, "soir")]
    assert "3 rue du Lac" in response.content.decode()
    assert list(Garde.objects.values_list("rythme", flat=True)) == ["toujours"]


def test_friday_hand_over_moves_the_evening(mairie, lea, semaines, ailleurs):
    vendredi = {"gardes-0-passage": "vendredi", "gardes-1-passage": "vendredi"}

    response = save(mairie, page_of(lea), **alternee(ailleurs.foyer, **vendredi))

    assert montrees(response) == [(11, "soir"), (14, "soir")]


def test_inscriptions_left_behind_are_cancelled_and_told(mairie, lea, semaines, ailleurs):
    response = choose(mairie, save(mairie, page_of(lea), **alternee(ailleurs.foyer)), "annuler")

    assert "Inscriptions annulées par le changement de garde\u00a0: 1." in texts(response)
    assert etats()[-1] == (14, "soir", "annulee")
    assert Garde.objects.filter(rythme="alternee").count() == 2
    assert Enregistrement.objects.latest("pk").motif == "Changement de garde"
    assert "Changement de garde dit aux parents, par e-mail\u00a0: 2." in texts(response)
    assert {task.task_path for task in DBTaskResult.objects.all()} == {"enfance.courriels.tasks.send_garde"}


def test_inscriptions_left_behind_are_left_to_who_made_them(mairie, lea, semaines, ailleurs):
    response = choose(mairie, save(mairie, page_of(lea), **alternee(ailleurs.foyer)), "laisser")

    assert "Inscriptions laissées au foyer qui les a faites\u00a0: 1." in texts(response)
    assert {etat for *_, etat in etats()} == {"inscrit"}
    cle = Cle(lea.pk, LUNDI_14, "soir")
    assert Inscription.objects.get(jour=LUNDI_14).foyer != ailleurs.foyer
    refusee = enregistrer([Changement(cle, "annulee")], Acteur.parent(lea.responsables.first()), now=JEUDI_SOIR)
    assert [refus.obstacles[0].code for refus in refusee.refus] == ["garde"]
    assert enregistrer([Changement(cle, "annulee")], Acteur.parent(ailleurs), now=JEUDI_SOIR).refus == ()


def test_inscription_made_meanwhile_is_asked_about_again(mairie, lea, semaines, ailleurs):
    question = save(mairie, page_of(lea), **alternee(ailleurs.foyer))
    cle = Cle(lea.pk, date(2026, 12, 15), "soir")
    enregistrer([Changement(cle, "inscrit")], Acteur.parent(lea.responsables.first()), now=JEUDI_SOIR)

    response = choose(mairie, question, "annuler")

    assert montrees(response) == [(14, "soir"), (15, "soir")]
    assert etats()[-1] == (15, "soir", "inscrit")


@pytest.mark.parametrize("suite", ["", "autre"])
def test_nothing_is_decided_by_itself(mairie, lea, semaines, ailleurs, suite):
    response = choose(mairie, save(mairie, page_of(lea), **alternee(ailleurs.foyer)), suite)

    assert montrees(response) == [(14, "soir")]
    assert not Garde.objects.filter(rythme="alternee").exists()


def test_what_was_left_before_is_not_asked_about_again(mairie, lea, semaines, ailleurs):
    choose(mairie, save(mairie, page_of(lea), **alternee(ailleurs.foyer)), "laisser")

    response = save(mairie, page_of(lea), **{"gardes-1-debut": "2026-12-01"})

    assert response.status_code == 200
    assert response.context.get("lignes") is None
    assert Garde.objects.filter(debut=date(2026, 12, 1)).exists()


def test_change_that_leaves_nothing_behind_is_made_at_once(mairie, lea, semaines, ailleurs):
    save(mairie, page_of(lea), **{"gardes-1-foyer": ailleurs.foyer_id, "gardes-1-rythme": "toujours",
                                  "gardes-1-passage": "lundi", "gardes-1-debut": "2027-01-04",
                                  "gardes-1-id": "", "gardes-1-enfant": "", "gardes-1-depuis": "",
                                  "gardes-1-fin": "", "gardes-TOTAL_FORMS": "2"})  # fmt: skip

    assert Garde.objects.count() == 2


def test_garde_that_ends_leaves_the_days_after_to_nobody(mairie, lea, semaines):
    response = save(mairie, page_of(lea), **{"gardes-0-fin": "2026-12-11"})

    assert montrees(response) == [(14, "soir")]
    assert "Personne" in response.content.decode()
