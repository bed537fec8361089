"""The house is what its apps add, in their order; and the lists that people see stand as they always did."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.core.exceptions import AppRegistryNotReady

from accounts.extensions import AccountsExtension
from enfance.extensions import ExtensionEnfance
from portail.effacements import Effacements, Etape
from portail.extensions import Extension
from portail.fusions import Lien
from portail.menu import Entree, OngletFamille

COMPTE = "accounts:account"


def test_new_line_of_the_menu_is_one_line(adds):
    avant = Extension.installed().menu
    ligne = Entree("Restauration", "admin:index", "enfance.view_repas", avant="admin:enfance_fermeture_changelist")
    adds("portail", Extension(menu=(ligne,)))
    noms = [entree.nom for entree in Extension.installed().menu]
    assert noms == [
        *("Familles", "Enfants", "Liste d’attente", "Inscriptions", "Factures", "Repas", "Messages", "Restauration"),
        *("Fermetures", "Chiffres", "Encaisser", "Journal de la régie", "Relances"),
    ]
    assert [entree for entree in Extension.installed().menu if entree is not ligne] == list(avant)


def test_lists_of_all_the_apps_are_one_in_their_order():
    maison = ExtensionEnfance.installed()
    onglets = [onglet.code for onglet in maison.menu_famille]
    assert onglets == ["accueil", "planning", "semaine_type", "factures", "compte"]
    assert [code for regle in maison.regles for code in regle.codes] == ["limite", "garde", "repas", "complet"]
    panneaux = [panneau.nom for panneau in maison.panneaux]
    assert panneaux == ["courriels_arretes", "factures_fausses", "tableau", "journee"]
    assert list(dict.fromkeys(tables.code for tables in maison.tables)) == [
        *("familles", "garderie", "cantine", "annee", "factures", "ecrits", "traces", "agents"),
    ]


def test_steps_of_an_erasure_go_from_the_apps_above_to_those_below():
    effacements = Extension.installed().effacements
    assert effacements.modeles == ["enfance.Enfant", "enfance.Responsable", "accounts.User", "enfance.Foyer"]
    assert [etape.nom for etape in effacements.avant] == ["foyers", "attente", "places", "comptes"]
    assert [etape.nom for etape in effacements.apres] == [
        *("enregistrements", "clés", "qui reste"),
        *("tâches", "sessions", "historique", "numéros", "fichiers"),
    ]


def test_mappings_are_united_column_by_column(adds):
    adds("accounts", Extension(fusions={"enfance.Foyer": {"a.A.foyer": Lien.suit}}, sans_duree={"a.B": "un"}))
    adds("portail", Extension(fusions={"enfance.Foyer": {"c.C.foyer": Lien.part}}, sans_duree={"c.D": "deux"}))
    adds("enfance", Extension())
    adds("facturation", Extension())
    maison = Extension.installed()
    assert maison.fusions == {"enfance.Foyer": {"a.A.foyer": Lien.suit, "c.C.foyer": Lien.part}}
    assert maison.sans_duree == {"a.B": "un", "c.D": "deux"}


def test_app_that_asks_nothing_of_those_above_is_read_by_them(adds):
    """Its value has none of their fields."""
    etape = Etape("essai", lambda demande: None)
    adds("portail", Extension(effacements=Effacements(apres=(etape,))))
    assert ExtensionEnfance.installed().effacements.apres[-1] is etape
    assert [option.name for option in AccountsExtension.installed().options] == ["ecole"]


def test_nothing_is_read_before_all_the_apps_are_ready(adds, monkeypatch):
    adds("portail", Extension())
    monkeypatch.setattr(apps, "ready", False)
    with pytest.raises(AppRegistryNotReady):
        Extension.installed()


def test_place_that_is_none_is_refused(adds):
    adds("portail", Extension(menu_famille=(OngletFamille("repas", "Repas", COMPTE, avant="cantine"),)))
    with pytest.raises(LookupError, match="cantine"):
        Extension.installed()


def test_code_of_two_apps_is_refused(adds):
    adds("portail", ExtensionEnfance(regles=ExtensionEnfance.installed().regles[:1]))
    with pytest.raises(ValueError, match="limite"):
        ExtensionEnfance.installed()
