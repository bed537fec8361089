"""The only writer of meals: the association's list, imported. What a family says of one is noted by `planning.repas`.

The commune owns none of it. A list replaces the meals of the days that it covers; what it says of a child who cannot be
named for sure, or of a day without lunch, is reported and never guessed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import batched

from django.conf import settings
from django.db import transaction
from django.db.models import Max, QuerySet

from enfance.cantine.bilan_repas import BilanRepas, Jour
from enfance.cantine.liste_repas import LigneRepas, ListeLue
from enfance.cantine.noms_proches import Inconnu, proches
from enfance.cantine.retour import souvenir
from enfance.courriels.tasks import send_repas
from enfance.inscriptions import Changement, enregistrer
from enfance.models import (
    Creneau,
    Ecole,
    Enfant,
    Inscription,
    ListeRepas,
    Repas,
    Responsabilite,
    Scolarite,
    load_calendrier,
    of_ecoles,
)
from enfance.models.repas import RepasQuerySet
from enfance.planning.ecarts import inscriptions_sans_repas, repas_sans_midi
from enfance.regles import Acteur, Action, Situation, obstacles_for
from enfance.situation import load_situation
from portail.cles import cle
from portail.dates import PARIS, jour_long
from portail.francais import NBSP
from portail.rehearsal import writing
from portail.tables import ImportRefuse, LigneRefusee

LOT = 1000  # rows a statement, below what SQLite takes
SANS_ECOLE = {"annee", "vacances", "ferie", "ecole", "jour"}
ABSENT = {"enfant", "scolarite"}


class RetraitsADire(ImportRefuse):
    """The list takes away meals that somebody must say it should."""


def importer(
    liste: ListeLue,
    *,
    now: datetime,
    user_id: int | None = None,
    simuler: bool = False,
    debut: date | None = None,
    fin: date | None = None,
    apres: int | None = None,
    choix: Mapping[str, int] | None = None,
    retirer: bool = False,
    ecoles: Sequence[Ecole] = (),
) -> BilanRepas:
    """Replace the known meals of the days of this list by those of the association's list, and report it.

    The days are those from the first to the last of the list, unless `debut` and `fin` say others. `ecoles`: the
    schools that the list is about, where the town has several; the meals of other schools stay. `choix`: the child
    (primary key) meant by a name almost known, by the key of this name. The same list again writes nothing. `simuler`
    does everything and takes it back. With REPAS_INSCRIT_D_OFFICE, the children who eat are registered for the lunch
    break.

    Raises ImportRefuse when no meal of the list can be kept (it would empty the days), or when another list has been
    imported since the preview (`apres`, its `precedente`); RetraitsADire when the report has a `question` that
    `retirer` does not answer.
    """
    with writing(rehearsed=simuler):
        if not lock_midis(ecoles):  # no import nor lunch break of theirs is written at the same time
            raise ImportRefuse(LigneRefusee(liste.fichier, None, "le créneau «\u00a0midi\u00a0» n’existe pas encore."))
        bilan, voulus = _rapproche(liste, debut, fin, now, simuler, choix or {}, ecoles)
        _compare(bilan, voulus)
        if apres not in (None, bilan.precedente) and bilan.change:
            raison = "une autre liste a été importée depuis cet aperçu\u00a0: choisissez le fichier à nouveau."
            raise ImportRefuse(LigneRefusee(liste.fichier, None, raison))
        if bilan.question and not (simuler or retirer):
            raise RetraitsADire(LigneRefusee(liste.fichier, None, bilan.question))
        _write(bilan, user_id, now)
        if settings.REPAS_INSCRIT_D_OFFICE:
            _inscrire(bilan, Acteur.liste_repas(user_id), now)
        sans_midi, sans_repas = (
            manquants(now=now, ecoles=bilan.pks).between(bilan.debut, bilan.fin).values_list("enfant", "jour")
            for manquants in (repas_sans_midi, inscriptions_sans_repas)
        )
        bilan.mangent_sans_midi, bilan.inscrits_sans_repas = list(sans_midi), list(sans_repas)
    return bilan


@dataclass(frozen=True)
class Prevenus:
    """How many adults are written to, and the children whose foyer has no address to write to."""

    nombre: int
    sans_courriel: tuple[str, ...]


def prevenir(repas: Iterable[Repas], *, now: datetime) -> Prevenus:
    """Send a mail about these meals without a lunch break to the adults of the homes where the child is on those days,
    one mail an address.

    The mail says what is still missing when it leaves, so a family that has put it right meanwhile gets none. Returns
    how many are written to, and the children for whom nobody can be.
    """
    jours = {(un_repas.enfant_id, un_repas.jour) for un_repas in repas}
    if not jours:
        return Prevenus(0, ())
    dates, enfants = [jour for _, jour in jours], {enfant for enfant, _ in jours}
    situation = load_situation(
        Acteur.systeme(), min(dates), max(dates), now=now, enfants=enfants, places=False, inscriptions=False
    )
    foyers = {
        (enfant, foyer)
        for enfant, jour in jours
        for midi in situation.midis(enfant, jour)
        for foyer in situation.foyers(enfant, jour, midi)
    }
    liens = Responsabilite.objects.filter(enfant__in=enfants, suspendue=False, responsable__user__is_active=True)
    users: dict[str, int] = {}
    joints: set[int] = set()
    for lien in liens.exclude(responsable__user__email="").select_related("responsable__user").order_by("pk"):
        if (lien.enfant_id, lien.responsable.foyer_id) in foyers:
            users.setdefault(lien.responsable.user.email.lower(), lien.responsable.user_id)
            joints.add(lien.enfant_id)
    with transaction.atomic():
        for user in users.values():
            send_repas.enqueue(user)
    seuls = [str(enfant) for pk, enfant in situation.enfants.items() if pk not in joints]
    return Prevenus(len(users), tuple(sorted(seuls)))


# --- Who eats, and when ---------------------------------------------------------------------------------------------


def _rapproche(
    liste: ListeLue,
    debut: date | None,
    fin: date | None,
    now: datetime,
    simuler: bool,
    choix: Mapping[str, int],
    ecoles: Sequence[Ecole],
) -> tuple[BilanRepas, dict[Jour, LigneRepas]]:
    """The meals that can be kept, and the report begun with those that cannot."""
    refus, doutes = list(liste.refus), []
    lignes: list[LigneRepas] = []
    for ligne in liste.lignes:
        if (debut or date.min) <= ligne.jour <= (fin or date.max):
            lignes.append(ligne)
        else:
            refus.append(liste.refuse(ligne.ligne, f"{ligne}, {jour_long(ligne.jour)}\u00a0: hors de la période."))
    registre = RegistreRepas(ecoles)
    inconnus = proches([ligne for ligne in lignes if not registre.homonymes(ligne)], choix, registre.ecoles)
    registre.choisir(inconnus)
    calendrier = load_calendrier()
    ecole = [ligne.jour for ligne in lignes if calendrier.is_ecole(ligne.jour)]
    situation = load_situation(
        Acteur.liste_repas(),
        min(ecole, default=now.astimezone(PARIS).date()),
        max(ecole, default=now.astimezone(PARIS).date()),
        now=now,
        enfants={pk for ligne in lignes for pk in registre.homonymes(ligne)},
        places=False,
        inscriptions=False,
    )
    voulus: dict[Jour, LigneRepas] = {}
    for ligne in lignes:
        try:
            enfant, doute = _reconnait(ligne, registre, situation)
        except ValueError as error:
            refus.append(liste.refuse(ligne.ligne, str(error)))
            continue
        premiere = voulus.setdefault((enfant, ligne.jour), ligne)
        if premiere is not ligne:
            doute = f"déjà à la ligne {premiere.ligne}, compté une fois."
        if doute:
            doutes.append(str(liste.refuse(ligne.ligne, f"{ligne}, {jour_long(ligne.jour)}\u00a0: {doute}")))
    proposes = simuler and ecole and any(inconnu.propositions for inconnu in inconnus)
    if not (voulus or proposes):
        raise ImportRefuse(*refus, LigneRefusee(liste.fichier, None, "aucun repas de cette liste ne peut être gardé."))
    bilan = BilanRepas(debut or min(ecole), fin or max(ecole), simuler, registre.enfants, refus=refus, doutes=doutes)
    bilan.inconnus, bilan.ecoles = inconnus, tuple(ecoles)
    return bilan, voulus


class RegistreRepas:
    """The children known in these schools, or in the only one, as a list names them: case, accents, hyphens and spaces
    aside.
    """

    def __init__(self, ecoles: Sequence[Ecole]) -> None:
        self.ecoles = {ecole.pk for ecole in ecoles}
        enfants = Enfant.objects.all()
        if ecoles:
            siens = Scolarite.objects.filter(ecole__in=self.ecoles).order_by().values("enfant")
            enfants = enfants.filter(pk__in=siens)
        self.enfants = {enfant.pk: enfant for enfant in enfants}
        self._noms: dict[tuple[str, str], set[int]] = {}
        for enfant in self.enfants.values():
            for nom in {cle(enfant.nom), cle(enfant.nom_usage)} - {""}:
                self._noms.setdefault((nom, cle(enfant.prenom)), set()).add(enfant.pk)

    @property
    def de_quoi(self) -> str:
        """Where these children belong, in words, to follow « enfant connu »: « de l’école », « de ces écoles »."""
        return "de l’école" if len(self.ecoles) < 2 else "de ces écoles"

    def choisir(self, inconnus: Iterable[Inconnu]) -> None:
        """Recognise each name of the list for which somebody chose a child as a name of this child."""
        for inconnu in inconnus:
            if inconnu.choisi is not None:
                self._noms[inconnu.noms] = {inconnu.choisi}

    def homonymes(self, ligne: LigneRepas) -> list[int]:
        """The children (primary keys) who have the name of this line."""
        return sorted(self._noms.get((cle(ligne.nom), cle(ligne.prenom)), ()))

    def is_inscrit(self, scolarite: Scolarite | None) -> bool:
        """Whether a pupil of this scolarité belongs to the schools that the list is about. True for anybody when the
        list names no school.
        """
        return not self.ecoles or (scolarite is not None and scolarite.ecole_id in self.ecoles)


def _reconnait(ligne: LigneRepas, registre: RegistreRepas, situation: Situation) -> tuple[int, str]:
    """The child of this line, and what is to be checked of its day. Raises ValueError with the reason of a refusal."""
    homonymes = registre.homonymes(ligne)
    if not homonymes:
        raise ValueError(f"{ligne} n’est pas un enfant connu {registre.de_quoi}.")
    obstacles = {
        pk: next(iter(obstacles_for(situation, situation.cle_midi(pk, ligne.jour), Action.INSCRIRE)), None)
        for pk in homonymes
    }
    presents = [
        pk
        for pk, obstacle in obstacles.items()
        if (obstacle is None or obstacle.code not in ABSENT)
        and registre.is_inscrit(situation.scolarite(pk, ligne.jour))
    ]
    if not presents:
        raise ValueError(f"{ligne} n’est pas à l’école le {jour_long(ligne.jour)}.")
    retenus = [pk for pk in presents if _in_classe(situation.scolarite(pk, ligne.jour), ligne.classe)]
    if not retenus:
        raise ValueError(f"{ligne} n’est pas dans la classe «\u00a0{ligne.classe}\u00a0».")
    if len(retenus) > 1:
        suite = "" if ligne.classe else "\u00a0: précisez la classe"
        raise ValueError(f"plusieurs enfants s’appellent {ligne}{suite}.")
    obstacle = obstacles[retenus[0]]
    if obstacle and obstacle.code == "creneau":
        raise ValueError(f"{ligne}\u00a0: son école n’a pas de pause méridienne.")
    if obstacle and obstacle.code in SANS_ECOLE:
        raise ValueError(f"{ligne}, {jour_long(ligne.jour)}\u00a0: {obstacle.message}")
    return retenus[0], obstacle.message if obstacle and obstacle.code == "fermeture" else ""


def _in_classe(scolarite: Scolarite | None, classe: str) -> bool:
    """Whether the list's class is this one, by its name or by its level; a list may name none."""
    if not cle(classe) or scolarite is None:
        return True
    noms = [scolarite.niveau, scolarite.get_niveau_display(), scolarite.classe.nom if scolarite.classe else ""]
    return cle(classe) in {cle(nom) for nom in noms if nom}


