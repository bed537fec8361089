"""All that is kept about a person and their children, as one file (RGPD, article 15). Reads, never writes.

Nothing of the other parent's but what the portal already shows: never their name, address, phone nor e-mail.
What each app adds (`enfance.extensions`) is told; which columns of a child are, `enfance.famille.parties` says.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Model

from accounts.models import User
from enfance.extensions import Demandeur, ExtensionEnfance, Lecture, Partie
from enfance.models import Ecole, Responsable


def load_donnees(user: User, *, now: datetime) -> dict[str, Any]:
    """Everything kept about this account and its children, as the values of one file: the commune, the date, and a list
    for each part, empty ones included, so that it also says what is not kept.
    """
    responsable = Responsable.objects.select_related("user", "foyer").filter(user=user).first()
    personne = Demandeur(user, responsable)
    plusieurs = Ecole.objects.count() > 1
    return {
        "commune": settings.COMMUNE_NOM,
        "fait le": now,
        **{
            partie.nom: [_ligne(partie, objet, personne, plusieurs) for objet in partie.lignes(personne)]
            for partie in ExtensionEnfance.installed().donnees
        },
    }


def _ligne(partie: Partie, objet: Any, personne: Demandeur, plusieurs: bool) -> dict[str, Any]:
    agents = partie.champs_agents if personne.user.is_staff else {}
    champs = {**partie.champs, **(partie.champs_plusieurs if plusieurs else {}), **agents}
    return {nom: _valeur(objet, lecture, personne) for nom, lecture in champs.items()}


def _valeur(objet: Any, lecture: Lecture, personne: Demandeur) -> Any:
    """A choice as its French label, a row as its name."""
    if callable(lecture):
        return lecture(objet, personne)
    *liens, champ = lecture.split(".")
    for lien in liens:
        objet = getattr(objet, lien)
    libelle = getattr(objet, f"get_{champ}_display", None)
    valeur = libelle() if libelle else getattr(objet, champ)
    return str(valeur) if isinstance(valeur, Model) else valeur
