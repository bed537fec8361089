"""Who signed and received a receipt or a versement, as its paper says it: as it was frozen when it was written."""

from __future__ import annotations

from dataclasses import dataclass

from facturation.models import Encaissement, Versement
from facturation.papiers import mots
from facturation.reglages import load_reglage
from portail.dates import jour_annee

SANS_FONCTION = "Le régisseur ou la régisseuse de recettes"


@dataclass(frozen=True)
class Signature:
    """`nom` signs as `fonction` under `acte`; `recu_par` received, where that is somebody else; `scelle` says since
    when the paper is sealed, where that was done after it was written. Empty words are not said.
    """

    nom: str
    fonction: str
    recu_par: str
    acte: str
    scelle: str


def signature_of(piece: Encaissement | Versement) -> Signature:
    """What was frozen with this receipt or versement. One that has no seal yet is signed by the name of the settings,
    which one query reads.
    """
    signe = piece.signe if piece.empreinte else {"signataire": load_reglage().regisseur}
    nom, fonction, recu_par = signe.get("signataire", ""), signe.get("fonction", ""), signe.get("recu_par", "")
    scelle = ""
    if signe.get("tel_quel") and piece.scelle_le:
        scelle = f"Scellé depuis le {jour_annee(mots.jour_of(piece.scelle_le))}, tel qu’il était."
    return Signature(
        nom=nom,
        fonction=f"{fonction[:1].upper()}{fonction[1:]}" if fonction else SANS_FONCTION,
        recu_par=recu_par if recu_par != nom else "",
        acte=signe.get("acte", ""),
        scelle=scelle,
    )
