"""What accounts and the garderie tell to a person of what is kept: each table that leads to people, or where it is told
instead. An app above adds its own (`enfance.extensions`).

A model or a column that is linked to people and told neither way makes a test fail.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet

from enfance.extensions import Demandeur, Partie
from enfance.famille.parties_compte import PARTIES_COMPTE
from enfance.models import (
    Absence,
    EcartVu,
    Enfant,
    EnfantReste,
    Enregistrement,
    Evenement,
    EvenementRepas,
    Foyer,
    FoyerCompte,
    Garde,
    Geste,
    Inscription,
    MomentType,
    PersonneAutorisee,
    Pointage,
    Recapitulatif,
    RecapitulatifEnfant,
    Repas,
    Responsabilite,
    Scolarite,
    SemaineType,
)
from enfance.planning.historique import qui
from portail.certain import certain


def _auteur(evenement: Evenement | EvenementRepas, personne: Demandeur) -> str:
    return qui(evenement.enregistrement, certain(personne.responsable))  # whoever sees a child is a parent


def of_enfants(model: Any, *liens: str) -> Callable[[Demandeur], QuerySet[Any]]:
    """A function that gives the rows of `model` about the children whom a person may see; `liens`: the relations to
    read along.
    """
    return lambda personne: model.objects.filter(enfant__in=personne.enfants).select_related("enfant", *liens)


ENFANT = "enfant.prenom"
PARTIES = [
    *PARTIES_COMPTE,
    Partie(
        "foyer",
        Foyer,
        lambda personne: [personne.foyer] if personne.foyer else [],
        {
            "adresse": "adresse",
            "code postal": "code_postal",
            "commune": "commune",
            "dernières valeurs d’ONDE": "onde",
            "adultes": lambda foyer, personne: [str(adulte) for adulte in personne.adultes],
        },
        sans=frozenset({"id"}),
    ),
    Partie(
        "années où votre foyer est compté",
        FoyerCompte,
        lambda personne: FoyerCompte.objects.filter(foyer=personne.foyer, foyer__isnull=False).select_related("annee"),
        {"année": "annee"},
        sans=frozenset({"id", "foyer"}),
    ),
    Partie(
        "enfants",
        Enfant,
        lambda personne: personne.enfants,
        {
            "prénom": "prenom",
            "nom": "nom",
            "nom d’usage": "nom_usage",
            "date de naissance": "date_naissance",
            "sexe": "sexe",
            "INE": "ine",
            "PAI": "pai",
            "PAI jusqu’au": "pai_fin",
            "consigne": "consigne",
            "allergie ou PAI signalé à la cantine": "pai_cantine",
            "accord donné ou retiré le": "pai_cantine_le",
            "accord donné ou retiré par votre foyer": lambda enfant, personne: (
                personne.is_from_here(enfant.pai_cantine_par_id) if enfant.pai_cantine_le else None
            ),
            "dernières valeurs d’ONDE": "onde",
        },
        sans=frozenset({"id", "tri", "pai_cantine_par"}),
    ),
    Partie(
        "responsabilités",
        Responsabilite,
        lambda personne: Responsabilite.objects.filter(responsable=personne.responsable).select_related("enfant"),
        {"enfant": ENFANT, "origine": "origine", "suspendue": "suspendue"},
        sans=frozenset({"id", "responsable"}),
    ),
    Partie(
        "gardes",
        Garde,
        lambda personne: of_enfants(Garde)(personne).filter(foyer=personne.foyer),
        {
            "enfant": ENFANT,
            "rythme": "rythme",
            "à partir du": "debut",
            "jusqu’au": "fin",
            "comptée du": "depuis",
            "changement de foyer": lambda garde, personne: (
                garde.get_passage_display() if garde.rythme != Garde.Rythme.TOUJOURS else ""
            ),
        },
        sans=frozenset({"id", "foyer", "passage"}),
    ),
    Partie(
        "scolarités",
        Scolarite,
        of_enfants(Scolarite, "annee", "classe", "ecole"),
        {"enfant": ENFANT, "année": "annee", "niveau": "niveau", "classe": "classe", "parti le": "depart"},
        sans=frozenset({"id"}),
        champs_plusieurs={"école": "ecole", "arrivé le": "debut"},
    ),
    Partie(
        "inscriptions",
        Inscription,
        of_enfants(Inscription, "creneau", "foyer"),
        {
            "enfant": ENFANT,
            "jour": "jour",
            "moment": "creneau",
            "état": "etat",
            "origine": "origine",
            "en attente depuis": "attente_depuis",
            "hors délai": "hors_delai",
            "payée par votre foyer": lambda inscription, personne: personne.foyer == inscription.foyer,
        },
        sans=frozenset({"id", "foyer"}),
    ),
    Partie(
        "changements",
        Evenement,
        of_enfants(Evenement, "creneau", "enregistrement__auteur"),
        {
            "référence": "enregistrement.pk",
            "le": "enregistrement.quand",
            "par": _auteur,
            "enfant": ENFANT,
            "jour": "jour",
            "moment": "creneau",
            "avant": "avant",
            "après": "apres",
            "rang avant": "rang_avant",
            "rang après": "rang_apres",
            "hors délai": "hors_delai",
            "limite passée": "limite",
        },
        sans=frozenset({"id"}),
    ),
    Partie(
        "enregistrements",
        Enregistrement,
        lambda personne: personne.user.enregistrements.all(),
        {"référence": "pk", "le": "quand", "par": "porte", "motif": "motif", "annule la référence": "annule_id"},
        sans=frozenset({"id", "auteur", "foyer", "fermeture", "annule", "dit_avec", "preuve"}),
    ),
    Partie(
        "récapitulatifs",
        Recapitulatif,
        lambda personne: Recapitulatif.objects.filter(auteur=personne.user),
        {"référence": "enregistrement_id", "e-mail de la confirmation": "courriel", "chiffres": "chiffres"},
        sans=frozenset({"id", "auteur", "enregistrement"}),
    ),
    Partie(
        "récapitulatifs par enfant",
        RecapitulatifEnfant,
        lambda personne: RecapitulatifEnfant.objects.filter(
            recapitulatif__auteur=personne.user, enfant__in=personne.enfants
        ).select_related("recapitulatif", "enfant"),
        {"référence": "recapitulatif.enregistrement_id", "enfant": ENFANT, "contenu": "contenu"},
        sans=frozenset({"id"}),
    ),
    Partie(
        "semaines types",
        SemaineType,
        lambda personne: of_enfants(SemaineType)(personne).filter(foyer=personne.foyer),
        {
            "enfant": ENFANT,
            "à partir du": "debut",
            "jusqu’au": "fin",
            "une semaine sur deux, à partir du": "depuis",
            "modifiée le": "modifiee_le",
        },
        sans=frozenset({"id", "foyer"}),
    ),
    Partie(
        "moments des semaines types",
        MomentType,
        lambda personne: MomentType.objects.filter(
            semaine_type__foyer=personne.foyer, semaine_type__enfant__in=personne.enfants
        ).select_related("semaine_type__enfant", "creneau"),
        {
            "enfant": "semaine_type.enfant.prenom",
            "semaine type à partir du": "semaine_type.debut",
            "jour de la semaine": "jour_semaine",
            "moment": "creneau",
        },
        sans=frozenset({"id"}),
    ),
    Partie(
        "repas",
        Repas,
        of_enfants(Repas),
        {"enfant": ENFANT, "jour": "jour", "dit annulé le": "annule_le"},
        sans=frozenset({"id", "liste"}),
    ),
    Partie(
        "repas dits annulés",
        EvenementRepas,
        of_enfants(EvenementRepas, "enregistrement__auteur"),
        {
            "référence": "enregistrement.pk",
            "le": "enregistrement.quand",
            "par": _auteur,
            "enfant": ENFANT,
            "jour": "jour",
            "dit annulé": "annule",
        },
        sans=frozenset({"id"}),
    ),
    Partie(
        "absences signalées",
        Absence,
        lambda personne: of_enfants(Absence)(personne).prefetch_related("creneaux"),
        {
            "enfant": ENFANT,
            "jour": "jour",
            "moments": lambda absence, personne: absence.moments or "toute la journée",
            "signalée le": "signalee_le",
            "par votre foyer": lambda absence, personne: personne.is_from_here(absence.signalee_par_id),
            "retirée le": "retiree_le",
            "retirée par votre foyer": lambda absence, personne: (
                personne.is_from_here(absence.retiree_par_id) if absence.retiree_le else None
            ),
        },
        sans=frozenset({"id", "creneaux", "signalee_par", "retiree_par"}),
    ),
    Partie(
        "sorties où l’enfant reste à l’école",
        EnfantReste,
        of_enfants(EnfantReste, "fermeture"),
        {
            "enfant": ENFANT,
            "premier jour": "fermeture.debut",
            "dernier jour": "fermeture.fin",
            "sortie": "fermeture.motif",
        },
        sans=frozenset({"id", "fermeture"}),
    ),
    Partie(
        "présences",
        Pointage,
        of_enfants(Pointage, "creneau"),
        {
            "enfant": ENFANT,
            "jour": "jour",
            "moment": "creneau",
            "présent": "present",
            "arrivée": "arrivee",
            "arrivée reçue le": "arrivee_recue",
            "départ": "depart",
            "départ reçu le": "depart_recu",
            "départ sans arrivée": "sans_arrivee",
        },
        sans=frozenset({"id"}),
    ),
    Partie(
        "pointages",
        Geste,
        lambda personne: Geste.objects.filter(pointage__enfant__in=personne.enfants).select_related(
            "pointage__enfant", "pointage__creneau"
        ),
        {
            "enfant": "pointage.enfant.prenom",
            "jour": "pointage.jour",
            "moment": "pointage.creneau",
            "geste": "quoi",
            "coché": "coche",
            "heure écrite": "heure",
            "fait le": "fait_le",
            "reçu le": "recu_le",
        },
        # Who tapped is an agent; why the town hall corrected may speak of the other parent.
        sans=frozenset({"id", "cible", "auteur", "motif"}),
    ),
    Partie(
        "écarts de présence vus par la mairie",
        EcartVu,
        of_enfants(EcartVu, "creneau"),
        {"enfant": ENFANT, "jour": "jour", "moment": "creneau", "écart": "genre", "vu le": "vu_le"},
        sans=frozenset({"id", "vu_par"}),
    ),
    Partie(
        "personnes autorisées",
        PersonneAutorisee,
        lambda personne: of_enfants(PersonneAutorisee)(personne).filter(interdite=False),
        {
            "enfant": ENFANT,
            "nom": "nom",
            "lien": "lien",
            "téléphone": lambda p, personne: p.telephone if personne.is_from_here(p.ajoutee_par_id) else "",
            "à partir du": "debut",
            "jusqu’au": "fin",
            "ajoutée le": "ajoutee_le",
            "ajoutée par votre foyer": lambda p, personne: personne.is_from_here(p.ajoutee_par_id),
            "retirée le": "retiree_le",
        },
        # « Interdite » protects the child: it is the town hall's to tell, not a file's.
        sans=frozenset({"id", "tri", "telephone", "ajoutee_par", "retiree_par", "interdite"}),
    ),
]
AILLEURS = {
    "enfance.Indisponibilite": "quand le portail n’a pas répondu ; elle ne nomme que l’agent qui l’a dit",
    "enfance.Fermeture": "les jours et le motif d’une fermeture ou d’une sortie\u202f; qui y reste à l’école est dans "
    "«\u00a0sorties où l’enfant reste à l’école\u00a0»",
    "enfance.DemandeAutorisation": "une personne pour qui appeler la mairie\u00a0: comme «\u00a0interdite\u00a0», "
    "cela protège l’enfant, et c’est à la mairie de le dire\u202f; admise, elle est parmi les personnes autorisées",
    "enfance.Affectation": "l’école où travaille un agent\u00a0: un parent n’en a pas",
    "enfance.AdultesPresents": "combien d’adultes gardaient les enfants, selon l’équipe\u202f; personne n’y est nommé",
    "enfance.Appel": "la feuille d’appel, terminée ou rouverte par un agent\u202f; aucun enfant n’y est nommé",
    "accounts.ReadMailbox": "jusqu’où la boîte des e-mails revenus a été lue\u202f; personne n’y est nommé",
    "accounts.RecoveryCode": "l’empreinte d’un code de secours d’agent\u00a0: un secret, et un parent n’en a pas",
    "otp_totp.TOTPDevice": "la clé du téléphone d’un agent\u00a0: un secret, et un parent n’en a pas",
    "accounts.Mailing": "la ligne de chacun est dans «\u00a0e-mails de la mairie\u00a0»",
    "enfance.Message": "le texte que la mairie a envoyé à beaucoup de familles, sans lien avec une personne",
    "admin.LogEntry": "ce que font les agents dans l’administration\u00a0: un parent n’y agit pas",
    "enfance.RemiseEnfant": "qui est venu chercher l’enfant, selon l’équipe\u00a0: un autre adulte y est nommé, "
    "et comme «\u00a0interdite\u00a0», cela protège l’enfant\u202f; c’est à la mairie de le dire",
    "enfance.ReglageCantine": "l’heure que l’association a choisie\u202f; aucune donnée d’une famille",
    "enfance.ImportOnde": "les fichiers de l’école, effacés une fois importés\u202f; le bilan, un an",
    "enfance.ListeRepas": "la liste de l’association\u202f; les repas de chaque enfant sont dans «\u00a0repas\u00a0»",
}
