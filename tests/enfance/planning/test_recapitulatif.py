"""A receipt is what was said then: its figures, days and address are what they were, whatever happens since."""

import json
from datetime import date, datetime, time, timedelta

import pytest

from enfance.cantine.liste_repas import LigneRepas, ListeLue
from enfance.cantine.repas import importer
from enfance.inscriptions import Changement, enregistrer
from enfance.models import (
    Creneau,
    Enregistrement,
    Garde,
    Inscription,
    ListeRepas,
    Recapitulatif,
    RecapitulatifEnfant,
    Repas,
    Responsabilite,
    Scolarite,
)
from enfance.planning.annulation import annuler
from enfance.planning.repas import annuler as annuler_repas
from enfance.planning.semaines import remplir
from enfance.regles import Acteur, Cle
from enfance.semaine_modele import Modele
from portail.dates import PARIS
from tests.factories import AnneeFactory, ClasseFactory, ResponsableFactory, StaffFactory, make_creneaux, make_enfant
from tests.reading import plain, words_of

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)
MARDI_8, JEUDI_10 = date(2026, 12, 8), date(2026, 12, 10)
FIN = date(2027, 7, 2)
MOIS = "/planning/2026-12/"


@pytest.fixture
def camille(client, time_machine):
    time_machine.move_to(NOW, tick=False)
    AnneeFactory()
    make_creneaux()
    camille = ResponsableFactory(user__first_name="Camille", user__email="camille@courriel.example")
    client.force_login(camille.user)
    return camille


@pytest.fixture
def enfants(camille):
    return [make_enfant(camille, prenom=prenom) for prenom in ("Léa", "Tom", "Zoé")]


def cle(enfant, jour=MARDI_8, creneau="soir"):
    return f"{enfant.pk}:{jour.isoformat()}:{creneau}"


def save(client, *coches, avant=""):
    response = client.send(MOIS, {"avant": avant, "r": list(coches), "enregistrer": "1"})
    assert response.status_code == 303
    return Enregistrement.objects.latest("pk").pk


def fill(camille, enfants, *creneaux, jours=(0, 1, 3, 4), now=NOW):
    boxes = frozenset((jour, creneau) for jour in jours for creneau in creneaux)
    modeles = [Modele(enfant.pk, boxes, now.date(), FIN) for enfant in enfants]
    return remplir(modeles, Acteur.semaine_type(camille), now=now).enregistrement.pk


def receipt(client, reference):
    """The page of a save, without what surrounds it."""
    html = client.get(f"/historique/{reference}/").text
    return html.split('<div class="recapitulatif pile-s">')[1].split("</main>")[0]


@pytest.mark.parametrize(("page", "drawn"), [("/historique/{}/", True), ("/historique/", False)])
def test_icon_of_print_is_drawn_where_a_button_shows_it(client, camille, enfants, page, drawn):
    reference = fill(camille, enfants, "soir")
    html = client.get(page.format(reference)).text
    assert ('id="i-imprimer"' in html, 'href="#i-imprimer"' in html) == (drawn, drawn)


def twenty_changes(client, camille, enfants):
    """A month in which everything that a receipt speaks of moves, but the receipt."""
    lea, tom, zoe = enfants
    fill(camille, enfants, "matin", "soir", jours=(0, 3), now=NOW + timedelta(minutes=2))
    for n in range(1, 16):
        jour = date(2027, 1, 4) + timedelta(days=7 * n)
        for voulu in ("inscrit", "annulee"):
            enregistrer([Changement(Cle(lea.pk, jour, "midi"), voulu)], Acteur.parent(camille), now=NOW)
    enregistrer(
        [Changement(Cle(tom.pk, MARDI_8, "soir"), "annulee")], Acteur.mairie(StaffFactory().pk, "Erreur"), now=NOW
    )
    Creneau.objects.filter(code="soir").update(
        nom="Garderie", nom_court="garderie", debut=time(17), fin=time(19), places=1
    )
    camille.user.email = "nouvelle@courriel.example"
    camille.user.save()
    Scolarite.objects.filter(enfant=lea).update(niveau="CM2", classe=ClasseFactory(nom="CM2"))
    Garde.objects.filter(enfant=zoe).update(rythme="alternee", depuis=date(2026, 9, 7))
    tom.prenom = "Thomas"
    tom.save()
    zoe.prenom = "Léa"  # names alone would not tell them apart any more
    zoe.save()
    Repas.objects.all().delete()
    meals = ListeLue("repas.csv", tuple(LigneRepas(n, "Morel", "Thomas", "", MARDI_8) for n in (2,)))
    importer(meals, now=NOW + timedelta(hours=1), debut=MARDI_8, fin=MARDI_8)


