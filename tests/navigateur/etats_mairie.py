"""The town hall's own pages: its home, a family found and read, its planning changed at the counter."""

from __future__ import annotations

from datetime import date

from django.utils import timezone
from playwright.sync_api import Page

from accounts.models import UndeliveredMail, User
from enfance.equipe.pointages import terminer
from enfance.models import Enfant, ListeRepas, PersonneAutorisee, Repas, Responsable, Scolarite
from portail.dates import jour_court
from tests.factories import AnneeFactory, FoyerFactory, ResponsableFactory, StaffFactory, make_creneaux, make_enfant
from tests.navigateur.etats_famille import close, lived_in, separated, tick
from tests.navigateur.famille import Famille
from tests.navigateur.gestes import Reach, go, press
from tests.navigateur.site import Site

LONG = "Maximilienne"


def busy() -> Famille:
    """A family to call, and a day with something of everything."""
    famille = lived_in("Léa", "Tom", LONG)
    camille, lea = famille.camille, famille.enfants["Léa"]
    User.objects.filter(pk=famille.dominique.user_id).update(email="")
    Responsable.objects.filter(pk=camille.pk).update(telephone="06 39 98 00 12", telephone_domicile="04 65 71 00 12")
    UndeliveredMail.objects.create(user=camille.user, mail="Garderie fermée mardi 15 décembre", reason="refused")
    Enfant.objects.filter(pk=lea.pk).update(pai=True, pai_fin=date(2026, 12, 24), consigne="Arachide")
    Scolarite.objects.filter(enfant=famille.enfants[LONG]).update(classe=None)
    PersonneAutorisee.objects.create(enfant=lea, nom="Mamie Jeanne", lien="sa grand-mère", telephone="06 39 98 00 77")
    PersonneAutorisee.objects.create(enfant=lea, nom="Denis Absent", interdite=True)
    lea.demandes_autorisation.create(nom="D. Absent", lien="sa tante", demandee_par=camille.user)
    liste = ListeRepas.objects.create(debut=date(2026, 12, 7), fin=date(2026, 12, 11))
    Repas.objects.create(enfant=famille.enfants["Tom"], jour=date(2026, 12, 8), liste=liste)
    lea.absences.create(jour=timezone.localdate())
    close(timezone.localdate().day, "grève")
    return famille


def as_agent(site: Site, path: str, javascript: bool) -> Page:
    return site.open(path, user=StaffFactory(), javascript=javascript)


def agent_at(path: str) -> Reach:
    def reach(site: Site, javascript: bool) -> Page:
        busy()
        return as_agent(site, path, javascript)

    return reach


def home_with_nothing(site: Site, javascript: bool) -> Page:
    AnneeFactory()
    make_creneaux()
    return as_agent(site, "/admin/", javascript)


def nobody_to_call(site: Site, javascript: bool) -> Page:
    return as_agent(site, "/admin/enfance/enfant/rappels/", javascript)


def parents_to_call(site: Site, javascript: bool) -> Page:
    """One with telephones, one without; the day of a call being chosen."""
    lea = make_enfant(ResponsableFactory(telephone="06 39 98 00 12", telephone_travail="04 76 00 00 12"))
    for responsable in (lea.responsables.get(), ResponsableFactory()):
        lea.demandes_rappel.create(demandee_par=responsable.user)
    page = as_agent(site, "/admin/enfance/enfant/rappels/", javascript)
    page.locator("summary", has_text="Rappelé un autre jour").first.click()
    return page


def nobody_to_check(site: Site, javascript: bool) -> Page:
    return as_agent(site, "/admin/enfance/enfant/demandes/", javascript)


def home_before_any_year(site: Site, javascript: bool) -> Page:
    return as_agent(site, "/admin/", javascript)


def searched(texte: str) -> Reach:
    def reach(site: Site, javascript: bool) -> Page:
        busy()
        ResponsableFactory(foyer=FoyerFactory(adresse="3 rue du Lac"), telephone="06 39 98 00 13")
        page = as_agent(site, "/admin/enfance/foyer/trouver/", javascript)
        page.locator("#id_famille").fill(texte)
        go(page.locator(".recherche button"))
        return page

    return reach


