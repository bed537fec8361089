"""Who has a quotient and who lacks one, as the secretary sees it. Reads, never writes; for the town hall alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, QuerySet

from enfance.models import Foyer
from facturation.models import Compte, Quotient
from facturation.payeurs.recherche import MONTRES, PayeurVu, foyers_a_facturer, load_payeurs, narrow
from facturation.quotients.ecriture import premier_compte
from portail.dates import mois_suivant

VIEW, ADD = "facturation.view_quotient", "facturation.add_quotient"  # who may see them, who may write them
LISTE = "admin:facturation_quotients"


@dataclass(frozen=True)
class QuotientManquant:
    """A payer without quotient, or whose own word waits for an attestation (`dit`); the last one that counted."""

    payeur: PayeurVu
    avant: Quotient | None
    dit: Quotient | None


@dataclass(frozen=True)
class QuotientConnu:
    """A payer and the quotient that counts for a month."""

    payeur: PayeurVu
    quotient: Quotient


@dataclass(frozen=True)
class PageManquants:
    """The first of those who lack a quotient, and how many there are in all."""

    lignes: list[QuotientManquant]
    nombre: int


@dataclass(frozen=True)
class PageConnus:
    """The first of those whose quotient is known; how many there are; how many have none for the month after."""

    lignes: list[QuotientConnu]
    nombre: int
    finissent: int


def foyers_sans_quotient(today: date) -> QuerySet[Foyer]:
    """The foyers to be billed that have no quotient for the month of `today`, nor for the first month from which a
    quotient typed today would count.
    """
    return foyers_a_facturer(today).exclude(_holds(today)).exclude(_holds(premier_compte(today)))


def foyers_a_voir(today: date) -> QuerySet[Foyer]:
    """The foyers to be billed that have no quotient, or that said one whose attestation nobody has seen yet."""
    dits = Exists(Quotient.objects.declared(today).filter(compte__foyer=OuterRef("pk")))
    sans = ~_holds(today) & ~_holds(premier_compte(today))
    return foyers_a_facturer(today).filter(dits | sans)


def foyers_a_renouveler(today: date) -> QuerySet[Foyer]:
    """The foyers to be billed that will have no quotient next month, either without one now or with one that ends by
    then, and none of whose own quotients waits for its attestation.
    """
    suivant = mois_suivant(today)
    dits = Exists(Quotient.objects.declared(suivant).filter(compte__foyer=OuterRef("pk")))
    return foyers_a_facturer(today).exclude(_holds(suivant)).exclude(dits)


def load_manquants(today: date, cherche: str = "") -> PageManquants:
    """The foyers that have no quotient, or said one that nobody has seen, by name: the first page of them and how many
    there are. `cherche`: only those that these words find (`narrow`). Five queries.
    """
    foyers = narrow(foyers_a_voir(today), cherche)
    return PageManquants(manquants_of(foyers[:MONTRES]), foyers.order_by().count())


def load_seul(foyer: int) -> PageManquants:
    """The foyer of this primary key alone, as a page of missing quotients shows it, whatever quotient it has."""
    lignes = manquants_of(Foyer.objects.filter(pk=foyer))
    return PageManquants(lignes, len(lignes))


def manquants_of(foyers: QuerySet[Foyer]) -> list[QuotientManquant]:
    """These foyers as the page of missing quotients shows them: the last quotient that was seen, and the one that the
    family said.
    """
    payeurs = load_payeurs(foyers)
    avant: dict[int, Quotient] = {}
    dits: dict[int, Quotient] = {}
    for foyer, quotient in _quotients_of(payeurs):
        (dits if quotient.vu_le is None else avant).setdefault(foyer, quotient)
    return [QuotientManquant(payeur, avant.get(payeur.pk), dits.get(payeur.pk)) for payeur in payeurs]


def load_connus(today: date, cherche: str = "", *, finissent: bool = False) -> PageConnus:
    """The foyers to be billed whose quotient is known, for the first month from which a typed one would count or else
    for the month of `today`, by name: the first page of them and how many there are.

    `cherche`: only those that these words find (`narrow`). `finissent`: only those who will have none the month after;
    how many these are in all is said either way. Six queries.
    """
    mois, apres = premier_compte(today), mois_suivant(premier_compte(today))
    tous = foyers_a_facturer(today).filter(_holds(today) | _holds(mois))
    sans_suite = tous.exclude(_holds(apres))
    choisis = narrow(sans_suite if finissent else tous, cherche)
    payeurs = load_payeurs(choisis[:MONTRES])
    connus: dict[int, Quotient] = {}
    for foyer, quotient in _quotients_of(payeurs):
        if quotient.vu_le and quotient.debut <= mois and (quotient.fin is None or quotient.fin >= today):
            connus.setdefault(foyer, quotient)
    lignes = [QuotientConnu(payeur, connus[payeur.pk]) for payeur in payeurs if payeur.pk in connus]
    return PageConnus(lignes, choisis.order_by().count(), sans_suite.order_by().count())


def load_quotients(compte: Compte) -> list[Quotient]:
    """All the quotients of this payer, cancelled ones included, the latest first. One query."""
    return list(compte.quotients.select_related("saisi_par", "vu_par"))


def _holds(jour: date) -> Exists:
    """Whether a quotient of this foyer holds on the first day of this month."""
    return Exists(Quotient.objects.holding(jour).order_by().filter(compte__foyer=OuterRef("pk")))


def _quotients_of(payeurs: Iterable[PayeurVu]) -> list[tuple[int, Quotient]]:
    """The quotients of these that are not cancelled, each with its foyer (primary key), the latest first."""
    foyers = [payeur.pk for payeur in payeurs]
    lus = Quotient.objects.filter(compte__foyer__in=foyers, annule_le=None).select_related("compte")
    return [(lu.compte.foyer_id or 0, lu) for lu in lus.order_by("-debut", "-saisi_le", "-pk")]
