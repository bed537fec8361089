"""What becomes of the tables of the garderie when people are erased: the rules that `portail.effacements` asks for.

What a home brought goes with it. A child for whom another home answers stays, with what that home brought.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta
from typing import Any

from django.db.models import Model, QuerySet
from django.utils import timezone

from enfance.famille.decomptes import compter
from enfance.inscriptions import annuler_departs, annuler_hors_ecole
from enfance.models import (
    AnneeScolaire,
    Classe,
    Conge,
    Creneau,
    DemandeAutorisation,
    Enfant,
    Enregistrement,
    Evenement,
    EvenementRepas,
    Foyer,
    ImportOnde,
    Inscription,
    ListeRepas,
    PersonneAutorisee,
    Recapitulatif,
    Responsable,
)
from enfance.onde.memoire import forget_enfants
from enfance.regles import Acteur
from portail.effacements import (
    DemandeEffacement,
    Effacements,
    Etape,
    LienEfface,
    Racine,
    Regle,
    RegleTexte,
    SansNom,
    part,
    perd_le_lien,
    sans_la_phrase,
    sans_les_mots,
)
from portail.francais import NBSP, de
from portail.mots import Identite, suite, telephones

ENFANTS, ADULTES, FOYERS, COMPTES = "enfance.Enfant", "enfance.Responsable", "enfance.Foyer", "accounts.User"


# --- Who they are -----------------------------------------------------------------------------------------------------


def _only(model: type[Model], cles: Collection[int] | None) -> QuerySet[Any]:
    lignes = model._base_manager.order_by()
    return lignes if cles is None else lignes.filter(pk__in=cles)


def _adultes(cles: Collection[int] | None) -> Iterator[Identite]:
    champs = ("telephone", "telephone_domicile", "telephone_travail")
    for onde, prenom, *numeros in _only(Responsable, cles).values_list("onde", "user__first_name", *champs):
        yield Identite(autres=_telephones(*numeros))
        yield from _dites(onde, prenom)


def _foyers(cles: Collection[int] | None) -> Iterator[Identite]:
    for adresse, onde in _only(Foyer, cles).values_list("adresse", "onde"):
        adresses = [onde.get("adresse", ""), *onde.get("doubles", ())]
        yield Identite(autres=(adresse, *map(_rue, adresses)))


def _enfants(cles: Collection[int] | None) -> Iterator[Identite]:
    champs = ("nom", "nom_usage", "prenom", "ine", "onde")
    for nom, nom_usage, prenom, ine, onde in _only(Enfant, cles).values_list(*champs):
        yield Identite((nom, nom_usage), (prenom,), (ine or "",))
        yield from _dites(onde, prenom)
    if cles is None:
        yield from _ecole()
        return  # who may fetch a child is nobody's namesake: their name is not what keeps another's in a text
    for model in (PersonneAutorisee, DemandeAutorisation):
        for nom, numero in model._base_manager.filter(enfant__in=cles).values_list("nom", "telephone"):
            yield Identite(autres=(*_full(nom), *telephones(numero)))


def _dites(onde: Mapping[str, Any], prenom: str) -> Iterator[Identite]:
    """What ONDE calls somebody, and what their doubles were called."""
    for dite in (onde, *onde.get("doubles", ())):
        noms = (dite.get("nom", ""), dite.get("nom_usage", ""), dite.get("last_name", ""))
        prenoms = {prenom, dite.get("prenom", ""), dite.get("first_name", "")}
        numeros = [dite.get(champ, "") for champ in ("telephone", "telephone_domicile", "telephone_travail")]
        autres = (dite.get("email", ""), dite.get("ine", ""), _rue(dite.get("adresse", "")), *_telephones(*numeros))
        yield Identite(noms, tuple(sorted(prenoms)), autres)


def _telephones(*numeros: str) -> tuple[str, ...]:
    return tuple(ecrit for numero in numeros for ecrit in telephones(numero))


def _rue(adresse: str) -> str:
    """The street of an address as ONDE's values keep it, without its post code."""
    return re.sub(r" [0-9]{5}$", "", adresse)


