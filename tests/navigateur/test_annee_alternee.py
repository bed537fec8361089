"""The year of a parent in alternating custody: their own weeks, from the home page in eight taps."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from enfance.models import Garde, Inscription, load_calendrier
from tests.factories import FoyerFactory, ResponsableFactory
from tests.navigateur.famille import Famille, make_famille
from tests.navigateur.gestes import Keys, Thumb, log_in
from tests.navigateur.site import Site

pytestmark = pytest.mark.navigateur

LUNDI_7, LUNDI_14, ETE = date(2026, 12, 7), date(2026, 12, 14), date(2027, 7, 2)


def make_alternee() -> Famille:
    """Léa and Tom live a week here, from 7 December on, and a week elsewhere."""
    famille = make_famille("Léa", "Tom")
    ailleurs = ResponsableFactory(user__first_name="Sacha", foyer=FoyerFactory(adresse="3 rue du Lac"))
    for enfant in famille.enfants.values():
        enfant.responsabilites.create(responsable=ailleurs)
        enfant.gardes.update(rythme=Garde.Rythme.ALTERNEE, depuis=LUNDI_7)
        enfant.gardes.create(foyer=ailleurs.foyer, rythme=Garde.Rythme.ALTERNEE, depuis=LUNDI_14)
    return famille


def jours_d_ecole(premier: date) -> set[date]:
    """The school days of one week in two from this Monday, to the summer."""
    calendrier = load_calendrier()
    jours = (premier + timedelta(days=n) for n in range((ETE - premier).days + 1))
    return {jour for jour in jours if (jour - premier).days % 14 < 5 and calendrier.is_ecole(jour)}


@pytest.mark.parametrize("hand", [Thumb, Keys], ids=["thumb", "keyboard"])
@pytest.mark.parametrize("javascript", [True, False], ids=["JavaScript", "no JavaScript"])
def test_year_of_ones_own_weeks_is_set_in_eight_taps(site: Site, javascript, hand):
    famille = make_alternee()
    parent = hand(log_in(site, famille.camille.user, javascript))
    page = parent.page

    parent.link("Choisir la semaine type")
    expect(page.locator("[data-resume]")).to_have_text("Toute l’année scolaire, seulement vos semaines")
    for enfant, moment in (("Léa", "Midi"), ("Léa", "Soir"), ("Tom", "Midi"), ("Tom", "Soir")):
        parent.tap(page.get_by_role("table", name=enfant).get_by_role("button", name=re.compile(f"^{moment}")))
        expect(page.get_by_role("checkbox", name=f"{enfant}, {moment.lower()}, vendredi", exact=True)).to_be_checked()
    parent.button("Voir l’aperçu")
    expect(page.locator("main")).to_contain_text("au vendredi 2 juillet 2027, seulement vos semaines.")
    parent.button("Remplir le planning")

    assert parent.taps <= 8
    expect(page.get_by_role("heading", name="Le planning est rempli jusqu’au 2 juillet 2027")).to_be_visible()
    jours = jours_d_ecole(LUNDI_7)
    for enfant in famille.enfants.values():
        for code in ("midi", "soir"):
            lignes = Inscription.objects.inscrit().filter(enfant=enfant, creneau__code=code)
            assert set(lignes.values_list("jour", flat=True)) == jours
    assert Inscription.objects.count() == 4 * len(jours)
