"""What a month comes to, by créneau, beside the month before and per school day. Reads, never writes.

Of an open month the lines are those that closing it would write; of a closed one, those that are frozen. Centimes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import Count, Sum

from enfance.ecoles import plusieurs
from enfance.mairie.ecoles import creneau_et_ecoles
from enfance.models import Creneau
from facturation.arrete.preparation import PreparationMois, jours_ecole
from facturation.arrete.seances import DES_SEANCES, comptees, seances_expression
from facturation.models import Mois, Prestation
from facturation.montants import arrondir
from facturation.prix.mois import Charge
from portail.dates import mois_precedent

Nature = Prestation.Nature
PLAFONDS_DITS = "Plafonds"
CORRECTIONS = frozenset({Nature.CORRECTION, Nature.REPORT})
SUPPLEMENTS_DITS, CORRECTIONS_DITES = "Suppléments", "Corrections des mois d’avant"
Somme = tuple[int, int]  # how many, centimes
Cle = int | str  # a créneau (primary key), or the name of another row


@dataclass(frozen=True)
class LigneTotal:
    """One row: how many and how much, this month and the one before (None: it is not closed)."""

    titre: str
    nombre: int
    montant: int
    nombre_avant: int | None
    montant_avant: int | None
    jours: int
    jours_avant: int
    par_jour_dit: bool = True  # whether an amount a school day makes sense

    @property
    def par_jour(self) -> int | None:
        """What this row comes to for a school day of this month, in centimes; None where that says nothing."""
        return _par_jour(self.montant, self.jours) if self.par_jour_dit else None

    @property
    def par_jour_avant(self) -> int | None:
        """What this row came to for a school day of the month before, in centimes; None where that says nothing, or
        while that month is not closed.
        """
        if self.montant_avant is None or not self.par_jour_dit:
            return None
        return _par_jour(self.montant_avant, self.jours_avant)

    @property
    def ecart(self) -> int | None:
        """By how many per cent a school day of this month costs more than one of the month before (below 0: less); None
        where that says nothing.
        """
        if not self.par_jour_dit or not self.montant_avant or not self.jours or not self.jours_avant:
            return None
        rapport = Decimal(self.montant * self.jours_avant) / (self.montant_avant * self.jours)
        return int(((rapport - 1) * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _par_jour(montant: int, jours: int) -> int | None:
    return arrondir(Decimal(montant) / jours) if jours else None


@dataclass(frozen=True)
class Totaux:
    """The table: rows, their sum, the school days of both months. `compare`: the month before is closed."""

    lignes: Sequence[LigneTotal]
    total: LigneTotal
    premier: date
    avant: date
    compare: bool


def totaux_of(preparation: PreparationMois) -> Totaux:
    """The totals by créneau of an open month, as closing it would write them, beside the month before."""
    sommes = _sommes(preparation.facturation.charges)
    attente = [ligne for projet in preparation.projets for ligne in projet.attente if ligne.nature in CORRECTIONS]
    if attente:
        sommes[CORRECTIONS_DITES] = (len(attente), sum(ligne.montant for ligne in attente))
    return _totaux(preparation.premier, sommes)


def totaux_arretes(mois: Mois) -> Totaux:
    """The totals by créneau of a closed month, as it is frozen, beside the month before."""
    return _totaux(mois.premier, load_sommes(mois))


def _sommes(charges: Iterable[Charge]) -> dict[Cle, Somme]:
    groupes: dict[Cle, list[Charge]] = defaultdict(list)
    for charge in charges:
        groupes[_cle(charge.nature, charge.creneau)].append(charge)
    return {cle: (comptees(siennes), sum(charge.montant for charge in siennes)) for cle, siennes in groupes.items()}


def load_sommes(mois: Mois) -> dict[Cle, Somme]:
    """How many séances, and how many centimes, this closed month billed: by créneau (primary key), then the supplements
    and the corrections, by their French titles; what is nothing is left out. Two queries.
    """
    sommes: dict[Cle, Somme] = {}
    lignes = Prestation.objects.filter(mois=mois).order_by().values_list("nature", "creneau")
    comptes = lignes.annotate(nombre=seances_expression(), somme=Sum("montant"))
    corrections = Prestation.objects.filter(facture__mois=mois, nature__in=CORRECTIONS).order_by()
    corrigees = corrections.values_list("nature", "creneau").annotate(nombre=Count("pk"), somme=Sum("montant"))
    for nature, creneau, nombre, montant in [*comptes, *corrigees]:
        deja = sommes.get(cle := _cle(nature, creneau), (0, 0))
        sommes[cle] = (deja[0] + nombre, deja[1] + montant)
    return sommes


def _cle(nature: str, creneau: int | None) -> Cle:
    if nature in CORRECTIONS:
        return CORRECTIONS_DITES
    if nature == Nature.PLAFOND:
        return PLAFONDS_DITS
    return creneau if creneau is not None and nature in DES_SEANCES else SUPPLEMENTS_DITS


def _totaux(premier: date, sommes: Mapping[Cle, Somme]) -> Totaux:
    avant = mois_precedent(premier)
    clos = Mois.objects.filter(premier=avant).first()
    sommes_avant = load_sommes(clos) if clos else None
    jours, jours_avant = jours_ecole(premier), jours_ecole(avant)

    def ligne(cle: Cle, titre: str, *, par_jour: bool = True) -> LigneTotal:
        nombre, montant = sommes.get(cle, (0, 0))
        nombre_avant, montant_avant = (None, None) if sommes_avant is None else sommes_avant.get(cle, (0, 0))
        return LigneTotal(titre, nombre, montant, nombre_avant, montant_avant, jours, jours_avant, par_jour)

    plus = plusieurs()
    creneaux = Creneau.objects.prefetch_related("ecoles") if plus else Creneau.objects.all()
    connus = sommes.keys() | (sommes_avant or {}).keys()
    lignes = [
        ligne(creneau.pk, creneau_et_ecoles(creneau) if plus else creneau.titre)
        for creneau in creneaux
        if creneau.pk in connus
    ]
    lignes += [
        ligne(nom, nom, par_jour=False) for nom in (SUPPLEMENTS_DITS, PLAFONDS_DITS, CORRECTIONS_DITES) if nom in connus
    ]
    return Totaux(
        lignes, _total(lignes, jours, jours_avant, compare=clos is not None), premier, avant, clos is not None
    )


def _total(lignes: Sequence[LigneTotal], jours: int, jours_avant: int, *, compare: bool) -> LigneTotal:
    seances = [ligne for ligne in lignes if ligne.par_jour_dit]
    return LigneTotal(
        "Total",
        sum(ligne.nombre for ligne in seances),
        sum(ligne.montant for ligne in lignes),
        sum(ligne.nombre_avant or 0 for ligne in seances) if compare else None,
        sum(ligne.montant_avant or 0 for ligne in lignes) if compare else None,
        jours,
        jours_avant,
    )
