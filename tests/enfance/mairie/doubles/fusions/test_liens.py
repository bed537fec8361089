"""Every table that leads to a person is brought along when two files are made one: nothing stays behind."""

import pytest
from django.apps import apps

from accounts import merging
from accounts.models import User
from enfance.models import Enfant, Foyer, Responsable
from portail.extensions import Extension

pytestmark = [pytest.mark.django_db, pytest.mark.ci]


def links_to(*models):
    """Every column of every table that leads to one of these."""
    return {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        if not model._meta.proxy
        for field in [*model._meta.fields, *model._meta.many_to_many]
        if field.remote_field
        and isinstance(field.related_model, type)
        and field.related_model._meta.concrete_model in models
        and not model._meta.auto_created
    }


# Those of accounts to an account: `accounts.merging` brings them along.
OF_ACCOUNTS = {*merging.LINKS, *merging.GONE, *merging.STAFF_LINKS}


@pytest.mark.parametrize(
    ("merged", "others"), [(User, OF_ACCOUNTS), (Responsable, set()), (Foyer, set()), (Enfant, set())]
)
def test_every_link_is_brought_along(merged, others):
    assert links_to(merged) == {*Extension.installed().fusions[merged._meta.label], *others}


@pytest.mark.parametrize(
    "link",
    [
        "enfance.Rappel.responsable",
        "enfance.Garde.foyer",
        "enfance.Garde.enfant",
        "accounts.MailingLine.user",
    ],
)
def test_a_forgotten_link_is_seen(link):
    """The introspection looks for real."""
    assert link in links_to(User, Responsable, Foyer, Enfant)
