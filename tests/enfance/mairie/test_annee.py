"""The year as `preparer_annee` makes it, and as the town hall then corrects it."""

from __future__ import annotations

from datetime import date, time
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from enfance.calendrier import UN_JOUR
from enfance.mairie.annee import preparer_annee
from enfance.models import AnneeScolaire, Classe, Conge, Creneau, RegleDelai, Scolarite, load_calendrier
from tests.factories import ClasseFactory, EnfantFactory, RegleDelaiFactory, ScolariteFactory
from tests.reading import plain

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    said = StringIO()
    call_command("preparer_annee", *arguments, stdout=said)
    return plain(said.getvalue())


def database():
    modeles = (AnneeScolaire, Conge, Creneau, RegleDelai, Scolarite, Classe)
    return [list(modele.objects.order_by("pk").values()) for modele in modeles]


VACANCES = {
    2026: [
        ("Vacances de la Toussaint", date(2026, 10, 17), date(2026, 11, 1)),
        ("Vacances de Noël", date(2026, 12, 19), date(2027, 1, 3)),
        ("Vacances d’hiver", date(2027, 2, 13), date(2027, 2, 28)),
        ("Vacances de printemps", date(2027, 4, 10), date(2027, 4, 25)),
        ("Pont de l’Ascension", date(2027, 5, 6), date(2027, 5, 8)),
    ],
    2027: [
        ("Vacances de la Toussaint", date(2027, 10, 23), date(2027, 11, 7)),
        ("Vacances de Noël", date(2027, 12, 18), date(2028, 1, 2)),
        ("Vacances d’hiver", date(2028, 2, 19), date(2028, 3, 5)),
        ("Vacances de printemps", date(2028, 4, 22), date(2028, 5, 8)),
    ],
}


@pytest.mark.parametrize("debut", [2026, 2027])
def test_preparer_annee_writes_the_holidays_of_zone_a(debut):
    annee = preparer_annee(debut, "A").annee

    vacances = list(annee.conges.filter(genre="vacances").values_list("nom", "debut", "fin"))
    assert vacances[: len(VACANCES[debut])] == VACANCES[debut]


def test_preparer_annee_goes_from_the_first_to_the_last_school_day():
    annee = preparer_annee(2026, "A").annee

    assert (annee.debut, annee.fin, annee.ouverture) == (date(2026, 9, 1), date(2027, 7, 2), date(2026, 6, 1))
    calendrier = load_calendrier()
    assert (calendrier.is_ecole(annee.debut), calendrier.is_ecole(annee.fin)) == (True, True)
    assert not calendrier.is_ecole(annee.fin + UN_JOUR)


def test_preparer_annee_begins_on_a_day_of_the_school_week():
    """1 September 2027 is a Wednesday, without school."""
    assert preparer_annee(2027, "A").annee.debut == date(2027, 9, 2)


def test_preparer_annee_follows_the_zone():
    hiver = preparer_annee(2026, "C").annee.conges.get(nom="Vacances d’hiver")

    assert (hiver.debut, hiver.fin) == (date(2027, 2, 6), date(2027, 2, 21))


def test_preparer_annee_stays_in_the_zone_of_the_year_before():
    run("2026", "--zone", "B")

    assert run("2027").startswith("Année 2027-2028, zone B : ")


def test_preparer_annee_says_that_the_zone_of_a_first_year_is_supposed():
    assert "La zone A est supposée, faute de --zone." in run("2026")
    assert "supposée" not in run("2027")


def test_zone_of_a_first_year_is_mended_as_the_command_says():
    run("2026")
    AnneeScolaire.objects.update(zone="C")
    Conge.objects.all().delete()

    run("2026")

    assert Conge.objects.get(nom="Vacances d’hiver").debut == date(2027, 2, 6)


def test_preparer_annee_keeps_what_the_town_declared_the_year_before():
    avant = preparer_annee(2026, "A").annee
    assert (avant.declaree, avant.pedt) == (False, False)
    AnneeScolaire.objects.update(declaree=True, pedt=True)
    annee = preparer_annee(2027, "A").annee
    assert (annee.declaree, annee.pedt) == (True, True)