def page_of(famille: Famille) -> str:
    return f"/admin/enfance/foyer/{famille.camille.foyer_id}/famille/"


def planning_of(famille: Famille, mois: str = "2026-12") -> str:
    return f"/guichet/{famille.camille.foyer_id}/planning/{mois}/"


def family(site: Site, javascript: bool) -> Page:
    return as_agent(site, page_of(busy()), javascript)


def family_absent(site: Site, javascript: bool) -> Page:
    """Nothing was booked of the child who is ticked: why nothing is noted, on the form as it was sent."""
    page = as_agent(site, page_of(busy()), javascript)
    page.get_by_role("checkbox", name=LONG, exact=True).check()
    press(page, "Noter l’absence")
    return page


def family_of_two_homes(site: Site, javascript: bool) -> Page:
    return as_agent(site, page_of(separated()), javascript)


def empty_home(site: Site, javascript: bool) -> Page:
    return as_agent(site, f"/admin/enfance/foyer/{FoyerFactory().pk}/famille/", javascript)


def planning(site: Site, javascript: bool) -> Page:
    return as_agent(site, planning_of(busy()), javascript)


def planning_on_paper(site: Site, javascript: bool) -> Page:
    return as_agent(site, f"{planning_of(busy())}papier/", javascript)


def planning_of_two_homes(site: Site, javascript: bool) -> Page:
    return as_agent(site, planning_of(separated()), javascript)


def planning_month(mois: str) -> Reach:
    return lambda site, javascript: as_agent(site, planning_of(lived_in(), mois), javascript)


def planning_without_child(site: Site, javascript: bool) -> Page:
    AnneeFactory()
    return as_agent(site, f"/guichet/{FoyerFactory().pk}/planning/2026-12/", javascript)


def planning_refused(site: Site, javascript: bool) -> Page:
    """Past the limit, without a reason."""
    page = as_agent(site, planning_of(lived_in()), javascript)
    tick(page, "Léa, soir, vendredi 4", "Tom, matin, mardi 8")
    press(page, "Enregistrer")
    return page


def planning_saved(site: Site, javascript: bool) -> Page:
    page = as_agent(site, planning_of(lived_in()), javascript)
    tick(page, "Léa, soir, vendredi 4", "Tom, midi, mardi 8")
    page.locator("[name=motif]").fill("Appel de la mère")
    press(page, "Enregistrer")
    return page


def planning_of_a_closed_sheet(site: Site, javascript: bool) -> Page:
    """The sheet is closed without the child: was it there?"""
    famille = lived_in()
    agent = StaffFactory()
    terminer(timezone.localdate(), "matin", agent, now=timezone.now())
    page = site.open(planning_of(famille), user=agent, javascript=javascript)
    box = page.get_by_role("checkbox", name=f"Léa, matin, {jour_court(timezone.localdate())}", exact=True)
    box.set_checked(not box.is_checked())
    page.locator("[name=motif]").fill("Appel de la mère")
    press(page, "Enregistrer")
    return page


def planning_stale(site: Site, javascript: bool) -> Page:
    """A parent saves while the page is open."""
    famille = lived_in()
    page = as_agent(site, planning_of(famille), javascript)
    famille.enregistrer("Léa, 17, matin")
    tick(page, "Tom, midi, mardi 8")
    press(page, "Enregistrer")
    return page


def weekly_of(famille: Famille) -> str:
    return f"/guichet/{famille.camille.foyer_id}/semaine-type/"


def weekly(site: Site, javascript: bool) -> Page:
    return as_agent(site, weekly_of(busy()), javascript)


def weekly_without_child(site: Site, javascript: bool) -> Page:
    AnneeFactory()
    return as_agent(site, f"/guichet/{FoyerFactory().pk}/semaine-type/", javascript)


def weekly_of_a_week(site: Site, javascript: bool) -> Page:
    """Opened on a week of the planning, of a child of two homes."""
    return as_agent(site, f"{weekly_of(separated())}?semaine=2026-12-07", javascript)


