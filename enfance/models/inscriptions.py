"""What families book, and the trace of each change."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, Count, Exists, F, Max, OuterRef, Q, Subquery, When
from django.utils import timezone

from enfance.models.annee import Scolarite
from enfance.models.garderie import Creneau, CreneauQuerySet, Fermeture
from enfance.models.personnes import Enfant, Foyer
from enfance.natures import NatureFermeture
from portail.dates import quantieme_annee
from portail.signes import validate_ligne


class InscriptionQuerySet(models.QuerySet["Inscription"]):
    def inscrit(self) -> Self:
        """The inscriptions that hold a place."""
        return self.filter(etat=Inscription.Etat.INSCRIT)

    def active(self) -> Self:
        """The inscriptions that a family counts on: with a place, or on a waiting list."""
        return self.exclude(etat=Inscription.Etat.ANNULEE)

    def annulee_par(self, origine: str) -> Self:
        """The inscriptions that are cancelled, and whose last change came by this `origine`."""
        return self.filter(etat=Inscription.Etat.ANNULEE, origine=origine)

    def under(self, fermeture: Fermeture) -> Self:
        """The inscriptions, in any state, that this closure covers, by day, créneau, school, class and level,
        but those of the children who stay.
        """
        inscriptions = self.between(fermeture.debut, fermeture.fin)
        if creneaux := list(fermeture.creneaux.all()):
            inscriptions = inscriptions.filter(creneau__in=creneaux)
        if ecoles := list(fermeture.ecoles.all()):
            # Their pupils are named, so that the other schools of the day are not read.
            leurs = Scolarite.objects.filter(ecole__in=ecoles, annee__fin__gte=fermeture.debut).order_by()
            inscriptions = inscriptions.filter(
                Exists(Scolarite.objects.au_jour().filter(ecole__in=ecoles)),
                enfant__in=set(leurs.values_list("enfant", flat=True)),
            )
        partent = Q()
        if classes := list(fermeture.classes.all()):
            partent |= Q(Exists(Scolarite.objects.filter(enfant=OuterRef("enfant"), classe__in=classes)))
        if niveaux := fermeture.codes_niveaux:
            partent |= Q(Exists(Scolarite.objects.au_jour().filter(niveau__in=niveaux)))
        inscriptions = inscriptions.filter(partent)
        if not fermeture.is_fermeture:
            inscriptions = inscriptions.exclude(enfant__in=set(fermeture.restent.values_list("pk", flat=True)))
        return inscriptions

    def closed_by(self, fermeture: Fermeture) -> Self:
        """The inscriptions that this closure cancelled, or keeps cancelled, and that nobody has changed since: those
        that it covers, or covered when it was written (the child's class may have changed).
        """
        ecrites = Evenement.objects.filter(
            enregistrement__fermeture=fermeture,
            enfant=OuterRef("enfant"),
            jour=OuterRef("jour"),
            creneau=OuterRef("creneau"),
        )
        under = Inscription.objects.under(fermeture).values("pk")
        return self.annulee_par(Inscription.Origine.FERMETURE).filter(Exists(ecrites) | Q(pk__in=under))

    def retirees_by(self, fermetures: Collection[int]) -> dict[tuple[int, date, int], int]:
        """How many of these inscriptions these closures (primary keys) keep cancelled, by closure, day and créneau."""
        ecrites = self.annulee_par(Inscription.Origine.FERMETURE).filter(
            enfant__evenements__enregistrement__fermeture__in=fermetures,
            enfant__evenements__jour=F("jour"),
            enfant__evenements__creneau=F("creneau"),
        )
        lignes = ecrites.order_by().values_list("enfant__evenements__enregistrement__fermeture", "jour", "creneau")
        return {tuple(cle): n for *cle, n in lignes.annotate(n=Count("pk", distinct=True))}

    def quittees(self) -> Self:
        """The inscriptions of a créneau that the child's school of that day does not hold. A child at no school that
        day counts; a créneau of all the schools does not.
        """
        tenues = Creneau.ecoles.through._default_manager
        ici = Scolarite.objects.au_jour().filter(
            ecole__in=tenues.filter(creneau=OuterRef(OuterRef("creneau"))).values("ecole")
        )
        return self.filter(Exists(tenues.filter(creneau=OuterRef("creneau"))), ~Exists(ici))

    def creneaux(self, autres: Collection[int] = ()) -> CreneauQuerySet:
        """The créneaux of these inscriptions, and these `autres` (primary keys). For a child whose school of that day
        no longer holds its créneau, all the créneaux that it may have, as its inscription goes to one of them.
        """
        siens = Q(pk__in=autres) | Q(pk__in=self.order_by().values("creneau"))
        if partis := set(self.quittees().values_list("enfant", flat=True)):
            siens |= Q(pk__in=Creneau.objects.all().for_enfants(partis).order_by().values("pk"))
        creneaux: CreneauQuerySet = Creneau.objects.filter(siens)
        return creneaux

    def between(self, debut: date, fin: date) -> Self:
        """The inscriptions of the days from `debut` to `fin`, both included."""
        return self.filter(jour__gte=debut, jour__lte=fin)

    def occupation(self) -> dict[tuple[date, int], int]:
        """How many of these inscriptions there are, by day and créneau (primary key). One without any is left out."""
        # In the order of the index: PostgreSQL counts as it reads, and keeps nothing aside.
        lignes = self.order_by().values_list("creneau", "jour").annotate(n=Count("*"))
        return {(jour, creneau): n for creneau, jour, n in lignes}

    def occupation_of_lists(self, depuis: date) -> dict[tuple[date, int], int]:
        """How many children hold a place, by day and créneau (primary key), only where places are limited and somebody
        waits for one (0 if nobody holds one), from the day `depuis` on: the whole year is not counted.
        """
        du_creneau = Inscription.objects.inscrit().filter(jour=OuterRef("jour"), creneau=OuterRef("creneau"))
        pris = Subquery(du_creneau.order_by().values("creneau").annotate(n=Count("*")).values("n"))
        listes = self.filter(etat=Inscription.Etat.ATTENTE, jour__gte=depuis, creneau__places__isnull=False).order_by()
        par_liste = listes.values("jour", "creneau").annotate(attendent=Count("*"))  # each is counted once
        lignes = par_liste.annotate(pris=pris).values_list("jour", "creneau", "pris")
        return {(jour, creneau): n or 0 for jour, creneau, n in lignes}

    def waiting(self, depuis: date) -> Self:
        """The inscriptions on waiting lists from the day `depuis` on, list by list, in the order of their rank."""
        attentes = self.filter(etat=Inscription.Etat.ATTENTE, jour__gte=depuis).select_related("creneau")
        return attentes.order_by("jour", "creneau__ordre", "creneau_id", "attente_depuis", "pk")

    def attente_for(self, creneaux: Collection[tuple[date, int]]) -> Self:
        """The inscriptions on the waiting lists of these days and créneaux (primary keys), list by list, in the order
        of their rank. It may hold other lists: each of these days with each of these créneaux.
        """
        return (
            self.filter(
                etat=Inscription.Etat.ATTENTE,
                jour__in={jour for jour, _ in creneaux},
                creneau__in={creneau for _, creneau in creneaux},
            )
            .select_related("creneau")
            .order_by("jour", "creneau_id", "attente_depuis", "pk")
        )

    def dernieres_attentes(self, creneaux: Collection[tuple[date, int]]) -> dict[tuple[date, int], datetime]:
        """Since when the last child of each of these waiting lists waits, by day and créneau (primary key). It may hold
        other lists: each of these days with each of these créneaux.
        """
        lignes = self.attente_for(creneaux).order_by().values_list("jour", "creneau")
        return {(jour, creneau): depuis for jour, creneau, depuis in lignes.annotate(depuis=Max("attente_depuis"))}

    def with_rang(self) -> Self:
        """The inscriptions, each annotated with `rang`, its place on the waiting list of its créneau and day, from 1;
        None for one that does not wait.
        """
        devant = Inscription.objects.filter(
            Q(attente_depuis__lt=OuterRef("attente_depuis"))
            | Q(attente_depuis=OuterRef("attente_depuis"), pk__lte=OuterRef("pk")),
            jour=OuterRef("jour"),
            creneau=OuterRef("creneau"),
            etat=Inscription.Etat.ATTENTE,
        )
        rang = Subquery(devant.order_by().values("creneau").annotate(n=Count("*")).values("n"))
        return self.annotate(
            rang=Case(When(etat=Inscription.Etat.ATTENTE, then=rang), output_field=models.IntegerField())
        )


class EtatInscription(models.TextChoices):
    INSCRIT = "inscrit", "inscrit"
    ATTENTE = "attente", "en attente"
    ANNULEE = "annulee", "annulée"


class Inscription(models.Model):
    """A child on a slot of a day: the only kind of booking. Rows are kept; `enfance.inscriptions` alone writes them."""

    Etat = EtatInscription

    class Origine(models.TextChoices):
        PORTAIL = "portail", "accès famille"
        MAIRIE = "mairie", "mairie"
        SEMAINE_TYPE = "semaine_type", "semaine type"
        IMPORT = "import", "import"
        LISTE_ATTENTE = "liste_attente", "liste d’attente"
        FERMETURE = "fermeture", "fermeture"

    enfant = models.ForeignKey(Enfant, models.PROTECT, related_name="inscriptions", verbose_name="enfant")
    jour = models.DateField("jour")
    creneau = models.ForeignKey(
        Creneau, models.PROTECT, related_name="inscriptions", verbose_name="créneau", db_index=False
    )
    etat = models.CharField("état", max_length=10, choices=Etat, default=Etat.INSCRIT)
    origine = models.CharField("origine", max_length=15, choices=Origine, default=Origine.PORTAIL)
    foyer = models.ForeignKey(
        Foyer, models.PROTECT, related_name="inscriptions", verbose_name="foyer qui paie", null=True, blank=True
    )
    attente_depuis = models.DateTimeField("en attente depuis", null=True, blank=True)
    hors_delai = models.BooleanField(
        "hors délai", default=False, db_default=False, help_text="Un parent l’a prise après la limite, au prix voté."
    )
    rang: int | None  # only after with_rang()

    objects: ClassVar = InscriptionQuerySet.as_manager()

    class Meta:
        verbose_name = "inscription"
        verbose_name_plural = "inscriptions"
        ordering = ["jour", "creneau__ordre", "enfant"]
        permissions = [("export_inscription", "Peut exporter les inscriptions")]
        indexes = [
            # A day is read in this one alone: its rows are far from each other in the table. The child comes before the
            # state, in the order of the presences: the two are then compared as they are read, with nothing to sort.
            models.Index(fields=["jour", "creneau", "enfant", "etat"], name="inscription_seance_enfant"),
            # Places and ranks are counted in this one alone, without a look at the rows.
            models.Index(fields=["creneau", "jour", "etat"], name="inscription_places"),
            models.Index(
                fields=["creneau", "jour"], name="inscription_attente", condition=Q(etat=EtatInscription.ATTENTE)
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["enfant", "jour", "creneau"],
                name="inscription_unique",
                violation_error_message="Cet enfant a déjà une inscription à ce créneau ce jour-là.",
            ),
            models.CheckConstraint(
                condition=Q(etat__in=[EtatInscription.INSCRIT, EtatInscription.ATTENTE, EtatInscription.ANNULEE]),
                name="inscription_etat",
                violation_error_message="Cet état n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(etat=EtatInscription.ATTENTE, attente_depuis__isnull=False)
                | ~Q(etat=EtatInscription.ATTENTE) & Q(attente_depuis=None),
                name="inscription_attente_depuis",
                violation_error_message="Seule une inscription en attente a un rang.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enfant}, {self.creneau.nom_court}, {quantieme_annee(self.jour)} : {self.get_etat_display()}"


class EnregistrementQuerySet(models.QuerySet["Enregistrement"]):
    def touching(self, *traces: models.QuerySet[Any]) -> Self:
        """The saves that left at least one of these traces (changes of inscriptions or of meals)."""
        premiere, *autres = (trace.order_by().values("enregistrement") for trace in traces)
        return self.filter(pk__in=premiere.union(*autres))


class Enregistrement(models.Model):
    """One save: who, when, by which door, and why if it passed over a rule. Its number is the parent's reference."""

    class Porte(models.TextChoices):
        PORTAIL = "portail", "accès famille"
        MAIRIE = "mairie", "mairie"
        IMPORT = "import", "import"
        SYSTEME = "systeme", "automatique"
        SEMAINE_TYPE = "semaine_type", "semaine type"
        FERMETURE = NatureFermeture.FERMETURE.value, "fermeture"
        SORTIE = NatureFermeture.SORTIE.value, "sortie"
        ENSEIGNANT = NatureFermeture.ENSEIGNANT.value, "enseignant absent"
        REPAS = "repas", "liste des repas"

    # Those of a closure of any nature, and of its lifting.
    FERMANTES: ClassVar = frozenset({Porte.FERMETURE, Porte.SORTIE, Porte.ENSEIGNANT})

    auteur = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        related_name="enregistrements",
        verbose_name="auteur",
        null=True,
        blank=True,
    )
    foyer = models.ForeignKey(
        Foyer, models.SET_NULL, related_name="enregistrements", verbose_name="foyer de l’auteur", null=True, blank=True
    )
    porte = models.CharField("par où", max_length=15, choices=Porte)
    quand = models.DateTimeField("quand", default=timezone.now)
    motif = models.CharField(
        "motif", max_length=200, blank=True, help_text="Pourquoi une règle a été passée.", validators=[validate_ligne]
    )
    fermeture = models.ForeignKey(
        Fermeture, models.SET_NULL, related_name="enregistrements", verbose_name="fermeture", null=True, blank=True
    )
    annule = models.OneToOneField(
        "self",
        models.SET_NULL,
        related_name="annule_par",
        verbose_name="annule l’enregistrement",
        null=True,
        blank=True,
        help_text="L’enregistrement opposé que celui-ci défait.",
    )
    dit_avec = models.ForeignKey(
        "self",
        models.SET_NULL,
        related_name="dits_ensemble",
        verbose_name="dans le même e-mail que",
        null=True,
        blank=True,
        help_text="Le premier de ceux qu’un même e-mail dit à leur auteur ; vide pour ce premier.",
    )
    preuve = models.CharField(
        "preuve",
        max_length=40,
        blank=True,
        editable=False,
        help_text="Le mot, tiré au hasard, par lequel l’appareil qui l’a envoyé saura qu’il a été reçu.",
    )

    objects: ClassVar = EnregistrementQuerySet.as_manager()

    class Meta:
        verbose_name = "enregistrement"
        verbose_name_plural = "enregistrements"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["quand"], name="enregistrement_quand")]

    def __str__(self) -> str:
        return f"Référence {self.pk}"


