"""The ONDE screen: two files, what they would do, the questions that they leave open, the import once and for all."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import User
from enfance.models import Enfant, ImportOnde, Responsable, Scolarite
from enfance.onde.table import TAILLE_MAX
from enfance.tasks import purge_imports
from tests.enfance.onde.ecole import database, plain, responsable, run
from tests.enfance.onde.exemples import (
    ADULTES,
    ANNE,
    CAMILLE,
    ECOLE,
    GRANDS,
    HELENE,
    JULES,
    KARIM,
    LEA,
    MOYENS,
    NADIA,
    PAUL,
    A,
    E,
    change,
    texte_eleves,
    texte_responsables,
)
from tests.factories import AnneeFactory

LISTE, AJOUT = "/admin/enfance/importonde/", "/admin/enfance/importonde/add/"


@pytest.fixture
def annee(db):
    return AnneeFactory()


def csv(nom: str, texte: str | bytes, encodage: str = "cp1252") -> SimpleUploadedFile:
    return SimpleUploadedFile(nom, texte if isinstance(texte, bytes) else texte.encode(encodage))


def eleves(enfants=ECOLE, **options) -> SimpleUploadedFile:
    return csv("eleves.csv", texte_eleves(enfants, **options))


def responsables(adultes=ADULTES) -> SimpleUploadedFile:
    return csv("responsables.csv", texte_responsables(adultes))


def depose(client, annee, enfants=ECOLE, adultes=ADULTES, *, page: str = AJOUT, **options):
    """Lay the two files down; the preview that follows."""
    data = {"annee": annee.pk, "eleves": eleves(enfants, **options), "responsables": responsables(adultes)}
    return client.post(page, {**data, "deposer": "1"}, follow=True)


def page_of(response) -> str:
    return response.redirect_chain[-1][0]


def confirme(client, response, **data):
    """Press « Importer » on this preview."""
    page = f"{LISTE}{response.context['depot'].pk}/change/"
    return client.post(page, {"importer": "1", "vu": response.context["bilan"].empreinte, **data}, follow=True)


def texts(response) -> list[str]:
    return plain(response.context["messages"])


def erreurs(response) -> dict[str, list[str]]:
    return {champ: plain(phrases) for champ, phrases in response.context["form"].errors.items()}


# --- The whole way ----------------------------------------------------------------------------------------------------


def test_preview_says_what_the_files_would_do_and_writes_nothing(mairie, annee):
    avant = database()
    response = depose(mairie, annee)

    assert plain(response.context["bilan"].phrases()) == [
        "Élèves : 12 créés, 0 modifié, 0 inchangé, 0 parti.",
        "Responsables : 6 créés, 0 modifié, 0 inchangé.",
        "Foyers : 5 créés, 0 modifié, 0 inchangé.",
    ]
    assert "Adultes sans e-mail, à prévenir par lettre (1)" in response.content.decode()
    assert database() == avant


def test_import_writes_what_was_seen_and_keeps_its_report(mairie, agente, annee, caplog):
    with caplog.at_level("INFO", "journal"):
        response = confirme(mairie, depose(mairie, annee))

    assert Enfant.objects.count() == 12
    assert texts(response) == [
        "Import fait. Élèves : 12 créés, 0 modifié, 0 inchangé, 0 parti. Responsables : 6 créés, 0 modifié, "
        "0 inchangé. Foyers : 5 créés, 0 modifié, 0 inchangé."
    ]
    depot = ImportOnde.objects.get()
    assert (bytes(depot.eleves), bytes(depot.responsables), depot.depose_par) == (b"", b"", agente)
    assert plain(depot.bilan[0]["lignes"])[0] == "Élèves : 12 créés, 0 modifié, 0 inchangé, 0 parti."
    entree = LogEntry.objects.get()  # ADM-04
    assert (entree.object_id, entree.user) == (str(depot.pk), agente)
    fields = next(record.fields for record in caplog.records if record.getMessage() == "onde_imported")
    assert (fields["user"], fields["created"], fields["adults"], fields["year"]) == (agente.pk, 12, 6, 2026)
    assert "MOREL" not in str(fields)  # LOG-02


def test_report_is_read_again_and_downloaded(mairie, annee):
    confirme(mairie, depose(mairie, annee))
    depot = ImportOnde.objects.get()

    assert "Hélène LEFÈVRE (Anne-Sophie)" in mairie.get(f"{LISTE}{depot.pk}/change/").content.decode()
    fichier = mairie.get(f"{LISTE}{depot.pk}/bilan.txt")
    assert fichier["Content-Disposition"] == 'attachment; filename="import-onde-2026-12-03.txt"'
    assert plain([fichier.content.decode("utf-8-sig")])[0].startswith(
        "Import d’ONDE, année 2026-2027\r\nÉlèves : 12 créés, 0 modifié, 0 inchangé, 0 parti.\r\n"
    )
    assert "importé le 03/12/2026" in mairie.get(LISTE).content.decode()


def test_second_import_of_the_same_files_changes_nothing(mairie, annee):
    confirme(mairie, depose(mairie, annee))
    avant = database()

    response = confirme(mairie, depose(mairie, annee))

    assert database() == avant
    assert "Élèves : 0 créé, 0 modifié, 12 inchangés, 0 parti." in texts(response)[0]


def test_preview_names_who_comes_changes_and_leaves(mairie, annee):
    run(annee)
    zoe = E("DUBOIS", "Zoé", "05/01/2023", "PS", "PS-MS Mme Sorbier", "0600000009Z")
    enfants = [e for e in change(ECOLE, LEA, classe=GRANDS) if e is not JULES]

    response = depose(mairie, annee, [*enfants, zoe], [a for a in ADULTES if a not in (NADIA, PAUL)])

    listes = {titre: plain(elements) for titre, elements in response.context["bilan"].apercu if elements}
    assert listes["Élèves créés"] == ["Zoé DUBOIS"]
    assert listes["Élèves partis"] == [f"Jules LEFORT, {GRANDS}"]
    assert listes["Élèves modifiés"] == [f"Léa MOREL : classe « {MOYENS} » → « {GRANDS} »"]
    assert "Lignes refusées" in listes  # Camille and Karim still cite Léa in her former class


# --- Bad files --------------------------------------------------------------------------------------------------------

UTF16 = texte_eleves().encode("utf-16")
ZIP = b"PK\x03\x04" + b"\0" * 40


@pytest.mark.parametrize(
    ("champ", "contenu", "phrase"),
    [
        ("eleves", texte_responsables(), "c’est le fichier des responsables, pas celui des élèves"),
        ("responsables", texte_eleves(), "c’est le fichier des élèves, pas celui des responsables"),
        ("eleves", b"", "ce fichier est vide."),
        ("responsables", b"\r\n;;;\r\n", "ce fichier est vide."),
        ("eleves", ZIP, "c’est une archive ou un classeur, pas un fichier CSV."),
        ("responsables", UTF16, "les accents sont illisibles"),
        ("eleves", texte_eleves().encode("mac_roman"), "les accents sont illisibles"),
        ("eleves", texte_eleves() + "DURAND;;Zoé", "ligne tronquée, 3 colonnes au lieu de 22."),
        ("responsables", "lundi;frites\r\n", "ce n’est pas le fichier des responsables d’ONDE"),
    ],
)
def test_bad_file_is_refused_beside_its_field_and_the_other_is_kept(mairie, annee, champ, contenu, phrase):
    avant = database()
    bons = {"eleves": eleves(), "responsables": responsables()}
    data = {"annee": annee.pk, **bons, champ: csv(f"{champ}.csv", contenu), "deposer": "1"}

    response = mairie.post(AJOUT, data)

    assert list(erreurs(response)) == [champ]
    assert phrase in erreurs(response)[champ][0]
    assert database() == avant
    depot = ImportOnde.objects.get()  # only the bad one is asked again
    autre = {"eleves": "responsables", "responsables": "eleves"}[champ]
    assert (bool(getattr(depot, champ)), bool(getattr(depot, autre))) == (False, True)
    response = mairie.post(
        f"{LISTE}{depot.pk}/change/", {"annee": annee.pk, champ: bons[champ], "deposer": "1"}, follow=True
    )
    assert response.context["bilan"].eleves.crees == 12


def test_each_bad_line_is_told_up_to_twenty(mairie, annee):
    mauvais = [replace(LEA, nom="", ine=f"06000{n:05}A") for n in range(30)]
    response = mairie.post(AJOUT, {"annee": annee.pk, "eleves": eleves(mauvais), "responsables": responsables()})

    phrases = erreurs(response)["eleves"]
    assert phrases[0] == "eleves.csv, ligne 2 : le nom ou le prénom de l’élève manque."
    assert (len(phrases), phrases[-1]) == (21, "… et 10 autres lignes.")


def test_spreadsheet_saved_as_utf8_is_read(mairie, annee):
    bons = {
        "eleves": csv("e.csv", texte_eleves(), "utf-8-sig"),
        "responsables": csv("r.csv", texte_responsables(), "utf-8"),
    }
    response = mairie.post(AJOUT, {"annee": annee.pk, **bons, "deposer": "1"}, follow=True)

    assert response.context["bilan"].eleves.crees == 12


def test_file_over_five_megabytes_is_refused_in_words(mairie, annee):
    gros = csv("eleves.csv", b"a" * (TAILLE_MAX + 1))
    response = mairie.post(AJOUT, {"annee": annee.pk, "eleves": gros, "responsables": responsables()})

    assert erreurs(response)["eleves"][0].startswith("eleves.csv : 5 Mo, c’est trop pour une école")


def test_two_hundred_megabytes_are_not_read(mairie, annee):
    response = mairie.post(AJOUT, CONTENT_LENGTH=str(200_000_000))

    assert response.status_code == 400


def test_missing_files_are_asked_for(mairie, annee):
    assert list(erreurs(mairie.post(AJOUT, {"annee": annee.pk}))) == ["eleves", "responsables"]
    assert not ImportOnde.objects.exists()


@pytest.mark.parametrize("cran", [1, -1])
def test_file_of_another_year_is_refused_beside_the_year(mairie, annee, cran):
    run(annee)
    suivante = AnneeFactory(debut=datetime(2027, 9, 2).date(), fin=datetime(2028, 7, 3).date())  # noqa: DTZ001
    niveaux = ["PS", "MS", "GS", "CP", "CE1", "CE2", "CM1", "CM2"]
    montes = [replace(e, niveau=niveaux[niveaux.index(e.niveau) + 1]) for e in ECOLE if e.niveau != "CM2"]

    response = depose(mairie, annee if cran == 1 else suivante, montes if cran == 1 else ECOLE)

    assert erreurs(response)["annee"] == [
        "D’après leurs niveaux, ces élèves sont ceux de 2027-2028, pas de 2026-2027. "
        "Choisissez l’autre année, ou d’autres fichiers."
        if cran == 1
        else "D’après leurs niveaux, ces élèves sont ceux de 2026-2027, pas de 2027-2028. "
        "Choisissez l’autre année, ou d’autres fichiers."
    ]
    autre = suivante if cran == 1 else annee
    response = mairie.post(page_of(response), {"annee": autre.pk, "deposer": "1"}, follow=True)
    assert response.context["bilan"].annee == str(autre)  # the files were kept


def test_year_that_is_over_is_not_offered(mairie, annee):
    vieille = AnneeFactory(debut=datetime(2025, 9, 1).date(), fin=datetime(2026, 7, 3).date())  # noqa: DTZ001

    assert list(mairie.get(AJOUT).context["form"].fields["annee"].queryset) == [annee]
    assert list(erreurs(depose(mairie, vieille))) == ["annee"]


# --- Questions --------------------------------------------------------------------------------------------------------

DOUBLE = replace(NADIA, adresse="99 rue Neuve", portable="0639980077", courriel="autre@courriel.example")
TROISIEME = replace(NADIA, adresse="1 place Neuve", portable="0639980088", courriel="troisieme@courriel.example")


def ask(client, response, *valeurs):
    """Answer the questions of this preview in their order, and look at the preview again."""
    page = f"{LISTE}{response.context['depot'].pk}/change/"
    return client.post(page, {**reponses(response, *valeurs), "apercu": "1"}, follow=True)


def reponses(response, *valeurs) -> dict[str, str]:
    questions = response.context["bilan"].questions
    return {f"q-{q.cle}": valeur for q, valeur in zip(questions, valeurs, strict=True)}


@pytest.fixture
def deux_nadia(annee) -> tuple[Responsable, Responsable]:
    """Two adults of one name for one child, and a third line in the file: who is she?"""
    run(annee, adultes=[*ADULTES, DOUBLE])
    return tuple(Responsable.objects.filter(user__first_name="Nadia").order_by("pk"))


ADULTES_3 = change(ADULTES, NADIA, **{k: getattr(TROISIEME, k) for k in ("adresse", "portable", "courriel")})


def test_open_question_shows_who_it_may_be(mairie, annee, deux_nadia):
    (question,) = depose(mairie, annee, adultes=ADULTES_3).context["bilan"].questions

    assert plain([question.texte]) == [
        "Qui est Nadia BERGER (troisieme@courriel.example, 1 place Neuve, 06 39 98 00 88, responsable de Jules) ?"
    ]
    assert [option.valeur for option in question.options] == [
        *(f"responsable-{nadia.pk}" for nadia in deux_nadia),
        "nouveau",
    ]


@pytest.mark.parametrize("rang", [0, 1])
def test_adult_chosen_among_two_is_changed(mairie, annee, deux_nadia, rang):
    choisie, autre = deux_nadia[rang], deux_nadia[1 - rang]
    valeur = f"responsable-{choisie.pk}"
    response = ask(mairie, depose(mairie, annee, adultes=ADULTES_3), valeur)
    assert len(response.context["bilan"].responsables.modifies) == 1

    confirme(mairie, response, **reponses(response, valeur))

    choisie.user.refresh_from_db()
    assert choisie.user.email == "troisieme@courriel.example"
    assert Responsable.objects.get(pk=autre.pk).user.email == autre.user.email
    assert depose(mairie, annee, adultes=ADULTES_3).context["bilan"].questions == []  # known from now on


def test_adult_said_to_be_new_is_created(mairie, annee, deux_nadia):
    response = ask(mairie, depose(mairie, annee, adultes=ADULTES_3), "nouveau")

    confirme(mairie, response, **reponses(response, "nouveau"))

    assert Responsable.objects.filter(user__first_name="Nadia").count() == 3
    response = depose(mairie, annee, adultes=ADULTES_3)
    assert (response.context["bilan"].questions, response.context["bilan"].responsables.crees) == ([], 0)


def test_question_without_answer_leaves_the_person_alone(mairie, annee, deux_nadia):
    avant = database()
    response = confirme(mairie, depose(mairie, annee, adultes=ADULTES_3))

    assert database() == avant
    assert "À préciser, rien n’a été deviné" in [section["titre"] for section in response.context["depot"].bilan]


HUGO_CP = E("MARTIN", "Hugo", "03/04/2020", "CP", MOYENS, "0600000201A")
HUGO_CE1 = E("MARTIN", "Hugo", "05/06/2019", "CE1", MOYENS, "0600000202B")
MARIE = A("MME", "MARTIN", "Marie", "2 rue du Lac", "marie@courriel.example", "0639980021", (HUGO_CP.cite(),))


@pytest.mark.parametrize("choisi", [HUGO_CP, HUGO_CE1, None])
def test_child_chosen_among_two_homonyms_of_one_class_is_linked(mairie, annee, choisi):
    enfants, adultes = [*ECOLE, HUGO_CP, HUGO_CE1], [*ADULTES, MARIE]
    response = depose(mairie, annee, enfants, adultes)
    (question,) = response.context["bilan"].questions
    assert question.options[0].libelle.startswith("Hugo MARTIN, CP-CE1 M. Érable, date de naissance 03/04/2020")
    valeur = question.options[[HUGO_CP, HUGO_CE1, None].index(choisi)].valeur

    confirme(mairie, ask(mairie, response, valeur), **reponses(response, valeur))

    hugos = Enfant.objects.filter(prenom="Hugo", responsables__user__first_name="Marie")
    assert [hugo.ine for hugo in hugos] == ([choisi.ine] if choisi else [])
    again = depose(mairie, annee, enfants, adultes).context["bilan"]  # ONDE is as ambiguous as before
    assert ([q.reponse for q in again.questions], again.doutes) == ([valeur], [])


def test_child_under_a_corrected_name_is_recognised_or_new(mairie, annee):
    run(annee, ine=False)
    anne = Enfant.objects.get(prenom="Anne-Sophie")
    enfants = change(ECOLE, ANNE, prenom="Anna-Sophia")
    adultes = change(ADULTES, HELENE, enfants=(("", "LEFÈVRE", "Anna-Sophia", GRANDS),))
    response = depose(mairie, annee, enfants, adultes, ine=False)

    nouvelle = ask(mairie, response, "nouveau").context["bilan"]
    assert (nouvelle.eleves.venus, nouvelle.eleves.partis) == (
        ["Anna-Sophia LEFÈVRE"],
        [f"Anne-Sophie LEFÈVRE, {GRANDS}"],
    )
    meme = ask(mairie, response, f"enfant-{anne.pk}")
    assert plain(meme.context["bilan"].eleves.modifies) == [
        "Anna-Sophia LEFÈVRE : prénom « Anne-Sophie » → « Anna-Sophia »"
    ]
    confirme(mairie, meme, **reponses(meme, f"enfant-{anne.pk}"))
    anne.refresh_from_db()
    assert (anne.prenom, Enfant.objects.count()) == ("Anna-Sophia", 12)


def test_child_with_another_ine_is_recognised_or_new(mairie, annee):
    run(annee)
    lea = Enfant.objects.get(prenom="Léa")
    response = depose(mairie, annee, change(ECOLE, LEA, ine="0600000099Z"))

    assert ask(mairie, response, "nouveau").context["bilan"].eleves.venus == ["Léa MOREL"]
    meme = ask(mairie, response, f"enfant-{lea.pk}")
    confirme(mairie, meme, **reponses(meme, f"enfant-{lea.pk}"))
    lea.refresh_from_db()
    assert lea.ine == "0600000099Z"


def test_answers_hold_when_the_lines_are_sorted_otherwise(mairie, annee, deux_nadia):
    response = ask(mairie, depose(mairie, annee, adultes=ADULTES_3), f"responsable-{deux_nadia[0].pk}")

    response = depose(mairie, annee, ECOLE[::-1], ADULTES_3[::-1], page=page_of(response))

    bilan = response.context["bilan"]
    assert ([q.reponse for q in bilan.questions], bilan.doutes) == ([f"responsable-{deux_nadia[0].pk}"], [])


@pytest.mark.parametrize("valeur", ["responsable-999999", "enfant-1", "nouveau'", "\N{SNOWMAN}", "x" * 500])
def test_answer_that_is_no_option_is_no_answer(mairie, annee, deux_nadia, valeur):
    response = ask(mairie, depose(mairie, annee, adultes=ADULTES_3), valeur)

    assert [q.reponse for q in response.context["bilan"].questions] == [""]
    assert len(response.context["bilan"].doutes) == 1


def test_answers_that_were_not_previewed_are_shown_first(mairie, annee, deux_nadia):
    response = depose(mairie, annee, adultes=ADULTES_3)
    avant = database()

    response = confirme(mairie, response, **reponses(response, "nouveau"))

    assert "vos réponses l’ont changé" in response.context["alerte"]
    assert database() == avant
    confirme(mairie, response, **reponses(response, "nouveau"))
    assert Responsable.objects.filter(user__first_name="Nadia").count() == 3


# --- Many departures, returns -----------------------------------------------------------------------------------------


def test_many_departures_want_their_own_tick(mairie, annee):
    run(annee)
    seuls = [e for e in ECOLE if e.classe == MOYENS]
    response = depose(mairie, annee, seuls, [a for a in ADULTES if a in (CAMILLE, KARIM, ADULTES[-1])])
    assert response.context["bilan"].a_confirmer

    response = confirme(mairie, response)
    assert response.context["manque"] == "Cochez pour confirmer ces départs, ou choisissez d’autres fichiers."
    assert not Scolarite.objects.exclude(depart=None).exists()

    confirme(mairie, response, confirmer_departs="oui")
    assert Scolarite.objects.exclude(depart=None).count() == 3


# --- Twice, at once, too late -----------------------------------------------------------------------------------------


def test_double_click_imports_once(mairie, annee):
    response = depose(mairie, annee)
    confirme(mairie, response)
    avant = database()

    response = confirme(mairie, response)

    assert texts(response) == []  # the report, nothing more
    assert (database(), LogEntry.objects.count()) == (avant, 1)


def test_two_secretaries_at_once_import_once(mairie, annee):
    """Each has laid the same files down: the second is shown that there is nothing left to do."""
    premiere, seconde = depose(mairie, annee), depose(mairie, annee)
    confirme(mairie, premiere)
    avant = database()

    response = confirme(mairie, seconde)

    assert "les dossiers ont été modifiés entre-temps" in response.context["alerte"]
    assert response.context["bilan"].eleves.crees == 0
    assert database() == avant


def test_change_that_does_not_touch_the_outcome_asks_nothing_again(mairie, annee):
    run(annee)
    response = depose(mairie, annee, change(ECOLE, LEA, classe=GRANDS))
    Responsable.objects.filter(pk=responsable("Nadia").pk).update(rappel=True)

    assert texts(confirme(mairie, response))[0].startswith("Import fait.")


def test_import_can_be_given_up_with_its_files(mairie, annee):
    response = depose(mairie, annee)

    response = mairie.post(page_of(response), {"abandonner": "1"}, follow=True)

    assert texts(response) == ["Import abandonné : rien n’a été changé, les fichiers sont effacés."]
    assert not ImportOnde.objects.exists()


def test_night_forgets_the_files_that_nobody_imported(mairie, annee):
    confirme(mairie, depose(mairie, annee))
    depose(mairie, annee)
    ImportOnde.objects.update(depose_le=timezone.now() - timedelta(hours=25))
    depose(mairie, annee)

    purge_imports.func()

    assert [bool(depot.applique_le) for depot in ImportOnde.objects.order_by("pk")] == [True, False]


def test_report_of_a_year_ago_keeps_no_name(mairie, annee):
    confirme(mairie, depose(mairie, annee))
    depose(mairie, annee)
    ImportOnde.objects.exclude(applique_le=None).update(applique_le=timezone.now() - timedelta(days=366))

    purge_imports.func()

    (bilan,) = ImportOnde.objects.exclude(applique_le=None).get().bilan
    assert plain(bilan["lignes"])[0] == "Élèves : 12 créés, 0 modifié, 0 inchangé, 0 parti."


# --- Rights -----------------------------------------------------------------------------------------------------------


def test_each_step_asks_for_its_right(agent_with, mairie, annee):
    page = page_of(depose(mairie, annee))
    lectrice = agent_with("view_importonde")

    assert lectrice.get(LISTE).status_code == 200
    assert lectrice.get(AJOUT).status_code == 403
    assert depose(lectrice, annee).status_code == 403
    assert lectrice.get(page).status_code == 403  # the preview is of those who may import
    assert lectrice.post(page, {"importer": "1"}).status_code == 403
    confirme(mairie, mairie.get(page))
    assert lectrice.get(page).status_code == 200  # the report is for readers
    assert not re.search("submit.*Importer", lectrice.get(page).content.decode())


def test_right_removed_acts_at_the_next_request(agent_with, annee):
    agente = agent_with("view_importonde", "add_importonde", "change_importonde")
    response = depose(agente, annee)
    LogEntry.objects.all().delete()
    User.objects.filter(is_staff=True, is_superuser=False).get().user_permissions.clear()

    assert confirme(agente, response).status_code == 403
    assert not Enfant.objects.exists()