# --- Writing --------------------------------------------------------------------------------------------------------


def _compare(bilan: BilanRepas, voulus: Collection[Jour]) -> None:
    """Note the difference between the list and what is known of its days."""
    connus = {(repas.enfant_id, repas.jour): repas for repas in _connus(bilan)}
    bilan.precedente = _anciennes(bilan).aggregate(derniere=Max("pk"))["derniere"] or 0
    bilan.remplace = bilan.precedente != 0
    bilan.ajoutes = sorted(set(voulus) - connus.keys())
    bilan.retires = sorted(connus.keys() - set(voulus))
    bilan.retablis = sorted(jour for jour, repas in connus.items() if jour in voulus and repas.annule_le)
    bilan.inchanges = len(voulus) - len(bilan.ajoutes)
    bilan.gardes = {jour for _, jour in voulus}
    for jour in bilan.vides:
        bilan.doutes.append(f"{jour_long(jour)}\u00a0: plus aucun repas ce jour-là.".capitalize())


def lock_midis(ecoles: Iterable[Ecole]) -> list[Creneau]:
    """Lock the lunch-break créneaux that these schools hold (all of them, when no school is given), and return them."""
    pks = [ecole.pk for ecole in ecoles]
    midis = Creneau.objects.midis()
    locked: list[Creneau] = (midis.held_by(pks) if pks else midis).lock()
    return locked


