"""Where the association's list and the lunch break disagree, for a family and the town hall. Reads, never writes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Subquery

from enfance.models import Creneau, Enfant, Inscription, ListeRepas, Repas, Scolarite, of_ecoles
from enfance.models.inscriptions import InscriptionQuerySet
from enfance.models.repas import RepasQuerySet
from enfance.planning.cases import noms_enfants
from enfance.planning.historique import JOURS_NOMMES, jours_phrase
from enfance.regles import Acteur, Action, Cle, Ecart, Situation, ecart, obstacles_for
from enfance.situation import load_situation
from portail.dates import MOIS, PARIS, jour_court
from portail.francais import NBSP, et

NOMBRES = ["", "un midi", "deux midis", "trois midis", "quatre midis", "cinq midis", "six midis"]


@dataclass(frozen=True)
class EnfantEcart:
    """The days on which the meals and the lunch breaks of a child disagree, in words."""

    pk: int
    nom: str
    inscrit: str
    jours: tuple[date, ...]
    quand: str

    @property
    def valeur(self) -> str:
        """What the button of the page sends for all the days of this child: `enfant:date`, joined by spaces."""
        return " ".join(f"{self.pk}:{jour.isoformat()}" for jour in self.jours)

    @property
    def ces_jours(self) -> str:
        """The days in short, for a button: « mardi 8 » when there is one, else « ces 3 jours »."""
        return jour_court(self.jours[0]) if len(self.jours) == 1 else f"ces {len(self.jours)}{NBSP}jours"

    @property
    def dates(self) -> str:
        """The days with their month, for a mail that may be read on any day: « mardi 8 et jeudi 10 décembre »."""
        premier, dernier = self.jours[0], self.jours[-1]
        if len(self.jours) > JOURS_NOMMES or (premier.year, premier.month) != (dernier.year, dernier.month):
            return jours_phrase(list(self.jours), date.min)
        return f"{et([jour_court(jour) for jour in self.jours])}{NBSP}{MOIS[premier.month - 1]}"


@dataclass(frozen=True)
class Ecarts:
    """The disagreements of a family: meals without lunch break, to put right; lunch breaks without meal, to know of."""

    sans_midi: tuple[EnfantEcart, ...] = ()
    sans_repas: tuple[EnfantEcart, ...] = ()

    @property
    def nombre(self) -> str:
        """How many lunch breaks are missing, in words: « deux midis »; two children on one day count for two. Empty for
        none.
        """
        n = sum(len(enfant.jours) for enfant in self.sans_midi)
        return NOMBRES[n] if n < len(NOMBRES) else f"{n}{NBSP}midis"

    @property
    def plusieurs(self) -> bool:
        """Whether more than one lunch break is missing."""
        return sum(len(enfant.jours) for enfant in self.sans_midi) > 1


def build_ecarts(situation: Situation) -> Ecarts:
    """The days on which the meals and the lunch breaks of these children disagree, from the days that the situation
    holds and that are this foyer's.
    """
    midis = {(cle.enfant, cle.jour) for cle in situation.inscriptions if situation.is_midi(cle)}
    jours: dict[tuple[Ecart, int], list[date]] = {}
    for enfant, jour in sorted(situation.repas | midis, key=lambda item: item[1]):
        genre = ecart(situation, enfant, jour)
        if genre and not _is_elsewhere(situation, situation.cle_midi(enfant, jour)):
            jours.setdefault((genre, enfant), []).append(jour)
    noms = noms_enfants(situation)

    def of(genre: Ecart) -> tuple[EnfantEcart, ...]:
        return tuple(_enfant(situation, pk, nom, jours[genre, pk]) for pk, nom in noms.items() if (genre, pk) in jours)

    return Ecarts(of(Ecart.SANS_MIDI), of(Ecart.SANS_REPAS))


def load_ecarts(situation: Situation, fin: date) -> Ecarts:
    """The days, from today on, on which the meals and the lunch breaks of a family disagree; `situation` holds the days
    up to `fin`.

    Meals without a lunch break are also looked for beyond `fin`, as far as there is one: only then are more days read,
    in six queries.
    """
    ecarts = build_ecarts(situation)
    dernier = situation.repas_sans_midi
    if dernier is None or dernier <= fin:
        return ecarts
    suite = load_situation(situation.acteur, situation.today, dernier, now=situation.now, places=False)
    return Ecarts(build_ecarts(suite).sans_midi, ecarts.sans_repas)


def repas_sans_midi(
    *, now: datetime, enfants: Collection[int] | None = None, ecoles: Collection[int] = ()
) -> RepasQuerySet:
    """The meals to come for which the child has no lunch break, for the town hall: those of all children, of `enfants`,
    or of the pupils of `ecoles` (primary keys).

    A meal on a day that has no lunch break for its child (closure, holidays, pupil gone) is left out.
    """
    today = now.astimezone(PARIS).date()
    candidats: RepasQuerySet = Repas.objects.filter(jour__gte=today)
    if enfants is not None:
        candidats = candidats.filter(enfant__in=enfants).without_midi()
    else:
        candidats = candidats.without_midi(candidats.order_by().values_list("jour", flat=True).distinct())
    if ecoles:
        candidats = of_ecoles(candidats, ecoles)
    lignes = list(candidats.values_list("pk", "enfant", "jour"))
    if not lignes:
        return Repas.objects.none()
    jours = [jour for _, _, jour in lignes]
    concernes = {enfant for _, enfant, _ in lignes}
    situation = load_situation(
        Acteur.systeme(), min(jours), max(jours), now=now, enfants=concernes, places=False, inscriptions=False
    )
    return Repas.objects.filter(pk__in=[pk for pk, enfant, jour in lignes if ecart(situation, enfant, jour)])


def inscriptions_sans_repas(*, now: datetime, ecoles: Collection[int] = ()) -> InscriptionQuerySet:
    """The lunch breaks to come for which no meal is ordered, on days that a list of meals of the child's school covers:
    of all children, or of the pupils of `ecoles` (primary keys).

    This is no mistake for sure: a child may bring its own meal.
    """
    dites = ListeRepas.ecoles.through._default_manager
    sienne = dites.filter(listerepas=OuterRef("pk"), ecole=OuterRef(OuterRef("son_ecole")))
    listees = ListeRepas.objects.filter(
        Exists(sienne) | ~Exists(dites.filter(listerepas=OuterRef("pk"))),
        debut__lte=OuterRef("jour"),
        fin__gte=OuterRef("jour"),
    )
    repas = Repas.objects.filter(enfant=OuterRef("enfant"), jour=OuterRef("jour")).standing()
    midis: InscriptionQuerySet = Inscription.objects.inscrit().filter(
        creneau__moment=Creneau.Moment.MIDI, jour__gte=now.astimezone(PARIS).date()
    )
    if ecoles:
        midis = of_ecoles(midis, ecoles)
    son_ecole = Subquery(Scolarite.objects.au_jour().order_by().values("ecole")[:1])
    return midis.alias(son_ecole=son_ecole).filter(Exists(listees), ~Exists(repas))


def _is_elsewhere(situation: Situation, cle: Cle) -> bool:
    return any(obstacle.code == "garde" for obstacle in obstacles_for(situation, cle, Action.INSCRIRE))


def _enfant(situation: Situation, pk: int, nom: str, jours: list[date]) -> EnfantEcart:
    inscrit = "inscrite" if situation.enfants[pk].sexe == Enfant.Sexe.FILLE else "inscrit"
    return EnfantEcart(pk, nom, inscrit, tuple(jours), jours_phrase(jours, situation.today))
