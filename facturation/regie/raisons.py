"""How the counter found a payer, where it is not by the name of an adult: « par l’enfant Adam ». Reads."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from operator import attrgetter

from enfance.mairie.familles.lecture import words_of
from enfance.models import Enfant, Garde, Responsabilite, Responsable
from facturation.models import Compte, Facture
from portail.francais import de, et
from portail.lettres import lettres, plain


def par_facture(factures: Sequence[Facture]) -> str:
    """How the counter found a payer by the number of an invoice, in French: « par la facture F-2026-0026 »; empty
    without invoices.
    """
    return f"par la facture {et([facture.numero for facture in factures])}" if factures else ""


def raisons_of(comptes: Sequence[Compte], texte: str) -> dict[int, str]:
    """How this text finds each of these payers, in French, by primary key: « par l’enfant Adam »; empty where the
    adults' names hold all of it, or where the payer has no foyer any more. Two queries, none when all are found by an
    adult.
    """
    cherches = words_of(texte)
    raisons = dict.fromkeys((compte.pk for compte in comptes), "")
    autres = [compte for compte in comptes if compte.foyer_id and not _holds(compte, cherches)]
    enfants = _enfants_of({compte.foyer_id or 0 for compte in autres}) if autres else {}
    for compte in autres:
        siens = enfants.get(compte.foyer_id or 0, [])
        raisons[compte.pk] = _by_enfant(siens, cherches) or _by_mot(compte, siens, cherches)
    return raisons


def bears(compte: Compte, texte: str) -> bool:
    """Whether an adult of this payer bears these words as whole names: « Roux », and not « Leroux »."""
    cherches = words_of(texte)
    noms = [set(adulte.user.tri.split()) for adulte in adultes_of(compte)]
    return any("".join(cherches) in siens or siens.issuperset(cherches) for siens in noms)


def adultes_of(compte: Compte) -> list[Responsable]:
    """The adults of the foyer of this payer, by primary key; none when the payer has no foyer any more."""
    return sorted(compte.foyer.responsables.all(), key=attrgetter("pk")) if compte.foyer else []


def _holds(compte: Compte, cherches: Sequence[str]) -> bool:
    """Whether each of these words is in the names of an adult: « Julie et Guillaume Fabre » names two."""
    return all(any(mot in adulte.user.tri for adulte in adultes_of(compte)) for mot in cherches)


def _by_enfant(enfants: Sequence[Enfant], cherches: Sequence[str]) -> str:
    """A child whose names hold all these words."""
    for enfant in enfants:
        if all(mot in enfant.tri for mot in cherches):
            prenom = any(mot in lettres(enfant.prenom) for mot in cherches)
            return f"par l’enfant {enfant.prenom}" if prenom else f"par le nom de famille {de(enfant.prenom)}"
    return ""


def _by_mot(compte: Compte, enfants: Sequence[Enfant], cherches: Sequence[str]) -> str:
    """What finds the first of these words that no adult bears."""
    adultes = adultes_of(compte)
    mot = next(mot for mot in cherches if not any(mot in adulte.user.tri for adulte in adultes))
    if par_enfant := _by_enfant(enfants, [mot]):
        return par_enfant
    if any(mot in plain(adulte.user.email) for adulte in adultes):
        return "par l’e-mail"
    if any(mot in chiffres for adulte in adultes for chiffres in _telephones(adulte)):
        return "par le téléphone"
    return f"par l’identifiant {mot}"


def _telephones(adulte: Responsable) -> list[str]:
    """The digits of their phones."""
    numeros = (adulte.telephone, adulte.telephone_domicile, adulte.telephone_travail)
    return ["".join(signe for signe in numero if signe.isdecimal()) for numero in numeros]


def _enfants_of(foyers: Collection[int]) -> dict[int, list[Enfant]]:
    """The children of these foyers (primary keys), and those of their adults who live elsewhere."""
    lies: dict[int, dict[int, Enfant]] = {}
    gardes = Garde.objects.filter(foyer__in=foyers).select_related("enfant").order_by("pk")
    liens = Responsabilite.objects.filter(responsable__foyer__in=foyers).select_related("enfant", "responsable")
    for garde in gardes:
        lies.setdefault(garde.foyer_id, {})[garde.enfant_id] = garde.enfant
    for lien in liens.order_by("pk"):
        lies.setdefault(lien.responsable.foyer_id, {})[lien.enfant_id] = lien.enfant
    return {foyer: list(siens.values()) for foyer, siens in lies.items()}
