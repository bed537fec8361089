"""The school year: its days, its holidays, its classes, and who is in them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from functools import lru_cache
from itertools import compress
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple, Protocol, Self

from django.db import models
from django.db.models import Case, DateField, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from enfance import calendrier
from enfance.models.ecoles import PREMIERE, Ecole, Niveau
from enfance.models.personnes import Enfant, Foyer, Responsable
from enfance.silences import Silence, reunis
from portail.select import instant, select
from portail.signes import validate_nom


class SaysWeekdays(Protocol):
    """What says of each weekday whether it is open."""

    @property
    def lundi(self) -> bool:
        """Whether Monday is open."""

    @property
    def mardi(self) -> bool:
        """Whether Tuesday is open."""

    @property
    def mercredi(self) -> bool:
        """Whether Wednesday is open."""

    @property
    def jeudi(self) -> bool:
        """Whether Thursday is open."""

    @property
    def vendredi(self) -> bool:
        """Whether Friday is open."""


def ouverts(dits: SaysWeekdays) -> frozenset[int]:
    """The weekdays, from 0 (Monday) to 4, that these five columns say are open."""
    return frozenset(compress(range(5), (dits.lundi, dits.mardi, dits.mercredi, dits.jeudi, dits.vendredi)))


class JoursSemaine(models.Model):
    """The weekdays of a year or of a créneau."""

    lundi = models.BooleanField("lundi", default=True)
    mardi = models.BooleanField("mardi", default=True)
    mercredi = models.BooleanField("mercredi", default=False)
    jeudi = models.BooleanField("jeudi", default=True)
    vendredi = models.BooleanField("vendredi", default=True)

    class Meta:
        abstract = True

    @property
    def jours(self) -> frozenset[int]:
        """The weekdays that are open, from 0 (Monday) to 4."""
        return ouverts(self)


class AnneeScolaire(JoursSemaine):
    """A school year, from its first to its last day of school."""

    class Zone(models.TextChoices):
        A = "A", "A"
        B = "B", "B"
        C = "C", "C"

    debut = models.DateField("premier jour d’école", unique=True)
    fin = models.DateField("dernier jour d’école")
    zone = models.CharField("zone", max_length=1, choices=Zone, default=Zone.A)
    ouverture = models.DateField(
        "inscriptions ouvertes le",
        null=True,
        blank=True,
        help_text="Vide : les parents ne peuvent pas encore inscrire.",
    )
    declaree = models.BooleanField(
        "garderie déclarée",
        default=False,
        help_text="À l’État, comme accueil de loisirs : le nombre d’adultes de la feuille d’appel est alors une règle. "
        "Sinon, la feuille le donne comme un repère.",
    )
    pedt = models.BooleanField(
        "projet éducatif territorial (PEDT)", default=False, help_text="Un adulte peut alors garder plus d’enfants."
    )

    class Meta:
        verbose_name = "année scolaire"
        verbose_name_plural = "années scolaires"
        ordering = ["-debut"]
        constraints = [
            models.CheckConstraint(
                condition=Q(fin__gt=F("debut")),
                name="annee_scolaire_fin_after_debut",
                violation_error_message="Le dernier jour doit suivre le premier.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.debut.year}-{self.fin.year}"


class Conge(models.Model):
    """Days without school for everybody: school holidays, public holidays. Corrected by the town hall."""

    class Genre(models.TextChoices):
        VACANCES = "vacances", "vacances scolaires"
        FERIE = "ferie", "jour férié"

    annee = models.ForeignKey(AnneeScolaire, models.CASCADE, related_name="conges", verbose_name="année scolaire")
    genre = models.CharField("genre", max_length=10, choices=Genre)
    nom = models.CharField("nom", max_length=100, validators=[validate_nom])
    debut = models.DateField("premier jour sans école")
    fin = models.DateField("dernier jour sans école")

    class Meta:
        verbose_name = "congé"
        verbose_name_plural = "congés (vacances et jours fériés)"
        ordering = ["debut"]
        constraints = [
            models.UniqueConstraint(
                fields=["annee", "genre", "nom"],
                name="conge_unique",
                violation_error_message="Ce congé est déjà dans l’année.",
            ),
            models.CheckConstraint(
                condition=Q(fin__gte=F("debut")),
                name="conge_fin_after_debut",
                violation_error_message="Le dernier jour doit suivre le premier, ou être le même.",
            ),
        ]

    def __str__(self) -> str:
        return self.nom


class Classe(models.Model):
    """A class of the year, named as ONDE names it (« GS-CP M. Tournoud »)."""

    annee = models.ForeignKey(AnneeScolaire, models.CASCADE, related_name="classes", verbose_name="année scolaire")
    ecole = models.ForeignKey(Ecole, models.PROTECT, related_name="classes", verbose_name="école", db_default=PREMIERE)
    nom = models.CharField("nom", max_length=100, validators=[validate_nom])
    enseignant = models.CharField("enseignant·e", max_length=100, blank=True, validators=[validate_nom])

    class Meta:
        verbose_name = "classe"
        verbose_name_plural = "classes"
        ordering = ["-annee__debut", "nom"]
        constraints = [
            models.UniqueConstraint(
                fields=["annee", "ecole", "nom"],
                name="classe_unique",
                violation_error_message="Cette classe est déjà dans l’année.",
            ),
        ]

    def __str__(self) -> str:
        return self.nom


class ScolariteQuerySet(models.QuerySet["Scolarite"]):
    def present(self) -> Self:
        """The scolarités, of all school years, without a day of departure, even one to come."""
        return self.filter(depart=None)

    def not_over(self, today: date) -> Self:
        """The scolarités, present or to come, of the school years that are not over on `today`, of pupils who have not
        left by that day.
        """
        return self.filter(Q(depart=None) | Q(depart__gt=today), annee__fin__gte=today)

    def nearest(self, today: date) -> Self:
        """One scolarité a child, among those that are not over on `today`: where the child is now, or goes first."""
        begun = Coalesce(OuterRef("debut"), OuterRef("annee__debut"), output_field=DateField())
        avant = Scolarite.objects.not_over(today).alias(venue=Coalesce("debut", "annee__debut"))
        return self.not_over(today).exclude(Exists(avant.filter(enfant=OuterRef("enfant"), venue__lt=begun)))

    def on(self, jour: date) -> Self:
        """The scolarités of the pupils of that day, one a child: in the school year that holds it, begun by then and
        not left before.
        """
        return self.filter(
            Q(depart=None) | Q(depart__gt=jour),
            Q(debut=None) | Q(debut__lte=jour),
            annee__debut__lte=jour,
            annee__fin__gte=jour,
        )

    def known_on(self, jour: date) -> Self:
        """One scolarité a child, those who left included: in the school year that holds this day, the one that began
        last by then.
        """
        venues = self.filter(
            Q(debut=None) | Q(debut__lte=jour),
            annee__debut__lte=jour,
            annee__fin__gte=jour,
        )
        begun = Coalesce(OuterRef("debut"), Value(date.min), output_field=DateField())
        suite = Scolarite.objects.filter(
            enfant=OuterRef("enfant"), annee=OuterRef("annee"), debut__gt=begun, debut__lte=jour
        )
        return venues.exclude(Exists(suite))

    def au_jour(self) -> Self:
        """For a subquery: the scolarités of the `enfant` of the outer row on its `jour`."""
        jour = OuterRef("jour")
        return self.filter(
            Q(depart=None) | Q(depart__gt=jour),
            Q(debut=None) | Q(debut__lte=jour),
            enfant=OuterRef("enfant"),
            annee__debut__lte=jour,
            annee__fin__gte=jour,
        )

    def with_ecole(self) -> Self:
        """Each scolarité with its school, annotated with whether the town has another school (`parmi_plusieurs`), so
        that the school must be named.
        """
        autres = Exists(Ecole.objects.exclude(pk=OuterRef("ecole")).order_by())
        return self.select_related("ecole").annotate(parmi_plusieurs=autres)

    def latest_begun_first(self, today: date) -> Self:
        """The scolarités in order: those begun by `today` first, from the latest school year to the oldest, then those
        to come. Within a year, the latest school of the child comes first.
        """
        a_venir = Case(When(Q(annee__debut__gt=today) | Q(debut__gt=today), then=1), default=0)
        return self.order_by(a_venir, "-annee__debut", F("debut").desc(nulls_last=True))

    def last_of_year(self) -> Self:
        """The scolarités that are the last of their child in their school year: those that end for another school of
        the town are left out.
        """
        suites = Scolarite.objects.filter(
            enfant=OuterRef("enfant"), annee=OuterRef("annee"), debut__gte=OuterRef("depart")
        )
        return self.filter(~Exists(suites))

    def for_responsable(self, responsable: Responsable) -> Self:
        """The scolarités of the children whom this adult may see."""
        return self.filter(enfant__responsabilites__responsable=responsable, enfant__responsabilites__suspendue=False)

    def for_foyer(self, foyer: Foyer) -> Self:
        """The scolarités of the children of this home, as the town hall counts them: those who have or had a garde
        there, and those for whom its adults answer.
        """
        return self.filter(enfant__in=Enfant.objects.for_foyer(foyer).order_by())


class Scolarite(models.Model):
    """A child's place in a year. The rollover keeps the history; no class while it is provisional.

    A child who changes school in the commune has one more from that day on, where the one before ends.
    """

    enfant = models.ForeignKey(Enfant, models.CASCADE, related_name="scolarites", verbose_name="enfant")
    annee = models.ForeignKey(AnneeScolaire, models.PROTECT, related_name="scolarites", verbose_name="année scolaire")
    ecole = models.ForeignKey(
        Ecole, models.PROTECT, related_name="scolarites", verbose_name="école", db_default=PREMIERE
    )
    niveau = models.CharField("niveau", max_length=3, choices=Niveau)
    classe = models.ForeignKey(
        Classe, models.PROTECT, related_name="scolarites", verbose_name="classe", null=True, blank=True
    )
    debut = models.DateField("arrivé le", null=True, blank=True, help_text="Vide : depuis la rentrée.")
    depart = models.DateField("parti le", null=True, blank=True, help_text="Vide : toujours à l’école.")
    parmi_plusieurs: bool  # only after with_ecole()

    objects: ClassVar = ScolariteQuerySet.as_manager()

    class Meta:
        verbose_name = "scolarité"
        verbose_name_plural = "scolarités"
        ordering = ["-annee__debut"]
        constraints = [
            models.UniqueConstraint(
                fields=["enfant", "annee", "debut"],
                name="scolarite_unique_par_debut",
                violation_error_message="Cet enfant a déjà une scolarité à partir de ce jour.",
            ),
            models.UniqueConstraint(
                fields=["enfant", "annee"],
                condition=Q(debut=None),
                name="scolarite_unique",
                violation_error_message="Cet enfant a déjà une scolarité depuis la rentrée de cette année.",
            ),
            models.CheckConstraint(
                condition=Q(debut=None) | Q(depart=None) | Q(depart__gt=F("debut")),
                name="scolarite_depart_after_debut",
                violation_error_message="Le départ doit suivre l’arrivée.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enfant}, {self.get_niveau_display()}, {self.annee}"


def classe_du_jour() -> Subquery:
    """An expression to annotate rows that have an `enfant` and a `jour`: the name of the child's class in the school
    year of that day, even if it has left; None without a class.
    """
    return _place_du_jour("classe__nom")


def ecole_du_jour() -> Subquery:
    """An expression to annotate rows that have an `enfant` and a `jour`: the name of the child's school in the school
    year of that day, even if it has left; None without one.
    """
    return _place_du_jour("ecole__nom")


def of_ecoles[T: models.QuerySet[Any]](lignes: T, ecoles: Collection[int]) -> T:
    """These rows (which have an `enfant` and a `jour`), reduced to the children who were in one of these schools
    (primary keys) on that day; a child who has left is of its last school. The other schools of the town are not read.
    """
    siens = Scolarite.objects.filter(ecole__in=ecoles).order_by().values("enfant")
    return lignes.filter(enfant__in=siens).alias(leur_ecole=_place_du_jour("ecole")).filter(leur_ecole__in=ecoles)


def _place_du_jour(colonne: str) -> Subquery:
    """What the last place of `enfant` that has begun by `jour`, in the year of that day, says in this column."""
    venus = Q(debut=None) | Q(debut__lte=OuterRef("jour"))
    annees = Scolarite.objects.filter(
        venus, enfant=OuterRef("enfant"), annee__debut__lte=OuterRef("jour"), annee__fin__gte=OuterRef("jour")
    )
    return Subquery(annees.order_by(F("debut").desc(nulls_last=True)).values(colonne)[:1])


JOURS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi")


class LigneAnnee(NamedTuple):
    """A year, with one of its holidays; None where it has none."""

    debut: date
    fin: date
    ouverture: date | None
    lundi: bool
    mardi: bool
    mercredi: bool
    jeudi: bool
    vendredi: bool
    genre: str | None
    nom: str | None
    conge_debut: date | None
    conge_fin: date | None


class LigneSilence(NamedTuple):
    """From when to when the portal did not answer, two aware instants, as the town hall declared it."""

    du: datetime
    au: datetime


type LigneCalendrier = LigneAnnee | LigneSilence


def load_calendrier() -> calendrier.Calendrier:
    """The school calendar, with all the years that the town hall has prepared, in one query; the same object as long as
    nobody changes it.
    """
    return calendrier_of(tuple(lignes_annees()))


def lignes_annees() -> list[LigneCalendrier]:
    """The rows of all the school years, from the first to the last: one row for each holiday of a year, and one for a
    year without any; and one for each silence of the portal that stands.
    """
    sql = """
        SELECT a.debut, a.fin, a.ouverture, a.lundi, a.mardi, a.mercredi, a.jeudi, a.vendredi,
               c.genre, c.nom, c.debut, c.fin, NULL, NULL
        FROM enfance_anneescolaire a LEFT JOIN enfance_conge c ON c.annee_id = a.id
        UNION ALL
        SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, s.du, s.au
        FROM enfance_indisponibilite s
        WHERE s.declaree_le IS NOT NULL AND s.retiree_le IS NULL
        ORDER BY 1, 11, 10, 13
    """
    return select(_ligne_annee, sql)


def _ligne_annee(*ligne: Any) -> LigneCalendrier:
    *annee, du, au = ligne
    du, au = instant(du), instant(au)
    return LigneSilence(du, au) if du and au else LigneAnnee(*annee)


@lru_cache(maxsize=2)  # whoever writes, by whatever door, the rows are others, and so is the calendar
def calendrier_of(lignes: Sequence[LigneCalendrier]) -> calendrier.Calendrier:
    """The school calendar that these rows say; the same object for the same rows."""
    annees: dict[date, tuple[LigneAnnee, list[calendrier.Periode]]] = {}
    feries: dict[date, str] = {}
    silences: list[Silence] = []
    for ligne in lignes:
        if isinstance(ligne, LigneSilence):
            silences.append(Silence(ligne.du, ligne.au))
            continue
        _, vacances = annees.setdefault(ligne.debut, (ligne, []))
        if ligne.nom is None or ligne.conge_debut is None or ligne.conge_fin is None:
            continue
        if ligne.genre == Conge.Genre.VACANCES:
            vacances.append(calendrier.Periode(ligne.nom, ligne.conge_debut, ligne.conge_fin))
        elif ligne.genre == Conge.Genre.FERIE:
            feries |= dict.fromkeys(jours_entre(ligne.conge_debut, ligne.conge_fin), ligne.nom)
    return calendrier.Calendrier(
        tuple(
            calendrier.Annee(annee.debut, annee.fin, ouverts(annee), tuple(vacances), annee.ouverture)
            for annee, vacances in annees.values()
        ),
        MappingProxyType(feries),
        reunis(silences),
    )


def jours_entre(debut: date, fin: date) -> list[date]:
    """The days from `debut` to `fin`, both included."""
    return [debut + calendrier.UN_JOUR * n for n in range((fin - debut).days + 1)]
