"""What can never be true is refused by the database itself, in `enfance` and `accounts` (VAL-01)."""

from datetime import date, time, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from accounts.models import EmailChange, Mailing, MailingLine, MailSent, RememberedDevice, User
from enfance.models import (
    Absence,
    Actualite,
    AdultesPresents,
    Affectation,
    AnneeScolaire,
    Appel,
    Classe,
    Conge,
    Creneau,
    Decompte,
    DemandeAutorisation,
    DemandeRappel,
    EcartVu,
    Ecole,
    EnfantReste,
    Enregistrement,
    Evenement,
    Fermeture,
    FermetureLue,
    FoyerCompte,
    Garde,
    HeuresPassees,
    Indisponibilite,
    Inscription,
    ListeRepas,
    MomentType,
    PersonneAutorisee,
    PlacesPassees,
    Pointage,
    Rappel,
    ReglageCantine,
    RemiseEnfant,
    Repas,
    Responsabilite,
    Scolarite,
    SemaineType,
)
from tests import factories
from tests.enfance.lignes import JOUR, MODELES, NOW, VEILLE, deux, named, un_mot_de_passe, une_inscription, une_regle


def une_scolarite(**champs):
    return {"enfant": factories.EnfantFactory(), "annee": factories.AnneeFactory(), "niveau": "CP", **champs}


def une_demande_sans_reponse():
    enfant = factories.EnfantFactory()
    return DemandeAutorisation(enfant=enfant, nom="Mamie", personne=enfant.personnes_autorisees.create(nom="Mamie"))


def un_evenement(avant, apres, **rangs):
    return Evenement(
        enregistrement=Enregistrement.objects.create(porte="portail"),
        enfant=factories.EnfantFactory(),
        jour=JOUR,
        creneau=factories.CreneauFactory(),
        avant=avant,
        apres=apres,
        **rangs,
    )


def une_semaine_type(**champs) -> SemaineType:
    return SemaineType(foyer=factories.FoyerFactory(), enfant=factories.EnfantFactory(), **champs)


def un_decompte(**champs):
    return {"jour": JOUR, "creneau": factories.CreneauFactory(), "moins_de_six": True} | champs


def un_moment_type() -> dict[str, object]:
    semaine_type = une_semaine_type(debut=JOUR, fin=JOUR)
    semaine_type.save()
    return {"semaine_type": semaine_type, "jour_semaine": 0, "creneau": factories.CreneauFactory()}


def un_appel(**champs) -> Appel:
    return Appel(jour=JOUR, creneau=factories.CreneauFactory(), **champs)


def un_pointage() -> dict[str, object]:
    return {"enfant": factories.EnfantFactory(), "jour": JOUR, "creneau": factories.CreneauFactory()}


def venu(**champs) -> Pointage:
    """A child who came, and what is wrong."""
    return Pointage(**{**un_pointage(), "present": True, "arrivee": NOW, "arrivee_recue": NOW, **champs})


def une_adresse(**champs):
    return EmailChange(**{"email": "nouvelle@courriel.example", "asked_at": NOW, "expires_at": NOW} | champs)


def un_envoi() -> Mailing:
    return Mailing.objects.create(mail="message", recipients="toutes les familles")


