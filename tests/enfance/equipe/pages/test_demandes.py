"""What the sheet asks without script: an arrival forgotten, a departure unticked by half, who came for a child."""

from __future__ import annotations

import html
import json
from datetime import timedelta
from uuid import uuid4

import pytest

from enfance.equipe.inattendus import load_inattendus, with_suites
from enfance.equipe.pointages import enregistrer
from enfance.equipe.remises import QuiVient, RemiseRecue, noter_remises
from enfance.famille.donnees import load_donnees
from enfance.models import Appel, Garde, PersonneAutorisee, Pointage, RemiseEnfant, Responsabilite
from tests.clients import Client
from tests.enfance import gate
from tests.enfance.equipe.pages.conftest import JOUR, PAGE, close, logged_in, send
from tests.enfance.gate import JEUDI, NOW, at, state
from tests.factories import ResponsableFactory, StaffFactory
from tests.reading import plain


@pytest.fixture
def partie(lea):
    """Léa left at 16 h 50."""
    taps = [gate.tap(lea, a=at(16, 31)), gate.tap(lea, "parti", a=at(16, 50))]
    enregistrer(taps, JEUDI, "soir", StaffFactory(), now=NOW)
    return lea


@pytest.mark.parametrize(
    ("reponse", "attendu"),
    [("ici", (True, NOW, None)), ("reparti", (True, at(16, 50), at(16, 50))), ("absent", (False, None, None))],
)
def test_arrival_forgotten_is_asked_and_answered(equipe, lea, reponse, attendu):
    enregistrer([gate.tap(lea, "parti", a=at(16, 50))], JEUDI, "soir", equipe.agent, now=NOW)
    page = equipe.get(PAGE).text
    assert 'data-suite="arrivee"' in page
    assert "<b data-encore>1</b>" in page
    send(equipe, avant=f"{lea.pk}:parti", parti=lea.pk, reponse=f"{lea.pk}:{reponse}")
    assert ('data-suite="arrivee"' in equipe.get(PAGE).text, state(lea)) == (False, attendu)


def test_sheet_is_not_closed_on_a_child_in_question_without_a_word(equipe, lea):
    enregistrer([gate.tap(lea, "parti", a=at(16, 50))], JEUDI, "soir", equipe.agent, now=NOW)
    answer = send(equipe, avant=f"{lea.pk}:parti", parti=lea.pk, terminer="1")
    assert "Terminer alors que des enfants sont encore là\u202f?" in answer
    assert "«\u00a0Arrivée oubliée\u202f?\u00a0» attend une réponse ci-dessus\u00a0: Léa Morel ." in answer
    assert "<p hidden>Encore là\u00a0: <b data-encore-noms>personne</b>" in equipe.get(f"{PAGE}&clore=1").text
    answer = send(equipe, avant=f"{lea.pk}:parti", parti=lea.pk, encore=lea.pk, terminer="1")
    assert "CE1. Question sans réponse\u00a0: parti à 16\u00a0h\u00a050 sans arrivée. Pas de téléphone." in answer
    assert "1 présent sur 1\u00a0attendu" in answer  # as the town hall counts
    assert f'<h3><a href="/equipe/2026-12-10/enfants/{lea.pk}/?creneau=soir">Léa Morel</a>' in equipe.get(PAGE).text


def test_arrival_unticked_alone_of_a_child_who_left_is_refused_and_the_rest_saved(equipe, partie, time_machine):
    avant = f"{partie.pk}:present {partie.pk}:parti"
    answer = send(equipe, avant=avant, parti=partie.pk, adultes="2")
    assert "Le départ de Léa Morel est déjà noté\u00a0: décochez «\u00a0Parti\u00a0»" in answer
    assert state(partie) == (True, at(16, 31), at(16, 50))
    send(equipe, avant=avant)  # both boxes
    assert state(partie) == (False, None, None)
    time_machine.shift(60)
    send(equipe, present=partie.pk, parti=partie.pk)  # both again
    assert state(partie) == (True, at(16, 31), at(16, 50))


