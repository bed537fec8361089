"""The counter and the phone: a family read on one page."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from html import unescape

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.models import EmailChange, UndeliveredMail
from enfance.inscriptions import Changement, enregistrer
from enfance.models import Enfant, Garde, ListeRepas, PersonneAutorisee, Repas, Responsabilite
from enfance.regles import Acteur, Cle
from tests.enfance.mairie.admin.formulaires import save
from tests.enfance.mairie.conftest import JEUDI_SOIR, LUNDI, client_of
from tests.enfance.mairie.enfants.fiche import opened, sujet_of
from tests.enfance.mairie.familles.pages_lues import RIGHTS, page_of
from tests.factories import FoyerFactory, ResponsableFactory, make_enfant


def test_page_leads_to_the_persons_to_check(mairie, familles):  # ACC-07
    lea, page = familles["lea"], page_of(familles["morel"].foyer)
    demande = lea.demandes_autorisation.create(nom="D. Absent", lien="sa tante")
    html = mairie.get(page).text
    assert ("<div>D. Absent, sa tante</div>" in html, 'href="/admin/enfance/enfant/demandes/"' in html) == (True, True)
    lea.demandes_autorisation.filter(pk=demande.pk).update(decidee_le=demande.demandee_le)
    assert "D. Absent" not in mairie.get(page).text


def test_page_tells_all_that_a_call_may_ask(mairie, familles, creneaux):
    lea, morel = familles["lea"], familles["morel"]
    PersonneAutorisee.objects.create(enfant=lea, nom="Mamie Jeanne", lien="sa grand-mère", telephone="06 39 98 00 77")
    PersonneAutorisee.objects.create(enfant=lea, nom="Denis Absent", interdite=True)
    PersonneAutorisee.objects.create(enfant=lea, nom="Autrefois", fin=date(2026, 1, 1))
    PersonneAutorisee.objects.create(enfant=lea, nom="Retirée", retiree_le=timezone.now())
    UndeliveredMail.objects.create(user=morel.user, mail="Garderie fermée", reason="refused")
    creneaux["soir"].places = 0
    creneaux["soir"].save()
    liste = ListeRepas.objects.create(debut=LUNDI, fin=LUNDI)
    Repas.objects.create(enfant=lea, jour=LUNDI, liste=liste)
    acteur = Acteur.parent(morel)
    enregistrer([Changement(Cle(lea.pk, LUNDI, "soir"), "attente")], acteur, now=JEUDI_SOIR)
    enregistrer([Changement(Cle(lea.pk, LUNDI, "matin"), "inscrit")], acteur, now=JEUDI_SOIR)

    html = mairie.get(page_of(morel.foyer)).text

    for expected in [
        "3816238",
        "camille.morel@courriel.example",
        "06\u00a039\u00a098\u00a000\u00a012",
        "<strong>jamais</strong>",
        "«\u00a0Garderie fermée\u00a0» non remis",
        "CE1-CE2 Mme Sorbier",
        "Ici, toujours.",
        'Mamie Jeanne (sa grand-mère), <a class="nob" href="tel:+33639980077">06\u00a039\u00a098\u00a000\u00a077</a>',
        "<strong>Denis Absent</strong>",
        "Léa, soir, lundi 7\u00a0décembre\u00a0: attente n°\u00a01",
        "Léa, lundi 7\u00a0décembre\u00a0: repas commandé, pas inscrit à la pause méridienne",
        "<span>Camille Morel (accès famille)</span><p>Léa\u00a0: matin ajouté, lundi 7",
        f'href="/guichet/{morel.foyer_id}/planning/"',
    ]:
        assert expected in html, expected
    assert "Autrefois" not in html
    assert "Retirée" not in html


def test_page_says_that_a_new_address_waits_for_its_confirmation(mairie, familles):
    morel = familles["morel"]
    change = EmailChange.objects.create(
        user=morel.user,
        former=morel.user.email,
        email="nouvelle@courriel.example",
        asked_at=JEUDI_SOIR,
        expires_at=JEUDI_SOIR + timedelta(hours=24),
    )
    html = mairie.get(page_of(morel.foyer)).text
    assert "<b>nouvelle@courriel.example</b> attend d’être confirmée" in html
    assert "jusqu’au vendredi 4\u00a0décembre à 20\u00a0h\u00a041" in html

    EmailChange.objects.filter(pk=change.pk).update(expires_at=JEUDI_SOIR)
    assert "nouvelle@courriel.example" not in mairie.get(page_of(morel.foyer)).text


def test_page_opens_on_this_week_which_the_counter_saves(mairie, familles, creneaux):
    lea, morel = familles["lea"], familles["morel"]
    response = mairie.get(page_of(morel.foyer))
    mois = response.context["mois"]
    assert [str(semaine.lundi) for semaine in mois.semaines] == ["2026-11-30", "2026-12-07"]
    [past] = [case for case in mois.libres if case.cle == Cle(lea.pk, LUNDI - timedelta(days=3), "soir")]
    assert past.motif
    [action] = re.findall(r'<form class="pile deux-semaines" method="post" action="([^"]*)"', response.text)

    data = {"avant": mois.avant, "r": str(past.cle), "motif": "Appel de la mère", "enregistrer": "1"}
    saved = mairie.post(action, data, follow=True)

    assert lea.inscriptions.get().etat == "inscrit"
    assert "C’est enregistré" in saved.text


def form_of(response, **data) -> tuple[str, dict[str, object]]:
    """Where the form of the weeks leads, and what it sends: its hidden fields as drawn, and what is ticked."""
    [(action, form)] = re.findall(
        r'<form class="pile deux-semaines" method="post" action="([^"]*)"(.*?)</form>', response.text, re.S
    )
    sent: dict[str, object] = {}
    for name, value in re.findall(r'<input type="hidden" name="(avant|semaine)" value="([^"]*)">', form):
        sent.setdefault(name, []).append(value)
    coches = [str(case.cle) for case in response.context["mois"].libres if case.coche]
    return action, {**sent, "r": coches, "enregistrer": "1"} | data


@pytest.fixture
def inscrite_loin(familles, creneaux):
    """A box of the month that the page of the family does not show, long since registered."""
    cle = Cle(familles["lea"].pk, LUNDI + timedelta(days=8), "soir")
    enregistrer([Changement(cle, "inscrit")], Acteur.parent(familles["morel"]), now=timezone.now() - timedelta(days=60))
    return cle


@pytest.mark.parametrize("motif", ["", "Appel de la mère"])
def test_save_of_the_weeks_says_nothing_of_the_others(mairie, familles, inscrite_loin, motif):
    lea, morel = familles["lea"], familles["morel"]
    tard, mardi = Cle(lea.pk, LUNDI - timedelta(days=3), "soir"), Cle(lea.pk, LUNDI + timedelta(days=1), "soir")
    action, data = form_of(mairie.get(page_of(morel.foyer)), motif=motif)
    data["r"] = [*data["r"], str(tard), str(mardi)]

    saved = mairie.post(action, data, follow=True)

    assert lea.inscriptions.filter(etat="inscrit").count() == (3 if motif else 2)
    assert [bool(saved.context["refus"]), saved.context["recents"]] == [not motif, []]
    assert "pendant que vous l’aviez ouvert" not in saved.text


def test_save_of_the_weeks_says_what_changed_in_them(mairie, familles, inscrite_loin):
    lea, morel = familles["lea"], familles["morel"]
    action, data = form_of(mairie.get(page_of(morel.foyer)))
    lundi = Cle(lea.pk, LUNDI, "soir")
    enregistrer([Changement(lundi, "inscrit")], Acteur.parent(morel), now=timezone.now())

    saved = mairie.post(action, data | {"r": [str(Cle(lea.pk, LUNDI + timedelta(days=4), "soir"))]}, follow=True)

    [dite] = saved.context["recents"]
    assert dite.startswith("Léa, lundi 7, soir\u00a0: ajouté par")


@pytest.mark.parametrize("sent", [{"motif": "a" * 201}, {"titre": "x"}])
def test_month_shown_again_keeps_what_the_page_of_the_family_did_not_show(mairie, familles, inscrite_loin, sent):
    morel, mardi = familles["morel"], Cle(familles["lea"].pk, LUNDI + timedelta(days=1), "soir")
    action, data = form_of(mairie.get(page_of(morel.foyer)), **sent)

    again = mairie.post(action, data | {"r": [str(mardi)]}, follow=True)

    vues = {case.cle: case for case in again.context["mois"].libres if case.coche}
    assert [(cle, case.modif) for cle, case in vues.items()] == [(mardi, True), (inscrite_loin, False)]
    assert set(again.context["mois"].avant.split()) == {str(inscrite_loin)}


@pytest.mark.parametrize("semaine", ["hier", "2026-12-08", "2026-13-01", "9" * 30])
def test_week_that_is_none_saves_nothing_and_says_so(mairie, familles, creneaux, semaine):
    morel, mardi = familles["morel"], Cle(familles["lea"].pk, LUNDI + timedelta(days=1), "soir")
    action, data = form_of(mairie.get(page_of(morel.foyer)))

    response = mairie.post(action, data | {"semaine": semaine, "r": [str(mardi)]})

    assert (response.status_code, familles["lea"].inscriptions.exists()) == (200, False)
    assert "rechargez la page" in response.text


@pytest.mark.parametrize(
    ("today", "lundis"),
    [
        (date(2026, 12, 5), ["2026-12-07", "2026-12-14"]),  # a Saturday
        (date(2027, 1, 28), ["2027-01-25"]),  # the next one is of another month, which has its own page
        (date(2026, 12, 17), ["2026-12-14"]),  # then holidays
        (date(2026, 12, 25), ["2027-01-04", "2027-01-11"]),
        (date(2027, 7, 20), []),
    ],
)
def test_weeks_shown_are_those_of_the_next_school_day(agente, familles, creneaux, time_machine, today, lundis):
    time_machine.move_to(datetime.combine(today, JEUDI_SOIR.timetz()), tick=False)

    mois = client_of(agente).get(page_of(familles["morel"].foyer)).context["mois"]

    assert [str(semaine.lundi) for semaine in mois.semaines] == lundis


def test_weeks_are_for_who_may_register(agent_with, familles, creneaux):
    response = agent_with(*RIGHTS).get(page_of(familles["morel"].foyer))

    assert (response.context["mois"], "tuile" in response.text) == (None, False)


def test_page_names_the_other_home_and_the_suspended_access(mairie, familles):
    lea, morel, munoz = familles["lea"], familles["morel"], familles["munoz"]
    Garde.objects.filter(enfant=lea).update(rythme="alternee", depuis=date(2026, 9, 9), passage="vendredi")
    Garde.objects.create(enfant=lea, foyer=munoz.foyer, debut=date(2026, 9, 1), fin=date(2027, 7, 2))
    Responsabilite.objects.create(enfant=lea, responsable=munoz, suspendue=True)

    [fiche] = mairie.get(page_of(morel.foyer)).context["famille"].enfants
    other = mairie.get(page_of(munoz.foyer)).context["famille"]

    assert fiche.gardes == [
        "Ici, une semaine sur deux à partir du lundi 7\u00a0septembre 2026, changement le vendredi soir.",
        "Foyer MUÑOZ-D’ANGELO, 3 rue du Lac, toujours, depuis le 1er\u00a0septembre 2026, "
        "jusqu’au 2\u00a0juillet 2027.",
    ]
    assert [lien.suspendue for lien in fiche.liens] == [False, True]
    assert [str(vue.enfant) for vue in other.enfants] == ["Léa Morel", "Zoë D’Angelo"]


def test_health_is_flagged_to_who_may_see_it_and_never_told_here(agent_with, familles):  # ADM-03
    Enfant.objects.filter(pk=familles["lea"].pk).update(pai=True, pai_fin=date(2027, 7, 2), consigne="arachide")
    page = page_of(familles["morel"].foyer)

    without = agent_with(*RIGHTS).get(page).text
    with_it = agent_with(*RIGHTS, "view_sante").get(page).text

    assert "PAI" not in without
    assert "PAI jusqu’au 2\u00a0juillet 2027" in with_it
    assert "arachide" not in with_it


def test_credentials_are_sent_from_the_page(mairie, familles):
    morel = familles["morel"]

    response = mairie.post(page_of(morel.foyer), {"envoyer": morel.user_id}, follow=True)

    assert response.request["PATH_INFO"] == page_of(morel.foyer)
    assert DBTaskResult.objects.get().args_kwargs["args"][0] == "3816238"
    assert LogEntry.objects.get().object_id == str(morel.user_id)  # ADM-04


def test_login_is_unlocked_from_the_page(client, mairie, familles):
    morel = familles["morel"]
    for _ in range(11):
        blocked = client.post("/connexion/", {"identifiant": "3816238", "password": "faux"})

    mairie.post(page_of(morel.foyer), {"debloquer": morel.user_id})
    freed = client.post("/connexion/", {"identifiant": "3816238", "password": "faux"})

    assert (blocked.status_code, freed.status_code) == (429, 200)
    assert LogEntry.objects.get().get_change_message() == "Essais de connexion remis à zéro."


@pytest.mark.parametrize("action", ["envoyer", "debloquer"])
def test_buttons_are_of_this_family_alone_and_want_their_right(mairie, agent_with, familles, action):
    page = page_of(familles["morel"].foyer)

    assert mairie.post(page, {action: familles["munoz"].user_id}).status_code == 404
    assert mairie.post(page, {action: "x"}).status_code == 404
    assert agent_with(*RIGHTS).post(page, {action: familles["morel"].user_id}).status_code == 403
    assert not DBTaskResult.objects.exists()


def test_home_without_adult_or_child_has_its_page(mairie):
    html = mairie.get(page_of(FoyerFactory())).text

    assert "Aucun adulte dans ce foyer." in html
    assert "Aucun enfant dans ce foyer." in html


def test_family_of_six_costs_as_much_as_one_of_one(mairie, familles, creneaux, django_assert_num_queries):
    morel = familles["morel"]
    page = page_of(morel.foyer)
    enregistrer([Changement(Cle(familles["lea"].pk, LUNDI, "soir"), "inscrit")], Acteur.parent(morel), now=JEUDI_SOIR)
    mairie.get(page)
    for expected in (1, 6):
        with django_assert_num_queries(35):
            famille = mairie.get(page).context["famille"]
        assert len(famille.enfants) == expected
        for n in range(5):
            make_enfant(morel, prenom=f"Enfant {n}", date_naissance=date(2018, 1, 1) + timedelta(days=n))


@pytest.mark.parametrize("of", ["lea", "adulte", "compte", "foyer"])
def test_what_is_changed_from_the_page_of_a_family_comes_back_to_it(mairie, familles, of):
    morel = familles["morel"]
    obj = {"lea": familles["lea"], "adulte": morel, "compte": morel.user, "foyer": morel.foyer}[of]
    address = f"/admin/{obj._meta.app_label}/{obj._meta.model_name}/{obj.pk}/change/"
    [*_, link] = re.findall(rf'href="({address}[^"]*)"', mairie.get(page_of(morel.foyer)).text)

    if of == "lea":
        link = f"{unescape(link)}&changer=identite"
        assert mairie.post(link, opened(mairie, link), follow=True).request["PATH_INFO"] == page_of(morel.foyer)
        return
    assert save(mairie, link).request["PATH_INFO"] == page_of(morel.foyer)
    assert save(mairie, link, _continue="1").request["PATH_INFO"] == address


def test_person_is_added_from_the_page_for_brothers_and_sisters_at_once(mairie, familles):
    morel, lea = familles["morel"], familles["lea"]
    tom = make_enfant(morel, prenom="Tom", date_naissance=date(2020, 1, 1))
    html = mairie.get(page_of(morel.foyer)).text
    [link] = re.findall(rf'href="(/admin/enfance/enfant/{lea.pk}/change/[^"]*)">Ajouter une personne', html)
    link = unescape(link).partition("#")[0]
    data = opened(mairie, link) | {"nom": "Odile Morel", "lien": "sa tante", "aussi": [tom.pk]}

    response = mairie.post(link, data, follow=True)

    assert response.request["PATH_INFO"] == page_of(morel.foyer)
    dites = PersonneAutorisee.objects.values_list("enfant", "nom")
    assert set(dites) == {(lea.pk, "Odile Morel"), (tom.pk, "Odile Morel")}
    assert response.text.count("&amp;personne=") == 2


def test_adult_of_a_couple_is_chosen_before_they_change_home(mairie, familles):
    morel = familles["morel"]
    page = page_of(morel.foyer)
    assert f'href="/admin/enfance/responsable/{morel.pk}/foyer/">' in mairie.get(page).text
    autre = ResponsableFactory(foyer=morel.foyer, user__first_name="Karim", user__last_name="Morel")
    html = mairie.get(page).text
    for adulte in (morel, autre):
        assert f'href="/admin/enfance/responsable/{adulte.pk}/foyer/">{adulte} part' in html
    assert f'href="{page}">Ne rien changer</a>' in mairie.get(f"/admin/enfance/responsable/{autre.pk}/foyer/").text


def test_page_to_come_back_to_is_one_of_ours(mairie, familles):
    adulte, address = familles["morel"], sujet_of(familles["lea"], "identite", next="https://ailleurs.example/")

    response = save(mairie, f"/admin/enfance/responsable/{adulte.pk}/change/?next=https://ailleurs.example/")
    assert response.request["PATH_INFO"] == "/admin/enfance/responsable/"
    response = mairie.post(address, opened(mairie, address), follow=True)
    assert response.request["PATH_INFO"] == f"/admin/enfance/enfant/{familles['lea'].pk}/change/"
