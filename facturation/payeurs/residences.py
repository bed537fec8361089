"""Where a payer lives: proposed from the address of its foyer, confirmed by the town; its only writer.

« À dire » is priced as the town's default, and listed. Case, accents, hyphens and « St » count for nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, prefetch_related_objects

from enfance.models import Foyer
from facturation.models import Compte
from facturation.payeurs.comptes import lock_payeurs
from facturation.payeurs.lieux import load_noms, load_propositions
from facturation.payeurs.recherche import MONTRES, PayeurVu, foyers_a_facturer, load_payeurs, narrow
from facturation.prix.tarifs import Residence

CHANGEES = "*"  # no code: those whose address says otherwise


@dataclass(frozen=True)
class ResidenceVue:
    """A payer, what was confirmed of its residence: its code, empty while nobody said it, and its name."""

    payeur: PayeurVu
    residence: str
    nom: str

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
    """Those to confirm, by the residence (code) that their address proposes; those whose address proposes none; those
    whose address says otherwise. `noms`: the residences of the town, code and name.
    """

    groupes: Mapping[str, GroupeResidences]
    sans_adresse: GroupeResidences
    changees: GroupeResidences
    noms: Mapping[str, str]
    confirmees: int = 0

    @property
    def a_dire(self) -> int:
        """How many payers have no confirmed residence yet."""
        return sum(groupe.nombre for groupe in self.groupes.values()) + self.sans_adresse.nombre


def foyers_a_dire(today: date) -> QuerySet[Foyer]:
    """The foyers to be billed (see `foyers_a_facturer`) whose residence nobody has confirmed."""
    dites = Compte.objects.filter(foyer=OuterRef("pk")).exclude(residence=Residence.A_DIRE)
    return foyers_a_facturer(today).exclude(Exists(dites))


def load_residences(today: date, cherche: str = "") -> ResidencesVues:
    """The payers to be billed, grouped by what there is to say of their residence; only those that the words of
    `cherche` find (`narrow`), when it is given.

    Seven queries; of each group only a page is read in words.
    """
    foyers = narrow(foyers_a_facturer(today), cherche)
    noms, propositions = load_noms(), load_propositions()
    cles: dict[str, list[int]] = {code: [] for code in (*noms, Residence.A_DIRE.value, CHANGEES)}
    dits: dict[int, tuple[str, str]] = {}
    confirmees = 0
    for cle, commune, dite in foyers.values_list("pk", "commune", "compte__residence"):
        residence, proposee = dite or Residence.A_DIRE.value, propositions.of(commune)
        dits[cle] = residence, noms.get(residence, Residence.A_DIRE.label)
        if not residence:
            cles[proposee].append(cle)
            continue
        confirmees += 1
        if proposee not in {"", residence}:
            cles[CHANGEES].append(cle)
    montres = {cle for groupe in cles.values() for cle in groupe[:MONTRES]}
    payeurs = {payeur.pk: payeur for payeur in load_payeurs(Foyer.objects.filter(pk__in=montres))}
    groupes = {
        code: GroupeResidences(groupe, [ResidenceVue(payeurs[cle], *dits[cle]) for cle in groupe[:MONTRES]])
        for code, groupe in cles.items()
    }
    changees, sans_adresse = groupes.pop(CHANGEES), groupes.pop(Residence.A_DIRE.value)
    return ResidencesVues(groupes, sans_adresse, changees, noms, confirmees)


def confirmer(foyers: Collection[int], residence: str, *, par: int, now: datetime) -> list[Compte]:
    """Write that these foyers (primary keys) have this residence, the code of one of the town's list; returns the
    payers for whom that is a change. All of them or none. `par` is the agent (primary key). ValueError for « à dire »,
    and for what the list does not have.
    """
    if residence not in load_noms():
        raise ValueError("A residence is one of the town's list")
    with transaction.atomic():
        lus = {compte.pk: compte for compte in lock_payeurs(foyers).values()}
        changes = [compte for _, compte in sorted(lus.items()) if compte.residence != residence]
        prefetch_related_objects(changes, "foyer__responsables__user")
        for compte in changes:
            compte.residence, compte.residence_vue_le, compte.residence_vue_par_id = residence, now, par
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
