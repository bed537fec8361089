"""The pages of the gate in a town of two schools: an agent of one opens nothing of the other (ACC-02)."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from html import unescape

import pytest

from enfance.equipe.pointages import enregistrer
from enfance.models import AdultesPresents, Affectation, AnneeScolaire, Geste, PersonneAutorisee, Pointage, RemiseEnfant
from tests.enfance import gate
from tests.enfance.ecoles import make_ville
from tests.enfance.equipe.pages.conftest import JOUR, logged_in
from tests.enfance.equipe.pages.pointage import POINTAGE, tap
from tests.enfance.gate import JEUDI, NOW, at, inscrire
from tests.factories import CreneauFactory, EcoleFactory, ResponsableFactory, StaffFactory
from tests.reading import words_of

FICHES = "/equipe/fiches.json"
SANS = "La mairie doit dire dans quelle école vous travaillez"


@pytest.fixture
def ville():
    return make_ville()


@pytest.fixture
def lea(ville):
    """Of the village, with a mother who has a telephone."""
    camille = ResponsableFactory(user__first_name="Camille", telephone="06 39 98 00 12")
    enfant = ville.eleve(ville.bourg, camille)
    inscrire(enfant)
    return enfant


@pytest.fixture
def tom(ville):
    enfant = ville.eleve(ville.hameau, prenom="Tom", nom="Roche")
    inscrire(enfant, "soir-hameau")
    return enfant


@pytest.fixture
def hameau(ville):
    """An animator of the hamlet."""
    client = logged_in("Équipe")
    ville.assign(client.agent, ville.hameau)
    return client


@pytest.fixture
def personne(ville):
    """An animator of whom nobody said where they work."""
    return logged_in("Équipe")


# --- One school, not the other ----------------------------------------------------------------------------------------


def test_sheet_says_its_school_and_leads_to_the_sheets_of_it(hameau, lea, tom):
    html = hameau.get(JOUR).text
    assert re.findall(r'href="\?creneau=([^"]+)"', html)[:2] == ["midi", "soir-hameau"]
    assert ("Tom Roche" in html, "Léa" in html, "École du Hameau" in words_of(html)) == (True, False, True)
    assert "?ecole=" not in html


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{JOUR}?creneau=soir", 403),
        (f"{JOUR}?creneau=nuit", 404),
        (f"{JOUR}etat.json?creneau=soir", 403),
        (f"{JOUR}ajouter/?creneau=soir", 403),
        (f"{JOUR}imprimer/?creneau=soir", 403),
        (f"{JOUR}enfants/{{lea}}/?creneau=soir", 404),
        (f"{JOUR}enfants/{{lea}}/?creneau=soir-hameau&consigne=1", 404),
    ],
)
def test_page_of_another_school_is_refused(hameau, lea, tom, path, status, journal):
    lea.consigne = "Allergie aux noix."
    lea.save()
    response = hameau.get(path.format(lea=lea.pk))
    assert response.status_code == status
    assert not re.search("Léa|Morel|Camille|06 39|noix", response.text)
    assert "health_read" not in [event["event"] for event in journal.events]


@pytest.mark.parametrize("path", ["", "?ecole=bourg", "imprimer/", "imprimer/?ecole=bourg", "imprimer/?semaine=1"])
def test_page_names_no_child_of_another_school(hameau, lea, tom, path):
    html = hameau.get(f"{JOUR}{path}").text
    assert (bool(re.search("tom", html, re.IGNORECASE)), bool(re.search("léa", html, re.IGNORECASE))) == (True, False)


@pytest.mark.parametrize("path", ["", "ajouter/"])
def test_form_of_another_school_is_refused(hameau, lea, path):
    data = {"creneau": "soir", "avant": "", "present": lea.pk, "nom": "léa"}
    assert hameau.post(f"{JOUR}{path}", data).status_code == 403
    assert not Geste.objects.exists()


def test_form_takes_no_child_of_another_school(hameau, lea, tom):
    """Noted present on a sheet of one's own, any child of the town would show its file."""
    data = {"creneau": "soir-hameau", "avant": "", "present": [lea.pk, tom.pk]}
    response = hameau.post(f"{JOUR}?creneau=soir-hameau", data, follow=True)
    assert "Cet enfant n’est pas à l’école de cette feuille ce jour-là." in response.text
    assert [pointage.enfant for pointage in Pointage.objects.all()] == [tom]
    assert hameau.get(f"{JOUR}enfants/{lea.pk}/").status_code == 404


