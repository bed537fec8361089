"""The key is turned: with the one before among SECRET_KEY_FALLBACKS, nobody sees it."""

from __future__ import annotations

import pytest
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from tests.clients import Client
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
NEW = "une-autre-cle-tiree-au-hasard-et-bien-assez-longue-4f7Kq2vXw9"


@pytest.mark.parametrize(("kept", "status"), [(True, 200), (False, 302)])
def test_session_outlives_the_key_that_it_began_with_while_that_one_is_kept(settings, kept, status):
    client = Client()
    client.force_login(UserFactory())
    before = settings.SECRET_KEY

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [before] if kept else []

    assert client.get(reverse("accounts:account")).status_code == status
    settings.SECRET_KEY_FALLBACKS = []  # its session now hangs on the new key alone
    assert client.get(reverse("accounts:account")).status_code == status


def test_link_of_a_mail_stands_while_the_key_that_signed_it_is_kept(settings):
    link = Signer(salt="enfance.rappels").sign("12")

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [settings.SECRET_KEY]
    assert Signer(salt="enfance.rappels").unsign(link) == "12"

    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(BadSignature):
        Signer(salt="enfance.rappels").unsign(link)
