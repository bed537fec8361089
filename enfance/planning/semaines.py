"""Weekly patterns applied to the planning through the one writer, and kept."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from enfance.inscriptions import Changement, Resultat, enregistrer
from enfance.models import Creneau, Inscription, MomentType, SemaineType
from enfance.planning.apercu import ApercuPlanning, Repris, build_apercu
from enfance.planning.compte import CompteAnnee
from enfance.planning.ecriture import retenir
from enfance.regles import Acteur, Situation
from enfance.semaine_modele import Modele
from enfance.situation import load_situation
from portail.certain import certain

Etat = Inscription.Etat
TYPE = Inscription.Origine.SEMAINE_TYPE


def vides(apercu: ApercuPlanning) -> set[int]:
    """The children (primary keys) whose planning an empty pattern would clear: this must be confirmed first."""
    retires = {cle.enfant for cle in apercu.retraits}
    return {
        pk for pk, modele in apercu.modeles.items() if not modele.boxes and (pk in retires or pk in apercu.nouvelles)
    }


def retenus(apercu: ApercuPlanning, vider: Collection[int] | None = None) -> list[Modele]:
    """The patterns of this preview that are to be kept: those with boxes, and the empty ones that clear a planning, for
    the children of `vider` alone (all of them, if None).
    """
    a_vider = vides(apercu)
    confirmes = a_vider if vider is None else a_vider & set(vider)
    return [modele for pk, modele in apercu.modeles.items() if modele.boxes or pk in confirmes]


def remplir(
    modeles: Sequence[Modele],
    acteur: Acteur,
    *,
    vider: Collection[int] | None = None,
    repris: Repris = (),
    attente: bool = False,
    annonce: CompteAnnee | None = None,
    passes: Collection[str] = (),
    now: datetime,
) -> Resultat:
    """Fill the planning by these weekly patterns, one a child, for the home of this actor, a parent or an agent at the
    counter, and keep the patterns, in one transaction: one save, one mail. What they write follows them, whoever acts.

    The preview is worked out again once the créneaux are locked, so that nothing it promises is refused; where it
    differs from the count `annonce` that the parent was shown, the result says so. `vider`: the children whose planning
    may be cleared (all, if None); `repris`: pairs of child and wish whose boxes changed by hand follow too. With
    `attente`, full boxes join the waiting list. `passes`: the rules that the reason of the town hall passes over.
    """
    with transaction.atomic():
        Creneau.objects.for_enfants({modele.enfant for modele in modeles}).lock()
        today = timezone.localdate(now)
        fin = max((modele.fin for modele in modeles), default=today)
        situation = load_situation(acteur, today, fin, now=now, modeles=True)
        apercu = build_apercu(situation, modeles, repris=repris, passes=passes)
        ecrits = retenus(apercu, vider)
        apercu = apercu.of(apercu.modeles.keys() - (vides(apercu) - {modele.enfant for modele in ecrits}))
        _keep(ecrits, situation)
        fait = enregistrer(changements(apercu, attente=attente), acteur, now=now, jours=(today, fin))
        retenir(fait, acteur, fait.situation, annee=(apercu.realise(fait.evenements), annonce))
        return fait


def changements(apercu: ApercuPlanning, *, attente: bool = False) -> list[Changement]:
    """The changes that write this preview: boxes to register, to cancel and, with `attente`, full ones to put on the
    waiting list.
    """
    return [
        *(Changement(cle, Etat.INSCRIT, TYPE) for cle in apercu.ajouts),
        *(Changement(cle, Etat.ANNULEE, TYPE) for cle in apercu.retraits),
        *(Changement(cle, Etat.ATTENTE, TYPE) for cle in (apercu.complets if attente else ())),
    ]


def _keep(modeles: Sequence[Modele], situation: Situation) -> None:
    """Keep these patterns as rows of the acting home, but those equal to the last one of the child: a double click
    keeps one.
    """
    foyer = certain(situation.acteur.chez)
    derniers = {modele.enfant: modele for modele in reversed(situation.modeles)}
    nouveaux = [modele for modele in modeles if modele != derniers.get(modele.enfant)]
    semaines = SemaineType.objects.bulk_create(
        SemaineType(
            foyer=foyer,
            enfant_id=modele.enfant,
            debut=modele.debut,
            fin=modele.fin,
            depuis=modele.depuis,
            modifiee_le=situation.now,
        )
        for modele in nouveaux
    )
    MomentType.objects.bulk_create(
        MomentType(semaine_type=semaine, jour_semaine=jour, creneau=situation.creneaux[code])
        for semaine, modele in zip(semaines, nouveaux, strict=True)
        for jour, code in sorted(modele.boxes)
    )
