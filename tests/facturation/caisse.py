"""Payers and invoices for the tests of what was paid, written without closing a month; and what is always true."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from facturation.models import Compte, Encaissement, Facture, Imputation, Mois
from facturation.numeros import numero, take_rangs
from facturation.payeurs.comptes import compte_of, soldes
from tests.factories import ResponsableFactory

JEUDI = timezone.make_aware(datetime(2026, 12, 3, 10, 12))


def make_compte(nom: str = "Morel", **fields) -> Compte:
    return compte_of(ResponsableFactory(user__last_name=nom, **fields).foyer)


def make_mois(premier: date = date(2026, 11, 1)) -> Mois:
    echeance = date(premier.year + premier.month // 12, premier.month % 12 + 1, 20)
    return Mois.objects.get_or_create(premier=premier, defaults={"echeance": echeance, "arrete_le": JEUDI})[0]


def make_facture(compte: Compte, total: int = 4000, *, emise_le: datetime = JEUDI, **fields) -> Facture:
    """An invoice of this sum, an avoir when it is negative; of no month unless one is given."""
    genre = "F" if total > 0 else "AV"
    with transaction.atomic():
        rang = take_rangs(genre, emise_le.year)[0]
    return Facture.objects.create(
        genre=genre,
        annee=emise_le.year,
        rang=rang,
        numero=numero(genre, emise_le.year, rang),
        compte=compte,
        total=total,
        emise_le=emise_le,
        **{"echeance": date(2026, 12, 20) if total > 0 else None, "empreinte": "0" * 64, **fields},
    )


def check_balance() -> None:
    """Σ imputations ≤ each side; the balance of each payer is what remains to pay less what remains in credit, and
    never both at once."""
    entrees = {e.pk: e.montant for e in Encaissement.objects.filter(montant__gt=0)}
    sorties = {e.pk: -e.montant for e in Encaissement.objects.filter(montant__lt=0)}
    factures = {f.pk: f.total for f in Facture.objects.filter(total__gt=0)}
    avoirs = {f.pk: -f.total for f in Facture.objects.filter(total__lt=0)}
    comptes = {
        side: dict(model.objects.values_list("pk", "compte"))
        for side, model in (("encaissement", Encaissement), ("facture", Facture))
    }
    for une in Imputation.objects.all():
        reste, cle = (entrees, une.encaissement_id) if une.encaissement_id else (avoirs, une.avoir_id)
        reste[cle] -= une.montant
        du, dette = (factures, une.facture_id) if une.facture_id else (sorties, une.sortie_id)
        du[dette] -= une.montant
        assert min(reste[cle], du[dette]) >= 0
    for compte, solde in soldes(Compte.objects.all()).items():
        credit = _of(entrees, comptes["encaissement"], compte) + _of(avoirs, comptes["facture"], compte)
        dette = _of(sorties, comptes["encaissement"], compte) + _of(factures, comptes["facture"], compte)
        assert solde == dette - credit
        assert 0 in (dette, credit)


def _of(restes: dict[int, int], comptes: dict[int, int], compte: int) -> int:
    return sum(reste for cle, reste in restes.items() if comptes[cle] == compte)