def _anciennes(bilan: BilanRepas) -> QuerySet[ListeRepas]:
    anciennes: QuerySet[ListeRepas] = ListeRepas.objects.over(bilan.debut, bilan.fin).about(bilan.pks)
    return anciennes


def _connus(bilan: BilanRepas) -> RepasQuerySet:
    """The meals that the list replaces."""
    connus: RepasQuerySet = Repas.objects.between(bilan.debut, bilan.fin)
    return of_ecoles(connus, bilan.pks) if bilan.pks else connus


def _is_known(bilan: BilanRepas) -> bool:
    """Whether a list of just these days and schools is there."""
    memes = _anciennes(bilan).filter(debut=bilan.debut, fin=bilan.fin).prefetch_related("ecoles")
    return any({ecole.pk for ecole in liste.ecoles.all()} == bilan.pks for liste in memes)


def _write(bilan: BilanRepas, user_id: int | None, now: datetime) -> None:
    """Write the difference; the same list again writes nothing."""
    if not bilan.change and _is_known(bilan):
        return
    retires = set(bilan.retires)
    connus = _connus(bilan)
    anciennes = ListeRepas.objects.about(bilan.pks).filter(avant__isnull=False)
    anciennes.update(avant=None)  # the last import of a school alone can be undone
    bilan.liste = liste = ListeRepas.objects.create(
        debut=bilan.debut, fin=bilan.fin, importee_le=now, importee_par_id=user_id, avant=souvenir(connus)
    )
    liste.ecoles.set(bilan.ecoles)
    pks = [pk for pk, *jour in connus.values_list("pk", "enfant", "jour") if tuple(jour) in retires]
    for lot in batched(pks, LOT):
        Repas.objects.filter(pk__in=lot).delete()
    connus.update(liste=liste, annule_le=None)
    Repas.objects.bulk_create(
        [Repas(enfant_id=enfant, jour=jour, liste=liste) for enfant, jour in bilan.ajoutes], batch_size=LOT
    )


def _inscrire(bilan: BilanRepas, acteur: Acteur, now: datetime) -> None:
    """Register for the lunch break the children who eat without it, and say so; what cannot be done is reported."""
    sans_midi = repas_sans_midi(now=now, ecoles=bilan.pks).between(bilan.debut, bilan.fin)
    manquants = list(sans_midi.values_list("enfant", "jour"))
    situation = load_situation(
        acteur, bilan.debut, bilan.fin, now=now, enfants={pk for pk, _ in manquants}, places=False, inscriptions=False
    )
    midis = [situation.cle_midi(enfant, jour) for enfant, jour in manquants]
    resultat = enregistrer([Changement(midi, Inscription.Etat.INSCRIT) for midi in midis], acteur, now=now)
    bilan.d_office = len(resultat.evenements)
    for refus in resultat.refus:
        enfant = bilan.enfants[refus.cle.enfant]
        bilan.doutes.append(f"{enfant}, {jour_long(refus.cle.jour)}{NBSP}: {refus.obstacles[0].message}")
