"""The receipt of a save: one sheet of paper, without a button, be it a year of four children."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from enfance.models import Creneau, ListeRepas, Repas
from enfance.planning.semaines import remplir
from enfance.regles import Acteur
from enfance.semaine_modele import Modele
from tests.factories import AnneeFactory
from tests.navigateur.famille import make_famille
from tests.navigateur.site import Site

pytestmark = pytest.mark.navigateur
FRATRIE = ("Léa", "Tom", "Zoé", "Apolline")
UNSEEN = """() => [...document.querySelectorAll('button, .btn, nav, .entete, .pied, a.no-print, .no-print *')]
  .filter(e => e.checkVisibility()).map(e => e.outerHTML)"""


@pytest.mark.parametrize("javascript", [True, False])
def test_receipt_of_a_year_for_four_children_is_one_page(site: Site, javascript):
    AnneeFactory()
    famille = make_famille(*FRATRIE)
    Creneau.objects.filter(code="soir").update(places=2)
    liste = ListeRepas.objects.create(debut=date(2026, 12, 7), fin=date(2026, 12, 18))
    Repas.objects.bulk_create(
        Repas(enfant=enfant, jour=jour, liste=liste)
        for enfant in famille.enfants.values()
        for jour in (date(2026, 12, 8), date(2026, 12, 10))
    )
    famille.enregistrer("Léa, 8, matin", "Tom, 10, matin")
    boxes = frozenset((jour, creneau) for jour in (0, 1, 3, 4) for creneau in ("matin", "midi", "soir"))
    modeles = [Modele(e.pk, boxes, timezone.localdate(), date(2027, 7, 2)) for e in famille.enfants.values()]
    fait = remplir(
        modeles, Acteur.semaine_type(famille.camille), attente=True, now=timezone.now() - timedelta(minutes=1)
    )
    assert fait.enregistrement is not None

    page = famille.open(site, f"/historique/{fait.enregistrement.pk}/", javascript)

    for prenom in FRATRIE:
        expect(page.get_by_role("listitem").filter(has_text=re.compile(f"^{prenom}")).first).to_be_visible()
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", page.pdf(format="A4"))) == 1
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", page.pdf(prefer_css_page_size=True))) == 1
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate(UNSEEN) == []
    ink = page.locator(".recapitulatif li").first.evaluate("e => getComputedStyle(e).color")
    assert ink == "rgb(0, 0, 0)"
