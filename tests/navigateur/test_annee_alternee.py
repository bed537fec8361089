"""The year of a parent in alternating custody: their own weeks, from the home page in eight taps."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from enfance.models import Inscription, load_calendrier
from tests.navigateur.etats_famille import alternate
from tests.navigateur.gestes import Keys, Thumb, log_in
from tests.navigateur.site import Site

pytestmark = pytest.mark.navigateur

LUNDI_7, ETE = date(2026, 12, 7), date(2027, 7, 2)


def jours_d_ecole(premier: date) -> set[date]:
    """The school days of one week in two from this Monday, to the summer."""
    calendrier = load_calendrier()
    jours = (premier + timedelta(days=n) for n in range((ETE - premier).days + 1))
    return {jour for jour in jours if (jour - premier).days % 14 < 5 and calendrier.is_ecole(jour)}


@pytest.mark.parametrize(
    ("hand", "javascript"), [(Thumb, True), (Keys, False)], ids=["thumb", "keyboard without JavaScript"]
)
def test_year_of_ones_own_weeks_is_set_in_eight_taps(site: Site, javascript, hand):
    famille = alternate()
    parent = hand(log_in(site, famille.camille.user, javascript))
    page = parent.page

    parent.link("Choisir la semaine type")
    expect(page.locator("[data-resume]")).to_have_text("Toute l’année scolaire, seulement vos semaines")
    for enfant, moment in (("Léa", "Midi"), ("Léa", "Soir"), ("Tom", "Midi"), ("Tom", "Soir")):
        parent.tap(page.get_by_role("table", name=enfant).get_by_role("button", name=re.compile(f"^{moment}")))
        expect(page.get_by_role("checkbox", name=f"{enfant}, {moment.lower()}, vendredi", exact=True)).to_be_checked()
    parent.button("Voir l’aperçu")
    expect(page.locator("main")).to_contain_text("au vendredi 2 juillet 2027, seulement vos semaines.")
    parent.button("Enregistrer l’année")

    assert parent.taps <= 8
    expect(page.get_by_role("heading", name=re.compile("moments ajoutés"))).to_be_visible()
    jours = jours_d_ecole(LUNDI_7)
    for enfant in famille.enfants.values():
        for code in ("midi", "soir"):
            lignes = Inscription.objects.inscrit().filter(enfant=enfant, creneau__code=code)
            assert set(lignes.values_list("jour", flat=True)) == jours
    assert Inscription.objects.count() == 4 * len(jours)