def _ecole() -> Iterator[Identite]:
    """The words of the school, which are nobody's: a teacher, a moment of the day, holidays."""
    for model, champs in ((Classe, ("nom", "enseignant")), (Conge, ("nom",)), (Creneau, ("nom", "nom_court"))):
        for textes in model._base_manager.order_by().values_list(*champs):
            yield Identite(tuple(mot for texte in textes for mot in texte.replace("’", " ").split()))


def _full(nom: str) -> tuple[str, ...]:
    """A name of several words; « Mamie » is nobody's."""
    return (nom,) if " " in nom.strip() else ()


# --- Before anything goes ---------------------------------------------------------------------------------------------


def keep_homes(demande: DemandeEffacement) -> None:
    """Take out of this erasure each home where an adult stays, as it is that adult's too, and say so in the report."""
    restent = Responsable.objects.filter(foyer__in=demande.of(FOYERS)).exclude(pk__in=demande.of(ADULTES))
    if tenus := set(restent.values_list("foyer", flat=True)):
        demande.cles[FOYERS] -= tenus
        demande.garde("L’adresse d’un foyer où vit un adulte qui n’est pas effacé reste avec lui.")


def free_places(demande: DemandeEffacement) -> None:
    """Cancel the inscriptions from tomorrow on of the children erased or paid by an erased home, so that their places
    go to those who wait, then count the past ones for the figures of the town hall.

    Today stays as it is: nobody may take its places any more, and who came was there.
    """
    enfants = demande.of(ENFANTS)
    demain = timezone.localdate(demande.now) + timedelta(days=1)
    list(AnneeScolaire.objects.select_for_update().order_by("pk").values_list("pk"))  # no import meanwhile
    Creneau.objects.lock()
    list(Enfant.objects.select_for_update(of=("self",)).filter(pk__in=enfants).order_by("pk").values_list("pk"))
    acteur = Acteur.systeme()
    annuler_departs(enfants, demain, acteur, now=demande.now)
    leurs = Inscription.objects.active().filter(foyer__in=demande.of(FOYERS), jour__gte=demain)
    annuler_hors_ecole(list(leurs.values_list("pk", flat=True)), acteur, now=demande.now)
    demande.souvenirs["enregistrements"] = {
        pk
        for model in (Evenement, EvenementRepas)
        for pk in model._base_manager.filter(enfant__in=enfants).order_by().values_list("enregistrement", flat=True)
    }
    demande.souvenirs["recapitulatifs"] = set(
        Recapitulatif.objects.filter(enfants__enfant__in=enfants).order_by().values_list("pk", flat=True)
    )
    compter(enfants, foyers=demande.of(FOYERS), now=demande.now)


# --- What leads to them -----------------------------------------------------------------------------------------------


def _tenu(lien: LienEfface) -> None:
    """Nothing leads here any more: those that do are erased before it, or keep it (`keep_homes`)."""


def _part_sauf_interdite(lien: LienEfface) -> None:
    """Who may fetch the child, by this account's word, may no longer. What the town hall forbids stays."""
    lien.demande.efface(lien.lignes.filter(interdite=False))
    perd_le_lien(lien)