def test_who_came_is_chosen_without_a_word_of_ones_own(equipe, mairie, partie):
    isabelle = ResponsableFactory(user__first_name="Isabelle", user__last_name="Morel")
    Responsabilite.objects.create(enfant=partie, responsable=isabelle)
    gerard = PersonneAutorisee.objects.create(enfant=partie, nom="Gérard Dubreuil", interdite=True)
    boxes = {"avant": f"{partie.pk}:present {partie.pk}:parti", "present": partie.pk, "parti": partie.pk}
    page = equipe.get(f"{PAGE}&remis={partie.pk}").text
    assert f'value="{partie.pk}:parent::remis:{isabelle.pk}" aria-pressed="false"' in page
    assert "Gérard" not in page[page.index("Facultatif") :].split("</fieldset>")[0]
    send(equipe, **boxes, remise=f"{partie.pk}:parent::remis:{isabelle.pk}")
    page = equipe.get(f"{PAGE}&remis={partie.pk}").text
    assert f'value="{partie.pk}:rien::remis:" aria-pressed="true"' in page

    assert "Dites qui se présente" in send(equipe, **boxes, noter=partie.pk, suite="non_remis:")
    fiche = html.unescape(equipe.get(f"{JOUR}enfants/{partie.pk}/?creneau=soir").text)
    assert f"{PAGE}&personne={partie.pk}#suite" in fiche
    assert equipe.post(PAGE, boxes | {"creneau": "soir", "noter": partie.pk, "venu": "x"}).status_code == 404
    send(equipe, **boxes, noter=partie.pk, venu=f"interdite:{gerard.pk}", suite=f"appel:{isabelle.pk}")
    dite = RemiseEnfant.objects.a_voir().get()
    assert (dite.personne, dite.responsable, dite.auteur) == (gerard, isabelle, equipe.agent)

    accueil = mairie.get("/admin/").text
    assert "personne interdite ou inconnue venue" in accueil
    assert '<span class="puce puce--att">remis après appel' in accueil
    fields = {"id": uuid4(), "pointage": dite.pointage, "venu": "inconnue", "suite": "non_remis"}
    autre = RemiseEnfant.objects.create(**fields, fait_le=NOW + timedelta(minutes=1))
    accueil = mairie.get("/admin/").text  # not of both: the badge says neither
    assert "jeudi 10 décembre, soir, à 17 h 01 : non remis" in plain(accueil)
    assert '<span class="puce puce--att">non remis' not in accueil
    autre.delete()
    page = mairie.get("/admin/enfance/pointage/remises/").text
    assert "Remis après appel à Isabelle Morel" in page
    for _ in range(2):
        mairie.post("/admin/enfance/pointage/remises/", {"vue": dite.pk})
    dite.refresh_from_db()
    assert (dite.vue_le, dite.vue_par, RemiseEnfant.objects.a_voir().count()) == (NOW, mairie.agent, 0)
    for autre in ("Équipe", "Cantine", "Régie", "Informatique"):
        assert logged_in(autre).get("/admin/enfance/pointage/remises/").status_code == 403, autre


def test_child_who_is_not_handed_over_is_said_to_be_there_and_is(equipe, partie):
    page = equipe.get(f"{PAGE}&personne={partie.pk}").text
    asked = page[page.index("qui se présente") :].split("</fieldset>")[0]
    assert ("Léa reste encore là" in asked, "checked" in asked.split("Que s’est-il passé")[0]) == (True, False)
    boxes = {"avant": f"{partie.pk}:present {partie.pk}:parti", "present": partie.pk, "parti": partie.pk}
    send(equipe, **boxes, noter=partie.pk, venu="inconnue:", suite="non_remis:")
    assert "<b data-encore>1</b>" in equipe.get(PAGE).text
    assert state(partie) == (True, at(16, 31), None)


def test_closed_sheet_asks_nothing(equipe, partie):
    close()
    page = equipe.get(f"{PAGE}&personne={partie.pk}").text
    assert "qui se présente" not in page
    assert "data-qui" not in page
    assert Pointage.objects.count() == 1


# --- To whom a child was handed ---------------------------------------------------------------------------------------


@pytest.fixture
def remise(partie):
    """Léa was handed to Sophie, who may not come any more."""
    partie.sexe = "f"
    partie.save()
    sophie = PersonneAutorisee.objects.create(enfant=partie, nom="Sophie Vidal")
    dire(partie, f"autorisee:{sophie.pk}:remis:", at(16, 51))
    PersonneAutorisee.objects.update(retiree_le=NOW)
    return partie


def dire(enfant, qui, a):
    recue = RemiseRecue(uuid4(), enfant.pk, QuiVient.parse(qui), a)
    assert noter_remises([recue], JEUDI, "soir", StaffFactory(), now=NOW).refus == []


