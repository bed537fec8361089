"""What the tests of invoices share: Léa and Tom, their November, whoever reads it."""

from tests.facturation.famille.conftest import camille, clock, connected, facture, lea, sacha, tom

__all__ = ["camille", "clock", "connected", "facture", "lea", "sacha", "tom"]
