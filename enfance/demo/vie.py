"""A month of a demonstration's school: inscriptions made by the families, sheets kept at the gate.

Everything goes through the writers of real life; only the clock is moved: each family saves at an instant of the past
weeks.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from functools import partial
from uuid import UUID

from accounts.models import User
from enfance.calendrier import UN_JOUR, Calendrier, lundi
from enfance.equipe.pointages import GesteRecu, terminer, voir
from enfance.equipe.pointages import enregistrer as pointer
from enfance.equipe.presences import load_constats
from enfance.inscriptions import Changement, enregistrer
from enfance.models import AnneeScolaire, Creneau, Enfant, Geste, Inscription, Responsable, Scolarite
from enfance.regles import Acteur, Cle
from portail.dates import PARIS
from portail.groupes import EQUIPE, SECRETARIAT

JOURNEE, MERCREDI = Creneau.Moment.JOURNEE, 2
SEMAINES = 5  # of inscriptions, before and after today
MONTREE = [(0, "midi"), (0, "soir"), (1, "matin"), (3, "midi"), (3, "soir")]  # weekdays of the families shown
JOURS_POINTES = 8  # days of school whose sheets were kept, today included


def live(
    calendrier: Calendrier,
    annee: AnneeScolaire,
    now: datetime,
    *,
    montres: Collection[str] = (),
    vierges: Collection[str] = (),
    depuis: date | None = None,
) -> None:
    """Save the inscriptions of the demonstration, as its families would have: two in three keep a weekly habit, saved
    weeks ago; one in six has changed a day since.

    The accounts `montres` (identifiants) always book, `vierges` never do. The bookings begin on `depuis`, or five weeks
    ago.
    """
    hasard = random.Random(7)  # noqa: S311 (nothing secret is drawn)
    loin = random.Random(17)  # noqa: S311 (idem)
    today = now.astimezone(PARIS).date()
    debut = max(annee.debut, lundi(today) - timedelta(weeks=SEMAINES))
    fin = lundi(max(today, annee.debut)) + timedelta(weeks=SEMAINES, days=-1)
    jours = list(calendrier.jours_ecole(debut, fin))
    anciens: dict[AnneeScolaire, list[date]] = {}
    for jour in calendrier.jours_ecole(depuis or debut, debut - UN_JOUR):
        anciens.setdefault(annee_of(jour), []).append(jour)
    premier_soir = max(annee.ouverture or annee.debut, debut - timedelta(days=10))
    saves = []
    for responsable in _ecrivains():
        chosen = responsable.user.identifiant in montres
        if responsable.user.identifiant in vierges or (not chosen and hasard.random() > 2 / 3):
            continue
        acteur = Acteur.parent(responsable)
        habitude = _habitude(responsable, hasard, plus=MONTREE if chosen else ())
        soir = min(premier_soir + timedelta(days=hasard.randrange(6)), today - UN_JOUR)
        cles = [cle for jour in jours for cle in _day(habitude, jour)]
        saves.append(_save(cles, Inscription.Etat.INSCRIT, acteur, soir, hasard))
        for vecus in anciens.values():
            siennes = [cle for jour in vecus for cle in _day(habitude, jour)]
            soir = vecus[0] - timedelta(days=4 + loin.randrange(6))
            saves.append(_save(siennes, Inscription.Etat.INSCRIT, acteur, soir, loin))
        proches = [cle for cle in cles if today + timedelta(days=5) <= cle.jour <= today + timedelta(days=21)]
        if proches and (chosen or hasard.random() < 1 / 6):
            annulees = hasard.sample(proches, 1)
            saves.append(_save(annulees, Inscription.Etat.ANNULEE, acteur, today - 2 * UN_JOUR, hasard))
    for quand, acteur, changements in sorted(saves, key=lambda save: save[0]):  # references follow the clock
        enregistrer(changements, acteur, now=quand)


def annee_of(jour: date) -> AnneeScolaire:
    """The school year to which this school day belongs."""
    return AnneeScolaire.objects.filter(debut__lte=jour).latest("debut")


def _ecrivains() -> Iterator[Responsable]:
    """One adult a home, the first; both of the separated parents who are shown."""
    foyers: set[int] = set()
    for responsable in Responsable.objects.select_related("user", "foyer").order_by("pk"):
        if responsable.foyer_id not in foyers:
            foyers.add(responsable.foyer_id)
            yield responsable


Habitude = dict[int, list[tuple[int, str]]]  # by child: weekday (Monday is 0) and créneau


def _habitude(responsable: Responsable, hasard: random.Random, *, plus: Collection[tuple[int, str]]) -> Habitude:
    """Siblings mostly go together: one pattern for the family, with a difference for some, and what all have `plus`."""
    semaine = [0, 1, 3, 4]
    famille = [(jour, "midi") for jour in hasard.sample(semaine, hasard.choice([2, 3, 4]))]
    famille += [(jour, "soir") for jour in hasard.sample(semaine, hasard.choice([0, 1, 2, 3]))]
    if hasard.random() < 0.3:
        famille += [(jour, "matin") for jour in hasard.sample(semaine, hasard.choice([2, 4]))]
    enfants = Enfant.objects.for_responsable(responsable)
    codes = {enfant.pk: _codes(enfant) for enfant in enfants}
    habitude = {
        enfant.pk: [
            (jour, codes[enfant.pk][moment])
            for jour, moment in famille
            if hasard.random() > 0.1 and moment in codes[enfant.pk]
        ]
        for enfant in enfants
    }
    for enfant, siens in codes.items():
        more = [(jour, siens[moment]) for jour, moment in plus if moment in siens]
        habitude[enfant] += [case for case in more if case not in habitude[enfant]]
        if JOURNEE in siens and hasard.random() < 0.7:
            habitude[enfant].append((MERCREDI, siens[JOURNEE]))
    return habitude


def _codes(enfant: Enfant) -> dict[str, str]:
    """The créneaux of the child's school, by moment."""
    ecoles = Scolarite.objects.filter(enfant=enfant).order_by().values("ecole")
    return dict(Creneau.objects.all().held_by(ecoles).values_list("moment", "code"))


