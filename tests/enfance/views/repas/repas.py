"""What these tests do of a school's December: meals on a list, bookings, keys of boxes, a page as it reads."""

from datetime import date

from enfance.models import Creneau, Inscription, ListeRepas, Repas
from tests.enfance.views.conftest import NOW

VENDREDI_4, MARDI_8, JEUDI_10, MARDI_15 = (date(2026, 12, jour) for jour in (4, 8, 10, 15))
MOIS = "/planning/2026-12/"
PAGES = ["/", MOIS, "/jour/2026-12-08/"]


def manger(enfant, *jours, du=date(2026, 12, 1), au=date(2026, 12, 18)):
    """The association's list of December, on which this child eats on these days."""
    liste, _ = ListeRepas.objects.get_or_create(debut=du, fin=au)
    return [Repas.objects.create(enfant=enfant, jour=jour, liste=liste) for jour in jours]


def inscrire(enfant, *jours, etat="inscrit", creneau="midi"):
    for jour in jours:
        Inscription.objects.create(
            enfant=enfant,
            jour=jour,
            creneau=Creneau.objects.get(code=creneau),
            etat=etat,
            attente_depuis=NOW if etat == "attente" else None,
        )


def cle(enfant, jour):
    return f"{enfant.pk}:{jour.isoformat()}"
