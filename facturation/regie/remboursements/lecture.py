"""The credit of a payer: what of it came in CESU, and by whom it may be given back. Reads; amounts are centimes."""

from __future__ import annotations

from dataclasses import dataclass

from facturation.models import Compte, Regie
from facturation.montants import euros
from facturation.payeurs.comptes import noms_of, soldes
from facturation.regie.imputations import cesu_of, open_credits
from portail.francais import NBSP

RECETTES, AVANCES = "recettes", "avances"


@dataclass(frozen=True)
class Credit:
    """What a payer has in credit. `regie`: the kind that the town's act says, empty while it says nothing."""

    nom: str
    somme: int
    cesu: int
    regie: str

    @property
    def phrases(self) -> list[str]:
        """What giving it back asks, in French sentences, by the kind of régie."""
        demande = (
            f"Une régie de recettes ne dépense pas{NBSP}: demandez à l’ordonnateur, c’est-à-dire au maire, un mandat "
            f"de {euros(self.somme)} au nom de {self.nom}, avec son RIB et la raison. La trésorerie paie. Revenez "
            "alors écrire la ligne, avec la référence et le jour de son virement."
        )
        rend = f"Une régie d’avances rend l’argent elle-même{NBSP}: rendez-le, puis écrivez la ligne."
        dites = {RECETTES: [demande], AVANCES: [rend]}.get(self.regie, [demande, rend])
        cesu = (
            f"Dont {euros(self.cesu)} reçus en CESU, qui ne se rendent pas en argent{NBSP}: laissez-les en crédit pour "
            "la prochaine facture, ou écrivez pourquoi vous les rendez."
        )
        return [
            *dites,
            *([cesu] if self.cesu else []),
            "La ligne de remboursement est dans le journal, avec son numéro et sa raison. Ce qui est rendu n’est plus "
            "déduit de la prochaine facture. Écrite par erreur, elle s’annule, comme un reçu.",
        ]


def load_credit(compte: Compte) -> Credit:
    """What this payer has in credit, and what the act of the town's régie lets it do."""
    regie = Regie.objects.order_by("pk").first()
    somme = max(0, -soldes([compte])[compte.pk])
    cesu = sum(cesu_of(open_credits([compte.pk]).get(compte.pk, [])).values())
    genre = (AVANCES if regie.avances else RECETTES) if regie else ""
    return Credit(noms_of([compte])[compte.pk], somme, min(cesu, somme), genre)
