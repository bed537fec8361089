"""What the tests of kept ticks share: a family, a network that can be cut, two ticks that are not saved."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.navigateur.famille import MOIS, Famille, make_famille
from tests.navigateur.gardees.scene import (
    KEPT,
    LEA,
    TOM,
    Scene,
    tick,
    wait_for_service,
)
from tests.navigateur.reseau import Reseau
from tests.navigateur.site import Site
from tests.navigateur.telephones import wait_until


@pytest.fixture(autouse=True)
def _impatient(impatient: None) -> None:
    """Each of these tests locks the database, or may."""


@pytest.fixture
def famille(site: Site) -> Famille:
    return make_famille()


@pytest.fixture
def reseau(site: Site) -> Iterator[Reseau]:
    reseau = Reseau(site.url)
    yield reseau
    reseau.close()


@pytest.fixture
def scene(site: Site, famille: Famille, reseau: Reseau) -> Scene:
    page = site.open("/", user=famille.camille.user, base=reseau.url)
    page.on("dialog", lambda dialog: dialog.accept())
    wait_for_service(page)
    page.goto(MOIS)
    tick(page, LEA, TOM)
    wait_until(page, KEPT, 2)  # no hand leaves a page before the disk has answered
    return Scene(site, famille, reseau, page)
