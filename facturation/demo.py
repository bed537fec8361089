"""The demonstration's money: voted tariffs, quotients, three closed months, families who paid, who are late, who paid
too much. Everything goes through the writers of real life; only the clock is moved.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta

from django.db.models import Exists, OuterRef
from django_tasks_db.models import DBTaskResult

from accounts.models import Mailing, MailingLine, User
from enfance.calendrier import UN_JOUR
from enfance.demo import contenu, passe, ville
from enfance.models import (
    Absence,
    AnneeScolaire,
    Creneau,
    Foyer,
    Inscription,
    Pointage,
    load_calendrier,
)
from facturation.arrete.cloture import arreter
from facturation.arrete.preparation import jours_ecole
from facturation.models import (
    Compte,
    Deliberation,
    Encaissement,
    Facture,
    Justification,
    LigneTarif,
    Mois,
    Quotient,
    ReglageFacturation,
    Supplement,
    Tarif,
)
from facturation.payeurs.comptes import restes
from facturation.payeurs.lieux import load_propositions
from facturation.regie.encaissements import encaisser
from portail.dates import PARIS, mois_suivant
from portail.groupes import REGIE, SECRETARIAT

PARENTS = (contenu.PARENT, ville.PARENT)  # of the school, or of the town: whose family is shown
TRANCHES: Sequence[tuple[int | None, int | None]] = ((0, 599), (600, 859), (860, None), (None, None))
# By moment, then by tranche and « quotient inconnu »: prices of the first, second and third child, in centimes.
PRIX = {
    "matin": ((90, 80, 70), (120, 105, 95), (150, 130, 115), (170, 150, 130)),
    "midi": ((60, 50, 45), (80, 70, 60), (100, 90, 80), (110, 100, 90)),
    "soir": ((45, 40, 35), (65, 55, 50), (80, 70, 60), (90, 80, 70)),
    "journee": ((420, 380, 340), (640, 580, 520), (980, 880, 790), (1100, 1000, 900)),
}
SANS_QUOTIENT = 0.06  # of the payers
PAYEES = 0.8  # of the invoices, sooner or later
MALADES = 6


def load(now: datetime) -> None:
    """Add the demonstration's money to the school that has just been loaded: tariffs, quotients, closed months,
    payments, as they are at `now` (aware). Called by `ExtensionEnfance.demo`.

    ValueError when a month of the demonstration cannot be closed.
    """
    hasard = random.Random(23)  # noqa: S311 (nothing secret is drawn)
    calendrier = load_calendrier()
    mois = passe.mois_vecus(calendrier, now.astimezone(PARIS).date())
    secretaire = User.objects.get(groups__name=SECRETARIAT)
    ReglageFacturation.objects.update_or_create(
        pk=1,
        defaults={
            "ccas_telephone": "04 65 71 00 42",
            "ordre_cheque": "Régie garderie Saint-Sauveur",
            "regisseur": "Hélène Garnier",
            "tresorerie_nom": "Trésorerie de la vallée",
        },
    )
    for annee in AnneeScolaire.objects.order_by("debut"):
        vote(annee.debut, annee.fin)
    today = now.astimezone(PARIS).date()
    _know_payers(mois[0] if mois else today.replace(day=1), hasard)
    for premier in filter(jours_ecole, _suivis(mois)):
        ferme = datetime.combine(mois_suivant(premier) + 2 * UN_JOUR, time(10, 24), tzinfo=PARIS)
        arret = arreter(premier, secretaire.pk, ferme)
        if arret.mois is None:
            raise ValueError(f"The demo cannot close {premier}: {arret.refus}")
        _pay(arret.mois, now, hasard, derniere=premier == mois[-1])
    _fall_ill(mois_suivant(mois[-1]) if mois else today.replace(day=1), today, hasard)
    DBTaskResult.objects.filter(task_path__startswith="facturation.").delete()  # read long ago
    MailingLine.objects.filter(mailing__mail=Mailing.Mail.INVOICE).update(state=MailingLine.State.SENT, settled_at=now)


def _suivis(mois: Sequence[date]) -> Iterator[date]:
    """These months and those between them: a few days of July are closed as well."""
    premier = mois[0] if mois else None
    while premier and premier <= mois[-1]:
        yield premier
        premier = mois_suivant(premier)


def vote(debut: date, fin: date) -> None:
    """Write the tariffs and supplements that hold from `debut`, voted in June of that year; one year is not priced as
    the one before. The supplements end on `fin`.
    """
    an = debut.year
    plus = 5 if an % 2 else 0  # centimes
    deliberation = Deliberation.objects.create(
        numero=f"{an}-41", votee_le=date(an, 6, 25), applicable_le=debut, objet="Tarifs de la garderie"
    )
    moments = set(Creneau.objects.order_by().values_list("moment", flat=True))
    for moment, grille in PRIX.items():
        if moment not in moments:
            continue
        tranche = moment == Creneau.Moment.SOIR
        tarif = Tarif.objects.create(
            nom=moment.capitalize(),
            deliberation=deliberation,
            moment=moment,
            debut=debut,
            unite=Tarif.Unite.TRANCHE if tranche else Tarif.Unite.SEANCE,
            base=Tarif.Base.LES_DEUX,
            minutes=30 if tranche else None,
        )
        LigneTarif.objects.bulk_create(
            LigneTarif(
                tarif=tarif,
                residence=residence,
                inconnu=qf_min is None,
                qf_min=qf_min,
                qf_max=qf_max,
                rang=rang,
                prix=(centimes - plus) * fois,
            )
            for residence, fois in (("commune", 1), ("hors", 2))
            for (qf_min, qf_max), prix in zip(TRANCHES, grille, strict=True)
            for rang, centimes in enumerate(prix, 1)
        )
    for genre, moment, prix, tolerance in (("retard", "soir", 500, 5), ("sans_inscription", "", 100, 0)):
        Supplement.objects.create(
            genre=genre,
            deliberation=deliberation,
            article="article 4",
            moment=moment,
            debut=debut,
            fin=fin,
            prix=prix,
            tolerance=tolerance,
        )


def _know_payers(premier: date, hasard: random.Random) -> None:
    """A payer for each home of a pupil: where it lives, and its quotient, seen at the counter in the summer."""
    comptes, propositions = [], load_propositions()
    for foyer in Foyer.objects.filter(gardes__isnull=False).distinct().order_by("pk"):
        residence = propositions.of(foyer.commune)
        sans_courriel = not foyer.responsables.exclude(user__email="").exists()
        envoi = Compte.Envoi.PAPIER if sans_courriel else Compte.Envoi.COURRIEL
        comptes.append(Compte(foyer=foyer, residence=residence, envoi=envoi))
    Compte.objects.bulk_create(comptes)
    montre = Foyer.objects.get(responsables__user__identifiant__in=PARENTS)
    connus = [compte for compte in comptes if compte.foyer == montre or hasard.random() > SANS_QUOTIENT]
    vu = premier - 4 * UN_JOUR
    Quotient.objects.bulk_create(
        Quotient(
            compte=compte,
            valeur=742 if compte.foyer == montre else hasard.randrange(180, 2100),
            source=hasard.choice([*[Quotient.Source.CAF] * 3, Quotient.Source.MSA]),
            debut=premier,
            saisi_le=datetime.combine(vu, time(10), tzinfo=PARIS),
            vu_le=vu,
        )
        for compte in connus
    )


def _fall_ill(mois: date, today: date, hasard: random.Random) -> None:
    """In the month that is open, some parents told an absence the same morning, and why: the town hall answers them."""
    absents = Inscription.objects.inscrit().filter(jour__gte=mois, jour__lt=today, creneau__moment=Creneau.Moment.MIDI)
    venus = Pointage.objects.filter(enfant=OuterRef("enfant"), jour=OuterRef("jour"), present=True)
    for inscription in absents.exclude(Exists(venus)).order_by("jour", "enfant").select_related("enfant")[:MALADES]:
        parent = User.objects.filter(responsable__foyer=inscription.foyer_id).order_by("pk").first()
        dit = datetime.combine(inscription.jour, time(7, hasard.randrange(5, 55)), tzinfo=PARIS)
        cas = {"enfant": inscription.enfant, "jour": inscription.jour}
        Absence.objects.get_or_create(**cas, retiree_le=None, defaults={"signalee_par": parent, "signalee_le": dit})
        raisons = Justification.Raison
        raison = hasard.choice([*[raisons.MALADIE] * 2, raisons.FAMILLE])
        Justification.objects.get_or_create(**cas, defaults={"raison": raison, "dite_le": dit, "dite_par": parent})


def _pay(mois: Mois, now: datetime, hasard: random.Random, *, derniere: bool) -> None:
    """Four families in five pay, most at the counter; one too much. The parent shown has paid all but the last."""
    regisseur = User.objects.filter(groups__name=REGIE).first() or User.objects.get(groups__name=SECRETARIAT)
    montre = Compte.objects.get(foyer__responsables__user__identifiant__in=PARENTS)
    moyens = Encaissement.Moyen
    recus = []
    for facture in Facture.objects.factures().filter(mois=mois).select_related("compte").order_by("rang"):
        paie = not derniere if facture.compte == montre else hasard.random() < PAYEES
        quand = facture.emise_le + timedelta(days=hasard.randrange(2, 24), minutes=hasard.randrange(0, 90))
        if paie and quand < now:
            recus.append((quand, facture))
    for quand, facture in sorted(recus, key=lambda recu: recu[0]):
        reste = restes([facture])[facture.pk]
        moyen = hasard.choice([*[moyens.CHEQUE] * 3, moyens.ESPECES, moyens.VIREMENT, moyens.CESU])
        moyen, trop = (moyens.CHEQUE, 155) if facture.compte == montre else (moyen, 0)
        if reste:
            encaisser(
                facture.compte,
                moyen,
                reste + trop,
                factures=[facture],
                reference=f"{hasard.randrange(10**7):07}" if moyen == moyens.CHEQUE else "",
                titres=3 if moyen == moyens.CESU else None,
                par=regisseur,
                now=quand,
            )
