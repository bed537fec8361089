"""The town hall's pages, split by concept as the models are."""

from enfance.admin import annee, fermetures, garderie, inscriptions, onde, personnes, repas, vie

__all__ = ["annee", "fermetures", "garderie", "inscriptions", "onde", "personnes", "repas", "vie"]
