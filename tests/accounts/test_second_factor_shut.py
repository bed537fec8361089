"""All that stays shut to an agent who has not shown the second factor."""

import re
from datetime import date

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.http import HttpResponse
from django.urls import URLResolver, get_resolver
from django.urls.resolvers import RegexPattern

from accounts import second_factor
from accounts.decorators import staff_page
from accounts.models import User
from tests.acces.visiteurs import snapshot
from tests.accounts.phones import CODES, ENROLMENT, PAGE, give_phone, is_inside
from tests.factories import StaffFactory

pytestmark = pytest.mark.django_db

VALUES = {
    "IntConverter": 1,
    "JourConverter": date(2026, 12, 8),
    "MoisConverter": date(2026, 12, 1),
    "NumeroConverter": "F-2026-0001",
    "NumeroRecuConverter": "R-2026-0001",
    "PathConverter": "1",
    "SecretConverter": "a" * 43,
    "SlugConverter": "enfance",
    "StringConverter": "x",
    "UUIDConverter": "00000000-0000-4000-8000-000000000000",
}


REGULAR = {"catch": "page-absente", "app_label": "enfance/"}  # the two addresses that the admin writes its own way


def every_address(resolver=None, namespace="", prefix="/"):
    """Each address of the site that asks for a login, by its name, with values of its own converters."""
    for entry in (resolver or get_resolver()).url_patterns:
        address = prefix + written(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from every_address(entry, entry.namespace or namespace, address)
        elif getattr(entry.callback, "login_required", True):
            yield f"{namespace}:{entry.name}", address


def written(pattern):
    if isinstance(pattern, RegexPattern):
        return REGULAR["app_label" if "app_label" in str(pattern) else "catch"]
    values = {
        name: converter.to_url(VALUES[type(converter).__name__]) for name, converter in pattern.converters.items()
    }
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: values[found[1]], str(pattern))


@pytest.mark.ci
@pytest.mark.parametrize("has_phone", [True, False], ids=["code to give", "phone to enrol"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_without_second_factor_nothing_opens_but_the_way_in_and_out(client, agent, has_phone, method):  # ADM-01
    if has_phone:
        give_phone(agent)
    client.force_login(agent, second_factor=False)
    addresses = dict(every_address())
    for name in ["second_factor", "second_factor_enrolment", "stay"]:
        del addresses[f"accounts:{name}"]
    before = snapshot()

    answers = {address: getattr(client, method)(address) for address in addresses.values()}

    assert len(answers) > 80
    assert {
        address: response.status_code
        for address, response in answers.items()
        if response.status_code != 302 or not response["Location"].startswith(PAGE)
    } == {}
    assert snapshot() == before
    assert client.post("/deconnexion/")["Location"] == "/connexion/?sortie=1"


def test_staying_connected_is_allowed_and_opens_nothing(at_the_door):
    response = at_the_door.post("/compte/rester/")

    assert (response.status_code, response.content) == (204, b"")
    assert not is_inside(at_the_door)


@pytest.mark.parametrize("verified", [True, False])
def test_admin_and_pages_of_agents_ask_for_the_factor_themselves(rf, agent, verified):  # ADM-01
    """Behind the middleware, which stops everybody first: one of them alone must do."""
    request = rf.get("/")
    request.user, request.session = agent, {second_factor.MARK: verified}
    page = staff_page("enfance.tenir_feuille")(lambda request: HttpResponse("ouverte"))

    assert admin.site.has_permission(request) is verified
    assert page(request).status_code == (200 if verified else 302)


@pytest.mark.parametrize("address", ["/admin/", "/admin/login/?next=/admin/accounts/user/", "/compte/", "/connexion/"])
def test_way_in_has_no_loop(client, agent, address):  # ADM-01
    client.force_login(agent, second_factor=False)
    assert client.get(address, follow=True).request["PATH_INFO"] == ENROLMENT

    give_phone(agent)
    assert client.get(address, follow=True).request["PATH_INFO"] == PAGE
    assert client.get(ENROLMENT, follow=True).request["PATH_INFO"] == PAGE  # no second phone without the first


@pytest.mark.parametrize("address", [PAGE, ENROLMENT, CODES])
@pytest.mark.parametrize("method", ["get", "post"])
def test_pages_are_for_agents(client, parent, address, method):
    client.force_login(parent)

    assert getattr(client, method)(address).status_code == 403


@pytest.mark.parametrize("field", ["is_staff", "is_active"])
def test_account_closed_or_no_longer_staff_is_out_at_the_next_request(client, enrolled, field):  # ACC-06, SES-04
    client.force_login(enrolled)
    assert client.get("/admin/").status_code == 200

    User.objects.filter(pk=enrolled.pk).update(**{field: False})

    response = client.get("/admin/", follow=True)
    assert (response.request["PATH_INFO"], response.status_code) == ("/connexion/", 200)


def test_right_withdrawn_acts_at_the_next_request(client, db):  # ACC-06
    user = StaffFactory(is_superuser=False)
    user.user_permissions.set(Permission.objects.filter(codename="view_user"))
    client.force_login(user)
    assert client.get("/admin/accounts/user/").status_code == 200

    user.user_permissions.clear()

    assert client.get("/admin/accounts/user/").status_code == 403
