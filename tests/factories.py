"""Factories without surprises: fixed values, a sequence where the database wants a difference."""

from __future__ import annotations

from datetime import date, time

import factory
from factory.django import DjangoModelFactory

from accounts.models import User
from enfance import models

PASSWORD = "Velo nuage 7"
STAFF_PASSWORD = "Velo nuage tartine 7"


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User
        skip_postgeneration_save = True

    identifiant = factory.Sequence(lambda n: str(1_000_000 + n))
    first_name = "Camille"
    last_name = "Morel"
    email = factory.LazyAttribute(lambda user: f"parent{user.identifiant}@courriel.example")
    password = factory.django.Password(PASSWORD)


class StaffFactory(UserFactory):
    is_staff = True
    is_superuser = True
    password = factory.django.Password(STAFF_PASSWORD)


class FoyerFactory(DjangoModelFactory[models.Foyer]):
    class Meta:
        model = models.Foyer

    adresse = "12 chemin des Tilleuls"
    code_postal = "38160"
    commune = "SAINT SAUVEUR"


class ResponsableFactory(DjangoModelFactory[models.Responsable]):
    class Meta:
        model = models.Responsable

    user = factory.SubFactory(UserFactory)
    foyer = factory.SubFactory(FoyerFactory)


CONGES = [
    ("vacances", "Vacances de la Toussaint", date(2026, 10, 17), date(2026, 11, 1)),
    ("vacances", "Vacances de Noël", date(2026, 12, 19), date(2027, 1, 3)),
    ("vacances", "Vacances d’hiver", date(2027, 2, 13), date(2027, 2, 28)),
    ("vacances", "Vacances de printemps", date(2027, 4, 10), date(2027, 4, 25)),
    ("vacances", "Pont de l’Ascension", date(2027, 5, 6), date(2027, 5, 8)),
    ("ferie", "Armistice 1918", date(2026, 11, 11), date(2026, 11, 11)),
    ("ferie", "Lundi de Pâques", date(2027, 3, 29), date(2027, 3, 29)),
]


class AnneeFactory(DjangoModelFactory[models.AnneeScolaire]):
    """2026-2027, open to parents, with the holidays of zone A and two public holidays."""

    class Meta:
        model = models.AnneeScolaire
        django_get_or_create = ("debut",)
        skip_postgeneration_save = True

    debut = date(2026, 9, 1)
    fin = date(2027, 7, 2)
    ouverture = date(2026, 6, 1)

    @factory.post_generation
    def conges(annee, create, extracted):  # noqa: N805
        known = set(annee.conges.values_list("genre", "nom"))
        models.Conge.objects.bulk_create(
            models.Conge(annee=annee, genre=genre, nom=nom, debut=debut, fin=fin)
            for genre, nom, debut, fin in CONGES
            if (genre, nom) not in known
        )


class EcoleFactory(DjangoModelFactory[models.Ecole]):
    """Another school than the one that every database has."""

    class Meta:
        model = models.Ecole
        django_get_or_create = ("code",)

    code = "hameau"
    nom = "École du Hameau"
    ordre = 2


class ClasseFactory(DjangoModelFactory[models.Classe]):
    class Meta:
        model = models.Classe
        django_get_or_create = ("annee", "nom")

    annee = factory.SubFactory(AnneeFactory)
    nom = "CE1-CE2 Mme Sorbier"
    enseignant = "Mme Sorbier"


class EnfantFactory(DjangoModelFactory[models.Enfant]):
    class Meta:
        model = models.Enfant

    nom = "Morel"
    prenom = "Léa"
    date_naissance = date(2019, 3, 14)


class ScolariteFactory(DjangoModelFactory[models.Scolarite]):
    class Meta:
        model = models.Scolarite

    enfant = factory.SubFactory(EnfantFactory)
    annee = factory.SubFactory(AnneeFactory)
    niveau = "CE1"
    classe = factory.SubFactory(ClasseFactory, annee=factory.SelfAttribute("..annee"))


class RegleDelaiFactory(DjangoModelFactory[models.RegleDelai]):
    """« La veille, 12 h, week-end non compté »."""

    class Meta:
        model = models.RegleDelai
        django_get_or_create = ("genre", "nombre", "heure")

    genre = "jours_ouvres"
    nombre = 1
    heure = time(12)


class CreneauFactory(DjangoModelFactory[models.Creneau]):
    class Meta:
        model = models.Creneau
        django_get_or_create = ("code",)

    code = "soir"
    moment = factory.LazyAttribute(lambda o: o.code if o.code in models.Creneau.Moment else "journee")
    nom = "Soir"
    nom_court = "soir"
    debut = time(16, 30)
    fin = time(18, 30)
    ordre = 3
    delai_inscription = factory.SubFactory(RegleDelaiFactory)


def make_creneaux() -> dict[str, models.Creneau]:
    """The three créneaux of Saint-Sauveur."""
    delai = RegleDelaiFactory()
    heures = [("matin", "Matin", time(7, 30), time(8, 30)), ("midi", "Pause méridienne", time(11, 30), time(13, 30))]
    creneaux = {
        code: CreneauFactory(
            code=code, nom=nom, nom_court=code, debut=debut, fin=fin, ordre=ordre, delai_inscription=delai
        )
        for ordre, (code, nom, debut, fin) in enumerate(heures, start=1)
    }
    return {**creneaux, "soir": CreneauFactory(delai_inscription=delai)}


def make_enfant(
    *responsables: models.Responsable, annee: models.AnneeScolaire | None = None, **fields
) -> models.Enfant:
    """A pupil of the year for whom these adults answer, living in each of their foyers."""
    enfant = EnfantFactory(**fields)
    ScolariteFactory(enfant=enfant, annee=annee or AnneeFactory())
    for responsable in responsables:
        models.Responsabilite.objects.create(enfant=enfant, responsable=responsable)
    for foyer in {responsable.foyer for responsable in responsables}:
        models.Garde.objects.create(enfant=enfant, foyer=foyer)
    return enfant
