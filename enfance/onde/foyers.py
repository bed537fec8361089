"""Gives adults their homes. A home moves as a whole; splits and merges are proposed to the town hall, never made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from accounts.models import User
from enfance.models import Ecole, Foyer, Responsable
from enfance.onde.bilan import Bilan
from enfance.onde.corrections import heard, keep_heard
from enfance.onde.lecture import Adulte
from enfance.onde.rapprochement import menages
from portail.certain import certain
from portail.cles import cle_adresse


@dataclass
class Personne:
    """An adult of the file on the way in: the line, the children (primary keys), whom it was recognised as."""

    adulte: Adulte
    enfants: frozenset[int]
    responsable: Responsable | None = None

    def __str__(self) -> str:
        return str(self.responsable or self.adulte)

    @property
    def known(self) -> Responsable:
        """The responsable, once `write_foyers` has given one to each."""
        return certain(self.responsable)


def write_foyers(personnes: list[Personne], ecole: Ecole | None, bilan: Bilan) -> None:
    """Give each new adult a home, and each home that moved its address. Splits and merges are proposed, never made."""
    habitants: dict[int, list[Personne]] = {}  # by known home, its adults who are in the file
    for personne in personnes:
        if personne.responsable:
            habitants.setdefault(personne.responsable.foyer_id, []).append(personne)
    adresses = [personne.adulte.cle_adresse for personne in personnes]
    for rangs in menages(adresses, [personne.enfants for personne in personnes]):
        _settle([personnes[rang] for rang in rangs], habitants, ecole, bilan)
    for membres in habitants.values():
        _move(membres, ecole, bilan)


def _settle(menage: list[Personne], habitants: dict[int, list[Personne]], ecole: Ecole | None, bilan: Bilan) -> None:
    """Put the new adults of a household in its home, a new one when it has none here."""
    foyers = {p.responsable.foyer_id: p.responsable.foyer for p in menage if p.responsable}
    if len(foyers) > 1:
        noms = " et ".join(map(str, menage))
        bilan.propositions.append(f"{noms} ont la même adresse dans ONDE et deux foyers ici : à réunir ?")
    nouveaux = [personne for personne in menage if not personne.responsable]
    if not nouveaux:
        return
    unis = [foyer for pk, foyer in sorted(foyers.items()) if len(_adresses(habitants[pk])) == 1]
    if unis:
        foyer = unis[0]
    else:
        foyer = Foyer()
        _write_adresse(foyer, nouveaux[0].adulte, ecole)
        foyer.save()
        bilan.foyers.add(" et ".join(map(str, nouveaux)), cree=True, changements=[])
    for personne in nouveaux:
        personne.responsable = Responsable(user=User(), foyer=foyer)


def _move(membres: list[Personne], ecole: Ecole | None, bilan: Bilan) -> None:
    """Change the address of a known home when all of its adults in the file give the same one."""
    foyer = membres[0].known.foyer
    changements: list[str] = []
    reunies = {foyer.onde.get("adresse"), *foyer.onde.get("doubles", ())}  # by the town hall, which knew both
    if len(_adresses(membres)) > 1 and not _adresses(membres) <= reunies:
        noms = " et ".join(map(str, membres))
        bilan.propositions.append(f"{noms} sont d’un même foyer ici et à deux adresses dans ONDE : à séparer ?")
    else:
        avant = dict(foyer.onde)
        for personne in membres:
            changements += _write_adresse(foyer, personne.adulte, ecole)
        if changements or foyer.onde != avant:
            foyer.save()
    bilan.foyers.add(" et ".join(map(str, membres)), cree=False, changements=changements)


def _adresses(personnes: Iterable[Personne]) -> set[str]:
    return {personne.adulte.cle_adresse for personne in personnes} - {""}


def _write_adresse(foyer: Foyer, adulte: Adulte, ecole: Ecole | None) -> list[str]:
    """The three fields of the address follow ONDE as one; the same address written otherwise is no change."""
    dites = heard(foyer.onde, ecole)
    nouvelle, connue = adulte.cle_adresse, dites.get("adresse")
    if not nouvelle or (foyer.adresse and nouvelle in foyer.onde.get("doubles", ())):
        return []
    dites["adresse"] = nouvelle
    keep_heard(foyer.onde, dites, ["adresse"], ecole)
    if nouvelle == connue:
        return []
    actuelle = cle_adresse(foyer.adresse, foyer.code_postal, foyer.commune)
    if actuelle == nouvelle or (connue is None and actuelle):
        return []  # already so, or typed by the town hall before ONDE knew it
    changement = f"adresse « {foyer.adresse} » → « {adulte.adresse} »"
    foyer.adresse, foyer.code_postal, foyer.commune = adulte.adresse, adulte.code_postal, adulte.commune
    return [changement]
