"""All that was done for a family, in one place and plain words: who changed what, from what to what (ADM-04).

Registrations, files and custody, mails sent to many, new e-mail addresses, persons who may fetch a child. Health says
that it changed, never what. For the town hall alone: the coordinates of each adult are in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import zip_longest
from typing import Any

from django.contrib.admin.models import ADDITION, DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Prefetch, Q, QuerySet

from accounts.log import FieldChange, read_changes
from accounts.models import EmailChange, MailingLine, User
from enfance.models import Absence, Enfant, Enregistrement, Evenement, EvenementRepas, Foyer, PersonneAutorisee
from enfance.planning.historique import longues, phrases, qui, repas_dits
from portail.dates import PARIS, date_heure, jour_long

PAGE = 50


@dataclass(frozen=True)
class Trace:
    """One thing that was done: when (aware), by whom, the sentences that say it, the fields that it changed."""

    quand: datetime
    par: str
    lignes: list[str] = field(default_factory=list)
    changements: list[tuple[str, FieldChange]] = field(default_factory=list)
    jours: list[str] = field(default_factory=list)  # of the first sentences, the days of those that only count them

    @property
    def dites(self) -> list[tuple[str, str]]:
        """Each sentence, and the days that it only counts, in words; empty where it names them."""
        return list(zip_longest(self.lignes, self.jours, fillvalue=""))

    @property
    def date(self) -> str:
        """The day and the time in Paris: « jeudi 3 décembre 2026 à 20 h 41 »."""
        local = self.quand.astimezone(PARIS)
        return date_heure(self.quand).replace(" à ", f" {local.year} à ", 1)


def load_traces(foyer: Foyer, *, avant: datetime | None = None) -> tuple[list[Trace], datetime | None]:
    """The last fifty things done for this home, its adults and the children for whom they answer (even where a judge
    suspended it) before the instant `avant` (aware; None: up to now), latest first, and the instant from which the next
    page goes on, None when there is no more. What was done at one instant is on one page: some fewer are then told.
    """
    adultes = User.objects.filter(responsable__foyer=foyer)
    enfants = Enfant.objects.filter(responsabilites__responsable__foyer=foyer).distinct()
    until = Q() if avant is None else Q(quand__lt=avant)
    sources = [
        _inscriptions(enfants, until),
        _fiches(foyer, enfants, adultes, avant),
        _envois(adultes, avant),
        _adresses(adultes, avant),
        _personnes(enfants, avant),
        _absences(enfants, avant),
    ]
    traces = sorted((trace for source in sources for trace in source), key=lambda t: t.quand, reverse=True)
    if len(traces) <= PAGE:
        return traces, None
    coupe = traces[PAGE].quand
    page = [trace for trace in traces if trace.quand > coupe]
    if not page:  # one instant holds more than a page
        return [trace for trace in traces if trace.quand == coupe], coupe
    return page, coupe + datetime.resolution


def _inscriptions(enfants: QuerySet[Enfant], until: Q) -> Iterator[Trace]:
    noms = {enfant.pk: enfant.prenom for enfant in enfants}
    siens = Evenement.objects.filter(enfant__in=noms).select_related("creneau")
    dits = EvenementRepas.objects.filter(enfant__in=noms)
    enregistrements = Enregistrement.objects.touching(siens, dits).filter(until)
    enregistrements = enregistrements.select_related("auteur").order_by("-quand", "-pk")
    traces = Prefetch("evenements", siens, to_attr="siens"), Prefetch("repas", dits, to_attr="dits")
    un: Any
    for un in enregistrements.prefetch_related(*traces)[: PAGE + 1]:
        jour = un.quand.astimezone(PARIS).date()
        lignes = [*phrases(un.siens, noms, jour), *repas_dits(un.dits, noms, jour)]
        jours = longues(un.siens, noms)
        if un.motif:
            lignes.append(f"Motif\u00a0: {un.motif}")
        yield Trace(un.quand, f"{qui(un, None)}, {un.get_porte_display()}", lignes, jours=jours)


def _fiches(
    foyer: Foyer, enfants: QuerySet[Enfant], adultes: QuerySet[User], avant: datetime | None
) -> Iterator[Trace]:
    wanted = Q()
    for rows in (Foyer.objects.filter(pk=foyer.pk), enfants, foyer.responsables.all(), adultes):
        keys = [str(pk) for pk in rows.order_by().values_list("pk", flat=True)]
        wanted |= Q(content_type=ContentType.objects.get_for_model(rows.model), object_id__in=keys)
    entries = LogEntry.objects.filter(wanted).select_related("user").order_by("-action_time", "-pk")
    if avant is not None:
        entries = entries.filter(action_time__lt=avant)
    for entry in entries[: PAGE + 1]:
        changes = read_changes(entry)
        done = {ADDITION: "ajouté", DELETION: "supprimé"}.get(entry.action_flag, "")
        said = "" if changes else entry.get_change_message()
        ligne = f"{entry.object_repr}{f', {done}' if done else ''}{f'\u00a0: {said}' if said else ''}"
        yield Trace(entry.action_time, entry.user.get_full_name() or str(entry.user), [ligne], changes)


def _envois(adultes: QuerySet[User], avant: datetime | None) -> Iterator[Trace]:
    envois = MailingLine.objects.filter(user__in=adultes).select_related("mailing__asked_by", "user")
    if avant is not None:
        envois = envois.filter(mailing__asked_at__lt=avant)
    for line in envois.order_by("-mailing__asked_at", "-pk")[: PAGE + 1]:
        par = line.mailing.asked_by.get_full_name() if line.mailing.asked_by else "La mairie"
        quand = line.mailing.asked_at
        yield Trace(quand, par, [f"{line.mailing}, e-mail à {line.user}\u00a0: {line.get_state_display()}"])


def _adresses(adultes: QuerySet[User], avant: datetime | None) -> Iterator[Trace]:
    changes = EmailChange.objects.filter(user__in=adultes).select_related("user")
    if avant is not None:
        changes = changes.filter(asked_at__lt=avant)
    for change in changes.order_by("-asked_at", "-pk")[: PAGE + 1]:
        state = change.get_reason_display() if change.closed_at else "à confirmer"
        yield Trace(
            change.asked_at,
            change.user.get_full_name() or str(change.user),
            [f"Adresse e-mail, {state}"],
            [("", FieldChange("E-mail", change.former, change.email))],
        )


def _personnes(enfants: QuerySet[Enfant], avant: datetime | None) -> Iterator[Trace]:
    """Those that parents added and withdrew themselves: what the town hall does is in its own entries."""
    personnes = PersonneAutorisee.objects.filter(enfant__in=enfants).select_related("enfant")
    for geste in ("ajoutee", "retiree"):
        siennes = personnes.filter(**{f"{geste}_par__is_staff": False}).select_related(f"{geste}_par")
        if avant is not None:
            siennes = siennes.filter(**{f"{geste}_le__lt": avant})
        for personne in siennes.order_by(f"-{geste}_le", "-pk")[: PAGE + 1]:
            auteur, fait = getattr(personne, f"{geste}_par"), {"ajoutee": "ajoutée", "retiree": "retirée"}[geste]
            ligne = f"Peut venir chercher {personne.enfant.prenom}\u00a0: {personne.nom}, {fait}"
            yield Trace(getattr(personne, f"{geste}_le"), f"{auteur.get_full_name()}, accès famille", [ligne])


def _absences(enfants: QuerySet[Enfant], avant: datetime | None) -> Iterator[Trace]:
    """Those that were told, and those that parents took back."""
    absences = Absence.objects.filter(enfant__in=enfants).select_related("enfant", "signalee_par", "retiree_par")
    absences = absences.prefetch_related("creneaux")
    for geste, fait in (("signalee", "signalée"), ("retiree", "retirée")):
        siennes = absences.filter(**{f"{geste}_le__isnull": False})
        if avant is not None:
            siennes = siennes.filter(**{f"{geste}_le__lt": avant})
        for absence in siennes.order_by(f"-{geste}_le", "-pk")[: PAGE + 1]:
            auteur, quand = getattr(absence, f"{geste}_par"), getattr(absence, f"{geste}_le")
            voie = "mairie" if auteur and auteur.is_staff else "accès famille"
            par = auteur.get_full_name() if auteur else "Un compte supprimé"
            quels = ", ".join(filter(None, [jour_long(absence.jour), absence.moments]))
            yield Trace(quand, f"{par}, {voie}", [f"{absence.enfant.prenom}\u00a0: absence {fait}, {quels}"])
