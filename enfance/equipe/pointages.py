"""The only writer of what happens at the gate: taps, what they amount to, adults, sheets closed and opened
again, and which differences the town hall has seen.

A tap is kept as it came and counts once, however often it is sent. What is known of a child is always told anew from
all its taps, so that two phones agree in whichever order they are heard.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from uuid import UUID

from django.db import transaction

from accounts.models import User
from enfance.equipe.appel import GesteVu, Instant, NonRemis, PassageEnfant, rejouer, vient_a_temps
from enfance.equipe.eleves import eleves_of
from enfance.equipe.presences import Constat
from enfance.equipe.reception import BilanGestes, judge, new_of
from enfance.models import (
    AdultesPresents,
    Appel,
    Creneau,
    EcartVu,
    Geste,
    Pointage,
    RemiseEnfant,
    load_calendrier,
)
from portail.dates import PARIS, date_heure, heure_texte, jour_long
from portail.francais import NBSP
from portail.fusions import Lien, Transfert

DERIVE = timedelta(minutes=2)  # of the hours told, before they are said to be wrong
AUTRE_JOUR = "L’heure de cet appareil est fausse\u00a0: ce pointage est d’un autre jour."
ETATS = ["present", "arrivee", "arrivee_recue", "depart", "depart_recu", "sans_arrivee"]


@dataclass(frozen=True)
class GesteRecu:
    """A tap as a phone tells it: `id` drawn by the phone, `enfant` a key, `fait_le` by its own clock (aware). `heure`:
    what was written of it afterwards, an instant of the day of the sheet. `cible`: the tap that it undoes.
    """

    id: UUID
    enfant: int
    quoi: str
    coche: bool
    fait_le: datetime
    heure: datetime | None = None
    cible: UUID | None = None


@dataclass(frozen=True)
class AdultesRecus:
    """How many adults are there, as a phone tells it, which drew `id` and tells `fait_le` by its own clock (aware)."""

    id: UUID
    nombre: int
    fait_le: datetime


def enregistrer(
    recus: Sequence[GesteRecu],
    jour: date,
    code: str,
    auteur: User,
    *,
    now: datetime,
    decalage: timedelta = timedelta(0),
    correction: str = "",
) -> BilanGestes:
    """Keep these taps, each taken or refused on its own and counted once however often it is sent, on the attendance
    sheet of this day and créneau (`code`), and work out the state of their children again. `decalage` is added to their
    hours, to correct the phone's clock.

    Once the sheet is closed, a tap is taken only if it was made before (it may have waited for the network), or as a
    correction, with its reason (`correction`). Raises `Creneau.DoesNotExist`.
    """
    with transaction.atomic():
        creneau = Creneau.objects.lock_one(code)
        nouveaux = new_of(recus, Geste.objects.all())
        enfants = {recu.enfant for recu in nouveaux}
        feuille = FeuilleTenue.load(jour, creneau, enfants, now=now, corrige=bool(correction))
        bilan, retenus = judge(
            recus,
            nouveaux,
            jour,
            lambda recu, fait_le: feuille.refus(recu.enfant, fait_le) or _heure_refusee(recu.heure, jour, now),
            now=now,
            decalage=decalage,
        )
        fausse = next((un for un in retenus if abs(un.recu.fait_le + decalage - un.fait_le) > DERIVE), None)
        if fausse:
            heure = heure_texte(fausse.fait_le.astimezone(PARIS).time())
            bilan.avis.append(f"L’heure de cet appareil est fausse\u00a0: le pointage est noté à {heure}.")
        gardes = [
            Geste(
                id=un.recu.id,
                pointage=Pointage(enfant_id=un.recu.enfant, jour=jour, creneau=creneau),
                quoi=un.recu.quoi,
                coche=un.recu.coche,
                cible=un.recu.cible,
                heure=un.recu.heure,
                fait_le=un.fait_le,
                recu_le=un.recu_le,
                auteur=auteur,
                motif=correction,
            )
            for un in retenus
        ]
        _write(gardes, jour, creneau)
    return bilan


@dataclass(frozen=True)
class FeuilleTenue:
    """What a tap is judged on. `eleves`: those of its children who may come on this sheet."""

    creneau: Creneau
    ferme: str
    clos: Appel | None
    eleves: Collection[int]
    now: datetime

    @classmethod
    def load(
        cls, jour: date, creneau: Creneau, enfants: Collection[int], *, now: datetime, corrige: bool = False
    ) -> FeuilleTenue:
        """Read what is needed to write the sheet; the caller must already hold the lock of the créneau.

        Of `enfants` (primary keys), only the pupils of that day and créneau are kept. With `corrige`, a sheet that
        was closed is read as if it were open.
        """
        eleves = eleves_of(jour, creneau).filter(enfant__in=enfants).values_list("enfant", flat=True) if enfants else ()
        return cls(
            creneau=creneau,
            ferme=_pourquoi_fermee(jour, creneau, now),
            clos=None if corrige else Appel.objects.clos().filter(jour=jour, creneau=creneau).first(),
            eleves=set(eleves),
            now=now,
        )

    @cached_property
    def absent_phrase(self) -> str:
        """The refusal of a tap on a child who may not come to this sheet; the same for a child who does not exist."""
        if self.creneau.ecoles.exists():
            return "Cet enfant n’est pas à l’école de cette feuille ce jour-là."
        return "Cet enfant n’est pas à l’école ce jour-là."

    def refus(self, enfant: int, fait_le: datetime | None) -> str:
        """Why a tap on this child (primary key), made at `fait_le` (None: unknown), is refused, in words; empty when it
        is taken.
        """
        if not self.ferme and enfant not in self.eleves:
            return self.absent_phrase
        return self.refus_a(fait_le)

    def refus_a(self, fait_le: datetime | None) -> str:
        """Why a tap made at `fait_le` (None: unknown) is refused, whichever child it is about; empty when it
        is taken.
        """
        if self.ferme:
            return self.ferme
        if fait_le is None:
            return AUTRE_JOUR
        if self.clos and not vient_a_temps(fait_le, self.now, clos_le=self.clos.clos_le):
            return clos_phrase(self.clos)
        return ""


def _pourquoi_fermee(jour: date, creneau: Creneau, now: datetime) -> str:
    """Why nobody can be on this sheet; empty when it is open."""
    if jour > now.astimezone(PARIS).date():
        return f"Cette feuille est celle du {jour_long(jour)}{NBSP}: elle s’ouvrira ce jour-là."
    if jour.weekday() not in creneau.jours or not load_calendrier().is_ecole(jour):
        return "Il n’y a pas de garderie ce jour-là."
    return ""


def _heure_refusee(heure: datetime | None, jour: date, now: datetime) -> str:
    """Why an hour cannot be written on the sheet of `jour`; empty when it can, or when none is."""
    if heure is None:
        return ""
    if heure.astimezone(PARIS).date() != jour:
        return "Cette heure n’est pas du jour de la feuille."
    return "Cette heure n’est pas encore passée." if heure > now else ""


def clos_phrase(appel: Appel) -> str:
    """That this sheet is closed, and since when, as a refusal."""
    return f"L’appel est terminé depuis {date_heure(appel.clos_le)}\u00a0: la mairie peut encore le corriger."


def _write(gestes: Collection[Geste], jour: date, creneau: Creneau) -> None:
    """These taps, and the children's states told anew: as many statements whatever their number."""
    enfants = {geste.pointage.enfant_id for geste in gestes}
    if not enfants:
        return
    pointages = pointages_of(enfants, jour, creneau)
    for geste in gestes:
        geste.pointage = pointages[geste.pointage.enfant_id]
    Geste.objects.bulk_create(gestes)
    replay(pointages.values())


