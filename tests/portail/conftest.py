"""The guides of a town, for the tests of the help and of its pages."""

from tests.portail.guides import town  # noqa: F401 (a fixture)
