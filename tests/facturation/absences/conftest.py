"""The secretary, as in the tests of the other pages of the town hall."""

from tests.facturation.mairie.conftest import mairie, secretaire

__all__ = ["mairie", "secretaire"]