def weekly_wrong(site: Site, javascript: bool) -> Page:
    page = as_agent(site, weekly_of(lived_in()), javascript)
    page.get_by_label("À partir du", exact=True).fill("")
    press(page, "Voir ce qui change")
    return page


def weekly_previewed(site: Site, javascript: bool) -> Page:
    """With a closed day, full ones, one past its limit, and what a hand chose."""
    page = as_agent(site, weekly_of(lived_in()), javascript)
    tick(page, *(f"Léa, soir, {jour}" for jour in ("mardi", "jeudi", "vendredi")))
    press(page, "Voir ce qui change")
    return page


def weekly_without_reason(site: Site, javascript: bool) -> Page:
    page = weekly_previewed(site, javascript)
    page.get_by_label("La date limite").check()
    go(page.locator("button[name=confirmer]"))
    return page


def weekly_with_reason(site: Site, javascript: bool) -> Page:
    page = weekly_without_reason(site, javascript)
    page.locator("[name=motif]").fill("Appel de la mère")
    go(page.locator("button[name=confirmer]"))
    return page


def persons_to_check(site: Site, javascript: bool) -> Page:
    lea = busy().enfants["Léa"]
    lea.demandes_autorisation.create(nom="Absent, Denis", telephone="06 39 98 00 85", fin=date(2026, 12, 11))
    return as_agent(site, "/admin/enfance/enfant/demandes/", javascript)


def person_let_in(site: Site, javascript: bool) -> Page:
    page = persons_to_check(site, javascript)
    press(page, "C’est quelqu’un d’autre\u00a0: autoriser D. Absent, sa tante")
    return page


ETATS = [
    ("mairie-accueil", agent_at("/admin/")),
    ("mairie-menu-ouvert", agent_at("/admin/#menu")),
    ("mairie-accueil-rien", home_with_nothing),
    ("mairie-accueil-avant", home_before_any_year),
    ("mairie-personnes-a-verifier", persons_to_check),
    ("mairie-personnes-aucune-a-verifier", nobody_to_check),
    ("mairie-rappels", parents_to_call),
    ("mairie-rappels-aucun", nobody_to_call),
    ("mairie-personne-admise", person_let_in),
    ("mairie-trouver", agent_at("/admin/enfance/foyer/trouver/")),
    ("mairie-trouver-plusieurs", searched("morel")),
    ("mairie-trouver-rien", searched("inconnu")),
    ("mairie-trouver-vide", searched("")),
    ("mairie-inscriptions", agent_at("/admin/enfance/inscription/?jour__gte=2026-12-01&jour__lte=2026-12-31")),
    ("mairie-enfants", agent_at("/admin/enfance/enfant/")),
    ("mairie-chiffres", agent_at("/admin/enfance/inscription/chiffres/")),
    ("mairie-exporter", agent_at("/admin/enfance/inscription/export/?jour__gte=2026-12-01&jour__lte=2026-12-31")),
    ("mairie-famille", family),
    ("mairie-famille-absent-refus", family_absent),
    ("mairie-famille-separee", family_of_two_homes),
    ("mairie-famille-vide", empty_home),
    ("guichet", planning),
    ("guichet-papier", planning_on_paper),
    ("guichet-separes", planning_of_two_homes),
    ("guichet-ete", planning_month("2027-08")),
    ("guichet-sans-enfant", planning_without_child),
    ("guichet-refus", planning_refused),
    ("guichet-fait", planning_saved),
    ("guichet-feuille-terminee", planning_of_a_closed_sheet),
    ("guichet-perime", planning_stale),
    ("guichet-semaine-type", weekly),
    ("guichet-semaine-type-separes", weekly_of_a_week),
    ("guichet-semaine-type-sans-enfant", weekly_without_child),
    ("guichet-semaine-type-erreur", weekly_wrong),
    ("guichet-semaine-type-apercu", weekly_previewed),
    ("guichet-semaine-type-sans-motif", weekly_without_reason),
    ("guichet-semaine-type-motif", weekly_with_reason),
]
