"""The gate in every state: the sheet before, during and after, a child, the search, the paper, the differences."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode
from uuid import uuid4

from django.contrib.auth.models import Group
from django.core.management import call_command
from playwright.sync_api import Page

from accounts.models import User
from accounts.session_store import SessionStore
from accounts.sessions import KEPT
from enfance.equipe.pointages import AdultesRecus, GesteRecu, enregistrer, noter_adultes, terminer
from enfance.equipe.remises import QuiVient, RemiseRecue, noter_remises
from enfance.models import Absence, AnneeScolaire, Creneau, Enfant, Fermeture, Inscription, PersonneAutorisee
from portail.dates import PARIS
from tests.factories import AnneeFactory, ResponsableFactory, StaffFactory, make_creneaux, make_enfant
from tests.navigateur.gestes import Reach, press, send, terminate
from tests.navigateur.site import Site

JEUDI = datetime(2026, 12, 10, tzinfo=PARIS)
JOUR = "/equipe/2026-12-10/"
SOIR = f"{JOUR}?creneau=soir"
PRENOMS = ["Adam", "Louise", "Noah", "Chloé", "Ilyès", "Jade", "Hugo", "Maximilienne-Apolline", "Zoé"]


def at(hour: int, minute: int = 0) -> datetime:
    return datetime.combine(JEUDI, time(hour, minute), tzinfo=PARIS)


def agent(group: str) -> User:
    call_command("sync_groups", verbosity=0)
    user = StaffFactory(is_superuser=False, first_name="Inès", last_name="Garderie")
    user.groups.add(Group.objects.get(name=group))
    return user


def evening(site: Site, now: datetime, *, closed: bool = False) -> dict[str, Enfant]:
    """All that a sheet may hold: here, gone, late, absent, told absent, waiting, not registered, with a PAI, with
    somebody to whom the child is never handed and names like that one."""
    site.clock.move_to(now)
    AnneeFactory()
    soir = make_creneaux()["soir"]
    parent = ResponsableFactory(telephone="06 39 98 00 12")
    enfants = {prenom: make_enfant(parent, prenom=prenom, nom="Morel") for prenom in PRENOMS}
    for prenom in PRENOMS[:7]:
        Inscription.objects.create(enfant=enfants[prenom], jour=JEUDI, creneau=soir)
    Inscription.objects.create(
        enfant=enfants["Zoé"], jour=JEUDI, creneau=soir, etat="attente", attente_depuis=at(7) - timedelta(days=3)
    )
    Enfant.objects.filter(prenom="Ilyès").update(pai=True, consigne="Allergie à l’arachide. Trousse au placard rouge.")
    PersonneAutorisee.objects.create(
        enfant=enfants["Ilyès"], nom="Odile Morel", lien="grand-mère", telephone="06 39 98 00 85"
    )
    PersonneAutorisee.objects.create(enfant=enfants["Ilyès"], nom="Claude Rivière", interdite=True)
    namesake = PersonneAutorisee.objects.create(enfant=enfants["Ilyès"], nom="C. Rivière", lien="tante")
    demandes = enfants["Ilyès"].demandes_autorisation
    demandes.create(nom="C. Rivière", lien="tante", personne=namesake, decidee_le=at(9) - timedelta(days=2))
    demandes.create(nom="Rivière Claude (papa)", demandee_le=at(9) - timedelta(days=1))
    Absence.objects.create(enfant=enfants["Chloé"], jour=JEUDI)
    taps = [
        ("Adam", "present", at(16, 31)),
        ("Adam", "parti", at(16, 55)),
        ("Louise", "present", at(16, 33)),
        ("Ilyès", "present", at(16, 34)),
        ("Maximilienne-Apolline", "present", at(16, 38)),
        ("Hugo", "present", at(16, 41)),
        ("Hugo", "parti", at(18, 42)),
    ]
    gestes = [GesteRecu(uuid4(), enfants[prenom].pk, quoi, True, a) for prenom, quoi, a in taps if a <= now]
    enregistrer(gestes, JEUDI.date(), "soir", StaffFactory(), now=now)
    if closed:
        terminer(JEUDI.date(), "soir", StaffFactory(first_name="Alix", last_name="Durand"), now=now)
    return enfants


def of_team(path: str, hour: int = 17, *, group: str = "Équipe", closed: bool = False, enfant: str = "") -> Reach:
    """This page, at this hour of the evening; `{pk}` is the key of `enfant`."""

    def reach(site: Site, javascript: bool) -> Page:
        enfants = evening(site, at(hour, 50), closed=closed)
        pk = enfants[enfant].pk if enfant else ""
        return site.open(path.format(pk=pk), user=agent(group), javascript=javascript)

    return reach


def before(path: str) -> Reach:
    """The day before: no box to tick yet."""

    def reach(site: Site, javascript: bool) -> Page:
        evening(site, at(18, 50))
        site.clock.move_to(at(17) - timedelta(days=1))
        return site.open(path, user=agent("Équipe"), javascript=javascript)

    return reach


def closed_garderie(site: Site, javascript: bool) -> Page:
    evening(site, at(7))
    greve = Fermeture.objects.create(debut=JEUDI, fin=JEUDI, motif="grève")
    greve.creneaux.set([Creneau.objects.get(code="midi")])
    return site.open(f"{JOUR}?creneau=midi", user=agent("Équipe"), javascript=javascript)


def without_year(site: Site, javascript: bool) -> Page:
    evening(site, at(17))
    AnneeScolaire.objects.update(fin=JEUDI - timedelta(days=1))
    return site.open("/equipe/", user=agent("Équipe"), javascript=javascript)


def asked(site: Site, javascript: bool) -> Page:
    """The question before closing: some are still there."""
    page = of_team(SOIR)(site, javascript)
    page.locator("summary", has_text="Terminer l’appel").click()
    terminate(page, javascript)
    return page


def forgotten(site: Site, javascript: bool) -> Page:
    """Gone, and never there."""
    enfants = evening(site, at(17, 50))
    parti = GesteRecu(uuid4(), enfants["Jade"].pk, "parti", True, at(17, 44))
    enregistrer([parti], JEUDI.date(), "soir", StaffFactory(), now=at(17, 50))
    return site.open(SOIR, user=agent("Équipe"), javascript=javascript)


def unexpected(site: Site, javascript: bool) -> Page:
    """What the town hall reads: a forbidden person, and one whom nobody knows."""
    enfants = evening(site, at(17, 50))
    interdite = enfants["Ilyès"].personnes_autorisees.get(interdite=True)
    parent = enfants["Adam"].responsables.get()
    for enfant, qui in (("Ilyès", f"interdite:{interdite.pk}:non_remis:"), ("Adam", f"inconnue::appel:{parent.pk}")):
        recue = RemiseRecue(uuid4(), enfants[enfant].pk, QuiVient.parse(qui), at(17, 13))
        assert not noter_remises([recue], JEUDI.date(), "soir", agent("Équipe"), now=at(17, 50)).refus
    return site.open("/admin/enfance/pointage/remises/", user=agent("Secrétariat"), javascript=javascript)


def finished(site: Site, javascript: bool) -> Page:
    page = asked(site, javascript)
    press(page, "Clore quand même")
    return page


def short_of_adults(*, declaree: bool) -> Reach:
    """One adult for more children than one may look after, as a rule or as a mark."""

    def reach(site: Site, javascript: bool) -> Page:
        evening(site, at(17, 50))
        AnneeScolaire.objects.update(declaree=declaree)
        Enfant.objects.filter(prenom="Louise").update(date_naissance=date(2022, 5, 1))
        recu = AdultesRecus(uuid4(), 1, at(17, 40))
        noter_adultes([recu], JEUDI.date(), "soir", StaffFactory(), now=at(17, 50))
        return site.open(SOIR, user=agent("Équipe"), javascript=javascript)

    return reach


def searched(nom: str) -> Reach:
    """What a search for a child answers."""

    def reach(site: Site, javascript: bool) -> Page:
        page = of_team(f"{JOUR}ajouter/?creneau=soir")(site, javascript)
        send(page, "Chercher", nom=nom)
        return page

    return reach


def sent_too_late(site: Site, javascript: bool) -> Page:
    """The sheet again, after the login: a session that had ended was sending it."""
    user, enfants = agent("Équipe"), evening(site, at(17, 50))
    page = site.open(user=user, javascript=javascript)
    [cookie] = page.context.cookies()
    session = SessionStore(cookie["value"])
    data = urlencode({"creneau": "soir", "present": enfants["Noah"].pk})
    session[KEPT] = {"user": user.pk, "path": JOUR, "data": data, "until": int(at(18).timestamp())}
    session.save()
    page.goto(SOIR)
    return page


def refused(site: Site, javascript: bool) -> Page:
    page = of_team(SOIR, group="Secrétariat", closed=True)(site, javascript)
    press(page, "Enregistrer la correction")
    return page


def past(site: Site, javascript: bool) -> Page:
    """The next day: nobody closed the sheet, its hours are written."""
    evening(site, at(17, 50))
    site.clock.move_to(at(9) + timedelta(days=1))
    return site.open(SOIR, user=agent("Équipe"), javascript=javascript)


def wrong_hours(site: Site, javascript: bool) -> Page:
    """A correction that is refused: one hour before the arrival, one far from the evening."""
    enfants = evening(site, at(18, 50), closed=True)
    site.clock.move_to(at(9) + timedelta(days=1))
    page = site.open(SOIR, user=agent("Secrétariat"), javascript=javascript)
    page.locator(f"[name=depart-{enfants['Adam'].pk}]").fill("16:10")
    page.locator(f"[name=depart-{enfants['Louise'].pk}]").fill("2120")
    send(page, "Enregistrer la correction", motif="Dit par les parents")
    return page


ETATS = [
    ("equipe", of_team("/equipe/")),
    ("equipe-vide", of_team(f"{JOUR}?creneau=matin")),
    ("equipe-reprise", sent_too_late),
    ("equipe-retard", of_team(SOIR, 18)),
    ("equipe-demain", before(SOIR)),
    ("equipe-prochain-jour", before("/equipe/")),
    ("equipe-vacances", of_team("/equipe/2026-10-22/")),
    ("equipe-fermee", closed_garderie),
    ("equipe-sans-annee", without_year),
    ("equipe-clore", asked),
    ("equipe-arrivee", forgotten),
    ("equipe-remis", of_team(f"{SOIR}&remis={{pk}}", enfant="Adam")),
    ("equipe-personne", of_team(f"{SOIR}&personne={{pk}}", enfant="Ilyès")),
    ("equipe-manque", short_of_adults(declaree=True)),
    ("equipe-repere", short_of_adults(declaree=False)),
    ("equipe-terminee", finished),
    ("equipe-terminee-mairie", of_team(SOIR, group="Secrétariat", closed=True)),
    ("equipe-correction-refusee", refused),
    ("equipe-passee", past),
    ("equipe-heures-refusees", wrong_hours),
    ("equipe-ajouter", of_team(f"{JOUR}ajouter/?creneau=soir")),
    ("equipe-ajouter-erreur", searched(" ")),
    ("equipe-ajouter-trouves", searched("morel")),
    ("equipe-ajouter-aucun", searched("zut")),
    ("equipe-enfant", of_team(f"{JOUR}enfants/{{pk}}/?creneau=soir", enfant="Ilyès")),
    ("equipe-enfant-consigne", of_team(f"{JOUR}enfants/{{pk}}/?creneau=soir&consigne=1", enfant="Ilyès")),
    ("equipe-enfant-absent", of_team(f"{JOUR}enfants/{{pk}}/", enfant="Chloé")),
    ("equipe-enfant-inconnu", of_team(f"{JOUR}enfants/987654321/"), 404),
    ("equipe-imprimer", of_team(f"{JOUR}imprimer/")),
    ("equipe-imprimer-semaine", of_team(f"{JOUR}imprimer/?semaine=1")),
    ("equipe-imprimer-soir", of_team(f"{JOUR}imprimer/?creneau=soir")),
    ("equipe-presents", of_team(f"{JOUR}presents/?creneau=soir")),
    ("equipe-imprimer-vacances", of_team("/equipe/2026-10-22/imprimer/")),
    ("equipe-hors-ligne", of_team("/equipe/hors-ligne/")),
    ("mairie-remises", unexpected),
    ("mairie-remises-aucune", of_team("/admin/enfance/pointage/remises/", group="Secrétariat")),
    ("mairie-ecarts", of_team("/admin/enfance/pointage/ecarts/", 18, group="Secrétariat", closed=True)),
    (
        "mairie-ecarts-erreur",
        of_team("/admin/enfance/pointage/ecarts/?du=2026-12-10&au=2026-12-01", group="Secrétariat"),
    ),
]
