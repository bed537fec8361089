"""The six groups of staff and all that each may do: the only table of rights (ADM-02).

Whatever is not written here is refused, a new model first of all. `manage.py sync_groups` brings the database to it;
docs/confiance.md shows what it opens, address by address.
"""

from __future__ import annotations

SECRETARIAT = "Secrétariat"
EQUIPE = "Équipe"
CANTINE = "Cantine"
REGIE = "Régie"
INFORMATIQUE = "Informatique"
ECOLE = "École"  # the school's own agent, where the commune gives it an account

# Model by model. « view » stands for the permission `view_<model>`; a word with an underscore is a permission's whole
# name. Exports and deletions are rights of their own (ADM-05); « delete » of a closure opens it again.
GROUPES: dict[str, dict[str, str]] = {
    SECRETARIAT: {
        "accounts.heldmail": "view change",
        "accounts.mailing": "view",
        "accounts.staffuser": "view add change",  # of Équipe and Cantine alone: `accounts.agents`
        "accounts.mailingline": "view",
        "accounts.user": "view add change",
        "accounts.temporarypassword": "view print_temporarypassword",
        "accounts.undeliveredmail": "view change",
        "admin.logentry": "view",
        "conservation.effacement": "view effacer_famille",
        "enfance.absence": "view add change delete",
        "enfance.affectation": "view add change delete",
        "enfance.actualite": "view add change delete",
        "enfance.anneescolaire": "view add change",
        "enfance.appel": "view",
        "enfance.classe": "view add change delete",
        "enfance.conge": "view add change delete",
        "enfance.creneau": "view add change delete",
        "enfance.demanderappel": "view change",
        "enfance.ecartvu": "add",
        "enfance.ecole": "view add change delete",
        "enfance.enfant": "view add change export view_sante",
        "enfance.enregistrement": "view",
        "enfance.evenement": "view",
        "enfance.evenementrepas": "view",
        "enfance.fermeture": "view add change delete",
        "enfance.foyer": "view add change delete",
        "enfance.garde": "view add change delete",
        "enfance.geste": "view",
        "enfance.importonde": "view add change",
        "enfance.indisponibilite": "view add change",
        "enfance.inscription": "view add change export",
        "enfance.listerepas": "view add",
        "enfance.message": "view add",
        "enfance.personneautorisee": "view add change delete",
        "enfance.pointage": "view export tenir_feuille corriger_feuille",
        "enfance.regledelai": "view add change delete",
        "enfance.reglagecantine": "view change tenir_cantine",
        "enfance.remiseenfant": "view change",
        "enfance.repas": "view change",
        "enfance.responsabilite": "view add change delete",
        "enfance.responsable": "view add change export",
        "enfance.scolarite": "view add change",
        "facturation.attestation": "view add",
        "facturation.compte": "view change arreter_mois",
        "facturation.deliberation": "view add change delete",
        "facturation.encaissement": "view",
        "facturation.facture": "view add export",
        "facturation.justification": "view",
        "facturation.lieuresidence": "view add change delete",
        "facturation.mois": "view add",
        "facturation.nombreenfants": "view add",
        "facturation.partage": "view add change delete",
        "facturation.plafond": "view add change delete",
        "facturation.prestation": "view",
        "facturation.quotient": "view add change",
        "facturation.nomination": "view add change delete",
        "facturation.regie": "view add change",
        "facturation.reglagefacturation": "view change",
        "facturation.relance": "view",
        "facturation.reponseabsence": "view add",
        "facturation.signalementfacture": "view change",
        "facturation.supplement": "view add change delete",
        "facturation.tarif": "view add change delete",
    },
    EQUIPE: {
        "enfance.enfant": "view_sante",  # on the sheet, the only page that this group opens
        "enfance.pointage": "tenir_feuille",
    },
    CANTINE: {"enfance.reglagecantine": "tenir_cantine"},
    REGIE: {  # payments alone: neither the children nor the quotients
        "facturation.attestation": "view",
        "facturation.compte": "tenir_regie",
        "facturation.encaissement": "view add export",
        "facturation.essaipaiement": "view",
        "facturation.facture": "view export",
        "facturation.nomination": "view",
        "facturation.regie": "view",
        "facturation.relance": "view add",
        "facturation.reglagefacturation": "view",
        "facturation.versement": "view add",
    },
    ECOLE: {"enfance.fermeture": "annoncer_sortie"},  # its pupils by name and class, nothing else of them
    INFORMATIQUE: {
        "accounts.staffuser": "view add change",
        "accounts.failedtask": "view",
        "enfance.affectation": "view",  # the secretary says in which schools an agent works
        "conservation.effacement": "view",  # keys, no name
    },
}


def droits(groupe: str) -> frozenset[str]:
    """The permissions of the group of this name, as `has_perm` takes them: « app.view_model »."""
    return frozenset(
        f"{app}.{verb if '_' in verb else f'{verb}_{model}'}"
        for app, model, verbs in ((*name.split("."), verbs.split()) for name, verbs in GROUPES[groupe].items())
        for verb in verbs
    )
