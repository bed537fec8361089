"""People: homes, adults, children, and the links that say who may see and decide what."""

from __future__ import annotations

from datetime import date, timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from enfance.calendrier import VENDREDI, lundi
from enfance.models.noms import nom_enfant
from portail.certain import certain
from portail.lettres import lettres
from portail.select import ModelTable, read, select
from portail.signes import validate_ligne, validate_nom, validate_texte
from portail.tri import SortedByName, SortedQuerySet


class Foyer(models.Model):
    """Adults who live together and answer together: one address, one payer. Separated parents are two."""

    adresse = models.CharField("adresse", max_length=200, blank=True, validators=[validate_ligne])
    code_postal = models.CharField("code postal", max_length=10, blank=True, validators=[validate_ligne])
    commune = models.CharField("commune", max_length=100, blank=True, validators=[validate_nom])
    onde = models.JSONField("dernières valeurs d’ONDE", default=dict, blank=True, editable=False)

    class Meta:
        verbose_name = "foyer"
        verbose_name_plural = "familles"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.named({responsable.user.last_name for responsable in self.responsables.all()})

    def named(self, noms: set[str]) -> str:
        """The home in words, by these family names of its adults and its address: « Foyer BERGER et LEFORT, 12 chemin
        des Tilleuls ». Without them, « Foyer sans adulte, adresse inconnue ».
        """
        return f"Foyer {' et '.join(sorted(noms, key=lettres)) or 'sans adulte'}, {self.adresse or 'adresse inconnue'}"


class ResponsableQuerySet(models.QuerySet["Responsable"]):
    def with_rappel(self) -> Self:
        """The adults who asked for reminders and can be reached: an open account, an address that receives."""
        atteints = self.filter(user__is_active=True, user__email_refused_at=None).exclude(user__email="")
        return atteints.filter(rappel=True).select_related("user", "foyer")


class Responsable(models.Model):
    """An adult in charge of a child. The name and the only e-mail are those of the account."""

    class Civilite(models.TextChoices):
        MADAME = "mme", "Mme"
        MONSIEUR = "m", "M."

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="responsable",
        verbose_name="compte",
        limit_choices_to={"is_staff": False},  # an agent is nobody's parent account
    )
    foyer = models.ForeignKey(Foyer, models.PROTECT, related_name="responsables", verbose_name="foyer")
    civilite = models.CharField("civilité", max_length=3, choices=Civilite, blank=True)
    telephone = models.CharField("téléphone portable", max_length=20, blank=True, validators=[validate_ligne])
    telephone_domicile = models.CharField(
        "téléphone du domicile", max_length=20, blank=True, validators=[validate_ligne]
    )
    telephone_travail = models.CharField("téléphone du travail", max_length=30, blank=True, validators=[validate_ligne])
    rappel = models.BooleanField(
        "rappel par e-mail", default=False, help_text="La veille au soir de chaque limite, à sa demande."
    )
    agenda_secret = models.CharField(
        "secret de l’adresse d’agenda", max_length=43, unique=True, null=True, blank=True, editable=False
    )
    onde = models.JSONField("dernières valeurs d’ONDE", default=dict, blank=True, editable=False)

    objects: ClassVar = ResponsableQuerySet.as_manager()

    class Meta:
        verbose_name = "responsable"
        verbose_name_plural = "responsables"
        ordering = ["user__tri", "pk"]
        permissions = [("export_responsable", "Peut exporter les responsables")]

    def __str__(self) -> str:
        return self.user.get_full_name() or f"Responsable {self.user.identifiant}"


def load_responsable(user: int) -> Responsable | None:
    """The parent whose account (primary key) this is, read with their home; None for the account of anybody else. One
    query.
    """
    tables = ModelTable(Responsable, "r", "onde"), ModelTable(Foyer, "f", "onde")
    sql = f"""
        SELECT {", ".join(table.columns for table in tables)}
        FROM enfance_responsable r JOIN enfance_foyer f ON f.id = r.foyer_id
        WHERE r.user_id = %s
    """  # noqa: S608 (names of the models alone)
    for ligne in select(lambda *ligne: ligne, sql, [user]):
        responsable: Responsable
        responsable, responsable.foyer = read(ligne, *tables)
        return responsable
    return None


