"""Writes the adults of ONDE: their homes, their accounts, the children they answer for, and custody to begin with.

A home moves as a whole; splits and merges are proposed to the town hall, never made.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, TextField
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Lower

from accounts import addresses
from accounts.models import User
from enfance.models import Ecole, Enfant, Foyer, Garde, Responsabilite, Responsable
from enfance.onde.bilan import NOUVEAU, PERSONNE, Denombrement, Option, Question, Reponses, answer, signature
from enfance.onde.lecture import Adulte, Eleve, EnfantCite, Extraction
from enfance.onde.memoire import heard, keep_heard, reprend, traces
from enfance.onde.rapprochement import Classeur, Doute, Signalement, fusion, menages, merge_lignes, reconnaissance
from portail.certain import certain
from portail.cles import cle, cle_adresse, telephone
from portail.lettres import cle_tri
from portail.tables import LigneRefusee

NOUVELLE = Option(NOUVEAU, "Une autre personne : créer sa fiche et son compte")
AUCUN = Option(PERSONNE, "Aucun d’eux : ne pas lier")
CHAMPS = ("civilite", "telephone", "telephone_domicile", "telephone_travail")
DITS = ("last_name", "first_name", "email", *CHAMPS, "nom", "nom_usage", "adresse")


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
        """The responsable whom this adult of the file is, known before or just made; to be read only once
        `write_foyers` has given one to each new adult.
        """
        return certain(self.responsable)


@dataclass(frozen=True)
class AdultesEcrits:
    """What is to be told of the adults, as `Bilan` has it."""

    responsables: Denombrement
    foyers: Denombrement
    refus: list[LigneRefusee]
    a_preciser: list[Question | LigneRefusee]
    propositions: list[str]
    sans_courriel: list[str]
    fiches: dict[str, list[int]]


def write_adultes(
    extraction: Extraction,
    enfants: list[Enfant | None],
    ecole: Ecole | None,
    *,
    ailleurs: Collection[int] = (),
    now: datetime,
    choix: Reponses,
    avance: Callable[[], object],
) -> AdultesEcrits:
    """Write the adults of ONDE's file: their accounts, homes, and the children they answer for; returns what the report
    says of them.
    `enfants` are the children of `extraction.eleves`, in the same order, None for a pupil in doubt; nothing is written
    about the links of those who are `ailleurs` (primary keys), whose place is left in another school. `ecole` is None
    where the town has a single school. `choix` are the town hall's answers; `avance` is called once for each adult
    written; one in doubt, or whose children are unknown or in doubt, is not written but reported.
    """
    lues, refus, a_preciser = _personnes(extraction, enfants, ailleurs, choix)
    connus = load_connus(lues)
    lus = join_doubles(lues, connus.values())
    personnes, questions = _recognise(lus, connus, extraction.fichier_responsables, choix)
    foyers, propositions = write_foyers(personnes, ecole)
    liens = Liens.load({enfant.pk: enfant for enfant in enfants if enfant and enfant.pk not in ailleurs})
    numeros = iter(User.objects.new_identifiants(sum(personne.known.pk is None for personne in personnes)))
    responsables = Denombrement()
    for personne in personnes:
        avance()
        cree = personne.known.pk is None
        changements = _write_personne(personne, liens, ecole, now, numeros)
        responsables.add(personne.known, cree=cree, changements=changements)
    liens.save()
    noms_lus = {cle(personne.adulte.nom, personne.adulte.prenom) for personne in lus}
    a_decider = _propositions(personnes, liens, noms_lus)
    propositions += [dit for dit, _ in a_decider]
    sans_courriel = [_dit_lettre(personne, liens) for personne in personnes if not personne.known.user.email]
    fiches: dict[str, list[int]] = {}
    for dit, enfant_pk in a_decider:
        fiches.setdefault(dit, []).append(enfant_pk)
    return AdultesEcrits(responsables, foyers, refus, [*a_preciser, *questions], propositions, sans_courriel, fiches)


def load_connus(personnes: Iterable[Personne]) -> dict[int, Responsable]:
    """The adults known here who may be one of these adults of ONDE's file, by primary key: those who share a child, a
    whole name, an e-mail (as it is here, or as ONDE last gave it) or the address that ONDE last gave; and all those
    made of two files. The other adults of the town are not read.
    """
    adultes = [personne.adulte for personne in personnes]
    enfants = {pk for personne in personnes for pk in personne.enfants}
    noms = {cle_tri([nom, adulte.prenom]) for adulte in adultes for nom in (adulte.nom, adulte.nom_usage) if nom}
    courriels = {adulte.courriel.casefold() for adulte in adultes} - {""}
    adresses = {adulte.cle_adresse for adulte in adultes} - {""}
    dernieres = {
        "courriel": Lower("user__email"),
        "dit": Lower(KT("onde__email")),
        "adresse_dite": Cast(KT("onde__adresse"), TextField()),
    }
    par_trace = Q(courriel__in=courriels) | Q(dit__in=courriels) | Q(adresse_dite__in=adresses)
    trouves = [
        Responsabilite.objects.filter(enfant__in=enfants).order_by().values_list("responsable", flat=True),
        Responsable.objects.filter(user__tri__in=noms).order_by().values_list("pk", flat=True),
        Responsable.objects.alias(**dernieres)
        .filter(par_trace | Q(onde__has_key="doubles"))
        .order_by()
        .values_list("pk", flat=True),
    ]
    pks = {pk for lignes in trouves for pk in lignes}
    connus = Responsable.objects.filter(pk__in=pks).select_related("user", "foyer")
    return {responsable.pk: responsable for responsable in connus.prefetch_related("responsabilites")}


def _personnes(
    extraction: Extraction, enfants: list[Enfant | None], ailleurs: Collection[int], choix: Reponses
) -> tuple[list[Personne], list[LigneRefusee], list[Question | LigneRefusee]]:
    """The adults with the children that they cite; who cites none that is known is left out, with the reason: refused,
    or to be settled.
    """
    classeur = Classeur(extraction.eleves)
    personnes: list[Personne] = []
    refuses: list[LigneRefusee] = []
    a_preciser: list[Question | LigneRefusee] = []
    for adulte in fusion(extraction.adultes):
        pks: set[int] = set()
        attend = False
        for cite in adulte.enfants:
            rang = classeur.find(cite)
            if isinstance(rang, Doute):
                refus = LigneRefusee(extraction.fichier_responsables, adulte.ligne, f"{adulte} : {rang.raison}")
                if not rang.rangs:
                    refuses.append(refus)
                    continue
                question, choisi = _ask_enfant(adulte, cite, refus, rang.rangs, extraction.eleves, choix)
                a_preciser.append(question)
                if choisi is None:
                    continue
                rang = choisi
            enfant = enfants[rang]
            if enfant is None:
                attend = True
            elif enfant.pk not in ailleurs:
                pks.add(enfant.pk)
        if pks:
            personnes.append(Personne(adulte, frozenset(pks)))
        elif attend:
            raison = f"{adulte} attend que son enfant soit reconnu (voir le fichier des élèves)."
            a_preciser.append(LigneRefusee(extraction.fichier_responsables, adulte.ligne, raison))
    return personnes, refuses, a_preciser


def _ask_enfant(
    adulte: Adulte,
    cite: EnfantCite,
    refus: LigneRefusee,
    rangs: Sequence[int],
    eleves: Sequence[Eleve],
    choix: Reponses,
) -> tuple[Question, int | None]:
    """What the town hall is asked of these homonyms, and the rank of the pupil whom it has chosen, if it has."""
    par_cle = {eleves[rang].cle: rang for rang in rangs}
    options = (*(Option(eleves[rang].cle, _dit_eleve(eleves[rang])) for rang in rangs), AUCUN)
    cle_question = signature("lien", adulte.cle, cite.cle)
    reponse = answer(choix, cle_question, options)
    texte = f"{adulte} répond de {cite} : lequel ?"
    question = Question(cle_question, texte, refus, options, reponse, ouverte=not reponse)
    return question, par_cle.get(reponse)


def _dit_eleve(eleve: Eleve) -> str:
    classe = eleve.classe or eleve.niveau
    return f"{eleve}, {classe}, date de naissance {eleve.date_naissance:%d/%m/%Y}"


# --- Recognised -----------------------------------------------------------------------------------------------------


def _recognise(
    personnes: list[Personne], connus: Mapping[int, Responsable], fichier: str, choix: Reponses
) -> tuple[list[Personne], list[Question]]:
    """The same persons, each with whom it is, without those in doubt; what the town hall is asked of them."""
    valeurs = {_valeur(responsable): pk for pk, responsable in connus.items()}
    trouves, doutes = reconnaissance(
        [_signalement_lu(personne) for personne in personnes],
        {pk: _signalement_connu(responsable) for pk, responsable in connus.items()},
        {
            rang: valeurs[reponse]
            for rang, personne in enumerate(personnes)
            if (reponse := choix.get(personne.adulte.cle)) in valeurs
        },
    )
    ecartes, questions = set(), []
    for rang, pks in sorted(doutes.items()):
        adulte = personnes[rang].adulte
        noms = " ou ".join(f"{connus[pk]} (identifiant {connus[pk].user.identifiant})" for pk in pks)
        raison = (
            f"{adulte} est-il {noms} ? Rien n’a été changé : précisez l’e-mail ou l’adresse de la fiche et recommencez."
        )
        options = (*(Option(_valeur(connus[pk]), _dit_responsable(connus[pk])) for pk in pks), NOUVELLE)
        reponse = answer(choix, adulte.cle, options)
        if rang not in trouves and reponse != NOUVEAU:
            ecartes.add(rang)
        texte, refus = f"Qui est {_dit_adulte(adulte)} ?", LigneRefusee(fichier, adulte.ligne, raison)
        questions.append(Question(adulte.cle, texte, refus, options, reponse, ouverte=rang in ecartes))
    for rang, pk in trouves.items():
        personnes[rang].responsable = connus[pk]
    return [personne for rang, personne in enumerate(personnes) if rang not in ecartes], questions


def _valeur(responsable: Responsable) -> str:
    return f"responsable-{responsable.pk}"


def _dit_responsable(responsable: Responsable) -> str:
    user, foyer = responsable.user, responsable.foyer
    details = [f"identifiant {user.identifiant}", user.email, foyer.adresse]
    return f"{responsable}, {', '.join(detail for detail in details if detail)}"


def _dit_adulte(adulte: Adulte) -> str:
    enfants = ", ".join(enfant.prenom for enfant in adulte.enfants)
    details = [adulte.courriel, adulte.adresse, adulte.telephone, f"responsable de {enfants}"]
    return f"{adulte} ({', '.join(detail for detail in details if detail)})"


def _signalement_lu(personne: Personne) -> Signalement:
    adulte = personne.adulte
    return Signalement(
        noms=adulte.noms,
        prenoms=_sans_vide(cle(adulte.prenom)),
        civilite=adulte.civilite,
        courriels=_sans_vide(adulte.courriel.casefold()),
        adresses=_sans_vide(adulte.cle_adresse),
        portables=_sans_vide(adulte.telephone),
        enfants=personne.enfants,
    )


def _signalement_connu(responsable: Responsable) -> Signalement:
    user, foyer = responsable.user, responsable.foyer

    def dites(champ: str) -> list[str]:
        return [onde.get(champ, "") for onde in traces(responsable)]

    return Signalement(
        noms=_sans_vide(*map(cle, (user.last_name, *dites("nom"), *dites("nom_usage")))),
        prenoms=_sans_vide(*map(cle, (user.first_name, *dites("first_name")))),
        civilite=responsable.civilite,
        courriels=_sans_vide(user.email.casefold(), *(courriel.casefold() for courriel in dites("email"))),
        adresses=_sans_vide(cle_adresse(foyer.adresse, foyer.code_postal, foyer.commune), *dites("adresse")),
        portables=_sans_vide(telephone(responsable.telephone), *dites("telephone")),
        enfants=frozenset(lien.enfant_id for lien in responsable.responsabilites.all()),
    )


def _sans_vide(*textes: str) -> frozenset[str]:
    return frozenset(texte for texte in textes if texte)


def join_doubles(personnes: list[Personne], connus: Iterable[Responsable]) -> list[Personne]:
    """The adults of ONDE's file, in its order; where the town hall has made two files of an adult one and ONDE still
    gives two lines, the lines are made one, the most like the adult that was kept first.
    """
    for responsable in connus:
        if not responsable.onde.get("doubles"):
            continue
        faces = traces(responsable)
        lignes = [personne for personne in personnes if any(_is_face(personne, onde) for onde in faces)]
        if len(lignes) > 1:
            lignes.sort(key=lambda personne: -_likeness(personne, responsable.onde))
            adulte = merge_lignes([personne.adulte for personne in lignes])
            une = Personne(adulte, frozenset().union(*(personne.enfants for personne in lignes)))
            personnes = [personne for personne in personnes if personne not in lignes] + [une]
    return sorted(personnes, key=lambda personne: personne.adulte.ligne)


def _is_face(personne: Personne, onde: Mapping[str, Any]) -> bool:
    """Whether this line is of whom ONDE said that: the same names, a child in common."""
    noms = {cle(onde.get("nom", "")), cle(onde.get("nom_usage", ""))} - {""}
    prenom = cle(onde.get("first_name", ""))
    return (
        bool(personne.adulte.noms & noms)
        and cle(personne.adulte.prenom) == prenom
        and bool(personne.enfants & {*onde.get("enfants", ())})
    )


def _likeness(personne: Personne, onde: Mapping[str, Any]) -> int:
    """In how much this line is what ONDE said."""
    adulte = personne.adulte
    lus = {"adresse": adulte.cle_adresse, "email": adulte.courriel, "telephone": adulte.telephone}
    return _is_face(personne, onde) + sum(bool(lu) and lu == onde.get(champ) for champ, lu in lus.items())


# --- Homes ----------------------------------------------------------------------------------------------------------


def write_foyers(personnes: list[Personne], ecole: Ecole | None) -> tuple[Denombrement, list[str]]:
    """Give each adult of ONDE's file who is new a home, in an unsaved `Responsable`, and the new address to each known
    home whose adults in the file all give it, unless the town hall corrected it. Returns what became of the homes, and
    the proposals to the town hall in sentences: homes to split or to make one, which is never done by itself.
    """
    compte = Denombrement()
    propositions: list[str] = []
    habitants: dict[int, list[Personne]] = {}  # by known home, its adults who are in the file
    for personne in personnes:
        if personne.responsable:
            habitants.setdefault(personne.responsable.foyer_id, []).append(personne)
    adresses = [personne.adulte.cle_adresse for personne in personnes]
    for rangs in menages(adresses, [personne.enfants for personne in personnes]):
        menage = [personnes[rang] for rang in rangs]
        propositions += _reunion(menage)
        if noms := _settle(menage, habitants, ecole):
            compte.add(noms, cree=True, changements=[])
    for membres in habitants.values():
        noms, changements = " et ".join(map(str, membres)), list[str]()
        if _is_split(membres):
            propositions.append(f"{noms} sont d’un même foyer ici et à deux adresses dans ONDE : à séparer ?")
        else:
            changements = _move(membres, ecole)
        compte.add(noms, cree=False, changements=changements)
    return compte, propositions


def _foyers(menage: list[Personne]) -> dict[int, Foyer]:
    """The homes known here of a household."""
    return {p.responsable.foyer_id: p.responsable.foyer for p in menage if p.responsable}


def _reunion(menage: list[Personne]) -> list[str]:
    """What is proposed of a household that has two homes here; empty of another."""
    if len(_foyers(menage)) < 2:
        return []
    noms = " et ".join(map(str, menage))
    return [f"{noms} ont la même adresse dans ONDE et deux foyers ici : à réunir ?"]


def _settle(menage: list[Personne], habitants: dict[int, list[Personne]], ecole: Ecole | None) -> str:
    """Put the new adults of a household in its home, a new one when it has none here: then their names, else empty."""
    foyers = _foyers(menage)
    nouveaux = [personne for personne in menage if not personne.responsable]
    if not nouveaux:
        return ""
    noms = " et ".join(map(str, nouveaux))  # as the file has them: they have no file here yet
    unis = [foyer for pk, foyer in sorted(foyers.items()) if len(_adresses(habitants[pk])) == 1]
    if unis:
        foyer = unis[0]
    else:
        foyer = Foyer()
        _write_adresse(foyer, nouveaux[0].adulte, ecole)
        foyer.save()
    for personne in nouveaux:
        personne.responsable = Responsable(user=User(), foyer=foyer)
    return "" if unis else noms


def _is_split(membres: list[Personne]) -> bool:
    """Whether the adults of a known home have two addresses in the file, of which the town hall made none one."""
    foyer = membres[0].known.foyer
    reunies = {foyer.onde.get("adresse"), *foyer.onde.get("doubles", ())}  # by the town hall, which knew both
    return len(_adresses(membres)) > 1 and not _adresses(membres) <= reunies


def _move(membres: list[Personne], ecole: Ecole | None) -> list[str]:
    """Change the address of a known home when all of its adults in the file give the same one: the changes in words."""
    foyer = membres[0].known.foyer
    changements: list[str] = []
    avant = dict(foyer.onde)
    for personne in membres:
        changements += _write_adresse(foyer, personne.adulte, ecole)
    if changements or foyer.onde != avant:
        foyer.save()
    return changements


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


# --- Written --------------------------------------------------------------------------------------------------------


@dataclass
class Liens:
    """Who answers for these children, and in which homes they live."""

    enfants: Mapping[int, Enfant]
    responsabilites: dict[tuple[int, int], Responsabilite]
    gardes: dict[tuple[int, int], Garde]

    @classmethod
    def load(cls, enfants: Mapping[int, Enfant]) -> Liens:
        """The links between these children (by primary key) and their adults, and the homes where they have garde, read
        from the database.
        """
        liens = Responsabilite.objects.filter(enfant__in=enfants).select_related("responsable__user").order_by("pk")
        return cls(
            enfants,
            {(lien.enfant_id, lien.responsable_id): lien for lien in liens},
            {(garde.enfant_id, garde.foyer_id): garde for garde in Garde.objects.filter(enfant__in=enfants)},
        )

    def add(self, enfant: Enfant, responsable: Responsable) -> None:
        """Add, not saved yet, a link from ONDE between this child and this adult, and a garde in the adult's home where
        the child has none there.
        """
        self.responsabilites[enfant.pk, responsable.pk] = Responsabilite(
            enfant=enfant, responsable=responsable, origine=Responsabilite.Origine.ONDE
        )
        if (enfant.pk, responsable.foyer_id) not in self.gardes:
            self.gardes[enfant.pk, responsable.foyer_id] = Garde(enfant=enfant, foyer=responsable.foyer)

    def save(self) -> None:
        """Write to the database the links and gardes that were added, all at once."""
        Responsabilite.objects.bulk_create(lien for lien in self.responsabilites.values() if lien._state.adding)
        Garde.objects.bulk_create(garde for garde in self.gardes.values() if garde._state.adding)


def _write_personne(
    personne: Personne, liens: Liens, ecole: Ecole | None, now: datetime, numeros: Iterator[str]
) -> list[str]:
    """Write what ONDE says of this adult: the changes in words. A new one takes the next of `numeros`."""
    adulte, responsable = personne.adulte, personne.known
    user, onde = responsable.user, responsable.onde
    avant = dict(onde)
    dites = heard(onde, ecole)
    cree = responsable.pk is None
    courriel = user.email
    compte = [
        reprend(user, dites, "last_name", adulte.last_name),
        reprend(user, dites, "first_name", adulte.prenom),
        reprend(user, dites, "email", adulte.courriel),
    ]
    fiche = [reprend(responsable, dites, champ, getattr(adulte, champ)) for champ in CHAMPS]
    dites |= {"nom": adulte.nom, "nom_usage": adulte.nom_usage}
    if adulte.cle_adresse:
        dites["adresse"] = adulte.cle_adresse
    keep_heard(onde, dites, DITS, ecole)
    connus = set(onde.get("enfants", ()))
    onde["enfants"] = sorted(connus | personne.enfants)
    if cree:
        names = {"first_name": user.first_name, "last_name": user.last_name, "email": user.email}
        responsable.user = User.objects.create_user(next(numeros), **names)
    elif any(compte):
        user.save(update_fields=["last_name", "first_name"])
        if user.email != courriel:
            addresses.correct_email(user, user.email, now=now)
    if onde != avant:
        responsable.save()
    ajouts = []
    for pk in sorted(personne.enfants):
        # a link that ONDE gave once and that is no longer here was taken away by the town hall: it stays so
        if (pk, responsable.pk) not in liens.responsabilites and pk not in connus:
            liens.add(liens.enfants[pk], responsable)
            ajouts.append(f"responsable de {liens.enfants[pk]}")
    return [changement for changement in [*compte, *fiche, *ajouts] if changement]


def _dit_lettre(personne: Personne, liens: Liens) -> str:
    """An adult whom no mail reaches, with the children."""
    prenoms = ", ".join(liens.enfants[pk].prenom for pk in sorted(personne.enfants))
    return f"{personne} ({prenoms})"


def _propositions(personnes: Iterable[Personne], liens: Liens, noms_lus: set[str]) -> list[tuple[str, int]]:
    """What the town hall has to decide, each with the child (primary key) on whose file it does: children of nobody,
    links that ONDE no longer has, custody.
    """
    propositions = []
    cites = {(pk, personne.known.pk) for personne in personnes for pk in personne.enfants}
    for (pk, responsable_pk), lien in liens.responsabilites.items():
        onde = lien.responsable.onde
        lu = cle(onde.get("nom", ""), onde.get("first_name", "")) in noms_lus
        if lien.origine != lien.Origine.ONDE or lien.suspendue or (pk, responsable_pk) in cites:
            continue
        dit = (
            f"{lien.responsable} n’est plus responsable de {liens.enfants[pk]} dans ONDE : rien n’a été changé."
            if not lu
            else f"{lien.responsable} : le lien avec {liens.enfants[pk]} n’a pas pu être vérifié."
        )
        propositions.append((dit, pk))
    suivis = {pk for pk, _ in liens.responsabilites}
    foyers: dict[int, list[Garde]] = {}
    for (pk, _), garde in liens.gardes.items():
        foyers.setdefault(pk, []).append(garde)
    for pk, enfant in liens.enfants.items():
        if pk not in suivis:
            dit = f"{enfant} n’a aucun responsable dans ONDE : personne ne peut l’inscrire."
            propositions.append((dit, pk))
        gardes = [garde for garde in foyers.get(pk, []) if garde.fin is None and garde.debut is None]
        if len(gardes) > 1 and all(garde.rythme == Garde.Rythme.TOUJOURS for garde in gardes):
            dit = f"{enfant} a deux foyers : le rythme de garde est à régler ; d’ici là, chacun peut l’inscrire."
            propositions.append((dit, pk))
    return propositions
