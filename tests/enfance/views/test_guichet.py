"""A family's planning at the counter: the parent's reader and writer, under the agent's own name (ADM-06)."""

from __future__ import annotations

from datetime import date

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django_tasks_db.models import DBTaskResult

from enfance.inscriptions import Changement, enregistrer
from enfance.models import Creneau, Enregistrement, Evenement, Fermeture, Garde, Inscription, ListeRepas, Repas
from enfance.regles import Acteur, Cle
from tests.clients import Client
from tests.enfance.views.conftest import NOW
from tests.factories import FoyerFactory, ResponsableFactory, StaffFactory, make_creneaux, make_enfant

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
MOTIF = "Appel de la mère, hospitalisée"
LIMITE = "la date limite est passée (jeudi 3\u00a0décembre, 12\u00a0h)."


@pytest.fixture
def famille(db):
    """Léa and Tom, who live with Camille."""
    make_creneaux()
    camille = ResponsableFactory(user__identifiant="3816238")
    return {
        "camille": camille,
        "foyer": camille.foyer,
        "lea": make_enfant(camille, prenom="Léa"),
        "tom": make_enfant(camille, prenom="Tom", date_naissance=date(2021, 5, 2)),
    }


@pytest.fixture
def agente(db):
    return StaffFactory(identifiant="5550011", first_name="Dominique", last_name="Sorbier")


@pytest.fixture
def mairie(client, agente) -> Client:
    client.force_login(agente)
    return client


def page_of(famille, mois: str = "2026-12") -> str:
    return f"/guichet/{famille['foyer'].pk}/planning/{mois}/"


def cle(enfant, jour: int, creneau: str = "soir") -> str:
    return str(Cle(enfant.pk, date(2026, 12, jour), creneau))


def cases(response) -> dict[str, object]:
    return {str(case.cle): case for semaine in response.context["mois"].semaines for case in semaine.cases}


def save(client, famille, **data):
    return client.send(page_of(famille), {"avant": "", "enregistrer": "1", **data})


def test_planning_opens_on_the_month_of_the_next_school_day(mairie, famille):
    response = mairie.get(f"/guichet/{famille['foyer'].pk}/planning/")

    assert (response.status_code, response["Location"]) == (302, page_of(famille))


def test_planning_is_the_parents_with_the_same_boxes(mairie, famille):  # ADM-06
    parent = Client()
    parent.force_login(famille["camille"].user)

    la_leur, la_notre = cases(parent.get("/planning/2026-12/")), cases(mairie.get(page_of(famille)))

    a_temps = {key: case for key, case in la_leur.items() if case.genre == "libre"}
    assert a_temps == {key: la_notre[key] for key in a_temps}
    assert {key for key, case in la_leur.items() if case.genre in {"ferme", "saute"}} == {
        key for key, case in la_notre.items() if case.genre in {"ferme", "saute"}
    }


def test_agent_registers_under_their_own_name_and_the_family_is_told(mairie, agente, famille):
    response = save(mairie, famille, r=[cle(famille["lea"], 8)])

    enregistrement = Enregistrement.objects.get()
    assert (response.status_code, response["Location"]) == (
        303,
        f"{page_of(famille)}?enregistre={enregistrement.pk}#resultat",
    )
    assert (enregistrement.auteur, enregistrement.porte, enregistrement.foyer) == (agente, "mairie", None)
    inscription = Inscription.objects.get()
    assert (inscription.etat, inscription.origine, inscription.foyer) == ("inscrit", "mairie", famille["foyer"])
    assert [task.task_path for task in DBTaskResult.objects.all()] == ["enfance.courriels.tasks.tell_family"]
    [entry] = LogEntry.objects.all()  # ADM-04
    assert (entry.user, entry.object_id) == (agente, str(famille["foyer"].pk))
    assert entry.get_change_message() == (
        f"Planning, {enregistrement}\u00a0: Léa\u00a0: soir ajouté, mardi 8\u00a0décembre."
    )


