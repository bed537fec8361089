"""The forms of the admin, sent as its pages are filled in."""

from __future__ import annotations

import re

from django.urls import reverse

ENFANTS = "/admin/enfance/enfant/"
RESPONSABLES = "/admin/enfance/responsable/"


def form_of(client, page) -> dict[str, str]:
    """What the browser would post of this page, unchanged."""
    response = client.get(page)
    forms = [response.context["adminform"].form, *(i.formset for i in response.context["inline_admin_formsets"])]
    forms += [formset.management_form for formset in forms[1:]] + [form for f in forms[1:] for form in f.forms]
    fields = [field for form in forms if hasattr(form, "fields") for field in form]
    return {field.html_name: "" if field.value() is None else field.value() for field in fields}


def save(client, page, **changes):
    data = {name: value for name, value in (form_of(client, page) | changes).items() if value is not False}
    return client.post(page, data, follow=True)


def token_of(response) -> str:
    return re.search(r'name="_fingerprint" value="([0-9a-f]{64})"', response.text)[1]


ACTUALITES, MESSAGES = "/admin/enfance/actualite/", "/admin/enfance/message/"


def page_of(obj) -> str:
    return reverse(f"admin:enfance_{obj._meta.model_name}_change", args=[obj.pk])
