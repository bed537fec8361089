"""Names of a list that are almost those of a child: proposed to whoever imports, never guessed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.db.models import F, Q

from enfance.cantine.liste_repas import LigneRepas
from enfance.models import Enfant, Scolarite
from portail.cles import ECART, cle, ecart

COURT = 8  # letters of a whole name: below, one letter apart at most
INCONNUS = 40  # names of a list for which something is looked for
PROPOSITIONS = 4


@dataclass(frozen=True)
class Proposition:
    """A child whose name is near, as the association names it: with its class."""

    pk: int
    nom: str


@dataclass(frozen=True)
class Inconnu:
    """A name of the list that no child has. `choisi`: the child (primary key) that somebody said is meant."""

    noms: tuple[str, str]  # keys of the surname and of the first name
    dit: str
    lignes: int
    propositions: tuple[Proposition, ...]
    choisi: int | None = None

    @property
    def cle(self) -> str:
        """The key of this name in forms: the surname and the first name, simplified and joined by « _ »."""
        return "_".join(self.noms)

    @property
    def reconnu(self) -> str:
        """Which child was meant, in words, « Léa Morell est Léa Morel, CE1 »; empty as long as nobody has said so."""
        return next((f"{self.dit} est {p.nom}" for p in self.propositions if p.pk == self.choisi), "")


def proches(lignes: Iterable[LigneRepas], choix: Mapping[str, int], ecoles: Collection[int] = ()) -> list[Inconnu]:
    """The names of these lines, which no child has, in order, each with the children (four at most, none from the 41st
    name on) whose name is near and who are pupils on those days; of the schools `ecoles` (primary keys), or of all.

    `choix` gives the child (primary key) that somebody chose for the key of a name; it counts only if this child is
    proposed. One query, none without lines.
    """
    siennes: dict[tuple[str, str], list[LigneRepas]] = {}
    for ligne in lignes:
        siennes.setdefault((cle(ligne.nom), cle(ligne.prenom)), []).append(ligne)
    if not siennes:
        return []
    jours = [ligne.jour for groupe in siennes.values() for ligne in groupe]
    presents = Scolarite.objects.filter(Q(depart=None) | Q(depart__gt=min(jours)))
    scolarites = presents.filter(annee__debut__lte=max(jours), annee__fin__gte=min(jours))
    if ecoles:
        scolarites = scolarites.filter(ecole__in=ecoles)
    eleves = {
        s.enfant: s
        for s in scolarites.select_related("enfant", "classe").order_by(
            "annee__debut", F("debut").asc(nulls_first=True)
        )
    }
    inconnus = []
    for rang, (noms, groupe) in enumerate(siennes.items()):
        propositions = _propositions(noms, eleves) if rang < INCONNUS else ()
        inconnu = Inconnu(noms, str(groupe[0]), len(groupe), propositions)
        choisi = choix.get(inconnu.cle)
        if choisi in {proposition.pk for proposition in propositions}:
            inconnu = Inconnu(noms, inconnu.dit, inconnu.lignes, propositions, choisi)
        inconnus.append(inconnu)
    return inconnus


def _propositions(noms: tuple[str, str], eleves: Mapping[Enfant, Scolarite]) -> tuple[Proposition, ...]:
    """The nearest first; a surname and a first name in each other’s place are near too."""
    trouves = []
    for enfant, scolarite in eleves.items():
        ecarts = [
            ecart(" ".join(lus), f"{cle(nom)} {cle(enfant.prenom)}")
            for nom in {enfant.nom, enfant.nom_usage} - {""}
            for lus in (noms, noms[::-1])
        ]
        if min(ecarts) <= (ECART if len("".join(noms)) >= COURT else 1):
            classe = scolarite.classe or scolarite.get_niveau_display()
            trouves.append((min(ecarts), enfant.tri, Proposition(enfant.pk, f"{enfant}, {classe}")))
    return tuple(proposition for _, _, proposition in sorted(trouves, key=lambda t: t[:2])[:PROPOSITIONS])
