"""A PayFiP of our own, listening for real on the loopback."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from facturation.essai_payfip.registre import RegistrePayfip
from facturation.essai_payfip.serveur import Serveur


class Montre:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 20, 18, 42, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **delay: int) -> None:
        self.now += timedelta(**delay)


@pytest.fixture
def montre() -> Montre:
    return Montre()


@pytest.fixture
def serveur(settings, montre) -> Iterator[Serveur]:
    with Serveur(registre=RegistrePayfip(horloge=montre), retard=0.05) as one:
        settings.PAYFIP_WSDL = one.wsdl
        settings.PAYFIP_NUMCLI = "090909"
        settings.PAYFIP_SAISIE = "T"
        yield one
