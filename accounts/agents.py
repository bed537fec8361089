"""Who may open, close or reset an agent's account: Informatique anybody's, Secrétariat those of Équipe and Cantine, and
nobody their own (AUT-11)."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import QuerySet

from accounts import groups
from accounts.models import StaffUser, User
from portail.groupes import CANTINE, ECOLE, EQUIPE, GROUPES, INFORMATIQUE, SECRETARIAT

GIVEN_BY = {INFORMATIQUE: list(GROUPES), SECRETARIAT: [EQUIPE, CANTINE, ECOLE]}


def groups_given_by(agent: User) -> list[str]:
    """The names of the groups whose accounts this agent may open and change, in the order of the table of rights."""
    if agent.is_superuser:
        return list(GROUPES)
    own = [group.name for group in agent.groups.all()]
    given = {name for group in own for name in GIVEN_BY.get(group, [])}
    return [name for name in GROUPES if name in given]


def handled_by(agent: User, staff: QuerySet[User]) -> QuerySet[User]:
    """The accounts among `staff` that this agent may open or change: those whose groups are all given by the agent
    (`groups_given_by`). The account of a superuser may be handled by another superuser alone."""
    beyond = Group.objects.exclude(name__in=groups_given_by(agent))
    staff = staff.exclude(groups__in=beyond)
    return staff if agent.is_superuser else staff.filter(is_superuser=False)


def may_handle(agent: User, other: User) -> bool:
    """Whether `agent` may change the account `other`: it is not their own, and its groups are all of those that the
    agent gives."""
    return agent.pk != other.pk and handled_by(agent, StaffUser.objects.filter(pk=other.pk)).exists()


def open_account(*, group: str, last_name: str, first_name: str, email: str, now: datetime) -> User:
    """Create and return the account of a new agent in this group, under a number that is drawn, with no password yet:
    the agent chooses it with a temporary one. Sends no mail. The rights of all the groups are brought to the table of
    rights first. Raises ValidationError when a value is refused."""
    user = User(
        identifiant=User.objects.new_identifiant(),
        last_name=last_name,
        first_name=first_name,
        email=email,
        is_staff=True,
        created_at=now,
    )
    user.set_unusable_password()
    user.full_clean()
    with transaction.atomic():
        groups.sync()  # never a group without its rights, nor with those of before
        user.save()
        user.groups.add(Group.objects.get(name=group))
    return user
