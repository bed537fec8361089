"""A trip as the canteen reads it: who is away, how many that makes less; its lunch break is not closed."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from enfance.cantine.convives import Cas, lignes_csv, load_releve
from enfance.cantine.matin import Envoi, matin_context
from enfance.cantines import load_adresses
from enfance.mairie.fermetures.ecriture import Portee, fermer
from enfance.models import ListeRepas, Repas, Scolarite
from enfance.natures import NatureFermeture
from tests.enfance.cantine.convives import LISTE_LE, LUNDI, MARDI, NOW, VENDREDI, inscrire
from tests.factories import AnneeFactory, ClasseFactory, ResponsableFactory, make_creneaux, make_enfant
from tests.reading import plain

pytestmark = pytest.mark.django_db


@pytest.fixture
def enfants(time_machine):
    """Anna and Oscar are in CM1, Zoé in CM2; all eat on the Tuesday."""
    time_machine.move_to(NOW, tick=False)
    AnneeFactory()
    make_creneaux()
    parent = ResponsableFactory()
    enfants = {}
    liste = ListeRepas.objects.create(debut=LUNDI, fin=VENDREDI, importee_le=LISTE_LE)
    for prenom, niveau in (("Anna", "CM1"), ("Oscar", "CM1"), ("Zoé", "CM2")):
        enfants[prenom] = make_enfant(parent, prenom=prenom)
        Scolarite.objects.filter(enfant=enfants[prenom]).update(niveau=niveau)
        Repas.objects.create(enfant=enfants[prenom], jour=MARDI, liste=liste)
        inscrire(parent, enfants[prenom], MARDI)
    return enfants


def leave(nature=NatureFermeture.SORTIE, **champs):
    portee = {"niveaux": ("CM1",)} | champs
    return fermer(Portee(MARDI, MARDI, "musée", nature=nature, **portee), now=NOW).fermeture


def test_who_is_on_a_trip_is_said_so_and_the_others_eat(enfants):
    leave(restent=(enfants["Oscar"],))

    (journee,) = load_releve(MARDI, MARDI, now=NOW).journees

    assert journee.raison == ""
    assert {c.eleve.prenom: c.cas for c in journee.convives} == {
        "Anna": Cas.SORTIE,
        "Oscar": Cas.ATTENDU,
        "Zoé": Cas.ATTENDU,
    }
    assert (journee.total.repas, [c.phrase for c in journee.ecarts]) == (2, ["mange, en sortie"])
    assert [(ligne[2], ligne[6]) for ligne in lignes_csv([journee])] == [
        ("Anna", "mange, en sortie"),
        ("Oscar", ""),
        ("Zoé", ""),
    ]


def test_trips_are_announced_apart_with_how_many_are_less(enfants):
    leave()
    leave(NatureFermeture.ENSEIGNANT, niveaux=(), classes=(ClasseFactory(nom="PS-MS Mme Saule"),))
    fermer(Portee(VENDREDI, VENDREDI, "grève"), now=NOW)

    releve = load_releve(LUNDI, LUNDI, now=NOW)

    assert [plain(phrase) for phrase in releve.sorties] == [
        "CM1 en sortie mardi 8 décembre (musée), 2 midis de moins",
        "PS-MS Mme Saule, enseignant absent mardi 8 décembre (musée)",
    ]
    assert [plain(phrase) for phrase in releve.annonces] == ["vendredi 11 décembre (grève)"]


def test_the_morning_mail_says_the_trip(enfants):
    leave()
    (adresse,) = load_adresses()

    context = matin_context(Envoi(MARDI, None), adresse, now=NOW)

    assert [plain(phrase) for phrase in context["sorties"]] == [
        "CM1 en sortie mardi 8 décembre (musée), 2 midis de moins"
    ]


def test_trips_cost_the_same_queries_for_one_and_three(enfants):
    leave()
    with CaptureQueriesContext(connection) as une:
        load_releve(MARDI, MARDI, now=NOW)
    leave(niveaux=("CM2",))
    leave(NatureFermeture.ENSEIGNANT)

    with CaptureQueriesContext(connection) as trois:
        load_releve(MARDI, MARDI, now=NOW)

    assert len(trois) == len(une)
