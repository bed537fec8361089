"""The demo's school, lived in: custody set, a PAI, a closure, and a month of inscriptions made by the families.

Everything goes through the doors of real life: `preparer_annee`, the ONDE import, the writer of inscriptions. Only the
clock is moved: each family saves at an instant of the past weeks.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django_tasks_db.models import DBTaskResult

from accounts.models import User
from enfance.calendrier import UN_JOUR, Calendrier, lundi
from enfance.cantine.liste_repas import LigneRepas, ListeLue
from enfance.cantine.repas import importer as importer_repas
from enfance.courriels.tasks import send_confirmation, send_enregistrements
from enfance.delais import limite
from enfance.demo import agents
from enfance.equipe.pointages import GesteRecu, terminer, voir
from enfance.equipe.pointages import enregistrer as pointer
from enfance.equipe.presences import load_constats
from enfance.inscriptions import Changement, enregistrer
from enfance.mairie.annee import preparer_annee
from enfance.models import (
    AnneeScolaire,
    Creneau,
    Enfant,
    Fermeture,
    Garde,
    Inscription,
    Message,
    Responsable,
    Scolarite,
    load_calendrier,
)
from enfance.onde.importation import importer
from enfance.onde.lecture import lire
from enfance.regles import Acteur, Cle
from portail.dates import PARIS
from portail.groupes import EQUIPE, SECRETARIAT
from portail.tables import Fichier

DOSSIER = Path(settings.BASE_DIR) / "demo"
PARENT, SEPARES = "3816238", ("4512778", "4512786")
MOT_DE_PASSE = "Velo-nuage-7"
SEMAINES = 5  # of inscriptions, before and after today
PHOTOS = (
    "Les photos de classe sont arrivées.\n\nLes bons de commande sont à rendre à l’école avant vendredi."  # a draft
)
AUTORISES = [("Odile Bertin", "grand-mère"), ("Karim Lopes", "voisin"), ("Mado Verne", "nourrice"), ("Luc Bertin", "")]
JOURS_POINTES = 8  # days of school whose sheets were kept, today included


@dataclass(frozen=True)
class CompteDemo:
    """An account that the demo shows, with its password as long as nobody has changed it."""

    qui: str
    user: User
    mot_de_passe: str

    def __str__(self) -> str:
        mot_de_passe = self.mot_de_passe if self.user.check_password(self.mot_de_passe) else "(changé depuis)"
        lignes = [self.qui, f"identifiant  {self.user.identifiant}", f"mot de passe {mot_de_passe}"]
        if agents.telephone_de(self.user):
            lignes.append(f"code         make code COMPTE={self.user.identifiant}")
        return "\n  ".join(lignes)


def is_loaded() -> bool:
    """Whether this database is the demonstration's, whatever was changed in it: its accounts keep their numbers."""
    siens = [PARENT, agents.SECRETAIRE.identifiant]
    return User.objects.filter(identifiant__in=siens).count() == len(siens)


def comptes() -> list[CompteDemo]:
    """The accounts to show."""
    qui = {
        PARENT: ("Parent de trois enfants", MOT_DE_PASSE),
        SEPARES[0]: ("Parent séparé, garde alternée", MOT_DE_PASSE),
        **{agent.identifiant: (agent.qui, agent.mot_de_passe) for agent in agents.AGENTS},
    }
    users = User.objects.in_bulk(qui, field_name="identifiant")
    return [CompteDemo(texte, users[cle], secret) for cle, (texte, secret) in qui.items() if cle in users]


