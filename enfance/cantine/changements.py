"""What the association learns after its list: lunch breaks that change, meals that families say they cancelled,
absences that they tell.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, F, OuterRef, Q

from enfance.cantine.convives import EleveConvive, eleve_of
from enfance.cantine.perimetre import COMMUNE, Perimetre
from enfance.models import Absence, Creneau, Enfant, Evenement, EvenementRepas, Inscription, Repas, Scolarite
from enfance.planning.historique import jours_phrase

Etat = Inscription.Etat


@dataclass(frozen=True)
class ChangementsMidi:
    """What a child's lunch breaks have become since: the days registered, those cancelled, in words; the meals that its
    family says it cancelled, or takes back; the absences that it told, or took back.
    """

    eleve: EleveConvive
    inscrits: str
    annules: str
    repas_annules: str = ""
    repas_rendus: str = ""
    absences: str = ""
    retours: str = ""

    @property
    def phrase(self) -> str:
        """The changes of the child in words: « inscrite jeudi 10 ; repas dit annulé mardi 8 »."""
        mots = {
            self.eleve.accord: self.inscrits,
            "annulé": self.annules,
            "repas dit annulé": self.repas_annules,
            "repas qui n’est plus dit annulé": self.repas_rendus,
            "absence annoncée": self.absences,
            "absence retirée": self.retours,
        }
        return " ; ".join(f"{mot} {jours}" for mot, jours in mots.items() if jours)


def load_changements(
    depuis: datetime,
    debut: date,
    fin: date,
    *,
    today: date,
    perimetre: Perimetre = COMMUNE,
    absences: bool = False,
) -> list[ChangementsMidi]:
    """What has changed since the instant `depuis`, child by child, for the lunch breaks from `debut` to `fin`: days
    registered or cancelled, meals that a family said it cancelled or takes back. Three queries; with `absences`, one
    more for the absences told and taken back.

    Only what is different now counts: a day ticked, then unticked, is no change.
    """
    midis = Evenement.objects.filter(
        creneau__moment=Creneau.Moment.MIDI, jour__gte=debut, jour__lte=fin, enregistrement__quand__gt=depuis
    )
    evenements = perimetre.of(midis).select_related("enfant")
    avant: dict[tuple[Enfant, date], str] = {}
    apres: dict[tuple[Enfant, date], str] = {}
    for evenement in evenements.order_by("pk"):
        avant.setdefault((evenement.enfant, evenement.jour), evenement.avant)
        apres[evenement.enfant, evenement.jour] = evenement.apres
    jours: dict[tuple[Enfant, str], list[date]] = {}
    for (enfant, jour), etat in sorted(apres.items(), key=lambda item: item[0][1]):
        if (etat == Etat.INSCRIT) != (avant[enfant, jour] == Etat.INSCRIT):
            jours.setdefault((enfant, "inscrits" if etat == Etat.INSCRIT else "annules"), []).append(jour)
    for enfant, jour, annule in _repas_changes(depuis, debut, fin, perimetre):
        jours.setdefault((enfant, "repas_annules" if annule else "repas_rendus"), []).append(jour)
    for enfant, jour, absent in absences_changees(depuis, debut, fin, perimetre) if absences else ():
        jours.setdefault((enfant, "absences" if absent else "retours"), []).append(jour)
    enfants = {enfant for enfant, _ in jours}
    venues = Scolarite.objects.filter(Q(debut=None) | Q(debut__lte=fin), annee__debut__lte=fin)
    scolarites = venues.filter(enfant__in=enfants).select_related("classe")
    par_place = F("debut").asc(nulls_first=True)
    dernieres = {scolarite.enfant_id: scolarite for scolarite in scolarites.order_by("annee__debut", par_place)}
    mots: dict[Enfant, dict[str, str]] = {}
    for (enfant, genre), siens in jours.items():
        mots.setdefault(enfant, {"inscrits": "", "annules": ""})[genre] = jours_phrase(siens, today)
    lignes = [
        ChangementsMidi(eleve_of(enfant, dernieres.get(enfant.pk), perimetre), **siens)
        for enfant, siens in mots.items()
    ]
    return sorted(lignes, key=lambda ligne: ligne.eleve.ordre)


def _repas_changes(
    depuis: datetime, debut: date, fin: date, perimetre: Perimetre
) -> Iterator[tuple[Enfant, date, bool]]:
    """The meals said to be cancelled since that instant, or taken back (False), in the order of the days. What a list
    has told since is no news, nor what was said and taken back."""
    listee = Repas.objects.filter(
        enfant=OuterRef("enfant"), jour=OuterRef("jour"), liste__importee_le__lte=OuterRef("enregistrement__quand")
    )
    dits = EvenementRepas.objects.filter(
        Exists(listee), jour__gte=debut, jour__lte=fin, enregistrement__quand__gt=depuis
    )
    par_jour: dict[tuple[date, Enfant], list[bool]] = {}
    for dit in perimetre.of(dits).select_related("enfant").order_by("jour", "pk"):
        par_jour.setdefault((dit.jour, dit.enfant), []).append(dit.annule)
    for (jour, enfant), annules in par_jour.items():
        if annules[0] == annules[-1]:
            yield enfant, jour, annules[-1]


def absences_changees(
    depuis: datetime, debut: date, fin: date, perimetre: Perimetre
) -> Iterator[tuple[Enfant, date, bool]]:
    """The absences from the lunch break, from `debut` to `fin`, that were told since the instant `depuis` (True) or
    taken back (False), as child, day and this, in the order of the days. One both told and taken back since is left
    out. One query.
    """
    changees = Absence.objects.filter(Q(signalee_le__gt=depuis) | Q(retiree_le__gt=depuis), jour__range=(debut, fin))
    midi = changees.filter(Q(creneaux=None) | Q(creneaux__moment=Creneau.Moment.MIDI)).distinct()
    par_jour: dict[tuple[date, Enfant], list[Absence]] = {}
    for absence in perimetre.of(midi).select_related("enfant").order_by("jour", "pk"):
        par_jour.setdefault((absence.jour, absence.enfant), []).append(absence)
    for (jour, enfant), siennes in par_jour.items():
        avant = any(absence.signalee_le <= depuis for absence in siennes)  # taken back since: else it is not read
        apres = any(absence.retiree_le is None for absence in siennes)
        if avant != apres:
            yield enfant, jour, apres


def load_repas_annules(depuis: date, perimetre: Perimetre = COMMUNE) -> list[tuple[date, list[EleveConvive]]]:
    """The meals, from the day `depuis` on, that families say they cancelled and that no list has told of since: for
    each day, the children in the order of their names.
    """
    dits = perimetre.of(Repas.objects.filter(jour__gte=depuis).exclude(annule_le=None)).select_related("enfant")
    lignes = list(dits.order_by("jour"))
    scolarites = Scolarite.objects.filter(enfant__in={un.enfant_id for un in lignes}).select_related("classe", "annee")
    par_enfant: dict[int, list[Scolarite]] = {}
    for scolarite in scolarites.order_by("annee__debut", F("debut").asc(nulls_first=True)):
        par_enfant.setdefault(scolarite.enfant_id, []).append(scolarite)
    par_jour: dict[date, list[EleveConvive]] = {}
    for un in lignes:
        siennes = [s for s in par_enfant.get(un.enfant_id, []) if (s.debut or s.annee.debut) <= un.jour]
        par_jour.setdefault(un.jour, []).append(eleve_of(un.enfant, siennes[-1] if siennes else None, perimetre))
    return [(jour, sorted(eleves, key=lambda eleve: eleve.ordre)) for jour, eleves in par_jour.items()]
