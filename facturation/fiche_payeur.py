"""All that the secretary asks of one payer: balance, invoices, quotients, residence, shares of its children. Reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from enfance.models import Enfant, Foyer, Garde, Responsabilite
from facturation.models import Compte, Encaissement, Facture, Partage, Quotient
from facturation.payeurs.comptes import restes, soldes
from facturation.payeurs.lieux import load_noms, load_propositions
from facturation.payeurs.partages import PeriodePartagee, periodes_of
from facturation.payeurs.recherche import nom_of
from facturation.payeurs.reports import reclame_of
from facturation.payeurs.sans_facture import load_sans_facture
from facturation.quotients.vus import load_quotients

MONTREES = 12  # invoices, and receipts: a year; the lists of all payers hold the others


@dataclass(frozen=True)
class FoyerPossible:
    """A foyer that may owe a part of a child's price: its name for the town hall."""

    pk: int
    nom: str


@dataclass(frozen=True)
class EnfantPartage:
    """A child of the payer: the shares of its price, the foyers that they may be between."""

    enfant: Enfant
    periodes: Sequence[PeriodePartagee]
    foyers: Sequence[FoyerPossible]


@dataclass(frozen=True)
class FichePayeur:
    """One payer. `solde` in centimes: what is owed (`reclame` of it, the treasury claims; `sans_facture` of it, no
    invoice says); below 0, a credit.
    `proposee`: the code of the residence that the address proposes, empty for none; `noms`: those of the town.
    `factures`: the last ones, with what remains; `recus`: the last entries, contrary ones included.
    """

    foyer: Foyer
    nom: str
    compte: Compte | None
    solde: int
    reclame: int
    sans_facture: int
    factures: Sequence[tuple[Facture, int]]
    recus: Sequence[Encaissement]
    quotients: Sequence[Quotient]
    proposee: str
    enfants: Sequence[EnfantPartage]
    noms: Mapping[str, str]

    @property
    def credit(self) -> int:
        """What the town owes to this payer, in centimes; 0 when the payer owes something."""
        return max(-self.solde, 0)

    @property
    def residence(self) -> str:
        """The confirmed residence of the payer, its code; empty while nobody has said it."""
        return self.compte.residence if self.compte else ""

    @property
    def residence_dite(self) -> str:
        """The name of the confirmed residence inside a sentence."""
        return self._dite(self.residence)

    @property
    def proposee_dite(self) -> str:
        """The name of the residence that the address proposes, inside a sentence; empty for none."""
        return self._dite(self.proposee)

    def _dite(self, code: str) -> str:
        nom = self.noms.get(code, "")
        return f"{nom[:1].lower()}{nom[1:]}"

    @property
    def envoi(self) -> str:
        """How the invoices of this payer are sent, a code of `Compte.Envoi`; by e-mail unless paper was chosen."""
        return self.compte.envoi if self.compte else Compte.Envoi.COURRIEL


def load_fiche(foyer: Foyer) -> FichePayeur:
    """All that the secretary's page shows of the payer of this foyer: balance, invoices, receipts, quotients, children.
    Of invoices and receipts, the last twelve. The foyer may have no payer yet.
    """
    compte = Compte.objects.select_related("residence_vue_par").filter(foyer=foyer).first()
    factures = list(Facture.objects.for_compte([compte])[:MONTREES]) if compte else []
    dus = restes(factures)
    return FichePayeur(
        foyer,
        nom_of(foyer),
        compte,
        soldes([compte])[compte.pk] if compte else 0,
        reclame_of([compte.pk]) if compte else 0,
        sum(load_sans_facture([compte.pk]).values()) if compte else 0,
        [(facture, dus[facture.pk]) for facture in factures],
        list(Encaissement.objects.for_compte([compte]).select_related("annule", "annule_par")[:MONTREES])
        if compte
        else [],
        load_quotients(compte) if compte else [],
        load_propositions().of(foyer.commune),
        load_enfants(foyer),
        load_noms(),
    )


def load_enfants(foyer: Foyer) -> list[EnfantPartage]:
    """The children of this foyer, and those whose price it owes a part of, each with its shares and the foyers that may
    owe a part. Five queries.
    """
    siens = Enfant.objects.for_foyer(foyer) | Enfant.objects.filter(partages__compte__foyer=foyer)
    enfants = {enfant.pk: enfant for enfant in siens.order_by("date_naissance", "prenom", "pk").distinct()}
    possibles: dict[int, dict[int, None]] = {pk: {} for pk in enfants}
    partages: dict[int, list[Partage]] = {pk: [] for pk in enfants}
    gardes = Garde.objects.filter(enfant__in=enfants).order_by("pk").values_list("enfant", "foyer")
    liens = Responsabilite.objects.filter(enfant__in=enfants, suspendue=False).order_by("pk")
    for enfant, cle in [*gardes, *liens.values_list("enfant", "responsable__foyer")]:
        possibles[enfant].setdefault(cle)
    lus = Partage.objects.filter(enfant__in=enfants).select_related("compte__foyer")
    for partage in lus.prefetch_related("compte__foyer__responsables__user"):
        partages[partage.enfant_id].append(partage)
        if partage.compte.foyer_id:
            possibles[partage.enfant_id].setdefault(partage.compte.foyer_id)
    foyers = Foyer.objects.prefetch_related("responsables__user").in_bulk(
        {cle for cles in possibles.values() for cle in cles}
    )
    return [
        EnfantPartage(
            enfant,
            periodes_of(partages[pk]),
            [
                FoyerPossible(cle, f"{nom_of(foyers[cle])}, {foyers[cle].adresse or 'sans adresse'}")
                for cle in possibles[pk]
            ],
        )
        for pk, enfant in enfants.items()
    ]