def load(now: datetime) -> None:
    """Make the whole school as it is at `now` (aware), or nothing."""
    today = now.astimezone(PARIS).date()
    with transaction.atomic():
        annee = preparer_annee(today.year if today.month >= 7 else today.year - 1, AnneeScolaire.Zone.A).annee
        eleves, responsables = (DOSSIER / f"CSVExtraction-{nom}.csv" for nom in ("eleves", "responsables"))
        importer(lire(Fichier.open(eleves), Fichier.open(responsables)), annee, now=now)
        _open_accounts()
        _set_garde(annee)
        _set_pai(annee)
        _let_fetch(now)
        calendrier = load_calendrier()
        _close(calendrier, today)
        _live(calendrier, annee, now)
        _keep_sheets(calendrier, now)
        _eat(calendrier, now)
        Message.objects.create(objet="Photos de classe", texte=PHOTOS, ecrit_le=now)
        # the mails of these past weeks were read long ago
        lus = [send_confirmation.module_path, send_enregistrements.module_path]
        DBTaskResult.objects.filter(task_path__in=lus).delete()


def _open_accounts() -> None:
    """The accounts that are shown: a known identifiant and password, as for a parent who has chosen one."""
    chosen = {PARENT: ("Camille", "MOREL"), SEPARES[0]: ("Nadia", "BERGER"), SEPARES[1]: ("Paul", "LEFORT")}
    prises = [PARENT, *SEPARES, *(agent.identifiant for agent in agents.AGENTS)]
    for user in User.objects.filter(identifiant__in=prises):  # drawn by chance for another
        user.identifiant = User.objects.new_identifiant()
        user.save(update_fields=["identifiant"])
    for identifiant, (prenom, nom) in chosen.items():
        user = User.objects.get(first_name=prenom, last_name=nom)
        user.identifiant = identifiant
        user.set_password(MOT_DE_PASSE)
        user.save(update_fields=["identifiant", "password"])
    for agent in agents.AGENTS:
        agents.ouvrir(agent)


def _set_garde(annee: AnneeScolaire) -> None:
    """Alternating custody, as the town hall sets it: a week each from the first Monday of the year."""
    for rang, identifiant in enumerate(SEPARES):
        foyer = Responsable.objects.get(user__identifiant=identifiant).foyer
        depuis = lundi(annee.debut) + timedelta(weeks=rang)
        foyer.gardes.update(rythme=Garde.Rythme.ALTERNEE, depuis=depuis, passage=Garde.Passage.VENDREDI)


def _set_pai(annee: AnneeScolaire) -> None:
    enfant = Enfant.objects.get(prenom="Tom", nom="MOREL")
    enfant.pai, enfant.pai_fin = True, annee.fin
    enfant.consigne = "Allergie à l’arachide. Sa trousse d’urgence est dans le placard rouge de la garderie."
    enfant.save(update_fields=["pai", "pai_fin", "consigne"])


def _let_fetch(now: datetime) -> None:
    """Somebody besides the parents may fetch one child in four; the families that are shown have yet to add theirs."""
    montres = Enfant.objects.filter(responsables__user__identifiant__in=[PARENT, *SEPARES])
    for rang, enfant in enumerate(Enfant.objects.exclude(pk__in=montres).order_by("pk")[::4]):
        nom, lien = AUTORISES[rang % len(AUTORISES)]
        telephone = f"06 39 98 01 {rang % 100:02}"
        enfant.personnes_autorisees.create(nom=nom, lien=lien, telephone=telephone, ajoutee_le=now)


def _close(calendrier: Calendrier, today: date) -> None:
    """A closure a fortnight from now, on an evening."""
    jour = next(calendrier.jours_ecole(today + timedelta(days=14), today + timedelta(days=120)), None)
    if jour:
        fermeture = Fermeture.objects.create(debut=jour, fin=jour, motif="formation de l’équipe")
        fermeture.creneaux.set(Creneau.objects.filter(code="soir"))


# --- A month of inscriptions ----------------------------------------------------------------------------------------


