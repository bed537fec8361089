"""Two files of one child made one: the only writer of it, all or nothing.

A child typed before ONDE gave it has two files, each with its inscriptions, its parents, its taps at the gate. Each
column that leads to a child has its rule in `portail.fusions`. Nothing of what protects the child is lost: what one of
the files says of a judge, of a forbidden person or of its health stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import F

from conservation import reunions
from enfance.famille.homonymes import ressemblances
from enfance.garde import regle_phrase
from enfance.inscriptions import accorder, suit_sans_doubler
from enfance.mairie.doubles.fusions import (
    DOUBLE,
    BilanFusion,
    keep_gardes,
    suit_dans_l_ordre,
    suit_en_rappel,
    suit_en_responsable,
)
from enfance.mairie.enfants.hors_garde import Avant, load_avant, prevenir
from enfance.models import (
    AnneeScolaire,
    Creneau,
    Enfant,
    Foyer,
    Garde,
    ImportOnde,
    Inscription,
    PersonneAutorisee,
    Responsable,
    Scolarite,
)
from enfance.onde.eleves import is_from_onde
from enfance.onde.memoire import replace_enfant, unite_enfants
from enfance.regles import Acteur
from enfance.situation import load_situation
from portail.cles import cle
from portail.dates import PARIS, quantieme_annee
from portail.extensions import Extension
from portail.francais import NBSP, et
from portail.fusions import Lien, Transfert, bring, take

RESTE, DEUX = "reste", "deux"  # a choice: the first file's, both
CHACUN = "chacun"  # a choice of who pays: each home what it booked
IDENTITE = ("nom", "nom_usage", "prenom", "date_naissance", "sexe")
LONGUEUR = 300  # of what the team reads
MOTIF = "Deux fiches du même enfant réunies"
Etat = Inscription.Etat


# --- What moves -----------------------------------------------------------------------------------------------------


def _suit_en_scolarite(lien: Lien) -> int:
    """One place a year: that of the file which ONDE confirmed; who is at school in one of the files is. Where one of
    them changed school in the year, all its places of the surer file stay.
    """
    premier = first_of(lien.reste, lien.double)  # type: ignore[arg-type]
    connues, lignes = _par_annee(lien.connues), _par_annee(lien.lignes)
    for annee in connues.keys() & lignes.keys():
        if len(connues[annee]) + len(lignes[annee]) > 2:
            for perdue in connues[annee] if premier == lien.double else lignes[annee]:
                perdue.delete()
            continue
        (connue,), (ligne,) = connues[annee], lignes[annee]
        sure, autre = (ligne, connue) if premier == lien.double else (connue, ligne)
        meme = autre.classe_id if autre.ecole_id == sure.ecole_id else None
        connue.niveau, connue.classe_id, connue.ecole_id = sure.niveau, sure.classe_id or meme, sure.ecole_id
        connue.depart = max(sure.depart, autre.depart) if sure.depart and autre.depart else None
        connue.save(update_fields=["niveau", "classe", "ecole", "depart"])
        ligne.delete()
    return lien.suit()


def _par_annee(places: Iterable[Scolarite]) -> dict[int, list[Scolarite]]:
    par_annee: dict[int, list[Scolarite]] = {}
    for place in places:
        par_annee.setdefault(place.annee_id, []).append(place)
    return par_annee


def _suit_en_repas(lien: Lien) -> int:
    """One meal a day: one that stands rather than one that its family said it cancelled."""
    connus = {connu.jour: connu for connu in lien.connues}
    for ligne in lien.lignes:
        if connu := connus.get(ligne.jour):
            (connu if connu.annule_le and not ligne.annule_le else ligne).delete()
    return lien.suit()


def _suit_en_absence(lien: Lien) -> int:
    """One absence that stands a day; those that were taken back are a trace, and all follow."""
    debout = {absence.jour: absence for absence in lien.connues.filter(retiree_le=None)}
    for absence in lien.lignes.filter(retiree_le=None, jour__in=debout):
        debout[absence.jour].widen(absence.creneaux.all())
        absence.delete()
    return lien.suit()


ENFANT: dict[str, Transfert] = {
    "enfance.Absence.enfant": _suit_en_absence,
    "enfance.DemandeAutorisation.enfant": Lien.suit,
    "enfance.DemandeRappel.enfant": lambda lien: suit_en_rappel(lien, "demandee_par"),
    "enfance.Fermeture.restent": Lien.part,  # its rows are those of EnfantReste
    "enfance.EnfantReste.enfant": lambda lien: lien.suit_sans_repeter("fermeture"),
    "enfance.Evenement.enfant": Lien.suit,
    "enfance.EvenementRepas.enfant": Lien.suit,
    "enfance.Garde.enfant": Lien.suit,
    "enfance.Inscription.enfant": suit_sans_doubler,
    "enfance.PersonneAutorisee.enfant": Lien.suit,
    "enfance.RecapitulatifEnfant.enfant": Lien.suit,
    "enfance.Repas.enfant": _suit_en_repas,
    "enfance.Responsabilite.enfant": suit_en_responsable,
    "enfance.Scolarite.enfant": _suit_en_scolarite,
    "enfance.SemaineType.enfant": suit_dans_l_ordre,
}


# --- Two files ------------------------------------------------------------------------------------------------------


def first_of(ici: Enfant, la: Enfant) -> Enfant:
    """Of two files of one child, the one whose identity, class and place in ONDE stay: the one that ONDE knows; when it
    knows both or neither, the one still at school; else `ici`.
    """
    if is_from_onde(ici) != is_from_onde(la):
        return ici if is_from_onde(ici) else la
    au_depart = {enfant: _is_gone(enfant) for enfant in (ici, la)}
    return la if au_depart[ici] and not au_depart[la] else ici


def _is_gone(enfant: Enfant) -> bool:
    par_place = "-annee__debut", F("debut").desc(nulls_last=True)
    derniere = Scolarite.objects.filter(enfant=enfant).order_by(*par_place).first()
    return derniere is None or derniere.depart is not None


def refus_phrases(ici: Enfant, la: Enfant) -> tuple[str, ...]:
    """Why these two files may not be made one, in sentences: two INE numbers, two birth dates given by ONDE, or health
    instructions too long together. Empty when they may be.
    """
    phrases = []
    ines = [enfant.ine or enfant.onde.get("ine", "") for enfant in (ici, la)]
    if all(ines) and ines[0] != ines[1]:
        phrases.append(f"Chaque fiche a son INE ({et(ines)})\u202f: ce sont deux enfants.")
    nes = [enfant.onde.get("date_naissance", "") for enfant in (ici, la)]
    if all(nes) and nes[0] != nes[1]:
        dates = et([f"{quantieme_annee(date.fromisoformat(ne))}" for ne in nes])
        phrases.append(f"ONDE donne deux dates de naissance ({dates})\u202f: ce sont deux enfants.")
    if len(_consigne(ici, la)) > LONGUEUR:
        phrases.append("Ensemble, les deux consignes sont trop longues\u202f: raccourcissez-en une d’abord.")
    return tuple(phrases)


def _doutes(ici: Enfant, la: Enfant) -> tuple[str, ...]:
    """Why they may be two children all the same."""
    phrases = []
    if cle(ici.prenom) != cle(la.prenom):
        phrases.append(f"Les prénoms diffèrent{NBSP}: {ici.prenom} et {la.prenom}. Est-ce bien le même enfant\u202f?")
    if ici.date_naissance != la.date_naissance:
        phrases.append("Les dates de naissance diffèrent. Est-ce bien le même enfant\u202f?")
    if is_from_onde(ici) and is_from_onde(la):
        phrases.append("ONDE a donné les deux fiches. Est-ce bien le même enfant\u202f?")
    return tuple(phrases)


def payeurs(ici: Enfant, la: Enfant, *, today: date) -> list[Foyer]:
    """The homes that pay the active bookings of these two files from `today` on, for the agent to choose one.

    Empty when there is nothing to choose: both files have the same payers, or one has no booking to come.
    """
    a_venir = Inscription.objects.active().filter(jour__gte=today).exclude(foyer=None).order_by()
    par_fiche = [set(a_venir.filter(enfant=enfant).values_list("foyer", flat=True)) for enfant in (ici, la)]
    if not all(par_fiche) or par_fiche[0] == par_fiche[1]:
        return []
    return list(Foyer.objects.filter(pk__in=par_fiche[0] | par_fiche[1]).prefetch_related("responsables__user"))


def garde_of(enfant: Enfant) -> list[str]:
    """The custody that this child's file holds, in words, a sentence for each garde: « Inès Bonnard : une semaine sur
    deux… ».
    """
    gardes = Garde.objects.filter(enfant=enfant).select_related("foyer").prefetch_related("foyer__responsables__user")
    return [f"{garde.foyer}{NBSP}: {regle_phrase(garde)}" for garde in gardes.order_by("foyer", "debut", "pk")]


def gardes_differ(ici: Enfant, la: Enfant) -> bool:
    """Whether both files of the child hold a custody, and not the same one."""
    champs = ("foyer", "rythme", "depuis", "passage", "debut", "fin")
    dites = [set(Garde.objects.filter(enfant=enfant).values_list(*champs)) for enfant in (ici, la)]
    return all(dites) and dites[0] != dites[1]


# --- Writing --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Cases:
    """The boxes (day, créneau) of both files; those among them to come that hold two places."""

    communes: frozenset[tuple[date, int]]
    libres: frozenset[tuple[date, int]]

    @classmethod
    def of(cls, ici: Enfant, la: Enfant, *, today: date) -> _Cases:
        """The boxes of the planning that both files hold, as the database has them; those from `today` on where both
        hold a place are told apart.
        """

        def boxes(enfant: Enfant) -> dict[tuple[date, int], str]:
            lignes = Inscription.objects.filter(enfant=enfant).values_list("jour", "creneau", "etat")
            return {(jour, creneau): etat for jour, creneau, etat in lignes}

        unes, autres = boxes(ici), boxes(la)
        communes = frozenset(unes.keys() & autres.keys())
        doublees = (case for case in communes if unes[case] == autres[case] == Etat.INSCRIT and case[0] >= today)
        return cls(communes, frozenset(doublees))


def reunir_enfants(reste: int, double: int, choix: Mapping[str, str], user_id: int, *, now: datetime) -> BilanFusion:
    """Make two files of one child (primary keys) one, for the agent `user_id`: `reste` stays, `double` is deleted, what
    it holds goes to `reste`. The report says why when it was refused.
    `choix` says for « nom », « nom_usage », « prenom », « date_naissance » and « sexe » whether the value of `reste` or
    of `double` stays (by default that of the file that ONDE knows, else of the one still at school); for « garde »,
    which custody or both; for « payeur », which home (primary key) pays the inscriptions to come, on the days on which
    it has garde, or that each keeps its own (by default, both and each). An authorised person whose name is near that
    of somebody whom the other file forbids is withdrawn; adults who read other words of the garde get a mail.
    """
    with transaction.atomic():
        take(Extension.installed().verrous)
        list(AnneeScolaire.objects.select_for_update().order_by("pk"))  # no import meanwhile
        Creneau.objects.lock()  # whoever saves now waits
        deux = Enfant.objects.select_for_update(of=("self",)).order_by("pk").in_bulk([reste, double])
        if len(deux) < 2:
            return BilanFusion(refus=("Choisissez deux fiches différentes.",))
        ici, la = deux[reste], deux[double]
        if refus := refus_phrases(ici, la):
            return BilanFusion(refus=refus)
        today = now.astimezone(PARIS).date()
        doutes, cases = _doutes(ici, la), _Cases.of(ici, la, today=today)
        mots, prenoms = load_avant(deux, now=now), {pk: enfant.prenom for pk, enfant in deux.items()}
        deja = {personne.pk for enfant in deux.values() for personne, _ in ressemblances(enfant, today)}
        premier = first_of(ici, la)
        _choose_gardes(ici, la, choix)
        deplaces = bring(ici, la, Extension.installed().fusions)
        _write_fiche(ici, la, premier, choix)
        _follow_in_texts(ici, la)
        reunions.note(la, ici)
        la.delete()
        ici.save()
        gardes = keep_gardes(Garde.objects.filter(enfant=ici))
        _pay(ici, choix, now=now)
        ecartees = _forbid(ici, deja, user_id, now=now)
        accorder(ici.pk, cases.communes, cases.libres, Acteur.mairie(user_id, MOTIF), now=now)
        prevenir(_as_one(mots, prenoms, ici), None, now=now)
        avis = _avis(ici, ecartees, cases)
    return BilanFusion(tuple(deplaces), tuple(gardes), tuple(avis), doutes)


def _write_fiche(ici: Enfant, la: Enfant, premier: Enfant, choix: Mapping[str, str]) -> None:
    """The file of both, not saved: the INE of the double is free once that one is gone."""
    onde = unite_enfants(premier, la if premier is ici else ici)
    for champ in IDENTITE:
        du_double = choix.get(champ, DOUBLE if premier is la else RESTE) == DOUBLE
        sienne, autre = getattr(ici, champ), getattr(la, champ)
        setattr(ici, champ, (autre or sienne) if du_double else (sienne or autre))
    ici.pai_fin = _pai_fin(ici, la)
    ici.pai, ici.consigne = ici.pai or la.pai, _consigne(ici, la)
    if la.pai_cantine_le and (ici.pai_cantine_le is None or ici.pai_cantine_le < la.pai_cantine_le):
        ici.pai_cantine, ici.pai_cantine_le = la.pai_cantine, la.pai_cantine_le  # the last word of the family
        ici.pai_cantine_par_id = la.pai_cantine_par_id
    elif ici.pai_cantine_le is None:
        ici.pai_cantine = ici.pai_cantine or la.pai_cantine
    ici.onde, ici.ine = onde, ici.ine or la.ine


def _pai_fin(ici: Enfant, la: Enfant) -> date | None:
    """The end of the plan that stays: of two, the later; none where one has none."""
    fins = [enfant.pai_fin for enfant in (ici, la) if enfant.pai]
    return None if not fins or None in fins else max(fin for fin in fins if fin)


def _consigne(ici: Enfant, la: Enfant) -> str:
    return " ".join(dict.fromkeys(filter(None, (ici.consigne, la.consigne))))


def _choose_gardes(ici: Enfant, la: Enfant, choix: Mapping[str, str]) -> None:
    """Where the files disagree, the garde of the one that was not chosen goes."""
    if gardes_differ(ici, la) and choix.get("garde", DEUX) != DEUX:
        Garde.objects.filter(enfant=ici if choix["garde"] == DOUBLE else la).delete()


def _follow_in_texts(ici: Enfant, la: Enfant) -> None:
    """Where a child is named by its number outside any column: ONDE's last values, its answers, the agents' traces."""
    for adulte in Responsable.objects.exclude(onde={}):
        onde = replace_enfant(adulte.onde, la.pk, ici.pk)
        if onde != adulte.onde:
            Responsable.objects.filter(pk=adulte.pk).update(onde=onde)
    ancienne, nouvelle = f"enfant-{la.pk}", f"enfant-{ici.pk}"
    for pk, reponses in ImportOnde.objects.values_list("pk", "choix"):
        if ancienne in reponses.values():
            suite = {question: nouvelle if dit == ancienne else dit for question, dit in reponses.items()}
            ImportOnde.objects.filter(pk=pk).update(choix=suite)
    genre = ContentType.objects.get_for_model(Enfant)
    LogEntry.objects.filter(content_type=genre, object_id=str(la.pk)).update(object_id=str(ici.pk))


def _pay(enfant: Enfant, choix: Mapping[str, str], *, now: datetime) -> None:
    """Give what is to come to the home that was chosen, on the days on which it has garde."""
    choisi = choix.get("payeur", CHACUN)
    if choisi == CHACUN:
        return
    today = now.astimezone(PARIS).date()
    a_venir = Inscription.objects.active().filter(enfant=enfant, jour__gte=today).order_by("jour")
    jours = list(a_venir.values_list("jour", flat=True))
    if not jours:
        return
    situation = load_situation(Acteur.systeme(), jours[0], jours[-1], now=now, enfants=[enfant.pk], places=False)
    siennes = [
        inscription.pk
        for case, inscription in situation.inscriptions.items()
        if int(choisi) in situation.foyers(enfant.pk, case.jour, situation.creneaux[case.creneau])
        and not situation.is_over(case.jour, situation.creneaux[case.creneau])
    ]
    a_venir.order_by().filter(pk__in=siennes).update(foyer=int(choisi))


def _forbid(enfant: Enfant, deja: set[int], user_id: int, *, now: datetime) -> list[str]:
    """Withdraw whoever one file lets fetch the child, and whose name is like that of a person whom the other forbids;
    the names.
    """
    today = now.astimezone(PARIS).date()
    noms = {personne.pk: personne.nom for personne, _ in ressemblances(enfant, today) if personne.pk not in deja}
    PersonneAutorisee.objects.filter(pk__in=noms).update(retiree_le=now, retiree_par=user_id)
    return list(noms.values())


def _as_one(avant: Avant, prenoms: Mapping[int, str], enfant: Enfant) -> Avant:
    """What each adult read of these files (first names by primary key), as of this child; who read two things is told
    again which one holds.
    """
    lus: dict[tuple[int, int], list[list[str]]] = {}
    for (user, pk), phrases in avant.mots.items():
        dites = [phrase.replace(prenoms[pk], enfant.prenom) for phrase in phrases]
        lus.setdefault((user, enfant.pk), []).append(dites)
    pareils = {lecteur: dites[0] for lecteur, dites in lus.items() if all(autre == dites[0] for autre in dites)}
    return Avant((enfant.pk,), pareils, avant.deja)


def _avis(enfant: Enfant, ecartees: list[str], cases: _Cases) -> list[str]:
    avis = [f"{nom} n’est plus autorisé·e{NBSP}: une personne interdite porte ce nom." for nom in ecartees]
    if suspendus := enfant.responsabilites.filter(suspendue=True).select_related("responsable__user"):
        avis.append(f"Reste suspendu (décision d’un juge){NBSP}: {et([str(lien.responsable) for lien in suspendus])}.")
        noms = {_nom(lien.responsable): lien.responsable for lien in suspendus}
        for lien in enfant.responsabilites.filter(suspendue=False).select_related("responsable__user"):
            if _nom(lien.responsable) in noms:
                avis.append(
                    f"{lien.responsable} a une autre fiche, qu’aucun juge ne suspend{NBSP}: réunissez les deux fiches "
                    "de cet adulte."
                )
    if cases.libres:
        avis.append(f"Inscrit sur les deux fiches{NBSP}: {len(cases.libres)} à venir, comptées une fois.")
    foyers = enfant.gardes.filter(fin=None).values("foyer").distinct().count()
    if foyers > 1 and not enfant.gardes.filter(rythme=Garde.Rythme.ALTERNEE).exists():
        avis.append("L’enfant a deux foyers\u202f: le rythme de garde est à régler sur sa fiche.")
    return avis


def _nom(adulte: Responsable) -> str:
    return cle(adulte.user.first_name, adulte.user.last_name)
