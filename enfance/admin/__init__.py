"""The town hall's pages, split by concept as the models are."""

from enfance.admin import annee, garderie, inscriptions, personnes

__all__ = ["annee", "garderie", "inscriptions", "personnes"]