def _live(calendrier: Calendrier, annee: AnneeScolaire, now: datetime) -> None:
    """Two families in three keep a weekly habit, saved weeks ago; one in six has changed a day since."""
    hasard = random.Random(7)  # noqa: S311 (nothing secret is drawn)
    today = now.astimezone(PARIS).date()
    debut = max(annee.debut, lundi(today) - timedelta(weeks=SEMAINES))
    fin = lundi(max(today, annee.debut)) + timedelta(weeks=SEMAINES, days=-1)
    jours = list(calendrier.jours_ecole(debut, fin))
    premier_soir = max(annee.ouverture or annee.debut, debut - timedelta(days=10))
    saves = []
    for responsable in _ecrivains():
        chosen = responsable.user.identifiant in (PARENT, *SEPARES)
        if not chosen and hasard.random() > 2 / 3:
            continue
        acteur = Acteur.parent(responsable)
        habitude = _habitude(responsable, hasard)
        soir = min(premier_soir + timedelta(days=hasard.randrange(6)), today - UN_JOUR)
        cles = [cle for jour in jours for cle in _day(habitude, jour)]
        saves.append(_save(cles, Inscription.Etat.INSCRIT, acteur, soir, hasard))
        proches = [cle for cle in cles if today + timedelta(days=5) <= cle.jour <= today + timedelta(days=21)]
        if proches and (chosen or hasard.random() < 1 / 6):
            annulees = hasard.sample(proches, 1)
            saves.append(_save(annulees, Inscription.Etat.ANNULEE, acteur, today - 2 * UN_JOUR, hasard))
    for quand, acteur, changements in sorted(saves, key=lambda save: save[0]):  # references follow the clock
        enregistrer(changements, acteur, now=quand)


def _ecrivains() -> Iterator[Responsable]:
    """One adult a home, the first; both of the separated parents who are shown."""
    foyers: set[int] = set()
    for responsable in Responsable.objects.select_related("user", "foyer").order_by("pk"):
        if responsable.foyer_id not in foyers:
            foyers.add(responsable.foyer_id)
            yield responsable


Habitude = dict[int, list[tuple[int, str]]]  # by child: weekday (Monday is 0) and créneau


def _habitude(responsable: Responsable, hasard: random.Random) -> Habitude:
    """Siblings mostly go together: one pattern for the family, with a difference for some."""
    semaine = [0, 1, 3, 4]
    famille = [(jour, "midi") for jour in hasard.sample(semaine, hasard.choice([2, 3, 4]))]
    famille += [(jour, "soir") for jour in hasard.sample(semaine, hasard.choice([0, 1, 2, 3]))]
    if hasard.random() < 0.3:
        famille += [(jour, "matin") for jour in hasard.sample(semaine, hasard.choice([2, 4]))]
    enfants = Enfant.objects.for_responsable(responsable)
    return {enfant.pk: [moment for moment in famille if hasard.random() > 0.1] for enfant in enfants}


def _day(habitude: Habitude, jour: date) -> Iterator[Cle]:
    for enfant, moments in habitude.items():
        for jour_semaine, creneau in moments:
            if jour_semaine == jour.weekday():
                yield Cle(enfant, jour, creneau)


def _save(
    cles: list[Cle], etat: str, acteur: Acteur, jour: date, hasard: random.Random
) -> tuple[datetime, Acteur, list[Changement]]:
    """What the parent would have saved on the evening of `jour`; what the rules refuse is left."""
    soir = datetime.combine(jour, time(hasard.randint(18, 22), hasard.randint(0, 59)), tzinfo=PARIS)
    return soir, acteur, [Changement(cle, etat) for cle in cles]


# --- The gate --------------------------------------------------------------------------------------------------------


