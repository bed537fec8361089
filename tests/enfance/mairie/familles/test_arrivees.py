"""Newcomers typed by hand; ONDE then finds them and leaves what was typed."""

from datetime import date

import pytest

from accounts.models import User
from enfance.mairie.familles.arrivees import NouvelAdulte, NouvelEnfant, accueillir, annee_d_accueil, homonymes
from enfance.models import Enfant, Foyer, Garde, Responsabilite, Responsable, Scolarite
from tests.enfance.onde.ecole import comptes, run
from tests.enfance.onde.exemples import ADULTES, ECOLE, MOYENS, A, E
from tests.factories import AnneeFactory, ClasseFactory, FoyerFactory, ResponsableFactory, make_enfant

pytestmark = pytest.mark.django_db
INES = NouvelAdulte("Inès", "Roche", "ines@courriel.example", "mme", "06 39 98 00 20")
MILO = NouvelEnfant("Milo", "Roche", date(2019, 9, 2), "CE1")


def test_family_is_made_whole():
    annee = AnneeFactory()
    classe = ClasseFactory(annee=annee)
    milo = NouvelEnfant("Milo", "Roche", date(2019, 9, 2), "CE1", classe)

    arrivee = accueillir(Foyer(adresse="4 rue Neuve"), [INES, NouvelAdulte("Marc", "Roche")], [milo], annee)

    (enfant,) = arrivee.enfants
    assert {str(adulte) for adulte in enfant.responsables.all()} == {"Inès Roche", "Marc Roche"}
    assert (Garde.objects.get().foyer, Garde.objects.get().rythme) == (arrivee.foyer, "toujours")
    assert (Scolarite.objects.get().niveau, Scolarite.objects.get().classe) == ("CE1", classe)
    user = User.objects.get(first_name="Inès")
    assert (len(user.identifiant), user.has_usable_password()) == (7, False)


def test_adult_and_child_are_added_to_a_home():
    adulte = ResponsableFactory()
    lea, tom = make_enfant(adulte), make_enfant(adulte, prenom="Tom")
    ines = NouvelAdulte("Inès", "Roche", enfants=(lea.pk,))
    milo = NouvelEnfant("Milo", "Roche", date(2019, 9, 2), "CE1", responsables=(adulte.pk,))

    accueillir(adulte.foyer, [ines], [milo], None)

    venue = Responsable.objects.get(user__first_name="Inès")
    assert sorted(enfant.prenom for enfant in venue.enfants.all()) == ["Léa", "Milo"]
    assert sorted(enfant.prenom for enfant in adulte.enfants.all()) == ["Léa", "Milo", "Tom"]
    assert tom.responsables.count() == 1


def test_nobody_of_another_home_is_reached():
    """What a browser sends is believed for those of this home alone."""
    elsewhere = ResponsableFactory(foyer=FoyerFactory(adresse="3 rue du Lac"))
    autre = make_enfant(elsewhere)
    foyer = ResponsableFactory().foyer

    accueillir(
        foyer,
        [NouvelAdulte("Inès", "Roche", enfants=(autre.pk,))],
        [NouvelEnfant("Milo", "Roche", date(2019, 9, 2), "CE1", responsables=(elsewhere.pk,))],
        None,
    )

    assert Responsabilite.objects.filter(enfant=autre).count() == 1
    assert elsewhere.enfants.count() == 1


@pytest.mark.parametrize(
    ("adulte", "enfant", "noms"),
    [
        ("Inès", "Milo", ["Inès Roche (1000001), 4 rue Neuve", "Milo Roche, date de naissance 2\u00a0septembre 2019"]),
        ("INES", "Zoé", ["Inès Roche (1000001), 4 rue Neuve"]),
        ("Anne", "Zoé", []),
    ],
)
def test_who_is_known_already_is_named(adulte, enfant, noms):
    connue = ResponsableFactory(
        user__identifiant="1000001", user__first_name="Inès", user__last_name="Roche", foyer__adresse="4 rue Neuve"
    )
    make_enfant(connue, prenom="Milo", nom="Roche", date_naissance=date(2019, 9, 2))

    connus = homonymes([NouvelAdulte(adulte, "Roche")], [NouvelEnfant(enfant, "ROCHE", date(2019, 9, 2), "CE1")])

    assert [str(connu) for connu in connus] == noms
    assert {connu.foyer for connu in connus} <= {connue.foyer}


@pytest.mark.parametrize(
    ("today", "debut"), [(date(2026, 12, 3), 2026), (date(2027, 7, 10), 2027), (date(2028, 9, 1), None)]
)
def test_newcomer_of_the_summer_is_of_the_next_year(today, debut):
    AnneeFactory()
    AnneeFactory(debut=date(2027, 9, 1), fin=date(2028, 7, 4))

    annee = annee_d_accueil(today)

    assert (annee.debut.year if annee else None) == debut


def test_onde_finds_them_again_and_changes_nothing_of_what_was_typed():
    annee = AnneeFactory()
    run(annee)
    accueillir(Foyer(adresse="4 rue Neuve", code_postal="38160"), [INES], [MILO], annee)
    eleve = E("ROCHE", "Milo", "02/09/2019", "CE1", MOYENS, "0600000077Z")
    adulte = A("MME", "ROCHE", "Inès", "4 r. Neuve", "autre@courriel.example", "0639980099", (eleve.cite(),))

    run(annee, [*ECOLE, eleve], [*ADULTES, adulte])
    bilan = run(annee, [*ECOLE, eleve], [*ADULTES, adulte])

    assert comptes(bilan) == [(0, 0, 13), (0, 0, 7), (0, 0, 6)]
    ines = Responsable.objects.get(user__first_name="Inès")
    assert (ines.user.last_name, ines.user.email, ines.telephone) == ("Roche", INES.courriel, INES.telephone)
    milo = Enfant.objects.get(prenom="Milo")
    assert (milo.nom, milo.ine, milo.scolarites.get().classe.nom) == ("Roche", "0600000077Z", MOYENS)
    assert milo.gardes.count() == 1
