"""Tariffs as the town hall sees them: which créneaux, since when, under which vote, whether they were used. Reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time

from enfance.calendrier import UN_JOUR
from enfance.mairie.ecoles import creneau_et_ecoles
from enfance.models import Creneau
from facturation.arrete.contextes import grille_ligne, grille_of
from facturation.models import Plafond, Prestation, Supplement, Tarif
from facturation.papiers.mots import article
from facturation.prix.mois import Horaire
from facturation.prix.tarifs import LigneGrille, tarif_of
from facturation.votes.regles import PorteePrix
from portail.francais import et, pluriel

MOMENTS: dict[str, str] = {
    Creneau.Moment.MATIN: "Tous les matins",
    Creneau.Moment.MIDI: "Toutes les pauses de midi",
    Creneau.Moment.SOIR: "Tous les soirs",
}
LARGE = Horaire(Creneau.Moment.JOURNEE, time(8), time(18))  # of a moment that no créneau has yet


@dataclass(frozen=True)
class TarifVu:
    """A tariff in the list. `etat`: « en vigueur », « à venir », « remplacé »; `utilise`: it changes no more."""

    tarif: Tarif
    portee: str
    unite: str
    etat: str
    utilise: bool


@dataclass(frozen=True)
class TarifsVus:
    """All of them, and the créneaux that have none on this day nor later."""

    lignes: tuple[TarifVu, ...]
    manquent: tuple[str, ...]


def load_tarifs_vus(today: date) -> TarifsVus:
    """All the tariffs, by créneau in the order of the day, the latest first, each with its state on `today`; and the
    créneaux that have none now nor later. Five queries.
    """
    tarifs = list(Tarif.objects.select_related("deliberation").prefetch_related("creneaux__ecoles"))
    creneaux = list(Creneau.objects.prefetch_related("ecoles"))
    utilises = set(Prestation.objects.exclude(tarif=None).order_by().values_list("tarif", flat=True).distinct())
    grilles = [grille_of(tarif, ()) for tarif in tarifs]
    tenus = {
        trouve.cle
        for creneau in creneaux
        if (trouve := tarif_of(grilles, creneau.pk, creneau.moment, today)) is not None
    }
    lignes = [
        TarifVu(
            tarif,
            portee_of(tarif),
            unite_of(tarif),
            "en vigueur" if tarif.pk in tenus else "à venir" if tarif.debut > today else "remplacé",
            tarif.pk in utilises,
        )
        for tarif in sorted(tarifs, key=lambda t: (_rang(t, creneaux), -t.debut.toordinal(), t.pk))
    ]
    sans = [
        creneau_et_ecoles(creneau)
        for creneau in creneaux
        if tarif_of(grilles, creneau.pk, creneau.moment, date.max) is None
    ]
    return TarifsVus(tuple(lignes), tuple(sans))


def tarifs_a_recopier(debut: date | None = None) -> list[Tarif]:
    """The tariffs that a copy from the day `debut` on would follow: for each créneau, the one in force on its eve;
    without a day, the last of each.
    """
    tarifs = list(Tarif.objects.prefetch_related("creneaux", "lignes").order_by("pk"))
    grilles = [grille_of(tarif, ()) for tarif in tarifs]
    veille = date.max if debut is None else debut - UN_JOUR
    trouves = (tarif_of(grilles, c.pk, c.moment, veille) for c in Creneau.objects.order_by())
    cles = {trouve.cle for trouve in trouves if trouve}
    return [tarif for tarif in tarifs if tarif.pk in cles]


def creneaux_left_without(tarif: Tarif) -> list[str]:
    """The names of the créneaux that have a tariff and would have none, on any day, without this one."""
    grilles = [grille_of(un, ()) for un in Tarif.objects.prefetch_related("creneaux")]
    autres = [grille for grille in grilles if grille.cle != tarif.pk]
    return [
        creneau_et_ecoles(creneau)
        for creneau in Creneau.objects.prefetch_related("ecoles")
        if tarif_of(grilles, creneau.pk, creneau.moment, date.max)
        and not tarif_of(autres, creneau.pk, creneau.moment, date.max)
    ]


def supplements_qui_finissent() -> list[Supplement]:
    """The supplements that have a last day, and that no later one of their kind follows."""
    tous = list(Supplement.objects.select_related("deliberation").prefetch_related("creneaux__ecoles"))
    portees = {supplement.pk: PorteePrix.of(supplement) for supplement in tous}

    return [
        ancien
        for ancien in tous
        if ancien.fin is not None
        and not any(
            autre.debut > ancien.debut and portees[autre.pk].competes(portees[ancien.pk])
            for autre in tous
            if autre.genre == ancien.genre
        )
    ]


def lignes_of(tarif: Tarif) -> tuple[LigneGrille, ...]:
    """The grid of this saved tariff, as plain values."""
    return tuple(grille_ligne(ligne) for ligne in tarif.lignes.order_by("pk"))


def horaire_of(creneaux: Sequence[int], moment: str) -> Horaire:
    """The hours at which to try a price of these créneaux (primary keys), or else of this moment: those of the first
    créneau found; from 8 h to 18 h when there is none.
    """
    siens = Creneau.objects.filter(pk__in=creneaux) if creneaux else Creneau.objects.filter(moment=moment)
    if premier := siens.first():
        return Horaire(Creneau.Moment(premier.moment), premier.debut, premier.fin)
    return LARGE._replace(moment=Creneau.Moment(moment)) if moment else LARGE


def portee_of(prix: Tarif | Supplement | Plafond) -> str:
    """What this tariff, supplement or cap is a price of, in French: « Soir (École du Bourg) », « Tous les soirs »,
    « Tous les créneaux ».
    """
    if prix.moment:
        return MOMENTS.get(prix.moment, f"Moment\u00a0: {prix.get_moment_display()}")
    noms = [creneau_et_ecoles(creneau) for creneau in prix.creneaux.all()]
    return et(noms) if noms else "Tous les créneaux"


def portee_dite(prix: Tarif | Supplement | Plafond) -> str:
    """What this tariff, supplement or cap is a price of, in French, inside a sentence: « tous les soirs », « soir
    (École du Bourg) ».
    """
    portee = portee_of(prix)
    return portee[:1].lower() + portee[1:]


def unite_of(tarif: Tarif) -> str:
    """The unit that this tariff prices, in French: « le moment », « la demi-heure commencée »."""
    mot = article(tarif.unite, tarif.minutes)
    return f"{mot} commencé{'' if tarif.minutes == 15 else 'e'}" if tarif.unite == Tarif.Unite.TRANCHE else mot


def complements_of(tarif: Tarif) -> list[str]:
    """What only some towns vote, of this tariff, in French sentences; none for a plain one."""
    dits = []
    if tarif.axe == Tarif.Axe.ENFANTS:
        dits.append("Le prix dépend du nombre d’enfants du foyer, que la mairie a noté.")
    if tarif.tolerance:
        dits.append(f"{pluriel(tarif.tolerance, 'minute,minutes')} de tolérance.")
    if tarif.jours:
        dits.append(f"Pour {pluriel(tarif.jours, 'jour,jours')} par semaine\u202f; un jour de plus se paie à part.")
        dits.append(
            "Un mois coupé par une fermeture se compte par jours."
            if tarif.prorata
            else "Un mois où l’enfant est inscrit au moins un jour est dû entier."
        )
    return dits


def _rang(tarif: Tarif, creneaux: Sequence[Creneau]) -> int:
    """Where its first créneau stands in the order of the day."""
    nommes = {creneau.pk for creneau in tarif.creneaux.all()}
    siens = (n for n, c in enumerate(creneaux) if c.pk in nommes or (tarif.moment and c.moment == tarif.moment))
    return next(siens, len(creneaux))
