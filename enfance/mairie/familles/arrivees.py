"""Newcomers typed by hand before ONDE has them: a family, or one more adult or child of a home. The only writer of it.

Nothing is noted as ONDE's, so that the next import finds them by their names and leaves what was typed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from accounts.models import User
from enfance.models import AnneeScolaire, Classe, Ecole, Enfant, Foyer, Garde, Responsabilite, Responsable, Scolarite
from portail.cles import cle
from portail.dates import quantieme_annee


@dataclass(frozen=True)
class NouvelAdulte:
    """`enfants` are those of the home, already there, for whom this adult answers (primary keys)."""

    prenom: str
    nom: str
    courriel: str = ""
    civilite: str = ""
    telephone: str = ""
    enfants: tuple[int, ...] = ()

    def __str__(self) -> str:
        return f"{self.prenom} {self.nom}"


@dataclass(frozen=True)
class NouvelEnfant:
    """`responsables` are those of the home, already there, who answer for this child (primary keys); no `ecole`: that
    of the town, which has one.
    """

    prenom: str
    nom: str
    date_naissance: date
    niveau: str
    classe: Classe | None = None
    responsables: tuple[int, ...] = ()
    ecole: Ecole | None = None

    def __str__(self) -> str:
        return f"{self.prenom} {self.nom}"


@dataclass(frozen=True)
class Arrivee:
    foyer: Foyer
    adultes: tuple[Responsable, ...]
    enfants: tuple[Enfant, ...]


def annee_d_accueil(today: date) -> AnneeScolaire | None:
    """The school year in which a newcomer has a place: the first one that is not over on `today`, so the present one,
    or the next one in summer. None when no such year is known.
    """
    return AnneeScolaire.objects.filter(fin__gte=today).order_by("debut").first()


def accueillir(
    foyer: Foyer, adultes: Sequence[NouvelAdulte], enfants: Sequence[NouvelEnfant], annee: AnneeScolaire | None
) -> Arrivee:
    """Write these new adults and children into the home, new or known, in one transaction. Each new adult answers for
    each new child, and each child lives there; the adults and children of this home that they name are linked too,
    those of another home are passed over; with `annee`, each child also gets its place at the school in that year.
    """
    with transaction.atomic():
        foyer.save()
        venus = [_add_adulte(foyer, adulte) for adulte in adultes]
        nouveaux = []
        for nouveau in enfants:
            enfant = Enfant.objects.create(
                prenom=nouveau.prenom, nom=nouveau.nom, date_naissance=nouveau.date_naissance
            )
            nouveaux.append(enfant)
            if annee:
                ou = {"ecole": nouveau.ecole} if nouveau.ecole else {}
                Scolarite.objects.create(enfant=enfant, annee=annee, niveau=nouveau.niveau, classe=nouveau.classe, **ou)
            Garde.objects.create(enfant=enfant, foyer=foyer)
            connus = foyer.responsables.filter(pk__in=nouveau.responsables)
            _answer([*connus, *venus], [enfant])
        for adulte, venu in zip(adultes, venus, strict=True):
            _answer([venu], Enfant.objects.filter(gardes__foyer=foyer, pk__in=adulte.enfants).distinct())
    return Arrivee(foyer, tuple(venus), tuple(nouveaux))


def _add_adulte(foyer: Foyer, adulte: NouvelAdulte) -> Responsable:
    user = User.objects.create_user(first_name=adulte.prenom, last_name=adulte.nom, email=adulte.courriel)
    return Responsable.objects.create(user=user, foyer=foyer, civilite=adulte.civilite, telephone=adulte.telephone)


def _answer(adultes: Sequence[Responsable], enfants: object) -> None:
    Responsabilite.objects.bulk_create(
        Responsabilite(enfant=enfant, responsable=adulte)
        for enfant in enfants  # type: ignore[attr-defined]
        for adulte in adultes
    )


@dataclass(frozen=True)
class Homonyme:
    """Somebody known already under a name that was typed, and the home that may be theirs, with a number to call."""

    texte: str
    foyer: Foyer | None
    telephone: str = ""

    def __str__(self) -> str:
        return self.texte


def homonymes(adultes: Sequence[NouvelAdulte], enfants: Sequence[NouvelEnfant]) -> list[Homonyme]:
    """The adults known already under the name of one of these newcomers, and the children known under the name and the
    birth date of one of them: most of the time, the same person typed twice.
    """
    connus = []
    cles = {(cle(adulte.nom), cle(adulte.prenom)) for adulte in adultes}
    if cles:
        for responsable in Responsable.objects.select_related("user", "foyer"):
            if (cle(responsable.user.last_name), cle(responsable.user.first_name)) in cles:
                texte = f"{responsable} ({responsable.user.identifiant}), {responsable.foyer.adresse}"
                connus.append(Homonyme(texte, responsable.foyer, responsable.telephone))
    for nouveau in enfants:
        for enfant in Enfant.objects.filter(date_naissance=nouveau.date_naissance):
            if cle(enfant.prenom) == cle(nouveau.prenom) and cle(nouveau.nom) in {
                cle(enfant.nom),
                cle(enfant.nom_usage),
            }:
                garde = enfant.gardes.select_related("foyer").first()
                texte = f"{enfant}, date de naissance {quantieme_annee(enfant.date_naissance)}"
                connus.append(Homonyme(texte, garde.foyer if garde else None))
    return connus
