"""What closing a month would do: lines, invoices, what keeps it from being closed. The page before closing shows it,
`arrete` writes it. Reads, never writes. Amounts are centimes; `now` is aware.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db.models import Q

from enfance.calendrier import UN_JOUR
from enfance.models import AnneeScolaire, Enfant, Inscription, Pointage, Scolarite, load_calendrier
from facturation.arrete.contextes import load_contexte
from facturation.arrete.lecture import load_faits
from facturation.arrete.seances import seances_of
from facturation.models import Compte, Facture, GenreFacture, Mois, Prestation, Tarif
from facturation.payeurs.entetes import SANS_ADULTE, IdentitePayeur, identite_gelee, load_identites
from facturation.prix.mois import Charge, Contexte, Facturation, FaitDuMois, facturer
from facturation.reglages import load_reglage
from portail.dates import MOIS, PARIS, jour_long, mois_suivant
from portail.francais import NBSP
from portail.lettres import lettres

Genre = Facture.Genre
DELAI = timedelta(days=7)  # between the issue and the day to pay, at least
DECEMBRE = 12


def mois_nom(premier: date) -> str:
    """The French name of the month that begins on this day: « novembre 2026 »."""
    return f"{MOIS[premier.month - 1]} {premier.year}"


def fin_de(premier: date) -> date:
    """The last day of the month that begins on `premier`."""
    return mois_suivant(premier) - UN_JOUR


@dataclass(frozen=True)
class Projet:
    """What the month makes of one payer: new lines, lines that waited, and whether they are issued (`genre`) or wait.

    `courriel`: the account (primary key) that the mail goes to, None where a letter does.
    """

    foyer: int | None
    compte: int | None
    identite: IdentitePayeur
    charges: Sequence[Charge]
    attente: Sequence[Prestation]
    genre: GenreFacture | None
    quotient: int | None
    residence: str
    lieu: str
    courriel: int | None

    @property
    def total(self) -> int:
        """What this payer is to be issued, or keeps waiting, in centimes: the lines of the month and those that
        waited.
        """
        return total_of(self.charges, self.attente)

    @property
    def du_mois(self) -> int:
        """What the lines of the month alone cost this payer, in centimes, without those that waited."""
        return sum(charge.montant for charge in self.charges)


def total_of(charges: Iterable[Charge], attente: Iterable[Prestation]) -> int:
    """The sum in centimes of these new lines and of these lines that waited for an invoice."""
    return sum(charge.montant for charge in charges) + sum(ligne.montant for ligne in attente)


@dataclass(frozen=True)
class PreparationMois:
    """A month as it would be closed at this instant. `trop_tot`: why its time has not come, in sentences."""

    premier: date
    now: datetime
    echeance: date
    faits: Sequence[FaitDuMois]
    contexte: Contexte
    facturation: Facturation
    projets: Sequence[Projet]
    trop_tot: Sequence[str] = field(default_factory=list)

    @cached_property
    def factures(self) -> list[Projet]:
        """The payers who are to get an invoice when the month is closed, each with its lines."""
        return [projet for projet in self.projets if projet.genre == Genre.FACTURE]

    @cached_property
    def avoirs(self) -> list[Projet]:
        """The payers who are to get an avoir (credit note) when the month is closed, each with its lines."""
        return [projet for projet in self.projets if projet.genre == Genre.AVOIR]

    @cached_property
    def attendent(self) -> list[Projet]:
        """The payers who are issued nothing now: their lines wait and join a later invoice."""
        return [projet for projet in self.projets if projet.genre is None]

    @property
    def jours_ecole(self) -> int:
        """How many school days the month has."""
        return jours_ecole(self.premier)

    @property
    def a_facturer(self) -> int:
        """The total of the invoices to issue, in centimes."""
        return sum(projet.total for projet in self.factures)

    @property
    def a_emettre(self) -> int:
        """The total of the invoices to issue less that of the avoirs, in centimes."""
        return sum(projet.total for projet in (*self.factures, *self.avoirs))

    @property
    def bilan(self) -> dict[str, Any]:
        """The totals that the closed month keeps, as JSON: how many invoices, avoirs, séances, payers, children, school
        days; the sums in centimes.
        """
        charges = self.facturation.charges
        return {
            "factures": len(self.factures),
            "avoirs": len(self.avoirs),
            "total": self.a_emettre,
            "attendent": len(self.attendent),
            "attente": sum(projet.total for projet in self.attendent),
            "seances": seances_of(charges),
            "payeurs": len({charge.foyer for charge in charges}),
            "enfants": len({charge.enfant for charge in charges}),
            "jours_ecole": self.jours_ecole,
        }


def jours_ecole(premier: date) -> int:
    """How many school days the month that begins on `premier` has."""
    return sum(1 for _ in load_calendrier().jours_ecole(premier, fin_de(premier)))


def preparer(premier: date, now: datetime) -> PreparationMois:
    """All that closing the month that begins on `premier` would issue, computed at `now` (aware), in a fixed number of
    queries; nothing is written.
    """
    today = now.astimezone(PARIS).date()
    faits = load_faits(premier, fin_de(premier), today=today)
    contexte = load_contexte(premier, today=today)
    facturation = facturer(faits, contexte)
    return PreparationMois(
        premier,
        now,
        echeance_of(premier, today),
        faits,
        contexte,
        facturation,
        _projets(premier, facturation, contexte),
        _trop_tot(premier, today),
    )


def echeance_of(premier: date, today: date) -> date:
    """The day until which the invoices of the month that begins on `premier` are to be paid, when they are issued on
    `today`: the day of the month that the town set, in the next month, or the first one later that leaves a week.
    """
    jour = load_reglage().jour_echeance
    echeance = mois_suivant(premier).replace(day=jour)
    while echeance < today + DELAI:
        echeance = mois_suivant(echeance).replace(day=jour)
    return echeance


def _trop_tot(premier: date, today: date) -> list[str]:
    """Why this month cannot be closed yet, whatever it holds."""
    if today <= fin_de(premier):
        quand = jour_long(mois_suivant(premier))
        return [f"{mois_nom(premier).capitalize()} n’est pas fini{NBSP}: il s’arrête à partir du {quand}."]
    if ouverts := mois_ouverts_avant(premier):
        noms = ", ".join(mois_nom(mois) for mois in ouverts)
        return [f"Arrêtez d’abord {noms}{NBSP}: les mois s’arrêtent dans l’ordre."]
    return []


def mois_ouverts_avant(premier: date) -> list[date]:
    """The first days of the months before `premier` that have something to bill and are not closed, the oldest first;
    none while there is no tariff. Three queries, and two for each month that is open.
    """
    debut = Tarif.objects.order_by("debut").values_list("debut", flat=True).first()
    if debut is None:
        return []
    clos = set(Mois.objects.filter(premier__lt=premier).values_list("premier", flat=True))
    ouverts, mois = [], debut.replace(day=1)
    while mois < premier:
        if mois not in clos and _has_something(max(mois, debut), fin_de(mois)):
            ouverts.append(mois)
        mois = mois_suivant(mois)
    return ouverts


def _has_something(debut: date, fin: date) -> bool:
    jours = {"jour__gte": debut, "jour__lte": fin}
    inscrits = Inscription.objects.inscrit().filter(**jours)
    return inscrits.exists() or Pointage.objects.filter(present=True, **jours).exists()


# --- Payer by payer ---------------------------------------------------------------------------------------------------


def _projets(premier: date, facturation: Facturation, contexte: Contexte) -> list[Projet]:
    """By the name of the payer, in the order of the letters: invoices have their numbers in that order."""
    charges: dict[int, list[Charge]] = defaultdict(list)
    for charge in facturation.charges:
        charges[charge.foyer].append(charge)
    attente: dict[int, list[Prestation]] = defaultdict(list)
    for ligne in Prestation.objects.waiting().order_by("jour", "pk"):
        attente[ligne.compte_id].append(ligne)
    comptes = Compte.objects.filter(Q(foyer__in=charges) | Q(pk__in=attente)).order_by()
    du_foyer = {compte.foyer_id: compte for compte in comptes if compte.foyer_id is not None}
    sans_foyer = [compte for compte in comptes if compte.foyer_id is None]
    foyers = charges.keys() | du_foyer.keys()
    identites = load_identites(foyers)
    siens = {foyer: attente.get(compte.pk, []) for foyer, compte in du_foyer.items()}
    sorties = _partis(
        {foyer for foyer in foyers if not _depasse(total_of(charges.get(foyer, ()), siens.get(foyer, ())))},
        fin_de(premier),
    )
    projets = [
        _projet(
            foyer,
            du_foyer.get(foyer),
            identites.get(foyer, SANS_ADULTE),
            charges.get(foyer, []),
            siens.get(foyer, []),
            contexte,
            solder=premier.month == DECEMBRE or foyer in sorties,
        )
        for foyer in foyers
    ]
    for compte in sans_foyer:
        siennes = attente[compte.pk]
        projets.append(_projet(None, compte, identite_gelee(siennes), [], siennes, contexte, solder=True))
    return sorted(projets, key=lambda p: (lettres(p.identite.nom), p.foyer or 0, p.compte or 0))


def _projet(
    foyer: int | None,
    compte: Compte | None,
    identite: IdentitePayeur,
    charges: Sequence[Charge],
    attente: Sequence[Prestation],
    contexte: Contexte,
    *,
    solder: bool,
) -> Projet:
    papier = compte is not None and compte.envoi == Compte.Envoi.PAPIER
    return Projet(
        foyer,
        compte.pk if compte else None,
        identite,
        charges,
        attente,
        _genre(total_of(charges, attente), solder=solder),
        contexte.quotients.get(foyer) if foyer else None,
        contexte.residences.get(foyer, "") if foyer else "",
        contexte.lieu(contexte.residences.get(foyer, "")) if foyer else "",
        None if papier else identite.joignable,
    )


def _depasse(total: int) -> bool:
    return total > 0 and total >= settings.FACTURE_MINIMUM


def _genre(total: int, *, solder: bool) -> GenreFacture | None:
    """What is issued for this sum; None: it waits. `solder`: whatever waits goes out, if there is anything to say."""
    if _depasse(total):
        return Genre.FACTURE
    if not solder or total == 0:
        return None
    return Genre.FACTURE if total > 0 else Genre.AVOIR


def _partis(foyers: Collection[int], fin: date) -> set[int]:
    """Those of these foyers (primary keys) none of whose children is a pupil any more after `fin`: they are gone."""
    annee = AnneeScolaire.objects.filter(debut__lte=fin).order_by("-debut").first()
    if annee is None or not foyers:
        return set()
    places = Scolarite.objects.filter(Q(depart=None) | Q(depart__gt=fin + UN_JOUR), annee__debut__gte=annee.debut)
    eleves = places.order_by().values("enfant")
    gardes = Enfant.objects.filter(pk__in=eleves, gardes__foyer__in=foyers).order_by().values_list("gardes__foyer")
    liens = Enfant.objects.filter(
        pk__in=eleves, responsabilites__responsable__foyer__in=foyers, responsabilites__suspendue=False
    )
    restent = {foyer for (foyer,) in gardes}
    restent |= set(liens.order_by().values_list("responsabilites__responsable__foyer", flat=True))
    return set(foyers) - restent
