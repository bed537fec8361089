"""The mail of what the town hall answers for an absence: excused or billed, and why."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.urls import reverse

from accounts.models import User
from enfance.models import Enfant
from facturation.models import ReponseAbsence
from portail.dates import jour_long, jours_groupes
from portail.francais import de, et

SeanceDite = tuple[date, int]  # the day and the créneau (primary key) that an answer is about


def readers_of(
    enfant: int, foyers: Mapping[SeanceDite, int | None], auteurs: Mapping[date, Collection[int | None]]
) -> list[tuple[User, set[SeanceDite]]]:
    """The accounts to mail when the town hall has answered about this child's absences, each with what its mail may
    tell.

    They are the active accounts with an e-mail address of adults who may see this child, one an address. `foyers`: the
    foyer that pays each séance, all as primary keys. An adult is told of the séances that their own foyer pays; an
    account that told the absence of a day (`auteurs`), of all of that day. Who has nothing to read is left out.
    """
    adultes = User.objects.filter(
        responsable__responsabilites__enfant=enfant,
        responsable__responsabilites__suspendue=False,
        is_active=True,
    )
    lus: dict[str, tuple[User, set[SeanceDite]]] = {}
    for user in adultes.exclude(email="").select_related("responsable").order_by("pk"):
        sien = user.responsable.foyer_id
        siennes = {
            (jour, creneau)
            for (jour, creneau), foyer in foyers.items()
            if user.pk in auteurs[jour] or (foyer and foyer == sien)
        }
        if siennes:
            lus.setdefault(user.email.lower(), (user, set()))[1].update(siennes)
    return list(lus.values())


def load_reponses_dites(cles: Collection[int]) -> list[ReponseAbsence]:
    """Among the answers of the town hall to absences that have these primary keys, the ones that no later answer about
    the same child, day and créneau has replaced; by day, in the order of its créneaux.
    """
    apres = ReponseAbsence.objects.filter(
        enfant=OuterRef("enfant"), jour=OuterRef("jour"), creneau=OuterRef("creneau"), pk__gt=OuterRef("pk")
    )
    lues = ReponseAbsence.objects.filter(~Exists(apres), pk__in=cles).select_related("enfant", "creneau")
    return list(lues.order_by("jour", "creneau__ordre", "creneau"))


def reponse_context(reponses: Collection[ReponseAbsence], user: User) -> dict[str, Any] | None:
    """The context of the mail « reponse_absence », which tells this account what the town hall answered for a decision.

    `reponses`, at least one, are about one child and by day. None when this account may no longer see the child.
    """
    premiere = next(iter(reponses))
    responsable = getattr(user, "responsable", None)
    if responsable is None:
        return None
    if not Enfant.objects.for_responsable(responsable).filter(pk=premiere.enfant_id).exists():
        return None
    journees: dict[date, list[str]] = {}
    for reponse in reponses:
        journees.setdefault(reponse.jour, []).append(reponse.creneau.nom_court)
    return {
        "de_qui": de(premiere.enfant.prenom),
        "jours": jours_groupes(journees),
        "journees": [(jour_long(jour), et(moments)) for jour, moments in journees.items()],
        "excusee": premiere.reponse == ReponseAbsence.Reponse.EXCUSEE,
        "motif": premiere.motif,
        "nature": "Réponse à une absence",
        "url": settings.SITE_URL + reverse("facturation:factures"),
    }
