"""The town's own list of residences: its names, the communes tied to each, the one by default; its only writer.

Codes never change: payers, grids and frozen lines hold them. A residence that one of them names stays.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils.text import slugify

from facturation.models import Compte, LieuResidence, LigneTarif, Prestation
from facturation.prix.tarifs import LIEUX, Residence
from portail.cles import ABREVIATIONS, mots

PARTICULES = {"cedex", "le", "la", "les", "l"}
RESERVES = {"toutes", "cherche", "csrfmiddlewaretoken"}  # other fields of the page that confirms residences
LONGUEUR = 24  # of a code, so that a number can follow


class LieuRefuse(Exception):
    """What keeps this from being written; its text is a French sentence."""


def load_noms() -> dict[str, str]:
    """The residences of the town in its order, code and name; the two that every town begins with where it has no list.
    One query.
    """
    return dict(LieuResidence.objects.values_list("code", "nom")) or dict(LIEUX)


def cle_commune(commune: str) -> str:
    """The name of a commune without what changes from an address to the other: « St Sauveur », « SAINT-SAUVEUR CEDEX
    2 ».
    """
    gardes = [mot for mot in mots(commune).split() if not (mot.isdigit() or mot in PARTICULES)]
    return "".join(ABREVIATIONS.get(mot, mot) for mot in gardes)


@dataclass(frozen=True)
class Propositions:
    """Which residence an address proposes: that of its commune where the town tied it to one, else the two that every
    town begins with.
    """

    par_commune: dict[str, str]
    ailleurs: str

    def of(self, commune: str) -> str:
        """The code of the residence that this name of a commune suggests; nothing where there is no name, or where the
        town's list says nothing of it.
        """
        cle = cle_commune(commune)
        return self.par_commune.get(cle, self.ailleurs) if cle else Residence.A_DIRE.value


def load_propositions() -> Propositions:
    """What addresses propose today. One query."""
    lieux = list(LieuResidence.objects.values_list("code", "communes")) or [(code, "") for code in LIEUX]
    codes = {code for code, _ in lieux}
    siennes = {cle_commune(settings.COMMUNE_NOM): Residence.COMMUNE.value} if Residence.COMMUNE in codes else {}
    for code, communes in lieux:
        siennes |= {cle: code for commune in communes.splitlines() if (cle := cle_commune(commune))}
    return Propositions(siennes, Residence.HORS.value if Residence.HORS in codes else Residence.A_DIRE.value)


def refus_des_communes(communes: str, sauf: int | None) -> str:
    """Why these communes, one a line, cannot be tied to a residence, in a French sentence: another one has one of them.
    Empty when they can. `sauf`: the residence itself (primary key).
    """
    voulues = {cle_commune(commune): commune.strip() for commune in communes.splitlines() if commune.strip()}
    for lieu in LieuResidence.objects.exclude(pk=sauf or 0):
        for commune in lieu.communes.splitlines():
            if (cle := cle_commune(commune)) in voulues:
                return f"{voulues[cle]} est déjà liée à «\u00a0{lieu.nom}\u00a0»."
    return ""


@transaction.atomic
def enregistrer(lieu: LieuResidence, *, defaut: bool) -> None:
    """Write this valid residence, new or not; a new one gets its code, and stands last. `defaut`: whether it is the one
    by default; the one before is then no more.
    """
    lieu.defaut = defaut
    if defaut:
        LieuResidence.objects.exclude(pk=lieu.pk or 0).filter(defaut=True).update(defaut=False)
    if lieu.pk is None:
        autres = list(LieuResidence.objects.select_for_update().values_list("code", "ordre"))
        lieu.code = _code(lieu.nom, {code for code, _ in autres})
        lieu.ordre = 1 + max((ordre for _, ordre in autres), default=0)
    lieu.save()


def _code(nom: str, pris: set[str]) -> str:
    """A code that no residence has: letters and digits of the name."""
    racine = slugify(nom).replace("-", "_")[:LONGUEUR] or "lieu"
    codes = (racine if n == 1 else f"{racine}_{n}" for n in range(1, len(pris | RESERVES) + 2))
    return next(code for code in codes if code not in pris | RESERVES)


def is_used(lieu: LieuResidence) -> bool:
    """Whether a payer, a grid or a line of a closed month names this residence."""
    return (
        Compte.objects.filter(residence=lieu.code).exists()
        or LigneTarif.objects.filter(residence=lieu.code).exists()
        or Prestation.objects.order_by().filter(residence=lieu.code).exists()
    )


@transaction.atomic
def supprimer(lieu: LieuResidence) -> None:
    """Take this residence off the list. `LieuRefuse`, whose text is French, where something names it, or where it is
    the one by default.
    """
    if lieu.defaut:
        raise LieuRefuse(f"«\u00a0{lieu.nom}\u00a0» est celle par défaut\u00a0: choisissez-en d’abord une autre.")
    if is_used(lieu):
        raise LieuRefuse(f"«\u00a0{lieu.nom}\u00a0» sert à un payeur, à un tarif ou à une facture\u00a0: elle reste.")
    lieu.delete()
