"""Puts the seals: on a receipt and a versement as they are written, on those of before as they stand.

Writes within the transaction of its caller, who holds the payer's lock, or that of the series of versements.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from itertools import batched
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts import journal
from accounts.models import Passage, User
from facturation.models import Encaissement, Nomination, Regie, Versement
from facturation.reglages import load_reglage
from facturation.sceaux import sceau_du_versement, sceau_of

LOT = 500
SCELLES = "encaissements_scelles"  # the passage that says that all of before have their seals
SIGNE = ("signe", "empreinte", "scelle_le")
Fonction = Nomination.Fonction
Avance = Callable[[int], object]


class Signatures:
    """Who signs on which day, read once: the nominations, else the name that the town set. Three queries."""

    def __init__(self) -> None:
        self.regie = Regie.objects.order_by("pk").first()
        self.nominations = list(Nomination.objects.order_by("-debut", "pk"))
        self._reglage = load_reglage().regisseur

    def of(self, jour: date, par: User | None) -> dict[str, Any]:
        """What a paper of this day freezes: who signs and as what, who received, under which act. `par` writes it; None
        for the portal itself. Empty words are left out.
        """
        tenus = [une for une in self.nominations if une.holds(jour)]
        titulaire = next((une for une in tenus if une.fonction == Fonction.TITULAIRE), None)
        recoit = next((une for une in tenus if par is not None and une.compte_id == par.pk), None)
        signe = recoit if recoit is not None and recoit.fonction == Fonction.SUPPLEANT else titulaire
        dit = {
            "signataire": signe.nom if signe else self._reglage,
            "fonction": signe.get_fonction_display() if signe else "",
            "recu_par": recoit.nom if recoit else par.get_full_name() if par else "",
            "acte": f"{self.regie.acte} du {self.regie.acte_du:%d/%m/%Y}" if self.regie else "",
        }
        return {cle: valeur for cle, valeur in dit.items() if valeur}


def sceller(recu: Encaissement, signatures: Signatures, par: User | None, *, impaye: bool = False) -> None:
    """Seal this entry, written and settled: who signed and received on its day, its fingerprint. Not saved.

    `impaye`: it cancels a cheque that the bank rejected.
    """
    recu.signe = signatures.of(timezone.localdate(recu.ecrit_le), par) | ({"impaye": True} if impaye else {})
    recu.scelle_le = recu.ecrit_le
    recu.empreinte = sceau_of(recu, recu.annule.numero if recu.annule else "")


def sceller_versement(versement: Versement, recus: Sequence[Encaissement], signatures: Signatures) -> None:
    """Seal this versement of these receipts: who signed on its day, its fingerprint. Not saved."""
    versement.signe = signatures.of(timezone.localdate(versement.ecrit_le), versement.ecrit_par)
    versement.scelle_le = versement.ecrit_le
    versement.empreinte = sceau_du_versement(versement, recus)


def sceller_anciens(now: datetime, avance: Avance = lambda _: None) -> int:
    """Seal the receipts and the versements that have no seal, as they stand at `now`: each says since when. Returns how
    many. Those that are sealed are left alone; by lots, each in a transaction of its own.
    """
    faits = 0
    recus = Encaissement.objects.filter(empreinte="").order_by("pk").values_list("pk", flat=True)
    for lot in batched(list(recus), LOT):
        faits += _sceller_recus(lot, now)
        avance(len(lot))
    versements = Versement.objects.filter(empreinte="").order_by("pk").values_list("pk", flat=True)
    for lot in batched(list(versements), LOT):
        faits += _sceller_versements(lot, now)
        avance(len(lot))
    return faits


def sceller_d_abord(now: datetime) -> None:
    """Seal what was received before there were seals, once for ever: what has no seal after that is a difference."""
    if not Passage.objects.filter(job=SCELLES).exists():
        note_scelles(sceller_anciens(now), now)


def note_scelles(combien: int, now: datetime) -> None:
    """Keep that all that was received until `now` has a seal; `combien` of them were given one."""
    journal.event("encaissements_scelles", nombre=combien)
    Passage.objects.update_or_create(job=SCELLES, defaults={"done_at": now})


@transaction.atomic
def _sceller_recus(cles: Iterable[int], now: datetime) -> int:
    siens = Encaissement.objects.select_for_update(of=("self",)).filter(pk__in=cles, empreinte="")
    recus = list(siens.select_related("annule").order_by("pk"))
    signe = _tel_quel()
    for recu in recus:
        recu.signe, recu.scelle_le = signe, now
        recu.empreinte = sceau_of(recu, recu.annule.numero if recu.annule else "")
    Encaissement.objects.bulk_update(recus, SIGNE)
    return len(recus)


@transaction.atomic
def _sceller_versements(cles: Iterable[int], now: datetime) -> int:
    siens = Versement.objects.select_for_update().filter(pk__in=cles, empreinte="")
    versements = list(siens.order_by("pk"))
    signe = _tel_quel()
    for versement in versements:
        versement.signe, versement.scelle_le = signe, now
        versement.empreinte = sceau_du_versement(versement, list(versement.encaissements.all()))
    Versement.objects.bulk_update(versements, SIGNE)
    return len(versements)


def _tel_quel() -> dict[str, Any]:
    """What an entry of before freezes: that it is sealed as it stood, and the name that its paper bore until then."""
    regisseur = load_reglage().regisseur
    return {"tel_quel": True} | ({"signataire": regisseur} if regisseur else {})