def _day(habitude: Habitude, jour: date) -> Iterator[Cle]:
    for enfant, moments in habitude.items():
        for jour_semaine, creneau in moments:
            if jour_semaine == jour.weekday():
                yield Cle(enfant, jour, creneau)


def _save(
    cles: list[Cle], etat: str, acteur: Acteur, jour: date, hasard: random.Random
) -> tuple[datetime, Acteur, list[Changement]]:
    """What the parent would have saved on the evening of `jour`; what the rules refuse is left."""
    soir = datetime.combine(jour, time(hasard.randint(18, 22), hasard.randint(0, 59)), tzinfo=PARIS)
    return soir, acteur, [Changement(cle, etat) for cle in cles]


# --- The gate --------------------------------------------------------------------------------------------------------


def premier_pointe(calendrier: Calendrier, today: date) -> date:
    """The first day whose attendance sheets `keep_sheets` fills: the eighth school day back, today included."""
    return calendrier.ecole_avant(today, JOURS_POINTES - 1)


def keep_sheets(calendrier: Calendrier, now: datetime) -> None:
    """Fill the attendance sheets of the last eight school days, each closed after its end; the one of this hour is half
    ticked. The secretary has seen the differences, those of the last two days apart.
    """
    hasard = random.Random(11)  # noqa: S311 (nothing secret is drawn)
    today = now.astimezone(PARIS).date()
    equipe = list(User.objects.filter(groups__name=EQUIPE).order_by("pk"))
    premier = premier_pointe(calendrier, today)
    for jour in calendrier.jours_ecole(premier, today):
        for creneau in Creneau.objects.all():
            debut, fin = (datetime.combine(jour, heure, tzinfo=PARIS) for heure in (creneau.debut, creneau.fin))
            eux, others = inscrits(jour, creneau), partial(_not_booked, jour, creneau)
            gestes = [geste for geste in taps(eux, others, creneau, debut, fin, hasard) if geste.fait_le <= now]
            if debut > now or jour.weekday() not in creneau.jours:
                continue
            auteur = next((un for un in equipe if _works(un, creneau)), equipe[0])
            pointer(gestes, jour, creneau.code, auteur, now=min(now, fin + timedelta(minutes=30)))
            if fin + timedelta(minutes=30) <= now:
                terminer(jour, creneau.code, auteur, now=fin + timedelta(minutes=30))
    secretaire = User.objects.get(groups__name=SECRETARIAT)
    voir(load_constats(premier, calendrier.ecole_avant(today, 2)), secretaire, now=now)


def _works(agent: User, creneau: Creneau) -> bool:
    """Whether this agent works in a school that holds this créneau."""
    return creneau.ecoles.filter(affectations__agent=agent).exists()


def taps(
    inscrits: Sequence[int],
    others: Callable[[], Sequence[int]],
    creneau: Creneau,
    debut: datetime,
    fin: datetime,
    hasard: random.Random,
) -> Iterator[GesteRecu]:
    """The taps of a créneau from `debut` to `fin`, drawn with `hasard`: nearly all the children booked (`inscrits`,
    primary keys) come; now and then one of `others` comes without a booking; in the evening one is late once in a
    while.
    """
    venus = [pk for pk in inscrits if hasard.random() < 0.96]
    if hasard.random() < 0.2:
        venus.append(hasard.choice(others()))
    for enfant in venus:
        arrivee = debut + timedelta(minutes=hasard.randint(0, 12))
        yield GesteRecu(_uuid(hasard), enfant, Geste.Quoi.PRESENT, True, arrivee)
        if creneau.goes_home:
            retard = hasard.random() < 0.01
            depart = fin + timedelta(minutes=12) if retard else fin - timedelta(minutes=hasard.randint(2, 100))
            yield GesteRecu(_uuid(hasard), enfant, Geste.Quoi.PARTI, True, depart)


def _not_booked(jour: date, creneau: Creneau) -> list[int]:
    autres = Enfant.objects.exclude(pk__in=inscrits(jour, creneau)).order_by("pk")
    if ecoles := list(creneau.ecoles.all()):
        autres = autres.filter(scolarites__ecole__in=ecoles)
    return list(autres.values_list("pk", flat=True))


def inscrits(jour: date, creneau: Creneau) -> list[int]:
    """The children (primary keys) who have a place at this créneau on that day."""
    siens = Inscription.objects.inscrit().filter(jour=jour, creneau=creneau).order_by("enfant")
    return list(siens.values_list("enfant", flat=True))


def _uuid(hasard: random.Random) -> UUID:
    return UUID(int=hasard.getrandbits(128))
