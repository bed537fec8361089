"""Money drawn at random for a town whose month is closed: receipts, counter-entries, refunds, avoirs, versements,
payers made one. What the till refuses is refused; nothing else may be raised."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from django.db import transaction

from facturation.models import Compte, Encaissement, Facture
from facturation.payeurs.comptes import soldes
from facturation.regie.encaissements import (
    EncaissementRefuse,
    annuler,
    encaisser,
    imputer_credits,
    rembourser,
    reporter,
    verser,
)
from portail.dates import PARIS
from tests.facturation.papiers import make_facture

DEBUT = datetime(2026, 12, 2, 9, tzinfo=PARIS)
GESTES = ["encaisser"] * 6 + ["annuler", "impaye", "impaye", "rembourser", "rembourser", "avoir", "verser", "reporter"]


def move(rnd: Random, combien: int, then: Callable[[], None] = lambda: None) -> None:
    """So many operations, two hours one after the other: from December on, into the next year; `then` after ten."""
    for rang in range(combien):
        now = DEBUT + timedelta(hours=rang * 1500 // combien)
        if rang % 10 == 9:
            then()
        try:
            with transaction.atomic():
                one(rnd, rnd.choice(GESTES), now)
        except EncaissementRefuse:
            continue


def one(rnd: Random, geste: str, now: datetime) -> None:
    compte = rnd.choice(list(Compte.objects.filter(reuni_dans=None).order_by("pk")))
    if geste == "encaisser":
        du = max(soldes([compte])[compte.pk], 0)
        montant = rnd.choice([du, du // 2, du + 700, rnd.randint(1, 3000)]) or 500
        moyen = rnd.choice(["cheque", "especes", "cesu", "virement"])
        titres = 1 if moyen == "cesu" else None
        siennes = list(Facture.objects.factures().for_compte([compte]).order_by("pk"))
        choisies = rnd.sample(siennes, min(len(siennes), rnd.randint(0, 1)))
        encaisser(compte, moyen, montant, factures=choisies, titres=titres, par=None, now=now)
    elif geste == "annuler":
        if standing := list(Encaissement.objects.standing().order_by("pk")):
            annuler(rnd.choice(standing), "erreur", None, now)
    elif geste == "impaye":
        cheques = Encaissement.objects.standing().filter(moyen="cheque").exclude(versement=None).order_by("pk")
        if standing := list(cheques):
            annuler(rnd.choice(standing), "sans provision", None, now, impaye=True)
    elif geste == "rembourser":
        credit = max(-soldes([compte])[compte.pk], 1)
        rembourser(compte, rnd.choice([1, 100, 700, credit]), motif="crédit rendu", par=None, now=now)
    elif geste == "avoir":
        _avoir(rnd, now)
    elif geste == "verser":
        verser(now.date(), None, now)
    else:
        _reporter(rnd, compte, now)


def _avoir(rnd: Random, now: datetime) -> None:
    """One line of an invoice given back, wholly or in part."""
    factures = Facture.objects.factures().filter(compte__reuni_dans=None).order_by("pk")
    lignes = [ligne for ligne in rnd.choice(list(factures)).prestations.order_by("pk") if ligne.montant > 0]
    if not lignes:
        return
    ligne = rnd.choice(lignes)
    rendu = {
        "enfant": ligne.enfant,
        "cle_enfant": ligne.cle_enfant,
        "jour": ligne.jour,
        "creneau": ligne.creneau,
        "nature": "correction",
        "prix": -1,
        "entier": -1,
        "montant": -rnd.randint(1, ligne.montant),
        "credit_impot": ligne.credit_impot,
        "motif": "excusée",
        "corrige": ligne,
    }
    make_facture(ligne.compte, [rendu], emise=now.date(), origine=ligne.facture)
    imputer_credits([ligne.compte.pk], now)


def _reporter(rnd: Random, compte: Compte, now: datetime) -> None:
    autres = Compte.objects.filter(reuni_dans=None, reunis=None).exclude(pk=compte.pk).order_by("pk")
    if len(autres) > 1 and rnd.random() < 0.3:
        reporter(rnd.choice(list(autres)), compte, None, now)
