"""What the constraints of the database take: the edges of each, beside what `test_modeles.py` has them refuse."""

import pytest

from accounts.models import TemporaryPassword
from enfance.models import Conge, Garde, RegleDelai
from tests import factories
from tests.enfance.lignes import JOUR, NOW, un_mot_de_passe, une_inscription


@pytest.mark.django_db
def test_good_rows_are_taken():
    """The edges of each constraint, so that none of them refuses what is right."""
    annee, enfant, foyer = factories.AnneeFactory(), factories.EnfantFactory(), factories.FoyerFactory()
    Conge.objects.bulk_create([Conge(annee=annee, genre="ferie", nom="Un jour", debut=JOUR, fin=JOUR)])
    factories.EnfantFactory.create_batch(2, ine=None, pai=True, pai_fin=JOUR)
    Garde.objects.bulk_create(
        [
            Garde(enfant=enfant, foyer=foyer, debut=JOUR, fin=JOUR),
            Garde(enfant=enfant, foyer=foyer, rythme="alternee", depuis=JOUR),
        ]
    )
    for champs in [
        {"genre": "jours_ecole", "nombre": 1},
        {"genre": "jours_ouvres", "nombre": 60},
        {"genre": "jours", "nombre": 0},
        {"genre": "semaine", "nombre": 8, "jour_semaine": 0},
        {"genre": "mois", "jour_mois": 31},
        {"genre": "groupes", "groupe_vendredi": 0},
    ]:
        factories.RegleDelaiFactory(**({"nombre": None} | champs))
    une_inscription(etat="attente", attente_depuis=NOW).save()
    user = factories.UserFactory(identifiant="7")
    TemporaryPassword.objects.bulk_create(
        [un_mot_de_passe(user=user), *(un_mot_de_passe(user=user, closed_at=NOW, reason="replaced") for _ in "12")]
    )

    assert RegleDelai.objects.count() == 7
    assert user.temporary_passwords.count() == 3
