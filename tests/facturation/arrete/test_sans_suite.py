"""After a month is closed: what changed without a correction is told, and why."""

from datetime import timedelta
from uuid import uuid4

import pytest

from enfance.models import Appel, Geste, Inscription, Pointage
from facturation.arrete.cloture import arreter
from facturation.arrete.corrections import corriger
from facturation.arrete.regularisations import load_regularisations
from tests.factories import make_enfant
from tests.facturation.vecu import ENSUITE, LUNDI, NOVEMBRE, a, clore, inscrire, pointer
from tests.reading import plain

pytestmark = pytest.mark.django_db
MARDI = LUNDI + timedelta(days=1)
APRES = ENSUITE + timedelta(days=1)


@pytest.fixture
def lea(camille):
    return make_enfant(camille, prenom="Léa", date_naissance="2018-01-01")


@pytest.fixture
def novembre(lea):
    """Léa in the evening of Monday, until 18 h 20."""
    inscrire(lea, LUNDI, creneau="soir")
    pointer(lea, LUNDI, depart="18:20")
    clore(LUNDI)
    return arreter(NOVEMBRE, None, ENSUITE).mois


def partir(enfant, heures):
    pointage = Pointage.objects.get(enfant=enfant, jour=LUNDI)
    pointage.depart = a(LUNDI, heures)
    pointage.save()
    taper(pointage)


def taper(pointage):
    Geste.objects.create(id=uuid4(), pointage=pointage, quoi="parti", coche=True, fait_le=APRES, recu_le=APRES)


def vues(mois):
    lues = load_regularisations(mois)
    return [p.quoi for p in lues.propositions], [(c.titre, plain(c.quoi), plain(c.pourquoi)) for c in lues.sans_suite]


def test_sheet_that_is_as_it_was_says_so(novembre, lea):
    partir(lea, "17:05")
    assert vues(novembre) == (["Léa, lundi 2, soir"], [])

    partir(lea, "18:20")

    assert vues(novembre) == (
        [],
        [
            (
                "Changé, puis remis",
                "Léa, lundi 2, soir",
                "La feuille, corrigée le mercredi 2 décembre, dit de nouveau ce qui a été facturé : rien à corriger.",
            )
        ],
    )


def test_sheet_that_says_another_hour_of_the_same_price_is_not_as_it_was(novembre, lea):
    partir(lea, "18:21")

    assert vues(novembre) == ([], [])


def test_sheet_that_was_corrected_and_billed_so_is_not_as_it_was(novembre, lea):
    partir(lea, "17:05")
    [proposition] = load_regularisations(novembre).propositions
    assert corriger(novembre, proposition.marque, avoir=False, par=None, now=APRES)

    assert vues(novembre) == ([], [])


def test_child_ticked_by_mistake_and_taken_off_is_as_it_was(novembre, lea, camille):
    tom = make_enfant(camille, prenom="Tom", date_naissance="2020-01-01")
    taper(Pointage.objects.create(enfant=tom, jour=LUNDI, creneau=Pointage.objects.get(enfant=lea).creneau))

    assert [titre for titre, *_ in vues(novembre)[1]] == ["Changé, puis remis"]


def test_sheet_that_is_open_again_says_nothing_yet(novembre, lea):
    partir(lea, "17:05")
    partir(lea, "18:20")
    Appel.objects.filter(jour=LUNDI).update(rouvert_le=APRES, motif="Oubli")

    assert vues(novembre) == ([], [])


def test_rank_that_hangs_on_an_elder_who_is_not_known_is_told(lea, camille):
    tom = make_enfant(camille, prenom="Tom", date_naissance="2020-01-01")
    inscrire(lea, LUNDI)
    inscrire(tom, LUNDI, MARDI)
    clore(LUNDI, MARDI)
    mois = arreter(NOVEMBRE, None, ENSUITE).mois

    Inscription.objects.filter(enfant=lea).delete()

    assert vues(mois) == (
        [],
        [
            (
                "Changé, et non proposé",
                "Tom, du lundi 2 au mardi 3",
                "Le rang dans la fratrie ne serait plus le même (+0,20 €), faute de la ligne d’un aîné : sa fiche est "
                "effacée, son jour purgé, ou sa feuille rouverte. Rien n’est compté.",
            )
        ],
    )
