"""The school of a child at the counter: said where there are several, known of a newcomer, asked when it must be."""

from datetime import date

import pytest

from enfance.mairie.fermetures.ecriture import Portee, fermer
from enfance.models import AnneeScolaire, Classe, Enfant, Scolarite
from tests.enfance.mairie.conftest import JEUDI_SOIR, LUNDI
from tests.enfance.mairie.enfants.fiche import change, page_of, sujet_of
from tests.enfance.mairie.familles.nouvelles import FOYERS, INES, MILO, errors_of
from tests.factories import make_enfant


@pytest.fixture
def unique(ville) -> Classe:
    return Classe.objects.get(nom="Classe unique")


def milo(**champs):
    return INES | MILO | {"enfant-0-ecole": ""} | champs


def place_of(prenom: str) -> tuple[str, Classe | None]:
    place = Scolarite.objects.select_related("ecole", "classe").get(enfant__prenom=prenom)
    return place.ecole.code, place.classe


def test_newcomer_is_in_the_school_of_the_class(mairie, ville, unique):
    mairie.post(f"{FOYERS}add/", milo(**{"enfant-0-classe": unique.pk}), follow=True)

    assert place_of("Milo") == ("hameau", unique)


def test_newcomer_without_a_class_has_the_school_that_is_chosen(mairie, ville):
    mairie.post(f"{FOYERS}add/", milo(**{"enfant-0-ecole": ville.hameau.pk}), follow=True)

    assert place_of("Milo") == ("hameau", None)


def test_newcomer_is_asked_for_a_school_or_a_class(mairie, ville):
    response = mairie.post(f"{FOYERS}add/", milo())

    assert errors_of(response) == [{"ecole": ["Choisissez une école, ou une classe."]}]
    assert not Enfant.objects.filter(prenom="Milo").exists()


def test_newcomer_of_one_school_is_asked_for_none(mairie, lea):
    page = mairie.get(f"{FOYERS}add/")
    assert "enfant-0-ecole" not in page.text

    mairie.post(f"{FOYERS}add/", INES | MILO, follow=True)

    assert place_of("Milo") == ("ecole", None)


def test_pupil_is_offered_the_classes_of_its_school(mairie, ville):
    form = mairie.get(sujet_of(ville.zoe, "classe")).context["form"]

    assert [texte for _, texte in form.fields["classe"].choices] == ["Pas encore de classe", "Classe unique"]
    assert "ecole" not in form.fields


def test_new_year_of_a_child_says_its_school(mairie, ville, unique):
    annee = AnneeScolaire.objects.create(debut=date(2027, 9, 1), fin=date(2028, 7, 4))
    parti = make_enfant(ville.camille, prenom="Noé")

    change(mairie, parti, "classe", {"annee": annee.pk}, niveau="CE2", ecole=ville.hameau.pk)

    place = Scolarite.objects.get(enfant=parti, annee=annee)
    assert (place.ecole, place.niveau, place.classe) == (ville.hameau, "CE2", None)


def test_file_and_counter_name_the_school(mairie, ville, inscription):
    fiche = mairie.get(page_of(ville.zoe)).text
    famille = mairie.get(f"{FOYERS}{ville.camille.foyer_id}/famille/").text

    assert "<b>Classe unique</b>, École du Hameau" in fiche
    assert "<dd>Classe unique, École du Hameau</dd>" in famille


def test_file_and_counter_of_one_school_name_none(mairie, inscription):
    lea = inscription.enfant
    fiche = mairie.get(page_of(lea)).text
    famille = mairie.get(f"{FOYERS}{lea.gardes.get().foyer_id}/famille/").text

    assert "<b>CE1-CE2 Mme Sorbier</b></dd>" in fiche
    assert "<dd>CE1-CE2 Mme Sorbier</dd>" in famille


def test_two_classes_of_one_name_are_two_on_the_preview(ville, unique):
    autre = Classe.objects.create(annee=unique.annee, ecole=ville.bourg, nom="Classe unique")
    Scolarite.objects.filter(enfant=ville.lea).update(classe=autre)
    for enfant in (ville.lea, ville.zoe):
        ville.inscrire(enfant, LUNDI, "soir")

    bilan = fermer(Portee(LUNDI, LUNDI, "grève"), now=JEUDI_SOIR, simuler=True)

    assert bilan.touches.classes == (
        ("Classe unique, École du Bourg", (1,)),
        ("Classe unique, École du Hameau", (1,)),
    )


def test_week_of_a_child_has_the_moments_of_the_school_and_what_is_booked_elsewhere(mairie, ville):
    def codes(enfant):
        return [creneau.code for creneau, _ in mairie.get(page_of(enfant)).context["fiche"].semaine.lignes]

    assert codes(ville.lea) == ["matin", "midi", "soir"]
    assert codes(ville.zoe) == ["matin-hameau", "midi", "soir"]

    ville.inscrire(ville.zoe, JEUDI_SOIR.date(), "matin")

    assert sorted(codes(ville.zoe)) == ["matin", "matin-hameau", "midi", "soir"]