# --- A month and twenty changes later ---------------------------------------------------------------------------------


@pytest.mark.ci
@pytest.mark.parametrize("porte", ["planning", "semaine type", "repas", "annulation"])
def test_receipt_is_byte_for_byte_what_it_was(client, camille, enfants, time_machine, porte):
    lea, tom, _ = enfants
    liste = ListeRepas.objects.create(debut=date(2026, 12, 1), fin=date(2026, 12, 18))
    Repas.objects.create(enfant=lea, jour=MARDI_8, liste=liste)
    if porte == "semaine type":
        Creneau.objects.filter(code="soir").update(places=2)
        reference = fill(camille, enfants, "matin", "midi", "soir")
    elif porte == "repas":
        acteur = Acteur.parent(camille)
        reference = annuler_repas([Cle(lea.pk, MARDI_8, "midi")], acteur, now=NOW).enregistrement.pk
    else:
        reference = save(client, *(cle(lea, MARDI_8, creneau) for creneau in ("midi", "soir")), cle(tom))
        if porte == "annulation":
            reference = annuler(reference, camille, now=NOW).par.pk
    before = receipt(client, reference)
    twenty_changes(client, camille, enfants)
    assert Enregistrement.objects.count() >= 20
    time_machine.move_to(NOW + timedelta(days=31), tick=False)
    client.force_login(camille.user)
    assert receipt(client, reference) == before


def test_page_after_the_save_is_the_receipt_too(client, camille, enfants):
    """Reloaded within the hour, it has the totals and the address of the save."""
    reference = fill(camille, enfants[:1], "matin", "soir")
    before = client.get("/semaine-type/", {"enregistre": reference}).context["annee"]
    camille.user.email = "nouvelle@courriel.example"
    camille.user.save()
    fill(camille, enfants[1:], "midi", now=NOW + timedelta(minutes=1))
    Inscription.objects.filter(jour__gt=MARDI_8).update(etat="annulee")
    response = client.get("/semaine-type/", {"enregistre": reference})
    assert response.context["annee"] == before
    assert "dans les cinq minutes à camille@courriel.example" in response.text


# --- What it says -----------------------------------------------------------------------------------------------------


def test_receipt_says_what_when_by_whom_and_whom_to_ask(client, camille, enfants, settings):
    lea, tom, _ = enfants
    reference = save(client, cle(lea), cle(tom, JEUDI_10, "midi"))
    html = plain(receipt(client, reference))
    for words in (
        f"Récapitulatif, référence {reference}",
        "Enregistré par Camille Morel, le jeudi 3 décembre 2026 à 20 h 41",
        "<li>Léa : soir ajouté, mardi 8 décembre</li><li>Tom : midi ajouté, jeudi 10 décembre</li>",
        "Pensez à commander le repas de Tom (jeudi 10 décembre) auprès de l’association de la cantine.",
        "Par e-mail, à camille@courriel.example.",
        plain(settings.COMMUNE_TELEPHONE),
        settings.COMMUNE_COURRIEL,
    ):
        assert words in html


def test_receipt_without_address_says_so(client, camille, enfants):
    camille.user.email = ""
    camille.user.save()
    assert "Pas d’adresse e-mail" in receipt(client, save(client, cle(enfants[0])))


