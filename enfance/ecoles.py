"""The schools of the commune for whoever asks: those of an agent, the one that nobody has to name."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.apps import apps as here
from django.apps.registry import Apps
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.management.color import no_style
from django.db import connections
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Value, When

from accounts.models import StaffUser, User
from enfance.models.ecoles import PREMIERE, Affectation, Ecole, EcoleQuerySet
from enfance.models.garderie import Creneau, CreneauQuerySet
from portail.francais import et
from portail.groupes import CANTINE, ECOLE, EQUIPE

# The same as `plusieurs`, for a query that is made anyway.
PLUSIEURS = Exists(Ecole.objects.filter(Exists(Ecole.objects.filter(pk__gt=OuterRef("pk")))))
SUR_PLACE = (EQUIPE, CANTINE, ECOLE)  # the groups whose agents work in some schools; the others see the town
UN_GROUPE = f"Une école ne se dit que d’un agent des groupes {et(SUR_PLACE)}."


def plusieurs() -> bool:
    """Whether the town has more than one school: only then does a page, a mail or a command say a word of them."""
    return Ecole.objects.count() > 1


def ecoles_of(agent: User) -> EcoleQuerySet:
    """The schools whose children this agent sees, in their order; one query, when it is read.

    The town hall sees all of them, and so does everybody while there is one school. Where there are several, an agent
    of the team or of the canteen alone, or of no group, sees the schools where an `Affectation` says that they work, if
    any.
    """
    if agent.is_superuser:
        return Ecole.objects.all()
    mairie = Exists(Group.objects.filter(user=agent).exclude(name__in=SUR_PLACE))
    seule = ~Exists(Ecole.objects.exclude(pk=OuterRef("pk")))
    return Ecole.objects.filter(Q(mairie) | Q(seule) | Q(pk__in=Ecole.objects.of_agent(agent).order_by().values("pk")))


def is_assigned(agent: User) -> bool:
    """Whether the schools where this agent works must be listed: the town has several, and the agent is of a group that
    works on site (team, canteen).
    """
    return agent.groups.filter(name__in=SUR_PLACE).exists() and plusieurs()


def agents_sans_ecole() -> QuerySet[StaffUser]:
    """The agents who see no child, as they work on site and are assigned to no school; nobody while the town has one
    school.
    """
    ailleurs = Group.objects.filter(user=OuterRef("pk")).exclude(name__in=SUR_PLACE)
    dits = Affectation.objects.filter(agent=OuterRef("pk"))
    agents: QuerySet[Any] = StaffUser.objects.filter(is_active=True, is_superuser=False)
    sur_place = Exists(Group.objects.filter(user=OuterRef("pk"), name__in=SUR_PLACE))
    return agents.filter(PLUSIEURS, sur_place, ~Exists(ailleurs), ~Exists(dits))


def ecoles_to_choose() -> list[tuple[str, str]]:
    """The schools where an agent may work, as pairs of code and name; empty while the town has one."""
    ecoles = [(ecole.code, ecole.nom) for ecole in Ecole.objects.all()]
    return ecoles if len(ecoles) > 1 else []


def check_ecoles(groupe: str, codes: Collection[str]) -> None:
    """Check that an agent of this group is given schools (codes) if the group works on site, and none otherwise; else
    ValidationError.
    """
    if codes and groupe not in SUR_PLACE:
        raise ValidationError(UN_GROUPE)
    if not codes and groupe in SUR_PLACE:
        raise ValidationError("Choisissez au moins une école\u00a0: sans cela, cet agent ne verrait aucun enfant.")


def assign(agent: User, codes: Collection[str]) -> str:
    """Assign this new agent to the schools of these codes, and return a sentence for who opens the account, empty while
    the town has one school. ValidationError for an unknown code, and for an agent who sees all schools.
    """
    ecoles = {ecole.code: ecole for ecole in Ecole.objects.all()}
    connus = ", ".join(ecoles)
    for code in codes:
        if code not in ecoles:
            raise ValidationError(f"Aucune école n’a le code «\u00a0{code}\u00a0». Codes connus\u00a0: {connus}.")
    if codes and not agent.groups.filter(name__in=SUR_PLACE).exists():
        raise ValidationError(UN_GROUPE)
    dites = [ecoles[code] for code in dict.fromkeys(codes)]
    Affectation.objects.bulk_create(Affectation(agent=agent, ecole=ecole) for ecole in dites)
    if not is_assigned(agent):
        return ""
    if dites:
        return f"Travaille à\u00a0: {', '.join(map(str, dites))}."
    return f"Sans école, cet agent ne voit rien\u00a0: dites-la sur sa page. Codes pour --ecole\u00a0: {connus}."


def creneaux_of(agent: User) -> CreneauQuerySet:
    """The créneaux whose attendance sheets this agent keeps: those that one of their schools holds; none for an agent
    without school.
    """
    return creneaux_in(ecoles_of(agent))


def creneaux_in(ecoles: EcoleQuerySet) -> CreneauQuerySet:
    """The créneaux that one of these schools holds; none when there is no school among them."""
    ecoles = ecoles.order_by()
    creneaux: CreneauQuerySet = Creneau.objects.all().held_by(ecoles.values("pk"))
    return creneaux.filter(Exists(ecoles))


def nom_ecole() -> Case:
    """An expression to annotate rows that have an `ecole`: the name of the school where the town has several, else an
    empty text.
    """
    autre = Exists(Ecole.objects.exclude(pk=OuterRef("ecole")))
    return Case(When(autre, then=F("ecole__nom")), default=Value(""))


@dataclass(frozen=True)
class Garderie:
    """Where families call for a child who goes to a school."""

    ecole: str
    telephone: str


def mots_garderie(ecoles: Iterable[Ecole]) -> dict[str, object]:
    """The words that replace the town's telephone of the garderie, in a page or mail about children of these schools:
    one number, or each school with its own when they differ. Empty when it is the town's.
    """
    garderies = [Garderie(ecole.nom, ecole.telephone or settings.GARDERIE_TELEPHONE) for ecole in ecoles]
    numeros = {garderie.telephone for garderie in garderies}
    if len(numeros) == 1:
        return {"garderie_telephone": numeros.pop()} if numeros != {settings.GARDERIE_TELEPHONE} else {}
    return {"garderies": garderies} if garderies else {}


def make_first_school(*, using: str, apps: Apps = here, **kwargs: Any) -> None:
    """Create the school that every database has, where there is none; it is called after `migrate` and `flush`, on the
    database `using`.
    """
    try:
        Ecole = apps.get_model("enfance", "Ecole")  # noqa: N806 (of the migration that was just reached)
    except LookupError:
        return
    ecoles = Ecole._default_manager.using(using)
    if not ecoles.exists():
        ecoles.create(pk=PREMIERE, nom="École", code="ecole")
        ops = connections[using].ops
        ops.execute_sql_flush(ops.sequence_reset_sql(no_style(), [Ecole]))
