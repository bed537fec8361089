"""A child's weekly pattern at the counter: chosen, previewed, written by the parents' writer under the agent's name."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django_tasks_db.models import DBTaskResult

from enfance.inscriptions import Changement, enregistrer
from enfance.models import Creneau, Enregistrement, Fermeture, Garde, Inscription, SemaineType
from enfance.regles import Acteur, Cle
from portail.dates import PARIS
from tests.clients import Client
from tests.factories import AnneeFactory, FoyerFactory, ResponsableFactory, StaffFactory, make_creneaux, make_enfant
from tests.reading import plain, plain_all, words_of

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)  # Thursday: tomorrow is past its limit
MOTIF = "Appel de la mère, hospitalisée"


@pytest.fixture(autouse=True)
def clock(db):
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def famille():
    """Camille, Léa and Tom; the school year."""
    AnneeFactory()
    make_creneaux()
    camille = ResponsableFactory(user__first_name="Camille", user__identifiant="3816238")
    return camille, make_enfant(camille, prenom="Léa"), make_enfant(camille, prenom="Tom")


@pytest.fixture
def agente():
    return StaffFactory(identifiant="5550011", first_name="Dominique", last_name="Sorbier")


@pytest.fixture
def mairie(client, agente) -> Client:
    client.force_login(agente)
    return client


def page_of(foyer, enfant=None, **query) -> str:
    query = ({"enfant": enfant.pk} if enfant else {}) | query
    return f"/guichet/{foyer.pk}/semaine-type/" + (
        "?" + "&".join(f"{k}={v}" for k, v in query.items()) if query else ""
    )


def ask(client, famille, *boxes, enfant=None, **fields):
    """Send the page's form for Léa, or another child: « 2 soir » is a Tuesday evening."""
    camille, lea, _ = famille
    enfant = enfant or lea
    t = [f"{enfant.pk}:{box.replace(' ', ':')}" for box in boxes]
    data = {"t": t, "du": "2026-12-07", "fin": "annee", "rythme": "1", "main": "garder"} | fields
    return client.post(page_of(camille.foyer, enfant), data)


def confirm(client, preview, **fields):
    """Press the preview's button, with what it holds, its own boxes as they are drawn, and `fields`."""
    data: dict[str, object] = {"vu": "1", "confirmer": "1", "empreinte": preview.context["apercu"].empreinte}
    for nom, valeur in preview.context["champs"]:
        data.setdefault(nom, []).append(valeur)
    if preview.context["form"].attente and preview.context["exceptions"].complets:
        data["avec_attente"] = "1"
    data |= {
        "passer": preview.context["form"]["passer"].value(),
        "motif": preview.context["form"]["motif"].value() or "",
    }
    return client.post(preview.request["PATH_INFO"] + "?" + preview.request["QUERY_STRING"], data | fields)


def soir(enfant, mois, jour):
    return Cle(enfant.pk, date(2026 if mois > 8 else 2027, mois, jour), "soir")


def tick(parent, *cles, now=NOW, voulu="inscrit"):
    assert enregistrer([Changement(cle, voulu) for cle in cles], Acteur.parent(parent), now=now).refus == ()


def test_tuesdays_until_june_are_previewed_then_written_under_the_name_of_the_agent(mairie, agente, famille):
    camille, lea, _ = famille

    preview = ask(mairie, famille, "2 soir")

    assert preview.context["apercu"].phrase.startswith("24\u00a0soirs ajoutés, tous les mardis à partir du 8")
    assert [suite.verbe for suite in preview.context["apercu"].suites] == ["Enregistrer 24\u00a0soirs"]
    assert "Un e-mail part à Camille, à votre nom." in words_of(preview)
    assert (Inscription.objects.count(), SemaineType.objects.count(), DBTaskResult.objects.count()) == (0, 0, 0)
    done = confirm(mairie, preview)
    enregistrement = Enregistrement.objects.get()
    assert (done.status_code, done["Location"]) == (
        303,
        f"/guichet/{camille.foyer.pk}/planning/2026-12/?enregistre={enregistrement.pk}#resultat",
    )
    assert (enregistrement.auteur, enregistrement.porte, enregistrement.motif) == (agente, "mairie", "")
    lignes = Inscription.objects.filter(enfant=lea)
    assert set(lignes.values_list("etat", "origine", "creneau__code", "foyer")) == {
        ("inscrit", "semaine_type", "soir", camille.foyer_id)
    }
    assert (lignes.count(), {ligne.jour.weekday() for ligne in lignes}) == (24, {1})
    [semaine] = SemaineType.objects.all()
    assert (semaine.foyer, semaine.enfant, semaine.debut, semaine.fin) == (
        camille.foyer,
        lea,
        date(2026, 12, 7),
        date(2027, 7, 2),
    )
    assert [task.task_path for task in DBTaskResult.objects.all()] == ["enfance.courriels.tasks.tell_family"]
    [entry] = LogEntry.objects.all()
    assert (entry.user, entry.object_id) == (agente, str(camille.foyer.pk))
    fait = "Léa : soir ajouté, 24 jours du mardi 8 décembre au mardi 29 juin"
    assert fait in plain(entry.get_change_message())
    html = words_of(mairie.get(done["Location"]))
    assert f"C’est enregistré {fait}" in html