def test_undone_save_says_so_above_what_it_was(client, camille, enfants):
    reference = save(client, cle(enfants[0]))
    annulation = annuler(reference, camille, now=NOW + timedelta(minutes=1))
    html = plain(receipt(client, reference))
    assert f"Annulé depuis, le jeudi 3 décembre 2026 à 20 h 42, référence {annulation.par.pk}." in html
    assert "<li>Léa : soir ajouté, mardi 8 décembre</li>" in html
    assert f"Annule la référence {reference}." in plain(receipt(client, annulation.par.pk))


def test_history_and_result_lead_to_it(client, camille, enfants):
    reference = save(client, cle(enfants[0]))
    for page in ("/historique/", f"{MOIS}?enregistre={reference}"):
        assert f'href="/historique/{reference}/"' in client.get(page).text


def test_receipt_of_the_version_before_still_says_what_did_not_change(client, camille, enfants):
    reference = save(client, cle(enfants[1]))
    restes = {"tard": 2, "mains": 1, "repas": 0, "ailleurs": 0}
    Recapitulatif.objects.update(chiffres={"rempli": True, "fin": "2027-07-02", "mois": "2026-12-01", "restes": restes})
    part = RecapitulatifEnfant.objects.get()
    part.contenu["semaine"] = {"rang": 2, "lignes": [], "deja": [], "complets": ["Tom, soir : lundi 7"], "autres": []}
    part.save()
    words = words_of(receipt(client, reference))
    assert "Sans changement Tom, soir : lundi 7 2 jours : trop tard pour changer 1 jour : gardé tel quel" in words


# --- Whose it is ------------------------------------------------------------------------------------------------------


def test_receipt_is_its_authors_alone(client, camille, enfants):  # ACC-02
    reference = save(client, cle(enfants[0]))
    for autre in (ResponsableFactory(foyer=camille.foyer), ResponsableFactory()):
        Responsabilite.objects.create(enfant=enfants[0], responsable=autre)
        client.force_login(autre.user)
        assert client.get(f"/historique/{reference}/").status_code == 404
        assert f'href="/historique/{reference}/"' not in client.get("/historique/").text


def test_child_that_is_no_longer_theirs_is_left_out(client, camille, enfants):
    lea, tom, _ = enfants
    reference = save(client, cle(lea), cle(tom))
    Responsabilite.objects.filter(enfant=lea).update(suspendue=True)
    html = receipt(client, reference)
    assert ("Léa" in html, "Tom" in html, "ne sont pas montrées" in html) == (False, True, True)
    Responsabilite.objects.filter(enfant=tom).update(suspendue=True)
    assert client.get(f"/historique/{reference}/").status_code == 404


def test_receipt_goes_with_its_author(camille, enfants, client):
    save(client, cle(enfants[0]))
    Enregistrement.objects.update(auteur=None)
    Recapitulatif.objects.get().auteur.recapitulatifs.all().delete()
    assert (RecapitulatifEnfant.objects.count(), Enregistrement.objects.count()) == (0, 1)


def test_town_halls_saves_keep_none(camille, enfants):
    acteur = Acteur.mairie(StaffFactory().pk)
    enregistrer([Changement(Cle(enfants[0].pk, MARDI_8, "soir"), "inscrit")], acteur, now=NOW)
    assert not Recapitulatif.objects.exists()


# --- What it weighs ---------------------------------------------------------------------------------------------------


def test_year_of_three_children_is_small(camille, enfants, client, django_assert_max_num_queries):
    reference = fill(camille, enfants, "matin", "midi", "soir")
    parts = RecapitulatifEnfant.objects.filter(recapitulatif__enregistrement=reference)
    weight = sum(len(json.dumps(part.contenu)) for part in parts)
    assert (len(parts), weight < 4_000) == (3, True)
    client.get(f"/historique/{reference}/")
    with django_assert_max_num_queries(7):
        client.get(f"/historique/{reference}/")
