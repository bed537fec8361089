"""Reads what the rules need to know, in a fixed number of queries whatever the children and the days."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from django.db.models import Count, OuterRef, Subquery

from enfance.models import Creneau, Evenement, Fermeture, Garde, Inscription, Scolarite, load_calendrier
from enfance.regles import Acteur, Cle, FermetureVue, Situation


def load_situation(
    acteur: Acteur,
    debut: date,
    fin: date,
    *,
    now: datetime,
    enfants: Iterable[int] | None = None,
    places: bool = True,
) -> Situation:
    """The situation from `debut` to `fin`, both included, for the children that `acteur` may see.

    A parent sees those for whom they answer; the town hall those of `enfants` (primary keys). Six queries, and one more
    to count the places taken, where a créneau has a number of places and `places` asks for it.
    """
    creneaux = {creneau.code: creneau for creneau in Creneau.objects.with_delais()}
    codes = {creneau.pk: code for code, creneau in creneaux.items()}
    scolarites, dernier_changement = _scolarites(acteur, enfants)
    pks = {enfant_id for enfant_id, _ in scolarites}
    gardes: dict[int, tuple[Garde, ...]] = {}
    for garde in Garde.objects.filter(enfant__in=pks).order_by("pk"):
        gardes[garde.enfant_id] = (*gardes.get(garde.enfant_id, ()), garde)
    inscriptions = {
        Cle(inscription.enfant_id, inscription.jour, codes[inscription.creneau_id]): inscription
        for inscription in Inscription.objects.filter(enfant__in=pks).between(debut, fin).with_rang()
    }
    return Situation(
        now=now,
        acteur=acteur,
        calendrier=load_calendrier(),
        creneaux=creneaux,
        enfants={scolarite.enfant_id: scolarite.enfant for scolarite in scolarites.values()},
        scolarites=scolarites,
        gardes=gardes,
        fermetures=_fermetures(debut, fin),
        inscriptions=inscriptions,
        occupation=_occupation(creneaux.values(), debut, fin) if places else {},
        rangs={inscription.pk: inscription.rang for inscription in inscriptions.values() if inscription.rang},
        dernier_changement=dernier_changement,
    )


def _scolarites(
    acteur: Acteur, enfants: Iterable[int] | None
) -> tuple[dict[tuple[int, date], Scolarite], datetime | None]:
    """The places of the children in their years, and when anything of theirs last changed."""
    dernier = Evenement.objects.filter(enfant=OuterRef("enfant")).order_by("-enregistrement_id")
    scolarites = Scolarite.objects.select_related("enfant", "classe", "annee").annotate(
        dernier=Subquery(dernier.values("enregistrement__quand")[:1])
    )
    if acteur.responsable:
        scolarites = scolarites.for_responsable(acteur.responsable)
    if enfants is not None or not acteur.responsable:
        scolarites = scolarites.filter(enfant__in=set(enfants or ()))
    scolarites = scolarites.order_by("enfant__date_naissance", "enfant__prenom", "enfant__pk")
    return (
        {(scolarite.enfant_id, scolarite.annee.debut): scolarite for scolarite in scolarites},
        max((scolarite.dernier for scolarite in scolarites if scolarite.dernier), default=None),
    )


def _fermetures(debut: date, fin: date) -> tuple[FermetureVue, ...]:
    vues: dict[int, FermetureVue] = {}
    lignes = Fermeture.objects.filter(debut__lte=fin, fin__gte=debut).values_list(
        "pk", "debut", "fin", "motif", "creneaux", "classes"
    )
    for pk, premier, dernier, motif, creneau, classe in lignes.order_by("pk"):
        vue = vues.get(pk, FermetureVue(premier, dernier, motif))
        vues[pk] = FermetureVue(
            premier,
            dernier,
            motif,
            vue.creneaux | ({creneau} if creneau else set()),
            vue.classes | ({classe} if classe else set()),
        )
    return tuple(vues.values())


def _occupation(creneaux: Iterable[Creneau], debut: date, fin: date) -> dict[tuple[date, int], int]:
    limites = [creneau.pk for creneau in creneaux if creneau.places is not None]
    if not limites:
        return {}
    comptes = Inscription.objects.inscrit().between(debut, fin).filter(creneau__in=limites)
    return {
        (jour, creneau): n
        for jour, creneau, n in comptes.order_by().values_list("jour", "creneau").annotate(n=Count("pk"))
    }


def refresh_rangs(situation: Situation) -> Situation:
    """The same situation after a write, with the ranks of those who wait now."""
    attentes = [i.pk for i in situation.inscriptions.values() if i.etat == Inscription.Etat.ATTENTE]
    if not attentes:
        return replace(situation, rangs={})
    lignes = Inscription.objects.filter(pk__in=attentes).with_rang()
    return replace(situation, rangs={ligne.pk: ligne.rang for ligne in lignes if ligne.rang})
