"""The school to which the secretary narrows a page: what is offered, which one is asked for, which rows are its own.

Where there is one school nothing is offered, and nothing narrows. Reads, never writes.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest

from enfance.models import (
    Creneau,
    Ecole,
    Enfant,
    Fermeture,
    Foyer,
    Garde,
    Responsabilite,
    Responsable,
    Scolarite,
)
from portail.francais import et

ECOLE = "ecole"  # in an address: the code of a school
TOUTES = "toutes les écoles"


def load_ecoles() -> list[Ecole]:
    """The schools between which a page may be narrowed, in their order; an empty list where the town has
    a single one.
    """
    ecoles = list(Ecole.objects.all())
    return ecoles if len(ecoles) > 1 else []


def ecoles_offered(request: HttpRequest) -> list[Ecole]:
    """The schools between which a page may be narrowed, in their order, read from the database once a request; an empty
    list where the town has a single one.
    """
    held = vars(request)
    if "ecoles_offered" not in held:
        held["ecoles_offered"] = load_ecoles()
    offered: list[Ecole] = held["ecoles_offered"]
    return offered


def ecole_demandee(request: HttpRequest) -> Ecole | None:
    """The school whose code `?ecole=` of the address gives; None when it gives none or an unknown one, or when the town
    has a single school.
    """
    code = request.GET.get(ECOLE)
    return next((ecole for ecole in ecoles_offered(request) if ecole.code == code), None) if code else None


def noms_ecoles(ecoles: Iterable[Ecole]) -> str:
    """The names of these schools in words: « École du Bourg et École du Hameau »; « toutes les écoles » when there is
    none.
    """
    noms = [ecole.nom for ecole in ecoles]
    return et(noms) if noms else TOUTES


def creneau_et_ecoles(creneau: Creneau) -> str:
    """The créneau with the schools that hold it: « Soir (École du Hameau) », « Matin (toutes les écoles) »."""
    return f"{creneau} ({noms_ecoles(creneau.ecoles.all())})"


def du_jour(ecole: Ecole) -> Exists:
    """A condition for a queryset whose rows have `enfant` and `jour`: that the child is a pupil of this school on that
    day.
    """
    return Exists(Scolarite.objects.au_jour().filter(ecole=ecole))


def enfants_of(ecole: Ecole, *, today: date, annee: int | None = None) -> QuerySet[Enfant]:
    """The children whose last school is this one, even gone since: in the school year `annee` (primary key), else in
    the last year that has begun by `today`.
    """
    places = Scolarite.objects.filter(enfant=OuterRef("pk")).latest_begun_first(today)
    siennes = Scolarite.objects.filter(ecole=ecole)
    if annee:
        places, siennes = places.filter(annee=annee), siennes.filter(annee=annee)
    passes: QuerySet[Enfant] = Enfant.objects.filter(pk__in=siennes.order_by().values("enfant")).order_by()
    return passes.alias(derniere=Subquery(places.values("ecole")[:1])).filter(derniere=ecole.pk)


def adultes_of(ecole: Ecole, *, today: date) -> QuerySet[Responsable]:
    """The adults who answer for a child whose last school is this one, in the last year that has begun by `today`.
    Links that a judge suspended count too.
    """
    liens = Responsabilite.objects.filter(enfant__in=enfants_of(ecole, today=today).values("pk")).order_by()
    return Responsable.objects.filter(pk__in=liens.values("responsable")).order_by()


def foyers_of(ecole: Ecole, *, today: date) -> QuerySet[Foyer]:
    """The homes that have garde of the children whose last school is this one, even a garde that is over, and the homes
    of the adults who answer for them.
    """
    gardes = Garde.objects.filter(enfant__in=enfants_of(ecole, today=today).values("pk")).order_by()
    adultes = adultes_of(ecole, today=today).values("foyer")
    return Foyer.objects.filter(Q(pk__in=gardes.values("foyer")) | Q(pk__in=adultes)).order_by()


def fermetures_of(ecole: Ecole) -> QuerySet[Fermeture]:
    """The closures that touch this school: of the schools that they name, of the classes, and of the créneaux, it has
    at least one each; where they name none, all are meant.
    """
    tenus = Creneau.objects.all().held_by([ecole.pk]).order_by().values("pk")
    dites = Fermeture.objects.filter(Q(ecoles=None) | Q(ecoles=ecole))
    dites = dites.filter(Q(classes=None) | Q(classes__ecole=ecole))
    return dites.filter(Q(creneaux=None) | Q(creneaux__in=tenus)).order_by()
