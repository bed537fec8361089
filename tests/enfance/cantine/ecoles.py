"""Two schools that eat apart: Léa and Tom in town, Zoé and Nino at the Hameau, each with its own lunch break."""

from datetime import time

from enfance.models import Creneau, Ecole, Scolarite
from tests.factories import ClasseFactory, CreneauFactory, EcoleFactory, make_enfant


def make_deux_ecoles():
    """The schools, the first one and the Hameau: its lunch break is « midi-hameau »."""
    bourg, hameau = Ecole.objects.get(), EcoleFactory()
    Creneau.objects.get(code="midi").ecoles.set([bourg])
    CreneauFactory(
        code="midi-hameau", moment="midi", nom="Midi du Hameau", nom_court="midi", debut=time(12), fin=time(13, 30)
    ).ecoles.set([hameau])
    return bourg, hameau


def make_eleve(responsable, ecole, **champs):
    enfant = make_enfant(responsable, **champs)
    place(enfant, ecole)
    return enfant


def place(enfant, ecole, **champs):
    """Put the child in this school, in a class of its own."""
    classe = ClasseFactory(nom=f"CE1, {ecole.code}", ecole=ecole)
    Scolarite.objects.filter(enfant=enfant).update(ecole=ecole, classe=classe, **champs)