class Evenement(models.Model):
    """The trace of one change of one inscription: before, after. Never changed, never deleted but by the purge.

    `hors_delai`: of a late booking, the supplement that the parent was told before, « + 2,00 € », and `limite`, the one
    that had passed; else both are empty. Ranks are those of a list that the town hall puts in another order: the child
    waits before and after.
    """

    enregistrement = models.ForeignKey(
        Enregistrement, models.CASCADE, related_name="evenements", verbose_name="enregistrement"
    )
    enfant = models.ForeignKey(Enfant, models.PROTECT, related_name="evenements", verbose_name="enfant")
    jour = models.DateField("jour")
    creneau = models.ForeignKey(Creneau, models.PROTECT, related_name="+", verbose_name="créneau")
    avant = models.CharField("avant", max_length=10, choices=Inscription.Etat, blank=True)
    apres = models.CharField("après", max_length=10, choices=Inscription.Etat)
    rang_avant = models.PositiveSmallIntegerField("rang avant", null=True, blank=True)
    rang_apres = models.PositiveSmallIntegerField("rang après", null=True, blank=True)
    hors_delai = models.CharField(
        "hors délai", max_length=60, blank=True, default="", db_default="", help_text="Le supplément dit au parent."
    )
    limite = models.DateTimeField("limite passée", null=True, blank=True)

    class Meta:
        verbose_name = "changement d’inscription"
        verbose_name_plural = "changements d’inscription"
        ordering = ["-enregistrement_id", "enfant_id", "jour", "creneau_id"]
        indexes = [
            models.Index(fields=["enfant", "enregistrement"], name="evenement_enfant"),
            models.Index(fields=["jour"], name="evenement_jour"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(avant=F("apres")) & Q(rang_avant=None, rang_apres=None)
                | Q(
                    avant=EtatInscription.ATTENTE,
                    apres=EtatInscription.ATTENTE,
                    rang_avant__isnull=False,
                    rang_apres__isnull=False,
                )
                & ~Q(rang_avant=F("rang_apres")),
                name="evenement_changes",
                violation_error_message="Un événement est un changement.",
            ),
        ]

    def __str__(self) -> str:
        seance = f"{self.creneau.nom_court}, {quantieme_annee(self.jour)}"
        return f"{self.enfant}, {seance} : {self.avant or 'rien'} → {self.apres}"
