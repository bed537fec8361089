"""The access matrix, generated from the URLconf: every address × every kind of visitor × own and foreign ids.

A page added without an expectation here fails: `test_matrix_covers_every_address`.
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import temporary
from accounts.models import Counter, User
from enfance import rappels
from enfance.models import Creneau, Enfant, Enregistrement, Foyer, Inscription, Responsable
from portail.dates import PARIS
from tests.clients import Client
from tests.factories import AnneeFactory, FoyerFactory, ResponsableFactory, StaffFactory, make_creneaux, make_enfant

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 3, 20, 40, tzinfo=PARIS)
VISITORS = ["anonymous", "restricted", "parent", "other_parent", "agent", "secretary"]

OPEN = dict.fromkeys(VISITORS, 200)
TO_LOGIN = {"anonymous": "login", "restricted": "login"}
FAMILY = TO_LOGIN | {"parent": 200, "other_parent": 200, "agent": 403, "secretary": 403}
OWN = TO_LOGIN | {"parent": 200, "other_parent": 404, "agent": 403, "secretary": 403}
ACCOUNT = TO_LOGIN | {"parent": 200, "other_parent": 200, "agent": 200, "secretary": 200}
POST_ONLY = TO_LOGIN | dict.fromkeys(["parent", "other_parent", "agent", "secretary"], 405)
AGENT = TO_LOGIN | {"parent": 403, "other_parent": 403, "agent": 302, "secretary": 302}  # the factor is shown: home
EQUIPE = TO_LOGIN | {"parent": 403, "other_parent": 403, "agent": 403, "secretary": 200}
CANTINE = TO_LOGIN | {"parent": 403, "other_parent": 403, "agent": 403, "secretary": 200}
HOME = dict.fromkeys(["parent", "other_parent", "agent", "secretary"], 302)

GET: dict[str, dict[str, int | str]] = {
    "accounts:login": {"anonymous": 200, "restricted": 200} | HOME,
    "accounts:logout": dict.fromkeys(VISITORS, 405),
    "accounts:forgot": OPEN,
    "accounts:forgot_done": dict.fromkeys(VISITORS, 302),
    "accounts:identifiant_forgotten": OPEN,
    "accounts:identifiant_forgotten_done": dict.fromkeys(VISITORS, 302),
    "accounts:new_password": dict.fromkeys(VISITORS, "login") | {"restricted": 200},
    "accounts:second_factor": AGENT,
    "accounts:second_factor_enrolment": AGENT,
    "accounts:recovery_codes": AGENT | {"agent": 200, "secretary": 200},
    "accounts:account": ACCOUNT,
    "accounts:close_other_sessions": POST_ONLY,
    "accounts:stay": POST_ONLY,
    "enfance:accueil": FAMILY,
    "enfance:planning": FAMILY | {"parent": 302, "other_parent": 302},
    "enfance:planning_mois": FAMILY,
    "enfance:jour": FAMILY,
    "enfance:places": FAMILY,
    "enfance:semaine_type": FAMILY,
    "enfance:annuler": POST_ONLY,
    "enfance:enfant": OWN,
    "enfance:historique": FAMILY,
    "enfance:compte": ACCOUNT,
    "enfance:agenda": OPEN,
    "enfance:rappel_arret": OPEN,
    "enfance:equipe": EQUIPE | {"secretary": 302},
    "enfance:feuille": EQUIPE,
    "enfance:feuille_ajouter": EQUIPE,
    "enfance:feuille_enfant": EQUIPE | {"secretary": 404},  # Léa is on no sheet of that day
    "enfance:feuille_etat": EQUIPE,
    "enfance:feuille_hors_ligne": EQUIPE,
    "enfance:feuille_imprimer": EQUIPE,
    "enfance:feuille_service": EQUIPE,
    "enfance:pointage": POST_ONLY,
    "enfance:cantine": CANTINE,
    "enfance:cantine_jour": CANTINE,
    "enfance:cantine_csv": CANTINE,
    "enfance:cantine_export": CANTINE,
    "enfance:cantine_importer": CANTINE,
    "enfance:cantine_reglages": CANTINE,
    "enfance:cantine_semaine": CANTINE,
    "enfance:cantine_semaine_du": CANTINE,
    "enfance:accessibilite": OPEN,
    "enfance:donnees_personnelles": OPEN,
    "enfance:mentions_legales": OPEN,
    "enfance:plan_du_site": OPEN,
    "sante": OPEN,
}
ARGUMENTS = {
    "enfance:planning_mois": lambda famille: {"mois": date(2026, 12, 1)},
    "enfance:jour": lambda famille: {"jour": date(2026, 12, 8)},
    "enfance:enfant": lambda famille: {"pk": famille.pk},
    "enfance:annuler": lambda famille: {"reference": 1},
    "enfance:feuille": lambda famille: {"jour": date(2026, 12, 3)},
    "enfance:feuille_ajouter": lambda famille: {"jour": date(2026, 12, 3)},
    "enfance:feuille_enfant": lambda famille: {"jour": date(2026, 12, 3), "pk": famille.pk},
    "enfance:feuille_etat": lambda famille: {"jour": date(2026, 12, 3)},
    "enfance:feuille_imprimer": lambda famille: {"jour": date(2026, 12, 3)},
    "enfance:pointage": lambda famille: {"jour": date(2026, 12, 3)},
    "enfance:cantine_jour": lambda famille: {"jour": date(2026, 12, 8)},
    "enfance:cantine_csv": lambda famille: {"jour": date(2026, 12, 8)},
    "enfance:cantine_semaine_du": lambda famille: {"jour": date(2026, 12, 7)},
    "enfance:agenda": lambda famille: {"secret": famille.responsables.get().agenda_secret},
    "enfance:rappel_arret": lambda famille: {"jeton": rappels.jeton(famille.responsables.get())},
}


SOIR = {"creneau": "soir"}
QUERIES = {"enfance:places": {"mois": "2026-12"}, "enfance:feuille_ajouter": SOIR, "enfance:feuille_etat": SOIR}


def addresses(resolver: URLResolver, namespace: str = "") -> list[str]:
    names = []
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            names += addresses(entry, entry.namespace or namespace)
        elif isinstance(entry, URLPattern):
            names.append(f"{namespace}:{entry.name}".removeprefix(":"))
    return names


NAMES = addresses(get_resolver())
ADMIN_NAMES = [name for name in NAMES if name.startswith("admin:") and name != "admin:logout"]


@pytest.fixture
def famille(time_machine) -> Enfant:
    """Léa, child of « parent »; « other_parent » is of another family."""
    time_machine.move_to(NOW, tick=False)
    AnneeFactory()
    make_creneaux()
    camille = ResponsableFactory(user__identifiant="2000001", agenda_secret="a" * 43)
    return make_enfant(camille, prenom="Léa")


def visitor(kind: str) -> Client:
    client = Client(raise_request_exception=False)
    match kind:
        case "restricted":
            user = User.objects.get(identifiant="2000001")
            _, value = temporary.issue(user, now=NOW)
            client.post("/connexion/", {"identifiant": "2000001", "password": value})
        case "parent":
            client.force_login(User.objects.get(identifiant="2000001"))
        case "other_parent":
            client.force_login(ResponsableFactory(foyer=FoyerFactory(adresse="3 rue du Lac")).user)
        case "agent":
            client.force_login(StaffFactory(is_superuser=False))
        case "secretary":
            client.force_login(StaffFactory())
    return client


def answer_of(response) -> int | str:
    to_login = response.status_code == 302 and response["Location"].startswith(("/connexion/", "/admin/login/"))
    return "login" if to_login else response.status_code


def test_matrix_covers_every_address():  # ACC-05
    assert sorted({*NAMES} - {*ADMIN_NAMES, "admin:logout"}) == sorted(GET)


@pytest.mark.parametrize("kind", VISITORS)
@pytest.mark.parametrize("name", GET)
def test_get_opens_to_whom_it_should(famille, name, kind):  # ACC-01, ACC-02, TMP-04
    address = reverse(name, kwargs=ARGUMENTS.get(name, lambda famille: {})(famille))
    answer = answer_of(visitor(kind).get(address, QUERIES.get(name)))
    if name == "sante":
        assert answer in (200, 503)
    else:
        assert answer == GET[name][kind]


@pytest.mark.parametrize("kind", VISITORS)
@pytest.mark.parametrize("name", ["enfance:planning_mois", "enfance:jour"])
def test_post_changes_only_what_is_ones_own(famille, name, kind):  # ACC-02, ACC-04
    address = reverse(name, kwargs=ARGUMENTS[name](famille))
    data = {"r": f"{famille.pk}:2026-12-08:soir", "enregistrer": "1", "is_staff": "1", "foyer": "1", "etat": "inscrit"}
    answer = answer_of(visitor(kind).post(address, data))
    expected = {"anonymous": "login", "restricted": "login", "parent": 303, "other_parent": 200}
    assert answer == expected.get(kind, 403)
    assert Inscription.objects.count() == (kind == "parent")


@pytest.mark.parametrize("kind", VISITORS)
def test_semaine_type_fills_only_ones_own_children(famille, kind):  # ACC-02, ACC-04
    data = {"t": f"{famille.pk}:2:soir", "enregistrer": "1", "foyer": "1", "etat": "attente"}
    answer = answer_of(visitor(kind).post(reverse("enfance:semaine_type"), data))
    expected = {"anonymous": "login", "restricted": "login", "parent": 303, "other_parent": 200}
    assert answer == expected.get(kind, 403)
    assert set(Inscription.objects.values_list("enfant", "etat")) == (
        {(famille.pk, "inscrit")} if kind == "parent" else set()
    )


@pytest.mark.parametrize("kind", VISITORS)
def test_undo_is_of_ones_own_save(famille, kind):  # ACC-02
    visitor("parent").post("/planning/2026-12/", {"r": f"{famille.pk}:2026-12-08:soir", "enregistrer": "1"})
    address = reverse("enfance:annuler", args=[Enregistrement.objects.get().pk])
    answer = answer_of(visitor(kind).post(address))
    expected = {"anonymous": "login", "restricted": "login", "parent": 303, "other_parent": 404}
    assert answer == expected.get(kind, 403)
    assert Inscription.objects.get().etat == ("annulee" if kind == "parent" else "inscrit")


@pytest.mark.parametrize("kind", VISITORS)
def test_admin_opens_to_the_town_hall_alone(famille, kind):  # AUT-09
    client = visitor(kind)
    expected = {"anonymous": {"login"}, "restricted": {"login"}, "secretary": {200, 302, 307, 400, 403, 404, 405}}
    expected |= {"agent": {200, 302, 307, 403, 404, 405}}
    wrong = []
    for name in ADMIN_NAMES:
        kwargs = next(({"object_id": "1"} for n in [name] if n.endswith(("_change", "_delete", "_history"))), {})
        if name == "admin:app_list":
            kwargs = {"app_label": "enfance"}
        try:
            address = reverse(name, kwargs=kwargs)
        except Exception:  # noqa: BLE001  (another address of Django's own, with arguments of its own)
            continue
        answer = answer_of(client.get(address))
        if answer not in expected.get(kind, {403, 404, "login"}):
            wrong.append((name, answer))
        if kind in {"parent", "other_parent"} and answer == 200:
            wrong.append((name, answer))
    assert wrong == []
    if kind in {"parent", "other_parent"}:
        assert client.get("/admin/login/").status_code == 403  # where they are all sent


def snapshot() -> str:
    """A digest of every row, but the sessions and the counters of what is asked too often."""
    digest = hashlib.sha256()
    for model in sorted(apps.get_models(), key=lambda model: model._meta.label):
        if model not in (Session, Counter):
            digest.update(repr(list(model.objects.order_by("pk").values_list())).encode())
    return digest.hexdigest()


@pytest.mark.parametrize("kind", VISITORS)
def test_get_changes_nothing(famille, kind):  # SES-06
    client = visitor(kind)
    before = snapshot()
    for name in GET:
        client.get(reverse(name, kwargs=ARGUMENTS.get(name, lambda famille: {})(famille)), QUERIES.get(name))
    assert snapshot() == before


FIRST, LAST = "0001-01-01", "9999-12-31"  # the days that a date can hold
TEXTS = st.one_of(
    st.text(max_size=40),
    st.just("\0"),
    st.sampled_from(["1:2026-12-08:soir", "1:2026-12-08:", "::", "9" * 30, "1:0000-00-00:soir", "é" * 30, "-1", "1e9"]),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    fields=st.dictionaries(
        st.sampled_from(
            ["avant", "r", "attente", "enregistrer", "idem", "recopier", "rapide", "mois", "q_action", "q_creneau"]
            + ["q_jour", "q_enfant", "t", "fin", "du", "au", "rythme", "garder", "vide", "vider", "revenir", "retour"]
            + ["repas", "annule"]
        ),
        st.lists(TEXTS, max_size=4),
    ),
    address=st.sampled_from(
        ["/planning/2026-12/", "/jour/2026-12-08/", "/planning/2026-12/?enfant=x&recents=y", "/semaine-type/"]
        + ["/", "/historique/1/annuler/"]
    ),
)
def test_planning_form_never_breaks(famille, fields, address):  # VAL-08
    client = visitor("parent")
    assert client.post(address, fields).status_code < 500
    assert Inscription.objects.count() <= Enfant.objects.count() * Creneau.objects.count()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    fields=st.dictionaries(
        st.sampled_from(
            ["t", "fin", "du", "au", "rythme", "garder", "avec_attente", "vide", "vider", "idem", "enregistrer"]
            + ["repas", "annule", "retour"]
        ),
        st.lists(
            st.one_of(TEXTS, st.sampled_from(["1:1:soir", "1:7:nuit", "annee", "dates", "1", LAST, FIRST])), max_size=4
        ),
    ),
    address=st.sampled_from(["/semaine-type/", "/", "/jour/2026-12-08/", "/historique/1/annuler/"]),
)
def test_other_forms_never_break(famille, fields, address):  # VAL-08
    assert visitor("parent").post(address, fields).status_code < 500


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
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
        st.sampled_from(["enfant", "avant", "enregistre", "recents", "mois", "x"]), TEXTS, max_size=3
    ),
)
def test_address_of_a_family_page_never_breaks(famille, page, query):  # VAL-08
    assert visitor("parent").get(page, query).status_code < 500


@pytest.mark.parametrize("count", [5000])
def test_thousands_of_ticks_are_refused_at_once(famille, count):  # VAL-08
    client = visitor("parent")
    one_field = " ".join(f"{n}:2026-12-08:soir" for n in range(count))
    assert client.post("/planning/2026-12/", {"avant": one_field, "enregistrer": "1"}).status_code == 200
    many_fields = [f"{n}:2026-12-08:soir" for n in range(count)]
    assert client.post("/planning/2026-12/", {"r": many_fields, "enregistrer": "1"}).status_code == 400
    assert Inscription.objects.count() == 0


def test_nobody_is_both_parent_and_stranger(famille):
    """What the matrix stands on: the two parents share neither child nor foyer."""
    visitor("other_parent")
    assert Responsable.objects.count() == Foyer.objects.count() == 2
