"""The garderie: its deadlines, its créneaux, its closures."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import time
from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from enfance import delais
from enfance.calendrier import UN_JOUR
from enfance.delais import Genre
from enfance.models.annee import Classe, JoursSemaine, Scolarite
from enfance.models.ecoles import Ecole, Niveau
from enfance.models.personnes import Enfant
from enfance.moments import MomentCreneau
from enfance.natures import MOTS, MotsNature, NatureFermeture, groupes_phrase, groupes_titre
from portail.dates import heure_texte, quantieme_annee
from portail.signes import validate_ligne, validate_nom


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

    genre = models.CharField("genre", max_length=12, choices=Genre.choices())
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
        ordering = ["genre", "nombre", "pk"]
        constraints = [  # a check that compares NULL passes: each column that a kind needs is said to be there
            models.CheckConstraint(
                condition=Q(genre__in=list(Genre)),
                name="regle_delai_genre",
                violation_error_message="Ce genre de délai n’existe pas.",
            ),
            models.CheckConstraint(
                condition=~Q(genre__in=[Genre.JOURS_ECOLE, Genre.JOURS_OUVRES])
                | Q(nombre__isnull=False, nombre__gte=1, nombre__lte=60),
                name="regle_delai_jours_comptes",
                violation_error_message="Indiquez un nombre de jours, de 1 à 60.",
            ),
            models.CheckConstraint(
                condition=~Q(genre=Genre.JOURS) | Q(nombre__isnull=False, nombre__gte=0, nombre__lte=60),
                name="regle_delai_jours",
                violation_error_message="Indiquez un nombre de jours, de 0 (le jour même) à 60.",
            ),
            models.CheckConstraint(
                condition=~Q(genre=Genre.SEMAINE)
                | Q(nombre__isnull=False, nombre__gte=1, nombre__lte=8, jour_semaine__isnull=False),
                name="regle_delai_semaine",
                violation_error_message="Indiquez un nombre de semaines, de 1 à 8, et un jour de la semaine.",
            ),
            models.CheckConstraint(
                condition=~Q(genre=Genre.MOIS) | Q(jour_mois__isnull=False, jour_mois__gte=1, jour_mois__lte=31),
                name="regle_delai_mois",
                violation_error_message="Indiquez un jour du mois, de 1 à 31.",
            ),
            models.CheckConstraint(
                condition=~Q(genre=Genre.GROUPES)
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
        """Its figures in words: a name would stay behind when they change."""
        phrase = delais.delai_phrase(self.valeur)
        return phrase[:1].upper() + phrase[1:]

    @property
    def valeur(self) -> delais.Delai:
        """This rule as the value that `enfance.delais` computes with."""
        groupes = (
            self.groupe_lundi,
            self.groupe_mardi,
            self.groupe_mercredi,
            self.groupe_jeudi,
            self.groupe_vendredi,
        )
        return delais.Delai(
            genre=Genre(self.genre),
            heure=self.heure,
            nombre=self.nombre or 0,
            jour_semaine=self.jour_semaine or 0,
            jour_mois=self.jour_mois or 1,
            groupes={jour: limite for jour, limite in enumerate(groupes) if limite is not None},
        )


class CreneauQuerySet(models.QuerySet["Creneau"]):
    def with_delais(self) -> Self:
        """The créneaux, each read with its deadline rules."""
        return self.select_related("delai_inscription", "delai_annulation", "delai_tardif")

    def midis(self) -> Self:
        """The créneaux that are lunch breaks, with which the meals of the canteen go."""
        return self.filter(moment=Creneau.Moment.MIDI)

    def going_home(self) -> Self:
        """The créneaux from which the families fetch the children: an evening, or a whole day. (`Creneau.goes_home`
        says it of one.)
        """
        soir = Q(moment=Creneau.Moment.SOIR) | Q(debut__gte=Creneau.DEBUT_SOIR)
        return self.filter(soir | Q(moment=Creneau.Moment.JOURNEE))

    def held_by(self, ecoles: Iterable[int] | models.QuerySet[Any]) -> Self:
        """The créneaux that one of these schools (primary keys) holds; one that names no school is held by all."""
        tenues = Creneau.ecoles.through._default_manager
        siens = tenues.filter(ecole__in=ecoles).values("creneau")
        return self.filter(Q(pk__in=siens) | ~Exists(tenues.filter(creneau=OuterRef("pk"))))

    def covered_by(self, creneaux: Collection[Creneau], ecoles: Collection[Ecole], classes: Collection[Classe]) -> Self:
        """The créneaux that a closure of these créneaux, schools and classes touches; an empty collection stands for
        all.
        """
        siens = self.filter(pk__in=[creneau.pk for creneau in creneaux]) if creneaux else self
        where = {ecole.pk for ecole in ecoles} | {classe.ecole_id for classe in classes}
        return siens.held_by(where) if where else siens

    def for_enfants(self, enfants: Collection[int], quittees: Collection[int] = ()) -> Self:
        """The créneaux where something of these children (primary keys) may be written: those that a school of theirs
        holds, in any year, and those where they have an inscription. `quittees`: the schools that they have just left
        without a trace.
        """
        if not enfants:
            return self.none()
        ecoles = Scolarite.objects.filter(enfant__in=enfants).order_by().values("ecole")
        tenus, connus = Creneau.objects.all().held_by(ecoles), Creneau.objects.filter(inscriptions__enfant__in=enfants)
        siens = Q(pk__in=tenus.order_by().values("pk")) | Q(pk__in=connus.order_by().values("pk"))
        if quittees:
            siens |= Q(pk__in=Creneau.objects.all().held_by(quittees).order_by().values("pk"))
        return self.filter(siens)

    def lock(self, codes: Collection[str] | None = None) -> list[Creneau]:
        """Lock these créneaux (by default all; `codes` chooses some) in the order of their primary keys, so that nobody
        else counts or takes a place meanwhile, and return them.

        On SQLite, `atomic()` itself (IMMEDIATE) is the lock. Outside a transaction, where it would lock nothing, it
        raises TransactionManagementError.
        """
        if not transaction.get_connection(self.db).in_atomic_block:
            raise transaction.TransactionManagementError("Creneau.lock() outside atomic()")
        wanted = self if codes is None else self.filter(code__in=codes)
        return list(wanted.select_for_update(of=("self",)).order_by("pk"))

    def lock_one(self, code: str) -> Creneau:
        """Lock the créneau of this code, and return it; raises `Creneau.DoesNotExist` when somebody has just deleted
        it.
        """
        if creneaux := self.lock([code]):
            return creneaux[0]
        raise self.model.DoesNotExist(code)


class Creneau(JoursSemaine):
    """A garderie slot. Every figure is data."""

    Moment = MomentCreneau

    DEBUT_SOIR = time(15)

    code = models.SlugField("code", max_length=20, unique=True, help_text="En minuscules : matin, midi, soir…")
    nom = models.CharField("nom", max_length=50, validators=[validate_nom])
    nom_court = models.CharField(
        "nom court", max_length=20, help_text="Celui des cases : midi.", validators=[validate_nom]
    )
    moment = models.CharField(
        "moment",
        max_length=10,
        choices=Moment.choices(),
        db_default=Moment.JOURNEE,
        help_text="D’une école à l’autre, un moment répond à l’autre\u202f; les repas vont avec «\u00a0midi\u00a0».",
    )
    ecoles = models.ManyToManyField(
        Ecole, related_name="creneaux", verbose_name="écoles", blank=True, help_text="Aucune : toutes."
    )
    debut = models.TimeField("début")
    fin = models.TimeField("fin")
    places = models.PositiveSmallIntegerField("places par jour", null=True, blank=True, help_text="Vide : sans limite.")
    ordre = models.PositiveSmallIntegerField("ordre", default=0)
    delai_inscription = models.ForeignKey(
        RegleDelai, models.PROTECT, related_name="creneaux", verbose_name="délai pour inscrire"
    )
    delai_annulation = models.ForeignKey(
        RegleDelai,
        models.PROTECT,
        related_name="creneaux_a_annuler",
        verbose_name="délai pour annuler",
        null=True,
        blank=True,
        help_text="Vide : le même que pour inscrire.",
    )
    delai_tardif = models.ForeignKey(
        RegleDelai,
        models.PROTECT,
        related_name="creneaux_tardifs",
        verbose_name="délai pour inscrire en retard",
        null=True,
        blank=True,
        help_text="Vide : personne n’inscrit en retard.",
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
                violation_error_message="L’heure de fin doit suivre celle du début.",
            ),
        ]

    def __str__(self) -> str:
        return self.nom

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the créneau; if its places or hours change, keep what they were until yesterday, by which past days are
        judged.
        """
        avant, hier = Creneau.objects.filter(pk=self.pk), timezone.localdate() - UN_JOUR
        for places, debut, fin in avant.values_list("places", "debut", "fin"):
            if places != self.places:
                self.places_passees.get_or_create(jusqu_au=hier, defaults={"places": places})
            if (debut, fin) != (self.debut, self.fin):
                self.heures_passees.get_or_create(jusqu_au=hier, defaults={"debut": debut, "fin": fin})
        super().save(*args, **kwargs)

    @property
    def titre(self) -> str:
        """The short name of the créneau with a capital, for the head of a row: « Midi »."""
        return self.nom_court[:1].upper() + self.nom_court[1:]

    @property
    def heures(self) -> str:
        """The hours of the créneau in words: « 7 h 30 – 8 h 30 »."""
        return f"{heure_texte(self.debut)} – {heure_texte(self.fin)}"

    @property
    def detail(self) -> str:
        """What a day or a mail says of the créneau beside its short name: its full name when it differs, else its
        hours.
        """
        return self.heures if self.nom.lower() == self.nom_court.lower() else self.nom[:1].lower() + self.nom[1:]

    @property
    def sous_titre(self) -> str:
        """What a narrow row says of the créneau under its short name: its full name when it differs, else its hours in
        short, « 7h30–8h30 ».
        """
        if self.nom.lower() != self.nom_court.lower():
            return self.nom[:1].lower() + self.nom[1:]
        return "–".join(f"{heure.hour}h{heure:%M}" for heure in (self.debut, self.fin))

    @property
    def icone(self) -> str:
        """The name of the drawing that stands for the créneau: « matin », « midi » or « soir », else « horloge ». Its
        code must name the moment, as in « soir-hameau ».
        """
        connu = self.moment != self.Moment.JOURNEE and self.moment in self.code.split("-")  # soir-hameau, hameau-soir
        return self.moment if connu else "horloge"

    @property
    def couleur(self) -> str:
        """The CSS class that colours the drawing of the créneau."""
        return f"i-{self.icone}"

    @property
    def teinte(self) -> str:
        """The CSS class that colours the columns and totals of the créneau, always the same for one créneau."""
        return self.code if self.code in {"matin", "midi", "soir"} else f"autre-{self.pk % 3 + 1}"

    @property
    def is_soir(self) -> bool:
        """Whether the créneau is in the evening, so that on a Friday the hand-over of a child between two homes comes
        before it.
        """
        return self.moment == self.Moment.SOIR or self.debut >= self.DEBUT_SOIR

    @property
    def goes_home(self) -> bool:
        """Whether the families fetch the children at the end of the créneau; after a morning or a lunch break, the
        children go to class.
        """
        return self.is_soir or self.moment == self.Moment.JOURNEE


