"""The town hall's tables of money, split by concept as the models are."""

from facturation.admin import essais

__all__ = ["essais"]