def test_search_finds_the_pupils_of_the_school_alone(hameau, lea, tom):
    found = [
        hameau.post(f"{JOUR}ajouter/", {"creneau": "soir-hameau", "nom": nom}, follow=True).text
        for nom in ("léa", "tom")
    ]
    assert [("Aucun enfant de ce nom" in html) for html in found] == [True, False]


def test_device_keeps_the_cards_of_the_school_alone(hameau, lea, tom):
    assert hameau.get(FICHES).json()["fiches"].keys() == {str(tom.pk)}


def test_child_of_a_shared_sheet_shows_its_school(hameau, lea, tom):
    inscrire(lea, "midi")
    inscrire(tom, "midi")
    html = hameau.get(f"{JOUR}?creneau=midi").text
    assert "CE1, École du Bourg" in html
    assert "École du Bourg et École du Hameau" in html
    assert "CE1, École du Bourg" in hameau.get(f"{JOUR}enfants/{lea.pk}/?creneau=midi").text
    assert hameau.get(FICHES).json()["fiches"].keys() == {str(lea.pk), str(tom.pk)}


def test_search_says_the_school_of_each(hameau, lea, tom):
    html = hameau.post(f"{JOUR}ajouter/", {"creneau": "midi", "nom": "léa"}, follow=True).text
    assert "CE1, École du Bourg" in html


# --- Several schools --------------------------------------------------------------------------------------------------


def test_secretary_chooses_a_school_and_stays_there(mairie, ville, lea, tom):
    html = mairie.get(JOUR).text
    assert [*re.findall(r'href="\?ecole=([^"]+)"', html)] == ["bourg", "hameau"]
    html = mairie.get(f"{JOUR}?ecole=hameau").text
    assert "Tom Roche" in html
    page = f"{JOUR}?creneau=soir-hameau&ecole=hameau"
    assert f'action="{page.replace("&", "&amp;")}"' in html
    data = {"creneau": "soir-hameau", "avant": "", "present": tom.pk}
    assert mairie.post(page, data)["Location"] == page
    assert 'href="?creneau=soir-hameau&amp;ecole=hameau"' in mairie.get(f"{JOUR}imprimer/?ecole=hameau").text


@pytest.mark.parametrize("path", ["", "imprimer/"])
def test_many_schools_are_chosen_in_a_list(mairie, ville, lea, tom, path):
    for n in range(4):
        EcoleFactory(code=f"ecole-{n}", nom=f"École {n}", ordre=10 + n)
    html = mairie.get(f"{JOUR}{path}?ecole=hameau").text
    choix = re.findall(r'<option value="([^"]+)"( selected)?>', html)
    assert choix == [("bourg", ""), ("hameau", " selected"), *((f"ecole-{n}", "") for n in range(4))]
    assert ("Tom" in html.title(), "Léa" in html) == (True, False)


@pytest.fixture
def partage(mairie, ville, tom):
    """The sheet of the lunch break that both schools hold, as the hamlet's."""
    inscrire(tom, "midi")
    return f"{JOUR}?creneau=midi&ecole=hameau"


def liens(html):
    return [unescape(lien) for lien in re.findall(r'(?:href|action)="([^"]+)"', html)]


def test_links_of_a_shared_sheet_keep_the_school(mairie, partage, tom):
    adresses = liens(mairie.get(partage).text)
    fiche, ajouter = f"{JOUR}enfants/{tom.pk}/?creneau=midi&ecole=hameau", f"{JOUR}ajouter/?creneau=midi&ecole=hameau"
    assert {fiche, ajouter, "/equipe/?ecole=hameau", f"{JOUR}imprimer/?ecole=hameau"} <= set(adresses)
    assert [lien for lien in adresses if "creneau=" in lien and "ecole=" not in lien] == []
    assert partage in liens(mairie.get(fiche).text)
    assert [lien for lien in liens(mairie.get(ajouter).text) if lien in (partage, ajouter)] == [partage, ajouter]
    assert f"{JOUR}?ecole=hameau" == mairie.get("/equipe/?ecole=hameau")["Location"]


def test_child_added_to_a_shared_sheet_leads_back_to_the_school(mairie, partage, tom):
    found = mairie.post(f"{JOUR}ajouter/?creneau=midi&ecole=hameau", {"creneau": "midi", "nom": "tom"})
    assert re.fullmatch(f"{JOUR}ajouter/\\?creneau=midi&q=[^&]+&ecole=hameau", found["Location"])
    assert liens(mairie.get(found["Location"]).text).count(partage) == 2  # the way back, and where the tick goes


