"""The home page of the town hall: by task, each block for who may see it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Permission
from django_tasks_db.models import DBTaskResult

from accounts.models import UndeliveredMail
from enfance.mairie import bureau
from enfance.models import (
    Absence,
    Creneau,
    DemandeAutorisation,
    DemandeRappel,
    Enfant,
    Fermeture,
    Inscription,
    ListeRepas,
    Pointage,
    Repas,
    Scolarite,
)
from portail.groupes import INFORMATIQUE, SECRETARIAT, droits
from tests.enfance.mairie.conftest import JEUDI_SOIR, LUNDI, client_of
from tests.factories import ResponsableFactory, StaffFactory, make_enfant

ACCUEIL = "/admin/"
JEUDI = JEUDI_SOIR.date()


def choses(response) -> dict[str, int]:
    return {chose.mots.split(",")[0]: chose.nombre for chose in response.context["choses"]}


@pytest.fixture
def client_of_group(db):
    def make(group: str):
        user = StaffFactory(is_superuser=False)
        codenames = {right.split(".")[1] for right in droits(group)}
        user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
        return client_of(user)

    return make


@pytest.fixture
def something_of_each(lea, creneaux):
    """One of each thing to deal with."""
    camille = lea.responsables.get()
    camille.user.last_login = JEUDI_SOIR
    camille.user.save()
    dominique = ResponsableFactory(user__email="", user__last_login=JEUDI_SOIR)
    lou = make_enfant(dominique, prenom="Lou", pai=True, pai_fin=date(2026, 12, 24))
    jamais = ResponsableFactory()
    noe = make_enfant(jamais, prenom="Noé")
    Scolarite.objects.filter(enfant=noe).update(classe=None)
    parti = make_enfant(prenom="Zoé")
    Scolarite.objects.filter(enfant=parti).update(depart=date(2026, 11, 20))
    UndeliveredMail.objects.create(user=camille.user, mail="Envoi", reason="refused")
    Inscription.objects.create(
        enfant=lou, jour=LUNDI, creneau=creneaux["soir"], etat="attente", attente_depuis=JEUDI_SOIR
    )
    DemandeAutorisation.objects.create(enfant=lea, nom="Dupont Jean")
    DemandeRappel.objects.create(enfant=lea, demandee_par=camille.user)
    liste = ListeRepas.objects.create(debut=LUNDI, fin=LUNDI)
    Repas.objects.create(enfant=lea, jour=LUNDI, liste=liste)
    veille = JEUDI_SOIR - timedelta(days=2)
    Pointage.objects.create(
        enfant=lea, jour=veille.date(), creneau=creneaux["soir"], present=True, arrivee=veille, arrivee_recue=veille
    )


def test_home_counts_what_there_is_to_deal_with(mairie, something_of_each):
    response = mairie.get(ACCUEIL)

    assert choses(response) == {
        "personne à vérifier avant de l’autoriser": 1,
        "parent à rappeler": 1,
        "parent sans adresse e-mail": 1,
        "courriel non remis": 1,
        "parent jamais connecté": 1,
        "repas sans pause méridienne": 1,
        "enfant en liste d’attente": 1,
        "enfant sans classe": 1,
        "élève noté parti depuis 30\u00a0jours": 1,
        "PAI fini ou bientôt fini": 1,
        "feuille d’appel à terminer": 1,
    }
    html = response.text
    assert "<b>1</b> <span>parent sans adresse e-mail</span>" in html
    assert "Rien à traiter" not in html


def test_what_presses_comes_first_with_its_detail_and_its_deadline(mairie, something_of_each):
    groupes = {u.value: [c.mots.split(",")[0] for c in choses] for u, choses in mairie.get(ACCUEIL).context["groupes"]}

    assert groupes == {
        "Au plus vite": [
            "personne à vérifier avant de l’autoriser",
            "parent à rappeler",
            "repas sans pause méridienne",
            "enfant en liste d’attente",
            "courriel non remis",
        ],
        "Cette semaine": [
            "feuille d’appel à terminer",
            "PAI fini ou bientôt fini",
            "élève noté parti depuis 30\u00a0jours",
        ],
        "Quand vous pouvez": ["enfant sans classe", "parent sans adresse e-mail", "parent jamais connecté"],
    }
    repas = next(chose for chose in mairie.get(ACCUEIL).context["choses"] if chose.mots.startswith("repas"))
    assert (repas.detail, repas.echeance) == ("Léa, pour lundi 7", "avant demain, 12\u00a0h")


def test_place_left_on_a_waiting_list_presses(mairie, something_of_each):
    def attente():
        return next(c for c in mairie.get(ACCUEIL).context["choses"] if c.mots.startswith("enfant en liste"))

    Creneau.objects.filter(code="soir").update(places=1)
    assert attente().detail == "Lundi 7, soir\u00a0: 1\u00a0place libre, Lou en tête de liste"
    Creneau.objects.filter(code="soir").update(places=0)
    assert (attente().detail, attente().urgence.name) == ("Lou", "SEMAINE")


def test_neither_health_nor_address_is_in_a_detail(mairie, something_of_each):  # ADM-03
    pai = next(c for c in mairie.get(ACCUEIL).context["choses"] if c.mots.startswith("PAI"))

    assert (pai.detail, pai.echeance) == ("", "")
    assert "@" not in "".join(chose.detail for chose in mairie.get(ACCUEIL).context["choses"])


def test_each_count_leads_to_as_many_rows(mairie, something_of_each):
    for chose in mairie.get(ACCUEIL).context["choses"]:
        response = mairie.get(chose.adresse)

        assert response.status_code == 200
        if "cl" in response.context:
            assert response.context["cl"].result_count == chose.nombre, chose


def test_home_says_that_all_is_done(mairie, creneaux):
    html = mairie.get(ACCUEIL).text

    assert "Rien à traiter." in html


def test_plural_is_said(mairie, creneaux):
    for n in range(2):
        make_enfant(ResponsableFactory(user__email=""), prenom=f"Enfant {n}")

    assert "<b>2</b> <span>parents sans adresse e-mail</span>" in mairie.get(ACCUEIL).text


@pytest.mark.parametrize(
    ("day", "found"),
    [
        (date(2026, 11, 2), 0),
        (date(2026, 11, 3), 1),
        (date(2026, 12, 3), 1),
        (date(2027, 7, 2), 1),
        (date(2027, 7, 3), 0),
    ],
)
def test_health_plan_is_looked_at_thirty_days_before_its_end(db, day, found):
    make_enfant(ResponsableFactory(), pai=True, pai_fin=date(2026, 12, 3))

    assert bureau.pai_a_revoir(day).count() == found


@pytest.mark.parametrize(("day", "found"), [(date(2026, 11, 30), 1), (date(2026, 12, 1), 0)])
def test_departure_is_looked_at_for_thirty_days(db, day, found):
    parti = make_enfant(ResponsableFactory())
    Scolarite.objects.filter(enfant=parti).update(depart=date(2026, 11, 1))

    assert bureau.partis(day).count() == found


def test_family_that_has_left_waits_for_nothing(mairie):
    ResponsableFactory(user__email="")
    parti = make_enfant(ResponsableFactory(user__email=""))
    Scolarite.objects.filter(enfant=parti).update(depart=date(2026, 9, 15))

    assert choses(mairie.get(ACCUEIL)) == {}


# --- The day --------------------------------------------------------------------------------------------------------


def test_day_shows_its_numbers(mairie, lea, creneaux):
    Creneau.objects.filter(code="soir").update(places=30)
    Inscription.objects.create(enfant=lea, jour=JEUDI, creneau=creneaux["soir"])
    Inscription.objects.create(enfant=lea, jour=JEUDI, creneau=creneaux["matin"], etat="annulee")
    Absence.objects.create(enfant=lea, jour=JEUDI)
    Fermeture.objects.create(debut=JEUDI, fin=JEUDI, motif="grève").creneaux.add(creneaux["matin"])

    response = mairie.get(ACCUEIL)

    journee = response.context["journee"]
    assert (journee.jour, journee.prochaine, journee.repas, journee.absences) == (JEUDI, False, 0, 1)
    numbers = [(m.creneau.code, m.inscrits, m.attente, m.creneau.places) for m in journee.moments]
    assert numbers == [("matin", 0, 0, None), ("midi", 0, 0, None), ("soir", 1, 0, 30)]
    html = response.text
    assert "Aujourd’hui, jeudi 3\u00a0décembre" in html
    assert "<strong>Fermé\u00a0: grève</strong>, matin" in html
    assert "1\u00a0absence signalée" in html


def test_closures_of_the_day_are_all_told_and_five_of_those_to_come(lea):
    for n in range(6):
        Fermeture.objects.create(debut=JEUDI, fin=JEUDI, motif=f"sortie {n}")
        Fermeture.objects.create(debut=JEUDI + timedelta(days=n + 1), fin=JEUDI + timedelta(days=n + 1), motif=f"f{n}")

    journee = bureau.load_journee(now=JEUDI_SOIR)

    assert len(journee.fermetures) == 6
    assert [quoi for _, quoi in journee.venir if "fermé" in quoi] == [f"fermé, f{n}" for n in range(5)]


def test_day_says_who_came_and_its_week(mairie, lea, creneaux):
    Creneau.objects.filter(code="soir").update(places=2)
    for jour in (JEUDI, JEUDI - timedelta(days=2)):
        Inscription.objects.create(enfant=lea, jour=jour, creneau=creneaux["soir"])
    Pointage.objects.create(
        enfant=lea, jour=JEUDI, creneau=creneaux["soir"], present=True, arrivee=JEUDI_SOIR, arrivee_recue=JEUDI_SOIR
    )
    Fermeture.objects.create(debut=date(2026, 12, 15), fin=date(2026, 12, 15), motif="formation")

    journee = mairie.get(ACCUEIL).context["journee"]

    soir = journee.moments[-1]
    assert (soir.venus, soir.libres, soir.clos, soir.part_inscrits, soir.part_venus) == (1, 1, False, "50.0%", "50.0%")
    assert [(j.jour.day, j.hors) for j in journee.semaine] == [
        (30, ""),
        (1, ""),
        (2, "Pas d’école"),
        (3, ""),
        (4, ""),
    ]
    assert [m and m.inscrits for m in journee.lignes[-1][1]] == [0, 1, None, 1, 0]
    assert ("mardi 15\u00a0décembre", "fermé, formation") in journee.venir


def test_day_without_school_gives_way_to_the_next_one(mairie, lea, creneaux, time_machine):
    time_machine.move_to(JEUDI_SOIR + timedelta(days=2), tick=False)
    mairie = client_of(StaffFactory())

    journee = mairie.get(ACCUEIL).context["journee"]

    assert (journee.jour, journee.prochaine) == (LUNDI, True)


def test_home_without_any_year_says_so(mairie):
    assert "Aucun jour d’école à venir" in mairie.get(ACCUEIL).text


# --- Who sees what --------------------------------------------------------------------------------------------------


def test_secretary_has_the_shortcuts_and_the_lists_in_her_words(client_of_group, something_of_each):
    response = client_of_group(SECRETARIAT).get(ACCUEIL)

    assert [raccourci.nom for raccourci in response.context["raccourcis"]][:3] == [
        "Trouver une famille",
        "Ajouter une famille",
        "Feuille d’appel du jour",
    ]
    assert [groupe["name"] for groupe in response.context["app_list"]] == [
        "Les familles",
        "La garderie",
        "La cantine",
        "L’année et les classes",
        "Les factures",
        "Ce que nous écrivons aux familles",
        "Ce qui a été fait",
        "Les agents et le service",
    ]
    assert len(choses(response)) == 11


def test_shortcuts_all_lead_somewhere(client_of_group, something_of_each):
    client = client_of_group(SECRETARIAT)

    for raccourci in client.get(ACCUEIL).context["raccourcis"]:
        assert client.get(raccourci.adresse, follow=True).status_code == 200, raccourci


def test_it_service_sees_its_own_and_no_family(client_of_group, something_of_each):
    task = {"task_path": "x", "queue_name": "default", "backend_name": "default", "run_after": JEUDI_SOIR}
    DBTaskResult.objects.create(status="FAILED", args_kwargs={"args": [], "kwargs": {}}, priority=0, **task)

    response = client_of_group(INFORMATIQUE).get(ACCUEIL)

    assert choses(response) == {"tâche échouée": 1}
    names = [groupe["name"] for groupe in response.context["app_list"]]
    assert names == ["Ce qui a été fait", "Les agents et le service"]  # « Effacements »: keys and no name
    assert (response.context["raccourcis"], response.context["journee"]) == ([], None)


def test_health_is_counted_for_who_may_see_it(agent_with, something_of_each):  # ADM-03
    without = choses(agent_with("view_enfant").get(ACCUEIL))

    assert "PAI fini ou bientôt fini" not in without
    assert agent_with("view_enfant").get("/admin/enfance/enfant/?a_traiter=pai").context["cl"].result_count == (
        Enfant.objects.count()
    )


def test_home_costs_the_same_however_much_there_is(
    client_of_group, something_of_each, django_assert_max_num_queries, creneaux
):
    client = client_of_group(SECRETARIAT)
    client.get(ACCUEIL)
    for _ in range(2):
        with django_assert_max_num_queries(57):
            client.get(ACCUEIL)
        for n in range(3):
            lou = make_enfant(ResponsableFactory(user__email=""), prenom=f"Enfant {n}")
            Inscription.objects.create(enfant=lou, jour=JEUDI, creneau=creneaux["soir"])
            Repas.objects.create(enfant=lou, jour=LUNDI, liste=ListeRepas.objects.get())
