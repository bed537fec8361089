"""The only writer of numbers that parents already know: a list of the former portal gives them to their accounts.

A line that may mean two adults, or a number that somebody has or had, is reported and never guessed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError

from accounts.models import FormerIdentifiant, User
from accounts.numbers import change_identifiant
from enfance.mairie.envois.liste_identifiants import LigneIdentifiant, ListeIdentifiants
from enfance.models import Responsable
from portail.cles import cle
from portail.francais import accord
from portail.rehearsal import writing
from portail.tables import ImportRefuse, LigneRefusee


@dataclass
class BilanIdentifiants:
    """What an import did, or would do, in sentences for a secretary."""

    simulation: bool
    changes: list[tuple[Responsable, str]] = field(default_factory=list)  # an adult, and the number before
    inchanges: int = 0
    refus: list[LigneRefusee] = field(default_factory=list)

    def phrases(self) -> Iterator[str]:
        """The report in sentences: how many numbers are changed, how many are the same, how many lines are refused."""
        if self.simulation:
            yield "Simulation\u00a0: rien n’est écrit."
        nombres = [(len(self.changes), "changé"), (self.inchanges, "inchangé"), (len(self.refus), "ligne refusée")]
        *debut, (refusees, mot) = nombres
        suite = f"{refusees}\u00a0{'lignes refusées' if refusees > 1 else mot}"
        yield f"Identifiants\u00a0: {', '.join([*(accord(n, texte) for n, texte in debut), suite])}."
        if self.changes:
            yield "L’ancien numéro continue d’ouvrir le compte\u202f; il ne sera donné à personne d’autre."

    def listes(self) -> list[tuple[str, list[str]]]:
        """The lists of the report, each with its title: lines refused, numbers changed. Empty lists are included."""
        changes = [f"{adulte}\u00a0: {avant} devient {adulte.user.identifiant}" for adulte, avant in self.changes]
        return [("Lignes refusées", list(map(str, self.refus))), ("Identifiants changés", changes)]

    def lignes(self) -> Iterator[str]:
        """The whole report, its sentences then its lists, line by line, for a terminal."""
        yield from self.phrases()
        for titre, elements in self.listes():
            if elements:
                yield ""
                yield f"{titre} ({len(elements)})\u00a0:"
                yield from (f"  - {element}" for element in elements)


def importer(
    liste: ListeIdentifiants, *, now: datetime, user_id: int | None = None, simuler: bool = False
) -> BilanIdentifiants:
    """Give the adults of the list the numbers (identifiants) that they know from the former portal, and report it. A
    refused line changes nothing, the others are applied. Raises ImportRefuse when an account changes meanwhile.
    A number that opens the adult's account already, even a former one, changes nothing. The same list again changes
    nothing. `simuler` does everything and takes it back.
    """
    bilan = BilanIdentifiants(simuler, refus=list(liste.refus))
    try:
        with writing(rehearsed=simuler):
            _apply(liste, bilan, now, user_id)
    except IntegrityError:  # an account was made meanwhile with one of these numbers
        raise ImportRefuse(
            LigneRefusee(liste.fichier, None, "un compte a changé pendant l’import\u00a0: recommencez.")
        ) from None
    bilan.refus.sort(key=lambda refus: refus.ligne or 0)
    return bilan


def _apply(liste: ListeIdentifiants, bilan: BilanIdentifiants, now: datetime, user_id: int | None) -> None:
    comptes = {user.pk: user for user in User.objects.select_for_update().filter(is_staff=False).order_by("pk")}
    par_nom: dict[tuple[str, str], list[Responsable]] = {}
    for adulte in Responsable.objects.select_related("user").order_by("pk"):
        if adulte.user_id in comptes:
            par_nom.setdefault((cle(adulte.user.last_name), cle(adulte.user.first_name)), []).append(adulte)
    pris, anciens = _pris(), set(FormerIdentifiant.objects.values_list("user", "identifiant"))
    lignes = list({(ligne.cle, ligne.identifiant): ligne for ligne in reversed(liste.lignes)}.values())[::-1]
    noms = Counter(ligne.cle for ligne in lignes)
    numeros = Counter(ligne.identifiant for ligne in lignes)
    for ligne in lignes:
        adultes = par_nom.get(ligne.cle, [])
        numero = ligne.identifiant
        if any(numero == a.user.identifiant or (a.user_id, numero) in anciens for a in adultes):  # it opens already
            bilan.inchanges += 1
        elif raison := _refus(ligne, adultes, noms, numeros, pris):
            bilan.refus.append(liste.refuse(ligne.ligne, raison))
        else:
            _change(bilan, adultes[0], ligne.identifiant, now, user_id)


def _pris() -> set[str]:
    """The numbers that somebody has or had, erased ones as their digests."""
    return {
        *User.objects.values_list("identifiant", flat=True),
        *FormerIdentifiant.objects.values_list("identifiant", flat=True),
    }


def _refus(
    ligne: LigneIdentifiant,
    adultes: list[Responsable],
    noms: Counter[tuple[str, str]],
    numeros: Counter[str],
    pris: set[str],
) -> str:
    """Why this line cannot be applied; empty when it can."""
    if not adultes:
        return f"{ligne} n’est pas un responsable connu."
    if len(adultes) > 1:
        return f"{len(adultes)} responsables s’appellent {ligne}\u00a0: le numéro n’est donné à aucun."
    if noms[ligne.cle] > 1:
        return f"{ligne} a plusieurs identifiants dans cette liste."
    if numeros[ligne.identifiant] > 1:
        return f"l’identifiant {ligne.identifiant} est donné à plusieurs personnes dans cette liste."
    if pris & FormerIdentifiant.traces_of(ligne.identifiant):
        return f"l’identifiant {ligne.identifiant} est, ou a été, celui de quelqu’un d’autre."
    return ""


def _change(bilan: BilanIdentifiants, adulte: Responsable, identifiant: str, now: datetime, by: int | None) -> None:
    bilan.changes.append((adulte, adulte.user.identifiant))
    change_identifiant(adulte.user, identifiant, now=now, by=by)
