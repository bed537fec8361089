"""What the town set for money: on its page, and in `.env` what its invoices say of who issues them."""

from __future__ import annotations

from django.conf import settings

from facturation.models import ReglageFacturation


def load_reglage() -> ReglageFacturation:
    """The settings of the town for money; the default ones, not saved, until it set any."""
    return ReglageFacturation.objects.order_by("pk").first() or ReglageFacturation()


EMETTEUR = {"nom": "REGIE_NOM", "siret": "REGIE_SIRET", "tva": "FACTURE_TVA", "recours": "FACTURE_RECOURS"}


def load_emetteur() -> dict[str, str]:
    """What an invoice issued now freezes of who issues it, as JSON: `nom`, `siret`, `tva`, `recours`, without those
    that no setting gives.
    """
    return {cle: dit for cle, nom in EMETTEUR.items() if (dit := getattr(settings, nom))}


def reglages_absents() -> list[str]:
    """The settings that an invoice would say, and that the town has not given."""
    dits = load_emetteur()
    return [nom for cle, nom in EMETTEUR.items() if cle not in dits]
