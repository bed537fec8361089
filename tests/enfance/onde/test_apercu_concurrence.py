"""Families save while an import is previewed: a thousand pupils take seconds, and SQLite has one writer."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date

import pytest
from django.db import connection, connections

from enfance.inscriptions import Changement, enregistrer
from enfance.models import Enfant, Inscription
from enfance.regles import Acteur, Cle
from tests.enfance.onde.ecole import NOW, database, responsable, run
from tests.enfance.onde.exemples import ADULTES, CAMILLE, ECOLE, E, change
from tests.factories import AnneeFactory, make_creneaux
from tests.races import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.ci, pytest.mark.sqlite]

LUNDI_7 = date(2026, 12, 7)
MOVED = change(ADULTES, CAMILLE, adresse="2 rue Neuve", courriel="nouvelle@courriel.example")
LETTRES = "abcdefghij"


@pytest.fixture
def annee():
    annee = AnneeFactory()
    make_creneaux()
    return annee


def save(creneau: str, voulu: str = "inscrit") -> None:
    lea = Enfant.objects.get(prenom="Léa")
    changement = Changement(Cle(lea.pk, LUNDI_7, creneau), voulu)
    enregistrer([changement], Acteur.parent(responsable("Camille")), now=NOW)


def test_parent_saves_in_the_middle_of_a_preview(annee):
    """The preview waits for the save here: one that held the lock would wait for ever."""
    run(annee)
    saves = [lambda: save("midi")]

    def meanwhile() -> None:
        if saves:
            at_once(saves.pop())

    bilan = run(annee, adultes=MOVED, simuler=True, avance=meanwhile)

    assert len(bilan.responsables.modifies) == 1
    assert responsable("Camille").user.email == CAMILLE.courriel
    assert list(Inscription.objects.values_list("creneau__code", "etat")) == [("midi", "inscrit")]
    avant = database()
    run(annee, adultes=MOVED, simuler=True)
    assert database() == avant


@pytest.mark.lent
@pytest.mark.skipif(connection.vendor != "sqlite", reason="elsewhere a save waits for the rows of its school alone")
def test_preview_of_a_thousand_pupils_delays_no_save(annee):
    """The longest of the saves that are made as long as it lasts."""
    mots = ("".join(LETTRES[int(chiffre)] for chiffre in f"{rang:03}") for rang in range(1000))
    foule = [E(f"Foule{mot}", f"Prénom{mot}", "01/05/2020", "CP", f"CP {mot[0]}") for mot in mots]
    run(annee)

    def preview() -> int:
        try:
            return run(annee, [*ECOLE, *foule], simuler=True, confirmer_departs=True).eleves.crees
        finally:
            connections.close_all()

    waited = []
    with ThreadPoolExecutor(1) as pool:
        future: Future[int] = pool.submit(preview)
        while not future.done():
            began = time.monotonic()
            save("midi", "annulee" if len(waited) % 2 else "inscrit")
            waited.append(time.monotonic() - began)

    assert future.result() == 1000
    assert max(waited) < 1
