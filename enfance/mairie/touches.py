"""Whom a change of the town hall's touches: how many, of which classes, and who must be called. Reads, never writes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

from django.db.models import F

from enfance.models import Enfant, Inscription, Responsabilite, Responsable, Scolarite
from enfance.regles import Cle
from portail.confirmation import FamilleAAppeler
from portail.dates import jour_long
from portail.francais import NBSP, pluriel


@dataclass(frozen=True)
class Touches:
    """Inscriptions by class and créneau, and all of them (`lignes`); the families to call, whom no mail reaches."""

    inscriptions: int = 0
    enfants: int = 0
    foyers: int = 0
    creneaux: tuple[str, ...] = ()
    classes: tuple[tuple[str, tuple[int, ...]], ...] = ()
    injoignables: tuple[FamilleAAppeler, ...] = ()
    lignes: tuple[Inscription, ...] = field(default=(), repr=False, compare=False)

    @property
    def de_familles(self) -> str:
        """How many inscriptions, of how many families, in words: « 12 inscriptions de 6 familles »."""
        familles = pluriel(self.foyers, "famille,familles")
        return f"{pluriel(self.inscriptions, 'inscription,inscriptions')} de {familles}"

    @property
    def phrase(self) -> str:
        """How many inscriptions, children and homes, in words: « 12 inscriptions, 8 enfants, 6 foyers »."""
        mots = [(self.inscriptions, "inscription"), (self.enfants, "enfant"), (self.foyers, "foyer")]
        return ", ".join(f"{n}{NBSP}{mot}{'s' if n > 1 else ''}" for n, mot in mots)


@dataclass(frozen=True)
class EnfantTouche:
    """One child of the list on paper; `a_appeler` are the adults to call, when no mail reaches any."""

    pk: int
    enfant: str
    classe: str
    moments: tuple[str, ...]
    a_appeler: tuple[str, ...]
    joignable: bool


def touches_of(lignes: Collection[Inscription]) -> Touches:
    """These inscriptions counted by class and créneau, and the families to call because no mail reaches them. Each
    inscription comes with its child and créneau.
    """
    if not lignes:
        return Touches()
    enfants = {ligne.enfant_id for ligne in lignes}
    classes = classes_of(lignes)
    creneaux = sorted({ligne.creneau for ligne in lignes}, key=lambda creneau: (creneau.ordre, creneau.pk))
    comptes = Counter((classes.get((ligne.enfant_id, ligne.jour), "Sans classe"), ligne.creneau_id) for ligne in lignes)
    return Touches(
        len(lignes),
        len(enfants),
        len({ligne.foyer_id for ligne in lignes}),
        tuple(creneau.nom_court for creneau in creneaux),
        tuple(
            (classe, tuple(comptes[classe, creneau.pk] for creneau in creneaux))
            for classe in sorted({classe for classe, _ in comptes})
        ),
        _appels(enfants),
        tuple(lignes),
    )


def touches_at(cles: Collection[Cle]) -> Touches:
    """The inscriptions of these boxes, counted as `touches_of` does."""
    if not cles:
        return Touches()
    lignes = Inscription.objects.filter(
        enfant__in={cle.enfant for cle in cles},
        jour__in={cle.jour for cle in cles},
        creneau__code__in={cle.creneau for cle in cles},
    ).select_related("enfant", "creneau")
    return touches_of([ligne for ligne in lignes if Cle(ligne.enfant_id, ligne.jour, ligne.creneau.code) in set(cles)])


def enfants_touches(lignes: Collection[Inscription]) -> list[EnfantTouche]:
    """The children of these inscriptions, in the order of classes, each with its moments and the adults to call when no
    mail reaches any.
    """
    par_enfant: dict[int, list[Inscription]] = {}
    for ligne in sorted(lignes, key=lambda ligne: (ligne.jour, ligne.creneau.ordre, ligne.creneau_id)):
        par_enfant.setdefault(ligne.enfant_id, []).append(ligne)
    classes, sans_courriel = classes_of(lignes), sans_courriel_of(par_enfant)
    touches = [
        EnfantTouche(
            enfant.pk,
            str(enfant),
            classes.get((enfant.pk, par_enfant[enfant.pk][0].jour), "Sans classe"),
            tuple(f"{ligne.creneau.nom_court}, {jour_long(ligne.jour)}" for ligne in par_enfant[enfant.pk]),
            tuple(_phrases(enfant)) if enfant.pk in sans_courriel else (),
            enfant.pk not in sans_courriel,
        )
        for enfant in Enfant.objects.filter(pk__in=par_enfant)
    ]
    return sorted(touches, key=lambda touche: touche.classe)


def classes_of(lignes: Collection[Inscription]) -> dict[tuple[int, date], str]:
    """The class of each child (primary key) of these inscriptions on each of their days, in words: where the child is
    on that day, for the next year may be prepared already, or where it was last; with the school where the town has
    several, for two may have a class of one name. The niveau stands for a class not known yet; a child who has no place
    by then is absent.
    """
    if not lignes:
        return {}
    cles = sorted({(ligne.enfant_id, ligne.jour) for ligne in lignes})
    scolarites = Scolarite.objects.filter(
        enfant__in={enfant for enfant, _ in cles}, annee__debut__lte=max(jour for _, jour in cles)
    )
    places: dict[int, list[Scolarite]] = {}
    for place in (
        scolarites.with_ecole()
        .select_related("annee", "classe")
        .order_by("annee__debut", F("debut").asc(nulls_first=True))
    ):
        places.setdefault(place.enfant_id, []).append(place)
    classes = {}
    for enfant, jour in cles:
        venues = [place for place in places.get(enfant, ()) if (place.debut or place.annee.debut) <= jour]
        if venues:
            classe = str(venues[-1].classe or venues[-1].get_niveau_display())
            classes[enfant, jour] = f"{classe}, {venues[-1].ecole}" if venues[-1].parmi_plusieurs else classe
    return classes


def sans_courriel_of(enfants: Collection[int]) -> set[int]:
    """Those of these children (primary keys) who have no adult, free to see them and with an open account, whom a mail
    reaches: their families are to be called.
    """
    joints = Responsabilite.objects.filter(suspendue=False, responsable__user__is_active=True)
    touches = Enfant.objects.filter(pk__in=enfants)
    atteints = joints.exclude(responsable__user__email="").filter(responsable__user__email_refused_at=None)
    return set(touches.exclude(pk__in=atteints.values("enfant")).values_list("pk", flat=True))


def _appels(enfants: Collection[int]) -> tuple[FamilleAAppeler, ...]:
    """The families of those whom no mail reaches: children who have the same adults are called about together."""
    familles: dict[tuple[int, ...], list[Enfant]] = {}
    for enfant in Enfant.objects.filter(pk__in=sans_courriel_of(enfants)):
        adultes = tuple(adulte.pk for adulte in _adultes(enfant))
        familles.setdefault(adultes or (-enfant.pk,), []).append(enfant)
    return tuple(
        FamilleAAppeler(
            ", ".join(map(str, siens)),
            tuple((str(adulte), tuple(numeros_of(adulte))) for adulte in _adultes(siens[0])),
        )
        for siens in familles.values()
    )


def _adultes(enfant: Enfant) -> list[Responsable]:
    liens = enfant.responsabilites.filter(suspendue=False).select_related("responsable__user").order_by("pk")
    return [lien.responsable for lien in liens]


def numeros_of(adulte: Responsable) -> list[str]:
    """The phone numbers that are known of this adult, the mobile first, then home, then work."""
    numeros = (adulte.telephone, adulte.telephone_domicile, adulte.telephone_travail)
    return [numero.replace(" ", NBSP) for numero in numeros if numero]


def _phrases(enfant: Enfant) -> list[str]:
    """« Camille Morel, 06 39 98 00 01 », by adult."""
    return [", ".join((str(adulte), *(numeros_of(adulte) or ["aucun téléphone"]))) for adulte in _adultes(enfant)]