@pytest.mark.parametrize("suite", ["", "?semaine=1"])
def test_paper_of_a_school_has_no_wednesday_of_another(mairie, ville, lea, tom, suite):
    AnneeScolaire.objects.update(mercredi=True)
    journee = CreneauFactory(code="mercredi", moment="journee", nom_court="mercredi", mercredi=True, ordre=9)
    journee.ecoles.set([ville.hameau])
    html = mairie.get(f"/equipe/2026-12-09/imprimer/{suite}").text
    tables = re.findall("<table.+?</table>", html, re.DOTALL)
    assert (len(tables), "Mercredi 9" in "".join(tables)) == (1 if suite else 0, False)
    assert ("Pas de garderie ce jour-là." in html) == (suite == "")
    assert "<th scope=" in mairie.get(f"/equipe/2026-12-09/imprimer/{suite or '?'}&ecole=hameau").text


# --- A day without garderie in one school -----------------------------------------------------------------------------

MERCREDI = "/equipe/2026-12-09/"


@pytest.fixture
def mercredi(ville, time_machine):
    """It is Wednesday; the hamlet alone has garderie."""
    time_machine.move_to(at(9) - timedelta(days=1), tick=False)
    AnneeScolaire.objects.update(mercredi=True)
    jours = dict.fromkeys(("lundi", "mardi", "jeudi", "vendredi"), False)
    creneau = CreneauFactory(code="mercredi", moment="journee", nom_court="mercredi", mercredi=True, ordre=9, **jours)
    creneau.ecoles.set([ville.hameau])
    return creneau


def test_team_of_a_school_without_wednesday_comes_to_the_next_day_of_its_own(ville, mercredi):
    bourg = logged_in("Équipe")
    ville.assign(bourg.agent, ville.bourg)

    page = bourg.get("/equipe/", follow=True)

    assert page.redirect_chain == [(JOUR, 302)]
    assert "Pas de garderie aujourd’hui, mercredi 9\u00a0: voici le prochain jour de garderie." in page.text
    autour = [re.sub(r"\?.*", "", lien) for lien in liens(page.text) if re.match(r"/equipe/2026-12-\d\d/$", lien)]
    assert autour[:2] == ["/equipe/2026-12-08/", "/equipe/2026-12-11/"]  # no Wednesday between Tuesday and Thursday
    assert "Pas de garderie ce jour-là." in bourg.get(MERCREDI).text


@pytest.mark.parametrize(
    ("suite", "jour"),
    [("", MERCREDI), ("?ecole=hameau", f"{MERCREDI}?ecole=hameau"), ("?ecole=bourg", f"{JOUR}?ecole=bourg")],
)
def test_who_sees_both_schools_comes_to_a_day_of_the_one_that_is_asked_for(mairie, mercredi, suite, jour):
    assert mairie.get(f"/equipe/{suite}")["Location"] == jour


def test_team_of_the_school_that_has_wednesdays_comes_to_it(hameau, mercredi):
    assert hameau.get("/equipe/")["Location"] == MERCREDI
    assert "/equipe/2026-12-10/" in liens(hameau.get(MERCREDI).text)


def test_day_without_garderie_still_leads_to_the_other_school(mairie, mercredi):
    html = mairie.get(f"{MERCREDI}?ecole=bourg").text
    assert "Pas de garderie ce jour-là." in html
    assert f"{MERCREDI}?ecole=hameau" in liens(html) or "?ecole=hameau" in liens(html)


# --- No school --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "", "?creneau=soir", "?creneau=nuit", "?ecole=bourg", "etat.json?creneau=soir", "ajouter/?creneau=soir",
        "imprimer/", "imprimer/?semaine=1", "enfants/{lea}/",
    ],
)  # fmt: skip
def test_agent_without_a_school_reads_a_sentence_and_nothing_else(personne, lea, path):
    response = personne.get(f"{JOUR}{path.format(lea=lea.pk)}")
    assert response.status_code == 403
    assert SANS in response.text
    assert not re.search("Léa|Soir|École du", response.text)


