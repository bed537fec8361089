"""The last list of meals, undone: all that was there before it, or nothing."""

from datetime import date, timedelta

import pytest

from enfance.cantine.repas import RetraitsADire
from enfance.cantine.retour import RetourRefuse, defaire
from enfance.models import Enfant, ListeRepas, Repas
from tests.enfance.cantine.listes import NOW, importe, repas
from tests.factories import make_enfant
from tests.reading import plain

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("creneaux")]
TOUT = ["MOREL;Tom;;08/12/2026", "MOREL;Tom;;10/12/2026", "MOREL;Léa;;08/12/2026"]


@pytest.fixture
def lea(camille):
    return make_enfant(camille, prenom="Léa")


def rows():
    return list(Repas.objects.order_by("enfant", "jour").values_list("enfant", "jour", "liste", "annule_le"))


def test_undone_import_gives_back_what_it_had_replaced(tom, lea):
    importe(*TOUT)
    Repas.objects.filter(enfant=lea).update(annule_le=NOW)
    before = rows()
    importe("MOREL;Léa;;08/12/2026", "MOREL;Léa;;10/12/2026", now=NOW + timedelta(days=1))
    liste = ListeRepas.objects.latest("pk")

    for simuler in (True, False):
        retour = defaire(liste.pk, simuler=simuler)
        assert retour.phrase == "Repas\u00a0: 2\u00a0rendus, 1\u00a0retiré."
        assert [plain(ligne) for ligne in (*retour.rendus, *retour.retires)] == [
            "Tom Morel : mardi 8 décembre et jeudi 10 décembre",
            "Léa Morel : jeudi 10 décembre",
        ]
        assert (rows() == before) is not simuler
    assert ListeRepas.objects.count() == 1


def test_first_import_undone_leaves_nothing(tom):
    bilan = importe("MOREL;Tom;;08/12/2026")
    defaire(bilan.liste.pk)
    assert (repas(), ListeRepas.objects.count()) == ([], 0)


def undo_of_an_older_list(_):
    importe("MOREL;Tom;;10/12/2026")


def cancelled_since(_):
    Repas.objects.update(annule_le=NOW + timedelta(hours=1))


def child_gone(lea):
    Enfant.objects.filter(pk=lea.pk).delete()


@pytest.mark.parametrize(
    ("since", "words"),
    [
        (undo_of_an_older_list, "n’est plus la dernière"),
        (cancelled_since, "2 repas de cette liste ont été annulés par leur famille depuis"),
        (child_gone, "Un enfant des repas d’avant n’est plus au portail"),
    ],
)
def test_what_has_changed_since_stands_in_the_way(tom, lea, since, words):
    importe(*TOUT)
    bilan = importe(*TOUT[:2], debut=date(2026, 12, 8), now=NOW + timedelta(minutes=1))
    since(lea)
    before = rows()

    with pytest.raises(RetourRefuse) as refus:
        defaire(bilan.liste.pk)

    assert words in plain(refus.value)
    assert rows() == before


def test_undone_list_cannot_be_undone_twice_nor_the_one_before(tom):
    premiere = importe(*TOUT[:2]).liste
    seconde = importe(TOUT[0], debut=date(2026, 12, 8), fin=date(2026, 12, 10)).liste
    defaire(seconde.pk)
    for liste in (seconde, premiere):
        with pytest.raises(RetourRefuse):
            defaire(liste.pk)
    assert len(repas()) == 2


# --- Meals taken away are asked about -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("avant", "apres", "question"),
    [
        (5, 4, ""),  # one meal in five
        (4, 3, "1 repas serait retiré (mardi 8 décembre), sur 4 connus à ces dates. Est-ce voulu ?"),
        (10, 7, "3 repas seraient retirés (mardi 8 décembre), sur 10 connus à ces dates. Est-ce voulu ?"),
    ],
)
def test_more_than_a_meal_in_five_is_asked_about(camille, avant, apres, question):
    for n in range(avant):
        make_enfant(camille, prenom=f"Tom{chr(97 + n)}")
    lignes = [f"MOREL;Tom{chr(97 + n)};;08/12/2026" for n in range(avant)]
    importe(*lignes)
    assert plain(importe(*lignes[:apres], simuler=True, retirer=False).question) == question
    if question:
        with pytest.raises(RetraitsADire):
            importe(*lignes[:apres], retirer=False)
        assert len(repas()) == avant
    importe(*lignes[:apres], retirer=bool(question))
    assert len(repas()) == apres


def test_day_left_without_meal_is_asked_about(camille):
    for n in range(9):
        make_enfant(camille, prenom=f"Tom{chr(97 + n)}")
    lignes = [f"MOREL;Tom{chr(97 + n)};;08/12/2026" for n in range(9)]
    importe(*lignes, "MOREL;Toma;;10/12/2026")
    bilan = importe(*lignes, debut=date(2026, 12, 8), fin=date(2026, 12, 10), simuler=True)
    assert plain(bilan.question) == (
        "1 repas serait retiré (jeudi 10 décembre), sur 10 connus à ces dates, "
        "et il n’en resterait aucun jeudi 10 décembre. Est-ce voulu ?"
    )
