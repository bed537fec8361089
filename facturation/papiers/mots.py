"""French words of money, as the parents' pages and papers say them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from facturation.montants import euros
from facturation.prix.tarifs import PeriodePlafond, PorteurPlafond, UniteTarif
from portail.dates import (
    JOURS_ABREGES,
    MOIS,
    PARIS,
    date_heure,
    heure_texte,
    jour_annee,
    jour_long,
    quantieme_annee,
    quantieme_mois,
)
from portail.francais import NBSP, accord, de

RANGS = {1: "1er enfant", 2: "2e enfant", 3: "3e enfant"}
RESIDENCES = {"commune": "commune", "hors": "hors commune", "": "commune"}  # not said yet: priced as the commune
DU_SANS_VENIR = "Une inscription qui n’est pas annulée à temps est due, que l’enfant vienne ou non."
SANS_DEPART = "Sans heure de départ notée, jusqu’à la fermeture"
LOIN = timedelta(days=180)  # a date further back than this needs its year
# How a payment is told: « Payée par … », « reste … ».
MOYENS = {
    "especes": ("en espèces", "de vos espèces"),
    "cheque": ("par chèque", "du chèque"),
    "cesu": ("en CESU", "de vos CESU"),
    "virement": ("par virement", "du virement"),
    "payfip": ("par carte ou prélèvement", "du paiement en ligne"),
    "remboursement": ("par remboursement", "du remboursement"),
    "report": ("par report", "reporté d’un autre compte"),
}
# What is owed of money that went out, by its means: a debt that was carried, a refund of a credit that is no more.
SORTIES = {
    "report": "Repris d’un autre payeur",
    "remboursement": "Remboursement, dû de nouveau",
}


def sortie_texte(moyen: str) -> str:
    """What a receipt calls a debt that it pays and that no invoice says, by the means of payment (`moyen`) of the entry
    that made it: « Repris d’un autre payeur ».
    """
    return SORTIES.get(moyen, "Somme rendue, due de nouveau")


def mois_texte(premier: date) -> str:
    """The French name of the month of this day, without the year: « novembre »."""
    return MOIS[premier.month - 1]


def mois_annee(premier: date) -> str:
    """The French name of the month of this day, with the year: « novembre 2026 »."""
    return f"{mois_texte(premier)} {premier.year}"


def de_mois(premier: date) -> str:
    """The French name of the month of this day, after a noun: « de novembre », « d’octobre »."""
    return de(mois_texte(premier))


def jour_vote(jour: date) -> str:
    """This day in French with its year, without the weekday: « 25 juin 2026 », « 1er juin 2026 »."""
    return quantieme_annee(jour)


def jour_sans_annee(jour: date) -> str:
    """This day in French without its year nor the weekday: « 1er septembre »."""
    return quantieme_mois(jour)


def accorde_somme(centimes: int, mot: str) -> str:
    """The word that follows this amount, in the singular or plural: « payé », « payés »; under two euros it is
    singular.
    """
    return mot if abs(centimes) < 200 else f"{mot}s"


def avant_le(echeance: date, today: date, *, court: bool = False) -> str:
    """Until when to pay, in French, as it is said on `today`: « avant le dimanche 20 décembre »; « depuis le dimanche
    20 décembre » for a date that is past, with its year once it is 180 days behind. `court`: without the weekday.
    """
    if today - echeance > LOIN:
        jour = jour_vote(echeance) if court else jour_annee(echeance)
    else:
        jour = jour_sans_annee(echeance) if court else jour_long(echeance)
    return f"{'depuis' if echeance < today else 'avant'} le {jour}"


def a_payer(echeance: date | None, today: date) -> str:
    """Until when to pay, in French, as it is said on `today`: « à payer avant le dimanche 20 décembre »; « en retard :
    à payer depuis le dimanche 20 décembre » for a date that is past; « à payer » without a date.
    """
    if echeance is None:
        return "à payer"
    return f"{f'en retard{NBSP}: ' if echeance < today else ''}à payer {avant_le(echeance, today)}"


def unite_texte(unite: str, minutes: int | None) -> str:
    """What a price counts, in one word: « moment », « demi-heure », « mois », « abonnement », « durée de 20 minutes ».
    `unite`: a code of `UniteTarif`; `minutes`: the length of a duration.
    """
    if unite == UniteTarif.MOIS:
        return "mois"
    if unite == UniteTarif.FORFAIT:
        return "abonnement"
    if unite != UniteTarif.TRANCHE:
        return "moment"
    return {15: "quart d’heure", 30: "demi-heure", 60: "heure"}.get(minutes or 0, f"durée de {minutes}{NBSP}minutes")


def combien(quantite: int, unite: str, minutes: int | None) -> str:
    """How many units a price counts, in French: « 3 demi-heures », « 1 moment », « 2 durées de 20 minutes ». `unite`:
    a code of `UniteTarif`; `minutes`: the length of a tranche.
    """
    mot = unite_texte(unite, minutes)
    if mot == "mois":
        return f"{quantite}{NBSP}mois"
    premier, *suite = mot.split(" ", 1)
    return " ".join([accord(quantite, premier), *suite])


def commencees(quantite: int, minutes: int | None) -> str:
    """The adjective « commencées », which says that a tranche begun is due, in the gender of a tranche of so many
    minutes and in the number of `quantite`.
    """
    masculin = minutes == 15
    return f"commencé{'' if masculin else 'e'}{'s' if quantite > 1 else ''}"


def du_absent(quantite: int, minutes: int | None) -> str:
    """The French rule of a price by the tranche of so many minutes: how many tranches a registered child who did not
    come owes.
    """
    return f"Un enfant inscrit qui n’est pas venu doit {combien(quantite, 'tranche', minutes)}."


def article(unite: str, minutes: int | None) -> str:
    """The unit of a price with its article: « le moment », « la demi-heure », « le quart d’heure », « l’heure », « le
    mois ».
    """
    mot = unite_texte(unite, minutes)
    if mot in {"heure", "abonnement"}:
        return f"l’{mot}"
    return f"{'le' if mot in {'mois', 'moment', 'quart d’heure'} else 'la'} {mot}"


def residence_texte(code: str, dit: Mapping[str, Any]) -> str:
    """A residence in French inside a sentence: « commune », « hors commune »; as the town named it when the price was
    made (`lieu` of these words), with a small letter.
    """
    lieu = str(dit.get("lieu") or "")
    return f"{lieu[:1].lower()}{lieu[1:]}" if lieu else RESIDENCES.get(code, code)


def plafond_texte(dit: Mapping[str, Any]) -> str:
    """A cap in French, as a line kept it: « plafond de 4,00 € par jour », « plafond de 60,00 € par mois, pour tous vos
    enfants ».
    """
    periode = "par mois" if dit.get("periode") == PeriodePlafond.MOIS else "par jour"
    tous = ", pour tous vos enfants" if dit.get("porteur") == PorteurPlafond.PAYEUR else ""
    return f"plafond de {euros(dit.get('plafond', 0))} {periode}{tous}"


def tranche_texte(bornes: Any) -> str:
    """These two bounds of quotients in French: « de 600 à 859 », « à partir de 860 » when the second is None; empty
    without bounds.
    """
    if not bornes:
        return ""
    debut, fin = bornes
    return f"à partir de {debut}" if fin is None else f"de {debut} à {fin}"


def duree_texte(minutes: int) -> str:
    """This number of minutes as a duration in French: « 35 min », « 1 h 12 », « 2 h »."""
    heures, reste = divmod(minutes, 60)
    if not heures:
        return f"{reste}{NBSP}min"
    return f"{heures}{NBSP}h{f'{NBSP}{reste:02}' if reste else ''}"


def lu(texte: str | None) -> datetime | None:
    """The instant, in Paris, that this ISO 8601 text froze; None for an empty text."""
    return datetime.fromisoformat(texte).astimezone(PARIS) if texte else None


def heure_of(instant: datetime) -> str:
    """The hour in Paris of this instant, in French: « 17 h 42 »."""
    return heure_texte(instant.astimezone(PARIS).time())


def le_quand(texte: str | None, jour: date) -> str:
    """The day and hour in Paris of this ISO 8601 text, in French: « jeudi 27 août à 21 h 03 »; with its year when it is
    not that of `jour`; empty for an empty text.
    """
    instant = lu(texte)
    if instant is None:
        return ""
    dit = date_heure(instant)
    if instant.year == jour.year:
        return dit
    quand, _, heure = dit.partition(" à ")
    return f"{quand} {instant.year} à {heure}"


FEMININS = ("trésorerie", "tresorerie", "perception", "recette", "paierie")
MASCULINS = ("service", "sgc", "centre", "trésor", "tresor")


def tresorerie(nom: str) -> str:
    """What a sentence calls the treasury, from the name that the town wrote: « la trésorerie de Vinay », « le SGC de
    Voiron »; « le Trésor public » where it wrote none; a name that begins otherwise, as it is written.
    """
    premier, *suite = nom.split(" ", 1)
    mot = premier.lower()
    if mot not in (*FEMININS, *MASCULINS):
        return nom or "le Trésor public"
    petit = premier if premier.isupper() else f"{premier[:1].lower()}{premier[1:]}"
    return " ".join(["la" if mot in FEMININS else "le", petit, *suite])


def bref(jour: date) -> str:
    """The short French name of the weekday, « lun. », to stand before the number of the day."""
    return JOURS_ABREGES[jour.weekday()]


def jour_of(instant: datetime) -> date:
    """The day of an instant, in Paris."""
    return instant.astimezone(PARIS).date()
