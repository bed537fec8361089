"""The family's pages: home, month, day, child's file, history."""

from __future__ import annotations

from datetime import date, timedelta

from playwright.sync_api import Page

from enfance.models import Creneau, Fermeture, Garde, Inscription, PersonneAutorisee
from tests.factories import PASSWORD, FoyerFactory, ResponsableFactory, make_enfant
from tests.navigateur.famille import MOIS, Famille, make_famille
from tests.navigateur.gestes import Reach, go, parent_at, press, send
from tests.navigateur.site import Site


def of_empty_family(path: str) -> Reach:
    return lambda site, javascript: make_famille().open(site, path, javascript)


def of_family(path: str, *prenoms: str) -> Reach:
    return lambda site, javascript: lived_in(*prenoms).open(site, path, javascript)


def lived_in(*prenoms: str) -> Famille:
    """A month with all that a box may be: planned, few places, full, waiting, locked, closed."""
    famille = make_famille(*prenoms)
    others = make_famille("Noé", "Zoé")
    others.enregistrer("Noé, 8, soir", "Noé, 10, soir", "Zoé, 10, soir", "Noé, 11, soir", "Zoé, 11, soir")
    first = next(iter(famille.enfants))
    famille.enregistrer(*(f"{first}, {jour}, {moment}" for jour in (7, 10) for moment in ("matin", "midi")))
    Creneau.objects.filter(code="soir").update(places=3)
    famille.enregistrer(f"{first}, 10, soir")
    Creneau.objects.filter(code="soir").update(places=2)
    famille.enregistrer(f"{first}, 11, soir", voulu=Inscription.Etat.ATTENTE)
    close(15, "formation de l’équipe")
    return famille


def close(jour: int, motif: str) -> None:
    Fermeture.objects.create(debut=date(2026, 12, jour), fin=date(2026, 12, jour), motif=motif)


def separated() -> Famille:
    """Léa lives one week in two with another adult; Tom always with Camille."""
    famille = make_famille()
    lea, ailleurs = famille.enfants["Léa"], ResponsableFactory(user__first_name="Sacha")
    lea.responsabilites.create(responsable=ailleurs)
    lea.gardes.update(rythme=Garde.Rythme.ALTERNEE, depuis=date(2026, 12, 7))
    lea.gardes.create(foyer=ailleurs.foyer, rythme=Garde.Rythme.ALTERNEE, depuis=date(2026, 12, 14))
    famille.enregistrer("Léa, 8, soir", "Tom, 8, soir")
    return famille


def alternate() -> Famille:
    """Léa and Tom live a week here, from 7 December on, and a week with another adult."""
    famille = make_famille()
    ailleurs = ResponsableFactory(user__first_name="Sacha", foyer=FoyerFactory(adresse="3 rue du Lac"))
    for enfant in famille.enfants.values():
        enfant.responsabilites.create(responsable=ailleurs)
        enfant.gardes.update(rythme=Garde.Rythme.ALTERNEE, depuis=date(2026, 12, 7))
        enfant.gardes.create(foyer=ailleurs.foyer, rythme=Garde.Rythme.ALTERNEE, depuis=date(2026, 12, 14))
    return famille


def of_alternate(path: str) -> Reach:
    """The page of the one who has them from 7 December, or of the other; what is folded is open."""

    def reach(site: Site, javascript: bool) -> Page:
        famille = alternate()
        famille.enregistrer("Léa, 7, soir", "Léa, 8, midi", "Tom, 8, midi")
        sacha = famille.enfants["Léa"].responsables.get(user__first_name="Sacha")
        page = site.open(path, user=sacha.user, javascript=javascript)
        for summary in page.locator(".ailleurs > summary").all():
            summary.click()
        return page

    return reach


def tick(page: Page, *names: str) -> None:
    for name in names:
        page.get_by_role("checkbox", name=name, exact=True).check()


def saved(path: str, name: str) -> Reach:
    def reach(site: Site, javascript: bool) -> Page:
        page = make_famille().open(site, path, javascript)
        tick(page, name)
        press(page, "Enregistrer")
        return page

    return reach


def nothing_saved(site: Site, javascript: bool) -> Page:
    page = make_famille().open(site, MOIS, javascript)
    press(page, "Enregistrer")
    return page


