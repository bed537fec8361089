"""The planning of a month and the page of a day, as a browser without JavaScript uses them."""

import re
from datetime import date, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from enfance.calendrier import bornes
from enfance.models import Enregistrement, Evenement, Fermeture, Inscription
from enfance.planning import mois
from enfance.regles import Acteur
from enfance.situation import load_situation
from tests.enfance.views.conftest import NOW
from tests.enfance.views.grille import MOIS, cle, post
from tests.factories import (
    AnneeFactory,
    ResponsableFactory,
    ScolariteFactory,
    UserFactory,
    make_creneaux,
    make_enfant,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def test_planning_shows_each_box_with_its_name(client, famille):
    html = client.get(MOIS).text
    assert f'value="{cle(famille["lea"], 8, "soir")}"' in html
    assert "Léa, soir, mardi 8<" in html
    assert "Planning de décembre\u00a02026" in html


def test_planning_of_a_child_stays_that_of_the_child(client, famille):
    tom = famille["tom"].pk
    assert client.get("/planning/", {"enfant": tom})["Location"] == f"{MOIS}?enfant={tom}"
    html = client.get("/planning/", {"enfant": tom}, follow=True).text
    assert "Tom, soir, mardi 8<" in html
    assert "Léa, soir, mardi 8<" not in html


def test_planning_of_next_year_shows_the_level_of_that_year(client, famille):
    suivante = AnneeFactory(debut=date(2027, 9, 1), fin=date(2028, 7, 4), ouverture=date(2026, 12, 1), conges=False)
    ScolariteFactory(enfant=famille["lea"], annee=suivante, niveau="CE2", classe=None)

    niveaux = {
        page: {vu.enfant.nom: vu.enfant.classe for semaine in mois.semaines for vu in semaine.enfants}
        for page in (MOIS, "/planning/2027-09/")
        for mois in [client.get(page).context["mois"]]
    }

    assert niveaux == {MOIS: {"Léa": "CE1", "Tom": "CE1"}, "/planning/2027-09/": {"Léa": "CE2"}}


@pytest.mark.parametrize("enfant", ["", "x", "999999"])
def test_planning_of_no_child_is_that_of_all(client, famille, enfant):
    assert client.get("/planning/", {"enfant": enfant})["Location"] == MOIS


def test_form_says_box_by_box_what_was_ticked(client, famille):
    voulus = [cle(famille[nom], 8, creneau) for nom in ("lea", "tom") for creneau in ("midi", "soir")]
    post(client, r=voulus)

    pages = [client.get(adresse).text for adresse in (MOIS, "/jour/2026-12-08/")]

    assert [sorted(re.findall(r'name="avant" value="([^"]*)"', page)[0].split()) for page in pages] == [
        sorted(voulus),
        sorted(voulus),
    ]


def test_planning_saved_tick_survives_reload_and_is_traced(client, famille):
    voulu = cle(famille["lea"], 8, "soir")
    response = post(client, r=[voulu])
    enregistrement = Enregistrement.objects.get()
    assert response.status_code == 303
    assert response["Location"] == f"{MOIS}?enregistre={enregistrement.pk}#resultat"
    page = client.get(response["Location"]).text
    assert "C’est enregistré" in page
    assert "Léa\u00a0: soir ajouté, mardi 8" in page
    assert f'value="{voulu}" checked' in page
    assert Evenement.objects.get().apres == "inscrit"


def test_planning_twice_the_same_changes_nothing(client, famille):  # VAL-04
    post(client, r=[cle(famille["lea"], 8, "soir")])
    response = post(client, r=[cle(famille["lea"], 8, "soir")])
    assert response["Location"] == f"{MOIS}?enregistre=0#resultat"
    page = client.get(response["Location"]).text
    assert "Aucun changement\u00a0: tout était déjà enregistré." in page
    assert "msg--ok" not in page  # nothing was done: nothing to celebrate
    assert Enregistrement.objects.count() == 1


def test_planning_closed_day_refused_with_its_sentence_when_posted_by_hand(client, famille):
    response = post(client, r=[cle(famille["lea"], 4, "soir"), cle(famille["lea"], 8, "soir")])
    page = response.text
    assert response.status_code == 200
    assert "Un changement n’a pas pu être enregistré" in page
    assert "Léa, vendredi 4, soir\u00a0: la date limite est passée (jeudi 3\u00a0décembre, 12\u00a0h)." in page
    assert "L’autre changement est enregistré." in page
    assert "Léa\u00a0: soir ajouté, mardi 8" in page  # which one, and how to undo it
    assert f"Référence {Enregistrement.objects.get().pk}." in page
    assert "Annuler ces changements" in page
    assert "<title>Erreur" in page
    assert list(Inscription.objects.values_list("jour__day", flat=True)) == [8]


def test_planning_keeps_what_the_other_adult_changed_meanwhile(client, famille):  # VAL-05
    dominique = ResponsableFactory(user__first_name="Dominique", foyer=famille["camille"].foyer)
    famille["lea"].responsabilites.create(responsable=dominique)
    famille["tom"].responsabilites.create(responsable=dominique)
    autre = type(client)()
    autre.force_login(dominique.user)
    post(autre, r=[cle(famille["tom"], 11, "soir")])
    response = post(client, r=[cle(famille["lea"], 8, "soir")])
    page = client.get(response["Location"]).text
    assert "Le planning a changé pendant que vous l’aviez ouvert" in page
    assert "Tom, vendredi 11, soir\u00a0: ajouté par Dominique" in page
    assert Inscription.objects.filter(etat="inscrit").count() == 2


FORGED = [
    ("999999:2026-12-08:soir", "cet enfant n’est pas rattaché à votre compte"),
    ("{autre}:2026-12-08:soir", "cet enfant n’est pas rattaché à votre compte"),
    ("{parti}:2026-12-08:soir", "cet enfant n’est pas à l’école ce jour-là"),
    ("{lea}:2026-12-08:nuit", "ce moment de garderie n’existe pas"),
    ("{lea}:2026-12-10:soir", "garderie fermée (grève)"),
    ("{lea}:2026-12-09:soir", "il n’y a pas école ce jour-là"),
    ("{lea}:2026-12-12:soir", "il n’y a pas école ce jour-là"),
    ("{lea}:2026-12-24:soir", "pas de garderie pendant les congés"),
    ("{lea}:2027-03-29:soir", "jour férié (Lundi de Pâques)"),
    ("{lea}:1999-12-24:soir", "ce jour n’est pas dans une année scolaire"),
    ("{lea}:0001-01-01:soir", "ce jour n’est pas dans une année scolaire"),
    ("{lea}:9999-12-31:soir", "ce jour n’est pas dans une année scolaire"),
    ("{lea}:2026-11-30:soir", "la date limite est passée"),
]


@pytest.mark.parametrize("champ", ["r", "attente"])
@pytest.mark.parametrize(("forged", "phrase"), FORGED)
def test_planning_forged_tick_gets_its_sentence_and_the_valid_rest_is_saved(client, famille, forged, phrase, champ):
    parti = make_enfant(famille["camille"], prenom="Noé")
    parti.scolarites.update(depart=datetime(2026, 11, 20).date())
    autre = make_enfant(ResponsableFactory(), prenom="Zoé")
    Fermeture.objects.create(debut=datetime(2026, 12, 10).date(), fin=datetime(2026, 12, 10).date(), motif="grève")
    forged = forged.format(lea=famille["lea"].pk, parti=parti.pk, autre=autre.pk)
    response = post(client, **{"r": [cle(famille["tom"], 8, "soir")], champ: [forged, cle(famille["tom"], 8, "soir")]})
    assert response.status_code == 200
    assert phrase in response.text
    assert [(i.enfant, i.jour.day, i.etat) for i in Inscription.objects.all()] == [(famille["tom"], 8, "inscrit")]


@pytest.mark.parametrize("forged", ["bonjour", "{lea}:2026-13-45:soir", "{lea}:2026-02-30:soir", "-1:2026-12-08:soir"])
@pytest.mark.parametrize("champ", ["avant", "r", "attente"])
def test_planning_what_is_not_a_tick_refuses_the_whole(client, famille, forged, champ):
    response = post(client, **{champ: [forged.format(lea=famille["lea"].pk), cle(famille["lea"], 8, "soir")]})
    assert response.status_code == 200
    assert "Une case envoyée n’existe pas" in response.text
    assert Inscription.objects.count() == 0


def test_planning_forged_absence_of_a_tick_cancels_nothing(client, famille):
    """« It was ticked, and is no more »: of a child of another family, of a day past its limit."""
    zoe = make_enfant(ResponsableFactory(), prenom="Zoé")
    for enfant, jour in ((zoe, 8), (famille["lea"], 4)):
        Inscription.objects.create(enfant=enfant, jour=datetime(2026, 12, jour).date(), creneau=famille["soir"])
    page = post(client, avant=[cle(zoe, 8, "soir"), cle(famille["lea"], 4, "soir")]).text
    assert "la date limite est passée" in page
    assert Inscription.objects.filter(etat="inscrit").count() == 2


@pytest.mark.parametrize("mois", ["0000-01", "0001-01", "1999-12", "9999-11", "9999-12", "2026-13"])
def test_planning_of_no_month_is_404(client, famille, mois):
    tick = {"avant": "", "r": f"{famille['lea'].pk}:{mois}-01:soir", "enregistrer": "1"}
    assert client.get(f"/planning/{mois}/").status_code == 404
    assert client.post(f"/planning/{mois}/", tick).status_code == 404
    assert client.get("/planning/places.json", {"mois": mois}).status_code == 404


def test_planning_idem_answers_the_page_ticked_and_saves_nothing(client, famille):
    r = [cle(famille["lea"], 8, "soir"), cle(famille["lea"], 10, "midi")]
    page = post(client, r=r, bouton="idem", valeur="2026-12-07").text
    assert f'value="{cle(famille["tom"], 8, "soir")}" checked data-avant="0"' in page
    assert "4\u00a0changements à enregistrer" in page
    assert Inscription.objects.count() == 0


def test_planning_recopier_copies_the_week_on_the_following_ones(client, famille):
    page = post(client, r=[cle(famille["lea"], 8, "soir")], bouton="recopier", valeur="2026-12-07").text
    assert f'value="{cle(famille["lea"], 15, "soir")}" checked data-avant="0"' in page
    assert "2\u00a0changements à enregistrer" in page


def test_planning_rapide_ticks_a_weekday_of_the_month(client, famille):
    demande = {"q_action": "1", "q_creneau": "soir", "q_jour": "1", "q_enfant": str(famille["tom"].pk)}
    page = post(client, bouton="rapide", **demande).text
    assert f'value="{cle(famille["tom"], 7, "soir")}" checked data-avant="0"' in page
    assert f'value="{cle(famille["tom"], 14, "soir")}" checked data-avant="0"' in page
    assert "2\u00a0changements à enregistrer" in page


@pytest.mark.parametrize(
    ("coches", "mots"),
    [([], "0</b> <span>moment<"), ([8], "1</b> <span>moment<"), ([8, 10], "2</b> <span>moments<")],
)
def test_planning_counts_in_french(client, famille, coches, mots):
    post(client, r=[cle(famille["lea"], jour, "soir") for jour in coches])
    assert mots in client.get(MOIS, {"enfant": famille["lea"].pk}).text


def test_waiting_is_said_to_go_on_by_mail(client, famille):
    famille["soir"].places = 0
    famille["soir"].save()
    response = post(client, attente=[cle(famille["lea"], 8, "soir")])
    page = client.get(response["Location"]).text
    assert "Léa\u00a0: soir en liste d’attente, mardi 8" in page
    assert "Liste d’attente\u00a0: nous vous écrivons dès qu’une place se libère." in page


def test_jour_saves_and_tells(client, famille):
    adresse = reverse("enfance:jour", args=[datetime(2026, 12, 7).date()])
    response = post(client, adresse, r=[cle(famille["tom"], 7, "midi")])
    page = client.get(response["Location"]).text
    assert "Tom\u00a0: midi ajouté, lundi 7" in page
    assert "Pensez à commander le repas de Tom (lundi 7) auprès de" in page


def test_planning_after_a_save_opens_on_the_week_of_what_was_saved(client, famille):
    jour = date(2027, 1, 12)
    response = post(client, reverse("enfance:jour", args=[jour]), r=[f"{famille['tom'].pk}:{jour}:midi"])

    page = client.get(response["Location"]).text

    assert '<a href="/planning/2027-01/#s-2027-01-11">Voir le planning</a>' in page
    assert 'id="s-2027-01-11"' in client.get("/planning/2027-01/").text
    recapitulatif = client.get(f"/historique/{Enregistrement.objects.get().pk}/").text
    assert '<a href="/planning/2027-01/">Voir le planning du mois</a>' in recapitulatif


def test_jour_outside_every_year_is_404(client, famille):
    assert client.get("/jour/1999-01-04/").status_code == 404


def test_planning_of_staff_is_403(client):
    AnneeFactory()
    client.force_login(UserFactory(is_staff=True))
    assert client.get(MOIS).status_code == 403


@pytest.mark.parametrize("adresse", [MOIS, "/planning/2026-11/", "/planning/2027-02/", "/planning/2027-08/", "/"])
def test_pages_show_every_month_without_undefined_variable(client, famille, adresse):
    assert client.get(adresse).status_code == 200


@pytest.mark.parametrize(("adresse", "budget"), [("/", 17), (MOIS, 13)])
@pytest.mark.parametrize("enfants", [1, 4])
def test_pages_cost_the_same_queries_for_one_and_four_children(
    client, django_assert_max_num_queries, adresse, budget, enfants
):
    AnneeFactory()
    camille = ResponsableFactory()
    for n in range(enfants):
        make_enfant(camille, prenom=f"Enfant{n}")
    make_creneaux()
    client.force_login(camille.user)
    client.get(adresse)
    with django_assert_max_num_queries(budget):
        assert client.get(adresse).status_code == 200


def test_planning_save_refused_in_part_does_not_fill(client, famille):
    """The fields of « Remplir plus vite » travel with every save; its button alone means them."""
    champs = {"q_action": "1", "q_creneau": "soir", "q_jour": "*", "q_enfant": "*"}
    page = post(client, r=[cle(famille["lea"], 4, "soir")], **champs).text
    assert " checked" not in page.partition("<form method")[2].partition("Remplir plus vite")[0]


def test_rank_on_the_waiting_list_describes_its_box(client, famille):
    famille["soir"].places = 0
    famille["soir"].save()
    box = cle(famille["lea"], 8, "soir")
    post(client, attente=[box])
    note = f'id="n-{box.replace(":", "-")}"'

    assert f'{note} aria-hidden="true">attente <span class="vh">n° </span>1</span>' in client.get(MOIS).text
    assert f"{note}>attente n°\u00a01</small>" in client.get("/jour/2026-12-08/").text


def test_planning_saved_is_answered_before_its_month_is_drawn(client, famille, monkeypatch):
    drawn, draw = [], mois._semaine
    monkeypatch.setattr(mois, "_semaine", lambda *args: drawn.append(args[1]) or draw(*args))

    post(client, r=[cle(famille["lea"], 8, "soir"), cle(famille["tom"], 15, "soir")])

    assert drawn == []  # all is as it was sent: there is nothing else to tell


def test_planning_saved_tells_of_the_same_boxes_as_the_whole_month_would(client, famille):
    lea, tom = famille["lea"], famille["tom"]
    post(client, r=[cle(lea, 8, "soir"), cle(tom, 15, "midi")])
    creneau = Inscription.objects.first().creneau
    Inscription.objects.create(enfant=tom, jour=date(2026, 12, 1), creneau=creneau)  # past: no box any more
    Inscription.objects.create(enfant=tom, jour=date(2026, 12, 17), creneau=creneau)
    sent = [cle(lea, 10, "soir"), cle(tom, 3, "soir")]
    response = post(client, avant=[cle(tom, 3, "soir")], r=sent)
    recents = parse_qs(urlsplit(response["Location"]).query)["recents"]

    premier = date(2026, 12, 1)
    situation = load_situation(Acteur.parent(famille["camille"]), *bornes(premier), now=NOW)
    whole = mois.build_mois(situation, premier).libres

    assert recents == [" ".join(str(case.cle) for case in whole if case.coche != (str(case.cle) in sent))]
    assert recents == [" ".join([cle(lea, 8, "soir"), cle(tom, 15, "midi"), cle(tom, 17, "soir")])]


def test_planning_saved_tells_nothing_of_a_week_that_its_month_does_not_show(client, famille):
    vendredi = date(2027, 4, 30)  # the Friday of the week in which May begins, on a Saturday
    Inscription.objects.create(enfant=famille["tom"], jour=vendredi, creneau=famille["soir"])

    response = post(client, "/planning/2027-05/", r=[f"{famille['lea'].pk}:2027-05-10:soir"])

    reference = Enregistrement.objects.get().pk
    assert response["Location"] == f"/planning/2027-05/?enregistre={reference}#resultat"


def test_planning_saved_of_one_child_tells_nothing_of_another(client, famille):
    Inscription.objects.create(enfant=famille["tom"], jour=date(2026, 12, 17), creneau=famille["soir"])
    lea = famille["lea"]

    response = post(client, f"{MOIS}?enfant={lea.pk}", r=[cle(lea, 8, "soir")])

    reference = Enregistrement.objects.get().pk
    assert response["Location"] == f"{MOIS}?enfant={lea.pk}&enregistre={reference}#resultat"