ENFANT: dict[str, Regle] = {
    f"enfance.{table}.enfant": part
    for table in (
        "Absence",
        "DemandeAutorisation",
        "DemandeRappel",
        "EcartVu",
        "EnfantReste",
        "Evenement",
        "EvenementRepas",
        "Garde",
        "Inscription",
        "PersonneAutorisee",
        "Pointage",
        "RecapitulatifEnfant",
        "Repas",
        "Responsabilite",
        "Scolarite",
        "SemaineType",
    )
}
ADULTE: dict[str, Regle] = {
    "enfance.FermetureLue.responsable": part,
    "enfance.Rappel.responsable": part,
    "enfance.RemiseEnfant.responsable": perd_le_lien,
    "enfance.Responsabilite.responsable": part,
}
FOYER: dict[str, Regle] = {
    "enfance.Enregistrement.foyer": perd_le_lien,
    "enfance.FoyerCompte.foyer": perd_le_lien,
    "enfance.Garde.foyer": part,
    "enfance.Inscription.foyer": perd_le_lien,
    "enfance.Responsable.foyer": _tenu,
    "enfance.SemaineType.foyer": part,
}
COMPTE: dict[str, Regle] = {
    "enfance.DemandeAutorisation.demandee_par": part,
    "enfance.DemandeRappel.demandee_par": part,
    "enfance.PersonneAutorisee.ajoutee_par": _part_sauf_interdite,
    "enfance.Recapitulatif.auteur": part,
    "enfance.Affectation.agent": part,
    "enfance.Responsable.user": _tenu,
    **{
        f"enfance.{colonne}": perd_le_lien
        for colonne in (
            "Absence.retiree_par",
            "Absence.signalee_par",
            "AdultesPresents.auteur",
            "Appel.clos_par",
            "Appel.rouvert_par",
            "DemandeAutorisation.decidee_par",
            "DemandeRappel.repondue_par",
            "EcartVu.vu_par",
            "Enfant.pai_cantine_par",
            "Enregistrement.auteur",
            "Geste.auteur",
            "ImportOnde.depose_par",
            "Indisponibilite.declaree_par",
            "ListeRepas.importee_par",
            "Message.auteur",
            "PersonneAutorisee.retiree_par",
            "ReglageCantine.choisie_par",
            "RemiseEnfant.auteur",
            "RemiseEnfant.vue_par",
        )
    },
}


# --- What names them otherwise ----------------------------------------------------------------------------------------


def forget_saves(demande: DemandeEffacement) -> None:
    """Erase the saves (but those of a closure) and the receipts in which nothing is left but what was about the people
    erased.

    In the others, blank their words in the reasons and receipts; a reason written by the town hall goes whole, as it is
    about who called.
    """
    touches = Enregistrement.objects.filter(pk__in=demande.souvenirs["enregistrements"])
    demande.efface(touches.filter(evenements=None, repas=None, fermeture=None))
    expliques = touches.exclude(motif="")
    # What an agent wrote at the counter is about who called: theirs, though the save is another child's as well.
    demande.blanchit(expliques.filter(porte=Enregistrement.Porte.MAIRIE), motif="")
    for pk, motif in expliques.values_list("pk", "motif"):
        if (sans := demande.mots.blank(motif, prenoms=True)) != motif:
            demande.blanchit(Enregistrement.objects.filter(pk=pk), motif=sans)
    recapitulatifs = Recapitulatif.objects.filter(pk__in=demande.souvenirs["recapitulatifs"])
    demande.efface(recapitulatifs.filter(enfants=None))
    for pk, chiffres in recapitulatifs.values_list("pk", "chiffres"):
        if (sans := demande.mots.blank_json(chiffres, prenoms=True)) != chiffres:
            demande.blanchit(Recapitulatif.objects.filter(pk=pk), chiffres=sans)


def say_who_stays(demande: DemandeEffacement) -> None:
    """Say in the report that an erased adult's name stays on the file of a child who stays, as a person authorised by
    the other home or forbidden by the town hall.
    """
    for personne in PersonneAutorisee.objects.select_related("enfant"):
        if suite(personne.nom) not in demande.mots.suites:
            continue
        fiche = f"sur la fiche {de(str(personne.enfant))}, garde son nom{NBSP}:"
        if personne.interdite:
            demande.garde(f"Une personne interdite, dite par la mairie {fiche} cela protège l’enfant.")
        else:
            demande.garde(f"Une personne que l’autre foyer autorise {fiche} c’est à lui de la retirer.")


