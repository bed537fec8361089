"""The demo's town of three schools: a maternelle, an élémentaire, and the school of a hamlet with one class, whose
evening is the élémentaire's.

Everything goes through the doors of real life, one ONDE import a school. Camille Morel has a child in each of them, and
has booked nothing yet.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django_tasks_db.models import DBTaskResult

from accounts.models import User
from enfance.calendrier import Calendrier
from enfance.courriels.tasks import send_confirmation, send_enregistrements
from enfance.demo import agents, vie
from enfance.demo.contenu import DOSSIER, MOT_DE_PASSE, CompteDemo
from enfance.mairie.annee import preparer_annee
from enfance.models import Affectation, AnneeScolaire, Creneau, Ecole, Fermeture, Niveau, load_calendrier
from enfance.models.ecoles import PREMIERE
from enfance.onde.importation import importer
from enfance.onde.lecture import lire
from portail.dates import PARIS
from portail.tables import Fichier

PARENT = "3816246"
MATERNELLE, ELEMENTAIRE, HAMEAU = "maternelle", "elementaire", "hameau"
ECOLES = (  # code, name, first and last level, telephone of its garderie
    (MATERNELLE, "École maternelle des Tilleuls", Niveau.PS, Niveau.GS, "04 65 71 00 51"),
    (ELEMENTAIRE, "École élémentaire du Bourg", Niveau.CP, Niveau.CM2, "04 65 71 00 52"),
    (HAMEAU, "École du Hameau du Clos", Niveau.CP, Niveau.CM2, "04 65 71 00 53"),
)
CRENEAUX = (  # code, moment, name, short name, start, end, places, the schools that hold it
    ("matin", "matin", "Matin", "matin", time(7, 30), time(8, 30), None, (ELEMENTAIRE,)),
    ("matin-maternelle", "matin", "Matin", "matin", time(7, 30), time(8, 20), None, (MATERNELLE,)),
    ("midi", "midi", "Pause méridienne", "midi", time(11, 30), time(13, 30), None, (ELEMENTAIRE,)),
    ("midi-maternelle", "midi", "Pause méridienne", "midi", time(11, 20), time(13, 20), None, (MATERNELLE,)),
    ("midi-hameau", "midi", "Pause méridienne", "midi", time(12), time(13, 30), None, (HAMEAU,)),
    ("soir", "soir", "Soir", "soir", time(16, 30), time(18, 30), None, (ELEMENTAIRE, HAMEAU)),
    ("soir-maternelle", "soir", "Soir", "soir", time(16, 20), time(18, 30), 24, (MATERNELLE,)),
)
INES, SAMIR, LUCIE, CANTINE = "1000017", "1000033", "1000041", "1000025"
AFFECTATIONS = {
    INES: (MATERNELLE,),
    SAMIR: (ELEMENTAIRE,),
    LUCIE: (HAMEAU,),
    CANTINE: (MATERNELLE, ELEMENTAIRE, HAMEAU),
}
_INES, _CANTINE = (agent for agent in agents.AGENTS if agent.identifiant in (INES, CANTINE))
AGENTS = [
    agents.SECRETAIRE,
    replace(_INES, qui="Animatrice de l’école maternelle"),
    replace(
        _INES,
        qui="Animateur de l’école élémentaire",
        identifiant=SAMIR,
        prenom="Samir",
        email="elementaire@saint-sauveur.example",
    ),
    replace(
        _INES,
        qui="Animatrice de l’école du hameau",
        identifiant=LUCIE,
        prenom="Lucie",
        email="hameau@saint-sauveur.example",
    ),
    _CANTINE,
]


def is_loaded() -> bool:
    """Whether this database is the town's, whatever was changed in it."""
    siens = [PARENT, agents.SECRETAIRE.identifiant]
    return User.objects.filter(identifiant__in=siens).count() == len(siens)