def test_result_says_who_is_told(mairie, famille):
    response = save(mairie, famille, r=[cle(famille["lea"], 8)])

    html = mairie.get(response["Location"]).text

    assert "La famille est prévenue par e-mail\u00a0: parent3816238@courriel.example." in html


def test_result_says_to_speak_to_a_family_without_email(mairie, famille):
    famille["camille"].user.email = ""
    famille["camille"].user.save()
    response = save(mairie, famille, r=[cle(famille["lea"], 8)])

    assert "Personne de la famille n’a d’adresse e-mail" in mairie.get(response["Location"]).text


def test_box_past_its_limit_is_open_and_says_so(mairie, famille):
    case = cases(mairie.get(page_of(famille)))[cle(famille["lea"], 4)]

    assert (case.genre, case.motif, case.note) == ("libre", True, "délai")


def test_limit_is_passed_with_a_reason_only(mairie, famille):
    refused = save(mairie, famille, r=[cle(famille["lea"], 4)])
    before = Inscription.objects.count()
    done = save(mairie, famille, r=[cle(famille["lea"], 4)], motif=MOTIF)

    assert (refused.status_code, before, done.status_code) == (200, 0, 303)
    [refus] = refused.context["refus"].refus
    assert (refus.texte, refus.motif) == (f"Léa, vendredi 4, soir\u00a0: {LIMITE}", True)
    assert refused.context["form"].errors == {
        "motif": ["Pour faire quand même ce qui est refusé, écrivez pourquoi, puis enregistrez de nouveau."]
    }
    assert Enregistrement.objects.get().motif == MOTIF
    assert LogEntry.objects.get().get_change_message().endswith(f"Motif\u00a0: {MOTIF}.")


def test_box_that_lacks_a_reason_stays_as_it_was_sent(mairie, famille):
    refused = save(mairie, famille, r=[cle(famille["lea"], 4), cle(famille["tom"], 8)])

    vues = cases(refused)
    lea, tom = vues[cle(famille["lea"], 4)], vues[cle(famille["tom"], 8)]
    assert (lea.coche, lea.avant, lea.modif) == (True, False, True)
    assert (tom.coche, tom.avant, tom.modif) == (True, True, False)
    assert refused.context["refus"].reussis == 1


def test_full_box_is_a_rank_without_reason_and_a_place_with_one(mairie, famille):
    Creneau.objects.filter(code="soir").update(places=0)

    save(mairie, famille, attente=[cle(famille["lea"], 8)])
    save(mairie, famille, attente=[cle(famille["tom"], 8)], motif=MOTIF)

    etats = dict(Inscription.objects.values_list("enfant", "etat"))
    assert etats == {famille["lea"].pk: "attente", famille["tom"].pk: "inscrit"}


def test_ordered_meal_is_passed_with_a_reason_only(mairie, famille):
    key = cle(famille["lea"], 8, "midi")
    save(mairie, famille, r=[key])
    liste = ListeRepas.objects.create(debut=date(2026, 12, 7), fin=date(2026, 12, 11))
    Repas.objects.create(enfant=famille["lea"], jour=date(2026, 12, 8), liste=liste)

    refused = save(mairie, famille, avant=[key])
    before = Inscription.objects.get().etat
    save(mairie, famille, avant=[key], motif=MOTIF)

    assert refused.context["refus"].refus[0].code == "repas"
    assert (before, Inscription.objects.get().etat) == ("inscrit", "annulee")


@pytest.mark.parametrize(
    ("jour", "sentence"),
    [
        (9, "il n’y a pas école ce jour-là."),
        (21, "pas de garderie pendant les congés (Vacances de Noël)."),
        (8, "garderie fermée (formation de l’équipe)."),
    ],
)
def test_calendar_and_closures_are_never_passed(mairie, famille, jour, sentence):
    Fermeture.objects.create(debut=date(2026, 12, 8), fin=date(2026, 12, 8), motif="formation de l’équipe")

    response = save(mairie, famille, r=[cle(famille["lea"], jour)], motif=MOTIF)

    assert response.context["refus"].refus[0].texte.endswith(sentence)
    assert response.context["refus"].refus[0].motif is False
    assert not Inscription.objects.exists()


