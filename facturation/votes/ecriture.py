"""The only writer of what the council voted: tariffs with their grids, entered, corrected until used, copied.

Once a line of a closed month used a tariff, it changes no more. Whoever closes a month and whoever corrects a tariff
wait for each other (`lock_emission`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime

from django.db import transaction

from enfance.models import Creneau
from facturation.models import Deliberation, LigneTarif, Prestation, Tarif
from facturation.numeros import lock_emission
from facturation.prix.tarifs import LigneGrille


def is_used(tarif: Tarif) -> bool:
    """Whether a line of a closed month was priced by it: it is edited no more, a new one follows it."""
    return Prestation.objects.filter(tarif=tarif).exists()


@transaction.atomic
def enregistrer(tarif: Tarif, creneaux: Collection[Creneau], lignes: Iterable[LigneGrille], *, now: datetime) -> bool:
    """Write this valid tariff, new or not used yet, with its grid; False, and nothing written, once it is used."""
    if tarif.pk is not None:
        lock_emission(now)
        if is_used(tarif):
            return False
    tarif.save()
    tarif.creneaux.set(creneaux)
    tarif.lignes.all().delete()
    LigneTarif.objects.bulk_create(_ligne(tarif, ligne) for ligne in lignes)
    return True


@transaction.atomic
def recopier(tarifs: Sequence[Tarif], deliberation: Deliberation, debut: date) -> list[Tarif]:
    """The same tariffs from another day on, under another vote, to be corrected until they are used."""
    copies = []
    for ancien in tarifs:
        creneaux, lignes = list(ancien.creneaux.all()), list(ancien.lignes.all())
        copie = Tarif.objects.get(pk=ancien.pk)
        copie.pk, copie._state.adding = None, True
        copie.deliberation, copie.debut = deliberation, debut
        copie.save()
        copie.creneaux.set(creneaux)
        for ligne in lignes:
            ligne.pk, ligne._state.adding, ligne.tarif = None, True, copie
        LigneTarif.objects.bulk_create(lignes)
        copies.append(copie)
    return copies


def tarif_du_jour(creneaux: Iterable[int], moment: str, debut: date, sauf: int | None = None) -> Tarif | None:
    """Another tariff that already begins on this day for the same moment or one of these créneaux (primary keys)."""
    memes = Tarif.objects.filter(debut=debut)
    if sauf is not None:
        memes = memes.exclude(pk=sauf)
    siens = memes.filter(moment=moment) if moment else memes.filter(creneaux__in=list(creneaux))
    return siens.order_by("pk").first()


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
    )
