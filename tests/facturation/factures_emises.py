"""Invoices as closing a month issues them, written without it: one family, and what a test asks for.

November 2026 of Léa and Tom is 67,35 €, less the 1,55 € left of October's cheque: 65,80 €.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from enfance.models import Creneau, Enfant, Foyer, Responsable
from facturation.models import (
    Compte,
    Encaissement,
    Facture,
    Imputation,
    Mois,
    Prestation,
    Quotient,
    Serie,
    Supplement,
    Tarif,
)
from facturation.numeros import numero
from facturation.payeurs.comptes import compte_of
from portail.dates import PARIS, instant
from tests.facturation.grille import make_tarif
from tests.facturation.papiers import scelle

NOVEMBRE = date(2026, 11, 1)
OCTOBRE = date(2026, 10, 1)
SEMAINE_TYPE = {"par": "Camille", "le": "2026-08-27T21:03:00+02:00", "origine": "semaine_type"}
EXCUSEE = {
    "inscription": SEMAINE_TYPE,
    "absence": {"signalee_le": "2026-11-09T20:14:00+01:00", "par": "Camille", "raison": "maladie"},
    "reponse": {
        "reponse": "excusee",
        "motif": "certificat reçu",
        "le": "2026-11-12T09:05:00+01:00",
        "par": "la mairie",
    },
}
FACTUREE = {
    "inscription": SEMAINE_TYPE,
    "absence": {
        "signalee_le": "2026-11-24T08:10:00+01:00",
        "par": "Dominique",
        "limite": "2026-11-23T12:00:00+01:00",
    },
    "reponse": {
        "reponse": "facturee",
        "motif": "signalée après la limite, sans justificatif",
        "le": "2026-11-26T09:12:00+01:00",
        "par": "la mairie",
    },
}
TRANCHE = [600, 859]
LEA = {
    "matin": [2, 3, 9, 16, 17, 23, 24, 30],
    "midi": [2, 3, 5, 6, 9, 12, 13, 16, 17, 19, 20, 23, 24, 26, 27, 30],
    "soir": {2: 3, 5: 2, 9: 2, 12: 4, 16: 3, 19: 4, 23: 2, 26: 3, 30: 3},
}
TOM = {
    "matin": [2, 9, 16, 23, 30],
    "midi": [2, 5, 6, 9, 12, 13, 16, 19, 20, 23, 26, 27, 30],
    "soir": {2: 3, 9: 2, 16: 3, 23: 2, 26: 3, 30: 3},
}


def make_mois(premier: date = NOVEMBRE) -> Mois:
    """This month, closed on the first of the next one, to be paid before its 20."""
    suivant = (premier + timedelta(days=31)).replace(day=1)
    connu = {"arrete_le": instant(suivant, time(9, 30)), "echeance": suivant.replace(day=20)}
    return Mois.objects.get_or_create(premier=premier, defaults=connu)[0]


def gate(creneau: Creneau, jour: date, tranches: int = 0, **heures: str) -> dict[str, str | None]:
    """What the gate saw of this child: `tranches` half-hours begun, or the times that are given (« 18:41 »)."""
    if heures:
        return {quoi: instant(jour, time.fromisoformat(h)).isoformat() for quoi, h in heures.items()}
    if creneau.code == "soir":
        parti = instant(jour, creneau.debut) + timedelta(minutes=30 * tranches - 18)
        return {"arrivee": None, "depart": parti.isoformat()}
    venu = instant(jour, creneau.debut) + timedelta(minutes=18)
    return {"arrivee": venu.isoformat(), "depart": None}


def make_prestation(compte: Compte, enfant: Enfant, jour: date, code: str, **fields) -> Prestation:
    """A line that waits for its invoice: one séance, or `quantite` half-hours, priced by the tariff of that créneau
    for a quotient of 742 in the commune."""
    creneau = Creneau.objects.get(code=code)
    tarif = Tarif.objects.get(creneaux=creneau)
    rang = fields.pop("rang", 1)
    ligne = tarif.lignes.get(residence="commune", qf_min=TRANCHE[0], rang=rang)
    quantite = fields.pop("quantite", 1)
    prix = fields.pop("prix", ligne.prix)
    entier = fields.pop("entier", quantite * prix)
    known = {
        "mois": make_mois(jour.replace(day=1)),
        "nature": "seance",
        "montant": entier,
        "quotient": 742,
        "residence": "commune",
        "tarif": tarif,
        "ligne": ligne,
        "faits": {"inscription": SEMAINE_TYPE, "presence": gate(creneau, jour, quantite)},
        "prix_dit": {
            "deliberation": "2026-41",
            "votee_le": "2026-06-25",
            "debut": "2026-09-01",
            "tarif": tarif.nom,
            "unite": tarif.unite,
            "minutes": tarif.minutes,
            "tranche": TRANCHE,
        },
    }
    return Prestation.objects.create(
        compte=compte,
        enfant=enfant,
        cle_enfant=enfant.pk,
        jour=jour,
        creneau=creneau,
        quantite=quantite,
        prix=prix,
        entier=entier,
        rang=rang,
        **{**known, **fields},
    )


def make_supplement(seance: Prestation, nature: str, montant: int, **fields) -> Prestation:
    """What is owed besides this séance: `retard` or `sans_inscription`."""
    return Prestation.objects.create(
        mois=seance.mois,
        compte=seance.compte,
        enfant=seance.enfant,
        cle_enfant=seance.cle_enfant,
        jour=seance.jour,
        creneau=seance.creneau,
        nature=nature,
        prix=montant,
        entier=montant,
        montant=montant,
        credit_impot=False,
        supplement=Supplement.objects.filter(genre=nature).first(),
        faits=seance.faits,
        prix_dit={"deliberation": "2026-41", "votee_le": "2026-06-25", "debut": "2026-09-01", "article": "article 4"},
        **fields,
    )


def entete_of(foyer: Foyer, enfants: Sequence[Enfant], **fields) -> dict[str, object]:
    """What an invoice freezes of people."""
    adultes = list(foyer.responsables.select_related("user").order_by("pk"))
    prenoms = " et ".join(adulte.user.first_name for adulte in adultes)
    return {
        "payeur": {
            "nom": f"{prenoms} {adultes[0].user.last_name}",
            "adresse": [foyer.adresse, f"{foyer.code_postal} {foyer.commune}"],
            "identifiants": [adulte.user.identifiant for adulte in adultes],
        },
        "enfants": {
            str(enfant.pk): {
                "prenom": enfant.prenom,
                "nom": enfant.nom,
                "naissance": enfant.date_naissance.isoformat(),
            }
            for enfant in enfants
        },
        "quotient": 742,
        "residence": "commune",
        **fields,
    }


def emettre(compte: Compte, lignes: Sequence[Prestation], *, mois: Mois | None = None, **fields) -> Facture:
    """The invoice, or the avoir, of these lines."""
    total = sum(ligne.montant for ligne in lignes)
    genre = "F" if total > 0 else "AV"
    emise_le = fields.pop("emise_le", mois.arrete_le if mois else datetime(2026, 12, 2, 10, tzinfo=PARIS))
    rang = fields.pop("rang", Facture.objects.filter(genre=genre, annee=emise_le.year).count() + 1)
    enfants = {ligne.enfant_id: ligne.enfant for ligne in lignes if ligne.enfant}
    known = {"echeance": mois.echeance if mois and total > 0 else None, "empreinte": "0" * 64}
    facture = Facture.objects.create(
        genre=genre,
        annee=emise_le.year,
        rang=rang,
        numero=numero(genre, emise_le.year, rang),
        compte=compte,
        mois=mois,
        emise_le=emise_le,
        total=total,
        **{
            **known,
            "entete": entete_of(compte.foyer, list(enfants.values())) if compte.foyer else {},
            **fields,
        },
    )
    _follow(genre, emise_le.year, rang)
    Prestation.objects.filter(pk__in=[ligne.pk for ligne in lignes]).update(facture=facture)
    return facture


def _follow(code: str, annee: int, rang: int) -> None:
    """The series of these numbers is there by now: what the portal writes next takes the next one."""
    serie, _ = Serie.objects.get_or_create(code=code, annee=annee)
    Serie.objects.filter(pk=serie.pk, dernier__lt=rang).update(dernier=rang)


def encaisser(compte: Compte, montant: int, *imputees: tuple[Facture, int], **fields) -> Encaissement:
    """Money received, and the part of it that paid each of these invoices."""
    recu_le = fields.pop("recu_le", datetime(2026, 12, 3, 20, 53, tzinfo=PARIS))
    rang = fields.pop("rang", Encaissement.objects.filter(annee=recu_le.year).count() + 1)
    known = {"moyen": "cheque", "payeur": "Camille Morel", "reference": "0001234"}
    recu = Encaissement.objects.create(
        annee=recu_le.year,
        rang=rang,
        numero=numero("R", recu_le.year, rang),
        compte=compte,
        montant=montant,
        recu_le=recu_le,
        ecrit_le=recu_le,
        **{**known, **fields},
    )
    _follow(Serie.Code.RECU, recu_le.year, rang)
    for facture, part in imputees:
        Imputation.objects.create(encaissement=recu, facture=facture, montant=part, faite_le=recu_le)
    return scelle(recu)


def correction(ligne: Prestation, montant: int, **fields) -> Prestation:
    """A correction of this line, which waits for the next invoice."""
    known = {
        "quantite": 2,
        "motif": "heure corrigée par l’équipe le mardi 10 novembre, après votre message du 6 novembre",
        "faits": {
            "avant": {"depart": "2026-10-12T18:05:00+02:00", "quantite": 4, "montant": 220},
            "apres": {"depart": "2026-10-12T17:25:00+02:00", "quantite": 2, "montant": 110},
        },
    }
    return Prestation.objects.create(
        mois=None,
        compte=ligne.compte,
        enfant=ligne.enfant,
        cle_enfant=ligne.cle_enfant,
        jour=ligne.jour,
        creneau=ligne.creneau,
        nature="correction",
        prix=ligne.prix,
        entier=montant,
        montant=montant,
        tarif=ligne.tarif,
        ligne=ligne.ligne,
        quotient=ligne.quotient,
        residence=ligne.residence,
        rang=ligne.rang,
        prix_dit=ligne.prix_dit,
        corrige=ligne,
        **{**known, **fields},
    )


def lines_of(compte: Compte, enfant: Enfant, jours: dict, rang: int) -> list[Prestation]:
    """The lines of a month of November, from its days by créneau (half-hours by day for the evening)."""
    lignes = [
        make_prestation(compte, enfant, date(2026, 11, jour), code, rang=rang)
        for code in ("matin", "midi")
        for jour in jours.get(code, [])
    ]
    return lignes + [
        make_prestation(compte, enfant, date(2026, 11, jour), "soir", quantite=tranches, rang=rang)
        for jour, tranches in jours.get("soir", {}).items()
    ]


def novembre(camille: Responsable, lea: Enfant, tom: Enfant) -> Facture:
    """That family's n° F-2026-0349, with October's (paid by a cheque of 35 €) before it. Wants the créneaux and the
    tariffs.
    """
    compte = compte_of(camille.foyer)
    Quotient.objects.create(
        compte=compte, valeur=742, source="caf", debut=date(2026, 9, 1), vu_le=date(2026, 8, 28), saisi_le=OCTOBRE_PAYE
    )
    octobre = [
        make_prestation(compte, lea, OCTOBRE.replace(day=5 + jour), "soir", quantite=4) for jour in range(0, 10, 1)
    ]
    faux = make_prestation(compte, tom, date(2026, 10, 12), "soir", quantite=4, rang=2)
    reste = make_prestation(compte, tom, date(2026, 10, 13), "midi", prix=525, rang=2)
    premiere = emettre(compte, [*octobre, faux, reste], mois=make_mois(OCTOBRE), rang=214)
    cheque = encaisser(compte, 3500, (premiere, 3345), recu_le=OCTOBRE_PAYE, rang=322)

    lignes = [*lines_of(compte, lea, LEA, 1), *lines_of(compte, tom, TOM, 2)]
    par_case = {(ligne.enfant_id, ligne.jour.day, ligne.creneau.code): ligne for ligne in lignes}
    for code in ("matin", "midi"):
        _change(par_case[lea.pk, 24, code], faits=FACTUREE)
        lignes.append(make_prestation(compte, lea, date(2026, 11, 10), code, montant=0, faits=EXCUSEE))
    tard, dehors = par_case[lea.pk, 19, "soir"], par_case[tom.pk, 26, "soir"]
    _change(tard, faits=tard.faits | {"presence": gate(tard.creneau, tard.jour, depart="18:41")})
    _change(dehors, faits={"presence": gate(dehors.creneau, dehors.jour, depart="17:58")})
    lignes += [make_supplement(tard, "retard", 500), make_supplement(dehors, "sans_inscription", 100)]
    lignes.append(correction(faux, -110))
    facture = emettre(compte, lignes, mois=make_mois(NOVEMBRE), rang=349)
    Imputation.objects.create(encaissement=cheque, facture=facture, montant=155, faite_le=facture.emise_le)
    return facture


OCTOBRE_PAYE = datetime(2026, 11, 16, 9, 12, tzinfo=PARIS)


def _change(ligne: Prestation, **fields: object) -> None:
    for name, value in fields.items():
        setattr(ligne, name, value)
    ligne.save(update_fields=list(fields))


def une_facture(enfant: Enfant) -> Facture:
    """One evening of this child in November, billed to the foyer of its garde and paid in part. Wants the créneau of
    the evening."""
    if not Tarif.objects.filter(creneaux__code="soir").exists():
        make_tarif("soir")
    compte = compte_of(enfant.gardes.get().foyer)
    ligne = make_prestation(compte, enfant, date(2026, 11, 5), "soir", quantite=3)
    facture = emettre(compte, [ligne], mois=make_mois(NOVEMBRE))
    encaisser(compte, 100, (facture, 100))
    return facture