def test_what_a_closure_left_is_cancelled(mairie, famille):
    Inscription.objects.create(enfant=famille["lea"], jour=date(2026, 12, 8), creneau=Creneau.objects.get(code="soir"))
    Fermeture.objects.create(debut=date(2026, 12, 8), fin=date(2026, 12, 8), motif="grève")

    assert save(mairie, famille, avant=[cle(famille["lea"], 8)]).status_code == 303
    assert Inscription.objects.get().etat == "annulee"


def test_child_of_another_family_is_not_changed_from_this_page(mairie, famille):
    autre = make_enfant(ResponsableFactory(foyer=FoyerFactory(adresse="3 rue du Lac")), prenom="Noé")

    response = save(mairie, famille, r=[cle(autre, 8)], motif=MOTIF)

    assert [refus.code for refus in response.context["refus"].refus] == ["enfant"]
    assert not Inscription.objects.exists()


def test_stale_page_undoes_nothing_and_names_who_changed_it(mairie, famille):  # VAL-05
    key, camille = cle(famille["lea"], 8), Acteur.parent(famille["camille"])
    enregistrer([Changement(Cle.parse(key), "inscrit")], camille, now=NOW)

    response = save(mairie, famille, r=[cle(famille["tom"], 10)])  # the page was opened before Camille's save

    html = mairie.get(response["Location"]).text
    assert Inscription.objects.get(enfant=famille["lea"]).etat == "inscrit"
    assert "Léa, mardi 8, soir\u00a0: ajouté par Camille Morel" in html


def test_twice_the_same_changes_nothing(mairie, famille):  # VAL-04
    save(mairie, famille, r=[cle(famille["lea"], 8)])
    response = save(mairie, famille, r=[cle(famille["lea"], 8)])

    assert response["Location"] == f"{page_of(famille)}?enregistre=0#resultat"
    assert (Enregistrement.objects.count(), LogEntry.objects.count()) == (1, 1)


def test_button_that_only_ticks_saves_nothing_and_leaves_what_wants_a_reason(mairie, famille):
    data = {"rapide": "1", "q_action": "1", "q_creneau": "soir", "q_jour": "*", "q_enfant": "*"}

    vues = cases(mairie.send(page_of(famille), data))

    assert vues[cle(famille["lea"], 8)].coche is True
    assert vues[cle(famille["lea"], 4)].coche is False
    assert not Inscription.objects.exists()


# --- Two homes ------------------------------------------------------------------------------------------------------


@pytest.fixture
def separes(famille):
    """Léa is with Camille one week in two from 7 December, with Paul the others."""
    paul = ResponsableFactory(foyer=FoyerFactory(adresse="3 rue du Lac"), user__last_name="Lefort")
    famille["lea"].responsabilites.create(responsable=paul)
    Garde.objects.filter(enfant=famille["lea"]).update(rythme="alternee", depuis=date(2026, 12, 7))
    Garde.objects.create(enfant=famille["lea"], foyer=paul.foyer, rythme="alternee", depuis=date(2026, 12, 14))
    return famille | {"paul": paul}


def test_days_of_the_other_home_are_named(mairie, separes):
    response = mairie.get(page_of(separes))

    semaines = {
        semaine.lundi.day: [info.texte for info in semaine.infos] for semaine in response.context["mois"].semaines
    }
    ailleurs = "Léa\u00a0: Foyer Lefort, 3 rue du Lac, toute la semaine"
    assert [ailleurs in semaines[14], any("Lefort" in texte for texte in semaines[7])] == [True, False]
    case = cases(response)[cle(separes["lea"], 15)]
    assert (case.genre, case.motif, case.note) == ("libre", True, "garde")


