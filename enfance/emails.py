"""What the mails about inscriptions say, and to whom. First names only: no class, no health, never the other foyer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import User
from enfance import delais
from enfance.models import Enfant, Enregistrement, Evenement, Inscription, load_calendrier
from enfance.regles import Action, regle
from portail.dates import MOIS, date_heure, jour_court, jour_long

Etat = Inscription.Etat


@dataclass(frozen=True)
class EnfantCourriel:
    """The changes of one child: a sign and a sentence each."""

    prenom: str
    lignes: list[str]


def recipients(enregistrement: Enregistrement) -> list[User]:
    """Each adult who may see a child that the save touched, one an address."""
    adultes = User.objects.filter(
        responsable__responsabilites__suspendue=False,
        responsable__responsabilites__enfant__evenements__enregistrement=enregistrement,
        is_active=True,
    ).exclude(email="")
    return list({user.email.lower(): user for user in adultes.order_by("-pk")}.values())


def mail_of(enregistrement: Enregistrement) -> str:
    """Which mail tells of the save: a place that came free is news of its own."""
    return "place_liberee" if enregistrement.porte == Enregistrement.Porte.SYSTEME else "confirmation"


def visible_events(enregistrement: Enregistrement, user: User) -> QuerySet[Evenement]:
    """The changes of the save that this account may know."""
    enfants = Enfant.objects.filter(responsabilites__responsable__user=user, responsabilites__suspendue=False)
    evenements = enregistrement.evenements.filter(enfant__in=enfants)
    return evenements.select_related("enfant", "creneau__delai_inscription", "creneau__delai_annulation").order_by(
        "enfant__prenom", "enfant", "jour", "creneau__ordre"
    )


def confirmation_context(enregistrement: Enregistrement, user: User, *, now: datetime) -> dict[str, Any] | None:
    """The context of the mail « confirmation », None when the account may see nothing of the save."""
    evenements = list(visible_events(enregistrement, user))
    if not evenements:
        return None
    par_enfant: dict[int, EnfantCourriel] = {}
    for evenement in evenements:
        enfant = par_enfant.setdefault(evenement.enfant_id, EnfantCourriel(evenement.enfant.prenom, []))
        enfant.lignes.append(_ligne(evenement))
    return {
        "noms": delais.et(list(dict.fromkeys(enfant.prenom for enfant in par_enfant.values()))),
        "nombre": len(evenements),
        "enfants": list(par_enfant.values()),
        "premier": evenements[0],
        "premier_jour": jour_long(evenements[0].jour),
        "premier_jour_court": jour_court(evenements[0].jour),
        "jour_url": settings.SITE_URL + reverse("enfance:jour", args=[evenements[0].jour]),
        "quand": date_heure(enregistrement.quand),
        "reference": enregistrement.pk,
        "par_la_mairie": enregistrement.auteur_id != user.pk,
        "midi": any(evenement.creneau.code == "midi" for evenement in evenements),
        "attente": any(evenement.apres == Etat.ATTENTE for evenement in evenements),
        **_suite(evenements, now),
    }


def _ligne(evenement: Evenement) -> str:
    """« + mardi 8 décembre, soir (16 h 30 – 18 h 30) »."""
    signe = {Etat.INSCRIT: "+", Etat.ATTENTE: "en liste d’attente :", Etat.ANNULEE: "−"}[Etat(evenement.apres)]
    creneau = evenement.creneau
    return f"{signe} {jour_long(evenement.jour)}, {creneau.nom_court} ({creneau.detail})".replace(" :", "\u00a0:")


def _suite(evenements: list[Evenement], now: datetime) -> dict[str, Any]:
    """Until when the first of the days that is still open may be changed again, and where."""
    calendrier = load_calendrier()
    for evenement in sorted(evenements, key=lambda e: e.jour):
        action = Action.INSCRIRE if evenement.apres == Etat.ANNULEE else Action.ANNULER
        limite = delais.limite(evenement.jour, regle(evenement.creneau, action).valeur, calendrier)
        if now < limite:
            mois = evenement.jour.replace(day=1)
            return {
                "modifiable": jour_court(evenement.jour),
                "limite": delais.instant_phrase(limite),
                "planning_url": settings.SITE_URL + reverse("enfance:planning_mois", args=[mois]),
                "mois": MOIS[mois.month - 1],
            }
    return {
        "modifiable": "",
        "limite": "",
        "planning_url": f"{settings.SITE_URL}{reverse('enfance:planning')}",
        "mois": "",
    }
