"""What money says to the registers of the portal of its own tables: what a person is told of them, what an erasure, a
merge, time do to them, what the page of personal data promises.

A table or a column that is forgotten makes a test fail.
"""

from facturation.registres import attentes, donnees, durees, effacements, reunions, vie_privee


def register() -> None:
    """For `AppConfig.ready`."""
    for registre in (attentes, donnees, durees, effacements, reunions, vie_privee):
        registre.register()
