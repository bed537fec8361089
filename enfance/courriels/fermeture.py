"""The mails of closures and of trips: to each family touched, once; to the association, who will not be at the lunch
break.

A closure and its opening again are two saves of the same door; the second one undoes the first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from enfance.cantines import load_ecoles, mots_cantine
from enfance.courriels import confirmation
from enfance.courriels.confirmation import EnfantCourriel
from enfance.ecoles import plusieurs
from enfance.famille.destinataires import adultes_of, one_an_address
from enfance.famille.ecoles import ecoles_of
from enfance.jours_fermes import fermes_phrase, jours_fermes
from enfance.models import (
    Creneau,
    Ecole,
    Enregistrement,
    Evenement,
    Fermeture,
    Inscription,
    Scolarite,
    load_calendrier,
    of_ecoles,
)
from enfance.natures import MOTS, NatureFermeture
from portail.dates import date_heure, du_au, jour_long
from portail.francais import NBSP, de, et

Etat = Inscription.Etat
Porte = Enregistrement.Porte
MIDI = Creneau.Moment.MIDI
ORDRE = ("enfant__date_naissance", "enfant__prenom", "enfant", "jour", "creneau__ordre", "creneau")


def recipients(enregistrement: Enregistrement) -> list[User]:
    """The accounts to write to about this save, one an address: the adults who may see the children that it touches, or
    that the closure it undoes had touched.
    """
    touches = Evenement.objects.filter(enregistrement__in=_saves(enregistrement))
    return one_an_address(adultes_of(touches.values("enfant")))


def _saves(enregistrement: Enregistrement) -> list[int]:
    """An opening again is also told to those who find nothing back of what the closure had cancelled."""
    return [pk for pk in (enregistrement.pk, enregistrement.annule_id) if pk]


def mail_of(enregistrement: Enregistrement, user: User, *, now: datetime) -> tuple[str, dict[str, Any] | None]:
    """Which mail tells this account of the save, a closure, its lifting or any other: the name of its template, and its
    context, None when there is nothing for this account to know.
    """
    if enregistrement.porte not in Enregistrement.FERMANTES:
        return confirmation.mail_of(enregistrement, user, now=now)
    if is_reouverture(enregistrement):
        return "reouverture", reouverture_context(enregistrement, user, now=now)
    if enregistrement.porte != Porte.FERMETURE:
        return "sortie", sortie_context(enregistrement, user, now=now)
    return "fermeture", fermeture_context(enregistrement, user, now=now)


def is_reouverture(enregistrement: Enregistrement) -> bool:
    """Whether this save of a closure opens the garderie again: it undoes another save, or gives places back."""
    rendus = enregistrement.evenements.filter(apres=Etat.INSCRIT)
    return enregistrement.annule_id is not None or rendus.exists()


def fermeture_context(enregistrement: Enregistrement, user: User, *, now: datetime) -> dict[str, Any] | None:
    """The template context of the mail « fermeture »: what a closure cancelled for the children of this account, and
    why; None when it cancelled nothing for them.
    """
    evenements = list(confirmation.visible_events(enregistrement, user))
    if not evenements:
        return None
    fermeture = enregistrement.fermeture
    creneaux = list(fermeture.creneaux.all()) if fermeture else []
    jours = _jours(enregistrement, fermeture)
    return {
        **_commun(enregistrement, evenements, ecoles_of(user, timezone.localdate(now))),
        "ecoles": _ecoles(evenements),
        "periode": fermes_phrase(jours),
        "moments": et([creneau.nom_court for creneau in creneaux]) if creneaux else "",
        "motif": enregistrement.motif,
        "passee": jours[-1] < timezone.localdate(now),
    }


def sortie_context(enregistrement: Enregistrement, user: User, *, now: datetime) -> dict[str, Any] | None:
    """The template context of the mail « sortie »: which children of this account are away, by a trip or for want of
    their teacher, what that cancelled, and which others are received as usual; None when it cancelled nothing for them.
    """
    evenements = list(confirmation.visible_events(enregistrement, user))
    if not evenements:
        return None
    fermeture, ecoles = enregistrement.fermeture, ecoles_of(user, timezone.localdate(now))
    jours = _jours(enregistrement, fermeture)
    niveaux = _niveaux(user, jours)
    touches = dict.fromkeys(evenement.enfant_id for evenement in evenements)
    commun = _commun(enregistrement, evenements, ecoles)
    partent = [
        replace(enfant, prenom=_with_niveau(enfant.prenom, niveaux.get(pk)))
        for pk, enfant in zip(touches, commun["enfants"], strict=True)
    ]
    ici = {pk: place for pk, place in niveaux.items() if pk not in touches}
    inscrits = Inscription.objects.inscrit().filter(enfant__in=ici, jour__in=jours)
    if fermeture and (creneaux := list(fermeture.creneaux.all())):
        inscrits = inscrits.filter(creneau__in=creneaux)
    return {
        **commun,
        "enfants": partent,
        "de_qui": et([de(prenom) for prenom in _prenoms(e for e in evenements if e.creneau.moment == MIDI)] or [""]),
        "retires": len(evenements),
        "restent": et([_with_niveau(p.enfant.prenom, p) for p in ici.values()]) if ici else "",
        "restent_plusieurs": len(ici) > 1,
        "recus": par_enfant(inscrits.select_related("enfant", "creneau").order_by(*ORDRE), ecoles),
        "objet": _sans(evenements),
        "enseignant": enregistrement.porte == Porte.ENSEIGNANT,
        **_annonce(enregistrement, jours, passee=jours[-1] < timezone.localdate(now)),
    }


def _annonce(enregistrement: Enregistrement, jours: Sequence[date], *, passee: bool) -> dict[str, str]:
    """What the mail says first, and its title. Of a trip that was lifted meanwhile, it is no longer known whose it
    was.
    """
    fermeture, periode, motif = enregistrement.fermeture, fermes_phrase(jours), enregistrement.motif.rstrip(".")
    if enregistrement.porte == Porte.ENSEIGNANT:
        pour = f" pour {fermeture.qui}" if fermeture else ""
        return {
            "titre": f"Enseignant absent {periode}",
            "phrase": f"Pas de classe {periode}{pour}{NBSP}: {motif}.",
        }
    if fermeture is None:
        return {"titre": f"Sortie {periode}", "phrase": f"Sortie {periode}{NBSP}: {motif}."}
    sont = ("était" if passee else "est") if fermeture.is_seule_classe else ("étaient" if passee else "sont")
    qui = fermeture.qui
    return {
        "titre": f"Sortie {fermeture.de_qui} {periode}",
        "phrase": f"{qui[:1].upper()}{qui[1:]} {sont} en sortie {periode}{NBSP}: {motif}.",
    }


def _niveaux(user: User, jours: Sequence[date]) -> dict[int, Scolarite]:
    """Where the children of this account are at school on the first of these days, the eldest first."""
    places = Scolarite.objects.on(jours[0]).filter(
        enfant__responsabilites__responsable__user=user, enfant__responsabilites__suspendue=False
    )
    ordre = ("enfant__date_naissance", "enfant__prenom", "enfant")
    return {place.enfant_id: place for place in places.select_related("enfant").order_by(*ordre)}


def _with_niveau(prenom: str, place: Scolarite | None) -> str:
    """« Anna (CM1) », « Jeanne (grande section) »."""
    if place is None:
        return prenom
    niveau = place.get_niveau_display()
    return f"{prenom} ({niveau.lower() if ' ' in niveau else niveau})"


def _sans(evenements: Sequence[Evenement]) -> str:
    """What it takes from the children, for the subject: « Anna n’a ni midi ni soir », « Léa n’a pas de soir »; of
    several children or days, who it is: « Anna et Tom ».
    """
    prenoms = _prenoms(evenements)
    if len(prenoms) > 1 or len({evenement.jour for evenement in evenements}) > 1:
        return et(prenoms)
    moments = [evenement.creneau.nom_court for evenement in evenements]
    if len(moments) > 1:
        return f"{prenoms[0]} n’a ni {' ni '.join(moments)}"
    return f"{prenoms[0]} n’a pas {de(moments[0])}"


def _jours(enregistrement: Enregistrement, fermeture: Fermeture | None) -> list[date]:
    """The days that the closure takes from the garderie; those that it did cancel, once it is lifted."""
    if fermeture is None:
        return list(enregistrement.evenements.order_by("jour").values_list("jour", flat=True).distinct())
    return jours_fermes(load_calendrier(), fermeture.covered(), fermeture.debut, fermeture.fin)


def _ecoles(evenements: Iterable[Evenement]) -> str:
    """« École du Hameau »: where these children were, in a town of several schools; else nothing is said."""
    if not plusieurs():
        return ""
    cases = {(evenement.enfant_id, evenement.jour) for evenement in evenements}
    jours = [jour for _, jour in cases]
    places = Scolarite.objects.filter(
        enfant__in={enfant for enfant, _ in cases}, annee__debut__lte=max(jours), annee__fin__gte=min(jours)
    )
    ecoles = {
        place.ecole_id
        for place in places
        for enfant, jour in cases
        if enfant == place.enfant_id
        and (place.debut is None or place.debut <= jour)
        and (place.depart is None or jour < place.depart)
    }
    noms = [ecole.nom for ecole in Ecole.objects.filter(pk__in=ecoles)]
    return et(noms) if noms else ""


def reouverture_context(enregistrement: Enregistrement, user: User, *, now: datetime) -> dict[str, Any] | None:
    """The template context of the mail « reouverture »: the places that the children of this account get back, and
    those that they do not, of today on; None without any.
    """
    rendus = list(confirmation.visible_events(enregistrement, user))
    perdus = list(_perdus(enregistrement, user, timezone.localdate(now)))
    if not rendus and not perdus:
        return None
    jours = sorted(evenement.jour for evenement in (*rendus, *perdus))
    ecoles, periode = ecoles_of(user, timezone.localdate(now)), du_au(jours[0], jours[-1])
    return {
        **_commun(enregistrement, rendus, ecoles),
        "ecoles": _ecoles([*rendus, *perdus]),
        "perdus": par_enfant(perdus, ecoles),
        **_reprise(enregistrement, rendus, periode),
        "planning_url": settings.SITE_URL + reverse("enfance:planning_mois", args=[jours[0].replace(day=1)]),
    }


def _reprise(enregistrement: Enregistrement, rendus: Sequence[Evenement], periode: str) -> dict[str, str]:
    """The title of the mail, and what it says first: the garderie is open, the trip does not take place, or is left to
    the other children (it undoes nothing).
    """
    if enregistrement.porte == Porte.FERMETURE:
        return {
            "titre": f"Garderie finalement ouverte {periode}",
            "phrase": f"la garderie sera finalement ouverte {periode}",
        }
    if enregistrement.annule is None:
        prenoms = _prenoms(rendus)
        restent = f"{et(prenoms)} {'restent' if len(prenoms) > 1 else 'reste'} à l’école {periode}"
        return {"titre": restent, "phrase": f"finalement, {restent}"}
    if enregistrement.porte == Porte.ENSEIGNANT:
        return {"titre": f"Il y a classe {periode}", "phrase": f"il y aura finalement classe {periode}"}
    return {"titre": f"Sortie annulée {periode}", "phrase": f"la sortie n’a finalement pas lieu {periode}"}


def _prenoms(evenements: Iterable[Evenement]) -> list[str]:
    return list({evenement.enfant_id: evenement.enfant.prenom for evenement in evenements}.values())


def _perdus(enregistrement: Enregistrement, user: User, today: date) -> Iterable[Evenement]:
    """What the closure had cancelled and is still not there, nor at the school where the child goes now."""
    if enregistrement.annule is None:
        return
    rendus = set(enregistrement.evenements.values_list("enfant", "jour", "creneau"))
    annulees = Inscription.objects.filter(
        etat=Etat.ANNULEE, jour__gte=today, enfant__evenements__enregistrement=enregistrement.annule
    )
    encore = set(annulees.values_list("enfant", "jour", "creneau"))
    quittees = set(annulees.quittees().values_list("enfant", "jour", "creneau"))
    suivies = _suivies(quittees)
    for evenement in confirmation.visible_events(enregistrement.annule, user):
        box = (evenement.enfant_id, evenement.jour, evenement.creneau_id)
        moment = (evenement.enfant_id, evenement.jour, evenement.creneau.moment)
        if box not in encore - rendus:
            continue
        if box in quittees and suivies[moment]:
            suivies[moment] -= 1
            continue
        yield evenement


def _suivies(quittees: Collection[tuple[int, date, int]]) -> Counter[tuple[int, date, str]]:
    """How many places of each moment the children of these boxes (child, day, créneau), whose school holds them no
    more, have on those days at another one.
    """
    if not quittees:
        return Counter()
    lignes = Inscription.objects.inscrit().filter(
        enfant__in={enfant for enfant, _, _ in quittees}, jour__in={jour for _, jour, _ in quittees}
    )
    return Counter(lignes.values_list("enfant", "jour", "creneau__moment"))


def _commun(enregistrement: Enregistrement, evenements: list[Evenement], ecoles: Mapping[int, str]) -> dict[str, Any]:
    return {
        "enfants": par_enfant(evenements, ecoles),
        "midi": any(evenement.creneau.moment == Creneau.Moment.MIDI for evenement in evenements),
        "quand": date_heure(enregistrement.quand),
        "reference": enregistrement.pk,
        **mots_cantine(load_ecoles({e.enfant_id for e in evenements}, timezone.localdate(enregistrement.quand))),
    }


def par_enfant(evenements: Iterable[Evenement | Inscription], ecoles: Mapping[int, str]) -> list[EnfantCourriel]:
    """These changes, or these places, by child, a line a day with its créneaux: « mardi 15 décembre : matin et midi ».
    `ecoles` gives the name of a child's school (by primary key) where it is to be said.
    """
    moments: dict[int, dict[date, list[str]]] = {}
    prenoms: dict[int, str] = {}
    for evenement in evenements:
        prenoms[evenement.enfant_id] = evenement.enfant.prenom
        jours = moments.setdefault(evenement.enfant_id, {})
        jours.setdefault(evenement.jour, []).append(evenement.creneau.nom_court)
    return [
        EnfantCourriel(
            prenoms[enfant],
            [f"{jour_long(jour)}{NBSP}: {et(noms)}" for jour, noms in jours.items()],
            ecoles.get(enfant, ""),
        )
        for enfant, jours in moments.items()
    ]


def cantine_context(enregistrement: Enregistrement, ecoles: Sequence[Ecole] = ()) -> dict[str, Any] | None:
    """The template context of the association's mail: the children of these schools (of the only one, if empty) who
    lose the lunch break by a closure, or get it back, by day; None when there is no such child.
    """
    midis = enregistrement.evenements.filter(creneau__moment=Creneau.Moment.MIDI).select_related("enfant")
    if ecoles:
        midis = of_ecoles(midis, [ecole.pk for ecole in ecoles])
    evenements = list(midis.order_by("jour", "enfant__tri", "pk"))
    if not evenements:
        return None
    enfants = {evenement.enfant_id for evenement in evenements}
    scolarites = Scolarite.objects.filter(enfant__in=enfants).select_related("classe", "annee")
    noms = {ecole.pk: f", {ecole}" for ecole in ecoles} if len(ecoles) > 1 else {}
    places: dict[int, list[Scolarite]] = {}
    for scolarite in scolarites.order_by("annee__debut", F("debut").asc(nulls_first=True)):
        places.setdefault(scolarite.enfant_id, []).append(scolarite)
    jours: dict[date, list[str]] = {}
    for evenement in evenements:
        siennes = places[evenement.enfant_id]
        place = ([s for s in siennes if (s.debut or s.annee.debut) <= evenement.jour] or siennes)[-1]
        classe = f"{place.classe or place.niveau}{noms.get(place.ecole_id, '')}"
        jours.setdefault(evenement.jour, []).append(f"{evenement.enfant}, {classe}")
    periode = du_au(evenements[0].jour, evenements[-1].jour)
    return {
        **_a_la_cantine(enregistrement, periode),
        "periode": periode,
        "ecoles": _ecoles(evenements) if len(ecoles) > 1 else "",
        "jours": [(jour_long(jour).capitalize(), noms) for jour, noms in jours.items()],
        "nombre": len(evenements),
        "reference": enregistrement.pk,
    }


def _a_la_cantine(enregistrement: Enregistrement, periode: str) -> dict[str, str]:
    """The title of the association's mail, and its first sentence, which ends where the children are counted."""
    motif, fermeture, rendu = enregistrement.motif, enregistrement.fermeture, is_reouverture(enregistrement)
    etaient, sont = "Ces enfants y étaient inscrits", "Ces enfants y sont de nouveau inscrits"
    if enregistrement.porte == Porte.FERMETURE and rendu:
        return {
            "titre": "Pause méridienne rétablie",
            "phrase": f"La pause méridienne a finalement lieu {periode}. {sont}",
        }
    if enregistrement.porte == Porte.FERMETURE:
        return {
            "titre": "Pause méridienne annulée",
            "phrase": f"La mairie annule la pause méridienne {periode} ({motif}). {etaient}",
        }
    if rendu:
        levee = "Finalement à l’école" if enregistrement.annule is None else motif
        sont = "Ces enfants sont de nouveau inscrits à la pause méridienne"
        return {"titre": levee, "phrase": f"{levee} {periode}. {sont}"}
    mots = MOTS[NatureFermeture(enregistrement.porte)]
    titre = mots.of(fermeture.groupes) if fermeture else mots.rubrique
    return {
        "titre": titre,
        "phrase": f"{titre} {periode} ({motif}). La pause méridienne a lieu pour les autres. {etaient}",
    }
