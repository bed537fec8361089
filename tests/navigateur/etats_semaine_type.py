"""The semaine type: chosen, previewed, filled, offered again, and what is undone."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils import timezone
from playwright.sync_api import Page

from enfance.models import Creneau, Fermeture, Inscription, ListeRepas, Repas
from enfance.planning.semaines import remplir
from enfance.regles import Acteur
from enfance.semaine_modele import Modele
from tests.factories import AnneeFactory, ResponsableFactory, make_creneaux, make_enfant
from tests.navigateur.etats_famille import lived_in, of_empty_family, separated, tick
from tests.navigateur.famille import MOIS, Famille, make_famille
from tests.navigateur.gestes import Reach, go, parent_at, press
from tests.navigateur.site import Site

PAGE = "/semaine-type/"
ETE = date(2027, 7, 2)


def follow(famille: Famille, prenom: str, *boxes: tuple[int, str], depuis: date | None = None) -> None:
    """Fill the year of a child, an hour ago."""
    modele = Modele(famille.enfants[prenom].pk, frozenset(boxes), timezone.localdate(), ETE, depuis)
    remplir([modele], Acteur.semaine_type(famille.camille), now=timezone.now() - timedelta(hours=1))


def settled(*prenoms: str) -> Famille:
    """A family whose preview has all that it may say: full, waiting, late, by hand, under a meal, closed."""
    famille = lived_in(*prenoms)
    tom = list(famille.enfants)[-1]
    follow(famille, tom, (1, "midi"), (3, "soir"))
    famille.enregistrer(f"{tom}, 14, matin")
    liste = ListeRepas.objects.create(debut=date(2026, 12, 7), fin=date(2026, 12, 11))
    Repas.objects.create(enfant=famille.enfants[tom], jour=date(2026, 12, 8), liste=liste)
    return famille


def of_settled(*prenoms: str) -> Reach:
    return lambda site, javascript: settled(*prenoms).open(site, PAGE, javascript)


def preview(site: Site, javascript: bool) -> Page:
    page = settled().open(site, PAGE, javascript)
    tick(page, "Léa, soir, mardi", "Léa, soir, jeudi", "Tom, matin, lundi", "Tom, matin, jeudi")
    page.get_by_role("checkbox", name="Tom, midi, mardi", exact=True).uncheck()
    press(page, "Voir l’aperçu")
    return page


def followed_by_hand(site: Site, javascript: bool) -> Page:
    """What a hand had chosen for a child follows its pattern too, and may stay."""
    page = preview(site, javascript)
    go(page.get_by_role("button", name="Retirer aussi").first)
    return page


def preview_elsewhere(site: Site, javascript: bool) -> Page:
    page = separated().open(site, PAGE, javascript)
    tick(page, "Léa, soir, lundi")
    press(page, "Voir l’aperçu")
    return page


def filled(site: Site, javascript: bool) -> Page:
    page = preview(site, javascript)
    page.get_by_label("Inscrire aussi sur liste d’attente").check()
    press(page, "Enregistrer l’année")
    return page


def receipt(site: Site, javascript: bool) -> Page:
    """What the filled pattern said, to keep or print."""
    page = filled(site, javascript)
    go(page.get_by_role("link", name="Récapitulatif à garder ou à imprimer"))
    return page


def emptied(*buttons: str) -> Reach:
    """All boxes of the only child unticked: the question, the preview, the result."""

    def reach(site: Site, javascript: bool) -> Page:
        famille = make_famille("Léa")
        follow(famille, "Léa", (0, "soir"))
        page = famille.open(site, PAGE, javascript)
        page.get_by_role("checkbox", name="Léa, soir, lundi", exact=True).uncheck()
        for button in ("Voir l’aperçu", *buttons):
            press(page, button)
        return page

    return reach


def nothing_ticked(site: Site, javascript: bool) -> Page:
    page = make_famille().open(site, PAGE, javascript)
    press(page, "Voir l’aperçu")
    return page


def nothing_changed(site: Site, javascript: bool) -> Page:
    famille = make_famille()
    follow(famille, "Léa", (0, "soir"))
    page = famille.open(site, PAGE, javascript)
    for button in ("Voir l’aperçu", "Enregistrer l’année"):
        press(page, button)
    return page


def wrong_dates(site: Site, javascript: bool) -> Page:
    page = make_famille().open(site, PAGE, javascript)
    tick(page, "Léa, soir, lundi")
    page.locator("summary", has_text="2. La période").click()
    page.get_by_label("Entre deux dates").check()
    page.get_by_label("Du", exact=True).fill("2026-12-07")
    page.get_by_label("Au (inclus)").fill("2026-11-27")
    press(page, "Voir l’aperçu")
    return page


def offered(site: Site, javascript: bool) -> Page:
    famille = make_famille()
    ferme = Fermeture.objects.create(debut=date(2026, 12, 14), fin=date(2026, 12, 14), motif="grève")
    follow(famille, "Léa", (0, "soir"))
    ferme.delete()
    return famille.open(site, PAGE, javascript)


def copied(site: Site, javascript: bool) -> Page:
    page = make_famille("Léa", "Tom", "Jules").open(site, PAGE, javascript)
    tick(page, "Jules, soir, lundi")
    button = page.get_by_role("button", name="Tous comme Jules")
    if javascript:
        button.click()
    else:
        go(button)
    return page


def too_early(site: Site, javascript: bool) -> Page:
    AnneeFactory(ouverture=date(2027, 1, 4))
    make_creneaux()
    responsable = ResponsableFactory()
    make_enfant(responsable)
    return site.open(PAGE, user=responsable.user, javascript=javascript)


def home(depuis: date | None) -> Reach:
    def reach(site: Site, javascript: bool) -> Page:
        famille = make_famille("Léa", "Tom")
        follow(famille, "Léa", (0, "matin"), (0, "midi"), (3, "soir"), depuis=depuis)
        return famille.open(site, "/", javascript)

    return reach


def undone(path: str) -> Reach:
    def reach(site: Site, javascript: bool) -> Page:
        page = make_famille().open(site, MOIS, javascript)
        tick(page, "Léa, soir, mardi 8")
        press(page, "Enregistrer")
        if path != MOIS:
            page.goto(path)
        go(page.locator("form[action*=annuler] button").first)
        return page

    return reach


def undone_in_part(site: Site, javascript: bool) -> Page:
    """The place given back was taken meanwhile."""
    famille, others = make_famille(), make_famille("Noé")
    Creneau.objects.filter(code="soir").update(places=1)
    famille.enregistrer("Léa, 8, soir")
    page = famille.open(site, MOIS, javascript)
    page.get_by_role("checkbox", name="Léa, soir, mardi 8", exact=True).uncheck()
    tick(page, "Tom, matin, mardi 8")
    press(page, "Enregistrer")
    others.enregistrer("Noé, 8, soir", voulu=Inscription.Etat.INSCRIT)
    press(page, "Annuler ces changements")
    return page


def undone_too_late(site: Site, javascript: bool) -> Page:
    page = make_famille().open(site, MOIS, javascript)
    tick(page, "Léa, soir, mardi 8")
    press(page, "Enregistrer")
    site.clock.shift(timedelta(minutes=15))
    press(page, "Annuler ces changements")
    return page


def history_with_undo(site: Site, javascript: bool) -> Page:
    famille = make_famille()
    famille.enregistrer("Tom, 8, midi")
    return famille.open(site, "/historique/", javascript)


ETATS = [
    ("recapitulatif", receipt),
    ("semaine-type", of_settled()),
    ("semaine-type-vierge", of_empty_family(PAGE)),
    ("semaine-type-4-enfants", of_settled("Léa", "Jules", "Maximilienne", "Tom")),
    ("semaine-type-1-enfant", of_settled("Léa")),
    ("semaine-type-sans-enfant", parent_at(PAGE)),
    ("semaine-type-trop-tot", too_early),
    ("semaine-type-idem", copied),
    ("semaine-type-proposee", offered),
    ("semaine-type-dates", wrong_dates),
    ("semaine-type-rien-de-coche", nothing_ticked),
    ("semaine-type-vider", emptied()),
    ("semaine-type-vider-apercu", emptied("Vider le planning de Léa")),
    ("semaine-type-vide", emptied("Vider le planning de Léa", "Enregistrer l’année")),
    ("semaine-type-apercu", preview),
    ("semaine-type-apercu-suivi", followed_by_hand),
    ("semaine-type-apercu-garde", preview_elsewhere),
    ("semaine-type-remplie", filled),
    ("semaine-type-inchangee", nothing_changed),
    ("accueil-semaine-type", home(None)),
    ("accueil-semaine-sur-deux", home(date(2026, 12, 14))),
    ("planning-annule", undone(MOIS)),
    ("historique-annuler", history_with_undo),
    ("historique-annule", undone("/historique/")),
    ("annulation-refusee", undone_in_part),
    ("annulation-trop-tard", undone_too_late),
]
