"""The ONDE screen from the files to the report: seen, imported once, read again, given up."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from accounts.retention import purge
from enfance.models import Enfant, ImportOnde, Responsable, Scolarite
from tests.enfance.mairie.onde.ecran import LISTE, confirme, depose, page_of
from tests.enfance.onde.ecole import database, responsable, run
from tests.enfance.onde.exemples import (
    ADULTES,
    CAMILLE,
    ECOLE,
    GRANDS,
    JULES,
    KARIM,
    LEA,
    MOYENS,
    NADIA,
    PAUL,
    E,
    change,
)
from tests.factories import STAFF_PASSWORD
from tests.reading import messages_of, plain_all

pytestmark = pytest.mark.ci


def test_preview_says_what_the_files_would_do_and_writes_nothing(mairie, annee):
    avant = database()
    response = depose(mairie, annee)

    assert plain_all(response.context["bilan"].phrases()) == [
        "Élèves : 12 créés, 0 modifié, 0 inchangé, 0 parti.",
        "Responsables : 6 créés, 0 modifié, 0 inchangé.",
        "Foyers : 5 créés, 0 modifié, 0 inchangé.",
    ]
    assert "Adultes sans e-mail, à prévenir par lettre (1)" in response.text
    assert database() == avant


def test_import_writes_what_was_seen_and_keeps_its_report(mairie, agente, annee, caplog):
    with caplog.at_level("INFO", "journal"):
        response = confirme(mairie, depose(mairie, annee))

    assert Enfant.objects.count() == 12
    assert messages_of(response) == [
        "Import fait. Élèves : 12 créés, 0 modifié, 0 inchangé, 0 parti. Responsables : 6 créés, 0 modifié, "
        "0 inchangé. Foyers : 5 créés, 0 modifié, 0 inchangé."
    ]
    depot = ImportOnde.objects.get()
    assert (bytes(depot.eleves), bytes(depot.responsables), depot.depose_par) == (b"", b"", agente)
    assert plain_all(depot.bilan[0]["lignes"])[0] == "Élèves : 12 créés, 0 modifié, 0 inchangé, 0 parti."
    entree = LogEntry.objects.get()  # ADM-04
    assert (entree.object_id, entree.user) == (str(depot.pk), agente)
    fields = next(record.fields for record in caplog.records if record.getMessage() == "onde_imported")
    assert (fields["user"], fields["created"], fields["adults"], fields["year"]) == (agente.pk, 12, 6, 2026)
    assert "MOREL" not in str(fields)  # LOG-02


def test_report_is_read_again_and_downloaded(mairie, annee):
    confirme(mairie, depose(mairie, annee))
    depot = ImportOnde.objects.get()

    assert "Hélène LEFÈVRE (Anne-Sophie)" in mairie.get(f"{LISTE}{depot.pk}/change/").text
    fichier = mairie.get(f"{LISTE}{depot.pk}/bilan.txt")
    assert fichier["Content-Disposition"] == 'attachment; filename="import-onde-2026-12-03.txt"'
    assert plain_all([fichier.content.decode("utf-8-sig")])[0].startswith(
        "Import d’ONDE, année 2026-2027\r\nÉlèves : 12 créés, 0 modifié, 0 inchangé, 0 parti.\r\n"
    )
    assert "importé le 3\u00a0décembre 2026" in mairie.get(LISTE).text


def test_import_and_its_report_as_a_file_wait_for_the_password(mairie, annee):  # ADM-05
    """It writes e-mails; the file says those that it changed."""
    apercu = depose(mairie, annee)
    mairie.grow_old()

    asked = confirme(mairie, apercu)
    assert not Enfant.objects.exists()
    mairie.confirm(asked, STAFF_PASSWORD)
    assert Enfant.objects.count() == 12

    mairie.grow_old()
    page = f"{LISTE}{ImportOnde.objects.get().pk}/change/"
    asked = mairie.get(page.replace("change/", "bilan.txt"), follow=True)
    assert mairie.confirm(asked, STAFF_PASSWORD).headers["Location"] == page


def test_second_import_of_the_same_files_changes_nothing(mairie, annee):
    confirme(mairie, depose(mairie, annee))
    avant = database()

    response = confirme(mairie, depose(mairie, annee))

    assert database() == avant
    assert "Élèves : 0 créé, 0 modifié, 12 inchangés, 0 parti." in messages_of(response)[0]


def test_preview_names_who_comes_changes_and_leaves(mairie, annee):
    run(annee)
    zoe = E("DUBOIS", "Zoé", "05/01/2023", "PS", "PS-MS Mme Sorbier", "0600000009Z")
    enfants = [e for e in change(ECOLE, LEA, classe=GRANDS) if e is not JULES]

    response = depose(mairie, annee, [*enfants, zoe], [a for a in ADULTES if a not in (NADIA, PAUL)])

    listes = {titre: plain_all(elements) for titre, elements in response.context["bilan"].apercu if elements}
    assert listes["Élèves créés"] == ["Zoé DUBOIS"]
    assert listes["Élèves partis"] == [f"Jules LEFORT, {GRANDS}"]
    assert listes["Élèves modifiés"] == [f"Léa MOREL : classe « {MOYENS} » → « {GRANDS} »"]
    assert "Lignes refusées" in listes  # Camille and Karim still cite Léa in her former class


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


def test_double_click_imports_once(mairie, annee):
    response = depose(mairie, annee)
    confirme(mairie, response)
    avant = database()

    response = confirme(mairie, response)

    assert messages_of(response) == []  # the report, nothing more
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

    assert messages_of(confirme(mairie, response))[0].startswith("Import fait.")


def test_import_can_be_given_up_with_its_files(mairie, annee):
    response = depose(mairie, annee)

    response = mairie.post(page_of(response), {"abandonner": "1"}, follow=True)

    assert messages_of(response) == ["Import abandonné : rien n’a été changé, les fichiers sont effacés."]
    assert not ImportOnde.objects.exists()


def test_night_forgets_the_files_that_nobody_imported(mairie, annee):
    confirme(mairie, depose(mairie, annee))
    depose(mairie, annee)
    ImportOnde.objects.update(depose_le=timezone.now() - timedelta(hours=25))
    depose(mairie, annee)

    for _ in range(2):  # a passage made up for, then that of the hour: REL-05
        purge(now=timezone.now())

    assert [bool(depot.applique_le) for depot in ImportOnde.objects.order_by("pk")] == [True, False]


def test_report_of_a_year_ago_keeps_no_name(mairie, annee):
    confirme(mairie, depose(mairie, annee))
    depose(mairie, annee)
    ImportOnde.objects.exclude(applique_le=None).update(applique_le=timezone.now() - timedelta(days=366))

    for _ in range(2):  # a passage made up for, then that of the hour: REL-05
        purge(now=timezone.now())

    (bilan,) = ImportOnde.objects.exclude(applique_le=None).get().bilan
    assert plain_all(bilan["lignes"])[0] == "Élèves : 12 créés, 0 modifié, 0 inchangé, 0 parti."
