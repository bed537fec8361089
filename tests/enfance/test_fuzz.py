"""The family's forms and addresses, sent what no form of ours sends: an answer of its own, never an error (VAL-08)."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from enfance.models import Creneau, Enfant, Inscription
from portail.dates import PARIS
from tests.clients import Client
from tests.factories import AnneeFactory, ResponsableFactory, make_creneaux, make_enfant

pytestmark = [pytest.mark.ci, pytest.mark.django_db]


@pytest.fixture
def parent(time_machine) -> Client:
    """The browser of Léa's parent, on an evening of school."""
    time_machine.move_to(datetime(2026, 12, 3, 20, 40, tzinfo=PARIS), tick=False)
    AnneeFactory()
    make_creneaux()
    responsable = ResponsableFactory()
    make_enfant(responsable, prenom="Léa")
    client = Client(raise_request_exception=False)
    client.force_login(responsable.user)
    return client


FIRST, LAST = "0001-01-01", "9999-12-31"  # the days that a date can hold
TEXTS = st.one_of(
    st.text(max_size=40),
    st.just("\0"),
    st.sampled_from(["1:2026-12-08:soir", "1:2026-12-08:", "::", "9" * 30, "1:0000-00-00:soir", "é" * 30, "-1", "1e9"]),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    fields=st.dictionaries(
        st.sampled_from(
            ["avant", "r", "attente", "enregistrer", "idem", "recopier", "rapide", "mois", "q_action", "q_creneau"]
            + ["q_jour", "q_enfant", "t", "fin", "du", "au", "rythme", "vide", "vider", "revenir", "retour"]
            + ["retirer", "ajouter", "annonce"]
            + ["repas", "annule"]
        ),
        st.lists(TEXTS, max_size=4),
    ),
    address=st.sampled_from(
        ["/planning/2026-12/", "/jour/2026-12-08/", "/planning/2026-12/?enfant=x&recents=y", "/semaine-type/"]
        + ["/", "/historique/1/annuler/"]
    ),
)
def test_planning_form_never_breaks(parent, fields, address):  # VAL-08
    assert parent.post(address, fields).status_code < 500
    assert Inscription.objects.count() <= Enfant.objects.count() * Creneau.objects.count()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    fields=st.dictionaries(
        st.sampled_from(
            ["t", "fin", "du", "au", "rythme", "retirer", "garder", "ajouter", "laisser", "annonce"]
            + ["avec_attente", "vide", "vider", "idem", "enregistrer"]
            + ["repas", "annule", "retour"]
        ),
        st.lists(
            st.one_of(TEXTS, st.sampled_from(["1:1:soir", "1:7:nuit", "annee", "dates", "1", LAST, FIRST])), max_size=4
        ),
    ),
    address=st.sampled_from(["/semaine-type/", "/", "/jour/2026-12-08/", "/historique/1/annuler/"]),
)
def test_other_forms_never_break(parent, fields, address):  # VAL-08
    assert parent.post(address, fields).status_code < 500


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    page=st.sampled_from(
        [
            "/",
            "/planning/2026-12/",
            "/jour/2026-12-08/",
            "/historique/",
            "/enfants/1/",
            "/semaine-type/",
            "/planning/places.json",
        ]
    ),
    query=st.dictionaries(
        st.sampled_from(["enfant", "avant", "enregistre", "recents", "envoi", "mois", "x"]), TEXTS, max_size=3
    ),
)
def test_address_of_a_family_page_never_breaks(parent, page, query):  # VAL-08
    assert parent.get(page, query).status_code < 500


@pytest.mark.parametrize("count", [5000])
def test_thousands_of_ticks_are_refused_at_once(parent, count):  # VAL-08
    one_field = " ".join(f"{n}:2026-12-08:soir" for n in range(count))
    assert parent.post("/planning/2026-12/", {"avant": one_field, "enregistrer": "1"}).status_code == 200
    many_fields = [f"{n}:2026-12-08:soir" for n in range(count)]
    assert parent.post("/planning/2026-12/", {"r": many_fields, "enregistrer": "1"}).status_code == 400
    assert Inscription.objects.count() == 0