class EnfantQuerySet(SortedQuerySet["Enfant"]):
    def for_responsable(self, responsable: Responsable) -> Self:
        """The children that this adult may see: those with a responsabilité that nobody has suspended."""
        return self.filter(responsabilites__responsable=responsable, responsabilites__suspendue=False).order_by(
            "date_naissance", "prenom", "pk"
        )

    def for_foyer(self, foyer: Foyer) -> Self:
        """The children of this home, as the town hall counts them: those who have or had a garde there, and those for
        whom its adults answer.
        """
        gardes = Garde.objects.filter(enfant=OuterRef("pk"), foyer=foyer)
        liens = Responsabilite.objects.filter(enfant=OuterRef("pk"), responsable__foyer=foyer, suspendue=False)
        return self.filter(Exists(gardes) | Exists(liens)).order_by("date_naissance", "prenom", "pk")

    def with_scolarite(self, annee: int) -> Self:
        """The children who are in this school year (primary key) and have not left it."""
        return self.filter(scolarites__annee=annee, scolarites__depart=None)


class Enfant(SortedByName):
    """A pupil. No medical document, ever: yes/no, an end date and a short instruction for the team."""

    class Sexe(models.TextChoices):
        FILLE = "f", "fille"
        GARCON = "m", "garçon"

    nom = models.CharField("nom de famille", max_length=100, validators=[validate_nom])
    nom_usage = models.CharField("nom d’usage", max_length=100, blank=True, validators=[validate_nom])
    prenom = models.CharField("prénom", max_length=100, validators=[validate_nom])
    date_naissance = models.DateField("date de naissance")
    sexe = models.CharField("sexe", max_length=1, choices=Sexe, blank=True)
    ine = models.CharField(
        "INE",
        max_length=11,
        unique=True,
        null=True,
        blank=True,
        validators=[validate_ligne],
        help_text="Identifiant national élève.",
    )
    pai = models.BooleanField("PAI", default=False, help_text="Projet d’accueil individualisé.")
    pai_fin = models.DateField("PAI valable jusqu’au", null=True, blank=True)
    consigne = models.CharField(
        "consigne pour l’équipe",
        max_length=300,
        blank=True,
        validators=[validate_texte],
        help_text="Courte ; allergies comprises. Jamais de document médical.",
    )
    pai_cantine = models.BooleanField(
        "signalé à la cantine",
        default=False,
        help_text="Avec l’accord de la famille\u00a0: l’association voit qu’il y a une allergie ou un PAI, "
        "rien de plus.",
    )
    pai_cantine_le = models.DateTimeField("accord donné ou retiré le", null=True, blank=True, editable=False)
    pai_cantine_par = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        related_name="+",
        verbose_name="accord donné ou retiré par",
        null=True,
        blank=True,
        editable=False,
    )
    onde = models.JSONField("dernières valeurs d’ONDE", default=dict, blank=True, editable=False)
    responsables = models.ManyToManyField(Responsable, through="Responsabilite", related_name="enfants")

    objects: ClassVar = EnfantQuerySet.as_manager()

    NOMS = ("nom", "nom_usage", "prenom")

    class Meta:
        verbose_name = "enfant"
        verbose_name_plural = "enfants"
        ordering = ["tri", "pk"]
        indexes = [models.Index(fields=["tri"], name="enfant_tri")]
        constraints = [
            models.CheckConstraint(
                condition=Q(pai=True) | Q(pai_fin=None),
                name="enfant_pai_fin_with_pai",
                violation_error_message="Cochez «\u00a0PAI\u00a0», ou effacez sa date de fin.",
            ),
            models.CheckConstraint(
                condition=~Q(ine=""), name="enfant_ine_not_empty", violation_error_message="L’INE est absent, pas vide."
            ),
        ]
        permissions = [("view_sante", "Peut voir la santé d’un enfant"), ("export_enfant", "Peut exporter les enfants")]

    def __str__(self) -> str:
        return nom_enfant(self.prenom, self.nom, self.nom_usage)

    def names_to_sort(self) -> list[str]:
        """The names by which lists sort and find the child: the shown family name, the first name, then the other
        family name, by which it is found too.
        """
        return [self.nom_usage or self.nom, self.prenom, *([self.nom] if self.nom_usage else [])]

    @property
    def initiale(self) -> str:
        return self.prenom[:1].upper()