def pointages_of(enfants: Collection[int], jour: date, creneau: Creneau) -> dict[int, Pointage]:
    """The rows of these children (primary keys) on the attendance sheet of a day and créneau, by child; missing rows
    are created. The caller holds the lock of the créneau.
    """
    of_enfants = Pointage.objects.of(jour, creneau).filter(enfant__in=enfants)
    absents = set(enfants) - set(of_enfants.values_list("enfant", flat=True))
    Pointage.objects.bulk_create(Pointage(enfant_id=pk, jour=jour, creneau=creneau) for pk in sorted(absents))
    return {pointage.enfant_id: pointage for pointage in of_enfants.all()}


def replay(pointages: Collection[Pointage]) -> None:
    """Work out again, and write, the state of the children of these rows, from all their taps and from those whom
    nobody was allowed to take.
    """
    vus = defaultdict[int, list[GesteVu]](list)
    for geste in Geste.objects.filter(pointage__in=pointages):
        vus[geste.pointage_id].append(geste)
    for remise in RemiseEnfant.objects.filter(pointage__in=pointages, suite=RemiseEnfant.Suite.NON_REMIS):
        vus[remise.pointage_id].append(NonRemis(remise.pk, remise.fait_le, remise.recu_le))
    for pointage in pointages:
        _set(pointage, rejouer(vus[pointage.pk], pointage.jour))
    Pointage.objects.bulk_update(pointages, ETATS)


