"""What the régie adds to the town hall's home, menu and help."""

from __future__ import annotations

from portail.guides import Aide, add_guide
from portail.menu import Entree, add_to_menu

TENIR = "facturation.tenir_regie"


def register() -> None:
    """Add all of it. For `AppConfig.ready`."""
    add_guide(Aide("facturation:aide_regie", TENIR, 20, "guide de la régie"))
    add_to_menu(
        Entree("Encaisser", "admin:regie_encaisser", TENIR, 110),
        Entree("Journal", "admin:regie_journal", "facturation.view_encaissement", 120),
        Entree("Relances", "admin:regie_relances", "facturation.view_relance", 130),
    )