# Each named constraint, with rows that it must refuse.
MAUVAISES_LIGNES = [
    ("reglage_cantine_single", lambda: ReglageCantine(pk=2)),
    ("indisponibilite_au_after_du", lambda: Indisponibilite(du=NOW, au=NOW)),
    (
        "indisponibilite_declaree_or_ecartee",
        lambda: Indisponibilite(du=NOW, au=NOW + timedelta(hours=1), declaree_le=NOW, ecartee=True),
    ),
    (
        "indisponibilite_retiree_once_declaree",
        lambda: Indisponibilite(du=NOW, au=NOW + timedelta(hours=1), retiree_le=NOW),
    ),
    ("actualite_fin_after_debut", lambda: Actualite(texte="Marché", debut=JOUR, fin=VEILLE)),
    (
        "mailing_line_once",
        lambda: deux(MailingLine, mailing=un_envoi(), user=factories.UserFactory()),
    ),
    (
        "mailing_line_settled_when_not_waiting",
        lambda: MailingLine(mailing=un_envoi(), user=factories.UserFactory(), state="sent"),
    ),
    (
        "mailing_line_settled_when_not_waiting",
        lambda: MailingLine(mailing=un_envoi(), user=factories.UserFactory(), settled_at=NOW),
    ),
    ("annee_scolaire_fin_after_debut", lambda: AnneeScolaire(debut=JOUR, fin=VEILLE)),
    ("annee_scolaire_fin_after_debut", lambda: AnneeScolaire(debut=JOUR, fin=JOUR)),
    (
        "conge_unique",
        lambda: deux(Conge, annee=factories.AnneeFactory(), genre="ferie", nom="Noël", debut=JOUR, fin=JOUR),
    ),
    (
        "conge_fin_after_debut",
        lambda: Conge(annee=factories.AnneeFactory(), genre="ferie", nom="Noël", debut=JOUR, fin=VEILLE),
    ),
    ("classe_unique", lambda: deux(Classe, annee=factories.AnneeFactory(), nom="CP")),
    (
        "scolarite_unique",
        lambda: deux(Scolarite, enfant=factories.EnfantFactory(), annee=factories.AnneeFactory(), niveau="CP"),
    ),
    ("scolarite_unique_par_debut", lambda: deux(Scolarite, **une_scolarite(debut=JOUR))),
    ("scolarite_depart_after_debut", lambda: Scolarite(**une_scolarite(debut=JOUR, depart=JOUR))),
    (
        "enfant_reste_unique",
        lambda: deux(
            EnfantReste,
            fermeture=Fermeture.objects.create(debut=JOUR, fin=JOUR, motif="musée", nature="sortie"),
            enfant=factories.EnfantFactory(),
        ),
    ),
    (
        "affectation_unique",
        lambda: deux(Affectation, agent=factories.StaffFactory(), ecole=Ecole.objects.get()),
    ),
    ("enfant_pai_fin_with_pai", lambda: factories.EnfantFactory.build(pai=False, pai_fin=JOUR)),
    ("enfant_ine_not_empty", lambda: factories.EnfantFactory.build(ine="")),
    (
        "responsabilite_unique",
        lambda: deux(Responsabilite, enfant=factories.EnfantFactory(), responsable=factories.ResponsableFactory()),
    ),
    (
        "garde_fin_after_debut",
        lambda: Garde(enfant=factories.EnfantFactory(), foyer=factories.FoyerFactory(), debut=JOUR, fin=VEILLE),
    ),
    (
        "garde_depuis_when_alternee",
        lambda: Garde(enfant=factories.EnfantFactory(), foyer=factories.FoyerFactory(), rythme="alternee"),
    ),
    (
        "garde_depuis_when_alternee",
        lambda: Garde(enfant=factories.EnfantFactory(), foyer=factories.FoyerFactory(), depuis=JOUR),
    ),
    (
        "garde_depuis_when_alternee",
        lambda: Garde(enfant=factories.EnfantFactory(), foyer=factories.FoyerFactory(), rythme="parfois", depuis=JOUR),
    ),
    (
        "demande_autorisation_fin_after_debut",
        lambda: DemandeAutorisation(enfant=factories.EnfantFactory(), nom="Mamie", debut=JOUR, fin=VEILLE),
    ),
    ("demande_autorisation_personne_decided", une_demande_sans_reponse),
    (
        "personne_autorisee_fin_after_debut",
        lambda: PersonneAutorisee(enfant=factories.EnfantFactory(), nom="Mamie", debut=JOUR, fin=VEILLE),
    ),
    ("regle_delai_genre", lambda: une_regle(genre="lune", nombre=1)),
    ("regle_delai_genre", lambda: une_regle(genre="")),
    ("regle_delai_jours_comptes", lambda: une_regle(genre="jours_ecole", nombre=0)),
    ("regle_delai_jours_comptes", lambda: une_regle(genre="jours_ouvres", nombre=61)),
    ("regle_delai_jours_comptes", lambda: une_regle(genre="jours_ecole")),
    ("regle_delai_jours_comptes", lambda: une_regle(genre="jours_ouvres")),
    ("regle_delai_jours", lambda: une_regle(genre="jours", nombre=61)),
    ("regle_delai_jours", lambda: une_regle(genre="jours")),
    ("regle_delai_semaine", lambda: une_regle(genre="semaine", nombre=0, jour_semaine=3)),
    ("regle_delai_semaine", lambda: une_regle(genre="semaine", nombre=9, jour_semaine=3)),
    ("regle_delai_semaine", lambda: une_regle(genre="semaine", nombre=1)),
    ("regle_delai_semaine", lambda: une_regle(genre="semaine", jour_semaine=3)),
    ("regle_delai_mois", lambda: une_regle(genre="mois")),
    ("regle_delai_mois", lambda: une_regle(genre="mois", jour_mois=0)),
    ("regle_delai_mois", lambda: une_regle(genre="mois", jour_mois=32)),
    ("regle_delai_groupes", lambda: une_regle(genre="groupes")),
    ("regle_delai_jours_semaine", lambda: une_regle(genre="groupes", groupe_lundi=4, groupe_mardi=7)),
    ("regle_delai_jours_semaine", lambda: une_regle(genre="semaine", nombre=1, jour_semaine=7)),
    (
        "creneau_fin_after_debut",
        lambda: Creneau(
            code="nuit",
            nom="Nuit",
            nom_court="nuit",
            debut=time(18),
            fin=time(18),
            delai_inscription=factories.RegleDelaiFactory(),
        ),
    ),
    ("fermeture_fin_after_debut", lambda: Fermeture(debut=JOUR, fin=VEILLE, motif="neige")),
    (
        "inscription_unique",
        lambda: deux(Inscription, enfant=factories.EnfantFactory(), jour=JOUR, creneau=factories.CreneauFactory()),
    ),
    ("inscription_etat", lambda: une_inscription(etat="peut-être")),
    ("inscription_attente_depuis", lambda: une_inscription(etat="attente")),
    ("inscription_attente_depuis", lambda: une_inscription(etat="inscrit", attente_depuis=NOW)),
    ("inscription_attente_depuis", lambda: une_inscription(etat="annulee", attente_depuis=NOW)),
    ("evenement_changes", lambda: un_evenement("inscrit", "inscrit")),
    ("evenement_changes", lambda: un_evenement("attente", "attente")),
    ("evenement_changes", lambda: un_evenement("attente", "attente", rang_avant=2, rang_apres=2)),
    ("evenement_changes", lambda: un_evenement("attente", "attente", rang_apres=2)),
    ("evenement_changes", lambda: un_evenement("", "attente", rang_avant=1, rang_apres=2)),
    ("liste_repas_fin_after_debut", lambda: ListeRepas(debut=JOUR, fin=VEILLE)),
    (
        "repas_unique",
        lambda: deux(
            Repas,
            enfant=factories.EnfantFactory(),
            jour=JOUR,
            liste=ListeRepas.objects.create(debut=JOUR, fin=JOUR),
        ),
    ),
    (
        "heures_passees_unique",
        lambda: deux(HeuresPassees, creneau=factories.CreneauFactory(), jusqu_au=JOUR, debut=time(16), fin=time(18)),
    ),
    (
        "heures_passees_fin_after_debut",
        lambda: HeuresPassees(creneau=factories.CreneauFactory(), jusqu_au=JOUR, debut=time(18), fin=time(18)),
    ),
    ("places_passees_unique", lambda: deux(PlacesPassees, creneau=factories.CreneauFactory(), jusqu_au=JOUR, places=2)),
    ("decompte_unique", lambda: deux(Decompte, **un_decompte(classe=factories.ClasseFactory()))),
    ("decompte_unique_sans_classe", lambda: deux(Decompte, **un_decompte())),
    ("decompte_coherent", lambda: Decompte(**un_decompte(venus=1, inscrits_venus=2, inscrits=2))),
    ("decompte_coherent", lambda: Decompte(**un_decompte(venus=1, inscrits_venus=1, inscrits=1, signales=1))),
    ("foyer_compte_unique", lambda: deux(FoyerCompte, annee=factories.AnneeFactory(), foyer=factories.FoyerFactory())),
    ("absence_unique", lambda: deux(Absence, enfant=factories.EnfantFactory(), jour=JOUR)),
    (
        "adultes_presents_nombre",
        lambda: AdultesPresents(id=uuid4(), jour=JOUR, creneau=factories.CreneauFactory(), nombre=100, fait_le=NOW),
    ),
    (
        "remise_suite_of_venu",
        lambda: RemiseEnfant(
            id=uuid4(), pointage=Pointage.objects.create(**un_pointage()), venu="interdite", suite="remis", fait_le=NOW
        ),
    ),
    ("appel_unique", lambda: deux(Appel, jour=JOUR, creneau=factories.CreneauFactory())),
    ("appel_motif_when_rouvert", lambda: un_appel(rouvert_le=NOW)),
    ("appel_motif_when_rouvert", lambda: un_appel(motif="Terminé trop tôt")),
    ("ecart_vu_unique", lambda: deux(EcartVu, **un_pointage(), genre="absent")),
    ("pointage_unique", lambda: deux(Pointage, **un_pointage())),
    ("pointage_arrivee_when_present", lambda: Pointage(**un_pointage(), present=True)),
    ("pointage_arrivee_when_present", lambda: Pointage(**un_pointage(), arrivee=NOW, arrivee_recue=NOW)),
    ("pointage_arrivee_when_present", lambda: Pointage(**un_pointage(), depart=NOW, depart_recu=NOW)),
    ("pointage_arrivee_when_present", lambda: venu(arrivee_recue=None)),
    ("pointage_depart_after_arrivee", lambda: venu(depart=NOW - timedelta(seconds=1), depart_recu=NOW)),
    ("pointage_recu", lambda: Pointage(**un_pointage(), arrivee=NOW)),
    ("pointage_recu", lambda: venu(depart=NOW)),
    (
        "demande_rappel_waiting_once",
        lambda: deux(DemandeRappel, enfant=factories.EnfantFactory(), demandee_par=factories.UserFactory()),
    ),
    (
        "demande_rappel_answered_or_withdrawn",
        lambda: DemandeRappel(
            enfant=factories.EnfantFactory(), demandee_par=factories.UserFactory(), retiree_le=NOW, rappele_le=JOUR
        ),
    ),
    (
        "fermeture_lue_unique",
        lambda: deux(
            FermetureLue,
            responsable=factories.ResponsableFactory(),
            fermeture=Fermeture.objects.create(debut=JOUR, fin=JOUR, motif="neige"),
        ),
    ),
    ("rappel_unique", lambda: deux(Rappel, responsable=factories.ResponsableFactory(), jour=JOUR)),
    ("semaine_type_fin_after_debut", lambda: une_semaine_type(debut=JOUR, fin=VEILLE)),
    (
        "semaine_type_unique",
        lambda: deux(
            SemaineType,
            foyer=factories.FoyerFactory(),
            enfant=factories.EnfantFactory(),
            debut=JOUR,
            fin=JOUR,
            modifiee_le=NOW,
        ),
    ),
    ("moment_type_unique", lambda: deux(MomentType, **un_moment_type())),
    ("user_identifiant_digits", lambda: User(identifiant="camille")),
    ("user_identifiant_digits", lambda: User(identifiant="")),
    ("user_identifiant_digits", lambda: User(identifiant="3816 238")),
    ("user_identifiant_digits", lambda: User(identifiant="３８１６２３８")),
    ("user_identifiant_digits", lambda: User(identifiant="3816238\n")),
    (
        "temporary_password_one_live",
        lambda: [un_mot_de_passe(user=user) for user in [factories.UserFactory()] for _ in range(2)],
    ),
    ("temporary_password_reason_when_closed", lambda: un_mot_de_passe(user=factories.UserFactory(), closed_at=NOW)),
    ("temporary_password_reason_when_closed", lambda: un_mot_de_passe(user=factories.UserFactory(), reason="used")),
    (
        "email_change_one_live",
        lambda: [une_adresse(user=user) for user in [factories.UserFactory()] for _ in range(2)],
    ),
    ("email_change_reason_when_closed", lambda: une_adresse(user=factories.UserFactory(), closed_at=NOW)),
    ("email_change_reason_when_closed", lambda: une_adresse(user=factories.UserFactory(), reason="dropped")),
    (
        "mail_sent_status_when_returned",
        lambda: MailSent(message_id="<1@portail>", user=factories.UserFactory(), mail="Rappel", returned_at=NOW),
    ),
    (
        "mail_sent_status_when_returned",
        lambda: MailSent(message_id="<1@portail>", user=factories.UserFactory(), mail="Rappel", status="5.1.1"),
    ),
    ("user_email_refused_for_a_reason", lambda: User(identifiant="3816238", email_refused_at=NOW)),
    ("user_email_refused_for_a_reason", lambda: User(identifiant="3816238", email_refused="mailbox_full")),
    (
        "remembered_device_once",
        lambda: deux(RememberedDevice, user=factories.UserFactory(), kind="known", digest="a" * 64, since=NOW),
    ),
]


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
        lambda: deux(AnneeScolaire, debut=JOUR, fin=date(2027, 7, 2)),
        lambda: factories.EnfantFactory.build_batch(2, ine="1234567890A"),
        lambda: factories.UserFactory.build_batch(2, identifiant="3816238"),
        lambda: deux(
            Creneau,
            code="nuit",
            nom="Nuit",
            nom_court="nuit",
            debut=time(18),
            fin=time(19),
            delai_inscription=factories.RegleDelaiFactory(),
        ),
    ],
)
def test_what_is_unique_is_never_written_twice(lignes):  # VAL-01
    rows = lignes()

    with pytest.raises(IntegrityError), transaction.atomic():
        type(rows[0]).objects.bulk_create(rows)
