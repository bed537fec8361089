"""What the council voted: délibérations, tariffs with their grids, supplements. Amounts are centimes."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.lookups import Exact

from enfance.models import Creneau
from facturation.models.jours import JourDuMois
from facturation.prix.tarifs import (
    RANGS,
    AxeTarif,
    BaseTarif,
    GenreSupplement,
    PeriodePlafond,
    PorteurPlafond,
    UniteTarif,
)
from portail.dates import quantieme_annee
from portail.signes import validate_ligne, validate_nom


class Deliberation(models.Model):
    """A vote of the council. No tariff applies before the date that it says."""

    numero = models.CharField("numéro", max_length=40, unique=True, validators=[validate_ligne])
    votee_le = models.DateField("votée le")
    applicable_le = models.DateField("applicable dès le")
    objet = models.CharField("objet", max_length=200, blank=True, validators=[validate_ligne])

    class Meta:
        verbose_name = "délibération"
        verbose_name_plural = "délibérations"
        ordering = ["-votee_le", "-pk"]

    def __str__(self) -> str:
        return f"Délibération n°\u00a0{self.numero}"


class Tarif(models.Model):
    """A voted price of one or several créneaux, or of a `moment` of all the schools, from a date on.

    Of a créneau on a day, the tariff that names it wins over that of its moment, then the latest begun. Once a line
    used it, it is edited no more: a new one follows it.
    """

    Unite = UniteTarif
    Base = BaseTarif
    Axe = AxeTarif

    nom = models.CharField("nom", max_length=80, validators=[validate_nom])
    deliberation = models.ForeignKey(Deliberation, models.PROTECT, related_name="tarifs", verbose_name="délibération")
    creneaux = models.ManyToManyField(Creneau, related_name="tarifs", verbose_name="créneaux", blank=True)
    moment = models.CharField("moment", max_length=10, choices=Creneau.Moment.choices(), blank=True)
    debut = models.DateField("à partir du")
    unite = models.CharField("unité", max_length=8, choices=Unite.choices())
    base = models.CharField("on facture", max_length=12, choices=Base.choices(), default=Base.INSCRIPTION)
    axe = models.CharField(
        "le prix dépend aussi de", max_length=7, choices=Axe.choices(), default=Axe.RANG, db_default=Axe.RANG
    )
    minutes = models.PositiveSmallIntegerField("minutes d’une durée", null=True, blank=True)
    tolerance = models.PositiveSmallIntegerField(
        "minutes de tolérance",
        default=0,
        db_default=0,
        help_text="D’un prix à la durée commencée\u00a0: elles n’en commencent pas une de plus.",
    )
    tranches_absent = models.PositiveSmallIntegerField(
        "durées d’un inscrit qui n’est pas venu", default=1, help_text="Seulement pour un prix à la durée commencée."
    )
    jours = models.PositiveSmallIntegerField(
        "jours par semaine", null=True, blank=True, help_text="D’un abonnement\u00a0: un jour de plus se paie à part."
    )
    prorata = models.BooleanField(
        "un mois coupé par une fermeture se compte par jours",
        default=False,
        db_default=False,
        help_text="D’un abonnement\u00a0; sinon le mois est dû entier.",
    )
    par_jour = models.BooleanField("un seul prix par jour", default=False)
    fratrie = models.BooleanField(
        "prix de la fratrie", default=False, help_text="Le prix d’un rang est celui de tous les enfants d’une séance."
    )
    arrondi = models.PositiveSmallIntegerField(
        "arrondi, en centimes", default=1, choices=[(1, "1"), (5, "5"), (10, "10")]
    )

    class Meta:
        verbose_name = "tarif"
        verbose_name_plural = "tarifs"
        ordering = ["-debut", "nom", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(unite=UniteTarif.TRANCHE, minutes__isnull=False, minutes__gte=1, minutes__lte=600)
                | ~Q(unite=UniteTarif.TRANCHE) & Q(minutes=None),
                name="tarif_minutes_d_une_tranche",
                violation_error_message="Un prix à la durée commencée, et lui seul, dit ses minutes\u00a0: de 1 à 600.",
            ),
            models.CheckConstraint(
                condition=Q(tolerance=0) | Q(unite=UniteTarif.TRANCHE, tolerance__lt=F("minutes")),
                name="tarif_tolerance",
                violation_error_message="Une tolérance est plus courte que la durée qui se compte.",
            ),
            models.CheckConstraint(
                condition=Q(unite=UniteTarif.FORFAIT, jours__isnull=False, jours__gte=1, jours__lte=6)
                | ~Q(unite=UniteTarif.FORFAIT) & Q(jours=None, prorata=False),
                name="tarif_jours_d_un_abonnement",
                violation_error_message="Un abonnement, et lui seul, dit ses jours par semaine\u00a0: de 1 à 6.",
            ),
            models.CheckConstraint(
                condition=Q(axe=AxeTarif.RANG) | Q(axe=AxeTarif.ENFANTS, fratrie=False),
                name="tarif_un_axe",
                violation_error_message="Un prix dépend du nombre d’enfants, ou se partage entre frères et sœurs.",
            ),
            models.CheckConstraint(
                condition=~Q(unite=UniteTarif.TRANCHE, moment=Creneau.Moment.MIDI),
                name="tarif_midi_sans_tranche",
                violation_error_message="La pause méridienne se paie à la séance ou au mois.",
            ),
            models.CheckConstraint(
                condition=Q(arrondi__in=[1, 5, 10]),
                name="tarif_arrondi",
                violation_error_message="On arrondit à 1, 5 ou 10 centimes.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.nom}, à partir du {quantieme_annee(self.debut)}"


class LigneTarif(models.Model):
    """One cell of a grid: residence × tranche of quotient, or quotient unknown, × rank of the child → a price, or a
    rate of the quotient between a minimum and a maximum.

    `residence` is the code of a `LieuResidence`. `rang` is read as the tariff's `axe` says, the child's rank or the
    number of children of its home; the last one of a grid is that and those after. `premiere`: the price of the first
    duration begun, where it is another one than `prix`. `seance`: of a subscription, the price of a day beyond.
    """

    tarif = models.ForeignKey(Tarif, models.CASCADE, related_name="lignes", verbose_name="tarif")
    residence = models.CharField("résidence", max_length=30)
    inconnu = models.BooleanField("quotient inconnu", default=False)
    qf_min = models.PositiveIntegerField("quotient, de", null=True, blank=True)
    qf_max = models.PositiveIntegerField("à (compris)", null=True, blank=True, help_text="Vide\u00a0: sans limite.")
    rang = models.PositiveSmallIntegerField("rang de l’enfant, ou nombre d’enfants")
    prix = models.PositiveIntegerField("prix, en centimes", null=True, blank=True)
    taux = models.DecimalField(
        "taux du quotient, en pour cent",
        max_digits=7,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    minimum = models.PositiveIntegerField("au moins, en centimes", null=True, blank=True)
    maximum = models.PositiveIntegerField("au plus, en centimes", null=True, blank=True)
    premiere = models.PositiveIntegerField("prix de la première durée, en centimes", null=True, blank=True)
    seance = models.PositiveIntegerField("prix d’un jour de plus, en centimes", null=True, blank=True)

    class Meta:
        verbose_name = "ligne de tarif"
        verbose_name_plural = "lignes de tarif"
        ordering = ["tarif", "residence", "inconnu", "qf_min", "rang"]
        constraints = [
            models.UniqueConstraint(
                fields=["tarif", "residence", "qf_min", "rang"],
                condition=Q(inconnu=False),
                name="ligne_tarif_unique",
                violation_error_message="Cette ligne a déjà un prix.",
            ),
            models.UniqueConstraint(
                fields=["tarif", "residence", "rang"],
                condition=Q(inconnu=True),
                name="ligne_tarif_inconnu_unique",
                violation_error_message="Le quotient inconnu a déjà son prix.",
            ),
            models.CheckConstraint(
                condition=Q(rang__gte=1, rang__lte=RANGS) & ~Q(residence=""),
                name="ligne_tarif_rang_et_residence",
                violation_error_message="Une ligne dit une résidence et un rang.",
            ),
            models.CheckConstraint(
                condition=Q(inconnu=True, qf_min=None, qf_max=None) | Q(inconnu=False, qf_min__isnull=False),
                name="ligne_tarif_tranche",
                violation_error_message="Une tranche commence par un quotient\u202f; «\u00a0inconnu\u00a0» n’en a pas.",
            ),
            models.CheckConstraint(
                condition=Q(qf_max=None) | Q(qf_max__gte=F("qf_min")),
                name="ligne_tarif_bornes",
                violation_error_message="Une tranche finit après avoir commencé.",
            ),
            models.CheckConstraint(
                condition=Q(prix__isnull=False, taux=None, minimum=None, maximum=None)
                | Q(prix=None, taux__isnull=False, inconnu=False),
                name="ligne_tarif_prix_ou_taux",
                violation_error_message="Un prix, ou un taux avec ses limites\u00a0: l’un des deux.",
            ),
            models.CheckConstraint(
                condition=Q(premiere=None) | Q(prix__isnull=False),
                name="ligne_tarif_premiere",
                violation_error_message="Une première durée à son prix va avec un prix.",
            ),
        ]

    def __str__(self) -> str:
        qui = "quotient inconnu" if self.inconnu else f"{self.qf_min} à {'…' if self.qf_max is None else self.qf_max}"
        return f"{self.residence}, {qui}, {self.rang}"


class Supplement(models.Model):
    """What is owed besides a séance: a late pick-up, a presence without inscription, an absence that is not excused.

    Never eligible for the tax credit. `prix` in centimes, or `pourcentage` of the séance's price.
    """

    Genre = GenreSupplement

    genre = models.CharField("pour", max_length=16, choices=Genre.choices())
    deliberation = models.ForeignKey(
        Deliberation, models.PROTECT, related_name="supplements", verbose_name="délibération"
    )
    article = models.CharField("article", max_length=40, blank=True, validators=[validate_ligne])
    creneaux = models.ManyToManyField(Creneau, related_name="supplements", verbose_name="créneaux", blank=True)
    moment = models.CharField(
        "moment",
        max_length=10,
        choices=Creneau.Moment.choices(),
        blank=True,
        help_text="Ni créneau ni moment\u00a0: tous.",
    )
    debut = models.DateField("à partir du")
    fin = models.DateField("jusqu’au", null=True, blank=True, help_text="Vide\u00a0: jusqu’au suivant du même genre.")
    prix = models.PositiveIntegerField("prix, en centimes", null=True, blank=True)
    pourcentage = models.PositiveSmallIntegerField("pour cent du prix de la séance", null=True, blank=True)
    tolerance = models.PositiveSmallIntegerField(
        "minutes de tolérance", default=0, help_text="D’un retard\u00a0: rien n’est dû avant."
    )

    class Meta:
        verbose_name = "supplément"
        verbose_name_plural = "suppléments"
        ordering = ["genre", "-debut", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(prix__isnull=False, pourcentage=None) | Q(prix=None, pourcentage__isnull=False),
                name="supplement_prix_ou_pourcentage",
                violation_error_message="Un prix ou un pourcentage\u00a0: l’un des deux.",
            ),
            models.CheckConstraint(
                condition=Q(pourcentage=None) | Q(pourcentage__gte=1, pourcentage__lte=500),
                name="supplement_pourcentage",
                violation_error_message="Un pourcentage va de 1 à 500.",
            ),
            models.CheckConstraint(
                condition=Q(fin=None) | Q(fin__gte=F("debut")),
                name="supplement_fin",
                violation_error_message="Un supplément finit après avoir commencé.",
            ),
        ]

    def __str__(self) -> str:
        return f"Supplément, {self.get_genre_display()}"


class Plafond(models.Model):
    """What a day, or a month, costs at most, to a child or to a payer: what is above is taken off. Amounts in centimes.

    `voulu`: the town confirmed a cap below its dearest single price. Of two caps of the same extent, the latest begun
    holds; those of different extents hold together, the day's before the month's. Used by a line, it changes no more.
    """

    Periode = PeriodePlafond
    Porteur = PorteurPlafond

    deliberation = models.ForeignKey(Deliberation, models.PROTECT, related_name="plafonds", verbose_name="délibération")
    montant = models.PositiveIntegerField("au plus, en centimes")
    periode = models.CharField("période", max_length=4, choices=Periode.choices())
    porteur = models.CharField("pour", max_length=6, choices=Porteur.choices(), default=Porteur.ENFANT)
    creneaux = models.ManyToManyField(Creneau, related_name="plafonds", verbose_name="créneaux", blank=True)
    moment = models.CharField(
        "moment",
        max_length=10,
        choices=Creneau.Moment.choices(),
        blank=True,
        help_text="Ni créneau ni moment\u00a0: tous.",
    )
    supplements = models.BooleanField("les suppléments comptent dans le plafond", default=False)
    voulu = models.BooleanField("sous le prix le plus cher d’une séance, et voulu", default=False)
    debut = models.DateField("à partir du")
    fin = models.DateField("jusqu’au", null=True, blank=True, help_text="Vide\u00a0: jusqu’au suivant.")

    class Meta:
        verbose_name = "plafond"
        verbose_name_plural = "plafonds"
        ordering = ["-debut", "periode", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(periode=PeriodePlafond.JOUR)
                | Q(periode=PeriodePlafond.MOIS) & Q(Exact(JourDuMois("debut"), 1)),
                name="plafond_premier_du_mois",
                violation_error_message="Un plafond par mois commence le premier d’un mois.",
            ),
            models.CheckConstraint(
                condition=Q(fin=None) | Q(fin__gte=F("debut")),
                name="plafond_fin",
                violation_error_message="Un plafond finit après avoir commencé.",
            ),
        ]

    def __str__(self) -> str:
        return f"Plafond {self.get_periode_display()}, {self.get_porteur_display()}"


class LieuResidence(models.Model):
    """A residence of the town's own list: « Commune », « Conventionnée », « Agents ».

    `code` is what payers, grids and frozen lines hold; it never changes. `defaut`: the one that a payer of whom nothing
    is said is priced as. `communes`: the communes whose addresses propose it, one a line; empty: it is never proposed,
    but for the two that every town begins with.
    """

    code = models.SlugField("code", max_length=30, unique=True)
    nom = models.CharField("nom", max_length=60, unique=True, validators=[validate_nom])
    defaut = models.BooleanField("par défaut", default=False)
    ordre = models.PositiveSmallIntegerField("ordre", default=0)
    communes = models.TextField("communes", blank=True, help_text="Une par ligne.")

    class Meta:
        verbose_name = "résidence"
        verbose_name_plural = "résidences"
        ordering = ["ordre", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["defaut"],
                condition=Q(defaut=True),
                name="lieu_residence_un_defaut",
                violation_error_message="Une seule résidence est celle par défaut.",
            ),
            models.CheckConstraint(
                condition=~Q(code="") & ~Q(nom=""),
                name="lieu_residence_nomme",
                violation_error_message="Une résidence a un nom.",
            ),
        ]

    def __str__(self) -> str:
        return self.nom
