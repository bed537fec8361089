"""Who left the school so long ago that their file goes, once a year: children, and their homes when no child is left.

Accounts that have no child, and those of agents that were closed, go after a time without use.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, ProtectedError, Q, QuerySet
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from accounts.models import User
from conservation.annuelle import load_annonce
from conservation.effacement import effacer
from enfance.extensions import ExtensionEnfance
from enfance.mairie.durees import debut_connu, scolarites_recentes
from enfance.models import AnneeScolaire, Creneau, Enfant, Foyer, Garde, Responsabilite, Responsable, Scolarite
from portail.durees import Cadence, Duree, Lot, jours
from portail.effacements import EffacementRefuse
from portail.francais import NBSP, accord

DEPARTS, COMPTES = "CONSERVATION_DEPARTS", "CONSERVATION_COMPTES"
LOT = 20  # children, or accounts, of one transaction
ENFANT, ADULTE, COMPTE, FOYER = "enfance.Enfant", "enfance.Responsable", "accounts.User", "enfance.Foyer"


@dataclass
class FamillePartie:
    """Children who have left, and the homes that go with them: all of them in one transaction."""

    enfants: set[int] = field(default_factory=set)
    foyers: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class Partis:
    """Who would go now: the families, and the last day at school of each child."""

    familles: tuple[FamillePartie, ...]
    departs: Mapping[int, date]
    retenues: int = 0  # families that have left as well, and that an app above keeps for a while

    @property
    def foyers(self) -> int:
        """How many homes would be erased: those where no child who stays is left."""
        return sum(len(famille.foyers) for famille in self.familles)

    @property
    def par_annee(self) -> list[str]:
        """How many children would be erased, by the school year in which they left: « 2024-2025 : 6 enfants »."""
        annees = Counter(jour.year - (jour.month < 9) for jour in self.departs.values())
        return [f"{an}-{an + 1}{NBSP}: {accord(n, 'enfant')}" for an, n in sorted(annees.items())]


def enfants_partis(today: date) -> QuerySet[Enfant]:
    """The children who left the school more than CONSERVATION_DEPARTS days before `today`. None as long as the classes
    of the present year are not known. A child who never had a school year is not among them: the town hall looks at
    those.
    """
    debut = debut_connu(today)
    if debut is None:
        return Enfant.objects.none()
    avant = today - timedelta(days=getattr(settings, DEPARTS))
    du_leur = Scolarite.objects.filter(enfant=OuterRef("pk"))
    return Enfant.objects.filter(
        Exists(du_leur), ~Exists(scolarites_recentes(debut, avant).filter(enfant=OuterRef("pk")))
    )


def a_effacer(today: date) -> QuerySet[Enfant]:
    """The children whose file goes at the next yearly purge, if its day is announced; else those whose file could go
    today.
    """
    annonce = load_annonce(today)
    return enfants_partis(max(today, annonce.jour) if annonce else today)


def jamais_scolarises() -> QuerySet[Enfant]:
    """The children of whom no school year is known."""
    return Enfant.objects.filter(~Exists(Scolarite.objects.filter(enfant=OuterRef("pk"))))


def load_partis(today: date, enfants: Collection[int] | None = None) -> Partis:
    """The families whose files may be erased on `today`: the children gone for long enough, all of them or those of
    `enfants` (primary keys), with their homes. A home goes when no child who stays lives there, nor has an adult of it
    to answer for them. A family that another app still keeps (a sum to settle) is only counted.
    """
    partis = set(enfants_partis(today).order_by().values_list("pk", flat=True))
    liens = _liens()
    restent = {foyer for enfant, foyer in liens if enfant not in partis}
    voulus = partis if enfants is None else partis & set(enfants)
    familles: dict[int, FamillePartie] = {enfant: FamillePartie({enfant}) for enfant in sorted(voulus)}
    foyers: dict[int, FamillePartie] = {}
    for enfant, foyer in sorted(liens):
        if enfant in voulus and foyer not in restent:
            famille = foyers.setdefault(foyer, familles[enfant])
            _unite(famille, familles[enfant], familles, foyers)
            famille.foyers.add(foyer)
    uniques = {id(famille): famille for famille in familles.values()}
    retenues = ExtensionEnfance.installed().retenues if foyers else ()
    retenus = {foyer for retenue in retenues for foyer in retenue(foyers, today)}
    partent = tuple(famille for famille in uniques.values() if not famille.foyers & retenus)
    departs = _departs({enfant for famille in partent for enfant in famille.enfants})
    return Partis(partent, departs, len(uniques) - len(partent))


def _unite(
    famille: FamillePartie, autre: FamillePartie, familles: dict[int, FamillePartie], foyers: dict[int, FamillePartie]
) -> None:
    if famille is autre:
        return
    famille.enfants |= autre.enfants
    famille.foyers |= autre.foyers
    familles.update(dict.fromkeys(autre.enfants, famille))
    foyers.update(dict.fromkeys(autre.foyers, famille))


def _liens() -> set[tuple[int, int]]:
    """Each child with each home where it lived, or an adult of which answers for it, suspended or not."""
    chez = Garde.objects.order_by().values_list("enfant", "foyer")
    de = Responsabilite.objects.order_by().values_list("enfant", "responsable__foyer")
    return {*chez, *de}


def _departs(enfants: Collection[int]) -> dict[int, date]:
    """The last day at school of each."""
    departs: dict[int, date] = {}
    fins = Scolarite.objects.annotate(jour=Coalesce("depart", "annee__fin")).order_by()
    for enfant, jour in fins.values_list("enfant", "jour"):
        if enfant in enfants:
            departs[enfant] = max(departs.get(enfant, jour), jour)
    return departs


# --- The parts, one transaction each ----------------------------------------------------------------------------------


def _familles(now: datetime) -> Iterator[Lot]:
    refus: list[str] = []
    lot: list[FamillePartie] = []
    for famille in load_partis(timezone.localdate(now)).familles:
        lot.append(famille)
        if sum(len(une.enfants) for une in lot) >= LOT:
            yield partial(_try, tuple(lot), now, refus)
            lot = []
    if lot:
        yield partial(_try, tuple(lot), now, refus)
    if refus:
        raise EffacementRefuse(" ".join(dict.fromkeys(refus)))


def _try(lot: tuple[FamillePartie, ...], now: datetime, refus: list[str]) -> Mapping[str, int]:
    """Erase these families; where that is refused, each by itself. What is refused stays whole, and is told at last."""
    try:
        with transaction.atomic():
            return _erase(lot, now)
    except (EffacementRefuse, ProtectedError) as error:
        if len(lot) > 1:
            comptes: Counter[str] = Counter()
            for famille in lot:
                comptes.update(_try((famille,), now, refus))
            return comptes
        refus.append(str(error) if isinstance(error, EffacementRefuse) else _retenue(error))
        return {}


def _retenue(error: ProtectedError) -> str:
    tables = {str(objet._meta.verbose_name_plural) for objet in error.protected_objects}
    return f"Une famille partie n’est pas effacée{NBSP}: {', '.join(sorted(tables))} la retiennent."


def _erase(lot: Iterable[FamillePartie], now: datetime) -> Mapping[str, int]:
    """These families as they are now: a child who came back since stays, with its homes."""
    list(AnneeScolaire.objects.select_for_update().order_by("pk").values_list("pk"))
    Creneau.objects.lock()
    enfants = {enfant for famille in lot for enfant in famille.enfants}
    partis = load_partis(timezone.localdate(now), enfants)
    foyers = {foyer for famille in partis.familles for foyer in famille.foyers}
    return _gone({pk for famille in partis.familles for pk in famille.enfants}, foyers, now=now)


def _gone(
    enfants: Collection[int], foyers: Collection[int], comptes: Iterable[int] = (), *, now: datetime
) -> Counter[str]:
    adultes = dict(Responsable.objects.filter(foyer__in=foyers).order_by().values_list("pk", "user"))
    cles = {ENFANT: set(enfants), ADULTE: set(adultes), COMPTE: {*adultes.values(), *comptes}, FOYER: set(foyers)}
    if any(cles.values()):
        effacer(cles, now=now)
    return Counter({modele: len(siennes) for modele, siennes in cles.items()})


def _unused(now: datetime) -> QuerySet[User]:
    """The accounts that nobody has used for CONSERVATION_COMPTES days."""
    avant = now - timedelta(days=getattr(settings, COMPTES))
    used = Greatest("created_at", Coalesce("last_login", "created_at"))
    return User.objects.annotate(used=used).filter(used__lt=avant)


def _sans_enfant(now: datetime) -> QuerySet[Foyer]:
    """The homes without a child, all the adults of which have left their account unused."""
    adultes = Responsable.objects.filter(foyer=OuterRef("pk"))
    return Foyer.objects.filter(
        ~Exists(Garde.objects.filter(foyer=OuterRef("pk"))),
        ~Exists(Responsabilite.objects.filter(responsable__foyer=OuterRef("pk"))),
        ~Exists(adultes.exclude(user__in=_unused(now).order_by().values("pk"))),
    )


def _comptes(now: datetime) -> Iterator[Lot]:
    foyers = list(_sans_enfant(now).order_by("pk").values_list("pk", flat=True))
    for debut in range(0, len(foyers), LOT):
        yield partial(_erase_foyers, foyers[debut : debut + LOT], now)
    comptes = list(_seuls(now).order_by("pk").values_list("pk", flat=True))
    for debut in range(0, len(comptes), LOT):
        yield partial(_erase_comptes, comptes[debut : debut + LOT], now)


def _seuls(now: datetime) -> QuerySet[User]:
    """The accounts of no adult of a child: families' that never were one, agents' that were closed."""
    return _unused(now).filter(Q(is_staff=False) | Q(is_active=False), responsable=None)


def _erase_foyers(foyers: Collection[int], now: datetime) -> Mapping[str, int]:
    list(AnneeScolaire.objects.select_for_update().order_by("pk").values_list("pk"))
    Creneau.objects.lock()
    encore_la = _sans_enfant(now).filter(pk__in=foyers).order_by().values_list("pk", flat=True)
    return _gone((), set(encore_la), now=now)


def _erase_comptes(comptes: Collection[int], now: datetime) -> Mapping[str, int]:
    return _gone((), (), _seuls(now).filter(pk__in=comptes).order_by().values_list("pk", flat=True), now=now)


# --- What is said of it -----------------------------------------------------------------------------------------------


def _details(now: datetime) -> list[str]:
    """By year of departure, and the children whom nothing dates."""
    sans = jamais_scolarises().count()
    partis = load_partis(timezone.localdate(now))
    phrases = [f"Partis en {annee}." for annee in partis.par_annee]
    if partis.retenues:
        attend = "attend" if partis.retenues == 1 else "attendent"
        phrases.append(f"{accord(partis.retenues, 'famille')} de plus {attend}{NBSP}: une somme reste à solder.")
    if sans:
        phrases.append(f"{accord(sans, 'enfant')} sans année d’école{NBSP}: rien ne les efface, la mairie les regarde.")
    return phrases


DUREES = (
    Duree(
        "departures",
        "Dossiers des enfants, de leurs adultes et de leur foyer, comptes compris",
        lambda: f"tant que l’enfant est à l’école, puis {jours(DEPARTS)}",
        Cadence.AN,
        (DEPARTS,),
        (
            "accounts.FormerIdentifiant",
            "accounts.User",
            "enfance.Enfant",
            "enfance.Foyer",
            "enfance.Responsabilite",
            "enfance.Responsable",
            "enfance.Scolarite",
        ),
        _familles,
        _details,
    ),
    Duree(
        "accounts",
        "Comptes sans enfant, comptes d’agents fermés",
        lambda: f"{jours(COMPTES)} après leur dernière connexion",
        Cadence.AN,
        (COMPTES,),
        lots=_comptes,
    ),
)
