"""Doubles made one: two files of one adult, two homes that are one. The only writer of it, all or nothing.

Each column that leads to an adult, an account or a home has its rule in `portail.fusions`, so that nothing stays
behind; a test fails for the one that has not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from accounts import merging, temporary
from conservation import reunions
from enfance.calendrier import lundi
from enfance.garde import regle_phrase
from enfance.models import Creneau, Enfant, Foyer, Garde, Responsabilite, Responsable
from enfance.onde.memoire import unite_adresses, unite_adultes, unite_foyers
from portail.cles import cle
from portail.extensions import Extension
from portail.francais import NBSP, et
from portail.fusions import Lien, Transfert, bring, take

DOUBLE = "double"  # what a choice holds when the value of the double stays


@dataclass(frozen=True)
class BilanFusion:
    """What a merge did: what moved, in words and numbers; what becomes of each garde; what to know.

    `doutes` is why it may be a mistake, to be read before it is confirmed. `refus` is why nothing was written.
    """

    deplaces: tuple[tuple[str, int], ...] = ()
    gardes: tuple[str, ...] = ()
    avis: tuple[str, ...] = ()
    doutes: tuple[str, ...] = ()
    refus: tuple[str, ...] = ()


# --- What moves -----------------------------------------------------------------------------------------------------


def suit_en_responsable(lien: Lien) -> int:
    """Move the links between children and adults that lead to the double to the file that stays, and return how many
    moved. Where both files have a link with the same child or adult, one stays: suspended if a judge suspended either,
    given by ONDE if ONDE gave either; it does not count as moved.
    """
    autre = "enfant_id" if lien.champ == "responsable" else "responsable_id"
    connus = {getattr(connu, autre): connu for connu in lien.connues}
    for ligne in lien.lignes:
        connu = connus.get(getattr(ligne, autre))
        if connu is None:
            continue
        connu.suspendue = connu.suspendue or ligne.suspendue
        if ligne.origine == Responsabilite.Origine.ONDE:
            connu.origine = ligne.origine
        connu.save(update_fields=["suspendue", "origine"])
        ligne.delete()
    return lien.suit()


def suit_dans_l_ordre(lien: Lien) -> int:
    """Move the weekly patterns of the double to the file that stays, and return how many moved. Two that were chosen at
    the same instant by one home for one child are both kept, a microsecond apart.
    """
    autre = "enfant_id" if lien.champ == "foyer" else "foyer_id"
    prises = set(lien.connues.values_list(autre, "modifiee_le"))
    for semaine in lien.lignes.order_by("modifiee_le", "pk"):
        while (getattr(semaine, autre), semaine.modifiee_le) in prises:
            semaine.modifiee_le += timedelta(microseconds=1)
        prises.add((getattr(semaine, autre), semaine.modifiee_le))
        lien.lignes.filter(pk=semaine.pk).update(modifiee_le=semaine.modifiee_le)
    return lien.suit()


def suit_en_rappel(lien: Lien, autre: str) -> int:
    """Move the requests to be called of the double to the file that stays, and return how many moved. Of two that wait
    for the same child and parent, one is deleted; those answered or taken back all move. `autre` is the column of the
    other of the two: « enfant » or « demandee_par ».
    """
    attend = {"rappele_le": None, "retiree_le": None}
    lien.lignes.filter(**attend, **{f"{autre}__in": lien.connues.filter(**attend).values(autre)}).delete()
    return lien.suit()


ADULTE: dict[str, Transfert] = {
    "enfance.FermetureLue.responsable": lambda lien: lien.suit_sans_repeter("fermeture"),
    "enfance.Rappel.responsable": lambda lien: lien.suit_sans_repeter("jour"),
    "enfance.RemiseEnfant.responsable": Lien.suit,
    "enfance.Responsabilite.responsable": suit_en_responsable,
    "enfance.Enfant.responsables": Lien.part,  # its rows are those of Responsabilite
}
COMPTE: dict[str, Transfert] = {
    "admin.LogEntry.user": Lien.suit,
    "enfance.Absence.retiree_par": Lien.suit,
    "enfance.Absence.signalee_par": Lien.suit,
    "enfance.AdultesPresents.auteur": Lien.suit,
    "enfance.Affectation.agent": lambda lien: lien.suit_sans_repeter("ecole"),
    "enfance.Appel.clos_par": Lien.suit,
    "enfance.Appel.rouvert_par": Lien.suit,
    "enfance.DemandeAutorisation.decidee_par": Lien.suit,
    "enfance.DemandeAutorisation.demandee_par": Lien.suit,
    "enfance.DemandeRappel.demandee_par": lambda lien: suit_en_rappel(lien, "enfant"),
    "enfance.DemandeRappel.repondue_par": Lien.suit,
    "enfance.EcartVu.vu_par": Lien.suit,
    "enfance.Enfant.pai_cantine_par": Lien.suit,
    "enfance.Enregistrement.auteur": Lien.suit,
    "enfance.Geste.auteur": Lien.suit,
    "enfance.ImportOnde.depose_par": Lien.suit,
    "enfance.Indisponibilite.declaree_par": Lien.suit,
    "enfance.ListeRepas.importee_par": Lien.suit,
    "enfance.Message.auteur": Lien.suit,
    "enfance.PersonneAutorisee.ajoutee_par": Lien.suit,
    "enfance.PersonneAutorisee.retiree_par": Lien.suit,
    "enfance.Recapitulatif.auteur": Lien.suit,
    "enfance.ReglageCantine.choisie_par": Lien.suit,
    "enfance.RemiseEnfant.auteur": Lien.suit,
    "enfance.RemiseEnfant.vue_par": Lien.suit,
    "enfance.Responsable.user": Lien.part,
}
FOYER: dict[str, Transfert] = {
    "enfance.Enregistrement.foyer": Lien.suit,
    "enfance.FoyerCompte.foyer": lambda lien: lien.suit_sans_repeter("annee"),
    "enfance.Garde.foyer": Lien.suit,
    "enfance.Inscription.foyer": Lien.suit,
    "enfance.Responsable.foyer": Lien.suit,
    "enfance.SemaineType.foyer": suit_dans_l_ordre,
}


# --- Adults ---------------------------------------------------------------------------------------------------------


def reunir_adultes(reste: int, double: int, choix: Mapping[str, str], *, now: datetime) -> BilanFusion:
    """Make two files of one adult (primary keys) one: what `double` holds goes to `reste`. The account of `reste`
    stays; that of `double` is deleted, and its identifiant opens the account of `reste` from now on.

    `choix` says for each of « nom », « courriel », « civilite », « telephone », « telephone_domicile », «
    telephone_travail » and « foyer » whether the value of the double stays; otherwise that of `reste`, if it has one.
    When the two adults were of two homes, the one that is not kept is made one with the other if no other adult lives
    there. Refused for the account of an agent.
    """
    with transaction.atomic():
        take(Extension.installed().verrous)
        Creneau.objects.lock()  # whoever saves now waits
        deux = Responsable.objects.select_for_update(of=("self",)).order_by("pk").in_bulk([reste, double])
        if len(deux) < 2:
            return BilanFusion(refus=("Choisissez deux fiches différentes.",))
        ici, la = deux[reste], deux[double]
        if ici.user.is_staff or la.user.is_staff:
            return BilanFusion(refus=("Le compte d’un agent ne se réunit avec aucun autre.",))
        foyer, autre = (la.foyer, ici.foyer) if choix.get("foyer") == DOUBLE else (ici.foyer, la.foyer)
        se_vide = autre != foyer and not autre.responsables.exclude(pk__in=deux).exists()
        doutes = (*_doutes(ici, la), *(_separes(foyer, autre, sauf=deux) if se_vide else ()))
        avis = _avis_adultes(ici, la, choix, now)
        regles = Extension.installed().fusions
        deplaces = [*bring(ici, la, regles), *bring(ici.user, la.user, regles)]
        _write_adulte(ici, la, choix, foyer, now)
        gardes: tuple[str, ...] = ()
        if se_vide:
            suite = _reunir(foyer, autre)
            deplaces, gardes = [*deplaces, *suite.deplaces], suite.gardes
        avis += _sans_garde(ici)
    return BilanFusion(tuple(deplaces), gardes, tuple(avis), doutes)


def _write_adulte(ici: Responsable, la: Responsable, choix: Mapping[str, str], foyer: Foyer, now: datetime) -> None:
    for champ in ("civilite", "telephone", "telephone_domicile", "telephone_travail"):
        setattr(ici, champ, _choose(choix, champ, getattr(ici, champ), getattr(la, champ)))
    ici.foyer = foyer
    ici.rappel = ici.rappel or la.rappel
    ici.agenda_secret = ici.agenda_secret or la.agenda_secret
    ici.onde = unite_adultes(ici.onde, la.onde)
    nommee = la.user if choix.get("nom") == DOUBLE else ici.user
    courriel = _choose(choix, "courriel", ici.user.email, la.user.email)
    foyer.onde = unite_adresses(ici, foyer)
    foyer.save(update_fields=["onde"])
    reunions.note(la, ici)
    reunions.note(la.user, ici.user)
    la.delete()
    ici.save()
    merging.merge(
        ici.user,
        la.user,
        {"first_name": nommee.first_name, "last_name": nommee.last_name},
        email_of=ici.user if ici.user.email == courriel else la.user,
        now=now,
    )


def _choose(choix: Mapping[str, str], champ: str, ici: str, la: str) -> str:
    """The value that stays: the one chosen, and what is known rather than nothing."""
    return (la or ici) if choix.get(champ) == DOUBLE else (ici or la)


def _doutes(ici: Responsable, la: Responsable) -> list[str]:
    """Why they may be two people."""
    doutes = []
    if cle(ici.user.first_name) != cle(la.user.first_name):
        prenoms = et([ici.user.first_name or "sans prénom", la.user.first_name or "sans prénom"])
        doutes.append(f"Les prénoms diffèrent{NBSP}: {prenoms}. Est-ce bien la même personne\u202f?")
    elif ici.civilite and la.civilite and ici.civilite != la.civilite:
        doutes.append("Les civilités diffèrent. Est-ce bien la même personne\u202f?")
    return doutes


def _avis_adultes(ici: Responsable, la: Responsable, choix: Mapping[str, str], now: datetime) -> list[str]:
    avis = []
    suspendus = Enfant.objects.filter(responsabilites__responsable__in=[ici, la], responsabilites__suspendue=True)
    avis += [f"Reste suspendu (décision d’un juge){NBSP}: {enfant}." for enfant in suspendus.distinct()]
    if ici.agenda_secret and la.agenda_secret:
        avis.append("Chaque fiche a une adresse d’agenda\u202f: celle du double ne marchera plus.")
    if not _choose(choix, "courriel", ici.user.email, la.user.email):
        avis.append(f"Sans e-mail{NBSP}: dites-lui par lettre ou par téléphone quel identifiant reste.")
    if temporary.live_paper_of(la.user, now=now):
        avis.append("Le mot de passe imprimé au guichet pour le double n’ouvrira plus rien\u202f: donnez-en un autre.")
    if not ici.user.is_active:
        avis.append("Le compte gardé est fermé\u202f: ouvrez-le ensuite, ou gardez l’autre.")
    return avis


def _sans_garde(adulte: Responsable) -> list[str]:
    """The children whom the merge leaves without garde in the home of the adult: nobody there may register them."""
    enfants = Enfant.objects.for_responsable(adulte).exclude(gardes__foyer=adulte.foyer)
    return [f"{enfant} n’a pas de garde dans ce foyer{NBSP}: à régler sur sa fiche." for enfant in enfants]


# --- Homes ----------------------------------------------------------------------------------------------------------


def reunir_foyers(reste: int, double: int, choix: Mapping[str, str]) -> BilanFusion:
    """Make two homes (primary keys) one: what `double` holds (adults, gardes, inscriptions, weekly patterns, history)
    goes to `reste`, and `double` is deleted.

    The address is that of `reste` unless `choix` says « double ». Separated parents should stay two homes: when a child
    who has garde in both suggests that they are, the report says so as a doubt.
    """
    with transaction.atomic():
        take(Extension.installed().verrous)
        Creneau.objects.lock()
        deux = Foyer.objects.select_for_update().order_by("pk").in_bulk([reste, double])
        if len(deux) < 2:
            return BilanFusion(refus=("Choisissez deux foyers différents.",))
        ici, la = deux[reste], deux[double]
        doutes = _separes(ici, la)
        bilan = _reunir(ici, la, adresse_du_double=choix.get("adresse") == DOUBLE)
    return BilanFusion(bilan.deplaces, bilan.gardes, bilan.avis, doutes)


def _reunir(ici: Foyer, la: Foyer, *, adresse_du_double: bool = False) -> BilanFusion:
    """Bring all that is of `la` to `ici`; `la` goes."""
    deplaces = bring(ici, la, Extension.installed().fusions)
    gardes = keep_gardes(ici.gardes.all())
    if adresse_du_double or not ici.adresse:
        ici.adresse, ici.code_postal, ici.commune = la.adresse, la.code_postal, la.commune
    ici.onde = unite_foyers(ici, la)
    reunions.note(la, ici)
    la.delete()
    ici.save()
    return BilanFusion(tuple(deplaces), tuple(gardes))


def _separes(ici: Foyer, la: Foyer, sauf: Iterable[int] = ()) -> tuple[str, ...]:
    """Why these may be the homes of separated parents: a child of both, each with an adult who answers for it."""
    phrases = []
    communs = Enfant.objects.filter(gardes__foyer=ici).filter(gardes__foyer=la).distinct().prefetch_related("gardes")
    for enfant in communs:
        adultes = [
            list(
                Responsable.objects.filter(foyer=foyer, responsabilites__enfant=enfant)
                .exclude(pk__in=sauf)
                .select_related("user")
            )
            for foyer in (ici, la)
        ]
        if any(garde.rythme == Garde.Rythme.ALTERNEE for garde in enfant.gardes.all()):
            phrases.append(f"{enfant} est en garde alternée. Ses parents vivent-ils de nouveau ensemble\u202f?")
        elif all(adultes):
            noms = et([str(adulte) for groupe in adultes for adulte in groupe])
            phrases.append(f"{enfant} a la garde dans les deux foyers. {noms} vivent-ils ensemble\u202f?")
    for foyer, autre in ((ici, la), (la, ici)):
        ecartes = Responsabilite.objects.filter(
            suspendue=True, responsable__foyer=foyer, enfant__gardes__foyer=autre
        ).exclude(responsable__in=sauf)
        for lien in ecartes.select_related("enfant", "responsable__user").distinct():
            phrases.append(
                f"Un juge a éloigné {lien.responsable} de {lien.enfant}, qui vit dans l’autre foyer. "
                "Vivent-ils de nouveau ensemble\u202f?"
            )
    return tuple(phrases)


def keep_gardes(gardes: QuerySet[Garde]) -> list[str]:
    """Where a child has several gardes in one home, keep those that say something and delete the rest: two alternating
    ones that share the weeks become « toujours », one that another holds whole goes. What each such child has then, a
    sentence each.
    """
    phrases = []
    groupes: dict[tuple[Enfant, int], list[Garde]] = {}
    for garde in gardes.select_related("enfant").order_by("enfant", "pk"):
        groupes.setdefault((garde.enfant, garde.foyer_id), []).append(garde)
    for (enfant, _), siennes in groupes.items():
        if len(siennes) > 1:
            restantes = unite_gardes(siennes)
            for garde in siennes:
                if garde in restantes:
                    garde.save()
                else:
                    garde.delete()
            phrases.append(f"{enfant}{NBSP}: {et([regle_phrase(garde) for garde in restantes])}")
    return phrases


def unite_gardes(gardes: Iterable[Garde]) -> list[Garde]:
    """Of these gardes of one child in one home, those that have to stay: two alternating ones that share the weeks
    become one « toujours », and one that another holds whole is left out. Rows are changed, not saved.
    """
    unies: list[Garde] = []
    for garde in gardes:
        moitie = next((autre for autre in unies if _same_periode(autre, garde) and _weeks_apart(autre, garde)), None)
        if moitie:
            moitie.rythme, moitie.depuis, moitie.passage = Garde.Rythme.TOUJOURS, None, Garde.Passage.LUNDI
        else:
            unies.append(garde)
    restantes: list[Garde] = []
    for garde in sorted(unies, key=lambda garde: garde.rythme != Garde.Rythme.TOUJOURS):
        if not any(_covers(autre, garde) for autre in restantes):
            restantes = [autre for autre in restantes if not _covers(garde, autre)] + [garde]
    return restantes


def _same_periode(a: Garde, b: Garde) -> bool:
    return (a.debut, a.fin) == (b.debut, b.fin)


def _weeks_apart(a: Garde, b: Garde) -> bool | None:
    """Whether these alternate one week after the other; None when they do not both alternate."""
    if a.depuis is None or b.depuis is None:
        return None
    return (lundi(a.depuis) - lundi(b.depuis)).days // 7 % 2 == 1


def _covers(a: Garde, b: Garde) -> bool:
    """Whether the child is where `a` says whenever `b` says so."""
    debut = a.debut is None or (b.debut is not None and a.debut <= b.debut)
    fin = a.fin is None or (b.fin is not None and a.fin >= b.fin)
    return debut and fin and (a.rythme == Garde.Rythme.TOUJOURS or _weeks_apart(a, b) is False)
