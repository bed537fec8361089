"""What no browser sends: numbers larger than those of the database, NUL, digits of other scripts, days of no calendar.

Every form of the town hall's pages of money takes each of them in each of its fields: refused, never an error 500.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import URLPattern, get_resolver, reverse

from enfance.models import Absence, Creneau, Enfant, Foyer, Responsabilite
from facturation.models import (
    Deliberation,
    EssaiPaiement,
    LieuResidence,
    Plafond,
    SignalementFacture,
    Supplement,
    Tarif,
)
from tests.clients import Client
from tests.factories import ResponsableFactory, StaffFactory, make_enfant
from tests.facturation.essais import make_essai
from tests.facturation.factures_emises import une_facture
from tests.facturation.grille import make_deliberation
from tests.facturation.mairie.conftest import LUNDI, VENDREDI
from tests.facturation.mairie.reglages import BON
from tests.facturation.mairie.supplements import typed as supplement_typed
from tests.facturation.mairie.tarifs import typed as tarif_typed
from tests.facturation.vecu import inscrire, make_commune

pytestmark = [pytest.mark.ci, pytest.mark.django_db]
GRAND = "99999999999999999999"
HOSTILES = [GRAND, "-1", "\0", "\uff19\uff19", "\u0661\u0662,\u0664", "0001-01-01", "9999-12-31", "9" * 5000, ""]
Data = dict[str, Any]


@dataclass(frozen=True)
class Scene:
    """A child billed in November, which is closed; October is open. Two foyers, an absence, an attempt to pay."""

    enfant: Enfant
    foyer: Foyer
    autre: Foyer
    vote: Deliberation
    essai: EssaiPaiement
    client: Client


@pytest.fixture
def scene(db) -> Scene:
    make_commune()
    camille, dominique = ResponsableFactory(), ResponsableFactory()
    lea = make_enfant(camille, prenom="Léa")
    Responsabilite.objects.create(enfant=lea, responsable=dominique)
    inscrire(lea, VENDREDI)
    Absence.objects.create(enfant=lea, jour=VENDREDI, signalee_le=LUNDI)
    facture = une_facture(lea)
    SignalementFacture.objects.create(facture=facture, texte="Elle est partie avant.", dit_par=camille.user)
    client = Client()
    client.force_login(StaffFactory())
    return Scene(lea, camille.foyer, dominique.foyer, make_deliberation(), make_essai(facture), client)


def grille(scene: Scene) -> Data:
    return tarif_typed(scene.vote, Creneau.objects.get(code="soir"))


def parts(scene: Scene) -> Data:
    prefix = f"p{scene.enfant.pk}"
    siennes = {f"{prefix}-part-{foyer.pk}": "50" for foyer in (scene.foyer, scene.autre)}
    return {**siennes, f"{prefix}-debut": "", f"{prefix}-fin": "", "partager": scene.enfant.pk}


def quotient(scene: Scene) -> Data:
    cle = scene.foyer.pk
    return {
        "foyer": cle,
        "depuis": "",
        "raison": "",
        f"{cle}-qf": "742",
        f"{cle}-vu": "2026-11-30",
        f"{cle}-src": "caf",
    }


def recopie(scene: Scene) -> Data:
    tarifs, supplements = (modele.objects.values_list("pk", flat=True) for modele in (Tarif, Supplement))
    return {"tarifs": tarifs, "supplements": supplements, "deliberation": scene.vote.pk, "debut": "2027-09-01"}


def absence(scene: Scene) -> Data:
    raisons = {"raison": "malade", "raison_excusee": "", "raison_facturee": ""}
    creneau = Creneau.objects.get(code="midi").pk
    return {"enfant": scene.enfant.pk, "jour": VENDREDI.isoformat(), "creneaux": creneau, "r": "excusee", **raisons}


def vote(scene: Scene) -> Data:
    return {"numero": "2027-12", "votee_le": "2026-09-02", "applicable_le": "2026-09-03", "objet": ""}


def lieu(scene: Scene) -> Data:
    return {"nom": "Commune conventionnée", "communes": "Saint-Aupre", "defaut": ""}


def plafond(scene: Scene) -> Data:
    return {
        "deliberation": scene.vote.pk,
        "somme": "12,00",
        "periode": "jour",
        "porteur": "enfant",
        "moment": "",
        "creneaux": [],
        "debut": "2026-09-01",
        "fin": "",
    }


def plafond_vote(scene: Scene) -> tuple[int]:
    return (Plafond.objects.create(deliberation=scene.vote, montant=900, periode="jour", debut=date(2026, 9, 1)).pk,)


def supplement_of(scene: Scene) -> Data:
    return supplement_typed(scene.vote) | {"creneaux": []}


NOVEMBRE_CLOS, OCTOBRE = (date(2026, 11, 1),), (date(2026, 10, 1),)
CONFIRMER = {"confirmer": "1", "empreinte": "x"}

# TO ADD A PAGE that takes a form: its address, what stands in it, and what its form sends. Several forms: a row each.
ENVOIS: list[tuple[str, tuple[Any, ...] | Callable[[Scene], tuple[Any, ...]], Callable[[Scene], Data]]] = [
    ("facturation_mois_du", OCTOBRE, lambda scene: {"lu": "1", "total": "2,40"}),
    ("facturation_mois_du", NOVEMBRE_CLOS, lambda scene: {"proposition": "x", "faire": "suite"}),
    ("facturation_attestations_faire", (2025,), lambda scene: CONFIRMER),
    ("facturation_absences", (), absence),
    ("facturation_payeur", lambda scene: (scene.foyer.pk,), lambda scene: {"residence": "hors", "envoi": "papier"}),
    ("facturation_payeur", lambda scene: (scene.foyer.pk,), lambda scene: {"annuler": "1"}),
    ("facturation_payeur", lambda scene: (scene.foyer.pk,), parts),
    ("facturation_reglages", (), lambda scene: BON),
    ("facturation_signalements", (), lambda scene: {"signalement": "1", "reponse": "Vu."}),
    ("facturation_residences", (), lambda scene: {"commune": scene.foyer.pk}),
    ("facturation_residences", (), lambda scene: {"hors": scene.foyer.pk}),
    ("facturation_residences", (), lambda scene: {"toutes": "commune", **CONFIRMER}),
    ("facturation_quotients", (), quotient),
    ("facturation_quotients", (), lambda scene: {"cherche": "morel"}),
    ("facturation_quotients_importer", (), lambda scene: {"liste": "x", "apercu": "1", **CONFIRMER}),
    ("facturation_quotients_ecrire", (), lambda scene: CONFIRMER),
    ("facturation_tarif_add", (), grille),
    ("facturation_tarif_add", (), lambda scene: grille(scene) | {"geste": "essayer"}),
    ("facturation_tarif_add", (), lambda scene: grille(scene) | {"geste": "ajouter hors 1-2"}),
    ("facturation_tarif_change", lambda scene: (Tarif.objects.get(nom="Midi").pk,), grille),
    ("facturation_tarif_recopier", (), recopie),
    ("facturation_deliberation_add", (), vote),
    ("facturation_deliberation_change", lambda scene: (scene.vote.pk,), vote),
    ("facturation_lieu_add", (), lieu),
    ("facturation_lieu_change", lambda scene: (LieuResidence.objects.create(code="agents", nom="Agents").pk,), lieu),
    ("facturation_nombres", (), lambda scene: {"debut": "2026-11-01", f"n{scene.foyer.pk}": "3"}),
    ("facturation_plafond_add", (), plafond),
    ("facturation_plafond_change", plafond_vote, plafond),
    ("facturation_supplement_add", (), supplement_of),
    ("facturation_supplement_change", lambda scene: (Supplement.objects.earliest("pk").pk,), supplement_of),
    (
        "facturation_essaipaiement_changelist",
        (),
        lambda scene: {"action": "classer", "_selected_action": scene.essai.pk, "select_across": "0", "index": "0"},
    ),
]


def pages() -> list[URLPattern]:
    """Those of the town hall's money, whose addresses want the converters that the whole project knows."""
    assert get_resolver().url_patterns
    return importlib.import_module("facturation.views.mairie.urls").urlpatterns