class Responsabilite(models.Model):
    """The link that gives an adult access to a child. Living in the same foyer gives none."""

    class Origine(models.TextChoices):
        ONDE = "onde", "ONDE"
        MAIRIE = "mairie", "la mairie"

    enfant = models.ForeignKey(Enfant, models.CASCADE, related_name="responsabilites", verbose_name="enfant")
    responsable = models.ForeignKey(
        Responsable, models.CASCADE, related_name="responsabilites", verbose_name="responsable"
    )
    origine = models.CharField("origine", max_length=10, choices=Origine, default=Origine.MAIRIE)
    suspendue = models.BooleanField(
        "suspendue", default=False, help_text="Décision d’un juge : l’adulte ne voit plus l’enfant sur le portail."
    )

    class Meta:
        verbose_name = "responsabilité"
        verbose_name_plural = "responsabilités"
        constraints = [
            models.UniqueConstraint(
                fields=["enfant", "responsable"],
                name="responsabilite_unique",
                violation_error_message="Cet adulte est déjà responsable de cet enfant.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.responsable} pour {self.enfant}"


class RythmeGarde(models.TextChoices):
    TOUJOURS = "toujours", "toujours"
    ALTERNEE = "alternee", "une semaine sur deux"


class Garde(models.Model):
    """On which days a child lives in a foyer, between two dates or always."""

    Rythme = RythmeGarde

    class Passage(models.TextChoices):
        LUNDI = "lundi", "le lundi matin"
        VENDREDI = "vendredi", "le vendredi soir"

    enfant = models.ForeignKey(Enfant, models.CASCADE, related_name="gardes", verbose_name="enfant")
    foyer = models.ForeignKey(Foyer, models.PROTECT, related_name="gardes", verbose_name="foyer")
    debut = models.DateField("à partir du", null=True, blank=True, help_text="Vide : depuis toujours.")
    fin = models.DateField("jusqu’au", null=True, blank=True, help_text="Vide : sans fin.")
    rythme = models.CharField("rythme", max_length=10, choices=Rythme, default=Rythme.TOUJOURS)
    depuis = models.DateField(
        "une semaine sur deux, comptée du",
        null=True,
        blank=True,
        help_text="Un jour d’une semaine passée dans ce foyer.",
    )
    passage = models.CharField("changement de foyer", max_length=10, choices=Passage, default=Passage.LUNDI)

    class Meta:
        verbose_name = "garde"
        verbose_name_plural = "gardes"
        constraints = [
            models.CheckConstraint(
                condition=Q(debut=None) | Q(fin=None) | Q(fin__gte=F("debut")),
                name="garde_fin_after_debut",
                violation_error_message="Le dernier jour doit suivre le premier, ou être le même.",
            ),
            models.CheckConstraint(
                condition=Q(rythme=RythmeGarde.TOUJOURS, depuis=None)
                | Q(rythme=RythmeGarde.ALTERNEE, depuis__isnull=False),
                name="garde_depuis_when_alternee",
                violation_error_message="Une garde alternée se compte à partir d’un jour, les autres non.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enfant} chez {self.foyer} : {self.get_rythme_display()}"

    def holds(self, jour: date, soir: bool = False) -> bool:
        """Whether this garde puts the child in its home on `jour`, or in the evening of that day (`soir`), which a
        Friday hand-over gives to the next home.

        Weeks are counted from the one that holds `depuis`, never by ISO parity, as some years have 53 weeks.
        """
        if (self.debut and jour < self.debut) or (self.fin and jour > self.fin):
            return False
        if self.rythme == self.Rythme.TOUJOURS:
            return True
        return (self._semaine(jour, soir) - self._semaine(certain(self.depuis))).days // 7 % 2 == 0

    def _semaine(self, jour: date, soir: bool = False) -> date:
        """The Monday of the week of this day; from a Friday-evening hand-over on, it is the week after."""
        after = self.passage == self.Passage.VENDREDI and (
            jour.weekday() > VENDREDI or (jour.weekday() == VENDREDI and soir)
        )
        return lundi(jour + timedelta(days=7)) if after else lundi(jour)


class PersonneAutoriseeQuerySet(SortedQuerySet["PersonneAutorisee"]):
    def autorisees(self, today: date) -> Self:
        """The persons who may fetch the child, today or later. Forbidden persons, whom only the team and the town hall
        may know, are left out.
        """
        return self.filter(Q(fin=None) | Q(fin__gte=today), interdite=False, retiree_le=None)

    def on(self, jour: date) -> Self:
        """The persons, authorised or forbidden, whose days hold that very day: for the team."""
        return self.filter(Q(debut=None) | Q(debut__lte=jour), Q(fin=None) | Q(fin__gte=jour), retiree_le=None)


class PersonneAutorisee(SortedByName):
    """Who may fetch the child; or, set by the town hall alone, to whom never to hand the child."""

    enfant = models.ForeignKey(Enfant, models.CASCADE, related_name="personnes_autorisees", verbose_name="enfant")
    nom = models.CharField("nom", max_length=100, validators=[validate_nom])
    lien = models.CharField("lien avec l’enfant", max_length=50, blank=True, validators=[validate_nom])
    telephone = models.CharField("téléphone", max_length=20, blank=True, validators=[validate_ligne])
    debut = models.DateField("à partir du", null=True, blank=True, help_text="Vide : toujours.")
    fin = models.DateField("jusqu’au", null=True, blank=True, help_text="Vide : toujours.")
    ajoutee_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", verbose_name="ajoutée par", null=True, blank=True
    )
    ajoutee_le = models.DateTimeField("ajoutée le", default=timezone.now, editable=False)
    retiree_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", verbose_name="retirée par", null=True, blank=True
    )
    retiree_le = models.DateTimeField(
        "retirée le", null=True, blank=True, editable=False, help_text="Gardée pour la trace, sans effet."
    )
    interdite = models.BooleanField(
        "interdite",
        default=False,
        help_text="Ne jamais lui remettre l’enfant. Visible de l’équipe et de la mairie seules.",
    )

    objects: ClassVar = PersonneAutoriseeQuerySet.as_manager()

    NOMS = ("nom",)

    class Meta:
        verbose_name = "personne autorisée"
        verbose_name_plural = "personnes autorisées"
        ordering = ["tri", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(debut=None) | Q(fin=None) | Q(fin__gte=F("debut")),
                name="personne_autorisee_fin_after_debut",
                violation_error_message="Le dernier jour doit suivre le premier, ou être le même.",
            ),
        ]

    def __str__(self) -> str:
        return self.nom


class DemandeAutorisation(models.Model):
    """Somebody whom a parent wanted to add, and whose name is like that of a forbidden person: the town hall decides.

    It lets nobody fetch the child: `personne`, which the town hall makes of it, does. Decided without one, it is
    refused.
    """

    enfant = models.ForeignKey(Enfant, models.CASCADE, related_name="demandes_autorisation", verbose_name="enfant")
    nom = models.CharField("nom", max_length=100, validators=[validate_nom])
    lien = models.CharField("lien avec l’enfant", max_length=50, blank=True, validators=[validate_nom])
    telephone = models.CharField("téléphone", max_length=20, blank=True, validators=[validate_ligne])
    debut = models.DateField("à partir du", null=True, blank=True)
    fin = models.DateField("jusqu’au", null=True, blank=True)
    demandee_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", verbose_name="demandée par", null=True
    )
    demandee_le = models.DateTimeField("demandée le", default=timezone.now)
    decidee_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", verbose_name="décidée par", null=True
    )
    decidee_le = models.DateTimeField("décidée le", null=True)
    personne = models.OneToOneField(
        PersonneAutorisee, models.SET_NULL, related_name="demande", verbose_name="personne autorisée", null=True
    )

    class Meta:
        verbose_name = "personne à vérifier"
        verbose_name_plural = "personnes à vérifier"
        ordering = ["demandee_le", "pk"]
        default_permissions = ()  # whoever may add an authorised person decides
        constraints = [
            models.CheckConstraint(
                condition=Q(debut=None) | Q(fin=None) | Q(fin__gte=F("debut")),
                name="demande_autorisation_fin_after_debut",
                violation_error_message="Le dernier jour doit suivre le premier, ou être le même.",
            ),
            models.CheckConstraint(
                condition=Q(personne=None) | Q(decidee_le__isnull=False),
                name="demande_autorisation_personne_decided",
                violation_error_message="Une personne n’est autorisée qu’une fois la réponse donnée.",
            ),
        ]

    def __str__(self) -> str:
        return self.nom

    @property
    def dit(self) -> str:
        """The name and the link of the person, as the parent typed them."""
        return f"{self.nom}, {self.lien}" if self.lien else self.nom

    @property
    def attend(self) -> bool:
        """Whether the town hall has still to answer this request."""
        return self.decidee_le is None

    @property
    def admise(self) -> bool:
        """Whether the town hall has let the person in."""
        return self.personne_id is not None