def test_sheet_says_to_whom_the_child_was_handed(equipe, mairie, remise, time_machine):
    """On the open one, where its script knows better, to a browser without script alone."""
    assert "<noscript><small>Remise à Sophie Vidal</small></noscript>" in equipe.get(PAGE).text
    close()
    for client in (equipe, mairie):
        assert "</small> <small>Remise à Sophie Vidal</small></th>" in client.get(PAGE).text
    Appel.objects.all().delete()
    time_machine.shift(timedelta(days=1))
    assert "</small> <small>Remise à Sophie Vidal</small></th>" in logged_in("Équipe").get(PAGE).text


def test_departure_that_is_unticked_was_to_nobody(equipe, remise):
    enregistrer([gate.tap(remise, "parti", False, a=at(16, 55))], JEUDI, "soir", StaffFactory(), now=NOW)
    close()
    assert "Sophie" not in equipe.get(PAGE).text
    assert "Sophie" not in equipe.get(f"{JOUR}enfants/{remise.pk}/").text


def test_card_says_to_whom_the_child_was_handed_and_when(equipe, remise):
    dit = "<p><b>Soir\u00a0: partie à 16\u00a0h\u00a050, remise à Sophie Vidal.</b></p>"
    assert dit in equipe.get(f"{JOUR}enfants/{remise.pk}/?creneau=soir").text
    assert "Sophie" not in equipe.get("/equipe/fiches.json").text  # what a device keeps would not follow


def test_departure_whose_hour_nobody_knows_is_said_without_it(equipe, remise):
    Pointage.objects.update(depart=None)
    assert "<b>Soir\u00a0: remise à Sophie Vidal.</b>" in equipe.get(f"{JOUR}enfants/{remise.pk}/").text


def test_adult_who_is_erased_is_said_without_a_name(equipe, remise):
    RemiseEnfant.objects.update(personne=None)
    close()
    assert "Remise à une personne autorisée" in equipe.get(PAGE).text


def test_town_hall_reads_with_whom_the_child_left_after_somebody_unexpected(
    mairie, remise, django_assert_num_queries, time_machine
):
    page = "/admin/enfance/pointage/remises/"
    isabelle = ResponsableFactory(user__first_name="Isabelle", user__last_name="Morel")
    Responsabilite.objects.create(enfant=remise, responsable=isabelle)
    dire(remise, "inconnue::non_remis:", at(16, 52))
    html = mairie.get(page).text
    assert ("<b>Non remise</b>" in html, "Partie" in html, "Sophie" in html) == (True, False, False)
    enregistrer([gate.tap(remise, "parti", a=at(16, 56))], JEUDI, "soir", StaffFactory(), now=NOW)
    dire(remise, f"parent::remis:{isabelle.pk}", at(16, 57))
    parties = "<dt>Partie</dt><dd>16\u00a0h\u00a056, remise à Isabelle Morel</dd>"
    assert parties in mairie.get(page).text
    assert [len(with_suites([])), len(with_suites(load_inattendus()))] == [0, 1]
    with django_assert_num_queries(2):
        assert with_suites(load_inattendus())[0].parti.endswith("Isabelle Morel")
    dire(remise, f"inconnue::appel:{isabelle.pk}", at(16, 58))  # said once, not again beside the departure
    html = mairie.get(page).text
    assert html.count("emise après appel à Isabelle Morel") == 2
    assert "<b>Remise après appel à Isabelle Morel</b>" in html


def test_no_parent_reads_to_whom_the_child_was_handed(remise):
    """Neither on the pages nor in the file of what the portal holds."""
    parent = ResponsableFactory()
    Responsabilite.objects.create(enfant=remise, responsable=parent)
    Garde.objects.create(enfant=remise, foyer=parent.foyer)
    client = Client()
    client.force_login(parent.user)
    pages = [client.get(adresse, follow=True).text for adresse in ("/", "/historique/", f"/enfants/{remise.pk}/")]
    donnees = json.dumps(load_donnees(parent.user, now=NOW), default=str, ensure_ascii=False)
    assert [texte for texte in (*pages, donnees) if "emise à" in texte or "autorisee:" in texte] == []
    assert ["Léa" in texte for texte in (pages[0], pages[2], donnees)] == [True] * 3


def test_secretary_is_told_to_write_the_hour_of_who_was_not_seen_to_leave(equipe, mairie, lea):
    enregistrer([gate.tap(lea, a=at(16, 31))], JEUDI, "soir", equipe.agent, now=NOW)
    close()
    pages = [client.get(PAGE).text for client in (equipe, mairie)]
    dites = [("Dites-lui" in page, "Écrivez son heure" in page) for page in pages]
    assert dites == [(True, False), (False, True)]
