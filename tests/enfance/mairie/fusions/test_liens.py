"""Every table that leads to a person is brought along when two files are made one: nothing stays behind."""

import pytest
from django.apps import apps

from accounts import merging
from accounts.models import User
from enfance.mairie.fusions import LIENS
from enfance.models import Foyer, Responsable

pytestmark = pytest.mark.django_db


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


def test_every_link_to_an_adult_an_account_or_a_home_is_brought_along():
    assert links_to(User, Responsable, Foyer) == {*LIENS, *merging.LINKS, *merging.GONE, *merging.STAFF_LINKS}


@pytest.mark.parametrize("link", ["enfance.Rappel.responsable", "enfance.Garde.foyer", "accounts.MailingLine.user"])
def test_a_forgotten_link_is_seen(link):
    """The introspection looks for real."""
    assert link in links_to(User, Responsable, Foyer)