def refused(path: str, name: str, taken: str) -> Reach:
    """The last place is taken while the page is open."""

    def reach(site: Site, javascript: bool) -> Page:
        famille, others = make_famille(), make_famille("Noé")
        Creneau.objects.filter(code="soir").update(places=1)
        page = famille.open(site, path, javascript)
        tick(page, name)
        others.enregistrer(taken)
        press(page, "Enregistrer")
        return page

    return reach


def too_late(site: Site, javascript: bool) -> Page:
    """The limit of Monday passes while the page is open."""
    page = make_famille().open(site, MOIS, javascript)
    tick(page, "Léa, soir, lundi 7", "Léa, soir, mardi 8")
    site.clock.move_to("2026-12-04T12:00:00+01:00")
    press(page, "Enregistrer")
    return page


def changed_meanwhile(site: Site, javascript: bool) -> Page:
    famille = make_famille()
    page = famille.open(site, MOIS, javascript)
    tick(page, "Léa, soir, mardi 8")
    famille.enregistrer("Tom, 10, soir", par=famille.dominique)
    press(page, "Enregistrer")
    return page


def unreadable(site: Site, javascript: bool) -> Page:
    page = make_famille().open(site, MOIS, javascript)
    page.locator("[name=avant]").evaluate("field => { field.value = 'illisible'; }")
    press(page, "Enregistrer")
    return page


def copied(button: str) -> Reach:
    """After a button that only ticks boxes: by the script, or by the server."""

    def reach(site: Site, javascript: bool) -> Page:
        famille = make_famille()
        famille.enregistrer("Léa, 7, matin", "Léa, 8, soir")
        page = famille.open(site, MOIS, javascript)
        target = page.locator(f"button[name={button}]").first
        if button == "rapide":
            page.get_by_text("Remplir plus vite", exact=True).click()
        if javascript:
            target.click()
        else:
            go(target)
        return page

    return reach


def of_separated(path: str) -> Reach:
    def reach(site: Site, javascript: bool) -> Page:
        famille = separated()
        return famille.open(site, path.format(famille.enfants["Léa"].pk), javascript)

    return reach


def file_of(site: Site, javascript: bool) -> Page:
    """The file of a child with a PAI and people who may fetch."""
    famille = make_famille()
    lea = famille.enfants["Léa"]
    lea.pai, lea.pai_fin = True, date(2027, 7, 2)
    lea.save()
    PersonneAutorisee.objects.create(enfant=lea, nom="Mamie Jeanne", lien="grand-mère", telephone="06 99 00 11 22")
    PersonneAutorisee.objects.create(enfant=lea, nom="Ali Costa", debut=date(2026, 12, 1), fin=date(2026, 12, 18))
    PersonneAutorisee.objects.create(enfant=lea, nom="Jo Interdit", interdite=True)
    return famille.open(site, f"/enfants/{lea.pk}/", javascript)


def history(site: Site, javascript: bool) -> Page:
    famille = lived_in()
    famille.enregistrer("Tom, 8, midi", par=famille.dominique)
    famille.enregistrer("Tom, 8, midi", voulu=Inscription.Etat.ANNULEE)
    return famille.open(site, "/historique/", javascript)


def in_holidays(site: Site, javascript: bool) -> Page:
    famille = make_famille()
    famille.enregistrer("Léa, 8, soir")
    site.clock.move_to("2026-12-20T10:00:00+01:00")
    return famille.open(site, "/", javascript)


def sick(*told: str) -> Reach:
    """Monday morning: the home leads to tell absences; those of `told` are."""

    def reach(site: Site, javascript: bool) -> Page:
        famille = make_famille("Léa", "Tom", "Maximilienne")
        famille.enregistrer("Léa, 7, soir", "Tom, 7, soir", "Maximilienne, 7, soir")
        site.clock.move_to("2026-12-07T07:40:00+01:00")
        page = famille.open(site, "/", javascript)
        for nom in told:
            go(page.get_by_role("link", name="Absent aujourd’hui ?"))
            page.get_by_role("checkbox", name=nom).check()
            go(page.get_by_role("button", name="Prévenir la garderie"))
            go(page.get_by_role("link", name="Retour à l’accueil"))
        return page

    return reach


def without_creneau(path: str) -> Reach:
    """The town hall has not entered its créneaux yet."""

    def reach(site: Site, javascript: bool) -> Page:
        responsable = ResponsableFactory()
        make_enfant(responsable)
        return site.open(path, user=responsable.user, javascript=javascript)

    return reach