def forget_keys(demande: DemandeEffacement) -> None:
    """Remove the primary keys of erased children from where no foreign key leads: the meals that a list replaced, and
    the children that ONDE gave an adult.
    """
    enfants = demande.of(ENFANTS)
    for pk, avant in ListeRepas.objects.exclude(avant__isnull=True).values_list("pk", "avant"):
        reste = [repas for repas in avant or () if repas[0] not in enfants]
        if reste != avant:
            demande.blanchit(ListeRepas.objects.filter(pk=pk), avant=reste)
    for pk, onde in Responsable.objects.exclude(onde={}).values_list("pk", "onde"):
        if (sans := forget_enfants(onde, enfants)) != onde:
            demande.blanchit(Responsable.objects.filter(pk=pk), onde=sans)


def _without_their_lines(model: type[Model], champ: str, demande: DemandeEffacement) -> None:
    """Files laid down and not imported yet, which name them: to be laid down again once the school has left them out,
    or as they are, if the town hall wants them back.
    """
    for pk in ImportOnde.objects.exclude(**{champ: b""}).values_list("pk", flat=True):
        contenu = bytes(ImportOnde.objects.values_list(champ, flat=True).get(pk=pk))
        if any(demande.mots.are_in(texte) for texte in _texts_of(contenu)):
            demande.blanchit(ImportOnde.objects.filter(pk=pk), **{champ: b""})


def _texts_of(contenu: bytes) -> Iterator[str]:
    """What a file of ONDE says, a table: a workbook is refused before it is kept."""
    for encodage in ("utf-8", "cp1252"):
        yield contenu.decode(encodage, "replace")


TEXTES: dict[str, RegleTexte] = {
    "enfance.Actualite.texte": sans_les_mots,
    "enfance.Appel.motif": sans_les_mots,
    "enfance.Enregistrement.motif": sans_les_mots,
    "enfance.Enregistrement.preuve": SansNom("un mot tiré au hasard"),
    "enfance.Fermeture.motif": sans_les_mots,
    "enfance.Fermeture.niveaux": SansNom("des niveaux"),
    "enfance.Geste.motif": sans_les_mots,
    "enfance.ImportOnde.bilan": sans_la_phrase,
    "enfance.ImportOnde.choix": sans_les_mots,
    "enfance.ImportOnde.eleves": _without_their_lines,
    "enfance.ImportOnde.nom_eleves": sans_les_mots,
    "enfance.ImportOnde.nom_responsables": sans_les_mots,
    "enfance.ImportOnde.responsables": _without_their_lines,
    "enfance.ListeRepas.avant": SansNom("des clés, ôtées avec leur enfant"),
    "enfance.Message.destinataires": sans_les_mots,
    "enfance.Message.objet": sans_les_mots,
    "enfance.Message.texte": sans_les_mots,
}
AILLEURS = {
    "enfance.Classe": "le nom d’une classe et de qui l’enseigne",
    "enfance.Conge": "le nom de vacances ou d’un jour férié",
    "enfance.Creneau": "le nom d’un moment de la garderie",
    "enfance.Ecole": "le nom, l’adresse et les numéros d’une école et de sa cantine",
}


EFFACEMENTS = Effacements(
    avant=(Etape("foyers", keep_homes, avant="comptes"), Etape("places", free_places, avant="comptes")),
    racines=(
        Racine(ENFANTS, _enfants, avant=COMPTES),
        Racine(ADULTES, _adultes, avant=COMPTES),
        Racine(FOYERS, _foyers),
    ),
    colonnes={ENFANTS: ENFANT, ADULTES: ADULTE, FOYERS: FOYER, COMPTES: COMPTE},
    apres=(
        Etape("enregistrements", forget_saves, avant="tâches"),
        Etape("clés", forget_keys, avant="tâches"),
        Etape("qui reste", say_who_stays, avant="tâches"),
    ),
    textes=TEXTES,
    sans_texte=AILLEURS,
)
