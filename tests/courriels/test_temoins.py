"""One mail of each kind, as a family reads it: its subject, its text, and what its HTML says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from enfance.ecoles import make_first_school
from enfance.models import Ecole
from portail.dates import PARIS
from tests.courriels.chacun import END, html_part, kinds, send_each
from tests.poste import Poste
from tests.reading import lines_of, plain
from tests.temoins import assert_kept

pytestmark = [pytest.mark.django_db(transaction=True, reset_sequences=True), pytest.mark.temoin]
BODIES = settings.BASE_DIR / "templates" / "emails"
KEPT = Path(__file__).parent / "temoins"
JEUDI_SOIR = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)


@pytest.fixture
def poste(mailoutbox) -> Iterator[Poste]:
    Ecole.objects.all().delete()
    make_first_school(using="default")  # whose number the database would give again
    with time_machine.travel(JEUDI_SOIR, tick=False) as clock:
        yield Poste(mails=mailoutbox, clock=clock)


def read(mail: EmailMultiAlternatives) -> str:
    return f"{plain(mail.subject)}\n\n{plain(mail.body).strip()}\n\n--- HTML\n\n{lines_of(html_part(mail))}\n"


def test_mails_of_each_kind_are_those_that_are_kept(poste: Poste):
    with kinds() as names:
        send_each(poste)
    sent: dict[str, set[str]] = {}  # tasks of one instant have no order of their own: PostgreSQL gives them in any
    for name, mail in zip(names, poste.mails, strict=True):
        sent.setdefault(name, set()).add(read(mail))

    assert set(sent) == {path.name.removesuffix(END) for path in BODIES.glob(f"*{END}")}
    for name, mails in sent.items():
        assert_kept(KEPT / f"{name}.txt", "\n===\n\n".join(sorted(mails)))
    assert {path.stem for path in KEPT.iterdir()} == set(sent)
