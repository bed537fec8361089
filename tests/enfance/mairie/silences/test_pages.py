"""« Le portail n’a pas répondu »: fifty minutes over a deadline, seen, declared, put aside, taken back."""

from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from accounts.heartbeats import beat
from enfance.cadre import load_cadre
from enfance.inscriptions import Changement, enregistrer
from enfance.models import Indisponibilite, Inscription
from enfance.regles import Acteur, Action, Cle, obstacles_for
from enfance.situation import load_situation
from portail.dates import PARIS
from tests.clients import Client
from tests.reading import messages_of, plain, words_of

LUNDI = date(2026, 12, 7)
ADRESSE = reverse("admin:enfance_silences")


def vendredi(heure, minute=0):
    return datetime(2026, 12, 4, heure, minute, tzinfo=PARIS)


DU, AU = vendredi(11, 20), vendredi(12, 10)  # the deadline for Monday is at 12
SAISI = {"jour": "2026-12-04", "de": "11:20", "a": "12:10", "fin": "", "proposition": ""}


@pytest.fixture(autouse=True)
def clock(db):
    with time_machine.travel(vendredi(12, 14), tick=False) as clock:
        yield clock


@pytest.fixture
def panne(creneaux, lea):
    """Fifty minutes during which neither a page nor the worker wrote its minute."""
    beat(now=DU)
    beat(now=AU)
    return Indisponibilite.objects.get()


def limites():
    cadre = load_cadre()
    return {
        (jour, creneau.code, action): cadre.limites.of(jour, creneau, action)
        for jour in cadre.calendrier.jours_ecole(date(2026, 12, 1), date(2026, 12, 18))
        for creneau in cadre.creneaux.par_code.values()
        for action in Action
    }


def test_proposed_on_the_home_page_and_declared_as_it_was_shown(mairie, panne, agente):
    avant = limites()
    accueil = plain(words_of(mairie.get(reverse("admin:index"))))
    assert "silence du portail à déclarer ou à écarter" in accueil
    assert "Vendredi 4 décembre de 11 h 20 à 12 h 10" in accueil

    response = mairie.get(ADRESSE)

    page = plain(words_of(response))
    assert "Proposé par le portail : 50 minutes sans réponse" in page
    assert "1 limite repoussée, 1 famille" in page
    assert "Lundi 7 décembre, matin, midi et soir" in page
    assert "vendredi 4 décembre, 12 h 50" in page
    assert "Lundi 7 décembre : limite reportée à 12 h 50 : le portail n’a pas répondu de 11 h 20 à 12 h 10." in page
    assert limites() == avant, "a preview moves nothing"

    response = mairie.agree(ADRESSE, SAISI | {"proposition": str(panne.pk)})

    assert plain(messages_of(response)[0]) == (
        "Silence déclaré, vendredi 4 décembre de 11 h 20 à 12 h 10 : 1 limite repoussée, 1 famille."
    )
    panne.refresh_from_db()
    assert (panne.declaree_par, panne.declaree_le) == (agente, vendredi(12, 14))
    apres = limites()
    assert {cle: (avant[cle], apres[cle]) for cle in avant if avant[cle] != apres[cle]} == {
        (LUNDI, code, action): (vendredi(12), vendredi(12, 50))
        for code in ("matin", "midi", "soir")
        for action in Action
    }
    assert LogEntry.objects.get().object_id == str(panne.pk)
    assert "silence du portail" not in plain(words_of(mairie.get(reverse("admin:index"))))


def test_hours_are_corrected_before_it_is_declared(mairie, panne):
    response = mairie.post(ADRESSE, SAISI | {"a": "12 h 05", "proposition": str(panne.pk)})
    assert "vendredi 4 décembre, 12 h 45" in plain(words_of(response))

    mairie.agree(ADRESSE, SAISI | {"a": "12:05", "proposition": str(panne.pk)})

    assert Indisponibilite.objects.get().au == vendredi(12, 5)
    assert limites()[LUNDI, "soir", Action.INSCRIRE] == vendredi(12, 45)


def test_what_was_confirmed_for_other_hours_is_shown_again(mairie, panne):
    shown = mairie.post(ADRESSE, SAISI).context["apercu"].empreinte

    response = mairie.post(ADRESSE, SAISI | {"a": "12:00", "confirmer": "1", "empreinte": shown})

    assert "a changé depuis l’aperçu" in plain(words_of(response))
    assert not Indisponibilite.objects.standing().exists()


def test_no_outage_is_put_aside(mairie, panne):
    ecarter = reverse("admin:enfance_silence_ecarter", args=[panne.pk])

    response = mairie.post(ecarter, follow=True)
    mairie.post(ecarter)

    assert plain(messages_of(response)[0]).startswith("Écarté, vendredi 4 décembre de 11 h 20 à 12 h 10.")
    assert "Proposé par le portail" not in words_of(response)
    assert LogEntry.objects.count() == 1
    assert limites()[LUNDI, "soir", Action.INSCRIRE] == vendredi(12)


def test_night_without_a_deadline_asks_nobody(mairie, creneaux):
    beat(now=vendredi(2))
    beat(now=vendredi(3))

    assert "silence du portail" not in plain(words_of(mairie.get(reverse("admin:index"))))
    assert "Aucun silence déclaré" in words_of(mairie.get(ADRESSE))


