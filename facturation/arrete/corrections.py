"""What a closed month owes otherwise, once the secretary has said so: lines on the next invoice, or an avoir at once.

What is proposed is computed again under the lock of the emission: a correction that was asked for twice is made once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts import journal
from facturation.arrete.cloture import Emise, emettre
from facturation.arrete.propositions import CorrectionProposee, CoteCorrection, Difference, EtatLigne, find
from facturation.arrete.regularisations import load_propositions
from facturation.arrete.tasks import send_avoir
from facturation.lignes import LigneFigee, canonical, ecrire
from facturation.models import Facture, Mois, Prestation
from facturation.numeros import lock_emission
from facturation.payeurs.comptes import compte_of
from facturation.payeurs.entetes import SANS_ADULTE, load_identites
from facturation.regie.encaissements import imputer_credits

MOTIF_MAX = 300


@dataclass(frozen=True)
class Correction:
    """What was written: the avoirs that were issued; the rest waits for the next invoice."""

    proposition: CorrectionProposee
    avoirs: Sequence[Facture]


def corriger(mois: Mois, marque: str, *, avoir: bool, par: int | None, now: datetime) -> Correction | None:
    """Apply the proposed correction of this closed month that has this mark (`CorrectionProposee.marque`), whole: what
    two payers exchange is corrected on both sides.

    With `avoir`, a payer who is owed money gets an avoir at once, told by e-mail where one reaches them; otherwise, and
    for a payer who owes more, the lines go on the next invoice. None, and nothing is written, when the proposition
    stands no more or has other amounts by now. `par` is the agent (primary key).
    """
    with transaction.atomic():
        lock_emission(now)
        proposition = find(load_propositions(mois), marque)
        if proposition is None:
            return None
        identites = load_identites([cote.foyer for cote in proposition.cotes])
        emises, attendent = [], []
        for cote in proposition.cotes:
            compte = compte_of(cote.foyer).pk
            lignes = [_ligne(difference, compte, cote.motif) for difference in cote.differences]
            if avoir and cote.montant < 0:
                identite = identites.get(cote.foyer, SANS_ADULTE)
                emises.append((Emise(compte, identite, lignes, origine=_origine(cote), motif=cote.motif), identite))
            else:
                attendent += lignes
        ecrire(((ligne, None) for ligne in attendent), None)
        avoirs = emettre([emise for emise, _ in emises], mois=None, par=par, now=now)
        imputer_credits({facture.compte_id for facture in avoirs}, now)
        for facture, (_, identite) in zip(avoirs, emises, strict=True):
            if identite.joignable is not None:
                send_avoir.enqueue(identite.joignable, facture.pk)
    journal.event("mois_corrige", user=par, mois=f"{mois.premier:%Y-%m}", avoirs=len(avoirs))
    return Correction(proposition, avoirs)


def _origine(cote: CoteCorrection) -> Facture | None:
    """The invoice that an avoir gives money back of: that of its first line."""
    anciennes = [difference.ancienne for difference in cote.differences if difference.ancienne]
    return next((ligne.facture for ligne in anciennes if ligne.facture), None)


def _ligne(difference: Difference, compte: int, motif: str) -> LigneFigee:
    """The correction of one line: what it was, what it is, why. It gives the tax credit that the line gave."""
    ancienne, nouvelle = difference.ancienne, difference.nouvelle
    figee = ancienne or difference.derniere
    de_quoi: Any = nouvelle or figee
    montant = difference.montant
    return LigneFigee(
        compte,
        difference.cle.enfant,
        figee.cle_enfant if figee else difference.cle.enfant,
        figee.jour if figee else de_quoi.jour,
        figee.creneau_id if figee else de_quoi.creneau,
        Prestation.Nature.CORRECTION,
        1,
        montant,
        montant,
        100,
        montant,
        de_quoi.credit_impot,
        de_quoi.quotient,
        de_quoi.residence,
        de_quoi.rang,
        None,
        None,
        None,
        canonical(
            {
                "nature": difference.cle.nature,
                "avant": _etat(difference.etat_avant),
                "apres": _etat(difference.etat_apres),
            }
        ),
        canonical(de_quoi.prix_dit),
        ancienne.pk if ancienne else None,
        motif[:MOTIF_MAX],
    )


def _etat(etat: EtatLigne) -> dict[str, Any]:
    """What a line said, or says: the sum, how many, the departure of who came (None: nobody tapped it)."""
    dit: dict[str, Any] = {"montant": etat.montant, "quantite": etat.ligne.quantite if etat.ligne else 0}
    return dit | ({"depart": etat.parti} if etat.presence else {})
