"""An invoice to pay on line, and the parent who pays it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django_tasks_db.models import DBTaskResult

from enfance.models import Responsable
from facturation.models import EssaiPaiement, Facture, PartPaiement
from facturation.numeros import numero
from facturation.payeurs.comptes import compte_of
from facturation.payfip.paiements import QUESTION
from portail.dates import PARIS
from tests.factories import ResponsableFactory

NOW = datetime(2026, 12, 3, 20, 52, tzinfo=PARIS)


def make_facture(parent: Responsable | None = None, total: int = 6580, rang: int = 349) -> Facture:
    """Issued on 1 December, to pay before the 20th."""
    parent = parent or ResponsableFactory()
    return Facture.objects.create(
        annee=2026,
        rang=rang,
        numero=numero("F", 2026, rang),
        compte=compte_of(parent.foyer),
        emise_le=datetime(2026, 12, 1, 9, 30, tzinfo=PARIS),
        echeance=date(2026, 12, 20),
        total=total,
        empreinte="0" * 64,
    )


def make_essai(facture: Facture, **fields) -> EssaiPaiement:
    """An attempt that PayFiP has taken and not answered yet."""
    known = {
        "id_op": "cc0cb210-1cd4-11ea-8cca-0213ad91a103",
        "numcli": "090909",
        "exer": "2026",
        "refdet": facture.reference,
        "objet": "Facture",
        "montant": facture.total,
        "saisie": "T",
        "mel": "camille@courriel.example",
        "etat": "en_cours",
        "demande_le": NOW,
        "reponse": {"page": "https://payfip.example/tpa/paiementws.web?idop=x"},
    }
    return EssaiPaiement.objects.create(facture=facture, compte=facture.compte, **{**known, **fields})


def make_essai_of(factures: Sequence[Facture], **fields) -> EssaiPaiement:
    """The same, of several invoices at once."""
    premiere, *autres = factures
    total = sum(facture.total for facture in factures)
    essai = make_essai(premiere, **{"montant": total, "refdet": "P20260001", **fields})
    PartPaiement.objects.bulk_create(PartPaiement(essai=essai, facture=autre, montant=autre.total) for autre in autres)
    return essai


def make_trois(parent: Responsable | None = None) -> list[Facture]:
    """Three invoices of one payer: 65,80 €, 16,40 €, 0,80 €."""
    parent = parent or ResponsableFactory()
    return [make_facture(parent, total, rang) for total, rang in ((6580, 349), (1640, 350), (80, 351))]


def questions() -> list[tuple[list[object], datetime | None]]:
    """The questions that wait: their arguments, and from when on (None: now)."""
    waiting = DBTaskResult.objects.filter(task_path=QUESTION, status="READY").order_by("enqueued_at")
    return [(row.args_kwargs["args"], row.run_after if row.run_after.year < 9999 else None) for row in waiting]