def test_taken_back(mairie, panne):
    mairie.agree(ADRESSE, SAISI | {"proposition": str(panne.pk)})
    retirer = reverse("admin:enfance_silence_retirer", args=[panne.pk])

    page = plain(words_of(mairie.get(retirer)))
    assert "1 limite redevient celle du règlement" in page
    assert "Redevient Lundi 7 décembre, matin, midi et soir vendredi 4 décembre, 12 h 50" in page
    assert limites()[LUNDI, "soir", Action.INSCRIRE] == vendredi(12, 50)

    mairie.agree(retirer, {})

    assert limites()[LUNDI, "soir", Action.INSCRIRE] == vendredi(12)
    assert "Retiré vendredi 4 décembre à 12 h 14." in plain(words_of(mairie.get(ADRESSE)))
    assert "déjà" in words_of(mairie.get(retirer, follow=True)).lower()


@pytest.mark.parametrize(
    ("saisi", "dit"),
    [
        ({"a": "11:20"}, "La fin doit suivre le début"),
        ({"a": "10:00"}, "dites le jour de la fin"),
        ({"a": "12:30"}, "cette heure n’est pas passée"),
        ({"jour": ""}, "obligatoire"),
        ({"de": "midi"}, "Une heure s’écrit « 11 h 20 »."),
        ({"proposition": "9" * 30}, "1 limite repoussée"),
    ],
)
def test_what_is_refused_in_words(mairie, creneaux, lea, saisi, dit):
    assert dit in plain(words_of(mairie.post(ADRESSE, SAISI | saisi)))
    assert not Indisponibilite.objects.exists()


def test_declared_twice_is_said(mairie, panne):
    mairie.agree(ADRESSE, SAISI)

    assert "Ce silence est déjà déclaré." in words_of(mairie.post(ADRESSE, SAISI))


def test_silence_over_a_week_end(mairie, agente, creneaux, lea, clock):
    clock.move_to(datetime(2026, 12, 7, 9, tzinfo=PARIS))
    mairie.force_login(agente)

    response = mairie.post(ADRESSE, SAISI | {"a": "08:00", "fin": "2026-12-07"})

    page = plain(words_of(response))
    assert "Lundi 7 décembre, midi et soir vendredi 4 décembre, 12 h lundi 7 décembre, 8 h 40" in page
    assert "Lundi 7 décembre, matin vendredi 4 décembre, 12 h lundi 7 décembre, 7 h 30" in page  # when it begins
    assert "L’heure nouvelle est déjà passée" in page


def test_families_read_it_and_nobody_is_late(mairie, panne, lea, creneaux, clock):
    responsable = lea.responsables.get()
    parent = Client()
    parent.force_login(responsable.user)
    soir = Cle(lea.pk, LUNDI, "soir")

    def blocks(now):
        situation = load_situation(Acteur.parent(responsable), LUNDI, LUNDI, now=now)
        return [plain(obstacle.message) for obstacle in obstacles_for(situation, soir, Action.INSCRIRE)]

    assert blocks(vendredi(12, 14)) == ["la date limite est passée (vendredi 4 décembre, 12 h)."]
    mairie.agree(ADRESSE, SAISI | {"proposition": str(panne.pk)})
    assert blocks(vendredi(12, 49)) == []
    assert blocks(vendredi(12, 50)) == [
        "la date limite est passée (vendredi 4 décembre, 12 h 50, limite reportée à 12 h 50 : le portail n’a pas "
        "répondu de 11 h 20 à 12 h 10)."
    ]

    clock.move_to(vendredi(12, 30))
    enregistrer([Changement(soir, "inscrit")], Acteur.parent(responsable), now=vendredi(12, 30))
    assert Inscription.objects.get().etat == "inscrit"
    dit = "limite reportée à 12 h 50 : le portail n’a pas répondu de 11 h 20 à 12 h 10"
    for adresse in (
        reverse("enfance:accueil"),
        reverse("enfance:planning_mois", args=[date(2026, 12, 1)]),
        reverse("enfance:jour", args=[LUNDI]),
    ):
        assert dit in plain(words_of(parent.get(adresse))).replace("Limite", "limite"), adresse


@pytest.mark.parametrize("declare", [False, True])
def test_no_page_asks_one_query_more(panne, lea, creneaux, declare, django_assert_num_queries):
    if declare:
        Indisponibilite.objects.update(declaree_le=AU)

    with django_assert_num_queries(2):
        load_cadre()


def test_limits_are_kept_until_a_silence_is_declared(creneaux):
    premier = load_cadre().limites
    assert load_cadre().limites is premier

    Indisponibilite.objects.create(du=DU, au=AU, declaree_le=AU)

    assert load_cadre().limites is not premier
    assert load_cadre().limites.of(LUNDI, creneaux["soir"], Action.INSCRIRE) == DU.replace(
        hour=12, minute=0
    ) + timedelta(minutes=50)


def test_rights(agent_with, panne):
    agent = agent_with("view_indisponibilite")

    assert agent.get(ADRESSE).status_code == 403
    assert agent.post(reverse("admin:enfance_silence_ecarter", args=[panne.pk])).status_code == 403
