"""The screen of ONDE, as an agent goes through it: two files laid down, a preview, the import."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.enfance.onde.exemples import ADULTES, ECOLE, texte_eleves, texte_responsables
from tests.reading import plain_all

LISTE, AJOUT = "/admin/enfance/importonde/", "/admin/enfance/importonde/add/"


def csv(nom: str, texte: str | bytes, encodage: str = "cp1252") -> SimpleUploadedFile:
    return SimpleUploadedFile(nom, texte if isinstance(texte, bytes) else texte.encode(encodage))


def eleves(enfants=ECOLE, **options) -> SimpleUploadedFile:
    return csv("eleves.csv", texte_eleves(enfants, **options))


def responsables(adultes=ADULTES) -> SimpleUploadedFile:
    return csv("responsables.csv", texte_responsables(adultes))


def depose(client, annee, enfants=ECOLE, adultes=ADULTES, *, ecole=None, page: str = AJOUT, **options):
    """Lay the two files down; the preview that follows."""
    data = {"annee": annee.pk, "eleves": eleves(enfants, **options), "responsables": responsables(adultes)}
    data |= {"ecole": ecole.pk} if ecole else {}
    return client.post(page, {**data, "deposer": "1"}, follow=True)


def page_of(response) -> str:
    return response.redirect_chain[-1][0]


def confirme(client, response, **data):
    """Press « Importer » on this preview."""
    page = f"{LISTE}{response.context['depot'].pk}/change/"
    return client.post(page, {"importer": "1", "vu": response.context["bilan"].empreinte, **data}, follow=True)


def erreurs(response) -> dict[str, list[str]]:
    return {champ: plain_all(phrases) for champ, phrases in response.context["form"].errors.items()}
