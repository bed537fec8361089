"""Two homes of one child, in two browsers at once."""

from __future__ import annotations

import pytest

from enfance.models import Inscription
from tests.navigateur.etats_famille import separated
from tests.navigateur.famille import MOIS
from tests.navigateur.gestes import press
from tests.navigateur.site import Site

pytestmark = pytest.mark.navigateur


@pytest.mark.parametrize("javascript", [True, False], ids=["js", "sans-js"])
def test_two_homes_at_once_keep_their_ticks_and_their_names(site: Site, javascript: bool):  # ACC-03
    famille = separated()
    sacha = famille.enfants["Léa"].responsables.get(user__first_name="Sacha")
    ici = famille.open(site, MOIS, javascript)
    ailleurs = site.open(MOIS, user=sacha.user, javascript=javascript)

    ici.get_by_role("checkbox", name="Léa, matin, mardi 8", exact=True).check()
    ailleurs.get_by_role("checkbox", name="Léa, matin, mardi 15", exact=True).check()
    press(ici, "Enregistrer")
    press(ailleurs, "Enregistrer")

    lignes = Inscription.objects.inscrit().filter(creneau__code="matin").values_list("jour__day", "foyer")
    assert sorted(lignes) == [(8, famille.camille.foyer_id), (15, sacha.foyer_id)]
    assert ici.get_by_role("checkbox", name="Léa, matin, mardi 15").count() == 0
    assert ailleurs.get_by_role("checkbox", name="Léa, matin, mardi 8").count() == 0
    assert "Sacha" not in site.source(ici)
    assert "Camille" not in site.source(ailleurs)