@pytest.mark.parametrize(
    ("fields", "dernier"),
    [
        ({"fin": "vacances"}, date(2026, 12, 15)),
        ({"fin": "annee"}, date(2027, 6, 29)),
        ({"fin": "dates", "au": "2027-01-31"}, date(2027, 1, 26)),
    ],
)
def test_pattern_ends_when_it_is_asked_to(mairie, famille, fields, dernier):
    confirm(mairie, ask(mairie, famille, "2 soir", **fields))

    jours = Inscription.objects.order_by("jour").values_list("jour", flat=True)
    assert (jours.first(), jours.last()) == (date(2026, 12, 8), dernier)


@pytest.mark.parametrize("du", ["2026-09-01", "2026-12-03"])
def test_today_and_the_days_before_are_left_to_the_planning(mairie, famille, du):
    preview = ask(mairie, famille, "4 soir", du=du, passer="limite", motif=MOTIF)
    confirm(mairie, preview)

    assert Inscription.objects.order_by("jour").first().jour == date(2026, 12, 10)


def test_closed_and_full_days_are_named_and_the_full_ones_wait(mairie, famille):
    camille, lea, tom = famille
    Fermeture.objects.create(debut=date(2026, 12, 15), fin=date(2026, 12, 15), motif="formation de l’équipe")
    Creneau.objects.filter(code="soir").update(places=1)
    tick(camille, soir(tom, 1, 12))

    preview = ask(mairie, famille, "2 soir", fin="dates", au="2027-01-15")

    assert plain_all(preview.context["exceptions"].phrases) == [
        "Mardi 15 décembre (garderie fermée : formation de l’équipe)",
        "En liste d’attente : soir, n° 1, mardi 12 janvier",
    ]
    assert preview.context["exceptions"].complets == "1\u00a0soir"
    confirm(mairie, preview)
    etats = {ligne.jour: ligne.etat for ligne in Inscription.objects.filter(enfant=lea)}
    assert etats == {date(2026, 12, 8): "inscrit", date(2027, 1, 5): "inscrit", date(2027, 1, 12): "attente"}


def test_list_is_left_alone_when_its_box_is_unticked_in_one_go(mairie, famille):
    camille, lea, tom = famille
    Creneau.objects.filter(code="soir").update(places=1)
    tick(camille, soir(tom, 12, 8))

    done = confirm(mairie, ask(mairie, famille, "2 soir", fin="vacances"), avec_attente="")

    assert done.status_code == 303
    assert list(Inscription.objects.filter(enfant=lea).values_list("jour", "etat")) == [(date(2026, 12, 15), "inscrit")]


def test_reason_passes_over_the_rule_it_names_once_the_preview_says_so(mairie, famille):
    """Tomorrow is past its limit, the 11th is full: the reason is for tomorrow, the 11th waits."""
    camille, lea, tom = famille
    tick(camille, soir(tom, 12, 11))
    Creneau.objects.filter(code="soir").update(places=1)
    preview = ask(mairie, famille, "5 soir", fin="vacances", du="2026-12-04")
    assert (preview.context["exceptions"].tard, preview.context["exceptions"].complets) == (
        "1\u00a0soir",
        "1\u00a0soir",
    )

    again = confirm(mairie, preview, passer=["limite"], motif=MOTIF)

    assert (again.status_code, Inscription.objects.filter(enfant=lea).count()) == (200, 0)
    assert (again.context["exceptions"].passees, again.context["exceptions"].tard) == ("1\u00a0soir", "")
    assert "a changé depuis l’aperçu" not in again.text
    assert confirm(mairie, again).status_code == 303
    etats = {ligne.jour.day: ligne.etat for ligne in Inscription.objects.filter(enfant=lea)}
    assert etats == {4: "inscrit", 11: "attente", 18: "inscrit"}
    assert Enregistrement.objects.latest("pk").motif == MOTIF
    assert LogEntry.objects.get().get_change_message().endswith(f"Motif\u00a0: {MOTIF}.")


