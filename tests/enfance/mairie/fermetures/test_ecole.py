"""The school's own agent: announces a trip of its classes, and reads of them names and classes alone."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.core.management import call_command
from django_tasks_db.models import DBTaskResult

from enfance.models import Affectation, Classe, Fermeture, Inscription
from portail.groupes import ECOLE
from tests.enfance.mairie.conftest import LUNDI, client_of
from tests.factories import ClasseFactory, EcoleFactory, ResponsableFactory, StaffFactory, make_enfant

ACCUEIL, SORTIE = "/ecole/", "/ecole/sortie/"


@pytest.fixture
def directrice(db):
    """The browser of an agent of the group École."""
    call_command("sync_groups", verbosity=0)
    agent = StaffFactory(is_superuser=False, first_name="Jeanne", last_name="Aulne")
    agent.groups.set([_groupe()])
    return client_of(agent)


def _groupe():
    return Group.objects.get(name=ECOLE)


@pytest.fixture
def ce1(lea, inscription) -> Classe:
    """The class of Léa, who is registered on Monday evening, and of Tom, who is not."""
    scolarite = lea.scolarites.get()
    tom = make_enfant(ResponsableFactory(), prenom="Tom", nom="Aubrac")
    tom.scolarites.update(classe=scolarite.classe, niveau=scolarite.niveau)
    return scolarite.classe


def champs(classe: Classe, creneaux, jour: date = LUNDI, **autres):
    return {
        "nature": "sortie",
        "debut": jour.isoformat(),
        "fin": "",
        "motif": "musée de la Résistance",
        "creneaux": [creneaux["soir"].pk],
        "classes": [classe.pk],
    } | autres


def confirmed(client, champs):
    """The answer once the preview of these fields is confirmed, its boxes left as they are."""
    html = client.post(SORTIE, champs).text
    caches = re.findall(r'<input type="hidden" name="(proposes|restaient|empreinte)" value="([^"]*)"', html)
    noms = {nom: [valeur for un, valeur in caches if un == nom] for nom, _ in caches}
    return client.post(SORTIE, champs | noms | {"partent": noms["proposes"], "confirmer": "1"})


def main_of(answer) -> str:
    html = answer.text
    return html[html.index("<main") : html.index("</main")]


def test_home_names_the_pupils_by_class_and_nothing_else(directrice, ce1):
    main = main_of(directrice.get(ACCUEIL))
    assert ("Léa Morel" in main, "Tom Aubrac" in main, f"{ce1}, 2" in main) == (True, True, True)
    assert [mot for mot in ("Camille", "soir", "PAI", "07/12", "7 décembre") if mot in main] == []


def test_trip_is_announced_and_takes_the_booking_away(directrice, ce1, creneaux, inscription):
    answer = confirmed(directrice, champs(ce1, creneaux))
    assert (answer.status_code, answer["Location"]) == (302, ACCUEIL)
    inscription.refresh_from_db()
    assert inscription.etat == Inscription.Etat.ANNULEE
    fermeture = Fermeture.objects.get()
    assert (fermeture.nature, list(fermeture.classes.all()), list(fermeture.ecoles.all())) == ("sortie", [ce1], [])
    assert "Sortie de la classe" in directrice.get(ACCUEIL).text
    assert LogEntry.objects.get().user.last_name == "Aulne"
    assert DBTaskResult.objects.exists()  # the families are told


def test_preview_says_no_booking_and_no_parent(directrice, ce1, creneaux):
    main = main_of(directrice.post(SORTIE, champs(ce1, creneaux)))
    assert ("Léa Morel" in main, "Tom Aubrac" in main) == (True, True)
    assert [mot for mot in ("Camille", "Retiré", "inscription", "Bonjour", "e-mail") if mot in main] == []
    assert not Fermeture.objects.exists()


def test_who_is_unticked_stays(directrice, ce1, creneaux, lea, inscription):
    page = champs(ce1, creneaux)
    tous = re.findall(r'name="proposes" value="(\d+)"', directrice.post(SORTIE, page).text)
    page |= {"proposes": tous, "partent": [pk for pk in tous if pk != str(lea.pk)]}
    html = directrice.post(SORTIE, page).text
    empreinte = re.search(r'name="empreinte" value="([^"]*)"', html)[1]
    directrice.post(SORTIE, page | {"restaient": [lea.pk], "empreinte": empreinte, "confirmer": "1"})
    inscription.refresh_from_db()
    assert (inscription.etat, list(Fermeture.objects.get().restent.all())) == (Inscription.Etat.INSCRIT, [lea])


def test_day_that_is_past_is_the_town_halls(directrice, ce1, creneaux):
    html = directrice.post(SORTIE, champs(ce1, creneaux, date(2026, 12, 1))).text
    assert "Ce jour est passé" in html
    assert not Fermeture.objects.exists()


def test_same_trip_again_changes_nothing(directrice, ce1, creneaux):
    confirmed(directrice, champs(ce1, creneaux))
    answer = directrice.post(SORTIE, champs(ce1, creneaux), follow=True)
    assert "Déjà annoncé" in answer.text
    assert Fermeture.objects.count() == 1


def test_class_of_another_school_is_neither_named_nor_taken(directrice, ce1, creneaux):
    autre = EcoleFactory(nom="École du Hameau")
    leur = ClasseFactory(ecole=autre, annee=ce1.annee, nom="CP Mme Orme")
    zoe = make_enfant(ResponsableFactory(), prenom="Zoé", nom="Hamel")
    zoe.scolarites.update(classe=leur, ecole=autre)
    assert directrice.get(ACCUEIL).status_code == 403
    Affectation.objects.create(agent=_groupe().user_set.get(), ecole=ce1.ecole)
    assert ("Zoé Hamel" in directrice.get(ACCUEIL).text, "CP Mme Orme" in directrice.get(SORTIE).text) == (False, False)
    directrice.post(SORTIE, champs(leur, creneaux))
    assert not Fermeture.objects.exists()


def test_closures_of_the_garderie_are_not_the_schools(directrice, ce1):
    Fermeture.objects.create(debut=LUNDI, fin=LUNDI, motif="grève des agents")
    main = main_of(directrice.get(ACCUEIL))
    assert ("grève" in main, "Aucune sortie n’est annoncée" in main) == (False, True)


@pytest.mark.parametrize("nombre", [1, 3])
def test_home_asks_the_same_queries_whatever_the_classes(directrice, ce1, nombre, django_assert_num_queries):
    for n in range(nombre):
        classe = ClasseFactory(annee=ce1.annee, nom=f"CM{n} M. Aulne")
        make_enfant(ResponsableFactory(), prenom=f"Noé{n}").scolarites.update(classe=classe)
        Fermeture.objects.create(debut=LUNDI, fin=LUNDI, motif="musée", nature="sortie").classes.add(classe)
    directrice.get(ACCUEIL)
    with django_assert_num_queries(QUERIES):
        directrice.get(ACCUEIL)


QUERIES = 8
