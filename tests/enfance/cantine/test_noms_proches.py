"""« Vouliez-vous dire »: names almost known are proposed, and wait for a yes."""

import pytest

from enfance.cantine.noms_proches import ecart
from tests.enfance.cantine.listes import importe, refus, repas
from tests.factories import ClasseFactory, make_enfant

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("creneaux")]


@pytest.mark.parametrize(
    ("un", "autre", "attendu"),
    [
        ("morel lea", "morel lea", 0),
        ("morell lea", "morel lea", 1),
        ("mroel lea", "morel lea", 1),
        ("morel la", "morel lea", 1),
        ("maurel lea", "morel lea", 2),
        ("bernard lea", "morel lea", 3),
        ("abcd", "", 3),
    ],
)
def test_ecart_counts_letters(un, autre, attendu):
    assert min(ecart(un, autre), 3) == min(ecart(autre, un), 3) == attendu


@pytest.fixture
def enfants(camille):
    lea = make_enfant(camille, nom="Morel", prenom="Léa")
    lena = make_enfant(camille, nom="Morel", prenom="Léna")
    lea.scolarites.update(classe=ClasseFactory(annee=lea.scolarites.get().annee, nom="CP M. Tilleul"))
    make_enfant(camille, nom="Bernard", prenom="Tom")
    return lea, lena


def proposes(bilan):
    return [(i.dit, i.lignes, [p.nom for p in i.propositions]) for i in bilan.inconnus]


def test_several_children_are_proposed_and_nothing_is_guessed(enfants):
    bilan = importe("Morell;Léa;;08/12/2026", "Morell;Léa;;10/12/2026", "Grand;Paul;;08/12/2026", simuler=True)

    assert proposes(bilan) == [
        ("Léa Morell", 2, ["Léa Morel, CP M. Tilleul", "Léna Morel, CE1-CE2 Mme Sorbier"]),
        ("Paul Grand", 1, []),
    ]
    assert len(refus(bilan)) == 3


def test_surname_and_first_name_in_each_others_place_are_proposed(enfants):
    assert proposes(importe("Tom;Bernard;;08/12/2026", simuler=True)) == [
        ("Bernard Tom", 1, ["Tom Bernard, CE1-CE2 Mme Sorbier"])
    ]


def test_chosen_child_has_the_meals_of_these_lines_and_the_report_says_so(enfants):
    lea, _ = enfants
    bilan = importe("Morell;Léa;;08/12/2026", "Morell;Léa;;10/12/2026", choix={"morell_lea": lea.pk})

    assert [prenom for prenom, _ in repas()] == ["Léa", "Léa"]
    assert dict(bilan.listes())["Noms que vous avez reconnus"] == ["Léa Morell est Léa Morel, CP M. Tilleul"]


def test_choice_of_a_child_that_is_not_proposed_is_none(enfants, camille):
    autre = make_enfant(camille, nom="Durand", prenom="Zoé")
    bilan = importe("Morell;Léa;;08/12/2026", "Bernard;Tom;;08/12/2026", choix={"morell_lea": autre.pk})

    assert [prenom for prenom, _ in repas()] == ["Tom"]
    assert "n’est pas un enfant connu" in refus(bilan)[0]
