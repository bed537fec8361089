"""Meals at the same time as saves, and faults in the middle of an import: never half of it."""

from datetime import date

import pytest
from django.db import OperationalError, connection
from django_tasks_db.models import DBTaskResult

from enfance.inscriptions import Changement, enregistrer
from enfance.models import Enregistrement, Evenement, Inscription, ListeRepas, Repas
from enfance.regles import Acteur, Cle
from tests.enfance.cantine.ecoles import make_deux_ecoles, make_eleve
from tests.enfance.cantine.listes import MARDI_8, NOW, importe, repas
from tests.factories import ResponsableFactory, make_creneaux, make_enfant
from tests.pannes import Fault
from tests.races import at_once, during

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.ci, pytest.mark.sqlite]


@pytest.fixture
def famille():
    make_creneaux()
    parent = ResponsableFactory()
    return parent, make_enfant(parent, prenom="Tom"), make_enfant(parent, prenom="Léa")


@pytest.mark.parametrize("fois", range(4))
def test_meal_and_cancellation_at_once_end_locked_or_missing(famille, fois):
    parent, tom, _ = famille
    midi, acteur = Cle(tom.pk, MARDI_8, "midi"), Acteur.parent(parent)
    enregistrer([Changement(midi, "inscrit")], acteur, now=NOW)

    resultat, bilan = at_once(
        lambda: enregistrer([Changement(midi, "annulee")], acteur, now=NOW), lambda: importe("MOREL;Tom;;08/12/2026")
    )

    etat = Inscription.objects.get().etat
    assert (etat, len(resultat.refus), bilan.sans_midi) in {("inscrit", 1, 0), ("annulee", 0, 1)}


def test_two_lists_at_once_leave_one_of_them(famille):
    premiere, seconde = "MOREL;Tom;;08/12/2026", "MOREL;Léa;;08/12/2026"
    at_once(lambda: importe(premiere), lambda: importe(seconde))
    assert [prenom for (prenom,) in Repas.objects.values_list("enfant__prenom")] in (["Tom"], ["Léa"])


def everything():
    written = (ListeRepas, Repas, Inscription, Enregistrement, Evenement, DBTaskResult)
    return {modele.__name__: sorted(modele.objects.values_list(), key=str) for modele in written}


@pytest.mark.parametrize("done", [False, True])
def test_fault_at_any_query_changes_nothing(famille, settings, done):  # REL-03
    settings.REPAS_INSCRIT_D_OFFICE = True
    importe("MOREL;Tom;;08/12/2026", "MOREL;Tom;;10/12/2026")
    avant = everything()
    for n in range(1, 80):
        try:
            with connection.execute_wrapper(Fault(n, done=done)):
                importe("MOREL;Léa;;08/12/2026", "MOREL;Tom;;10/12/2026")
        except OperationalError:
            assert everything() == avant
            continue
        break
    assert n > 12
    assert sorted(Repas.objects.values_list("enfant__prenom", "jour")) == [
        ("Léa", MARDI_8),
        ("Tom", date(2026, 12, 10)),
    ]


def test_same_list_twice_at_once_is_imported_once(famille):
    at_once(*[lambda: importe("MOREL;Tom;;08/12/2026", "MOREL;Léa;;08/12/2026")] * 2)
    assert (ListeRepas.objects.count(), Repas.objects.count()) == (1, 2)


# --- Two schools ------------------------------------------------------------------------------------------------------


@pytest.fixture
def ville():
    """Siblings in two schools that eat apart."""
    make_creneaux()
    bourg, hameau = make_deux_ecoles()
    parent = ResponsableFactory()
    lea, zoe = make_eleve(parent, bourg, prenom="Léa"), make_eleve(parent, hameau, prenom="Zoé")
    return parent, (bourg, lea), (hameau, zoe)


@pytest.mark.parametrize("fois", range(3))
def test_lists_of_two_schools_at_once_keep_the_meals_of_both(ville, settings, fois):
    """Each registers its own, and the family saves both lunch breaks meanwhile."""
    settings.REPAS_INSCRIT_D_OFFICE = True
    parent, (bourg, lea), (hameau, zoe) = ville
    midis = [Cle(lea.pk, MARDI_8, "midi"), Cle(zoe.pk, MARDI_8, "midi-hameau")]

    *bilans, _ = at_once(
        *[lambda: importe("MOREL;Léa;;08/12/2026", ecoles=[bourg])] * 2,
        *[lambda: importe("MOREL;Zoé;;08/12/2026", ecoles=[hameau])] * 2,
        lambda: enregistrer([Changement(midi, "inscrit") for midi in midis[::-1]], Acteur.parent(parent), now=NOW),
    )

    assert repas() == [("Léa", MARDI_8), ("Zoé", MARDI_8)]
    assert [bilan.sans_midi for bilan in bilans] == [0] * 4
    assert set(Inscription.objects.inscrit().values_list("enfant", "creneau__code")) == {
        (lea.pk, "midi"),
        (zoe.pk, "midi-hameau"),
    }
    assert Evenement.objects.count() == 2  # whoever came first


@pytest.mark.postgresql
def test_list_of_a_school_does_not_wait_for_that_of_another(ville):
    """SQLite has one writer: there they take turns."""
    _, (bourg, _), (hameau, _) = ville
    (bilan,) = during(
        lambda: importe("MOREL;Léa;;08/12/2026", ecoles=[bourg]),
        lambda: importe("MOREL;Zoé;;08/12/2026", ecoles=[hameau]),
    )
    assert bilan.refus == []
    assert repas() == [("Léa", MARDI_8), ("Zoé", MARDI_8)]