def _keep_sheets(calendrier: Calendrier, now: datetime) -> None:
    """The sheets of the last days, closed each at its end; that of this hour is half ticked. The secretary has seen
    their differences, but those of the last two days.
    """
    hasard = random.Random(11)  # noqa: S311 (nothing secret is drawn)
    today = now.astimezone(PARIS).date()
    auteur = User.objects.get(groups__name=EQUIPE)
    premier = calendrier.ecole_avant(today, JOURS_POINTES - 1)
    for jour in calendrier.jours_ecole(premier, today):
        for creneau in Creneau.objects.all():
            debut, fin = (datetime.combine(jour, heure, tzinfo=PARIS) for heure in (creneau.debut, creneau.fin))
            gestes = [geste for geste in _taps(jour, creneau, debut, fin, hasard) if geste.fait_le <= now]
            if debut > now or jour.weekday() not in creneau.jours:
                continue
            pointer(gestes, jour, creneau.code, auteur, now=min(now, fin + timedelta(minutes=30)))
            if fin + timedelta(minutes=30) <= now:
                terminer(jour, creneau.code, auteur, now=fin + timedelta(minutes=30))
    secretaire = User.objects.get(groups__name=SECRETARIAT)
    voir(load_constats(premier, calendrier.ecole_avant(today, 2)), secretaire, now=now)


def _taps(jour: date, creneau: Creneau, debut: datetime, fin: datetime, hasard: random.Random) -> Iterator[GesteRecu]:
    """Nearly all come, one now and then without being registered; in the evening somebody is late once in a while."""
    venus = [pk for pk in _inscrits(jour, creneau) if hasard.random() < 0.96]
    if hasard.random() < 0.2:
        autres = Enfant.objects.exclude(pk__in=_inscrits(jour, creneau)).order_by("pk")
        venus.append(hasard.choice(list(autres.values_list("pk", flat=True))))
    for enfant in venus:
        arrivee = debut + timedelta(minutes=hasard.randint(0, 12))
        yield GesteRecu(_uuid(hasard), enfant, "present", True, arrivee)
        if creneau.is_soir:
            retard = hasard.random() < 0.01
            depart = fin + timedelta(minutes=12) if retard else fin - timedelta(minutes=hasard.randint(2, 100))
            yield GesteRecu(_uuid(hasard), enfant, "parti", True, depart)


def _inscrits(jour: date, creneau: Creneau) -> list[int]:
    inscrits = Inscription.objects.inscrit().filter(jour=jour, creneau=creneau).order_by("enfant")
    return list(inscrits.values_list("enfant", flat=True))


def _uuid(hasard: random.Random) -> UUID:
    return UUID(int=hasard.getrandbits(128))


# --- The canteen -----------------------------------------------------------------------------------------------------


def _eat(calendrier: Calendrier, now: datetime) -> None:
    """The association's list of the days that can no more be changed, so that it locks no box that is open. A few
    disagree; the families that are shown do not.
    """
    hasard, today = random.Random(13), now.astimezone(PARIS).date()  # noqa: S311 (nothing secret is drawn)
    midi = Creneau.objects.with_delais().get(code="midi")
    delai = (midi.delai_annulation or midi.delai_inscription).valeur
    proches = calendrier.jours_ecole(lundi(today) - timedelta(weeks=1), today + timedelta(weeks=1))
    jours = [jour for jour in proches if limite(jour, delai, calendrier) <= now]
    montres = set(
        Enfant.objects.filter(responsables__user__identifiant__in=(PARENT, *SEPARES)).values_list("pk", flat=True)
    )
    eleves = {s.enfant_id: s for s in Scolarite.objects.present().select_related("enfant", "classe").order_by("enfant")}
    lignes: list[LigneRepas] = []
    for jour in jours:
        inscrits = {pk for pk in _inscrits(jour, midi) if pk in montres or hasard.random() < 0.97}
        oublis = set(hasard.sample(sorted(eleves.keys() - montres), 2))
        for eleve in (eleves[pk] for pk in sorted(inscrits | oublis)):
            enfant = eleve.enfant
            lignes.append(LigneRepas(len(lignes) + 2, enfant.nom, enfant.prenom, str(eleve.classe or ""), jour))
    if lignes:
        importer_repas(ListeLue("repas.csv", tuple(lignes)), now=now, debut=jours[0], fin=jours[-1])
