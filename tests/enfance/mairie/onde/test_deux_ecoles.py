"""Two pairs of files, one a school, in the two layouts of ONDE: by the screen, by the command, in any order and again,
as far as what the parents see of it.
"""

from __future__ import annotations

import re
from io import StringIO

import pytest
from django.core.management import call_command

from accounts.models import User
from enfance.models import Ecole, Enfant, Foyer, Responsable, Scolarite
from tests.clients import Client
from tests.enfance.mairie.conftest import LUNDI
from tests.enfance.mairie.onde.ecran import AJOUT, confirme, depose
from tests.enfance.onde.deux_ecoles import ELEMENTAIRE, MATERNELLE, PARENTS, PARENTS_MATERNELLE
from tests.enfance.onde.ecole import database, responsable
from tests.enfance.onde.exemples import (
    ADULTES,
    fichier_eleves,
    fichier_responsables,
    texte_eleves,
    texte_responsables,
)
from tests.factories import CreneauFactory, EcoleFactory, make_creneaux
from tests.reading import plain_all

pytestmark = pytest.mark.ci

FILES = {"elementaire": (ELEMENTAIRE, PARENTS, True), "maternelle": (MATERNELLE, PARENTS_MATERNELLE, False)}
ENCODAGES = {True: "cp1252", False: "utf-8-sig"}
ORDRES = [
    [("elementaire", "commande"), ("maternelle", "ecran")],
    [("maternelle", "commande"), ("elementaire", "ecran")],
    [("elementaire", "ecran"), ("maternelle", "ecran")],
    [("maternelle", "commande"), ("elementaire", "commande")],
]
AUTRE_PORTE = {"commande": "ecran", "ecran": "commande"}


@pytest.fixture
def ville(annee):
    """Two schools, each with its evening."""
    elementaire = Ecole.objects.get()
    elementaire.nom, elementaire.code, elementaire.premier_niveau = "École élémentaire", "elementaire", "CP"
    elementaire.save()
    maternelle = EcoleFactory(code="maternelle", nom="École maternelle", dernier_niveau="GS")
    make_creneaux()["soir"].ecoles.set([elementaire])
    CreneauFactory(code="soir-mat", moment="soir", nom="Soir", nom_court="soir", ordre=4).ecoles.set([maternelle])
    return {"elementaire": elementaire, "maternelle": maternelle}


@pytest.fixture
def importe(mairie, annee, ville, tmp_path):
    """Import the files of this school by this door; what is said of the pupils."""

    def run(code: str, porte: str) -> str:
        enfants, adultes, ine = FILES[code]
        if porte == "ecran":
            response = confirme(mairie, depose(mairie, annee, enfants, adultes, ecole=ville[code], ine=ine))
            return plain_all(re.findall("Élèves\xa0: [^.]+", response.text))[0]
        fichiers = (
            fichier_eleves(texte_eleves(enfants, ine=ine), ENCODAGES[ine]),
            fichier_responsables(texte_responsables(adultes, poste=not ine), ENCODAGES[ine]),
        )
        chemins = []
        for fichier in fichiers:
            chemins.append(tmp_path / f"{code}-{fichier.nom}")
            chemins[-1].write_bytes(fichier.contenu)
        said = StringIO()
        call_command("importer_onde", *map(str, chemins), "--ecole", code, stdout=said)
        return next(p.rstrip(".") for p in plain_all(said.getvalue().splitlines()) if p.startswith("Élèves"))

    return run


@pytest.mark.parametrize("ordre", ORDRES, ids=lambda ordre: "-".join(f"{code}_{porte}" for code, porte in ordre))
def test_two_schools_by_any_door_in_any_order_and_again(importe, mairie, ville, ordre):
    premiers = {code: importe(code, porte) for code, porte in ordre}

    assert premiers == {
        "elementaire": "Élèves : 11 créés, 0 modifié, 0 inchangé, 0 parti",
        "maternelle": "Élèves : 3 créés, 0 modifié, 0 inchangé, 0 parti",
    }
    avant = database()
    for _ in range(2):
        for code, porte in ordre:
            n = len(FILES[code][0])
            assert importe(code, AUTRE_PORTE[porte]) == f"Élèves : 0 créé, 0 modifié, {n} inchangés, 0 parti"
        ordre = ordre[::-1]
    assert database() == avant

    assert (Enfant.objects.count(), Foyer.objects.count()) == (14, 6)
    assert Responsable.objects.count() == User.objects.filter(is_staff=False).count() == len(ADULTES) + 1
    places = list(Scolarite.objects.values_list("ecole__code", "debut", "depart"))
    assert sorted(places) == [("elementaire", None, None)] * 11 + [("maternelle", None, None)] * 3


def test_siblings_of_two_files_are_one_planning(importe, ville):
    """Each with the evening of its school: the same save of both counts."""
    for code, porte in ORDRES[0]:
        importe(code, porte)
    lea, tom = Enfant.objects.get(prenom="Léa"), Enfant.objects.get(prenom="Tom")
    cases = [f"{lea.pk}:{LUNDI}:soir", f"{tom.pk}:{LUNDI}:soir-mat"]

    for prenom in ("Camille", "Karim"):  # of both files too
        client = Client()
        client.force_login(responsable(prenom).user)
        page = client.get(f"/planning/{LUNDI:%Y-%m}/").text
        assert [case in page for case in cases] == [True, True]
        assert [f"{lea.pk}:{LUNDI}:soir-mat" in page, f'{tom.pk}:{LUNDI}:soir"' in page] == [False, False]
        avant = re.search(r'name="avant" value="([^"]*)"', page)[1]
        client.post(f"/planning/{LUNDI:%Y-%m}/", {"avant": avant, "r": cases, "enregistrer": "1"})

    inscrits = {f"{i.enfant_id}:{i.jour}:{i.creneau.code}" for e in (lea, tom) for i in e.inscriptions.inscrit()}
    assert inscrits == set(cases)


def test_screen_asks_for_the_school_of_each_pair_of_files(importe, mairie, ville, annee):
    """And takes nobody for gone when the same files come under the other name: it asks first."""
    importe("elementaire", "ecran")
    assert "ecole" in mairie.get(AJOUT).context["form"].fields

    response = depose(mairie, annee, *FILES["elementaire"][:2], ecole=ville["maternelle"])

    assert "sont connus dans une autre école" in plain_all(response.context["form"].errors["ecole"])[0]
    assert not Scolarite.objects.exclude(ecole=ville["elementaire"]).exists()
    assert not Scolarite.objects.exclude(depart=None).exists()
