"""A family as the town hall finds it and reads it: adults, children, what is to be settled. Reads, never writes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet

from accounts.models import EmailChange, UndeliveredMail, User
from accounts.search import fold
from enfance.famille.fratries import InterditeAilleurs, ailleurs_of
from enfance.garde import regle_phrase
from enfance.mairie.bureau import personnes_a_verifier
from enfance.mairie.enfants.lecture import classe_texte, with_classe
from enfance.mairie.enfants.questions_venir import noms_proches
from enfance.models import (
    DemandeAutorisation,
    Enfant,
    Foyer,
    Garde,
    Inscription,
    PersonneAutorisee,
    Repas,
    Responsabilite,
    Responsable,
)
from enfance.planning.ecarts import repas_sans_midi
from enfance.planning.fil import load_historique
from enfance.planning.historique import JourHistorique
from portail.dates import PARIS
from portail.lettres import lettres

CHIFFRES = 4  # of a number: fewer of them are in too many phones
MOTS = 6  # of a search: more of them find nothing that these do not
CIVILITES = {"et", "&", "m", "m.", "mr", "mme", "mlle", "monsieur", "madame"}  # of a cheque, of a line of the portal
TROUVEES = 20
HISTORIQUE = 8
BETWEEN_WORDS = re.compile(r"[\s,;'’-]+")
INSIDE_NUMBER = re.compile(r"(?<=[0-9])[\s.-]+(?=[0-9])")
ABROAD = re.compile(r"\+33[\s.]?0?(?=[0-9])")  # a French number, as phones write it


# --- Finding --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class EnfantTrouve:
    """A child in the words that tell homonyms apart."""

    enfant: Enfant
    classe: str

    def __str__(self) -> str:
        return str(self.enfant)


@dataclass(frozen=True)
class FamilleTrouvee:
    foyer: Foyer
    adultes: Sequence[Responsable]
    enfants: list[EnfantTrouve]

    @property
    def telephones(self) -> list[str]:
        """The mobile numbers of the adults, those who have one."""
        return [adulte.telephone for adulte in self.adultes if adulte.telephone]


def find_familles(texte: str, *, today: date) -> tuple[list[FamilleTrouvee], bool]:
    """The families, at most twenty, in which each word of this text is found, sorted by name (the first twenty by
    primary key when there are more), and whether there are more of them. No family when the text has no word.
    A word is looked for in an adult's identifiant, names, e-mail and phones, and in a child's names, whatever the case
    and the accents; a number may be typed with its spaces.
    """
    trouvees = among(texte)
    if trouvees is None:
        return [], False
    foyers = trouvees.prefetch_related("responsables__user").order_by("pk")[: TROUVEES + 1]
    trouves = list(foyers)
    enfants = _enfants_of(trouves, today)
    familles = [FamilleTrouvee(f, list(f.responsables.all()), enfants.get(f.pk, [])) for f in trouves[:TROUVEES]]
    return sorted(familles, key=lambda famille: lettres(str(famille.foyer))), len(trouves) > TROUVEES


def among(texte: str) -> QuerySet[Foyer] | None:
    """The homes in which each word of this text is found, in what is known of an adult (identifiant, names, e-mail,
    phones) or in the names of a child; None when the text has no word. A number of four digits or more is looked for in
    phones, at the beginning of identifiants, and as a whole former identifiant; a shorter one in names and e-mails
    alone. Words after the sixth are passed over.
    """
    mots = words_of(texte)
    foyers = Foyer.objects.all()
    for mot in mots:
        foyers = foyers.filter(pk__in=_foyers_of(mot))
    return foyers if mots else None


def words_of(texte: str) -> list[str]:
    """The first six words of a search, without case or accents, as names are compared; a phone number is one word of
    digits alone, beginning with 0 even when typed with +33. « M. et Mme » and the « et » between two adults are passed
    over, unless they are all that there is.
    """
    texte = INSIDE_NUMBER.sub("", ABROAD.sub("0", texte))
    mots = [mot for mot in BETWEEN_WORDS.split(fold(texte)) if mot]
    return ([mot for mot in mots if mot not in CIVILITES] or mots)[:MOTS]


def _foyers_of(mot: str) -> QuerySet[Any]:
    """The homes (primary keys) of the adults and of the children in whom this word is found: each table read once."""
    trouve = Q(user__tri__icontains=mot) | Q(user__email__folded__contains=mot)
    if mot.isdecimal() and len(mot) >= CHIFFRES:
        trouve |= Q(user__identifiant__startswith=mot) | Q(user__former_identifiants__identifiant=mot)
        for champ in ("telephone", "telephone_domicile", "telephone_travail"):
            trouve |= Q(**{f"{champ}__digits__contains": mot})
    enfants = Enfant.objects.filter(tri__icontains=mot).order_by().values("pk")
    gardes = Garde.objects.filter(enfant__in=enfants).order_by().values("foyer")
    liens = Responsabilite.objects.filter(enfant__in=enfants).order_by().values("responsable__foyer")
    return Responsable.objects.filter(trouve).order_by().values("foyer").union(gardes, liens)


def _enfants_of(foyers: Iterable[Foyer], today: date) -> dict[int, list[EnfantTrouve]]:
    """The children of these homes, by home, the oldest first."""
    pks = {foyer.pk for foyer in foyers}
    siens: dict[int, dict[int, None]] = {}
    for foyer, enfant in [
        *Garde.objects.filter(foyer__in=pks).values_list("foyer", "enfant"),
        *Responsabilite.objects.filter(responsable__foyer__in=pks).values_list("responsable__foyer", "enfant"),
    ]:
        siens.setdefault(foyer, {})[enfant] = None
    enfants = with_classe(Enfant.objects.filter(pk__in={pk for liste in siens.values() for pk in liste}))
    par_pk = {enfant.pk: EnfantTrouve(enfant, classe_texte(enfant, today)) for enfant in enfants}
    return {
        foyer: sorted((par_pk[pk] for pk in liste), key=lambda vu: (vu.enfant.date_naissance, vu.enfant.prenom))
        for foyer, liste in siens.items()
    }


# --- Reading --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AdulteDuFoyer:
    """An adult of the home, with the mails that did not reach them, and the new address that waits to be confirmed."""

    responsable: Responsable
    non_remis: list[UndeliveredMail]
    en_attente: EmailChange | None = None

    @property
    def compte(self) -> User:
        """The account with which the adult logs in."""
        return self.responsable.user

    @property
    def telephones(self) -> list[tuple[str, str]]:
        """The phone numbers that are known of the adult, each with its kind: « portable », « domicile »
        or « travail ».
        """
        tous = [
            ("portable", self.responsable.telephone),
            ("domicile", self.responsable.telephone_domicile),
            ("travail", self.responsable.telephone_travail),
        ]
        return [(sorte, numero) for sorte, numero in tous if numero]


@dataclass(frozen=True)
class EnfantFiche:
    """A child of the home: who answers for it, where it lives, who may fetch it and who must not."""

    enfant: Enfant
    classe: str
    gardes: list[str]
    liens: list[Responsabilite]
    autorisees: list[PersonneAutorisee]
    interdites: list[PersonneAutorisee]
    a_verifier: list[DemandeAutorisation]
    ailleurs: list[InterditeAilleurs]
    noms_proches: list[str]


@dataclass(frozen=True)
class Famille:
    foyer: Foyer
    adultes: list[AdulteDuFoyer]
    enfants: list[EnfantFiche]
    attentes: list[Inscription]
    sans_midi: list[Repas]
    historique: list[JourHistorique]


def load_famille(foyer: Foyer, *, now: datetime) -> Famille:
    """All that the town hall's page of this family shows, at `now`: adults, children, places waited for, meals without
    lunch break, the last changes.
    """
    today = now.astimezone(PARIS).date()
    non_remis: dict[int, list[UndeliveredMail]] = {}
    for courriel in UndeliveredMail.objects.filter(settled_at=None, user__responsable__foyer=foyer):
        non_remis.setdefault(courriel.user_id, []).append(courriel)
    adresses = {
        change.user_id: change
        for change in EmailChange.objects.filter(closed_at=None, expires_at__gt=now, user__responsable__foyer=foyer)
    }
    adultes = foyer.responsables.select_related("user")
    enfants = list(_enfants(foyer))
    noms = {enfant.pk: enfant.prenom for enfant in enfants}
    interdites = [p for enfant in enfants for p in _tenues(enfant, today) if p.interdite]
    attentes = Inscription.objects.waiting(today).filter(enfant__in=noms).with_rang().select_related("enfant")
    sans_midi = repas_sans_midi(now=now, enfants=noms).select_related("enfant").order_by("jour", "enfant")
    return Famille(
        foyer,
        [AdulteDuFoyer(a, non_remis.get(a.user_id, []), adresses.get(a.user_id)) for a in adultes],
        [_fiche(enfant, foyer, interdites, today) for enfant in enfants],
        list(attentes),
        list(sans_midi),
        load_historique(None, noms, now=now, page=HISTORIQUE)[0],
    )


def _enfants(foyer: Foyer) -> QuerySet[Enfant]:
    """Those who live there or for whom its adults answer, even where a judge suspended it."""
    gardes = Garde.objects.filter(enfant=OuterRef("pk"), foyer=foyer)
    liens = Responsabilite.objects.filter(enfant=OuterRef("pk"), responsable__foyer=foyer)
    return (
        with_classe(Enfant.objects.filter(Exists(gardes) | Exists(liens)))
        .prefetch_related(
            Prefetch("gardes", Garde.objects.order_by(F("debut").asc(nulls_first=True), "pk")),
            "gardes__foyer__responsables__user",
            Prefetch("responsabilites", Responsabilite.objects.select_related("responsable__user").order_by("pk")),
            Prefetch("personnes_autorisees", PersonneAutorisee.objects.filter(retiree_le=None)),
            Prefetch("demandes_autorisation", personnes_a_verifier()),
        )
        .order_by("date_naissance", "prenom", "pk")
    )


def _fiche(enfant: Enfant, foyer: Foyer, du_foyer: list[PersonneAutorisee], today: date) -> EnfantFiche:
    liens, ailleurs = list(enfant.responsabilites.all()), ailleurs_of(enfant, du_foyer)
    personnes = _tenues(enfant, today)
    autorisees, interdites = ([p for p in personnes if p.interdite == interdite] for interdite in (False, True))
    return EnfantFiche(
        enfant,
        classe_texte(enfant, today),
        [_ou(garde, foyer) for garde in enfant.gardes.all()] or ["Aucun foyer n’a la garde."],
        liens,
        autorisees,
        interdites,
        list(enfant.demandes_autorisation.all()),
        ailleurs,
        noms_proches(enfant, autorisees, [lien.responsable for lien in liens], interdites, ailleurs),
    )


def _tenues(enfant: Enfant, today: date) -> list[PersonneAutorisee]:
    return [p for p in enfant.personnes_autorisees.all() if p.fin is None or p.fin >= today]


def _ou(garde: Garde, foyer: Foyer) -> str:
    """« Ici, une semaine sur deux à partir du lundi 7 septembre 2026. »; other homes by name."""
    return f"{'Ici' if garde.foyer_id == foyer.pk else garde.foyer}, {regle_phrase(garde)}."