def _set(pointage: Pointage, passage: PassageEnfant) -> None:
    """Whose departure is in question is there, and not gone: whatever counts children finds them."""
    arrivee, depart = passage.arrivee, passage.depart
    pointage.sans_arrivee = depart.heure if depart and passage.en_question else None
    if passage.en_question and depart:
        arrivee, depart = Instant(None, depart.recu_le), None
    pointage.present = arrivee is not None
    pointage.arrivee, pointage.arrivee_recue = (arrivee.heure, arrivee.recu_le) if arrivee else (None, None)
    pointage.depart, pointage.depart_recu = (depart.heure, depart.recu_le) if depart else (None, None)


def noter_adultes(
    recus: Sequence[AdultesRecus],
    jour: date,
    code: str,
    auteur: User,
    *,
    now: datetime,
    decalage: timedelta = timedelta(0),
) -> BilanGestes:
    """Keep each number of adults said for the attendance sheet of this day and créneau (`code`). Each is refused on its
    own as a tap would be, such as on a closed sheet; `decalage` is added to its hour, to correct the phone's clock.
    """
    if not recus:
        return BilanGestes()
    with transaction.atomic():
        creneau = Creneau.objects.lock_one(code)
        feuille = FeuilleTenue.load(jour, creneau, (), now=now)
        nouveaux = new_of(recus, AdultesPresents.objects.all())
        bilan, retenus = judge(
            recus, nouveaux, jour, lambda _, fait_le: feuille.refus_a(fait_le), now=now, decalage=decalage
        )
        AdultesPresents.objects.bulk_create(
            AdultesPresents(
                id=un.recu.id,
                jour=jour,
                creneau=creneau,
                nombre=un.recu.nombre,
                fait_le=un.fait_le,
                recu_le=un.recu_le,
                auteur=auteur,
            )
            for un in retenus
        )
    return bilan


def terminer(jour: date, code: str, auteur: User, *, now: datetime) -> Appel:
    """Close the attendance sheet: a registered child who is not ticked was absent. Closing it twice changes nothing;
    the closing that stands is returned.

    Raises ValueError on a day that is still to come or has no garderie (the page offers no such thing).
    """
    with transaction.atomic():
        creneau = Creneau.objects.lock_one(code)
        if phrase := _pourquoi_fermee(jour, creneau, now):
            raise ValueError(phrase)
        appel, _ = Appel.objects.clos().get_or_create(
            jour=jour, creneau=creneau, defaults={"clos_le": now, "clos_par": auteur}
        )
    return appel


def encore_la(jour: date, code: str) -> set[int]:
    """The children (primary keys) who came, on this day's attendance sheet of this créneau (`code`), and have
    not left.
    """
    la = Pointage.objects.encore_la().filter(jour=jour, creneau__code=code)
    return set(la.values_list("enfant", flat=True))


def rouvrir(jour: date, code: str, auteur: User, motif: str, *, now: datetime) -> bool:
    """Open a closed attendance sheet again, with the reason `motif`; returns whether it was closed."""
    with transaction.atomic():
        creneau = Creneau.objects.lock_one(code)
        clos = Appel.objects.clos().filter(jour=jour, creneau=creneau)
        return bool(clos.update(rouvert_le=now, rouvert_par=auteur, motif=motif))


def voir(constats: Iterable[Constat], auteur: User, *, now: datetime) -> None:
    """Note that the town hall, through this agent, has seen these differences between sheets and bookings; one already
    seen stays as it was.
    """
    vus = [
        EcartVu(enfant=c.enfant, jour=c.jour, creneau=c.creneau, genre=c.genre, vu_le=now, vu_par=auteur)
        for c in constats
    ]
    EcartVu.objects.bulk_create(vus, ignore_conflicts=True)


def oublier(constats: Iterable[Constat]) -> None:
    """Forget that the town hall has seen these differences between sheets and bookings: they are to be seen again."""
    for c in constats:
        EcartVu.objects.filter(enfant=c.enfant, jour=c.jour, creneau=c.creneau, genre=c.genre).delete()


# --- Two files of one child -------------------------------------------------------------------------------------------


def _suit_avec_ses_gestes(lien: Lien) -> int:
    """On a sheet that has both, all the taps are of one row, whose state is told anew; how many rows follow."""
    connus = {(pointage.jour, pointage.creneau_id): pointage for pointage in lien.connues}
    doublees = [pointage for pointage in lien.lignes if (pointage.jour, pointage.creneau_id) in connus]
    rejoues = [connus[pointage.jour, pointage.creneau_id] for pointage in doublees]
    for double, reste in zip(doublees, rejoues, strict=True):
        double.gestes.update(pointage=reste)
        double.remises.update(pointage=reste)
        double.delete()
    replay(rejoues)
    return len(rejoues) + lien.suit()


ENFANT: dict[str, Transfert] = {
    "enfance.EcartVu.enfant": lambda lien: lien.suit_sans_repeter("jour", "creneau", "genre"),
    "enfance.Pointage.enfant": _suit_avec_ses_gestes,
}
