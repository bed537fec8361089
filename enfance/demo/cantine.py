"""The list of meals of a demonstration's canteen, as its association sends it."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from enfance.calendrier import Calendrier, lundi
from enfance.cantine.liste_repas import LigneRepas, ListeLue
from enfance.cantine.repas import importer
from enfance.delais import limite
from enfance.demo.vie import inscrits
from enfance.models import Creneau, Ecole, Enfant, Scolarite
from portail.dates import PARIS


def eat(
    calendrier: Calendrier,
    now: datetime,
    midi: str,
    *,
    ecoles: Sequence[Ecole] = (),
    montres: Collection[str] = (),
    oublis: int = 2,
) -> None:
    """Import a list of meals for the demonstration: the days around today whose lunch break (`midi`, its code) can no
    longer be changed, so that the list locks no open box; for the pupils of `ecoles`, or of all.

    Each day, some children (`oublis`) eat without being registered, and a few do the reverse; never those of the
    accounts `montres` (identifiants). Does nothing without such a day.
    """
    hasard, today = random.Random(13), now.astimezone(PARIS).date()  # noqa: S311 (nothing secret is drawn)
    creneau = Creneau.objects.with_delais().get(code=midi)
    delai = (creneau.delai_annulation or creneau.delai_inscription).valeur
    proches = calendrier.jours_ecole(lundi(today) - timedelta(weeks=1), today + timedelta(weeks=1))
    jours = [jour for jour in proches if jour.weekday() in creneau.jours and limite(jour, delai, calendrier) <= now]
    siens = set(Enfant.objects.filter(responsables__user__identifiant__in=montres).values_list("pk", flat=True))
    scolarites = Scolarite.objects.present().select_related("enfant", "classe").order_by("enfant")
    if ecoles:
        scolarites = scolarites.filter(ecole__in=ecoles)
    eleves = {s.enfant_id: s for s in scolarites}
    lignes: list[LigneRepas] = []
    for jour in jours:
        mangent = {pk for pk in inscrits(jour, creneau) if pk in siens or hasard.random() < 0.97}
        mangent |= set(hasard.sample(sorted(eleves.keys() - siens), oublis))
        for eleve in (eleves[pk] for pk in sorted(mangent)):
            enfant = eleve.enfant
            lignes.append(LigneRepas(len(lignes) + 2, enfant.nom, enfant.prenom, str(eleve.classe or ""), jour))
    if lignes:
        importer(ListeLue("repas.csv", tuple(lignes)), now=now, debut=jours[0], fin=jours[-1], ecoles=ecoles)
