"""The demo's school, lived in: custody set, a PAI, a closure, and a month of inscriptions made by the families.

Everything goes through the doors of real life: `preparer_annee`, the ONDE import, the writer of inscriptions. Only the
clock is moved: each family saves at an instant of the past weeks.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string
from django_tasks_db.models import DBTaskResult

from accounts.models import User
from enfance.calendrier import UN_JOUR, Calendrier, lundi
from enfance.courriels.tasks import send_confirmation, send_enregistrements
from enfance.demo import agents, cantine, passe, vie
from enfance.extensions import ExtensionEnfance
from enfance.mairie.annee import preparer_annee
from enfance.models import (
    AnneeScolaire,
    Creneau,
    Enfant,
    Fermeture,
    Garde,
    Message,
    Responsable,
    load_calendrier,
)
from enfance.onde.importation import importer
from enfance.onde.lecture import lire
from portail.dates import PARIS
from portail.tables import Fichier

DOSSIER = Path(settings.BASE_DIR) / "demo"
PARENT, SEPARES = "3816238", ("4512778", "4512786")
MOT_DE_PASSE = "Velo-nuage-7"
PHOTOS = (
    "Les photos de classe sont arrivées.\n\nLes bons de commande sont à rendre à l’école avant vendredi."  # a draft
)
TROUSSE = "Allergie à l’arachide. Sa trousse d’urgence est dans le placard rouge de la garderie."
AUTORISES = [("Odile Bertin", "grand-mère"), ("Karim Lopes", "voisin"), ("Mado Verne", "nourrice"), ("Luc Bertin", "")]


@dataclass(frozen=True)
class CompteDemo:
    """An account that the demo shows, with its password as long as nobody has changed it; `code` is what gives the code
    of the moment of an agent.
    """

    qui: str
    user: User
    mot_de_passe: str
    code: str = "make code"

    def __str__(self) -> str:
        mot_de_passe = self.mot_de_passe if self.user.check_password(self.mot_de_passe) else "(changé depuis)"
        lignes = [self.qui, f"identifiant  {self.user.identifiant}", f"mot de passe {mot_de_passe}"]
        if agents.telephone_de(self.user):
            lignes.append(f"code         {self.code} COMPTE={self.user.identifiant}")
        return "\n  ".join(lignes)


def is_loaded() -> bool:
    """Whether this database holds the demonstration of one school, whatever was changed in it since: its accounts keep
    their identifiants.
    """
    siens = [PARENT, agents.SECRETAIRE.identifiant]
    return User.objects.filter(identifiant__in=siens).count() == len(siens)


def comptes() -> list[CompteDemo]:
    """The accounts of the demonstration of one school, to show to who tries it."""
    qui = {
        PARENT: ("Parent de trois enfants", MOT_DE_PASSE),
        SEPARES[0]: ("Parent séparé, garde alternée", MOT_DE_PASSE),
        **{agent.identifiant: (agent.qui, agent.mot_de_passe) for agent in agents.AGENTS},
    }
    users = User.objects.in_bulk(qui, field_name="identifiant")
    return [CompteDemo(texte, users[cle], secret) for cle, (texte, secret) in qui.items() if cle in users]


def load(now: datetime) -> None:
    """Fill the database with the demonstration of one school as it is at `now` (aware), in one transaction."""
    today = now.astimezone(PARIS).date()
    with transaction.atomic():
        annee = preparer_annee(today.year if today.month >= 7 else today.year - 1, AnneeScolaire.Zone.A).annee
        eleves, responsables = (DOSSIER / f"CSVExtraction-{nom}.csv" for nom in ("eleves", "responsables"))
        importer(lire(Fichier.open(eleves), Fichier.open(responsables)), annee, now=now)
        _open_accounts()
        _set_garde(annee)
        _set_pai(annee)
        let_fetch(now, montres=(PARENT, *SEPARES))
        passe.attend_last_year(annee)
        calendrier = load_calendrier()
        _close(calendrier, today)
        depuis = next(iter(passe.mois_vecus(calendrier, today)), today)
        vie.live(calendrier, annee, now, montres=(PARENT, *SEPARES), depuis=depuis)
        passe.keep_old_sheets(calendrier, depuis, vie.premier_pointe(calendrier, today) - UN_JOUR)
        vie.keep_sheets(calendrier, now)
        cantine.eat(calendrier, now, "midi", montres=(PARENT, *SEPARES))
        Message.objects.create(objet="Photos de classe", texte=PHOTOS, ecrit_le=now)
        for suite in ExtensionEnfance.installed().demo:
            import_string(suite)(now)
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
    enfant.pai, enfant.pai_fin, enfant.consigne = True, annee.fin, TROUSSE
    enfant.save(update_fields=["pai", "pai_fin", "consigne"])


def let_fetch(now: datetime, *, montres: Collection[str]) -> None:
    """Add, for one child in four, a person besides the parents who may fetch it; no child of the accounts `montres`
    (identifiants), who have yet to add theirs.
    """
    leurs = Enfant.objects.filter(responsables__user__identifiant__in=montres)
    for rang, enfant in enumerate(Enfant.objects.exclude(pk__in=leurs).order_by("pk")[::4]):
        nom, lien = AUTORISES[rang % len(AUTORISES)]
        telephone = f"06 39 98 01 {rang % 100:02}"
        enfant.personnes_autorisees.create(nom=nom, lien=lien, telephone=telephone, ajoutee_le=now)


def _close(calendrier: Calendrier, today: date) -> None:
    """A closure a fortnight from now, on an evening."""
    jour = next(calendrier.jours_ecole(today + timedelta(days=14), today + timedelta(days=120)), None)
    if jour:
        fermeture = Fermeture.objects.create(debut=jour, fin=jour, motif="formation de l’équipe")
        fermeture.creneaux.set(Creneau.objects.filter(code="soir"))
