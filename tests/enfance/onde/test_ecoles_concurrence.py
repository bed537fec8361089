"""Imports of two schools at the same instant, and families of both who save meanwhile."""

from __future__ import annotations

from datetime import date

import pytest

from enfance.inscriptions import Changement, enregistrer
from enfance.models import Ecole, Enfant, Foyer, ImportOnde, Inscription, Responsable, Scolarite
from enfance.onde import depots
from enfance.onde.importation import importer
from enfance.regles import Acteur, Cle
from tests.enfance.onde.deux_ecoles import (
    AVEC_LEA,
    ELEMENTAIRE,
    LEA_PETITE,
    LINA,
    MATERNELLE,
    NOE,
    PARENTS,
    PARENTS_MATERNELLE,
    run_elementaire,
    run_maternelle,
)
from tests.enfance.onde.ecole import NOW, database, responsable
from tests.enfance.onde.exemples import (
    ADULTES,
    TOM,
    extraction,
    fichier_eleves,
    fichier_responsables,
    texte_eleves,
    texte_responsables,
)
from tests.factories import AnneeFactory, CreneauFactory, EcoleFactory, StaffFactory, make_creneaux
from tests.races import at_once, watch_locks

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.ci, pytest.mark.sqlite]

LUNDI_7 = date(2026, 12, 7)


@pytest.fixture
def annee():
    return AnneeFactory()


@pytest.fixture
def elementaire(annee) -> Ecole:
    """Each school has its créneaux; those of the élémentaire, which is older, come first."""
    for creneau in make_creneaux().values():
        creneau.ecoles.set([Ecole.objects.get()])
    return Ecole.objects.get()


@pytest.fixture
def maternelle(elementaire) -> Ecole:
    ecole = EcoleFactory(code="maternelle", nom="École maternelle", dernier_niveau="GS")
    for code, moment in (("midi-mat", "midi"), ("soir-mat", "soir")):
        CreneauFactory(code=code, moment=moment, ordre=9).ecoles.set([ecole])
    return ecole


def everybody() -> tuple[int, int, int, set]:
    """Children, adults, homes, and in which school, from when to when."""
    places = set(Scolarite.objects.values_list("enfant__prenom", "ecole__code", "debut", "depart"))
    return Enfant.objects.count(), Responsable.objects.count(), Foyer.objects.count(), places


def expected(elementaire) -> tuple[int, int, int, set]:
    """As one after the other."""
    places = {(e.prenom, elementaire.code, None, None) for e in ELEMENTAIRE}
    places |= {(e.prenom, "maternelle", None, None) for e in MATERNELLE}
    return 14, len(ADULTES) + 1, 6, places


def test_imports_of_two_schools_at_once_make_everybody_once(annee, elementaire, maternelle):
    imports = [lambda: run_elementaire(elementaire, annee=annee), lambda: run_maternelle(maternelle, annee=annee)]

    for _ in range(2):
        bilans = at_once(*imports, *imports)
        assert everybody() == expected(elementaire)
        assert [bilan.eleves.partis for bilan in bilans] == [[]] * 4
    assert {e.scolarites.get().ecole for e in responsable("Camille").enfants.all()} == {elementaire, maternelle}


def lay_down(annee, ecole, enfants, adultes, *, ine) -> tuple[ImportOnde, str]:
    """On the screen; and the preview that was seen."""
    fichiers = (
        fichier_eleves(texte_eleves(enfants, ine=ine)),
        fichier_responsables(texte_responsables(adultes, poste=not ine)),
    )
    depot = depots.deposer(None, annee, *fichiers, ecole=ecole, user_id=StaffFactory().pk, now=NOW)
    return depot, depots.simuler(depot, now=NOW).empreinte


def confirm(depot, vu):
    try:
        return depots.appliquer(depot.pk, {}, vu, user_id=depot.depose_par_id, now=NOW, confirmer_departs=False)
    except depots.ApercuPerime:
        return "à revoir"


