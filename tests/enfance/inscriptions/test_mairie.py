"""What the town hall passes over, with a reason, and what it never does."""

from datetime import timedelta

import pytest

from enfance.models import Enregistrement, Fermeture, Garde, Inscription
from enfance.regles import Acteur
from tests.enfance.boxes import LUNDI_7, NOW, box, save, set_places
from tests.enfance.inscriptions.conftest import fill, refused

pytestmark = pytest.mark.django_db


def test_the_town_hall_passes_over_limit_and_places_with_a_reason_that_is_recorded(lea, creneaux, secretaire):
    set_places(1)
    fill(creneaux["soir"])
    apres_coup = NOW + timedelta(days=5)

    without = save(Acteur.mairie(secretaire.pk), {box(lea): "inscrit"}, now=apres_coup)
    assert refused(without) == {box(lea): ["limite", "complet"]}
    save(Acteur.mairie(secretaire.pk, "appel de la famille"), {box(lea): "inscrit"}, now=apres_coup)

    enregistrement = Enregistrement.objects.get()
    assert (enregistrement.porte, enregistrement.motif) == ("mairie", "appel de la famille")
    assert (enregistrement.auteur, enregistrement.foyer) == (secretaire, None)
    assert Inscription.objects.get(enfant=lea).origine == "mairie"
    assert Inscription.objects.filter(etat="inscrit").count() == 2


def test_the_town_hall_passes_over_garde_with_a_reason(lea, secretaire):
    Garde.objects.all().delete()

    assert refused(save(Acteur.mairie(secretaire.pk), {box(lea): "inscrit"})) == {box(lea): ["garde"]}
    assert save(Acteur.mairie(secretaire.pk, "décision du juge"), {box(lea): "inscrit"}).refus == ()
    assert Inscription.objects.get().foyer is None


def test_the_town_hall_takes_off_a_waiting_list_beyond_garde_with_a_reason(parent, lea, secretaire):
    set_places(0)
    save(parent, {box(lea): "attente"})
    Garde.objects.all().delete()

    assert refused(save(Acteur.mairie(secretaire.pk), {box(lea): "annulee"})) == {box(lea): ["garde"]}
    assert save(Acteur.mairie(secretaire.pk, "décision du juge"), {box(lea): "annulee"}).refus == ()
    assert Inscription.objects.get().etat == "annulee"


def test_the_town_hall_never_passes_over_a_closure(lea, secretaire):
    Fermeture.objects.create(debut=LUNDI_7, fin=LUNDI_7, motif="neige")

    resultat = save(Acteur.mairie(secretaire.pk, "insiste"), {box(lea): "inscrit"})

    assert refused(resultat) == {box(lea): ["fermeture"]}


def test_the_town_hall_needs_no_reason_for_an_ordinary_day(lea, secretaire):
    resultat = save(Acteur.mairie(secretaire.pk), {box(lea): "inscrit"})

    assert resultat.enregistrement.motif == ""


@pytest.mark.parametrize(
    ("acteur", "origine"),
    [
        (lambda parent, staff: Acteur.parent(parent), "portail"),
        (lambda parent, staff: Acteur.mairie(staff.pk), "mairie"),
        (lambda parent, staff: Acteur.import_onde(), "import"),
    ],
)
def test_origine_is_that_of_the_last_writer(parent, lea, secretaire, acteur, origine):
    save(parent, {box(lea): "inscrit"})

    for voulu in ("annulee", "inscrit"):
        save(acteur(parent, secretaire), {box(lea): voulu})

        inscription = Inscription.objects.get()
        assert (inscription.etat, inscription.origine) == (voulu, origine)
