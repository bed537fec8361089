"""A family that arrives, as the town hall types it in."""

from __future__ import annotations

FOYERS = "/admin/enfance/foyer/"
INES = {
    "foyer-adresse": "4 rue Neuve",
    "foyer-code_postal": "",
    "foyer-commune": "",
    "adulte-0-prenom": "Inès",
    "adulte-0-nom": "Roche",
    "adulte-0-civilite": "",
    "adulte-0-courriel": "ines@courriel.example",
    "adulte-0-telephone": "0639980020",
}
MILO = {
    "enfant-0-prenom": "Milo",
    "enfant-0-nom": "Roche",
    "enfant-0-date_naissance": "02/09/2019",
    "enfant-0-niveau": "CE1",
    "enfant-0-classe": "",
}


def errors_of(response):
    return [form.errors for form in response.context["dossier"].personnes if form.errors]
