"""Who owes a title: one person, with civility, name and first name, as the treasury asks. The adult of the home where
there is one; where there are two, the one that the town said. Reads, and the only writer of that choice.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from enfance.models import Responsable
from facturation.models import Compte, Facture
from facturation.payeurs.comptes import lock_payeur
from facturation.payeurs.entetes import noms_phrase
from portail.bureau import Compteur, nommer

MONTRES, NOMMES = 50, 3  # payers of a page, of the line of the home
Civilite = Responsable.Civilite


@dataclass(frozen=True)
class Debiteur:
    """An adult as a title names them. `civilite`: « mme », « m », or empty where nobody said it."""

    cle: int
    civilite: str
    nom: str
    prenom: str

    @property
    def json(self) -> dict[str, str]:
        """What a list for the treasury keeps of them, as JSON: civility in words, name, first name."""
        return {"civilite": self.civilite_dite, "nom": self.nom, "prenom": self.prenom}

    @property
    def civilite_dite(self) -> str:
        """« Mme », « M. », or empty."""
        return str(Civilite(self.civilite).label) if self.civilite else ""

    @property
    def choix(self) -> list[tuple[str, str]]:
        """What a click may say of this adult: the value that its button sends, and its words; both civilities where
        none is known.
        """
        connues = [Civilite(self.civilite)] if self.civilite else list(Civilite)
        return [(f"{self.cle}:{une.value}", f"{une.label} {self.prenom} {self.nom}".strip()) for une in connues]

    def __str__(self) -> str:
        return " ".join(filter(None, [self.civilite_dite, self.prenom, self.nom]))


@dataclass(frozen=True)
class PayeurTitre:
    """A payer, the adults of its home, and the one that was said (its key), if one was."""

    compte: int
    foyer: int | None
    adultes: tuple[Debiteur, ...]
    choisi: int | None

    @property
    def debiteur(self) -> Debiteur | None:
        """Who owes: the only adult, else the one that was said and is of the home still; None where it is to be said,
        or where the home is no more.
        """
        if len(self.adultes) == 1:
            return self.adultes[0]
        return next((adulte for adulte in self.adultes if adulte.cle == self.choisi), None)

    @property
    def a_dire(self) -> bool:
        """Whether the town must say which of the adults owes."""
        return len(self.adultes) > 1 and self.debiteur is None

    @property
    def incomplet(self) -> bool:
        """Whether nobody said whether the debtor is madame or monsieur."""
        return self.debiteur is not None and not self.debiteur.civilite

    @property
    def nom(self) -> str:
        """What papers call this payer: « Camille et Dominique Morel »."""
        return noms_phrase([(adulte.prenom, adulte.nom) for adulte in self.adultes])

    @property
    def choix(self) -> list[tuple[str, str]]:
        """All that a click may say of this payer."""
        return [un for adulte in self.adultes for un in adulte.choix]


def load_payeurs_titres(comptes: Collection[int]) -> dict[int, PayeurTitre]:
    """Who owes the titles of these payers (primary keys), by primary key. Two queries."""
    lus = list(Compte.objects.filter(pk__in=comptes).order_by().values_list("pk", "foyer", "debiteur"))
    adultes: dict[int, list[Debiteur]] = {}
    des_foyers = Responsable.objects.filter(foyer__in=[foyer for _, foyer, _ in lus if foyer]).order_by("pk")
    dits = des_foyers.values_list("foyer", "pk", "civilite", "user__last_name", "user__first_name")
    for foyer, cle, civilite, nom, prenom in dits:
        adultes.setdefault(foyer, []).append(Debiteur(cle, civilite, nom, prenom))
    return {cle: PayeurTitre(cle, foyer, tuple(adultes.get(foyer or 0, ())), dit) for cle, foyer, dit in lus}


# --- Those to be said -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DebiteursVus:
    """The payers to be said, those whose civility is not known, those that were said; the first of each, and how many
    are to be said.
    """

    a_dire: list[PayeurTitre]
    nombre: int
    incomplets: list[PayeurTitre]
    dits: list[PayeurTitre]


def load_debiteurs() -> DebiteursVus:
    """The payers of all who were billed and have a home still, by what there is to say of their debtor. Five
    queries.
    """
    facturees = Exists(Facture.objects.filter(compte=OuterRef("pk")))
    a_dire = list(_comptes_a_dire().order_by("pk").values_list("pk", flat=True))
    autres = Compte.objects.filter(facturees, foyer__isnull=False).exclude(pk__in=a_dire).order_by("pk")
    un_seul = autres.filter(Q(foyer__responsables__civilite="", debiteur=None) | Q(debiteur__civilite=""))
    incomplets = list(un_seul.distinct().values_list("pk", flat=True)[:MONTRES])
    dits = list(autres.filter(debiteur__isnull=False).values_list("pk", flat=True)[:MONTRES])
    vus = load_payeurs_titres({*a_dire[:MONTRES], *incomplets, *dits})
    return DebiteursVus(
        [vus[cle] for cle in a_dire[:MONTRES]],
        len(a_dire),
        [vus[cle] for cle in incomplets if vus[cle].incomplet],
        [vus[cle] for cle in dits if vus[cle].debiteur and len(vus[cle].adultes) > 1],
    )


def _comptes_a_dire() -> QuerySet[Compte]:
    """Those who were billed, whose home has several adults, none of whom was said to owe."""
    facturees = Facture.objects.filter(compte=OuterRef("pk"))
    adultes = Responsable.objects.filter(foyer=OuterRef("foyer"))
    dit = adultes.filter(pk=OuterRef("debiteur"))
    premier = adultes.order_by("pk").values("pk")[:1]
    second = Exists(adultes.exclude(pk__in=premier))
    return Compte.objects.filter(Exists(facturees), second).exclude(Exists(dit))


def compter_debiteurs(now: datetime) -> Compteur:
    """For the town hall's home, where the treasury collects: how many payers have no debtor yet, and some names."""
    if settings.ENCAISSEMENT != "titre":
        return Compteur(0)
    cles = list(_comptes_a_dire().order_by("pk").values_list("pk", flat=True))
    vus = load_payeurs_titres(cles[:NOMMES]) if cles else {}
    return Compteur(len(cles), nommer([vus[cle].nom for cle in cles[:NOMMES]], len(cles)))


# --- Saying it --------------------------------------------------------------------------------------------------------


def confirmer_debiteur(compte: int, adulte: int, civilite: str) -> PayeurTitre | None:
    """Write that this adult (primary key) owes the titles of this payer (primary key), and whether they are madame or
    monsieur (`Responsable.Civilite`). Returns the payer as it is then; None, and nothing is written, when the adult is
    not of its home any more. ValueError for another civility.
    """
    civilite = Civilite(civilite)
    with transaction.atomic():
        verrou = lock_payeur(compte)
        dit: Any = Responsable.objects.select_for_update(of=("self",)).filter(pk=adulte, foyer=verrou.foyer_id).first()
        if verrou.foyer_id is None or dit is None:
            return None
        if dit.civilite != civilite:
            dit.civilite = civilite
            dit.save(update_fields=["civilite"])
        if verrou.debiteur_id != dit.pk:
            verrou.debiteur = dit
            verrou.save(update_fields=["debiteur"])
    return load_payeurs_titres([verrou.pk])[verrou.pk]
