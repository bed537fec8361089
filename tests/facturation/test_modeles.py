"""What can never be true of money is refused by the database itself (VAL-01); each field has its French words."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import CheckConstraint, UniqueConstraint

from facturation.models import (
    Attestation,
    Compte,
    Deliberation,
    Encaissement,
    EssaiPaiement,
    Facture,
    Imputation,
    Justification,
    LieuResidence,
    LigneTarif,
    Mois,
    NombreEnfants,
    Nomination,
    Partage,
    PartPaiement,
    Plafond,
    Prestation,
    Quotient,
    ReglageFacturation,
    Relance,
    Serie,
    SignalementFacture,
    Supplement,
    Tarif,
    Versement,
)
from portail.dates import PARIS
from tests.enfance.lignes import deux, named
from tests.factories import CreneauFactory, EnfantFactory, FoyerFactory
from tests.facturation.grille import make_deliberation

NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)
JOUR, VEILLE, PREMIER = date(2026, 12, 7), date(2026, 12, 6), date(2026, 12, 1)
MODELES = list(apps.get_app_config("facturation").get_models())


def un_payeur() -> Compte:
    return Compte.objects.create(foyer=FoyerFactory())


def un_mois() -> Mois:
    return Mois.objects.get_or_create(premier=PREMIER, defaults={"echeance": JOUR})[0]


def une_facture(**champs: Any) -> Facture:
    connus = {"annee": 2026, "rang": 1, "numero": "F-2026-0001", "emise_le": NOW, "total": 100, "echeance": JOUR}
    if "compte" not in champs:
        champs["compte"] = un_payeur()
    return Facture(**{**connus, **champs})


def emise(**champs: Any) -> Facture:
    facture = une_facture(**champs)
    facture.save()
    return facture


def un_recu(**champs: Any) -> Encaissement:
    connus = {"annee": 2026, "rang": 1, "numero": "R-2026-0001", "payeur": "Camille", "moyen": "especes"}
    if "compte" not in champs:
        champs["compte"] = un_payeur()
    return Encaissement(**{**connus, "montant": 100, "recu_le": NOW, **champs})


def recu(**champs: Any) -> Encaissement:
    ecrit = un_recu(**champs)
    ecrit.save()
    return ecrit


def une_ligne(**champs: Any) -> Prestation:
    connus = {"mois": un_mois(), "cle_enfant": 1, "jour": JOUR, "nature": "seance"}
    sommes = {"prix": 100, "entier": 100, "montant": 100}
    if "compte" not in champs:
        champs["compte"] = un_payeur()
    return Prestation(**{**connus, **sommes, **champs})


def un_tarif(**champs: Any) -> Tarif:
    return Tarif(**{"nom": "Soir", "deliberation": make_deliberation(), "debut": PREMIER, "unite": "seance", **champs})


def une_case(**champs: Any) -> LigneTarif:
    if "tarif" not in champs:
        champs["tarif"] = un_tarif()
        champs["tarif"].save()
    return LigneTarif(**{"residence": "commune", "qf_min": 0, "rang": 1, "prix": 100, **champs})


def un_supplement(**champs: Any) -> Supplement:
    connus = {"genre": "retard", "deliberation": make_deliberation(), "debut": PREMIER, "prix": 100}
    return Supplement(**{**connus, **champs})


def un_plafond(**champs: Any) -> Plafond:
    connus = {"deliberation": make_deliberation(), "debut": PREMIER, "montant": 400, "periode": "jour"}
    return Plafond(**{**connus, **champs})


def deux_fois_le_plafond() -> list[Prestation]:
    plafond = un_plafond()
    plafond.save()
    une = une_ligne(nature="plafond", prix=-1, entier=-1, montant=-1, plafond=plafond, creneau=CreneauFactory())
    meme = {"compte": une.compte, "creneau": une.creneau, "cle_enfant": une.cle_enfant, "jour": une.jour}
    return [une, une_ligne(nature="plafond", prix=-1, entier=-1, montant=-1, plafond=plafond, **meme)]


def un_essai(**champs: Any) -> EssaiPaiement:
    facture = emise()
    connus = {"numcli": "090909", "exer": "2026", "refdet": "F20260001", "objet": "x", "montant": 100, "saisie": "T"}
    return EssaiPaiement(facture=facture, compte=facture.compte, mel="c@courriel.example", **{**connus, **champs})


def une_part(**champs: Any) -> PartPaiement:
    essai = un_essai()
    essai.save()
    return PartPaiement(**{"essai": essai, "facture": essai.facture, "montant": 100, **champs})


def deux_parts() -> list[PartPaiement]:
    part = une_part()
    return [part, PartPaiement(essai=part.essai, facture=part.facture, montant=1)]


def une_attestation(compte: Compte, rang: int = 1) -> Attestation:
    return Attestation(
        annee_payee=2026, annee=2027, rang=rang, numero=f"A-2027-{rang:04}", compte=compte, total=0, emise_le=NOW
    )


def un_payeur_reuni_a_lui_meme() -> Compte:
    compte = un_payeur()
    return Compte(pk=compte.pk + 1, reuni_dans_id=compte.pk + 1)


def une_imputation(**champs: Any) -> Imputation:
    return Imputation(**{"encaissement": recu(), "facture": emise(), "montant": 1, **champs})


def un_rappel_trop_tot() -> ReglageFacturation:
    return ReglageFacturation(rappel_1=7, rappel_2=7)


# Each named constraint, with rows that it must refuse.
MAUVAISES_LIGNES = [
    ("compte_reuni_dans_un_autre", un_payeur_reuni_a_lui_meme),
    ("quotient_valeur", lambda: Quotient(compte=un_payeur(), valeur=100_000, source="caf", debut=PREMIER)),
    ("quotient_premier_du_mois", lambda: Quotient(compte=un_payeur(), valeur=1, source="caf", debut=JOUR)),
    ("quotient_fin", lambda: Quotient(compte=un_payeur(), valeur=1, source="caf", debut=PREMIER, fin=PREMIER)),
    ("nombre_enfants_valeur", lambda: NombreEnfants(compte=un_payeur(), nombre=0, debut=PREMIER)),
    ("nombre_enfants_premier_du_mois", lambda: NombreEnfants(compte=un_payeur(), nombre=1, debut=JOUR)),
    ("plafond_premier_du_mois", lambda: un_plafond(periode="mois", debut=JOUR)),
    ("plafond_fin", lambda: un_plafond(fin=date(2026, 11, 30))),
    ("lieu_residence_nomme", lambda: LieuResidence(code="", nom="Lune")),
    (
        "lieu_residence_un_defaut",
        lambda: [LieuResidence(code=code, nom=code, defaut=True) for code in ("lune", "mars")],
    ),
    ("prestation_plafond_unique", deux_fois_le_plafond),
    ("prestation_montant", lambda: une_ligne(nature="plafond", prix=-1, entier=-1, montant=-1)),
    ("partage_part", lambda: Partage(enfant=EnfantFactory(), compte=un_payeur(), part=0)),
    ("partage_part", lambda: Partage(enfant=EnfantFactory(), compte=un_payeur(), part=101)),
    ("partage_fin", lambda: Partage(enfant=EnfantFactory(), compte=un_payeur(), part=50, debut=JOUR, fin=VEILLE)),
    ("justification_unique", lambda: deux(Justification, enfant=EnfantFactory(), jour=JOUR, raison="maladie")),
    ("tarif_minutes_d_une_tranche", lambda: un_tarif(unite="tranche")),
    ("tarif_minutes_d_une_tranche", lambda: un_tarif(unite="tranche", minutes=0)),
    ("tarif_minutes_d_une_tranche", lambda: un_tarif(minutes=30)),
    ("tarif_midi_sans_tranche", lambda: un_tarif(unite="tranche", minutes=30, moment="midi")),
    ("tarif_arrondi", lambda: un_tarif(arrondi=3)),
    ("ligne_tarif_unique", lambda: [une := une_case(), une_case(tarif=une.tarif)]),
    (
        "ligne_tarif_inconnu_unique",
        lambda: [une := une_case(inconnu=True, qf_min=None), une_case(tarif=une.tarif, inconnu=True, qf_min=None)],
    ),
    ("tarif_tolerance", lambda: un_tarif(unite="tranche", minutes=30, tolerance=30)),
    ("tarif_tolerance", lambda: un_tarif(tolerance=5)),
    ("tarif_jours_d_un_abonnement", lambda: un_tarif(unite="forfait")),
    ("tarif_jours_d_un_abonnement", lambda: un_tarif(unite="forfait", jours=7)),
    ("tarif_jours_d_un_abonnement", lambda: un_tarif(jours=2)),
    ("tarif_un_axe", lambda: un_tarif(axe="enfants", fratrie=True)),
    ("ligne_tarif_premiere", lambda: une_case(prix=None, taux=1, premiere=100)),
    ("ligne_tarif_rang_et_residence", lambda: une_case(rang=0)),
    ("ligne_tarif_rang_et_residence", lambda: une_case(rang=13)),
    ("ligne_tarif_rang_et_residence", lambda: une_case(residence="")),
    ("ligne_tarif_tranche", lambda: une_case(qf_min=None)),
    ("ligne_tarif_tranche", lambda: une_case(inconnu=True)),
    ("ligne_tarif_bornes", lambda: une_case(qf_min=600, qf_max=599)),
    ("ligne_tarif_prix_ou_taux", lambda: une_case(prix=None)),
    ("ligne_tarif_prix_ou_taux", lambda: une_case(taux=1)),
    ("ligne_tarif_prix_ou_taux", lambda: une_case(minimum=1)),
    ("supplement_prix_ou_pourcentage", lambda: un_supplement(pourcentage=10)),
    ("supplement_prix_ou_pourcentage", lambda: un_supplement(prix=None)),
    ("supplement_pourcentage", lambda: un_supplement(prix=None, pourcentage=501)),
    ("supplement_en_tout", lambda: un_supplement(en_tout=True)),
    ("supplement_en_tout", lambda: un_supplement(genre="tardive", prix=None, pourcentage=10, en_tout=True)),
    ("supplement_fin", lambda: un_supplement(fin=date(2026, 11, 30))),
    ("serie_unique", lambda: deux(Serie, code="F", annee=2026)),
    ("mois_premier_jour", lambda: Mois(premier=JOUR, echeance=JOUR)),
    ("facture_rang_unique", lambda: [une_facture(), une_facture(numero="F-2026-0002")]),
    (
        "facture_une_par_mois",
        lambda: [
            une := une_facture(mois=un_mois()),
            une_facture(rang=2, numero="F-2026-0002", mois=un_mois(), compte=une.compte),
        ],
    ),
    ("facture_total_de_son_genre", lambda: une_facture(total=0)),
    ("facture_total_de_son_genre", lambda: une_facture(echeance=None)),
    ("facture_total_de_son_genre", lambda: une_facture(genre="AV")),
    ("facture_total_de_son_genre", lambda: une_facture(rang=2, numero="F-2026-0002", origine=emise())),
    (
        "prestation_unique",
        lambda: [une := une_ligne(creneau=CreneauFactory()), une_ligne(creneau=une.creneau, compte=une.compte)],
    ),
    ("prestation_part", lambda: une_ligne(part=0)),
    ("prestation_montant", lambda: une_ligne(montant=-1)),
    ("prestation_mois", lambda: une_ligne(mois=None)),
    ("versement_rang_unique", lambda: [un_versement(), un_versement(numero="V-2026-0002")]),
    ("nomination_fin", lambda: Nomination(nom="Hélène", fonction="titulaire", debut=JOUR, fin=date(2020, 1, 1))),
    ("encaissement_rang_unique", lambda: [un_recu(), un_recu(numero="R-2026-0002")]),
    ("encaissement_montant", lambda: un_recu(moyen="report", montant=0)),
    ("encaissement_signe", lambda: un_recu(montant=-1)),
    ("encaissement_signe", lambda: un_recu(moyen="remboursement")),
    ("encaissement_annule_avec_motif", lambda: un_recu(rang=2, numero="R-2026-0002", montant=-100, annule=recu())),
    ("encaissement_part_famille", lambda: un_recu(part_famille=1)),
    ("encaissement_part_famille", lambda: un_recu(moyen="cesu", titres=1, part_famille=101)),
    ("imputation_montant", lambda: une_imputation(montant=0)),
    ("imputation_source", lambda: une_imputation(encaissement=None)),
    ("imputation_cible", lambda: une_imputation(facture=None)),
    ("essai_paiement_montant", lambda: un_essai(montant=99)),
    ("essai_paiement_montant", lambda: un_essai(montant=10_000_001)),
    ("essai_paiement_encaisse", lambda: un_essai(etat="paye")),
    ("essai_paiement_encaisse", lambda: un_essai(etat="refuse", encaissement=recu())),
    ("part_paiement_montant", lambda: une_part(montant=0)),
    (
        "part_paiement_unique",
        deux_parts,
    ),
    ("reglage_facturation_echeance", lambda: ReglageFacturation(jour_echeance=29)),
    ("reglage_facturation_rappels", un_rappel_trop_tot),
    ("signalement_facture_reponse", lambda: SignalementFacture(facture=emise(), texte="x", reponse="y")),
    ("signalement_facture_reponse", lambda: SignalementFacture(facture=emise(), texte="x", repondu_le=NOW)),
    ("relance_unique", lambda: deux(Relance, facture=emise(), genre="premier")),
    ("relance_montant", lambda: Relance(facture=emise(), genre="premier", montant=100)),
    ("relance_de_cote_avec_motif", lambda: Relance(facture=emise(), genre="de_cote")),
    ("attestation_rang_unique", lambda: [une_attestation(un_payeur()), une_autre(un_payeur())]),
    ("attestation_premiere_unique", lambda: [une := une_attestation(un_payeur()), une_attestation(une.compte, 2)]),
]


def une_autre(compte: Compte) -> Attestation:
    """Of the same rank, under another number."""
    attestation = une_attestation(compte)
    attestation.numero = "A-2027-0002"
    return attestation


def un_versement(**champs: Any) -> Versement:
    connus = {"annee": 2026, "rang": 1, "numero": "V-2026-0001", "verse_le": JOUR, "total": 0}
    return Versement(**{**connus, **champs})


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("contrainte", "lignes"), MAUVAISES_LIGNES, ids=[f"{nom}-{n}" for n, (nom, _) in enumerate(MAUVAISES_LIGNES)]
)
def test_bad_row_is_refused_by_its_constraint(contrainte, lignes):  # VAL-01
    rows = lignes()
    rows = rows if isinstance(rows, list) else [rows]

    with pytest.raises(IntegrityError) as refus, transaction.atomic():
        type(rows[0]).objects.bulk_create(rows)

    assert contrainte in named(type(rows[0]), refus.value)


def test_every_constraint_has_a_bad_row():  # VAL-01
    assert {nom for nom, _ in MAUVAISES_LIGNES} == {
        contrainte.name for model in MODELES for contrainte in model._meta.constraints
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    "lignes",
    [
        lambda: deux(Compte, foyer=FoyerFactory()),
        lambda: deux(Deliberation, numero="2026-41", votee_le=JOUR, applicable_le=JOUR),
        lambda: deux(Mois, premier=PREMIER, echeance=JOUR),
        lambda: [une_facture(), une_facture(rang=2)],
        lambda: [un_recu(), un_recu(rang=2)],
        lambda: [un_versement(), un_versement(rang=2)],
        lambda: [
            un_recu(rang=rang, numero=f"R-{rang}", montant=-100, motif="faux", annule=annule)
            for annule in [recu(rang=9, numero="R-9")]
            for rang in (2, 3)
        ],
    ],
    ids=["payer", "vote", "month", "invoice", "receipt", "versement", "counter-entry"],
)
def test_what_is_unique_is_never_written_twice(lignes):  # VAL-01
    rows = lignes()

    with pytest.raises(IntegrityError), transaction.atomic():
        type(rows[0]).objects.bulk_create(rows)


@pytest.mark.django_db
def test_issued_invoice_is_never_updated():  # RGP-16, VAL-12
    facture = emise()
    with pytest.raises(TypeError, match="never updated"):
        Facture.objects.filter(pk=facture.pk).update(total=1)


@pytest.mark.django_db
@pytest.mark.parametrize(("model", "champ"), [(Mois, "premier"), (Quotient, "debut")])
def test_form_says_that_a_month_begins_on_its_first_day(model, champ):
    ligne = model(**{champ: JOUR, **({"echeance": JOUR} if model is Mois else {"valeur": 1, "source": "caf"})})
    messages = ligne_refuses(ligne)
    assert [message for message in messages if "premier" in message] == messages != []
    setattr(ligne, champ, PREMIER)
    assert ligne_refuses(ligne) == []


def ligne_refuses(ligne: models.Model) -> list[str]:
    try:
        ligne.validate_constraints()
    except ValidationError as refus:
        return refus.messages
    return []


def test_reason_of_an_absence_holds_no_free_text():  # RGP-17
    textes = [f for f in Justification._meta.fields if isinstance(f, models.CharField | models.TextField)]
    assert [(f.name, bool(f.choices)) for f in textes] == [("raison", True)]


# --- Words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("contrainte", [c for m in MODELES for c in m._meta.constraints], ids=lambda c: c.name)
def test_every_constraint_has_a_french_sentence(contrainte):
    assert isinstance(contrainte, CheckConstraint | UniqueConstraint)
    assert contrainte.violation_error_message != contrainte.default_violation_error_message
    assert contrainte.violation_error_message[0].isupper()
    assert contrainte.violation_error_message.endswith(".")


@pytest.mark.parametrize("model", MODELES, ids=lambda model: model._meta.label)
def test_every_model_and_field_is_named_in_french(model):
    assert {"verbose_name", "verbose_name_plural"} <= model._meta.original_attrs.keys()
    fields = [*model._meta.local_fields, *model._meta.local_many_to_many]
    unnamed = [f.name for f in fields if not f.auto_created and f._verbose_name is None]
    assert [name for name in unnamed if name != "id"] == []