def test_day_of_the_other_home_wants_a_reason_and_is_at_its_account(mairie, separes):
    refused = save(mairie, separes, r=[cle(separes["lea"], 15)])
    before = Inscription.objects.count()
    save(mairie, separes, r=[cle(separes["lea"], 15)], motif=MOTIF)

    assert (refused.context["refus"].refus[0].code, before) == ("garde", 0)
    assert Inscription.objects.get().foyer == separes["paul"].foyer


def test_day_of_the_other_home_is_cancelled_with_a_reason(mairie, separes):
    key = cle(separes["lea"], 15)
    enregistrer([Changement(Cle.parse(key), "inscrit")], Acteur.parent(separes["paul"]), now=NOW)

    refused = save(mairie, separes, avant=[key])
    save(mairie, separes, avant=[key], motif=MOTIF)

    assert refused.context["refus"].refus[0].code == "garde"
    assert Inscription.objects.get().etat == "annulee"
    assert Evenement.objects.count() == 2


def test_other_home_sees_the_child_it_shares_and_no_other(mairie, separes):
    response = mairie.get(page_of({"foyer": separes["paul"].foyer}))

    assert [vu.nom for vu in response.context["enfants"]] == ["Léa"]


# --- Who may, and what it costs -------------------------------------------------------------------------------------


@pytest.mark.parametrize("permission", ["", "view_inscription", "tenir_feuille"])
def test_planning_wants_the_right_to_change_inscriptions(client, famille, permission):
    agent = StaffFactory(is_superuser=False)
    agent.user_permissions.set(Permission.objects.filter(codename=permission))
    client.force_login(agent)

    assert client.get(page_of(famille)).status_code == 403
    assert save(client, famille, r=[cle(famille["lea"], 8)]).status_code == 403
    assert not Inscription.objects.exists()


@pytest.mark.parametrize("mois", ["2026-12", "2027-07", "2027-08"])
def test_unknown_home_is_not_found(mairie, famille, mois):
    assert mairie.get(f"/guichet/{famille['foyer'].pk + 1}/planning/{mois}/").status_code == 404
    assert mairie.get(page_of(famille, mois)).status_code == 200


def test_planning_costs_the_same_for_two_and_six_children(mairie, famille, django_assert_num_queries):
    mairie.get(page_of(famille))  # the session is noted as used once a minute
    with django_assert_num_queries(15):
        two = mairie.get(page_of(famille))
    for n in range(4):
        make_enfant(famille["camille"], prenom=f"Enfant {n}")
    with django_assert_num_queries(15):
        six = mairie.get(page_of(famille))

    assert [len(response.context["enfants"]) for response in (two, six)] == [2, 6]


@pytest.mark.parametrize(
    "data",
    [
        {"r": "x"},
        {"r": "1:0000-00-00:soir"},
        {"avant": "9" * 30},
        {"motif": "a" * 201},
        {"motif": "\n\t"},
        {"idem": "hier"},
        {"rapide": "1", "q_action": "2"},
        {"r": ["1:9999-12-31:soir", "1:0001-01-01:soir"]},
        {"attente": "1:2026-12-08:nuit"},
    ],
)
def test_planning_never_breaks(mairie, famille, data):  # VAL-08
    assert save(mairie, famille, **data).status_code in {200, 303}
    assert mairie.get(page_of(famille), {"enregistre": "x", "recents": "y", "enfant": "z"}).status_code == 200
    assert not Inscription.objects.exists()


def test_motif_that_is_too_long_saves_nothing_and_says_so(mairie, famille):
    response = save(mairie, famille, r=[cle(famille["lea"], 8)], motif="a" * 201)

    assert "motif" in response.context["form"].errors
    assert "Rien n’est enregistré" in response.text
    assert cases(response)[cle(famille["lea"], 8)].coche is True