@pytest.mark.parametrize(("name", "args", "data"), ENVOIS, ids=[envoi[0] for envoi in ENVOIS])
def test_hostile_value_is_refused_and_breaks_nothing(scene, name, args, data):
    page = reverse(f"admin:{name}", args=args(scene) if callable(args) else args)
    bonne = data(scene)

    codes = {
        (field, hostile[:20]): scene.client.post(page, bonne | {field: hostile}).status_code
        for field in [*bonne, "creneaux", "geste"]
        for hostile in HOSTILES
    }

    assert {place: code for place, code in codes.items() if code >= 500} == {}


def test_each_page_that_takes_a_form_is_tried(scene):
    """A page that only shows refuses a form, whatever it sends."""
    tried = {name for name, _, _ in ENVOIS}
    values = {"mois": date(2026, 11, 1), "annee": 2025, "pk": 1, "numero": "F-2026-0001"}
    for pattern in pages():
        if pattern.name not in tried:
            page = reverse(f"admin:{pattern.name}", kwargs={name: values[name] for name in pattern.pattern.converters})
            assert (pattern.name, scene.client.post(page, {}).status_code) == (pattern.name, 405)


@pytest.mark.parametrize("pk", ["0", GRAND])
def test_number_in_an_address_that_is_no_key_is_nobody(scene, pk):
    for pattern in pages():
        if list(pattern.pattern.converters) in (["pk"], ["annee"]):
            page = reverse(f"admin:{pattern.name}", args=[1]).replace("/1/", f"/{pk}/")
            codes = (scene.client.get(page).status_code, scene.client.post(page, {"residence": "hors"}).status_code)
            assert (page, set(codes) <= {404, 405}) == (page, True)


def test_list_of_quotients_takes_a_file_that_is_none(scene):
    page = reverse("admin:facturation_quotients_importer")
    for content in (
        b"",
        b"\0" * 50,
        b"\xff\xfe\x00",
        f"identifiant;quotient\n{GRAND};{GRAND}\n".encode(),
        b"PK\x03\x04",
    ):
        fichier = SimpleUploadedFile("liste.csv", content)
        assert scene.client.post(page, {"fichier": fichier, "apercu": "1"}).status_code < 500