def test_two_previews_confirmed_at_once(annee, elementaire, maternelle):
    """Camille is in both: the second to come would change what the first has made, and was not seen so."""
    vus = [
        lay_down(annee, elementaire, ELEMENTAIRE, PARENTS, ine=True),
        lay_down(annee, maternelle, MATERNELLE, PARENTS_MATERNELLE, ine=False),
    ]

    bilans = at_once(*(lambda depot=depot, vu=vu: confirm(depot, vu) for depot, vu in vus for _ in range(2)))

    assert bilans.count("à revoir") == 2
    assert bilans.count(None) == 1  # the second click
    (restant,) = ImportOnde.objects.filter(applique_le=None)
    confirm(restant, depots.simuler(restant, now=NOW).empreinte)
    assert everybody() == expected(elementaire)
    avant = database()
    run_maternelle(maternelle, annee=annee)
    run_elementaire(elementaire, annee=annee)
    assert database() == avant


# --- Families of both who save meanwhile ------------------------------------------------------------------------------


@pytest.fixture
def deux(annee, elementaire, maternelle):
    run_elementaire(elementaire, annee=annee)
    run_maternelle(maternelle, annee=annee)


def save(*cles, voulu="inscrit"):
    camille = Acteur.parent(responsable("Camille"))
    return lambda: enregistrer([Changement(cle, voulu) for cle in cles], camille, now=NOW)


def import_with_lea(annee, maternelle):
    """Mia is gone from the maternelle, and Léa comes to it from the élémentaire: both schools are written in."""
    lus = extraction([TOM, NOE, LEA_PETITE], [a for a in AVEC_LEA if a is not LINA], ine=False)
    options = {"now": NOW, "confirmer_departs": True}
    (question,) = importer(lus, annee, maternelle, simuler=True, **options).questions
    return lambda: importer(lus, annee, maternelle, choix={question.cle: question.options[0].valeur}, **options)


def test_import_locks_all_that_it_writes_in_at_once(deux, annee, maternelle, monkeypatch):
    """Whoever locked the créneaux of a school, then those of another, would meet a family that locks them in order."""
    lea = Enfant.objects.get(prenom="Léa")
    save(Cle(lea.pk, LUNDI_7, "soir"), Cle(lea.pk, LUNDI_7, "midi"))()
    work, locked = import_with_lea(annee, maternelle), watch_locks(monkeypatch)

    work()

    assert locked[0] == {"matin", "midi", "soir", "midi-mat", "soir-mat"}
    assert len(locked) == 3  # who leaves, who arrives
    assert set().union(*locked[1:]) <= locked[0]


def test_families_of_both_schools_save_while_pupils_leave_and_arrive(deux, annee, maternelle):
    lea, tom = Enfant.objects.get(prenom="Léa"), Enfant.objects.get(prenom="Tom")
    ceux_de_lea = [Cle(lea.pk, LUNDI_7, code) for code in ("matin", "midi", "soir")]
    ceux_de_tom = [Cle(tom.pk, LUNDI_7, code) for code in ("midi-mat", "soir-mat")]
    save(*ceux_de_lea)()

    at_once(
        import_with_lea(annee, maternelle),
        *[save(*ceux_de_tom, *ceux_de_lea)] * 3,
        *[save(*ceux_de_lea[::-1], *ceux_de_tom[::-1])] * 3,
    )

    inscrites = Inscription.objects.inscrit().values_list("enfant__prenom", "creneau__code")
    assert set(inscrites) == {(prenom, code) for prenom in ("Léa", "Tom") for code in ("midi-mat", "soir-mat")}
    assert Scolarite.objects.get(enfant__prenom="Mia").depart == NOW.date()


def test_import_of_a_school_touches_nothing_of_the_other_while_its_families_save(deux, annee, elementaire):
    tom = Enfant.objects.get(prenom="Tom")
    place = tom.scolarites.get()

    at_once(
        lambda: run_elementaire(elementaire, annee=annee),
        lambda: run_elementaire(elementaire, ELEMENTAIRE[:-1], annee=annee),
        *[save(Cle(tom.pk, LUNDI_7, "soir-mat"))] * 4,
    )

    assert Scolarite.objects.filter(enfant=tom).get() == place
    assert Inscription.objects.inscrit().get().enfant == tom
