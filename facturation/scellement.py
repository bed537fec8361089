"""Puts the seals: on a receipt and a versement as they are written, on those of before as they stand.

Writes within the transaction of its caller, who holds the payer's lock, or that of the series of versements.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import batched
from typing import Any

from django.db import transaction
from django.db.models import BigIntegerField, DateField, F, Value
from django.db.models.functions import Cast
from django.utils import timezone

from accounts import journal
from accounts.models import Passage, User
from facturation.models import Encaissement, Nomination, Regie, ReglageFacturation, Versement
from facturation.reglages import load_reglage
from facturation.sceaux import DIT, dit_du_versement, dit_of, sceau_du_versement, sceau_of

LOT = 500
SCELLES = "encaissements_scelles"  # the passage that says that all of before have their seals
SIGNE = ("signe", "empreinte", "scelle_le")
NOMME, ACTE, REGLE = range(3)  # what a line of `Signatures` is read from
Fonction = Nomination.Fonction
Avance = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class Nomme:
    """Somebody who is named, as the receipts read it: `compte` is the key of their account."""

    nom: str
    fonction: str
    compte: int | None
    debut: date | None
    fin: date | None

    def holds(self, jour: date) -> bool:
        """Whether this nomination holds on that day; its dates are included."""
        return self.debut is not None and self.debut <= jour and (self.fin is None or jour <= self.fin)


class Signatures:
    """Who signs on which day: the nominations, else the name that the town set; and the act. One query."""

    def __init__(self) -> None:
        nommes = Nomination.objects.order_by().values_list(
            Value(NOMME), "nom", "fonction", "compte", "debut", "fin", "pk"
        )
        actes = _comme(Regie.objects, ACTE, F("acte"), F("acte_du"))
        regles = _comme(ReglageFacturation.objects, REGLE, F("regisseur"), _vide(DateField()))
        lignes = sorted(nommes.union(actes, regles, all=True), key=lambda ligne: ligne[-1])
        self.nommes = [Nomme(*ligne[1:-1]) for ligne in lignes if ligne[0] == NOMME]
        self.nommes.sort(key=lambda une: une.debut or date.min, reverse=True)
        self._acte = next((f"{un} du {du:%d/%m/%Y}" for quoi, un, _, _, du, _, _ in lignes if quoi == ACTE), "")
        self._regle = next((un for quoi, un, *_ in lignes if quoi == REGLE), "")

    def of(self, jour: date, par: User | None) -> dict[str, Any]:
        """What a paper of this day freezes: who signs and as what, who received, under which act. `par` writes it; None
        for the portal itself. Empty words are left out.
        """
        tenus = [une for une in self.nommes if une.holds(jour)]
        titulaire = next((une for une in tenus if une.fonction == Fonction.TITULAIRE), None)
        recoit = next((une for une in tenus if par is not None and une.compte == par.pk), None)
        signe = recoit if recoit is not None and recoit.fonction == Fonction.SUPPLEANT else titulaire
        dit = {
            "signataire": signe.nom if signe else self._regle,
            "fonction": Fonction(signe.fonction).label if signe else "",
            "recu_par": recoit.nom if recoit else par.get_full_name() if par else "",
            "acte": self._acte,
        }
        return {cle: str(valeur) for cle, valeur in dit.items() if valeur}


def _comme(rangees: Any, quoi: int, un: F, du: Any) -> Any:
    """These rows, shaped as the nominations are to be read with them."""
    vides = (Value(""), _vide(BigIntegerField()))
    return rangees.order_by().values_list(Value(quoi), un, *vides, du, _vide(DateField()), "pk")


def _vide(champ: Any) -> Any:
    return Cast(Value(None), champ)


def sceller(recu: Encaissement, signatures: Signatures, par: User | None, *, impaye: bool = False) -> None:
    """Seal this entry, written and settled: who signed and received on its day, its fingerprint. Not saved.

    `impaye`: it cancels a cheque that the bank rejected.
    """
    signe = signatures.of(timezone.localdate(recu.ecrit_le), par) | ({"impaye": True} if impaye else {})
    _put(recu, signe, recu.ecrit_le)


def sceller_versement(versement: Versement, recus: Sequence[Encaissement], signatures: Signatures) -> None:
    """Seal this versement of these receipts: who signed on its day, its fingerprint. Not saved."""
    signe = signatures.of(timezone.localdate(versement.ecrit_le), versement.ecrit_par)
    _put_versement(versement, recus, signe, versement.ecrit_le)


def _put(recu: Encaissement, signe: dict[str, Any], quand: datetime) -> None:
    annule = recu.annule.numero if recu.annule else ""
    recu.signe, recu.scelle_le = signe, quand
    recu.signe = signe | {DIT: dit_of(recu, annule)}
    recu.empreinte = sceau_of(recu, annule)


def _put_versement(versement: Versement, recus: Sequence[Encaissement], signe: dict[str, Any], quand: datetime) -> None:
    versement.signe, versement.scelle_le = signe, quand
    versement.signe = signe | {DIT: dit_du_versement(versement, recus)}
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
        _put(recu, signe, now)
    Encaissement.objects.bulk_update(recus, SIGNE)
    return len(recus)


@transaction.atomic
def _sceller_versements(cles: Iterable[int], now: datetime) -> int:
    siens = Versement.objects.select_for_update().filter(pk__in=cles, empreinte="")
    versements = list(siens.prefetch_related("encaissements").order_by("pk"))
    signe = _tel_quel()
    for versement in versements:
        _put_versement(versement, list(versement.encaissements.all()), signe, now)
    Versement.objects.bulk_update(versements, SIGNE)
    return len(versements)


def _tel_quel() -> dict[str, Any]:
    """What an entry of before freezes: that it is sealed as it stood, and the name that its paper bore until then."""
    regisseur = load_reglage().regisseur
    return {"tel_quel": True} | ({"signataire": regisseur} if regisseur else {})
