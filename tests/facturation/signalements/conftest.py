"""What the tests of reported errors share: the town hall's agents and families."""

from tests.facturation.mairie.conftest import camille, clock, creneaux, lea, mairie, secretaire

__all__ = ["camille", "clock", "creneaux", "lea", "mairie", "secretaire"]
