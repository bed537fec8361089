"""A list of meals imported on a Thursday evening, and what is read back."""

from datetime import date, datetime

from enfance.cantine.liste_repas import lire
from enfance.cantine.repas import importer
from enfance.models import Repas
from portail.dates import PARIS
from portail.tables import Fichier
from tests.reading import plain

NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)
MARDI_8 = date(2026, 12, 8)


def importe(*lignes, **champs):
    """Import « MOREL;Tom;;08/12/2026 »."""
    fichier = Fichier("repas.csv", "\n".join(["Nom;Prénom;Classe;Date", *lignes]).encode())
    return importer(lire(fichier), **{"now": NOW, "retirer": True} | champs)


def repas():
    return list(Repas.objects.order_by("jour", "enfant").values_list("enfant__prenom", "jour"))


def refus(bilan):
    return [plain(un_refus) for un_refus in bilan.refus]