def test_reason_gives_a_place_more_where_it_names_the_places(mairie, famille):
    _, lea, _ = famille
    Creneau.objects.filter(code="soir").update(places=0)
    preview = ask(mairie, famille, "2 soir", fin="vacances", passer=["complet"], motif=MOTIF, vu="1")

    confirm(mairie, preview)

    assert set(Inscription.objects.filter(enfant=lea).values_list("jour", "etat")) == {
        (date(2026, 12, 8), "inscrit"),
        (date(2026, 12, 15), "inscrit"),
    }


def test_rule_is_not_passed_over_without_a_reason(mairie, famille):
    preview = ask(mairie, famille, "5 soir", fin="vacances", du="2026-12-04")

    again = confirm(mairie, preview, passer=["limite"])

    assert (again.status_code, Inscription.objects.exists()) == (200, False)
    assert "Pour passer outre, écrivez pourquoi" in words_of(again)


def test_days_of_the_other_home_are_never_passed_over(mairie, famille):
    camille, lea, _ = famille
    paul = ResponsableFactory(foyer=FoyerFactory(adresse="3 rue du Lac"), user__last_name="Lefort")
    lea.responsabilites.create(responsable=paul)
    Garde.objects.filter(enfant=lea).update(rythme="alternee", depuis=date(2026, 12, 7))
    Garde.objects.create(
        enfant=lea, foyer=paul.foyer, rythme="alternee", depuis=date(2026, 12, 14), debut=date(2026, 9, 1)
    )

    preview = ask(mairie, famille, "2 soir", fin="vacances", passer=["limite"], motif=MOTIF)
    confirm(mairie, preview)

    assert [ligne.jour for ligne in Inscription.objects.all()] == [date(2026, 12, 8)]
    assert "Chez l’autre parent, rien ne change" in words_of(preview)


@pytest.mark.parametrize(("main", "garde"), [("garder", True), ("remplacer", False)])
def test_days_that_a_hand_chose_are_kept_unless_they_are_to_be_replaced(mairie, famille, main, garde):
    camille, lea, _ = famille
    tick(camille, soir(lea, 12, 10))

    confirm(mairie, ask(mairie, famille, "2 soir", fin="vacances", main=main))

    assert (Inscription.objects.get(enfant=lea, jour=date(2026, 12, 10)).etat == "inscrit") is garde


def test_page_opens_on_the_pattern_that_the_child_follows_and_changes_it(mairie, famille):
    camille, lea, _ = famille
    with time_machine.travel(NOW - timedelta(minutes=1), tick=False):
        confirm(mairie, ask(mairie, famille, "2 soir", "4 matin", fin="vacances"))

    page = mairie.get(page_of(camille.foyer, lea))

    coches = [c.valeur for ligne in page.context["grille"].lignes for c in ligne.cases if c.coche]
    assert coches == [f"{lea.pk}:4:matin", f"{lea.pk}:2:soir"]
    assert page.context["form"]["fin"].value() == "vacances"
    preview = ask(mairie, famille, "2 soir", fin="vacances")
    assert preview.context["apercu"].phrase == "2\u00a0matins retirés, jeudis 10 et 17\u00a0décembre."


def test_parents_find_the_pattern_on_their_own_page_and_change_it(mairie, famille):
    camille, lea, _ = famille
    with time_machine.travel(NOW - timedelta(minutes=1), tick=False):
        confirm(mairie, ask(mairie, famille, "2 soir", fin="vacances"))
    parent = Client()
    parent.force_login(camille.user)

    assert f'value="{lea.pk}:2:soir" checked' in parent.get("/semaine-type/").text
    parent.post("/semaine-type/", {"t": f"{lea.pk}:4:soir", "fin": "vacances", "rythme": "1", "enregistrer": "1"})

    etats = Inscription.objects.filter(enfant=lea).order_by("jour").values_list("jour", "etat")
    assert [(jour.day, etat) for jour, etat in etats] == [
        (8, "annulee"),
        (10, "inscrit"),
        (15, "annulee"),
        (17, "inscrit"),
    ]


