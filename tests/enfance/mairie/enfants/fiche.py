"""How the tests change a child’s file: a subject opened, sent as the browser would, confirmed where it asks."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from enfance.models import Enfant
from tests.clients import Client

ENFANTS = "/admin/enfance/enfant/"


def page_of(enfant: Enfant) -> str:
    return f"{ENFANTS}{enfant.pk}/change/"


def sujet_of(enfant: Enfant, sujet: str, **query: object) -> str:
    return f"{page_of(enfant)}?changer={sujet}" + "".join(f"&{nom}={valeur}" for nom, valeur in query.items())


def opened(client: Client, address: str) -> dict[str, Any]:
    """What the browser would post of this subject, unchanged."""
    response = client.get(address)
    data = {"_fingerprint": response.context["shown"]}
    for field in response.context["form"]:
        value = field.value()
        if value is not False:
            data[field.html_name] = "" if value is None else value
    return data


def change(client: Client, enfant: Enfant, sujet: str, query: dict[str, object] | None = None, **changes: Any):
    """The subject sent with these changes; the page that follows. False leaves a box unticked."""
    address = sujet_of(enfant, sujet, **(query or {}))
    data = {nom: valeur for nom, valeur in (opened(client, address) | changes).items() if valeur is not False}
    return client.post(address, data, follow=True)


def confirm(client: Client, response: HttpResponse, suite: str = "1", **more: Any):
    """Confirm the preview that this page shows."""
    request = response.request
    data: dict[str, Any] = {}
    for nom, valeur in response.context["champs"]:
        data.setdefault(nom, []).append(valeur)
    data |= {"confirmer": suite, "empreinte": response.context["apercu"].empreinte, **more}
    return client.post(f"{request['PATH_INFO']}?{request['QUERY_STRING']}", data, follow=True)
