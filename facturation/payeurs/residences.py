"""Whether a payer lives in the commune: proposed from the address of its foyer, confirmed by the town; its only writer.

« À dire » is priced as the commune, and listed. Case, accents, hyphens and « St » count for nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, prefetch_related_objects

from enfance.models import Foyer
from facturation.models import Compte
from facturation.payeurs.comptes import lock_payeurs
from facturation.payeurs.recherche import MONTRES, PayeurVu, foyers_a_facturer, load_payeurs, narrow
from facturation.prix.tarifs import Residence
from portail.cles import ABREVIATIONS, mots

PARTICULES = {"cedex", "le", "la", "les", "l"}
GROUPES = {Residence.COMMUNE: "commune", Residence.HORS: "hors", Residence.A_DIRE: "sans_adresse"}


def proposition_of(commune: str) -> Residence:
    """The residence that this name of a commune suggests: the town's own, another, or nothing to say when it is
    empty.
    """
    cle = _cle(commune)
    if not cle:
        return Residence.A_DIRE
    return Residence.COMMUNE if cle == _cle(settings.COMMUNE_NOM) else Residence.HORS


def _cle(commune: str) -> str:
    """The name without what changes from an address to the other: « St Sauveur », « SAINT-SAUVEUR CEDEX 2 »."""
    gardes = [mot for mot in mots(commune).split() if not (mot.isdigit() or mot in PARTICULES)]
    return "".join(ABREVIATIONS.get(mot, mot) for mot in gardes)


@dataclass(frozen=True)
class ResidenceVue:
    """A payer, what was confirmed of its residence, what its address proposes."""

    payeur: PayeurVu
    residence: Residence
    proposee: Residence

    @property
    def commune(self) -> str:
        """The commune of the foyer's address."""
        return self.payeur.foyer.commune


@dataclass(frozen=True)
class GroupeResidences:
    """Payers of whom there is the same thing to say: all of them (primary keys of their foyers), the first of them in
    words.
    """

    cles: list[int]
    vues: list[ResidenceVue]

    @property
    def nombre(self) -> int:
        """How many payers the group has, shown or not."""
        return len(self.cles)


@dataclass(frozen=True)
class ResidencesVues:
    """Those to confirm, by what their address proposes; those without address; those whose address says otherwise."""

    commune: GroupeResidences
    hors: GroupeResidences
    sans_adresse: GroupeResidences
    changees: GroupeResidences
    confirmees: int = 0

    @property
    def a_dire(self) -> int:
        """How many payers have no confirmed residence yet."""
        return self.commune.nombre + self.hors.nombre + self.sans_adresse.nombre


def foyers_a_dire(today: date) -> QuerySet[Foyer]:
    """The foyers to be billed (see `foyers_a_facturer`) whose residence nobody has confirmed."""
    dites = Compte.objects.filter(foyer=OuterRef("pk")).exclude(residence=Residence.A_DIRE)
    return foyers_a_facturer(today).exclude(Exists(dites))


def load_residences(today: date, cherche: str = "") -> ResidencesVues:
    """The payers to be billed, grouped by what there is to say of their residence; only those that the words of
    `cherche` find (`narrow`), when it is given.

    Five queries; of each group only a page is read in words.
    """
    foyers = narrow(foyers_a_facturer(today), cherche)
    cles: dict[str, list[int]] = {"commune": [], "hors": [], "sans_adresse": [], "changees": []}
    dits: dict[int, tuple[Residence, Residence]] = {}
    confirmees = 0
    for cle, commune, dite in foyers.values_list("pk", "commune", "compte__residence"):
        residence, proposee = Residence(dite or ""), proposition_of(commune)
        dits[cle] = residence, proposee
        if residence == Residence.A_DIRE:
            cles[GROUPES[proposee]].append(cle)
            continue
        confirmees += 1
        if proposee not in (Residence.A_DIRE, residence):
            cles["changees"].append(cle)
    montres = {cle for groupe in cles.values() for cle in groupe[:MONTRES]}
    payeurs = {payeur.pk: payeur for payeur in load_payeurs(Foyer.objects.filter(pk__in=montres))}
    groupes = {
        nom: GroupeResidences(groupe, [ResidenceVue(payeurs[cle], *dits[cle]) for cle in groupe[:MONTRES]])
        for nom, groupe in cles.items()
    }
    return ResidencesVues(**groupes, confirmees=confirmees)


def confirmer(foyers: Collection[int], residence: str, *, par: int, now: datetime) -> list[Compte]:
    """Write that these foyers (primary keys) live in the commune or out of it (`residence`); returns the payers for
    whom that is a change. All of them or none. `par` is the agent (primary key). ValueError for « à dire ».
    """
    voulue = Residence(residence)
    if voulue == Residence.A_DIRE:
        raise ValueError("Somebody lives in the commune, or out of it")
    with transaction.atomic():
        lus = {compte.pk: compte for compte in lock_payeurs(foyers).values()}
        changes = [compte for _, compte in sorted(lus.items()) if compte.residence != voulue]
        prefetch_related_objects(changes, "foyer__responsables__user")
        for compte in changes:
            compte.residence, compte.residence_vue_le, compte.residence_vue_par_id = voulue, now, par
        Compte.objects.bulk_update(changes, ["residence", "residence_vue_le", "residence_vue_par"])
        return changes


def choisir_envoi(foyer: int, envoi: str) -> Compte | None:
    """Send the invoices of this foyer (primary key) by e-mail or on paper from now on (`envoi`, a code of
    `Compte.Envoi`); returns its payer, or None when that is so already.
    """
    with transaction.atomic():
        compte = lock_payeurs([foyer])[foyer]
        if compte.envoi == envoi:
            return None
        compte.envoi = Compte.Envoi(envoi)
        compte.save(update_fields=["envoi"])
        return compte
