"""What an agent writes in one transaction, by name: done by two at once, or by one who dies in the middle of it.

On the scene of `make_separes`: the parents of one child live apart, and one day in November nobody came.
"""

from __future__ import annotations

from datetime import date, datetime

from accounts.models import User
from enfance.models import Absence, Creneau, Enfant, Foyer
from enfance.regles import Acteur
from facturation.absences.ecriture import justifier, repondre
from facturation.arrete.cloture import arreter
from facturation.payeurs.partages import partager
from facturation.quotients.ecriture import SaisieQuotient, enregistrer
from portail.dates import PARIS
from tests.factories import FoyerFactory, ResponsableFactory, StaffFactory, make_enfant
from tests.facturation.vecu import ENSUITE, LUNDI, NOVEMBRE, clore, inscrire, make_commune

LE_LENDEMAIN = datetime(2026, 11, 3, 9, 5, tzinfo=PARIS)
DECEMBRE = date(2026, 12, 1)


def make_separes() -> Enfant:
    make_commune()
    camille = ResponsableFactory()
    sacha = ResponsableFactory(foyer=FoyerFactory(adresse="3 rue du Lac"))
    lea = make_enfant(camille, sacha)
    for creneau in ("matin", "midi"):
        inscrire(lea, LUNDI, creneau=creneau, foyer=camille.foyer)
    Absence.objects.create(enfant=lea, jour=LUNDI)
    clore(LUNDI)
    for prenom in ("Nadia", "Louis"):
        StaffFactory(first_name=prenom)
    return lea


def foyers() -> list[int]:
    return list(Foyer.objects.order_by("pk").values_list("pk", flat=True))


def agents() -> list[int]:
    return list(User.objects.filter(is_staff=True).order_by("pk").values_list("pk", flat=True))


def close():
    return arreter(NOVEMBRE, None, ENSUITE)


def save_quotients(valeurs=(512, 742), *, reverse=False):
    """The attestations of the two homes, in this order or the other."""
    siens = list(zip(foyers(), valeurs, strict=True))
    saisies = [SaisieQuotient(foyer, valeur, "caf", LUNDI) for foyer, valeur in siens]
    return enregistrer(saisies[::-1] if reverse else saisies, par=agents()[0], now=LE_LENDEMAIN)


def share(parts=(60, 40), debut=None, fin=None):
    return partager(Enfant.objects.get().pk, dict(zip(foyers(), parts, strict=True)), debut, fin)


def answer(agent=0, motif="Certificat reçu.", *, changer=False):
    """Both séances of the day that nobody came."""
    lus = list(Creneau.objects.filter(code__in=["matin", "midi"]).order_by("pk").values_list("pk", flat=True))
    return repondre(
        Enfant.objects.get().pk, {LUNDI: lus}, "excusee", motif, par=agents()[agent], now=LE_LENDEMAIN, changer=changer
    )


def explain():
    responsable = Foyer.objects.order_by("pk")[0].responsables.get()
    return justifier(Acteur.parent(responsable), Enfant.objects.get().pk, LUNDI, "maladie", now=LE_LENDEMAIN)
