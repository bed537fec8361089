"""The only writer of what the council voted: tariffs with their grids and supplements, entered, corrected until used,
copied.

Once a line of a closed month used one, it changes no more. Whoever closes a month and whoever writes what prices it
wait for each other (`lock_emission`): a month is priced by what stood before, or by what stands after, whole.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime

from django.db import transaction

from enfance.models import Creneau
from facturation.models import Deliberation, LigneTarif, Plafond, Prestation, Supplement, Tarif
from facturation.numeros import lock_emission
from facturation.prix.tarifs import LigneGrille
from facturation.votes.regles import PorteePrix, refus_de_recopie, refus_du_jour, refus_du_supplement, tarif_du_jour


class VoteRefuse(Exception):
    """What somebody else did meanwhile keeps this from being written; its text is a French sentence."""


def is_used(vote: Tarif | Supplement | Plafond | Deliberation) -> bool:
    """Whether a line of a closed month was priced by this tariff, supplement or cap, or under this délibération: it is
    then edited no more, a new one follows it.
    """
    lignes = Prestation.objects.order_by()
    if isinstance(vote, Tarif):
        return lignes.filter(tarif=vote).exists()
    if isinstance(vote, Supplement):
        return lignes.filter(supplement=vote).exists()
    if isinstance(vote, Plafond):
        return lignes.filter(plafond=vote).exists()
    if lignes.filter(plafond__deliberation=vote).exists():
        return True
    return lignes.filter(tarif__deliberation=vote).exists() or lignes.filter(supplement__deliberation=vote).exists()


@transaction.atomic
def enregistrer(tarif: Tarif, creneaux: Collection[Creneau], lignes: Iterable[LigneGrille], *, now: datetime) -> None:
    """Write this valid tariff, new or not used yet, with its créneaux and its grid.

    `VoteRefuse`, whose text is French, and nothing is written, when a line was priced by it, when a month that it would
    price is closed, or when another tariff of the same créneaux begins on its day.
    """
    lock_emission(now)
    if tarif.pk is not None and is_used(tarif):
        raise VoteRefuse(f"{tarif.nom}\u00a0: ce tarif vient de servir, il ne se change plus.")
    _refuse(refus_du_jour(tarif.debut))
    portee = PorteePrix(frozenset(creneau.pk for creneau in creneaux), tarif.moment)
    if deja := tarif_du_jour(portee, tarif.debut, tarif.pk):
        raise VoteRefuse(f"«\u00a0{deja.nom}\u00a0» commence déjà ce jour-là.")
    tarif.save()
    tarif.creneaux.set(creneaux)
    tarif.lignes.all().delete()
    LigneTarif.objects.bulk_create(_ligne(tarif, ligne) for ligne in lignes)


@transaction.atomic
def recopier(
    tarifs: Sequence[Tarif],
    deliberation: Deliberation,
    debut: date,
    supplements: Sequence[Supplement] = (),
    *,
    now: datetime,
) -> list[Tarif | Supplement]:
    """Copy these tariffs with their grids, and these supplements without an end, from the day `debut` on and under
    another vote; the copies, which may be corrected until they are used.

    `VoteRefuse`, whose text is French, and nothing is written, when one of them cannot begin on that day.
    """
    lock_emission(now)
    _refuse(refus_du_jour(debut), *refus_de_recopie(tarifs, debut))
    for supplement in supplements:
        _refuse(refus_du_supplement(supplement.genre, PorteePrix.of(supplement), debut, None)[1])
    copies: list[Tarif | Supplement] = []
    for tarif in tarifs:
        copie = Tarif.objects.get(pk=tarif.pk)
        _copy(copie, deliberation, debut)
        lignes = list(tarif.lignes.all())
        for ligne in lignes:
            ligne.pk, ligne._state.adding, ligne.tarif = None, True, copie
        LigneTarif.objects.bulk_create(lignes)
        copies.append(copie)
    for supplement in supplements:
        suivant = Supplement.objects.get(pk=supplement.pk)
        suivant.fin = None
        _copy(suivant, deliberation, debut)
        copies.append(suivant)
    return copies


def _copy(vote: Tarif | Supplement, deliberation: Deliberation, debut: date) -> None:
    """Write this row again as a new one, from another day on, under another vote."""
    creneaux = list(vote.creneaux.all())
    vote.pk, vote._state.adding = None, True
    vote.deliberation, vote.debut = deliberation, debut
    vote.save()
    vote.creneaux.set(creneaux)


@transaction.atomic
def supprimer(vote: Tarif | Supplement | Plafond | Deliberation, *, now: datetime) -> None:
    """Delete this tariff, supplement, cap or délibération, entered by mistake. `VoteRefuse`, whose text is French, and
    nothing is deleted, once a line was priced by it, or while a price cites this délibération.
    """
    lock_emission(now)
    if isinstance(vote, Deliberation):
        if vote.tarifs.exists() or vote.supplements.exists() or vote.plafonds.exists():
            raise VoteRefuse(f"{vote}\u00a0: des prix la citent, elle ne se supprime pas.")
    elif is_used(vote):
        raise VoteRefuse(f"{vote}\u00a0: il a servi à une facture, il ne se supprime pas. Un nouveau le suit.")
    vote.delete()


def _refuse(*refus: str) -> None:
    """`VoteRefuse` with these sentences, unless all of them are empty."""
    if said := " ".join(filter(None, refus)):
        raise VoteRefuse(said)


def _ligne(tarif: Tarif, ligne: LigneGrille) -> LigneTarif:
    return LigneTarif(
        tarif=tarif,
        residence=ligne.residence,
        inconnu=ligne.qf_min is None,
        qf_min=ligne.qf_min,
        qf_max=ligne.qf_max,
        rang=ligne.rang,
        prix=ligne.prix,
        taux=ligne.taux,
        minimum=ligne.minimum,
        maximum=ligne.maximum,
        premiere=ligne.premiere,
        seance=ligne.seance,
    )