def comptes() -> list[CompteDemo]:
    """The accounts to show."""
    qui = {
        PARENT: ("Parent de trois enfants, un par école", MOT_DE_PASSE),
        **{agent.identifiant: (agent.qui, agent.mot_de_passe) for agent in AGENTS},
    }
    users = User.objects.in_bulk(qui, field_name="identifiant")
    return [
        CompteDemo(texte, users[cle], secret, "make code-ville") for cle, (texte, secret) in qui.items() if cle in users
    ]


def load(now: datetime) -> None:
    """Make the whole town as it is at `now` (aware), or nothing."""
    today = now.astimezone(PARIS).date()
    with transaction.atomic():
        annee = preparer_annee(today.year if today.month >= 7 else today.year - 1, AnneeScolaire.Zone.A).annee
        ecoles = _build()
        for code, ecole in ecoles.items():
            eleves, responsables = (DOSSIER / "ville" / code / f"CSVExtraction-{nom}.csv" for nom in _FICHIERS)
            importer(lire(Fichier.open(eleves), Fichier.open(responsables)), annee, now=now, ecole=ecole)
        _open_accounts(ecoles)
        calendrier = load_calendrier()
        _strike(calendrier, ecoles[ELEMENTAIRE], today)
        vie.live(calendrier, annee, now, vierges=_parents())
        vie.keep_sheets(calendrier, now)
        # the mails of these past weeks were read long ago
        lus = [send_confirmation.module_path, send_enregistrements.module_path]
        DBTaskResult.objects.filter(task_path__in=lus).delete()


_FICHIERS = ("eleves", "responsables")


def _build() -> dict[str, Ecole]:
    """The schools, the first of which every database has, and their créneaux, some of which are prepared already."""
    ecoles = {}
    for rang, (code, nom, premier, dernier, telephone) in enumerate(ECOLES):
        ecole = Ecole.objects.get(pk=PREMIERE) if rang == 0 else Ecole()
        ecole.nom, ecole.code, ecole.telephone, ecole.ordre = nom, code, telephone, rang + 1
        ecole.premier_niveau, ecole.dernier_niveau = premier, dernier
        ecole.save()
        ecoles[code] = ecole
    regle = Creneau.objects.earliest("ordre").delai_inscription
    for ordre, (code, moment, nom, nom_court, debut, fin, places, siennes) in enumerate(CRENEAUX, start=1):
        creneau, _ = Creneau.objects.update_or_create(
            code=code,
            defaults={
                "moment": moment,
                "nom": nom,
                "nom_court": nom_court,
                "debut": debut,
                "fin": fin,
                "places": places,
                "ordre": ordre,
                "delai_inscription": regle,
            },
        )
        creneau.ecoles.set([ecoles[code] for code in siennes])
    return ecoles


def _open_accounts(ecoles: dict[str, Ecole]) -> None:
    """The accounts that are shown: a known identifiant and password; each agent works in its schools."""
    prises = [PARENT, *(agent.identifiant for agent in AGENTS)]
    for user in User.objects.filter(identifiant__in=prises):  # drawn by chance for another
        user.identifiant = User.objects.new_identifiant()
        user.save(update_fields=["identifiant"])
    parent = User.objects.get(first_name="Camille", last_name="MOREL")
    parent.identifiant = PARENT
    parent.set_password(MOT_DE_PASSE)
    parent.save(update_fields=["identifiant", "password"])
    for agent in AGENTS:
        user = agents.ouvrir(agent)
        Affectation.objects.bulk_create(
            Affectation(agent=user, ecole=ecoles[code]) for code in AFFECTATIONS.get(agent.identifiant, ())
        )


def _parents() -> list[str]:
    """The adults of the home that is shown, who have yet to book their year."""
    foyer = User.objects.get(identifiant=PARENT).responsable.foyer
    return [adulte.user.identifiant for adulte in foyer.responsables.select_related("user")]


def _strike(calendrier: Calendrier, ecole: Ecole, today: date) -> None:
    """A strike a fortnight from now, at one school."""
    jour = next(calendrier.jours_ecole(today + timedelta(days=14), today + timedelta(days=120)), None)
    if jour:
        greve = Fermeture.objects.create(debut=jour, fin=jour, motif="grève")
        greve.ecoles.set([ecole])
