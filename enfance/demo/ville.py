"""The demo's town of three schools: a maternelle, an élémentaire, and the school of a hamlet with one class, whose
evening is the élémentaire's, and which alone keeps its pupils on Wednesdays.

Everything goes through the doors of real life, one ONDE import a school. Camille Morel has a child in each of them, and
has booked nothing yet.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils.module_loading import import_string
from django_tasks_db.models import DBTaskResult

from accounts.models import User
from enfance.calendrier import UN_JOUR, Calendrier
from enfance.courriels.tasks import send_confirmation, send_enregistrements
from enfance.demo import agents, cantine, passe, vie
from enfance.demo.contenu import DOSSIER, MOT_DE_PASSE, PHOTOS, TROUSSE, CompteDemo, let_fetch
from enfance.extensions import ExtensionEnfance
from enfance.famille.absences.ecriture import signaler
from enfance.famille.absences.tasks import tell_absences
from enfance.inscriptions import Changement, enregistrer
from enfance.mairie.annee import preparer_annee
from enfance.models import (
    Affectation,
    AnneeScolaire,
    Creneau,
    Ecole,
    Enfant,
    Fermeture,
    Inscription,
    Message,
    Niveau,
    Responsable,
    Scolarite,
    load_calendrier,
)
from enfance.models.annee import JOURS
from enfance.models.ecoles import PREMIERE
from enfance.onde.importation import importer
from enfance.onde.lecture import lire
from enfance.regles import Acteur, Cle
from portail.dates import PARIS
from portail.tables import Fichier

PARENT = "3816246"
MATERNELLE, ELEMENTAIRE, HAMEAU = "maternelle", "elementaire", "hameau"
ECOLES = (  # code, name, first and last level, telephone of its garderie
    (MATERNELLE, "École maternelle des Tilleuls", Niveau.PS, Niveau.GS, "04 65 71 00 51"),
    (ELEMENTAIRE, "École élémentaire du Bourg", Niveau.CP, Niveau.CM2, "04 65 71 00 52"),
    (HAMEAU, "École du Hameau du Clos", Niveau.CP, Niveau.CM2, "04 65 71 00 53"),
)
Moment = Creneau.Moment
CRENEAUX = (  # code, moment, name, short name, start, end, places, the schools that hold it
    ("matin", Moment.MATIN, "Matin", "matin", time(7, 30), time(8, 30), None, (ELEMENTAIRE,)),
    ("matin-maternelle", Moment.MATIN, "Matin", "matin", time(7, 30), time(8, 20), None, (MATERNELLE,)),
    ("midi", Moment.MIDI, "Pause méridienne", "midi", time(11, 30), time(13, 30), None, (ELEMENTAIRE,)),
    ("midi-maternelle", Moment.MIDI, "Pause méridienne", "midi", time(11, 20), time(13, 20), None, (MATERNELLE,)),
    ("midi-hameau", Moment.MIDI, "Pause méridienne", "midi", time(12), time(13, 30), None, (HAMEAU,)),
    ("soir", Moment.SOIR, "Soir", "soir", time(16, 30), time(18, 30), None, (ELEMENTAIRE, HAMEAU)),
    ("soir-maternelle", Moment.SOIR, "Soir", "soir", time(16, 20), time(18, 30), 24, (MATERNELLE,)),
)
MIDIS = {MATERNELLE: "midi-maternelle", ELEMENTAIRE: "midi", HAMEAU: "midi-hameau"}
MERCREDI = "mercredi"  # the créneau of a whole day, at the hamlet alone, too small for all
INES, SAMIR, LUCIE, CANTINE = "1000017", "1000033", "1000041", "1000025"
AFFECTATIONS = {
    INES: (MATERNELLE,),
    SAMIR: (ELEMENTAIRE,),
    LUCIE: (HAMEAU,),
    CANTINE: (MATERNELLE, ELEMENTAIRE, HAMEAU),
}
REGISSEUSE = "1000058"
_INES, _CANTINE, _REGISSEUSE = (a for a in agents.AGENTS if a.identifiant in (INES, CANTINE, REGISSEUSE))
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
    _REGISSEUSE,
]


def is_loaded() -> bool:
    """Whether this database holds the demonstration of a town of three schools, whatever was changed in it since."""
    siens = [PARENT, agents.SECRETAIRE.identifiant]
    return User.objects.filter(identifiant__in=siens).count() == len(siens)


def comptes() -> list[CompteDemo]:
    """The accounts of the demonstration of a town of three schools, to show to who tries it."""
    qui = {
        PARENT: ("Parent de trois enfants, un par école", MOT_DE_PASSE),
        **{agent.identifiant: (agent.qui, agent.mot_de_passe) for agent in AGENTS},
    }
    users = User.objects.in_bulk(qui, field_name="identifiant")
    return [
        CompteDemo(texte, users[cle], secret, "make code-ville") for cle, (texte, secret) in qui.items() if cle in users
    ]


def load(now: datetime) -> None:
    """Fill the database with the demonstration of a town of three schools as it is at `now` (aware), in one
    transaction.
    """
    today = now.astimezone(PARIS).date()
    with transaction.atomic():
        annee = preparer_annee(today.year if today.month >= 7 else today.year - 1, AnneeScolaire.Zone.A).annee
        annee.mercredi = True
        annee.save(update_fields=["mercredi"])
        ecoles = _build()
        for code, ecole in ecoles.items():
            eleves, responsables = (DOSSIER / "ville" / code / f"CSVExtraction-{nom}.csv" for nom in _FICHIERS)
            importer(lire(Fichier.open(eleves), Fichier.open(responsables)), annee, now=now, ecole=ecole)
        _open_accounts(ecoles)
        _set_pai(annee, ecoles[MATERNELLE])
        let_fetch(now, montres=_parents())
        calendrier = load_calendrier()
        _strike(calendrier, ecoles[ELEMENTAIRE], today)
        depuis = next(iter(passe.mois_vecus(calendrier, today)), today)
        vie.live(calendrier, annee, now, vierges=_parents(), depuis=depuis)
        _wait(calendrier, ecoles[HAMEAU], now)
        passe.keep_old_sheets(calendrier, depuis, vie.premier_pointe(calendrier, today) - UN_JOUR)
        vie.keep_sheets(calendrier, now)
        for code, midi in MIDIS.items():
            cantine.eat(calendrier, now, midi, ecoles=[ecoles[code]], montres=_parents(), oublis=1)
        _fall_ill(calendrier, ecoles, now)
        brouillon = Message.objects.create(objet="Photos de classe", texte=PHOTOS, ecrit_le=now)
        brouillon.ecoles.set([ecoles[MATERNELLE]])
        for suite in ExtensionEnfance.installed().demo:
            import_string(suite)(now)
        # the mails of these past weeks were read long ago
        lus = [task.module_path for task in (send_confirmation, send_enregistrements, tell_absences)]
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
    mercredis = Creneau.objects.create(
        code=MERCREDI,
        moment=Moment.JOURNEE,
        nom="Mercredi",
        nom_court="mercredi",
        debut=time(8),
        fin=time(17, 30),
        places=6,
        ordre=len(CRENEAUX) + 1,
        delai_inscription=regle,
        **{jour: jour == MERCREDI for jour in JOURS},
    )
    mercredis.ecoles.set([ecoles[HAMEAU]])
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


def _set_pai(annee: AnneeScolaire, ecole: Ecole) -> None:
    """A child of this school has a health plan until the end of the year."""
    montres = Enfant.objects.filter(responsables__user__identifiant=PARENT)
    eleves = Scolarite.objects.filter(annee=annee, ecole=ecole).exclude(enfant__in=montres)
    Enfant.objects.filter(pk=eleves.earliest("enfant").enfant_id).update(pai=True, pai_fin=annee.fin, consigne=TROUSSE)


def _wait(calendrier: Calendrier, ecole: Ecole, now: datetime) -> None:
    """Two of those whom the next Wednesday could not take wait for a place since yesterday."""
    hier = now - timedelta(days=1)
    premier = now.astimezone(PARIS).date() + timedelta(days=2)
    jours = calendrier.jours_ecole(premier, premier + timedelta(days=60))
    jour = next((jour for jour in jours if jour.weekday() == vie.MERCREDI), None)
    if jour is None:
        return
    pris = Inscription.objects.filter(creneau__code=MERCREDI, jour=jour).order_by().values("enfant")
    montres = Enfant.objects.filter(responsables__user__identifiant=PARENT)
    autres = Scolarite.objects.filter(ecole=ecole).exclude(enfant__in=pris).exclude(enfant__in=montres)
    for enfant in autres.order_by("enfant").values_list("enfant", flat=True)[:2]:
        parent = Responsable.objects.filter(enfants=enfant).earliest("pk")
        attente = Changement(Cle(enfant, jour, MERCREDI), Inscription.Etat.ATTENTE)
        enregistrer([attente], Acteur.parent(parent), now=hier)


def _fall_ill(calendrier: Calendrier, ecoles: dict[str, Ecole], now: datetime) -> None:
    """One child a school will not come on the school day that is nearest, as its family said."""
    today = now.astimezone(PARIS).date()
    jour = today if calendrier.is_ecole(today) else calendrier.ecole_apres(today)
    if jour is None:
        return
    avant = min(now, datetime.combine(jour, time(7), PARIS))  # nothing of that day had begun
    codes = list(Creneau.objects.values_list("code", flat=True))
    for ecole in ecoles.values():
        attendus = Inscription.objects.inscrit().filter(jour=jour, enfant__scolarites__ecole=ecole)
        for enfant in attendus.order_by("-enfant").values_list("enfant", flat=True)[:1]:
            parent = Responsable.objects.filter(enfants=enfant).earliest("pk")
            signaler(Acteur.parent(parent), {enfant: codes}, jour, now=avant)


def _strike(calendrier: Calendrier, ecole: Ecole, today: date) -> None:
    """A strike a fortnight from now, at one school."""
    jours = calendrier.jours_ecole(today + timedelta(days=14), today + timedelta(days=120))
    jour = next((jour for jour in jours if jour.weekday() != vie.MERCREDI), None)
    if jour:
        greve = Fermeture.objects.create(debut=jour, fin=jour, motif="grève")
        greve.ecoles.set([ecole])
