"""What a family reads of money: its invoices, each opened to the gate's tap, how it pays, its papers."""

from __future__ import annotations

from datetime import date, datetime, time

from django.test import override_settings
from django.utils import timezone
from playwright.sync_api import Page

from enfance.models import Creneau, RegleDelai
from facturation.attestations.envoi import emettre_et_dire
from facturation.models import Facture, Supplement
from facturation.regie import encaissements as till
from portail.dates import PARIS
from tests.facturation import vecu as lived
from tests.facturation.factures_emises import correction, emettre, encaisser, novembre
from tests.facturation.grille import RENTREE, make_deliberation, make_tarifs
from tests.navigateur.famille import MOIS, Famille, make_famille
from tests.navigateur.gestes import Reach, go, press
from tests.navigateur.site import Site


def billed(naissance: date = date(2019, 3, 14)) -> tuple[Famille, Facture]:
    """Léa, and Tom who was born then, with November's invoice to pay and October's paid."""
    famille = make_famille()
    make_tarifs()
    tom = famille.enfants["Tom"]
    tom.date_naissance = naissance
    tom.save(update_fields=["date_naissance"])
    return famille, novembre(famille.camille, famille.enfants["Léa"], tom)


def at_invoice(path: str) -> Reach:
    """A page of the family that has an invoice to pay; `{}` stands for its number."""

    def reach(site: Site, javascript: bool) -> Page:
        famille, facture = billed()
        return famille.open(site, path.format(facture.numero), javascript)

    return reach


def all_open(site: Site, javascript: bool) -> Page:
    """Every day opened down to its why."""
    famille, facture = billed()
    page = famille.open(site, f"/factures/{facture.numero}/", javascript)
    page.locator("details").evaluate_all("all => all.forEach(one => (one.open = true))")
    return page


def paid(site: Site, javascript: bool) -> Page:
    famille, facture = billed()
    encaisser(facture.compte, 6580, (facture, 6580), recu_le=facture.emise_le)
    return famille.open(site, f"/factures/{facture.numero}/", javascript)


def nothing_billed(path: str) -> Reach:
    return lambda site, javascript: make_famille().open(site, path, javascript)


def error_told_without_words(site: Site, javascript: bool) -> Page:
    famille, facture = billed()
    page = famille.open(site, f"/factures/{facture.numero}/", javascript)
    page.locator("form:has(textarea)").evaluate("form => form.noValidate = true")
    with page.expect_navigation():
        page.get_by_role("button", name="Envoyer à la mairie").click()
    return page


def absent_children(site: Site, javascript: bool) -> Page:
    """Absences of this month that a parent may explain."""
    famille, _ = billed()
    lea = famille.enfants["Léa"]
    for jour in (1, 3):
        lived.inscrire(lea, date(2026, 12, jour))
        lea.absences.create(jour=date(2026, 12, jour), signalee_par=famille.camille.user)
    return famille.open(site, "/factures/absences/", javascript)


def sick(*absents: str, told: bool = False, moments: bool = True) -> Reach:
    """« Absent aujourd’hui ? », of a Monday morning, where a reason is asked; who knows of it, once it is told."""

    def reach(site: Site, javascript: bool) -> Page:
        famille, _ = billed()
        for enfant in famille.enfants.values():
            for creneau in ("matin", "midi"):
                lived.inscrire(enfant, date(2026, 12, 7), date(2026, 12, 8), creneau=creneau)
        lived.inscrire(famille.enfants["Léa"], date(2026, 12, 10))
        site.clock.move_to("2026-12-07T07:20:00+01:00")
        page = famille.open(site, "/", javascript)
        go(page.get_by_role("link", name="Absent aujourd’hui ?"))
        for absent in absents:
            page.get_by_role("checkbox", name=absent).check()
        page.get_by_label("Pourquoi").select_option("maladie")
        page.get_by_label("Jusqu’à quand").select_option(index=1 if len(absents) > 1 else 0)
        if not moments:
            for moment in page.get_by_role("group", name=f"Moments où {absents[0]}").get_by_role("checkbox").all():
                moment.uncheck()
        if told:
            go(page.get_by_role("button", name="Prévenir la garderie"))
        return page

    return reach