def test_preparer_annee_writes_the_public_holidays_to_the_end_of_summer():
    feries = preparer_annee(2026, "A").annee.conges.filter(genre="ferie")

    assert list(feries.values_list("debut", flat=True)) == [
        date(2026, 11, 1), date(2026, 11, 11), date(2026, 12, 25), date(2027, 1, 1), date(2027, 3, 29),
        date(2027, 5, 1), date(2027, 5, 6), date(2027, 5, 8), date(2027, 5, 17), date(2027, 7, 14), date(2027, 8, 15),
    ]  # fmt: skip
    assert feries.get(debut=date(2027, 1, 1)).nom == "Jour de l’an"


def test_preparer_annee_makes_the_three_creneaux():
    preparer_annee(2026, "A")

    assert list(Creneau.objects.values_list("code", "nom_court", "debut", "fin")) == [
        ("matin", "matin", time(7, 30), time(8, 30)),
        ("midi", "midi", time(11, 30), time(13, 30)),
        ("soir", "soir", time(16, 30), time(18, 30)),
    ]
    regle = RegleDelai.objects.get()
    assert (regle.genre, regle.nombre, regle.heure) == ("jours_ouvres", 1, time(12))


def test_preparer_annee_leaves_the_creneaux_of_the_town_hall():
    Creneau.objects.create(
        code="midi", nom="Midi", nom_court="midi", debut=time(12), fin=time(13), delai_inscription=RegleDelaiFactory()
    )

    preparer_annee(2026, "A")

    assert Creneau.objects.count() == RegleDelai.objects.count() == 1


def test_preparer_annee_twice_changes_nothing():
    assert "Créés : 11 jours fériés, 3 créneaux, 0 scolarité provisoire." in run("2026")
    avant = database()

    assert run("2026") == "Année 2026-2027 : déjà prête, rien n’a été changé.\n"
    assert database() == avant


def test_preparer_annee_keeps_the_town_halls_corrections():
    annee = preparer_annee(2026, "A").annee
    annee.debut, annee.ouverture, annee.mercredi = date(2026, 9, 3), None, True
    annee.save()
    annee.conges.filter(nom="Pont de l’Ascension").delete()
    annee.conges.filter(nom="Vacances d’hiver").update(fin=date(2027, 3, 1))
    Creneau.objects.filter(code="soir").update(fin=time(19))
    avant = database()

    run("2026", "--zone", "B")

    assert database() == avant


def test_preparer_annee_completes_a_year_typed_by_hand():
    annee = AnneeScolaire.objects.create(debut=date(2026, 9, 2), fin=date(2027, 7, 1), zone="A")

    preparation = preparer_annee(2026, "A")

    assert (preparation.annee, preparation.annee_creee) == (annee, False)
    assert annee.conges.filter(genre="vacances").count() == 5


@pytest.mark.parametrize("debut", ["2028", "2040", "1980"])
def test_preparer_annee_says_what_to_do_of_a_year_not_held_yet(debut):
    with pytest.raises(CommandError) as refus:
        run(debut)

    assert plain(refus.value) == (
        f"Les vacances de l’année {debut}-{int(debut) + 1} ne sont pas encore connues. Saisissez l’année et ses congés "
        "dans l’administration (« Années scolaires »), ou mettez le paquet vacances-scolaires-france à jour."
    )
    assert not AnneeScolaire.objects.exists()


def test_preparer_annee_makes_pupils_move_up_and_cm2_leave():
    annee = preparer_annee(2026, "A").annee
    classe = ClasseFactory(annee=annee)
    for prenom, niveau, depart in [("Léa", "CE1", None), ("Tom", "CM2", None), ("Zoé", "PS", date(2026, 11, 3))]:
        enfant = EnfantFactory(prenom=prenom)
        ScolariteFactory(enfant=enfant, annee=annee, niveau=niveau, classe=classe, depart=depart)

    suivante = preparer_annee(2027, "A").annee

    assert list(suivante.scolarites.values_list("enfant__prenom", "niveau", "classe")) == [("Léa", "CE2", None)]
    assert preparer_annee(2027, "A").is_empty
