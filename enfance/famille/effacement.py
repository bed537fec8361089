"""Erase a family: who goes with it, what stays and why, in words; then all of it, or nothing.

With the home of an account go its adults, their accounts, and its children, but those for whom an adult of another home
answers: that parent's part stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from accounts import journal
from accounts.models import User
from conservation.effacement import BilanEffacement, effacer
from enfance.models import (
    AnneeScolaire,
    Creneau,
    Enfant,
    Foyer,
    Garde,
    Inscription,
    Responsabilite,
    Responsable,
    Scolarite,
)
from portail.dates import PARIS
from portail.effacements import EffacementRefuse
from portail.francais import NBSP, accord, et
from portail.rehearsal import rehearsal

# What no erasure reaches, and until when.
RESTES = (
    f"Les sauvegardes déjà faites{NBSP}: jusqu’à leur rotation, douze mois au plus. Une restauration y "
    "efface de nouveau cette famille.",
    f"Le journal de sécurité{NBSP}: 12 mois, avec la clé du compte, sans nom\u202f; l’identifiant, s’il a été "
    "tapé à une page d’oubli ou bloqué par trop d’essais.",
    f"Les e-mails déjà partis{NBSP}: chez qui les a reçus, et le temps que le serveur de mail les garde.",
    f"Les chiffres de la commune{NBSP}: ils restent justes à l’unité, sans nom.",
    "L’identifiant n’est plus jamais donné\u202f: il n’en reste qu’une empreinte, d’où l’on ne retrouve pas le numéro.",
    f"Ce que la mairie a imprimé ou exporté{NBSP}: à détruire à part. Éliminer des archives publiques demande le visa "
    "des Archives départementales.",
)


@dataclass(frozen=True)
class FamilleEffacee:
    """Who goes, and the children of this home who stay: another home answers for them."""

    compte: User
    foyer: Foyer | None
    adultes: tuple[Responsable, ...]
    enfants: tuple[Enfant, ...]
    restent: tuple[Enfant, ...]

    @property
    def cles(self) -> Mapping[str, set[int]]:
        """The primary keys of what is erased, by model, as `conservation.effacement` takes them."""
        return {
            "enfance.Enfant": {enfant.pk for enfant in self.enfants},
            "enfance.Responsable": {adulte.pk for adulte in self.adultes},
            "accounts.User": {self.compte.pk, *(adulte.user_id for adulte in self.adultes)},
            "enfance.Foyer": {self.foyer.pk} if self.foyer else set(),
        }

    @property
    def qui(self) -> list[str]:
        """Who is erased, in sentences: the adults with their home, then the children."""
        phrases = []
        comptes = [f"{adulte} ({adulte.user.identifiant})" for adulte in self.adultes] or [str(self.compte)]
        phrases.append(f"{et(comptes)}{f', {self.foyer.adresse}' if self.foyer and self.foyer.adresse else ''}.")
        if self.enfants:
            phrases.append(f"{accord(len(self.enfants), 'enfant')}{NBSP}: {et([str(e) for e in self.enfants])}.")
        return phrases


@dataclass(frozen=True)
class BilanFamille:
    """What was erased, or would be. `avis`: what to know before it is; `restes`: what stays, and until when."""

    famille: FamilleEffacee
    bilan: BilanEffacement
    avis: tuple[str, ...]
    places: int  # inscriptions to come that were given up

    @property
    def restes(self) -> tuple[str, ...]:
        """What stays after the erasure and until when, a sentence each."""
        return (*self.bilan.gardes, *RESTES)


def load_famille(compte: User) -> FamilleEffacee:
    """The family of this account, as an erasure would take it: its home, adults, children, and the children who stay.
    An account of nobody's home goes alone. Raises EffacementRefuse for an agent's account.
    """
    if compte.is_staff:
        raise EffacementRefuse(f"Le compte {compte.identifiant} est d’un agent\u00a0: il ne s’efface pas ainsi.")
    adulte = Responsable.objects.select_related("foyer").filter(user=compte).first()
    if adulte is None:
        return FamilleEffacee(compte, None, (), (), ())
    adultes = tuple(Responsable.objects.filter(foyer=adulte.foyer).select_related("user").order_by("pk"))
    ici = Responsabilite.objects.filter(enfant=OuterRef("pk"), responsable__foyer=adulte.foyer)
    ailleurs = Responsabilite.objects.filter(enfant=OuterRef("pk"), suspendue=False)
    gardes = Garde.objects.filter(enfant=OuterRef("pk"), foyer=adulte.foyer)
    siens = Enfant.objects.filter(Exists(ici) | Exists(gardes)).order_by("date_naissance", "prenom", "pk")
    suivis = Exists(ailleurs.exclude(responsable__foyer=adulte.foyer))
    return FamilleEffacee(adulte.user, adulte.foyer, adultes, tuple(siens.exclude(suivis)), tuple(siens.filter(suivis)))


def effacer_famille(compte: int, *, now: datetime, by: int | str | None = None) -> BilanFamille:
    """Erase the family of this account (primary key), in one transaction, and write it to the journal with keys alone.

    Raises EffacementRefuse when there is no such account any more, or when it cannot be done now.
    """
    with transaction.atomic():
        bilan = _erase(compte, now)
        famille = bilan.famille
        journal.event("family_erased", user=compte, by=by, adults=len(famille.adultes), children=len(famille.enfants))
    return bilan


def apercu_famille(compte: int, *, now: datetime) -> BilanFamille:
    """What erasing the family of this account (primary key) would do: the erasure is done, then taken back. Raises
    EffacementRefuse as the erasure would.
    """
    with rehearsal():
        return _erase(compte, now)


def _erase(pk: int, now: datetime) -> BilanFamille:
    list(AnneeScolaire.objects.select_for_update().order_by("pk").values_list("pk"))
    Creneau.objects.lock()  # who saves now waits, and a family does not change between the look and the erasure
    compte = User.objects.filter(pk=pk).first()
    if compte is None:
        raise EffacementRefuse(f"Cette famille n’est plus là{NBSP}: elle vient d’être effacée ou réunie à une autre.")
    famille = load_famille(compte)
    places = _places(famille, now)
    avis = tuple(_avis(famille, places, now))
    bilan = effacer(famille.cles, now=now)
    return BilanFamille(famille, bilan, (*bilan.avis, *avis), places)


def _places(famille: FamilleEffacee, now: datetime) -> int:
    """How many inscriptions to come go."""
    a_venir = Inscription.objects.active().filter(jour__gt=now.astimezone(PARIS).date())
    return a_venir.filter(Q(enfant__in=famille.enfants) | Q(foyer=famille.foyer, foyer__isnull=False)).count()


def _avis(famille: FamilleEffacee, places: int, now: datetime) -> list[str]:
    """What the town hall must know before, in sentences."""
    today = now.astimezone(PARIS).date()
    phrases = []
    attendus = Inscription.objects.inscrit().filter(enfant__in=famille.enfants, jour=today)
    for enfant in famille.enfants:
        moments = [i.creneau.nom_court for i in attendus.select_related("creneau") if i.enfant_id == enfant.pk]
        if moments:
            phrases.append(
                f"{enfant} est sur la feuille d’aujourd’hui ({et(moments)}) et n’y sera plus{NBSP}: prévenez l’équipe."
            )
    if places:
        phrases.append(
            f"{accord(places, 'inscription')} à venir {'part' if places == 1 else 'partent'}{NBSP}: "
            "les places vont à la liste d’attente."
        )
    for enfant in famille.restent:
        autres = Responsable.objects.filter(responsabilites__enfant=enfant, responsabilites__suspendue=False)
        noms = [str(adulte) for adulte in autres.exclude(foyer=famille.foyer).select_related("user").order_by("pk")]
        phrases.append(
            f"{enfant} reste{NBSP}: {et(noms)} en {'répond' if len(noms) == 1 else 'répondent'} aussi. "
            f"Seul part ce que ce foyer a apporté, garde comprise{NBSP}: vérifiez ensuite celle qui reste sur sa fiche."
        )
    scolarises = Scolarite.objects.filter(enfant__in=famille.enfants, depart=None, annee__fin__gte=today)
    if scolarises.exists():
        phrases.append(f"ONDE les ramènerait au prochain import{NBSP}: que l’école les retire d’abord.")
    phrases.append(f"Aucun e-mail ne part{NBSP}: dites-le vous-même à la famille.")
    return phrases