def test_agent_without_a_school_has_no_card_and_writes_nothing(personne, lea):
    assert personne.get(FICHES).json()["fiches"] == {}
    assert personne.post(f"{JOUR}?creneau=soir", {"creneau": "soir", "avant": "", "present": lea.pk}).status_code == 403
    assert personne.post(POINTAGE, tap(lea)).status_code == 403  # the device keeps its taps
    assert not Geste.objects.exists()


def test_agent_whose_school_is_said_finds_its_sheets_at_once(personne, ville, tom):
    ville.assign(personne.agent, ville.hameau)
    assert "Tom Roche" in personne.get(JOUR).text


# --- Taps that waited for the network ---------------------------------------------------------------------------------


def test_taps_on_a_sheet_that_is_no_longer_theirs_are_refused_in_a_sentence(hameau, ville, lea, tom, journal):
    Affectation.objects.update(ecole=ville.bourg)
    data = tap(tom, tom, creneau="soir-hameau", a=at(16, 40))
    data |= {"a": [at(16, 40).isoformat(), at(16, 52).isoformat()], "quoi": ["present", "parti"]}

    answer = hameau.post(POINTAGE, data)

    refus = answer.json()["refus"]
    assert (answer.status_code, [un["id"] for un in refus], answer.json()["etat"]) == (200, data["id"], None)
    assert {un["phrase"] for un in refus} == {
        "La feuille du jeudi 10\u00a0décembre, soir, n’est plus celle d’une de vos écoles\u00a0: "
        "vos pointages, faits à 16\u00a0h\u00a040 et 16\u00a0h\u00a052, n’y sont pas notés. Dites-les à la mairie."
    }
    assert "Roche" not in json.dumps(answer.json())
    assert not Geste.objects.exists()
    kept = [event for event in journal.events if event["event"] == "tap_refused"]
    assert [(event["child"], event["what"], event["ticked"], event["slot"]) for event in kept] == [
        (tom.pk, "present", 1, tom.inscriptions.get().creneau_id),
        (tom.pk, "parti", 1, tom.inscriptions.get().creneau_id),
    ]
    assert kept[0]["tapped"] == at(16, 40).isoformat(timespec="seconds")


def test_adults_and_persons_who_came_are_refused_with_the_taps(hameau, ville, tom, journal):
    Affectation.objects.update(ecole=ville.bourg)
    odile = PersonneAutorisee.objects.create(enfant=tom, nom="Odile Vidal")
    coche = f"autorisee:{odile.pk}:remis:"
    data = tap(tom, tom, creneau="soir-hameau") | {
        "enfant": ["", tom.pk],
        "quoi": ["adultes", "remise"],
        "coche": ["2", coche],
    }

    answer = hameau.post(POINTAGE, data)

    assert [un["id"] for un in answer.json()["refus"]] == data["id"]
    assert not AdultesPresents.objects.exists()
    assert not RemiseEnfant.objects.exists()
    kept = [event for event in journal.events if event["event"] == "tap_refused"]
    assert [(event["child"], event["what"], event["ticked"]) for event in kept] == [
        (None, "adultes", 2),
        (tom.pk, "remise", coche),
    ]


def test_taps_of_their_own_sheet_are_taken_beside(hameau, ville, lea, tom):
    Affectation.objects.update(ecole=ville.bourg)
    hameau.post(POINTAGE, tap(tom, creneau="soir-hameau"))
    assert hameau.post(POINTAGE, tap(lea)).json()["refus"] == []


def test_tap_for_a_child_of_another_school_is_refused(hameau, lea):
    [refus] = hameau.post(POINTAGE, tap(lea, creneau="soir-hameau")).json()["refus"]
    assert refus["phrase"] == "Cet enfant n’est pas à l’école de cette feuille ce jour-là."
    assert hameau.get(FICHES).json()["fiches"] == {}


def test_state_of_a_sheet_holds_its_own_children_alone(hameau, lea, tom):
    for enfant, code in ((lea, "soir"), (tom, "soir-hameau")):
        enregistrer([gate.tap(enfant)], JEUDI, code, StaffFactory(), now=NOW)
    etat = hameau.get(f"{JOUR}etat.json?creneau=soir-hameau").json()
    assert etat["enfants"].keys() == {str(tom.pk)}


def test_paper_of_an_agent_without_a_school_is_refused_and_not_told(ville, lea, journal):  # ACC-05
    equipe = logged_in("Équipe")
    answer = equipe.get(f"{JOUR}presents/")
    assert (answer.status_code, SANS in answer.text) == (403, True)
    assert [line for line in journal.events if line["event"] == "presents_read"] == []
