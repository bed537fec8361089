"""The meals that a family has just said to be cancelled, told back to it by child and day."""

from datetime import date, datetime

import pytest

from enfance.models import Creneau, Fermeture, Inscription, ListeRepas, Repas
from enfance.planning.ecarts import load_annules
from enfance.regles import Cle
from portail.dates import PARIS
from portail.francais import NBSP
from tests.factories import AnneeFactory, FoyerFactory, ResponsableFactory, make_creneaux, make_enfant

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)
MARDI_8, JEUDI_10 = date(2026, 12, 8), date(2026, 12, 10)


@pytest.fixture
def enfants():
    """Tom and Léa, who eat on two days, and a child of another family; all meals are cancelled but Léa's Thursday."""
    make_creneaux()
    camille, autre = ResponsableFactory(), ResponsableFactory(foyer=FoyerFactory())
    tom, lea = make_enfant(camille, prenom="Tom"), make_enfant(camille, prenom="Léa")
    jules = make_enfant(autre, prenom="Jules")
    liste = ListeRepas.objects.create(debut=date(2026, 12, 1), fin=date(2026, 12, 18))
    for enfant in (tom, lea, jules):
        for jour in (MARDI_8, JEUDI_10):
            Repas.objects.create(enfant=enfant, jour=jour, liste=liste, annule_le=NOW)
    Repas.objects.filter(enfant=lea, jour=JEUDI_10).update(annule_le=None)
    return tom, lea, jules


def told(enfants, *voulus):
    tom, lea, _ = enfants
    cles = {Cle(enfant.pk, jour, Creneau.MIDI) for enfant, jour in voulus}
    return load_annules(cles, {tom.pk: "Tom", lea.pk: "Léa"}, today=NOW.date())


def test_cancelled_meals_are_told_by_child_and_day(enfants):
    tom, lea, _ = enfants
    annules = told(enfants, (tom, MARDI_8), (tom, JEUDI_10), (lea, MARDI_8), (lea, JEUDI_10))
    assert annules.nombre == 3
    assert annules.lignes == [f"Tom{NBSP}: mardi 8 et jeudi 10", f"Léa{NBSP}: mardi 8"]
    assert annules.reste is False


@pytest.mark.parametrize("page", ["/", "/planning/2026-12/"])
def test_cancelled_meals_are_told_above_all_else(client, enfants, time_machine, page):
    time_machine.move_to(NOW, tick=False)
    AnneeFactory()
    tom, *_ = enfants
    Fermeture.objects.create(debut=date(2026, 12, 15), fin=date(2026, 12, 15), motif="travaux")
    client.force_login(tom.responsables.get().user)
    html = client.get(page, {"repas": f"{tom.pk}:2026-12-08"}).content.decode()
    assert html.index("C’est noté") < html.index("Garderie fermée")


def test_lunch_break_that_is_left_is_known(enfants):
    tom, lea, _ = enfants
    midi = Creneau.objects.get(code=Creneau.MIDI)
    Inscription.objects.create(enfant=tom, jour=MARDI_8, creneau=midi, etat=Inscription.Etat.INSCRIT)
    assert told(enfants, (tom, MARDI_8)).reste is True
    assert told(enfants, (tom, JEUDI_10), (lea, MARDI_8)).reste is False


def test_what_was_not_cancelled_or_is_not_ones_own_is_not_told(enfants):
    _, lea, jules = enfants
    assert told(enfants) is None
    assert told(enfants, (lea, JEUDI_10), (jules, MARDI_8)) is None
