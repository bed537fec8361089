"""The town hall's tables of money, split by concept as the models are."""

from facturation.admin import encaissements, essais, factures

__all__ = ["encaissements", "essais", "factures"]