def validate_niveaux(niveaux: str) -> None:
    """Refuse a text that is not codes of levels set apart by a space."""
    if set(niveaux.split(" ")) - set(Niveau.values) and niveaux:
        raise ValidationError("Ce niveau n’existe pas.")


class Fermeture(models.Model):
    """Dates on which the garderie, or a part of it, is closed, with a reason that parents read.

    A trip, or a teacher away (`nature`), closes it only to those who are not at school: the pupils of its levels and
    those of its classes, but those who stay.
    """

    Nature = NatureFermeture

    nature = models.CharField(
        "nature",
        max_length=12,
        choices=Nature.choices(),
        default=Nature.FERMETURE.value,
        db_default=Nature.FERMETURE.value,
    )
    debut = models.DateField("premier jour")
    fin = models.DateField("dernier jour")
    motif = models.CharField(
        "motif",
        max_length=100,
        help_text="Les parents le lisent : « formation de l’équipe ».",
        validators=[validate_ligne],
    )
    ecoles = models.ManyToManyField(
        Ecole, related_name="fermetures", verbose_name="écoles", blank=True, help_text="Aucune : toutes."
    )
    creneaux = models.ManyToManyField(
        Creneau, related_name="fermetures", verbose_name="créneaux", blank=True, help_text="Aucun : tous."
    )
    classes = models.ManyToManyField(
        Classe, related_name="fermetures", verbose_name="classes", blank=True, help_text="Aucune : toutes."
    )
    niveaux = models.CharField(
        "niveaux",
        max_length=40,
        blank=True,
        default="",
        db_default="",
        help_text="Dans toutes les classes, en plus des classes nommées.",
        validators=[validate_niveaux],
    )
    restent = models.ManyToManyField(
        Enfant,
        through="EnfantReste",
        related_name="sorties_sans",
        verbose_name="enfants qui restent",
        blank=True,
    )

    class Meta:
        verbose_name = "fermeture"
        verbose_name_plural = "fermetures"
        ordering = ["-debut"]
        permissions = [("annoncer_sortie", "Peut annoncer une sortie des classes de son école")]
        constraints = [
            models.CheckConstraint(
                condition=Q(fin__gte=F("debut")),
                name="fermeture_fin_after_debut",
                violation_error_message="Le dernier jour doit suivre le premier, ou être le même.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_nature_display().capitalize()} du {quantieme_annee(self.debut)} : {self.motif}"

    @property
    def mots(self) -> MotsNature:
        """The words of its nature."""
        return MOTS[NatureFermeture(self.nature)]

    @property
    def is_fermeture(self) -> bool:
        """Whether the garderie itself is closed: neither a trip nor a teacher away."""
        return self.nature == NatureFermeture.FERMETURE

    @property
    def codes_niveaux(self) -> list[str]:
        """The levels that it names, from the youngest to the eldest."""
        return self.niveaux.split()

    @property
    def qui(self) -> str:
        """Who is away, of a trip: « les CM1 et la classe CM2 M. Aulne »."""
        return groupes_phrase(self.codes_niveaux, [str(classe) for classe in self.classes.all()])

    @property
    def de_qui(self) -> str:
        """Whose trip it is: « des CM1 et de la classe CM2 M. Aulne »."""
        return groupes_phrase(self.codes_niveaux, [str(classe) for classe in self.classes.all()], "des")

    @property
    def is_seule_classe(self) -> bool:
        """Whether `qui` is one class, a singular."""
        return not self.niveaux and len(self.classes.all()) == 1

    @property
    def groupes(self) -> str:
        """Who is away, for a table: « CM1, CM2 M. Aulne »."""
        return groupes_titre(self.codes_niveaux, [str(classe) for classe in self.classes.all()])

    def covered(self) -> CreneauQuerySet:
        """The créneaux that this closure touches."""
        return Creneau.objects.all().covered_by(self.creneaux.all(), self.ecoles.all(), self.classes.all())


class EnfantReste(models.Model):
    """A child who does not go on a trip that its level or its class makes: it stays, and is received as usual."""

    # No constraint: the version before, come back, lifts a trip or erases a child without knowing of this table.
    fermeture = models.ForeignKey(
        Fermeture,
        models.CASCADE,
        related_name="restes",
        verbose_name="sortie",
        db_constraint=False,
    )
    enfant = models.ForeignKey(
        Enfant, models.CASCADE, related_name="restes", verbose_name="enfant", db_constraint=False
    )

    class Meta:
        verbose_name = "enfant qui reste"
        verbose_name_plural = "enfants qui restent"
        constraints = [
            models.UniqueConstraint(
                fields=["fermeture", "enfant"],
                name="enfant_reste_unique",
                violation_error_message="Cet enfant reste déjà.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enfant} reste, {self.fermeture}"