def before_the_first_year(path: str) -> Reach:
    return lambda site, javascript: site.open(path, user=ResponsableFactory().user, javascript=javascript)


def kept(site: Site, javascript: bool) -> Page:
    """What the device kept is back in the grid, and logging out asks what becomes of it."""
    page = make_famille().open(site, MOIS, javascript)
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator(".tuile").first.check()
    page.reload()
    if javascript:
        page.locator("[data-reprises]").wait_for()
        page.get_by_role("button", name="Se déconnecter").click()
        page.locator("[data-quitter]").wait_for()
    return page


def ended(path: str) -> Reach:
    """What a session was sending as it ended is back in the grid, from the server."""

    def reach(site: Site, javascript: bool) -> Page:
        famille = make_famille()
        page = famille.open(site, path, javascript)
        page.locator(".tuile").first.check()
        site.clock.shift(timedelta(hours=2, minutes=1))
        press(page, "Enregistrer")
        send(page, "Connexion", identifiant=famille.camille.user.identifiant, password=PASSWORD)
        page.locator("[data-reprises]").wait_for()
        return page

    return reach


ETATS = [
    ("cases-gardees", kept),
    ("cases-reprises", ended(MOIS)),
    ("cases-reprises-jour", ended("/jour/2026-12-08/")),
    ("accueil", of_family("/")),
    ("accueil-4-enfants", of_family("/", "Léa", "Tom", "Jules", "Maximilienne")),
    ("accueil-1-enfant", of_family("/", "Léa")),
    ("accueil-absence", sick()),
    ("accueil-absence-signalee", sick("Maximilienne")),
    ("accueil-alternee", of_alternate("/")),
    ("jour-alternee", of_alternate("/jour/2026-12-08/")),
    ("accueil-vide", of_empty_family("/")),
    ("accueil-sans-enfant", parent_at("/")),
    ("accueil-vacances", in_holidays),
    ("accueil-sans-annee", before_the_first_year("/")),
    ("planning-sans-annee", before_the_first_year(MOIS)),
    ("accueil-sans-creneau", without_creneau("/")),
    ("planning-sans-creneau", without_creneau(MOIS)),
    ("jour-sans-creneau", without_creneau("/jour/2026-12-10/")),
    ("planning", of_family(MOIS)),
    ("planning-1-enfant", of_family(MOIS, "Léa")),
    ("planning-4-enfants", of_family(MOIS, "Léa", "Tom", "Jules", "Maximilienne")),
    ("planning-sans-enfant", parent_at(MOIS)),
    ("planning-passe", of_family("/planning/2026-11/")),
    ("planning-vacances", of_family("/planning/2026-10/")),
    ("planning-ete", of_family("/planning/2027-08/")),
    ("planning-garde", of_separated(MOIS)),
    ("planning-alternee", of_alternate(MOIS)),
    ("planning-plus-garde", of_family(f"{MOIS}?envoi=autrefois")),
    ("planning-enregistre", saved(MOIS, "Léa, soir, mardi 8")),
    ("planning-rien", nothing_saved),
    ("planning-complet", refused(MOIS, "Léa, soir, mardi 8", "Noé, 8, soir")),
    ("planning-trop-tard", too_late),
    ("planning-change", changed_meanwhile),
    ("planning-illisible", unreadable),
    ("planning-idem", copied("idem")),
    ("planning-recopie", copied("recopier")),
    ("planning-rapide", copied("rapide")),
    ("jour", of_family("/jour/2026-12-10/")),
    ("jour-4-enfants", of_family("/jour/2026-12-10/", "Léa", "Tom", "Jules", "Maximilienne")),
    ("jour-passe", of_family("/jour/2026-12-04/")),
    ("jour-ferme", of_family("/jour/2026-12-15/")),
    ("jour-vacances", of_family("/jour/2026-12-22/")),
    ("jour-garde", of_separated("/jour/2026-12-15/")),
    ("jour-sans-enfant", parent_at("/jour/2026-12-10/")),
    ("jour-enregistre", saved("/jour/2026-12-08/", "Tom, soir, mardi 8")),
    ("jour-complet", refused("/jour/2026-12-08/", "Tom, soir, mardi 8", "Noé, 8, soir")),
    ("enfant", file_of),
    ("enfant-garde", of_separated("/enfants/{}/")),
    ("historique", history),
    ("historique-vide", of_empty_family("/historique/")),
]
