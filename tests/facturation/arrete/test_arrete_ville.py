"""A town of twenty thousand children closes its month, and no parent waits for it; how long it takes is printed, the
budget is a minute (`make test-long`).
"""

from __future__ import annotations

import time
from datetime import date, timedelta

import pytest
from django.db import connection
from django.db.models import Sum

from accounts.models import User
from enfance.models import Creneau, Enfant, Enregistrement, Foyer, Garde, Responsable, load_calendrier
from facturation.arrete.cloture import arreter
from facturation.arrete.controles import controler
from facturation.arrete.preparation import fin_de
from facturation.arrete.totaux import totaux_of
from facturation.arrete.variations import load_variations
from facturation.models import Compte, Facture, Prestation, Quotient
from tests.facturation.vecu import AOUT, ENSUITE, NOVEMBRE, make_commune
from tests.races import watch_locks

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]
ENFANTS = 20_000
FOYERS = ENFANTS * 2 // 3
# Each child at noon on each school day, two evenings out of five, one in three of them each morning.
VENUS = {"matin": "cle % 3 = 0", "midi": "true", "soir": "(cle + (jour.d - DATE '2026-01-01')) % 5 < 2"}


def insert(table: str, de: str, **colonnes: str) -> None:
    """Rows that the database makes by itself: half a million take seconds."""
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({', '.join(colonnes)}) SELECT {', '.join(colonnes.values())} FROM {de}")  # noqa: S608


@pytest.fixture
def ville():
    make_commune()
    foyers = Foyer.objects.bulk_create(
        [Foyer(adresse=f"{n} rue des Tilleuls", code_postal="38160", commune="SAINT SAUVEUR") for n in range(FOYERS)]
    )
    users = User.objects.bulk_create(
        [
            User(identifiant=str(5_000_000 + n), first_name="Camille", last_name=f"Morel {n}", email=f"p{n}@c.example")
            for n in range(FOYERS)
        ]
    )
    Responsable.objects.bulk_create([Responsable(user=u, foyer=f) for u, f in zip(users, foyers, strict=True)])
    comptes = Compte.objects.bulk_create(
        [Compte(foyer=foyer, residence="hors" if n % 9 == 0 else "commune") for n, foyer in enumerate(foyers)]
    )
    Quotient.objects.bulk_create(
        [
            Quotient(compte=c, valeur=n * 37 % 1900, source="caf", debut=date(2026, 9, 1), vu_le=AOUT.date())
            for n, c in enumerate(comptes)
            if n % 12
        ]
    )
    enfants = Enfant.objects.bulk_create(
        [
            Enfant(nom="Morel", prenom=f"Enfant {n}", date_naissance=date(2016, 1, 1) + timedelta(days=n % 3000))
            for n in range(ENFANTS)
        ]
    )
    Garde.objects.bulk_create([Garde(enfant=e, foyer=foyers[n % FOYERS]) for n, e in enumerate(enfants)])
    live()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def live() -> None:
    """The school days of November: who is registered, by which save, who came and left when; the sheets closed."""
    ecole = load_calendrier().jours_ecole(NOVEMBRE, fin_de(NOVEMBRE))
    jours = f"(SELECT unnest(ARRAY[{', '.join(f"DATE '{jour}'" for jour in ecole)}]) d) jour"
    save = Enregistrement.objects.create(porte="portail", quand=AOUT)
    for creneau in Creneau.objects.all():
        qui = f"(SELECT enfant_id cle, foyer_id FROM enfance_garde) siens, {jours} WHERE {VENUS[creneau.code]}"
        ou = {"enfant_id": "cle", "jour": "jour.d", "creneau_id": str(creneau.pk)}
        insert("enfance_inscription", qui, **ou, etat="'inscrit'", origine="'portail'", foyer_id="foyer_id")
        insert("enfance_evenement", qui, **ou, enregistrement_id=str(save.pk), avant="''", apres="'inscrit'")
        venue = f"(jour.d + TIME '{creneau.debut}') AT TIME ZONE 'Europe/Paris'"
        parti = f"{venue} + make_interval(mins => (20 + cle % 90)::int)"
        heures = {"arrivee": venue, "arrivee_recue": venue, "depart": parti, "depart_recu": parti}
        insert("enfance_pointage", qui, **ou, present="true", **heures)
        insert("enfance_appel", jours, jour="d", creneau_id=str(creneau.pk), clos_le="now()", motif="''")


@pytest.mark.lent
def test_twenty_thousand_children_are_closed_at_once(ville, monkeypatch):
    locked = watch_locks(monkeypatch)
    debut = time.monotonic()
    preparation = controler(NOVEMBRE, ENSUITE).preparation
    totaux_of(preparation)
    load_variations(preparation)
    page = time.monotonic() - debut

    mois = arreter(NOVEMBRE, None, ENSUITE).mois

    duree = time.monotonic() - debut - page
    lus = f"{Prestation.objects.count()} lignes, {Facture.objects.count()} factures"
    print(f"page du mois ouvert {page:.1f} s ; arrêté {duree:.1f} s, {lus}")  # noqa: T201
    assert mois is not None
    assert mois.bilan["enfants"] == ENFANTS
    assert locked == []
    lignes, factures = Prestation.objects.aggregate(Sum("montant")), Facture.objects.aggregate(Sum("total"))
    assert lignes["montant__sum"] == factures["total__sum"] == mois.bilan["total"]
