"""What may leave in a versement: by means, what is chosen of it, what remains, the cash that was counted. Reads.

Amounts are centimes; days are those of Paris.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from facturation.models import Encaissement
from facturation.montants import euros
from facturation.papiers import mots
from facturation.regie.encaissements import VERSES, a_verser
from facturation.regie.journal import Bordereau
from facturation.regie.lignes import NOMS, ParMoyen, moyen_texte
from portail.dates import quantieme_mois
from portail.francais import et, pluriel

Moyen = Encaissement.Moyen
ESPECES = Moyen.ESPECES.value
ORDRE = (ESPECES, Moyen.CHEQUE.value, Moyen.CESU.value)
# What a sentence says of a means: of its receipts, and after « en ».
RECUS = {
    ESPECES: "reçu d’espèces,reçus d’espèces",
    Moyen.CHEQUE.value: "chèque,chèques",
    Moyen.CESU.value: "reçu de CESU,reçus de CESU",
}
EN = {ESPECES: "espèces", Moyen.CHEQUE.value: "chèques", Moyen.CESU.value: "CESU"}


@dataclass(frozen=True)
class MoyenAVerser:
    """A means of which something waits: its receipts by number, whether it is chosen, which receipts are kept."""

    code: str
    recus: Sequence[Encaissement]
    choisi: bool
    de_cote: frozenset[int]

    @property
    def nom(self) -> str:
        """The name of this means of payment in French: « Chèques »."""
        return NOMS[self.code]

    @property
    def montant(self) -> int:
        """What waits of this means, in centimes, kept or not."""
        return sum(recu.montant for recu in self.recus)

    @property
    def depuis(self) -> str:
        """The day when the first of these receipts came, in French: « 28 octobre »."""
        return quantieme_mois(min(mots.jour_of(recu.recu_le) for recu in self.recus))

    @property
    def titres(self) -> int:
        """How many CESU titles these receipts hold."""
        return sum(recu.titres or 0 for recu in self.recus)

    @property
    def partants(self) -> list[Encaissement]:
        """What leaves: nothing while the means is not chosen."""
        return [recu for recu in self.recus if self.choisi and recu.pk not in self.de_cote]

    @property
    def lignes(self) -> list[tuple[Encaissement, str, bool]]:
        """Each receipt of this means, with its means in words, and whether it is kept."""
        return [(recu, moyen_texte(recu), recu.pk in self.de_cote) for recu in self.recus]


@dataclass(frozen=True)
class PreparationVersement:
    """What waits in the till, by means, and what leaves of it."""

    moyens: Sequence[MoyenAVerser]

    @property
    def partants(self) -> list[Encaissement]:
        """The receipts that leave, by means, then by number."""
        return [recu for moyen in self.moyens for recu in moyen.partants]

    @property
    def total(self) -> int:
        """What leaves, in centimes."""
        return sum(recu.montant for recu in self.partants)

    @property
    def especes(self) -> int:
        """The cash that leaves, in centimes."""
        return sum(recu.montant for recu in self.partants if recu.moyen == ESPECES)

    @property
    def has_especes(self) -> bool:
        """Whether cash leaves, which is counted first."""
        return any(recu.moyen == ESPECES for recu in self.partants)

    @property
    def comptes(self) -> str:
        """The primary keys of what leaves, as the page keeps them: « 12,13 »."""
        return ",".join(str(recu.pk) for recu in self.partants)

    @property
    def verbe(self) -> str:
        """What the button does, in French: « Verser 312,40 €, en espèces et chèques »."""
        noms = [EN[moyen.code] for moyen in self.moyens if moyen.partants]
        return f"Verser {euros(self.total)}, en {et(noms or [''])}"

    @property
    def reste(self) -> str:
        """What does not leave, by means with its sum, in a French sentence; empty when all leaves."""
        partis = {recu.pk for recu in self.partants}
        groupes = [(moyen.code, [recu for recu in moyen.recus if recu.pk not in partis]) for moyen in self.moyens]
        restes = [ParMoyen(code, len(recus), sum(recu.montant for recu in recus)) for code, recus in groupes if recus]
        if not restes:
            return ""
        dits = et([f"{pluriel(reste.nombre, RECUS[reste.code])} ({euros(reste.montant)})" for reste in restes])
        return f"Il reste {euros(sum(reste.montant for reste in restes))}\u00a0: {dits}."

    @property
    def bordereau(self) -> Bordereau:
        """What leaves, as the slip says it."""
        return Bordereau(self.partants)


@dataclass(frozen=True)
class Caisse:
    """The cash that was counted, against that of the receipts which leave; `compte` is None until it is counted."""

    compte: int | None
    attendu: int
    recus: int

    @property
    def ecart(self) -> int:
        """What was counted above what the receipts say, in centimes; below 0 when some is missing."""
        return (self.compte or 0) - self.attendu

    @property
    def is_juste(self) -> bool:
        """Whether the cash was counted and is what the receipts say."""
        return self.compte is not None and not self.ecart

    @property
    def phrase(self) -> str:
        """What the count gives, in a French sentence; empty until it is counted."""
        if self.compte is None:
            return ""
        recus = pluriel(self.recus, RECUS[ESPECES])
        if not self.ecart:
            return f"Égal {'aux' if self.recus > 1 else 'au'} {recus if self.recus > 1 else 'reçu d’espèces'}."
        manque = "Il manque" if self.ecart < 0 else "Il y a"
        trop = "" if self.ecart < 0 else " de trop"
        return f"{manque} {euros(abs(self.ecart))}{trop}, pour {recus}\u00a0: recomptez, ou relisez ces reçus."


def load_preparation(jusqu_au: date, moyens: Collection[str] | None, de_cote: Collection[int]) -> PreparationVersement:
    """What was received in cash, cheques and CESU until the end of this day and waits, with what leaves: these means,
    but for the receipts that are kept (primary keys). `moyens`: the cash alone when None. One query.
    """
    choisis = {ESPECES} if moyens is None else set(moyens)
    recus = a_verser(jusqu_au)
    par_moyen = {code: [recu for recu in recus if recu.moyen == code] for code in ORDRE if code in VERSES}
    return PreparationVersement(
        [MoyenAVerser(code, siens, code in choisis, frozenset(de_cote)) for code, siens in par_moyen.items() if siens]
    )


def build_caisse(preparation: PreparationVersement, compte: int | None) -> Caisse:
    """The cash that was counted, in centimes, against that of this versement."""
    especes = [recu for recu in preparation.partants if recu.moyen == ESPECES]
    return Caisse(compte, preparation.especes, len(especes))
