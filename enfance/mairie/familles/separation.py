"""An adult who goes to another home: parents who separate, mostly. What becomes of custody is asked, never guessed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import models, transaction
from django.db.models import F

from enfance.calendrier import UN_JOUR, lundi
from enfance.garde import regle_phrase
from enfance.mairie.enfants.hors_garde import HorsGarde, annuler_hors_garde, load_avant, prevenir
from enfance.models import Creneau, Enfant, Foyer, Garde, Responsable
from enfance.onde.memoire import unite_adresses
from portail.certain import certain
from portail.francais import NBSP, et


class SuiteSeparation(models.TextChoices):
    """Where the child lives from then on."""

    RESTE = "reste", "Reste dans ce foyer seul"
    SUIT = "suit", "Part dans l’autre foyer"
    DEUX = "deux", "Dans les deux foyers, le rythme sera noté plus tard"
    ALTERNEE = "alternee", "Une semaine sur deux dans chaque foyer"


class Sort(models.TextChoices):
    """What becomes of the inscriptions to come that are left to a home without custody."""

    ANNULER = "annuler", "Les annuler"
    LAISSER = "laisser", "Les laisser"


@dataclass(frozen=True)
class Depart:
    """Who goes, from which day on, what becomes of each child (primary key). `semaine` is a day of the first week that
    is spent in the other home, where weeks alternate.
    """

    adulte: int
    le: date
    suites: Mapping[int, SuiteSeparation]
    semaine: date | None = None
    passage: str = Garde.Passage.LUNDI


@dataclass(frozen=True)
class BilanSeparation:
    """What it did: each custody in words, the inscriptions left behind. `refus`: why nothing was done."""

    foyer: Foyer | None = None
    gardes: tuple[str, ...] = ()
    laissees: tuple[HorsGarde, ...] = ()
    annulees: int = 0
    refus: tuple[str, ...] = ()


def enfants_du_foyer(adulte: Responsable) -> models.QuerySet[Enfant]:
    """The children for whom this adult answers and who live in the adult's present home, where a judge has not
    suspended it: custody of each is asked when the adult goes to another home.
    """
    return Enfant.objects.filter(
        responsabilites__responsable=adulte, responsabilites__suspendue=False, gardes__foyer=adulte.foyer
    ).distinct()


def changer_de_foyer(
    depart: Depart,
    vers: Foyer,
    sort: str,
    user_id: int,
    *,
    now: datetime,
) -> BilanSeparation:
    """Move the adult of `depart` to the home `vers`, known or new, write the custody of each child as `depart` says,
    and tell the parents. `sort` says whether the inscriptions left to a home without custody are cancelled.
    Refused when nobody would be left in the home: then its address changes, or the two homes are made one. Refused too
    when the adult lives in `vers` already, when `depart` leaves out a child, or the first week of weeks that alternate,
    and when a child to share out is in alternating custody already.
    """
    with transaction.atomic():
        Creneau.objects.lock()
        adulte = (
            Responsable.objects.select_for_update(of=("self",)).select_related("foyer", "user").get(pk=depart.adulte)
        )
        ancien, enfants = adulte.foyer, list(enfants_du_foyer(adulte))
        if refus := _refus(adulte, vers, depart, enfants):
            return BilanSeparation(refus=(refus,))
        avant = load_avant([enfant.pk for enfant in enfants], now=now)
        vers.onde = unite_adresses(adulte, vers)
        vers.save()
        adulte.foyer = vers
        adulte.save(update_fields=["foyer"])
        for enfant in enfants:
            _share(enfant, ancien, vers, depart)
        laissees = tuple(avant.laissees(now=now))
        annulation = annuler_hors_garde(laissees if sort == Sort.ANNULER else (), user_id, now=now)
        prevenir(avant, annulation.enregistrement, now=now)
        gardes = tuple(_phrase(enfant, ancien) for enfant in enfants)
    return BilanSeparation(vers, gardes, laissees, len(annulation.evenements))


def _refus(adulte: Responsable, vers: Foyer, depart: Depart, enfants: list[Enfant]) -> str:
    if vers == adulte.foyer:
        return f"{adulte} vit déjà dans ce foyer."
    if not adulte.foyer.responsables.exclude(pk=adulte.pk).exists():
        if vers.pk is None:
            return "Il ne resterait personne dans ce foyer\u202f: changez plutôt son adresse."
        return "Il ne resterait personne dans ce foyer\u202f: réunissez plutôt les deux foyers."
    for enfant in enfants:
        suite = depart.suites.get(enfant.pk)
        if suite is None:
            return f"Dites où vivra {enfant}."
        if suite == SuiteSeparation.ALTERNEE and depart.semaine is None:
            return "Indiquez un jour de la première semaine dans l’autre foyer."
        alternees = enfant.gardes.filter(foyer=adulte.foyer, rythme=Garde.Rythme.ALTERNEE)
        if suite in {SuiteSeparation.ALTERNEE, SuiteSeparation.DEUX} and alternees.exists():
            return f"{enfant} est déjà en garde alternée\u202f: réglez d’abord sa garde sur sa fiche."
    return ""


def _share(enfant: Enfant, ancien: Foyer, vers: Foyer, depart: Depart) -> None:
    """Write custody from that day on. What was before stays: it says who had the child, and who paid."""
    suite, veille = depart.suites[enfant.pk], depart.le - UN_JOUR
    if suite == SuiteSeparation.RESTE:
        return
    if suite == SuiteSeparation.DEUX:
        Garde.objects.create(enfant=enfant, foyer=vers, debut=depart.le)
        return
    for garde in Garde.objects.filter(enfant=enfant, foyer=ancien).order_by("pk"):
        if garde.fin and garde.fin < depart.le:
            continue
        ici = Garde(
            enfant=enfant,
            foyer=vers,
            debut=max(filter(None, [garde.debut, depart.le])),
            fin=garde.fin,
            rythme=garde.rythme,
            depuis=garde.depuis,
            passage=garde.passage,
        )
        if garde.debut and garde.debut >= depart.le:
            garde.delete()
        else:
            Garde.objects.filter(pk=garde.pk).update(fin=veille)
        if suite == SuiteSeparation.ALTERNEE:
            premiere = certain(depart.semaine)  # asked for before
            for foyer, semaine in ((vers, premiere), (ancien, premiere + timedelta(weeks=1))):
                Garde.objects.create(
                    enfant=enfant,
                    foyer=foyer,
                    debut=ici.debut,
                    fin=ici.fin,
                    rythme=Garde.Rythme.ALTERNEE,
                    depuis=lundi(semaine),
                    passage=depart.passage,
                )
        else:
            ici.save()


def _phrase(enfant: Enfant, ancien: Foyer) -> str:
    """« Léa Morel : dans ce foyer, …; dans l’autre, … »."""
    par_foyer: dict[bool, list[str]] = {}
    for garde in enfant.gardes.order_by(F("debut").asc(nulls_first=True), "pk"):
        par_foyer.setdefault(garde.foyer_id == ancien.pk, []).append(regle_phrase(garde))
    mots = [
        f"{'dans ce foyer' if ici else 'dans l’autre'}, {et(phrases)}"
        for ici, phrases in sorted(par_foyer.items(), reverse=True)
    ]
    return f"{enfant}{NBSP}: {'\u202f; '.join(mots)}"
