"""A merge that fails at any query leaves all or nothing."""

import pytest
from django.db import OperationalError, connection

from accounts.models import FormerIdentifiant
from enfance.models import Responsabilite
from tests.enfance.mairie.doubles.fusions.doubles import everything, unite
from tests.pannes import Fault

pytestmark = [pytest.mark.django_db, pytest.mark.ci]
MANY = 200  # more queries than a merge makes


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
def test_a_fault_at_any_query_leaves_all_or_nothing(camille, double, done):
    (lea,) = camille.enfants.all()
    Responsabilite.objects.create(enfant=lea, responsable=double)
    lea.gardes.create(foyer=double.foyer)
    avant = everything()

    for n in range(1, MANY):
        try:
            with connection.execute_wrapper(Fault(n, done=done)):
                unite(camille, double)
        except OperationalError:
            assert everything() == avant, f"query {n}"
        else:
            break

    assert 30 < n < MANY - 1  # the last one had no fault: every query has had one
    assert FormerIdentifiant.objects.get().user == camille.user
