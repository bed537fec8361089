"""The semaine type as a browser without JavaScript uses it: choose, look, fill, undo."""

import re
from datetime import date, datetime

import pytest

from enfance.models import Enregistrement, Inscription, SemaineType
from portail.dates import PARIS
from tests.factories import AnneeFactory, ResponsableFactory, make_creneaux, make_enfant

pytestmark = pytest.mark.django_db
PAGE = "/semaine-type/"


@pytest.fixture(autouse=True)
def _jeudi_3_decembre(time_machine):
    time_machine.move_to(datetime(2026, 12, 3, 20, 41, tzinfo=PARIS), tick=False)


@pytest.fixture
def famille(client):
    """Camille, two children, three créneaux; logged in."""
    AnneeFactory()
    camille = ResponsableFactory(user__first_name="Camille")
    lea = make_enfant(camille, prenom="Léa")
    tom = make_enfant(camille, prenom="Tom")
    creneaux = make_creneaux()
    client.force_login(camille.user)
    return {"camille": camille, "lea": lea, "tom": tom, **creneaux}


def post(client, *boxes, bouton="apercu", valeur="1", **fields):
    data = {"t": list(boxes), "fin": "annee", "rythme": "1", "garder": "1"} | fields
    return client.post(PAGE, data | {bouton: valeur})


def text(response):
    html = response.content.decode().replace("\u00a0", " ").replace("\u202f", " ")
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_semaine_type_is_previewed_then_written_with_one_reference(client, famille):
    boxes = [f"{famille['lea'].pk}:1:soir", f"{famille['tom'].pk}:4:matin"]

    page = text(post(client, *boxes))

    assert "Rien n’est encore enregistré." in page
    assert "Du lundi 7 décembre 2026 au vendredi 2 juillet 2027, toutes les semaines." in page
    assert "46 ajouts, 0 retrait" in page
    assert Inscription.objects.count() == 0
    response = post(client, *boxes, bouton="enregistrer")
    enregistrement = Enregistrement.objects.get()
    assert (response.status_code, response["Location"]) == (303, f"{PAGE}?enregistre={enregistrement.pk}")
    assert enregistrement.porte == "semaine_type"
    assert set(Inscription.objects.values_list("etat", "origine")) == {("inscrit", "semaine_type")}
    page = text(client.get(response["Location"]))
    assert "Le planning est rempli jusqu’au 2 juillet 2027" in page
    assert f"Référence {enregistrement.pk}." in page
    assert "Annuler ces changements jusqu’à 20 h 56" in page
