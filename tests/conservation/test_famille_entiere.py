"""A whole family, lived in, then erased: nothing names it any more; the other parent's part, the neighbours and the
figures are as they were.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.db.models import BinaryField, CharField, JSONField, Model, TextField

from conservation.models import Effacement
from enfance.famille.effacement import effacer_famille
from enfance.models import Garde, Inscription, PersonneAutorisee, Pointage
from facturation.models import Prestation
from tests.conservation.famille_argent import PIECES
from tests.conservation.famille_entiere import JEUDI, LUNDI, MARDI, NOW
from tests.conservation.photo import figures, figures_of_departure, rows_of, seen_by
from tests.conservation.traces import in_tables
from tests.enfance.famille.liens import linked_to_people

pytestmark = [pytest.mark.ci, pytest.mark.sqlite]

VOISINS = ("Paloma", "Rémi")
TEXT = (BinaryField, CharField, JSONField, TextField)
NAME_NOBODY = {
    "accounts.Passage": "the worker's own jobs",
    "accounts.ReadMailbox": "how far a mailbox was read",
    "accounts.RecoveryCode": "an agent's: no parent has one",
    "auth.Group": "the groups of agents",
    "auth.Permission": "rights",
    "conservation.Effacement": "what erasing writes: keys",
    "conservation.Reunion": "which keys were made one",
    "contenttypes.ContentType": "tables",
    "enfance.Indisponibilite": "when the portal did not answer, and the agent who said so",
    "enfance.ReglageCantine": "the association's hour",
    "facturation.LieuResidence": "the town's names of residences",
    "facturation.Nomination": "who keeps the régie: no parent is named",
    "facturation.Plafond": "a vote",
    "facturation.Regie": "the act that made the régie",
    "otp_totp.TOTPDevice": "an agent's: no parent has one",
}


@dataclass
class Avant:
    """What was there: the words and where they stood, the tables without a row, what the others had and saw."""

    mots: list[str]
    traces: dict[str, set[str]]
    vides: set[str]
    cles: set[tuple[str, int]]
    pages: dict[str, dict[str, str]]
    voisins: dict[str, list[dict[str, Any]]]
    chiffres: dict[str, str]
    entrees: int
    pieces: dict[str, list[Any]]


def issued() -> dict[str, list[Any]]:
    """What each paper says, by column."""
    dites = {}
    for colonne in PIECES:
        table, champ = colonne.split(".")
        model = next(model for model in apps.get_models() if model._meta.db_table == table)
        lignes = model._base_manager.order_by("pk")
        if model is Prestation:
            lignes = lignes.exclude(facture=None)  # one that waits is on no paper yet
        dites[colonne] = list(lignes.values_list(champ, flat=True))
    return dites


@pytest.fixture(scope="module")
def avant(scene) -> Avant:
    """The scene as it was; the family has been erased since."""
    mots, foyer, compte = scene.mots, scene.foyer, scene.adulte("Ysolde").user_id
    avant = Avant(
        mots=mots,
        traces=in_tables(mots),
        vides={model._meta.label for model in apps.get_models() if not model._base_manager.exists()},
        cles={
            ("enfance.Enfant", scene.enfant("Thymoline").pk),
            *(("enfance.Responsable", pk) for pk in foyer.responsables.values_list("pk", flat=True)),
            *(("accounts.User", pk) for pk in foyer.responsables.values_list("user", flat=True)),
            ("enfance.Foyer", foyer.pk),
        },
        pages={prenom: seen_by(scene, prenom) for prenom in ("Maxence", "Paloma")},
        voisins=rows_of(*VOISINS),
        chiffres=figures_of_departure(scene),
        entrees=LogEntry.objects.count(),
        pieces=issued(),
    )
    effacer_famille(compte, now=NOW)
    return avant


# --- The scene: it stands for all that a family leaves, or what follows proves nothing --------------------------------


def able_to_name_somebody() -> set[type[Model]]:
    """The models that lead to a person, or have a column in which a name can stand."""
    writable = {model for model in apps.get_models() if any(isinstance(field, TEXT) for field in model._meta.fields)}
    return {model for model in writable | linked_to_people() if not model._meta.proxy}


@pytest.mark.django_db
def test_every_word_stood_somewhere(avant):
    assert set(avant.mots) - set().union(*avant.traces.values()) == set()


@pytest.mark.django_db
def test_every_model_that_may_name_somebody_had_a_row(avant):
    """A table that comes later fails here until the scene fills it, or it is said to name nobody."""
    labels = {model._meta.label for model in able_to_name_somebody()}
    assert sorted(labels & avant.vides - NAME_NOBODY.keys()) == []


def test_what_names_nobody_is_still_there():
    assert NAME_NOBODY.keys() - {model._meta.label for model in apps.get_models()} == set()


# --- The family -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_no_word_is_left_in_any_table_but_in_what_was_issued(avant):  # RGP-08, RGP-16
    assert in_tables(avant.mots).keys() == PIECES


@pytest.mark.django_db
def test_what_was_issued_is_as_it_was(avant):  # RGP-16
    assert issued() == avant.pieces


@pytest.mark.django_db
def test_its_keys_are_kept_and_lead_to_nobody(avant):  # RGP-08
    """Those of the two files that were made one with theirs as well: an older archive has them."""
    kept = set(Effacement.objects.values_list("modele", "cle"))
    assert avant.cles <= kept
    assert sorted(modele for modele, _ in kept - avant.cles) == [
        "accounts.User",
        "enfance.Enfant",
        "enfance.Foyer",
        "enfance.Responsable",
    ]
    assert [(modele, cle) for modele, cle in kept if apps.get_model(modele)._base_manager.filter(pk=cle).exists()] == []


@pytest.mark.django_db
def test_what_agents_did_stays_written_without_who_it_was_about(avant):  # ADM-04
    assert LogEntry.objects.count() == avant.entrees


# --- The others -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_neighbours_have_every_row_as_it_was(avant):
    apres = rows_of(*VOISINS)
    assert [table for table, lignes in apres.items() if lignes != avant.voisins[table]] == []


@pytest.mark.django_db
def test_neighbour_sees_every_page_as_it_was(scene, avant):
    """But the banner of everybody, which named a child."""
    pages = avant.pages["Paloma"]
    pages["/"] = pages["/"].replace("Thymoline Quirvanne", "(effacé)")
    assert [page for page, dit in seen_by(scene, "Paloma").items() if dit != pages[page]] == []


@pytest.mark.django_db
def test_other_parent_keeps_the_child_and_all_that_their_home_did(scene, avant):
    oriandre, maxence = scene.enfant("Oriandre"), scene.adulte("Maxence")
    assert list(Garde.objects.filter(enfant=oriandre).values_list("foyer", flat=True)) == [maxence.foyer_id] * 2
    siennes = Inscription.objects.filter(enfant=oriandre, foyer=maxence.foyer)
    assert {LUNDI, MARDI} <= set(siennes.filter(etat="inscrit").values_list("jour", flat=True))
    assert Pointage.objects.filter(enfant=oriandre, jour=JEUDI, present=True).count() == 1
    venir = PersonneAutorisee.objects.filter(enfant=oriandre).values_list("nom", "interdite")
    assert set(venir) == {("Alix Dorlifere", False), ("Anastase Fourbe", True)}


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["/compte/", "/semaine-type/", "/jour/2026-12-08/"])
def test_other_parent_sees_their_own_pages_as_they_were(scene, avant, page):
    assert seen_by(scene, "Maxence")[page] == avant.pages["Maxence"][page]


@pytest.mark.django_db
def test_other_parent_reads_what_the_other_home_did_without_its_name(scene, avant):
    pages = seen_by(scene, "Maxence")
    assert "L’autre foyer" in pages["/historique/"]
    assert [page for page, dit in pages.items() if "supprimé" in dit] == []
    assert "Oriandre a aussi un autre foyer" not in pages[f"/enfants/{scene.enfant('Oriandre').pk}/"]


@pytest.mark.django_db
def test_figures_stay_to_the_unit(scene, avant):  # RGP-08
    """Those of a family that left today: the days to come are given back, what was stays counted."""
    assert figures(scene) == avant.chiffres
