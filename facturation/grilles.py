"""Tariffs and supplements of the base as the values that prices are computed from."""

from __future__ import annotations

from collections.abc import Iterable

from facturation.models import LigneTarif, Supplement, Tarif
from facturation.tarifs import GrilleTarif, LigneGrille, SupplementVote


def load_grilles() -> list[GrilleTarif]:
    """Every tariff with its lines, the latest begun first. Three queries."""
    return [grille_of(tarif) for tarif in Tarif.objects.select_related("deliberation").prefetch_related(*AVEC)]


def load_supplements() -> list[SupplementVote]:
    """Every supplement. Two queries."""
    return [
        SupplementVote(
            cle=supplement.pk,
            genre=supplement.genre,
            debut=supplement.debut,
            fin=supplement.fin,
            creneaux=frozenset(creneau.pk for creneau in supplement.creneaux.all()),
            moment=supplement.moment,
            prix=supplement.prix,
            pourcentage=supplement.pourcentage,
            tolerance=supplement.tolerance,
            deliberation=supplement.deliberation.numero,
            votee_le=supplement.deliberation.votee_le,
            article=supplement.article,
        )
        for supplement in Supplement.objects.select_related("deliberation").prefetch_related("creneaux")
    ]


AVEC = ("creneaux", "lignes")


def grille_of(tarif: Tarif) -> GrilleTarif:
    """This tariff with its lines; its délibération, `creneaux` and `lignes` are best fetched before."""
    return GrilleTarif(
        cle=tarif.pk,
        nom=tarif.nom,
        debut=tarif.debut,
        unite=tarif.unite,
        base=tarif.base,
        minutes=tarif.minutes,
        tranches_absent=tarif.tranches_absent,
        par_jour=tarif.par_jour,
        fratrie=tarif.fratrie,
        arrondi=tarif.arrondi,
        creneaux=frozenset(creneau.pk for creneau in tarif.creneaux.all()),
        moment=tarif.moment,
        deliberation=tarif.deliberation.numero,
        votee_le=tarif.deliberation.votee_le,
        lignes=lignes_of(tarif.lignes.all()),
    )


def lignes_of(lignes: Iterable[LigneTarif]) -> tuple[LigneGrille, ...]:
    """These cells as values; a line for an unknown quotient has no tranche."""
    return tuple(
        LigneGrille(
            residence=ligne.residence,
            qf_min=None if ligne.inconnu else ligne.qf_min,
            qf_max=ligne.qf_max,
            rang=ligne.rang,
            prix=ligne.prix,
            taux=ligne.taux,
            minimum=ligne.minimum,
            maximum=ligne.maximum,
            cle=ligne.pk,
        )
        for ligne in lignes
    )
