"""What the tests of closures share: Léa and Camille on a Thursday evening, what the worker does."""

from datetime import date, datetime

import pytest
from django_tasks_db.models import DBTaskResult

from enfance.inscriptions import Changement, enregistrer
from enfance.mairie.fermetures.ecriture import Portee, fermer
from enfance.models import Enregistrement, Evenement, Fermeture, Inscription
from enfance.regles import Acteur, Cle
from portail.dates import PARIS
from tests.factories import (
    ResponsableFactory,
    make_creneaux,
    make_enfant,
)

NOW = datetime(2026, 12, 3, 20, 40, tzinfo=PARIS)
LUNDI_14, MARDI_15, JEUDI_17 = date(2026, 12, 14), date(2026, 12, 15), date(2026, 12, 17)
Etat, Origine = Inscription.Etat, Inscription.Origine


@pytest.fixture(autouse=True)
def creneaux(time_machine):
    time_machine.move_to(NOW, tick=False)
    return make_creneaux()


@pytest.fixture
def camille():
    return ResponsableFactory()


@pytest.fixture
def lea(camille):
    return make_enfant(camille, prenom="Léa")


def save(responsable, enfant, *moments, voulu=Etat.INSCRIT, jour=MARDI_15, now=NOW):
    changements = [Changement(Cle(enfant.pk, jour, moment), voulu) for moment in moments]
    resultat = enregistrer(changements, Acteur.parent(responsable), now=now)
    assert resultat.refus == ()
    return resultat


def close(debut=MARDI_15, fin=MARDI_15, motif="formation de l’équipe", *, now=NOW, simuler=False, **champs):
    return fermer(Portee(debut, fin, motif, **champs), now=now, simuler=simuler)


def etats(**filtre):
    lignes = Inscription.objects.filter(**filtre).order_by("jour", "creneau__ordre", "enfant")
    return {(i.enfant.prenom, i.jour.day, i.creneau.code): i.etat for i in lignes.select_related("enfant", "creneau")}


def everything():
    modeles = (Inscription, Enregistrement, Evenement, Fermeture, DBTaskResult)
    return {modele.__name__: sorted(modele.objects.values_list(), key=str) for modele in modeles}


def run_tasks():
    """What the worker does: the mails are then in the outbox."""
    while waiting := list(DBTaskResult.objects.filter(status="READY")):
        for row in waiting:
            row.delete()
            row.task.func(*row.args_kwargs["args"], **row.args_kwargs["kwargs"])
