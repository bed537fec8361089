"""Two homes that are one: addresses, gardes, and what is asked before."""

from datetime import date

import pytest

from enfance.inscriptions import Changement, enregistrer
from enfance.mairie.doubles.fusions import reunir_foyers, unite_gardes
from enfance.models import Foyer, FoyerCompte, Garde, Responsabilite, SemaineType
from enfance.regles import Acteur, Cle
from tests.enfance.mairie.doubles.fusions.doubles import NOW
from tests.factories import AnneeFactory, FoyerFactory, ResponsableFactory, make_creneaux

pytestmark = [pytest.mark.django_db, pytest.mark.ci]
LUNDI_7, MARDI_8, LUNDI_14 = date(2026, 12, 7), date(2026, 12, 8), date(2026, 12, 14)


@pytest.fixture
def ailleurs(camille):
    """Another home of the same child, with another parent."""
    ailleurs = ResponsableFactory(foyer=FoyerFactory(adresse="3 rue du Lac"), user__first_name="Sacha")
    (lea,) = camille.enfants.all()
    lea.responsabilites.create(responsable=ailleurs)
    lea.gardes.create(foyer=ailleurs.foyer)
    return ailleurs


def test_two_homes_are_one(camille, double):
    make_creneaux()
    (tom,) = double.enfants.all()
    enregistrer([Changement(Cle(tom.pk, LUNDI_7, "soir"), "inscrit")], Acteur.parent(double), now=NOW)
    for foyer in (camille.foyer, double.foyer):
        SemaineType.objects.create(foyer=foyer, enfant=tom, debut=LUNDI_7, fin=LUNDI_14, modifiee_le=NOW)

    bilan = reunir_foyers(camille.foyer_id, double.foyer_id, {})

    foyer = Foyer.objects.get()
    assert (foyer, foyer.adresse) == (camille.foyer, "12 chemin des Tilleuls")
    assert (foyer.responsables.count(), foyer.gardes.count(), foyer.inscriptions.count()) == (3, 2, 1)
    assert (foyer.semaines_types.count(), foyer.enregistrements.count()) == (2, 1)
    assert dict(bilan.deplaces)["inscriptions"] == 1


def test_home_is_counted_once_in_a_year(camille, double):
    annee, suivante = AnneeFactory(), AnneeFactory(debut=date(2027, 9, 1), fin=date(2028, 7, 4))
    for foyer, une in ((camille.foyer, annee), (double.foyer, annee), (double.foyer, suivante)):
        FoyerCompte.objects.create(annee=une, foyer=foyer)

    reunir_foyers(camille.foyer_id, double.foyer_id, {})

    comptes = FoyerCompte.objects.order_by("annee__debut").values_list("annee", "foyer")
    assert list(comptes) == [(annee.pk, camille.foyer_id), (suivante.pk, camille.foyer_id)]


def test_address_of_the_double_is_chosen(camille, double):
    reunir_foyers(camille.foyer_id, double.foyer_id, {"adresse": "double"})

    assert Foyer.objects.get().adresse == "12 ch. des Tilleuls"


def test_address_of_the_double_is_taken_where_there_is_none(camille, double):
    Foyer.objects.filter(pk=camille.foyer_id).update(adresse="")

    reunir_foyers(camille.foyer_id, double.foyer_id, {})

    assert Foyer.objects.get().adresse == "12 ch. des Tilleuls"


def test_parents_who_may_be_separated_are_asked_about(camille, ailleurs):
    bilan = reunir_foyers(camille.foyer_id, ailleurs.foyer_id, {})

    assert bilan.doutes == (
        "Léa Morel a la garde dans les deux foyers. Camille Morel, Karim Morel et Sacha Morel "
        "vivent-ils ensemble\u202f?",
    )
    assert bilan.gardes == ("Léa Morel\u00a0: toujours",)
    assert Garde.objects.get().foyer == camille.foyer


def test_alternating_custody_is_asked_about_and_becomes_always(camille, ailleurs):
    Garde.objects.filter(foyer=camille.foyer).update(rythme="alternee", depuis=LUNDI_7)
    Garde.objects.filter(foyer=ailleurs.foyer).update(rythme="alternee", depuis=LUNDI_14)

    bilan = reunir_foyers(camille.foyer_id, ailleurs.foyer_id, {})
    assert bilan.doutes == ("Léa Morel est en garde alternée. Ses parents vivent-ils de nouveau ensemble\u202f?",)

    assert (Garde.objects.get().rythme, Garde.objects.get().depuis) == ("toujours", None)


def test_whom_a_judge_keeps_away_is_asked_about(camille, double):
    (tom,) = double.enfants.all()
    Responsabilite.objects.create(enfant=tom, responsable=camille, suspendue=True)

    bilan = reunir_foyers(camille.foyer_id, double.foyer_id, {})

    assert bilan.doutes == (
        "Un juge a éloigné Camille Morel de Tom Morel, qui vit dans l’autre foyer. "
        "Vivent-ils de nouveau ensemble\u202f?",
    )


def test_one_home_is_not_merged_with_itself(camille):
    assert reunir_foyers(camille.foyer_id, camille.foyer_id, {}).refus == ("Choisissez deux foyers différents.",)


@pytest.mark.parametrize(
    ("gardes", "restantes"),
    [
        ([{}, {}], [("toujours", None, None)]),
        ([{"depuis": LUNDI_7}, {"depuis": LUNDI_14}], [("toujours", None, None)]),
        ([{"depuis": LUNDI_7}, {"depuis": date(2026, 12, 21)}], [("alternee", None, None)]),
        ([{"depuis": LUNDI_7}, {}], [("toujours", None, None)]),
        ([{"fin": LUNDI_7}, {"debut": MARDI_8}], [("toujours", None, LUNDI_7), ("toujours", MARDI_8, None)]),
        ([{"debut": LUNDI_7, "fin": MARDI_8}, {"debut": LUNDI_7}], [("toujours", LUNDI_7, None)]),
        (
            [{"depuis": LUNDI_7, "fin": MARDI_8}, {"depuis": LUNDI_14}],
            [("alternee", None, MARDI_8), ("alternee", None, None)],
        ),
    ],
    ids=["same", "a week each", "the same weeks", "always holds some", "one after the other", "longer", "two periods"],
)
def test_gardes_of_one_child_in_one_home(gardes, restantes):
    lignes = [Garde(rythme="alternee" if "depuis" in garde else "toujours", **garde) for garde in gardes]

    assert [(garde.rythme, garde.debut, garde.fin) for garde in unite_gardes(lignes)] == restantes
