"""An agent of the Régie, in a town whose treasury collects."""

from tests.facturation.regie.conftest import berthet, regie

__all__ = ["berthet", "regie"]
