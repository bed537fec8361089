"""What the mails about inscriptions say, and to whom. First names only: no class, no health, never the other foyer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from enfance import delais
from enfance.cantines import load_ecoles, mots_cantine
from enfance.courriels.attente import en_attente, sujet_places
from enfance.courriels.ensemble import net, net_repas, quand_phrase, references_phrase, suites, sujet
from enfance.famille.ecoles import ecoles_of
from enfance.models import (
    Creneau,
    Enfant,
    Enregistrement,
    Evenement,
    EvenementRepas,
    Inscription,
    Recapitulatif,
    Responsable,
    load_calendrier,
)
from enfance.planning.consignes import regles_phrases
from enfance.planning.ecarts import load_ecarts
from enfance.planning.historique import (
    jours_phrase,
    mot_repas,
    rangs_phrase,
    repas_phrases,
    repris_phrases,
    with_repas,
)
from enfance.planning.recapitulatif import words_of
from enfance.planning.repas import sans_midi_phrase
from enfance.regles import Acteur, Action, limite_of
from enfance.situation import load_situation
from portail.dates import MOIS, PARIS, date_heure, jour_court, jour_long
from portail.francais import NBSP, et

Etat = Inscription.Etat
NEWS = {Enregistrement.Porte.SYSTEME, Enregistrement.Porte.REPAS}  # of these doors, mails of their own
LIGNES = 12  # changes of a child that a mail names one by one


@dataclass(frozen=True)
class EnfantCourriel:
    """The changes of one child: a sign and a sentence each. `ecole` where the family has several."""

    prenom: str
    lignes: list[str]
    ecole: str = ""

    @property
    def titre(self) -> str:
        """The child's first name, with its school where the family has several: « Léa », « Léa, École du Hameau »."""
        return ", ".join(filter(None, [self.prenom, self.ecole]))


def mail_of(enregistrement: Enregistrement, user: User, *, now: datetime) -> tuple[str, dict[str, Any] | None]:
    """Which mail tells this account of the save: the name of its template, and its context, None when the account may
    see nothing of the save.

    A place that came free, and the lunch break that goes with a meal, have mails of their own. A save by a weekly
    pattern is told by counts, unless it was undone meanwhile.
    """
    if enregistrement.porte == Enregistrement.Porte.SYSTEME:
        return "place_liberee", _place_context(enregistrement, user, now=now)
    if enregistrement.porte == Enregistrement.Porte.REPAS:
        return "repas_d_office", confirmation_context([enregistrement], user, now=now)
    is_semaine = enregistrement.porte == Enregistrement.Porte.SEMAINE_TYPE
    if is_semaine and (context := semaine_type_context(enregistrement, user, now=now)):
        return "semaine_type", context
    return "confirmation", confirmation_context([enregistrement], user, now=now)


def mail_of_several(
    enregistrements: Sequence[Enregistrement], user: User, *, now: datetime
) -> tuple[str, dict[str, Any] | None]:
    """Which mail tells this account of these saves, in order, all at once: the name of its template, and its context,
    None when the account may see nothing of them.
    """
    if len(enregistrements) == 1:
        return mail_of(enregistrements[0], user, now=now)
    return "confirmation", confirmation_context(enregistrements, user, now=now)


def visible_events(enregistrement: Enregistrement, user: User) -> QuerySet[Evenement]:
    """The changes of this save, for the children that this account may see, in the order of the mail."""
    return _visible_events([enregistrement], user)


def _visible_events(enregistrements: Sequence[Enregistrement], user: User) -> QuerySet[Evenement]:
    enfants = Enfant.objects.filter(responsabilites__responsable__user=user, responsabilites__suspendue=False)
    evenements = Evenement.objects.filter(enregistrement__in=enregistrements, enfant__in=enfants)
    return evenements.select_related("enfant", "creneau__delai_inscription", "creneau__delai_annulation").order_by(
        "enfant__date_naissance", "enfant__prenom", "enfant", "jour", "creneau__ordre", "enregistrement_id"
    )


def visible_dits(enregistrements: Sequence[Enregistrement], user: User) -> QuerySet[EvenementRepas]:
    """What these saves say of meals (cancelled by the family, or no longer), for the children that this account may
    see.
    """
    enfants = Enfant.objects.filter(responsabilites__responsable__user=user, responsabilites__suspendue=False)
    dits = EvenementRepas.objects.filter(enregistrement__in=enregistrements, enfant__in=enfants)
    return dits.select_related("enfant").order_by(
        "enfant__date_naissance", "enfant__prenom", "enfant", "jour", "enregistrement_id"
    )


