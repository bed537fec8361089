"""The garderie: its slots and deadlines, its closures, the inscriptions and the trace of every change."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, time
from typing import ClassVar, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Case, Count, Exists, F, OuterRef, Q, Subquery, When
from django.utils import timezone

from enfance import delais
from enfance.models.annee import Classe, JoursSemaine, Scolarite
from enfance.models.personnes import Enfant, Foyer
from portail.dates import heure_texte


class RegleDelai(models.Model):
    """Until when one may register or cancel. Typed columns, one set a kind; `valeur` is what the rules see."""

    class JourSemaine(models.IntegerChoices):
        LUNDI = 0, "lundi"
        MARDI = 1, "mardi"
        MERCREDI = 2, "mercredi"
        JEUDI = 3, "jeudi"
        VENDREDI = 4, "vendredi"
        SAMEDI = 5, "samedi"
        DIMANCHE = 6, "dimanche"

    class Genre(models.TextChoices):
        JOURS_ECOLE = "jours_ecole", "jours d’école avant"
        JOURS_OUVRES = "jours_ouvres", "jours ouvrés avant"
        JOURS = "jours", "jours avant"
        SEMAINE = "semaine", "un jour d’une semaine précédente"
        MOIS = "mois", "un jour du mois précédent"
        GROUPES = "groupes", "un jour précédent, selon le jour de la semaine"

    nom = models.CharField("nom", max_length=100, unique=True)
    genre = models.CharField("genre", max_length=12, choices=Genre)
    heure = models.TimeField(
        "heure", default=time(12), help_text="Le jour est fermé à cette heure-là, ouvert juste avant."
    )
    nombre = models.PositiveSmallIntegerField(
        "nombre de jours ou de semaines", null=True, blank=True, help_text="Pour les jours et les semaines."
    )
    jour_semaine = models.PositiveSmallIntegerField(
        "jour de la semaine", choices=JourSemaine, null=True, blank=True, help_text="Pour « semaine »."
    )
    jour_mois = models.PositiveSmallIntegerField(
        "jour du mois",
        null=True,
        blank=True,
        help_text="Pour « mois » : 1 à 31 ; le dernier jour si le mois est plus court.",
    )
    groupe_lundi = models.PositiveSmallIntegerField("lundi : avant", choices=JourSemaine, null=True, blank=True)
    groupe_mardi = models.PositiveSmallIntegerField("mardi : avant", choices=JourSemaine, null=True, blank=True)
    groupe_mercredi = models.PositiveSmallIntegerField("mercredi : avant", choices=JourSemaine, null=True, blank=True)
    groupe_jeudi = models.PositiveSmallIntegerField("jeudi : avant", choices=JourSemaine, null=True, blank=True)
    groupe_vendredi = models.PositiveSmallIntegerField("vendredi : avant", choices=JourSemaine, null=True, blank=True)

    class Meta:
        verbose_name = "règle de délai"
        verbose_name_plural = "règles de délai"
        ordering = ["nom"]
        constraints = [  # a check that compares NULL passes: each column that a kind needs is said to be there
            models.CheckConstraint(
                condition=Q(genre__in=["jours_ecole", "jours_ouvres", "jours", "semaine", "mois", "groupes"]),
                name="regle_delai_genre",
                violation_error_message="Ce genre de délai n’existe pas.",
            ),
            models.CheckConstraint(
                condition=~Q(genre__in=["jours_ecole", "jours_ouvres"])
                | Q(nombre__isnull=False, nombre__gte=1, nombre__lte=60),
                name="regle_delai_jours_comptes",
                violation_error_message="Indiquez un nombre de jours, de 1 à 60.",
            ),
            models.CheckConstraint(
                condition=~Q(genre="jours") | Q(nombre__isnull=False, nombre__gte=0, nombre__lte=60),
                name="regle_delai_jours",
                violation_error_message="Indiquez un nombre de jours, de 0 (le jour même) à 60.",
            ),
            models.CheckConstraint(
                condition=~Q(genre="semaine")
                | Q(nombre__isnull=False, nombre__gte=1, nombre__lte=8, jour_semaine__isnull=False),
                name="regle_delai_semaine",
                violation_error_message="Indiquez un nombre de semaines, de 1 à 8, et un jour de la semaine.",
            ),
            models.CheckConstraint(
                condition=~Q(genre="mois") | Q(jour_mois__isnull=False, jour_mois__gte=1, jour_mois__lte=31),
                name="regle_delai_mois",
                violation_error_message="Indiquez un jour du mois, de 1 à 31.",
            ),
            models.CheckConstraint(
                condition=~Q(genre="groupes")
                | Q(groupe_lundi__isnull=False)
                | Q(groupe_mardi__isnull=False)
                | Q(groupe_mercredi__isnull=False)
                | Q(groupe_jeudi__isnull=False)
                | Q(groupe_vendredi__isnull=False),
                name="regle_delai_groupes",
                violation_error_message="Indiquez au moins un jour limite.",
            ),
            models.CheckConstraint(
                condition=Q(
                    Q(jour_semaine=None) | Q(jour_semaine__lte=6),
                    Q(groupe_lundi=None) | Q(groupe_lundi__lte=6),
                    Q(groupe_mardi=None) | Q(groupe_mardi__lte=6),
                    Q(groupe_mercredi=None) | Q(groupe_mercredi__lte=6),
                    Q(groupe_jeudi=None) | Q(groupe_jeudi__lte=6),
                    Q(groupe_vendredi=None) | Q(groupe_vendredi__lte=6),
                ),
                name="regle_delai_jours_semaine",
                violation_error_message="Un jour de la semaine va du lundi au dimanche.",
            ),
        ]

    def __str__(self) -> str:
        return self.nom

    @property
    def valeur(self) -> delais.Delai:
        """The rule as the value that `delais` reads."""
        groupes = (
            self.groupe_lundi,
            self.groupe_mardi,
            self.groupe_mercredi,
            self.groupe_jeudi,
            self.groupe_vendredi,
        )
        return delais.Delai(
            genre=delais.Genre(self.genre),
            heure=self.heure,
            nombre=self.nombre or 0,
            jour_semaine=self.jour_semaine or 0,
            jour_mois=self.jour_mois or 1,
            groupes={jour: limite for jour, limite in enumerate(groupes) if limite is not None},
        )


class CreneauQuerySet(models.QuerySet["Creneau"]):
    def with_delais(self) -> Self:
        return self.select_related("delai_inscription", "delai_annulation")

    def lock(self, codes: Collection[str] | None = None) -> list[Creneau]:
        """Lock these rows (by default all) in primary-key order, so that nobody else counts or takes a place meanwhile.

        On SQLite `atomic()` itself (IMMEDIATE) is the lock. Refused outside a transaction, where it would lock nothing.
        """
        if not transaction.get_connection(self.db).in_atomic_block:
            raise transaction.TransactionManagementError("Creneau.lock() outside atomic()")
        wanted = self if codes is None else self.filter(code__in=codes)
        return list(wanted.select_for_update(of=("self",)).order_by("pk"))


class Creneau(JoursSemaine):
    """A garderie slot. Every figure is data."""

    DEBUT_SOIR = time(15)

    code = models.SlugField("code", max_length=20, unique=True, help_text="En minuscules : matin, midi, soir…")
    nom = models.CharField("nom", max_length=50)
    nom_court = models.CharField("nom court", max_length=20, help_text="Celui des cases : midi.")
    debut = models.TimeField("début")
    fin = models.TimeField("fin")
    places = models.PositiveSmallIntegerField("places par jour", null=True, blank=True, help_text="Vide : sans limite.")
    ordre = models.PositiveSmallIntegerField("ordre", default=0)
    delai_inscription = models.ForeignKey(
        RegleDelai, models.PROTECT, related_name="+", verbose_name="délai pour inscrire"
    )
    delai_annulation = models.ForeignKey(
        RegleDelai,
        models.PROTECT,
        related_name="+",
        verbose_name="délai pour annuler",
        null=True,
        blank=True,
        help_text="Vide : le même que pour inscrire.",
    )

    objects: ClassVar = CreneauQuerySet.as_manager()

    class Meta:
        verbose_name = "créneau"
        verbose_name_plural = "créneaux"
        ordering = ["ordre", "debut", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(fin__gt=F("debut")),
                name="creneau_fin_after_debut",
                violation_error_message="Le créneau finit après avoir commencé.",
            ),
        ]

    def __str__(self) -> str:
        return self.nom

    @property
    def titre(self) -> str:
        """The short name as the head of a row: « Midi »."""
        return self.nom_court[:1].upper() + self.nom_court[1:]

    @property
    def heures(self) -> str:
        """« 7 h 30 – 8 h 30 »."""
        return f"{heure_texte(self.debut)} – {heure_texte(self.fin)}"

    @property
    def sous_titre(self) -> str:
        """What a narrow row says under the short name: its hours, or its name where that says more."""
        if self.nom.lower() != self.nom_court.lower():
            return self.nom[:1].lower() + self.nom[1:]
        return "–".join(f"{heure.hour}h{heure:%M}" for heure in (self.debut, self.fin))

    @property
    def icone(self) -> str:
        """Which drawing of the pages stands for it."""
        return self.code if self.code in {"matin", "midi", "soir"} else "horloge"

    @property
    def couleur(self) -> str:
        """The CSS class that colours the drawing."""
        return f"i-{self.icone}"

    @property
    def is_soir(self) -> bool:
        """Whether a Friday-evening hand-over comes before it."""
        return self.debut >= self.DEBUT_SOIR


class Fermeture(models.Model):
    """Dates on which the garderie, or a part of it, is closed, with a reason that parents read."""

    debut = models.DateField("premier jour")
    fin = models.DateField("dernier jour")
    motif = models.CharField("motif", max_length=100, help_text="Les parents le lisent : « formation de l’équipe ».")
    creneaux = models.ManyToManyField(
        Creneau, related_name="fermetures", verbose_name="créneaux", blank=True, help_text="Aucun : tous."
    )
    classes = models.ManyToManyField(
        Classe, related_name="fermetures", verbose_name="classes", blank=True, help_text="Aucune : toutes."
    )

    class Meta:
        verbose_name = "fermeture"
        verbose_name_plural = "fermetures"
        ordering = ["-debut"]
        constraints = [
            models.CheckConstraint(
                condition=Q(fin__gte=F("debut")),
                name="fermeture_fin_after_debut",
                violation_error_message="La fermeture finit après avoir commencé.",
            ),
        ]

    def __str__(self) -> str:
        return f"Fermeture du {self.debut:%d/%m/%Y} : {self.motif}"


class InscriptionQuerySet(models.QuerySet["Inscription"]):
    def inscrit(self) -> Self:
        """Those that hold a place."""
        return self.filter(etat=Inscription.Etat.INSCRIT)

    def active(self) -> Self:
        """Those that a family counts on: with a place or waiting for one."""
        return self.exclude(etat=Inscription.Etat.ANNULEE)

    def under(self, fermeture: Fermeture) -> Self:
        """Those that this closure covers, by day, créneau and class."""
        inscriptions = self.between(fermeture.debut, fermeture.fin)
        if creneaux := list(fermeture.creneaux.all()):
            inscriptions = inscriptions.filter(creneau__in=creneaux)
        if classes := list(fermeture.classes.all()):
            inscriptions = inscriptions.filter(
                Exists(Scolarite.objects.filter(enfant=OuterRef("enfant"), classe__in=classes))
            )
        return inscriptions

    def between(self, debut: date, fin: date) -> Self:
        return self.filter(jour__gte=debut, jour__lte=fin)

    def attente_for(self, creneaux: Collection[tuple[date, int]]) -> Self:
        """Those who wait on these days for these créneaux (primary keys), in their rank; a superset of the pairs."""
        return (
            self.filter(
                etat=Inscription.Etat.ATTENTE,
                jour__in={jour for jour, _ in creneaux},
                creneau__in={creneau for _, creneau in creneaux},
            )
            .select_related("creneau")
            .order_by("jour", "creneau_id", "attente_depuis", "pk")
        )

    def with_rang(self) -> Self:
        """Adds `rang`, the place on the waiting list of the slot that day, from 1; None for who does not wait."""
        devant = Inscription.objects.filter(
            Q(attente_depuis__lt=OuterRef("attente_depuis"))
            | Q(attente_depuis=OuterRef("attente_depuis"), pk__lte=OuterRef("pk")),
            jour=OuterRef("jour"),
            creneau=OuterRef("creneau"),
            etat=Inscription.Etat.ATTENTE,
        )
        rang = Subquery(devant.order_by().values("creneau").annotate(n=Count("pk")).values("n"))
        return self.annotate(
            rang=Case(When(etat=Inscription.Etat.ATTENTE, then=rang), output_field=models.IntegerField())
        )


class Inscription(models.Model):
    """A child on a slot of a day: the only kind of booking. Rows are kept; `enfance.inscriptions` alone writes them."""

    class Etat(models.TextChoices):
        INSCRIT = "inscrit", "inscrit"
        ATTENTE = "attente", "en attente"
        ANNULEE = "annulee", "annulée"

    class Origine(models.TextChoices):
        PORTAIL = "portail", "accès famille"
        MAIRIE = "mairie", "mairie"
        SEMAINE_TYPE = "semaine_type", "semaine type"
        IMPORT = "import", "import"
        LISTE_ATTENTE = "liste_attente", "liste d’attente"
        FERMETURE = "fermeture", "fermeture"

    enfant = models.ForeignKey(Enfant, models.PROTECT, related_name="inscriptions", verbose_name="enfant")
    jour = models.DateField("jour")
    creneau = models.ForeignKey(Creneau, models.PROTECT, related_name="inscriptions", verbose_name="créneau")
    etat = models.CharField("état", max_length=10, choices=Etat, default=Etat.INSCRIT)
    origine = models.CharField("origine", max_length=15, choices=Origine, default=Origine.PORTAIL)
    foyer = models.ForeignKey(
        Foyer, models.PROTECT, related_name="inscriptions", verbose_name="foyer qui paie", null=True, blank=True
    )
    attente_depuis = models.DateTimeField("en attente depuis", null=True, blank=True)
    rang: int | None  # only after with_rang()

    objects: ClassVar = InscriptionQuerySet.as_manager()

    class Meta:
        verbose_name = "inscription"
        verbose_name_plural = "inscriptions"
        ordering = ["jour", "creneau__ordre", "enfant"]
        indexes = [models.Index(fields=["jour", "creneau"], name="inscription_jour_creneau")]
        constraints = [
            models.UniqueConstraint(
                fields=["enfant", "jour", "creneau"],
                name="inscription_unique",
                violation_error_message="Cet enfant a déjà une inscription à ce créneau ce jour-là.",
            ),
            models.CheckConstraint(
                condition=Q(etat__in=["inscrit", "attente", "annulee"]),
                name="inscription_etat",
                violation_error_message="Cet état n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(etat="attente", attente_depuis__isnull=False) | ~Q(etat="attente") & Q(attente_depuis=None),
                name="inscription_attente_depuis",
                violation_error_message="Seule une inscription en attente a un rang.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enfant}, {self.creneau.nom_court}, {self.jour:%d/%m/%Y} : {self.get_etat_display()}"


class Enregistrement(models.Model):
    """One save: who, when, by which door, and why if it passed over a rule. Its number is the parent's reference."""

    class Porte(models.TextChoices):
        PORTAIL = "portail", "accès famille"
        MAIRIE = "mairie", "mairie"
        IMPORT = "import", "import"
        SYSTEME = "systeme", "automatique"

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
    porte = models.CharField("porte", max_length=10, choices=Porte)
    quand = models.DateTimeField("quand", default=timezone.now)
    motif = models.CharField("motif", max_length=200, blank=True, help_text="Pourquoi une règle a été passée.")

    class Meta:
        verbose_name = "enregistrement"
        verbose_name_plural = "enregistrements"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"Référence {self.pk}"


class Evenement(models.Model):
    """The trace of one change of one inscription: before, after. Never changed, never deleted but by the purge."""

    enregistrement = models.ForeignKey(
        Enregistrement, models.CASCADE, related_name="evenements", verbose_name="enregistrement"
    )
    enfant = models.ForeignKey(Enfant, models.PROTECT, related_name="evenements", verbose_name="enfant")
    jour = models.DateField("jour")
    creneau = models.ForeignKey(Creneau, models.PROTECT, related_name="+", verbose_name="créneau")
    avant = models.CharField("avant", max_length=10, choices=Inscription.Etat, blank=True)
    apres = models.CharField("après", max_length=10, choices=Inscription.Etat)

    class Meta:
        verbose_name = "événement"
        verbose_name_plural = "événements"
        ordering = ["-enregistrement_id", "enfant_id", "jour", "creneau_id"]
        indexes = [models.Index(fields=["enfant", "enregistrement"], name="evenement_enfant")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(avant=F("apres")),
                name="evenement_changes",
                violation_error_message="Un événement est un changement.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enfant}, {self.creneau.nom_court}, {self.jour:%d/%m/%Y} : {self.avant or 'rien'} → {self.apres}"
