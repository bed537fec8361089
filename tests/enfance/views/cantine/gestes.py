"""What the tests of the association's pages send, and what they read of the answer."""

from datetime import date, datetime, timedelta

from django.core.files.uploadedfile import SimpleUploadedFile

from enfance.inscriptions import Changement, enregistrer
from enfance.models import ListeRepas, Repas
from enfance.regles import Acteur, Cle
from portail.dates import PARIS

NOW = datetime(2026, 12, 3, 8, 15, tzinfo=PARIS)
JEUDI, LUNDI, MARDI = date(2026, 12, 3), date(2026, 12, 7), date(2026, 12, 8)
IMPORTER, REGLAGES = "/cantine/importer/", "/cantine/reglages/"


def manger(*enfants, jour=MARDI):
    liste, _ = ListeRepas.objects.get_or_create(debut=LUNDI, fin=date(2026, 12, 18), importee_le=NOW)
    Repas.objects.bulk_create(Repas(enfant=enfant, jour=jour, liste=liste) for enfant in enfants)


def inscrire(parent, enfant, jour=MARDI):
    change = Changement(Cle(enfant.pk, jour, "midi"), "inscrit")
    assert enregistrer([change], Acteur.parent(parent), now=NOW - timedelta(days=9)).refus == ()


def csv_of(response):
    lignes = response.content.decode("utf-8-sig").splitlines()
    return [ligne.split(";") for ligne in lignes]


def fichier(*lignes, nom="repas.csv"):
    return SimpleUploadedFile(nom, "\n".join(["nom;prénom;date", *lignes]).encode())


def apercu(client, *lignes, **champs):
    return client.post(IMPORTER, {"fichier": fichier(*lignes), **champs})


def confirme(client, page):
    liste = page.context["apercu"].confirmation.data["liste"]
    return client.post(IMPORTER, {"liste": liste, "confirmer": "1"}, follow=True)