def certified(site: Site, javascript: bool) -> Page:
    """January: Tom, who is not six, gives the tax credit."""
    famille, facture = billed(date(2021, 5, 4))
    encaisser(facture.compte, 6580, (facture, 6580), recu_le=facture.emise_le)
    janvier = datetime(2027, 1, 5, 20, 41, tzinfo=PARIS)
    site.clock.move_to(janvier)
    assert emettre_et_dire(2026, par=None, now=janvier).emises
    return famille.open(site, "/attestations/2026/", javascript)


def avoir(site: Site, javascript: bool) -> Page:
    """What a correction gave back."""
    famille, facture = billed()
    ligne = facture.prestations.filter(nature="seance", montant__gt=200).first()
    rendu = emettre(facture.compte, [correction(ligne, -110)], origine=facture, motif="heure corrigée")
    return famille.open(site, f"/factures/{rendu.numero}/", javascript)


def where_treasury_collects(site: Site, javascript: bool) -> Page:
    """The notice to pay comes by post."""
    famille, facture = billed()
    with override_settings(ENCAISSEMENT="titre"):
        return famille.open(site, f"/factures/{facture.numero}/", javascript)


def priced(site: Site, javascript: bool) -> Page:
    """A planning whose rows say their prices, when a script has asked for them."""
    famille, _ = billed()
    page = famille.open(site, MOIS, javascript)
    if javascript:
        page.locator(".prix-l").first.wait_for()
    return page


def become(site: Site, javascript: bool) -> Page:
    """A save that says what the month has become; without scripts, where its link leads."""
    page = priced(site, javascript)
    box = page.get_by_role("checkbox", name="Léa, midi, mardi 8")
    box.check()
    press(page, "Enregistrer")
    if javascript:
        page.get_by_text("Maintenant").wait_for()
    else:
        go(page.get_by_role("link", name="Ce que le mois devient"))
    return page


def given_back(site: Site, javascript: bool) -> Page:
    """A credit that was given back, then whose cheque bounced: of no invoice."""
    famille, facture = billed()
    now = timezone.now()
    cheque = till.encaisser(facture.compte, "cheque", facture.total + 5000, par=None, now=now)
    till.rembourser(facture.compte, 5000, motif="payé deux fois", par=None, now=now)
    till.annuler(cheque, "sans provision", None, now)
    return famille.open(site, "/factures/", javascript)


def late(path: str) -> Reach:
    """Past the limit of Friday, booked for a supplement until seven o'clock; one box ticked."""

    def reach(site: Site, javascript: bool) -> Page:
        famille, _ = billed()
        regle = RegleDelai.objects.create(genre="jours", nombre=0, heure=time(7))
        Creneau.objects.update(delai_tardif=regle)
        Supplement.objects.create(genre="tardive", deliberation=make_deliberation(), debut=RENTREE, prix=200)
        page = famille.open(site, path, javascript)
        page.get_by_role("checkbox", name="Léa, soir, vendredi 4").check()
        return page

    return reach


ETATS = [
    ("planning-prix", priced),
    ("planning-en-retard", late(MOIS)),
    ("jour-en-retard", late("/jour/2026-12-04/")),
    ("planning-devient", become),
    ("factures-rendu", given_back),
    ("accueil-a-payer", at_invoice("/")),
    ("factures", at_invoice("/factures/")),
    ("factures-vide", nothing_billed("/factures/")),
    ("facture", at_invoice("/factures/{}/")),
    ("facture-ouverte", all_open),
    ("facture-payee", paid),
    ("facture-titre", where_treasury_collects),
    ("facture-erreur-sans-mots", error_told_without_words),
    ("avoir", avoir),
    ("facture-quotient", at_invoice("/factures/quotient/")),
    ("facture-payer", at_invoice("/factures/{}/payer/")),
    ("facture-papier", at_invoice("/factures/{}/papier/")),
    ("facture-tarif", at_invoice("/factures/tarif/")),
    ("facture-absences", absent_children),
    ("absence", sick("Tom")),
    ("absence-refusee", sick("Tom", told=True, moments=False)),
    ("absence-dite", sick("Tom", told=True)),
    ("absence-dite-jours", sick("Léa", "Tom", told=True)),
    ("facture-recu", at_invoice("/recus/R-2026-0322/")),
    ("attestation", certified),
]
