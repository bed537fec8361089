"""One row of each table of money for a family, as the closing of November, the till and the office leave them."""

from __future__ import annotations

from datetime import date, datetime

from accounts.models import User
from enfance.models import Creneau, Enfant, Foyer
from facturation.models import (
    Attestation,
    Compte,
    Encaissement,
    EssaiPaiement,
    Facture,
    Imputation,
    Justification,
    NombreEnfants,
    Partage,
    PartPaiement,
    Quotient,
    Relance,
    ReponseAbsence,
    Serie,
    SignalementFacture,
    Versement,
)
from facturation.payeurs.comptes import compte_of
from portail.dates import PARIS
from tests.facturation.factures_emises import emettre, encaisser, make_mois, make_prestation

NOVEMBRE = date(2026, 11, 1)
JOUR = date(2026, 11, 5)
DECEMBRE = datetime(2026, 12, 3, 10, 12, tzinfo=PARIS)


def make_argent(foyer: Foyer, enfant: Enfant, par: User, *, agent: User | None = None) -> Compte:
    """This foyer owes 1,60 € of November for the child, paid 1 €, and has all that a payer can have besides.

    Wants the créneaux and the tariffs.
    """
    compte = compte_of(foyer)
    nom = par.get_full_name()
    Compte.objects.filter(pk=compte.pk).update(residence="commune", residence_vue_par=agent, residence_vue_le=DECEMBRE)
    Quotient.objects.create(
        compte=compte,
        valeur=742,
        source="caf",
        debut=date(2026, 9, 1),
        saisi_par=par,
        saisi_le=DECEMBRE,
        vu_le=date(2026, 8, 28),
        vu_par=agent,
        motif=f"reçu en retard de {nom}",
    )
    NombreEnfants.objects.create(
        compte=compte, nombre=2, debut=date(2026, 9, 1), saisi_le=DECEMBRE, saisi_par=agent or par
    )
    Partage.objects.create(enfant=enfant, compte=compte, part=50)
    Justification.objects.get_or_create(enfant=enfant, jour=JOUR, defaults={"raison": "maladie", "dite_par": par})
    midi = Creneau.objects.get(code="midi")
    ReponseAbsence.objects.create(
        enfant=enfant, jour=JOUR, creneau=midi, reponse="excusee", motif=f"certificat de {nom}", repondue_par=agent
    )
    lignes = [make_prestation(compte, enfant, JOUR, code) for code in ("matin", "midi")]
    inscription = lignes[0].faits["inscription"] | {"par": par.first_name, "par_foyer": foyer.pk}
    lignes[0].faits = lignes[0].faits | {"inscription": inscription}
    lignes[0].save(update_fields=["faits"])
    facture = emettre(compte, lignes, mois=make_mois(NOVEMBRE), emise_par=agent)
    make_prestation(compte, enfant, JOUR, "soir")  # waits
    retour = make_prestation(compte, enfant, date(2026, 11, 6), "midi", nature="correction", montant=-20, entier=-20)
    avoir = emettre(compte, [retour], origine=facture, motif=f"{nom} avait prévenu")
    Imputation.objects.create(avoir=avoir, facture=facture, montant=20, faite_le=DECEMBRE)
    recu = encaisser(
        compte, 60, (facture, 60), payeur=nom, reference=f"chèque de {nom}", ecrit_par=agent, contenu={"payeur": nom}
    )
    recu.versement = Versement.objects.create(
        annee=2026, rang=recu.rang, numero=f"V-2026-{recu.rang:04}", verse_le=date(2026, 12, 4), total=60
    )
    recu.save(update_fields=["versement"])
    en_ligne = encaisser(compte, 100, (facture, 100), moyen="payfip", payeur=nom, reference="")
    essai = {
        "facture": facture,
        "compte": compte,
        "numcli": "090909",
        "exer": "2026",
        "refdet": facture.reference,
        "objet": "Facture de novembre",
        "montant": 100,
        "saisie": "T",
        "mel": par.email,
        "demande_par": par,
        "demande_le": DECEMBRE,
    }
    abandonne = EssaiPaiement.objects.create(**essai, id_op=f"a{compte.pk}", etat="abandonne")
    PartPaiement.objects.create(essai=abandonne, facture=facture, montant=40)
    EssaiPaiement.objects.create(
        **essai,
        id_op=f"b{compte.pk}",
        etat="paye",
        encaissement=en_ligne,
        reponse={"mel": par.email, "resultrans": "P", "objet": nom},
    )
    SignalementFacture.objects.create(
        facture=facture,
        prestation=lignes[0],
        texte=f"{nom} était là",
        dit_par=par,
        reponse=f"{nom} a raison",
        repondu_le=DECEMBRE,
        repondu_par=agent,
    )
    Relance.objects.create(facture=facture, genre="de_cote", motif=f"{nom} a appelé", faite_par=agent)
    Attestation.objects.create(
        annee_payee=2026,
        annee=2027,
        rang=recu.rang,
        numero=f"A-2027-{recu.rang:04}",
        compte=compte,
        total=80,
        contenu={"payeur": nom},
    )
    for code, annee, pieces in (
        ("F", 2026, Facture.objects.filter(genre="F")),
        ("AV", 2026, Facture.objects.filter(genre="AV")),
        ("R", 2026, Encaissement.objects.all()),
        ("V", 2026, Versement.objects.all()),
        ("A", 2027, Attestation.objects.all()),
    ):
        dernier = pieces.order_by("-rang").values_list("rang", flat=True)[0]
        Serie.objects.update_or_create(code=code, annee=annee, defaults={"dernier": dernier})
    return Compte.objects.get(pk=compte.pk)
