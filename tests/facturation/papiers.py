"""Issued papers for tests, row by row: invoices and their lines, avoirs, receipts and what they pay. Centimes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time

from enfance.models import Creneau, Enfant
from facturation.models import Compte, Encaissement, Facture, Imputation, Mois, Prestation
from facturation.numeros import numero, take_rangs
from facturation.payeurs.entetes import empreinte_of, enfant_json, entete_of, load_identites
from facturation.scellement import Signatures, sceller
from portail.dates import instant

type Ligne = dict[str, object]


def midi(jour: date) -> datetime:
    return instant(jour, time(12))


def ligne(enfant: Enfant, jour: date, montant: int, creneau: Creneau | None = None, **fields) -> Ligne:
    """A line as `make_facture` takes it: a séance, unless `nature` says otherwise."""
    known = {"nature": "seance", "prix": montant, "entier": montant, "montant": montant}
    return {"enfant": enfant, "cle_enfant": enfant.pk, "jour": jour, "creneau": creneau, **known, **fields}


def make_mois(premier: date, **fields) -> Mois:
    fin = date(premier.year + premier.month // 12, premier.month % 12 + 1, 1)
    known = {"arrete_le": midi(fin.replace(day=3)), "echeance": fin.replace(day=20)}
    return Mois.objects.get_or_create(premier=premier, defaults={**known, **fields})[0]


def make_facture(
    compte: Compte,
    lignes: Sequence[Ligne],
    *,
    emise: date,
    origine: Facture | None = None,
    mois: Mois | None = None,
) -> Facture:
    """Issued that day at noon; an avoir when its lines give back."""
    total = sum(ligne["montant"] for ligne in lignes)
    genre = "F" if total > 0 else "AV"
    [rang] = take_rangs(genre, emise.year)
    identite = load_identites([compte.foyer_id])[compte.foyer_id]
    enfants = {
        une["enfant"].pk: enfant_json(une["enfant"].prenom, une["enfant"].nom, une["enfant"].date_naissance)
        for une in lignes
    }
    facture = Facture(
        genre=genre,
        annee=emise.year,
        rang=rang,
        numero=numero(genre, emise.year, rang),
        compte=compte,
        mois=mois,
        origine=origine,
        emise_le=midi(emise),
        echeance=emise if genre == "F" else None,
        total=total,
        entete=entete_of(identite, enfants, enfants, quotient=652, residence="commune"),
    )
    prestations = [
        Prestation(compte=compte, mois=mois or make_mois(une["jour"].replace(day=1)), **une) for une in lignes
    ]
    facture.empreinte = empreinte_of(facture, prestations)
    facture.save()
    for prestation in prestations:
        prestation.facture = facture
    Prestation.objects.bulk_create(prestations)
    return facture


def make_recu(
    compte: Compte,
    montant: int,
    *,
    recu: date,
    moyen: str = "cheque",
    sur: Sequence[tuple[Facture, int]] = (),
    **fields,
) -> Encaissement:
    """Received that day at noon, and paying these sums of these invoices."""
    ecrit = fields.pop("ecrit", recu)
    [rang] = take_rangs("R", ecrit.year)
    encaissement = Encaissement.objects.create(
        annee=ecrit.year,
        rang=rang,
        numero=numero("R", ecrit.year, rang),
        compte=compte,
        payeur="Camille Morel",
        moyen=moyen,
        montant=montant,
        recu_le=midi(recu),
        ecrit_le=midi(ecrit),
        **fields,
    )
    for facture, part in sur:
        Imputation.objects.create(encaissement=encaissement, facture=facture, montant=part, faite_le=midi(ecrit))
    return scelle(encaissement)


def scelle(encaissement: Encaissement) -> Encaissement:
    """Sealed, as the till seals what it writes."""
    sceller(encaissement, Signatures(), encaissement.ecrit_par)
    encaissement.save()
    return encaissement


def payer(facture: Facture, recu: date, moyen: str = "cheque") -> Encaissement:
    """The whole of it at once."""
    return make_recu(facture.compte, facture.total, recu=recu, moyen=moyen, sur=[(facture, facture.total)])
