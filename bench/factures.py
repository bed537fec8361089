"""The invoice that the bench opens: a month when three children came morning, noon and evening of each school day."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.db import transaction

from bench.school import PLACES, School
from enfance.inscriptions import Changement, enregistrer
from enfance.models import Appel, Creneau, Enfant, Inscription, Pointage, Responsable
from enfance.regles import Acteur, Cle
from facturation.arrete.cloture import Emise, emettre
from facturation.arrete.contextes import load_contexte
from facturation.arrete.lecture import load_faits, load_perimetre
from facturation.lignes import Textes, figee_of
from facturation.models import Mois
from facturation.numeros import lock_emission
from facturation.payeurs.comptes import compte_of
from facturation.payeurs.entetes import load_identites
from facturation.prix.mois import facturer
from portail.dates import PARIS, instant, mois_suivant

ENFANTS = 3


def make_invoice(school: School, today: date) -> tuple[Responsable, str]:
    """Bill one parent of three children for a month, booked and seen at the gate on each school day of it, and return
    that parent and the path of the invoice's page.

    The month is the one with the most school days after `today`, without the month that the bench books."""
    parent = school.parents(ENFANTS)[-1]
    mois = [jour.replace(day=1) for jour in school.jours if jour.replace(day=1) > today]
    premier = max(sorted(set(mois) - {school.mois(today)}), key=mois.count)
    fin = mois_suivant(premier) - timedelta(days=1)
    jours = [jour for jour in school.jours if jour.replace(day=1) == premier]
    _live(parent, jours)
    perimetre, lendemain = load_perimetre([parent.foyer_id], premier, fin), fin + timedelta(days=1)
    faits = load_faits(premier, fin, perimetre, today=lendemain)
    charges = facturer(faits, load_contexte(premier, perimetre, today=lendemain)).charges
    compte, textes, now = compte_of(parent.foyer_id).pk, Textes(), datetime.combine(lendemain, time(10), PARIS)
    lignes = [figee_of(charge, compte, textes) for charge in charges if charge.foyer == parent.foyer_id]
    identite = load_identites([parent.foyer_id])[parent.foyer_id]
    with transaction.atomic():
        lock_emission(now)
        clos, _ = Mois.objects.get_or_create(premier=premier, defaults={"echeance": lendemain.replace(day=20)})
        [facture] = emettre([Emise(compte, identite, lignes)], mois=clos, par=None, now=now)
    return parent, f"/factures/{facture.numero}/"


def _live(parent: Responsable, jours: list[date]) -> None:
    """Each créneau of these days is booked as on the evening when the year opened, and seen at the gate, as rows."""
    Creneau.objects.update(places=None)
    enfants = list(Enfant.objects.for_responsable(parent).order_by("date_naissance", "pk")[:ENFANTS])
    creneaux = list(Creneau.objects.all())
    cles = [Cle(enfant.pk, jour, c.code) for enfant in enfants for jour in jours for c in creneaux]
    voulus = [Changement(cle, Inscription.Etat.INSCRIT) for cle in cles]
    enregistrer(voulus, Acteur.semaine_type(parent), now=instant(jours[0] - timedelta(days=30), time(20)))
    for code, places in PLACES.items():
        Creneau.objects.filter(code=code).update(places=places)
    Pointage.objects.filter(enfant__in=enfants, jour__in=jours).delete()
    Pointage.objects.bulk_create(
        Pointage(
            enfant=enfant,
            jour=jour,
            creneau=creneau,
            present=True,
            arrivee=instant(jour, creneau.debut) + timedelta(minutes=5),
            arrivee_recue=instant(jour, creneau.debut) + timedelta(minutes=5),
            depart=instant(jour, creneau.fin) - timedelta(minutes=20),
            depart_recu=instant(jour, creneau.fin) - timedelta(minutes=20),
        )
        for enfant in enfants
        for jour in jours
        for creneau in creneaux
    )
    Appel.objects.bulk_create(
        (Appel(jour=j, creneau=c, clos_le=instant(j, c.fin)) for j in jours for c in creneaux), ignore_conflicts=True
    )