def confirmation_context(
    enregistrements: Sequence[Enregistrement], user: User, *, now: datetime
) -> dict[str, Any] | None:
    """The template context of the mail « confirmation » of these saves, in order; None when this account may see
    nothing of them.

    It tells what is left of them: of what was made, then unmade, only the references stay, and the meals said to be
    cancelled and taken back, as they may really have been cancelled meanwhile.
    """
    touches = list(with_repas(_visible_events(enregistrements, user)))
    dits_touches = list(visible_dits(enregistrements, user))
    tout: list[Evenement | EvenementRepas] = [*touches, *dits_touches]
    if not tout:
        return None
    noms = _noms(tout)
    evenements, dits = net(touches), net_repas(dits_touches)
    traces: list[Evenement | EvenementRepas] = [*evenements, *dits]
    annule = all(enregistrement.annule_id for enregistrement in enregistrements)
    commun = {
        "sujet": sujet(evenements, dits, list(dict.fromkeys(_noms(traces or tout).values())), annule=annule),
        "nature": ""
        if enregistrements[-1].porte in NEWS
        else f"Changements enregistrés pour {et(list(noms.values()))}",
        "quand": quand_phrase(enregistrements),
        "references": references_phrase(enregistrements),
        "reference": enregistrements[-1].pk,
        "par_la_mairie": enregistrements[-1].auteur_id != user.pk,
        "annule": annule,
        "comme_avant": not traces,
        "ordre": bool(evenements) and all(evenement.rang_apres for evenement in evenements),
        **mots_cantine(load_ecoles(noms, timezone.localdate(now))),
    }
    repris = repris_phrases(dits_touches, noms, date.min)
    if not traces:
        rien = {"enfants": [], "midi": bool(repris), "repas": repris, "attente": False, "dits": 0}
        return commun | _suite([], now) | rien
    lecteur = Responsable.objects.filter(user=user).first()
    depuis = suites(evenements, lecteur)
    restes = [evenement for evenement in evenements if evenement.pk not in depuis]
    ecoles = ecoles_of(user, timezone.localdate(now))
    enfants = [
        EnfantCourriel(
            prenom,
            [
                *_lignes([evenement for evenement in evenements if evenement.enfant_id == pk], depuis),
                *(_dit(dit) for dit in dits if dit.enfant_id == pk),
            ],
            ecoles.get(pk, ""),
        )
        for pk, prenom in _noms(traces).items()
    ]
    return {
        **commun,
        "noms": et(list(dict.fromkeys(enfant.prenom for enfant in enfants))),
        "nombre": len(traces),
        "enfants": enfants,
        "premier_jour_court": jour_court(traces[0].jour),
        "jour_url": settings.SITE_URL + reverse("enfance:jour", args=[(dits or traces)[0].jour]),
        "midi": bool(repris) or any(e.creneau.moment == Creneau.Moment.MIDI for e in evenements),
        "repas": [*repas_phrases(restes, noms, date.min), *repris],
        "dits": sum(dit.annule for dit in dits),
        "sans_midi": sans_midi_phrase(dits, noms, date.min),
        "attente": any(evenement.apres == Etat.ATTENTE for evenement in restes),
        **_suite(restes, now),
    }


def _place_context(enregistrement: Enregistrement, user: User, *, now: datetime) -> dict[str, Any] | None:
    """The context of the mail « place libérée »: who of their children has a place, and who still waits on those days.
    None when the account may see nothing of it.
    """
    context = confirmation_context([enregistrement], user, now=now)
    if context is None:
        return None
    evenements = list(visible_events(enregistrement, user))
    noms = list(_noms(evenements).values())
    jours = {evenement.jour for evenement in evenements}
    return context | {"sujet": sujet_places(evenements, noms), "en_attente": en_attente(user, jours)}


def _noms(traces: Iterable[Evenement | EvenementRepas]) -> dict[int, str]:
    """The first names of these children, by primary key, the eldest first."""
    enfants = {trace.enfant_id: trace.enfant for trace in traces}
    ordre = sorted(enfants.values(), key=lambda enfant: (enfant.date_naissance, enfant.prenom, enfant.pk))
    return {enfant.pk: enfant.prenom for enfant in ordre}


def _lignes(evenements: list[Evenement], depuis: Mapping[int, str]) -> list[str]:
    """« + mardi 8 décembre, soir (16 h 30 – 18 h 30) », one line a change, and what became of it; many of them are
    counted by créneau.
    """
    if len(evenements) <= LIGNES:
        return [
            f"{_signe(e)} {jour_long(e.jour)}, {e.creneau.nom_court} ({e.creneau.detail})"
            f"{_tard(e)}{depuis.get(e.pk, '')}"
            for e in evenements
        ]
    groupes: dict[tuple[int, str, str, str], list[Evenement]] = {}
    for evenement in evenements:
        creneau = evenement.creneau
        cle = (creneau.ordre, creneau.nom_court, _signe(evenement), f"{_tard(evenement)}{depuis.get(evenement.pk, '')}")
        groupes.setdefault(cle, []).append(evenement)
    return [
        f"{signe} {nom}, {jours_phrase([e.jour for e in siens], date.min)}{suite}"
        for (_, nom, signe, suite), siens in sorted(groupes.items())
    ]