def test_page_opens_on_a_week_of_the_planning_to_go_past_the_month(mairie, famille):
    camille, lea, _ = famille
    tick(camille, soir(lea, 12, 10))

    page = mairie.get(page_of(camille.foyer, lea, semaine="2026-12-07"))

    coches = [c.valeur for ligne in page.context["grille"].lignes for c in ligne.cases if c.coche]
    assert coches == [f"{lea.pk}:4:soir"]
    assert "Cochée comme sa semaine du 7 décembre" in words_of(page)


def test_week_emptied_is_previewed_as_what_it_removes(mairie, famille):
    with time_machine.travel(NOW - timedelta(minutes=1), tick=False):
        confirm(mairie, ask(mairie, famille, "2 soir", fin="vacances"))

    preview = ask(mairie, famille, fin="vacances")
    confirm(mairie, preview)

    assert preview.context["apercu"].phrase == "2\u00a0soirs retirés, mardis 8 et 15\u00a0décembre."
    assert set(Inscription.objects.values_list("etat", flat=True)) == {"annulee"}


def test_empty_week_of_a_child_without_pattern_is_refused_in_words(mairie, famille):
    assert "Cochez au moins un moment." in words_of(ask(mairie, famille))


@pytest.mark.parametrize(
    ("fields", "phrase"),
    [
        ({"du": ""}, "Indiquez la date de début."),
        ({"du": "2027-08-01"}, "La date de début doit être avant le 2 juillet 2027."),
        ({"fin": "dates", "au": ""}, "Indiquez la date de fin."),
        ({"fin": "dates", "au": "2026-12-07"}, "La date de fin doit être après le 7 décembre 2026."),
        ({"fin": "toujours"}, "Sélectionnez un choix valide."),
        ({"rythme": "hier"}, "Choisissez un rythme de la liste."),
        ({"t": "x"}, "Une case envoyée n’existe pas"),
        ({"t": "999:2:soir"}, "Une case envoyée n’existe pas"),
        ({"main": "x"}, "Sélectionnez un choix valide."),
        ({"passer": "garde"}, "Sélectionnez un choix valide."),
    ],
)
def test_bad_input_is_refused_in_words_and_nothing_is_lost(mairie, famille, fields, phrase):
    response = ask(mairie, famille, "2 soir", **fields)

    assert (response.status_code, Inscription.objects.exists()) == (200, False)
    assert phrase in words_of(response)
    assert "t" in fields or f'value="{famille[1].pk}:2:soir" checked' in response.text


def test_button_of_the_preview_goes_back_to_the_week_as_it_was_sent(mairie, famille):
    back = ask(mairie, famille, "2 soir", revenir="1", fin="vacances")

    assert f'value="{famille[1].pk}:2:soir" checked' in back.text
    assert 'value="vacances" checked' in back.text


def test_child_of_another_home_is_not_this_page_s(mairie, famille):
    camille, lea, _ = famille
    autre = make_enfant(ResponsableFactory(), prenom="Noé")

    page = mairie.get(page_of(camille.foyer, autre))

    assert page.context["enfant"].nom in {"Léa", "Tom"}
    assert "Noé" not in page.text


def test_home_without_pupil_and_time_without_year_say_so(mairie, famille):
    assert "Aucun enfant de ce foyer n’est à l’école" in words_of(mairie.get(page_of(FoyerFactory())))
    with time_machine.travel(datetime(2027, 7, 20, 9, 0, tzinfo=PARIS), tick=False):
        mairie.force_login(StaffFactory())
        assert mairie.get(page_of(famille[0].foyer)).status_code == 200


def test_unknown_home_is_not_found(mairie, famille):
    assert mairie.get("/guichet/99999/semaine-type/").status_code == 404


def test_page_is_for_who_may_change_inscriptions(client, famille):
    client.force_login(StaffFactory(is_superuser=False))

    assert client.get(page_of(famille[0].foyer)).status_code == 403


@pytest.mark.parametrize("enfants", [1, 3])
def test_page_costs_the_same_for_two_and_five_children(mairie, famille, django_assert_num_queries, enfants):
    camille, lea, _ = famille
    for n in range(enfants):
        make_enfant(camille, prenom=f"Enfant{n}")
    mairie.get(page_of(camille.foyer, lea))

    with django_assert_num_queries(16):
        mairie.get(page_of(camille.foyer, lea))