def _tard(evenement: Evenement) -> str:
    """« , hors délai (+ 2,00 €) » of a late booking."""
    return f", hors délai ({evenement.hors_delai})" if evenement.hors_delai else ""


def _dit(dit: EvenementRepas) -> str:
    """« mardi 8 décembre : repas dit annulé »."""
    return f"{jour_long(dit.jour)}{NBSP}: {mot_repas(dit.annule)}"


def _signe(evenement: Evenement) -> str:
    if evenement.rang_apres:
        return f"du {rangs_phrase(evenement)} de la liste d’attente{NBSP}:"
    return {Etat.INSCRIT: "+", Etat.ATTENTE: f"en liste d’attente{NBSP}:", Etat.ANNULEE: "−"}[Etat(evenement.apres)]


def semaine_type_context(enregistrement: Enregistrement, user: User, *, now: datetime) -> dict[str, Any] | None:
    """The template context of the mail « semaine type », which says what the weekly pattern changed, as the page said
    it. None when this save is undone or keeps no such report, or when this account is not its author or may no longer
    see all its children.
    """
    responsable = Responsable.objects.filter(user=user).select_related("foyer").first()
    recapitulatif = Recapitulatif.objects.filter(enregistrement=enregistrement, auteur=user).first()
    if responsable is None or recapitulatif is None or Enregistrement.objects.filter(annule=enregistrement).exists():
        return None
    prenoms = dict(Enfant.objects.for_responsable(responsable).values_list("pk", "prenom"))
    dit = words_of(recapitulatif, prenoms)
    if dit is None or dit.annee is None or dit.caches:
        return None
    today = timezone.localdate(now)
    situation = load_situation(Acteur.semaine_type(responsable), today, today, now=now)
    return {
        "annee": dit.annee,
        "noms": et([prenoms[vu.pk] for vu in dit.annee.changes]),
        "enfants": [(", ".join(filter(None, [prenoms[vu.pk], vu.ecole])), vu.bloc) for vu in dit.annee.enfants],
        "quand": date_heure(enregistrement.quand),
        "reference": enregistrement.pk,
        "repas": dit.repas,
        "attente": dit.attente,
        "regles": regles_phrases(situation),
        "planning_url": settings.SITE_URL + reverse("enfance:planning_mois", args=[dit.annee.jour]),
        **mots_cantine(situation.ecoles),
    }


def _suite(evenements: list[Evenement], now: datetime) -> dict[str, Any]:
    """Until when the first of the days that is still open may be changed again, and where."""
    calendrier = load_calendrier()
    for evenement in sorted(evenements, key=lambda e: e.jour):
        action = Action.INSCRIRE if evenement.apres == Etat.ANNULEE else Action.ANNULER
        limite = limite_of(evenement.jour, evenement.creneau, action, calendrier)
        if now < limite:
            mois = evenement.jour.replace(day=1)
            return {
                "modifiable": jour_court(evenement.jour),
                "limite": delais.instant_phrase(limite),
                "planning_url": _planning_url([evenement]),
                "mois": MOIS[mois.month - 1],
            }
    return {
        "modifiable": "",
        "limite": "",
        "planning_url": _planning_url(evenements),
        "mois": "",
    }


def _planning_url(evenements: Iterable[Evenement]) -> str:
    """The planning of the month of the first of these changes; that of today without any."""
    premier = min((evenement.jour for evenement in evenements), default=None)
    page = reverse("enfance:planning_mois", args=[premier]) if premier else reverse("enfance:planning")
    return f"{settings.SITE_URL}{page}"


def repas_context(responsable: Responsable, *, now: datetime) -> dict[str, Any] | None:
    """The template context of the mail « repas »: the meals of this parent's children that lack their lunch break; None
    without any.
    """
    today = now.astimezone(PARIS).date()
    situation = load_situation(Acteur.parent(responsable), today, today, now=now, places=False, accueil=True)
    ecarts = load_ecarts(situation, today)
    if not ecarts.sans_midi:
        return None
    return {
        "enfants": ecarts.sans_midi,
        "noms": et([enfant.nom for enfant in ecarts.sans_midi]),
        "accueil_url": settings.SITE_URL + reverse("enfance:accueil"),
        **mots_cantine(situation.ecoles),
    }
