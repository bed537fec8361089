"""What enfance puts on the town hall's home: what there is to deal with, shortcuts, the day and week, its tables."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from conservation.annuelle import load_annonce
from enfance import delais
from enfance.ecoles import agents_sans_ecole
from enfance.equipe.eleves import noms_of
from enfance.equipe.inattendus import load_inattendus
from enfance.equipe.presences import RECENTS, load_feuilles_ouvertes, load_non_repartis_a_voir, prenoms_a_voir
from enfance.mairie import bureau, partis
from enfance.mairie.doubles.enfants_proches import load_paires
from enfance.mairie.silences.lecture import compter_propositions
from enfance.models import Creneau, Scolarite, load_calendrier
from enfance.regles import Action, limite_of
from portail.bureau import (
    NOMMES,
    Compteur,
    Panneau,
    Raccourci,
    Rubrique,
    Tables,
    Urgence,
    compter,
    nommer,
)
from portail.dates import jour_court, jour_long
from portail.francais import accord, pluriel

PRESSE, SEMAINE, TOT = Urgence


def _personnes(now: datetime) -> Compteur:
    demandes = bureau.personnes_a_verifier().select_related("enfant")
    return compter(demandes, lambda demande: demande.enfant.prenom)


def _rappels(now: datetime) -> Compteur:
    demandes = bureau.rappels_demandes().select_related("enfant")
    return compter(demandes, lambda demande: demande.enfant.prenom)


def _inattendus(now: datetime) -> Compteur:
    """The latest is told: the child, when, what followed; and beside it what followed, where it is the same of all."""
    inattendus = load_inattendus()
    if not inattendus:
        return Compteur(0)
    dernier = inattendus[0]
    detail = f"{dernier.remise.pointage.enfant}, {dernier.ligne[:1].lower()}{dernier.ligne[1:]}"
    suites = {inattendu.remise.get_suite_display() for inattendu in inattendus}
    return Compteur(len(inattendus), detail, suites.pop() if len(suites) == 1 else "")


def _repas_sans_pause(now: datetime) -> Compteur:
    """Those of the first day are named; until when the last of their families may still ask for its lunch break is
    said.
    """
    sans_pause = bureau.repas_sans_pause(now).order_by("jour", "enfant")
    repas = list(sans_pause.values_list("jour", "enfant", "enfant__prenom"))
    if not repas:
        return Compteur(0)
    premier = repas[0][0]
    eux = {enfant: prenom for jour, enfant, prenom in repas if jour == premier}
    detail = f"{nommer(list(eux.values()), len(eux))}, pour {jour_court(premier)}"
    ecoles = Scolarite.objects.on(premier).filter(enfant__in=eux).order_by().values("ecole")
    calendrier, midis = load_calendrier(), Creneau.objects.with_delais().midis().held_by(ecoles)
    limite = max((limite_of(premier, midi, Action.INSCRIRE, calendrier) for midi in midis), default=now)
    avant = f"avant {delais.avant_phrase(limite, timezone.localdate(now))}" if limite > now else "délai passé"
    return Compteur(len(repas), detail, avant)


def _attente(now: datetime) -> Compteur:
    """Pressing as soon as a place is free: the first of that list is named."""
    today = timezone.localdate(now)
    attentes = bureau.en_attente(today)
    lignes = list(attentes.values_list("jour", "creneau", "creneau__places", "creneau__nom_court", "enfant__prenom"))
    taken = bureau.load_occupation(today) if lignes else {}
    for jour, creneau, places, nom, prenom in lignes:
        libres = None if places is None else places - taken.get((jour, creneau), 0)
        if libres is None or libres > 0:
            combien = "place libre" if libres is None else pluriel(libres, "place libre,places libres")
            detail = f"{jour_court(jour).capitalize()}, {nom}\u00a0: {combien}, {prenom} en tête de liste"
            return Compteur(len(lignes), detail, "à donner", PRESSE)
    return Compteur(len(lignes), nommer([ligne[-1] for ligne in lignes], len(lignes)))


def _feuilles(now: datetime) -> Compteur:
    feuilles = load_feuilles_ouvertes(timezone.localdate(now))
    noms = [f"{jour_court(jour)}, {creneau.nom_court}" for jour, creneau in feuilles]
    return Compteur(len(feuilles), "\u202f; ".join([*dict.fromkeys(noms)][:3]))


def _ecarts(now: datetime) -> Compteur:
    today = timezone.localdate(now)
    prenoms = prenoms_a_voir(today - RECENTS, today)
    return Compteur(len(prenoms), nommer(prenoms, len(prenoms)))


def _non_repartis(now: datetime) -> Compteur:
    """Each with the day, and the question that nobody answered; the class of homonyms too."""
    today = timezone.localdate(now)
    restes = load_non_repartis_a_voir(today - RECENTS, today)
    premiers = [
        f"{nom}, {jour_court(reste.jour)}" + (f", {reste.phrase}" if reste.seul else "")
        for reste in restes[:NOMMES]
        for nom in noms_of(reste.jour, reste.creneau, [reste.enfant.pk]).values()
    ]
    autres = len(restes[NOMMES:])
    detail = "\u202f; ".join([*premiers, *([accord(autres, "autre")] if autres else [])])
    return Compteur(len(restes), detail, "" if all(reste.seul for reste in restes) else "départ non noté")


def _en_double(now: datetime) -> Compteur:
    paires = load_paires()
    return Compteur(len(paires), nommer([ici.prenom for ici, _ in paires], len(paires)))


def _partis(now: datetime) -> Compteur:
    """Those whose file goes at the purge that is announced, as long as it is: a month, for the visa to be asked."""
    today = timezone.localdate(now)
    annonce = load_annonce(today)
    if annonce is None:
        return Compteur(0)
    jour = max(today, annonce.jour)
    eux = partis.load_partis(jour)
    foyers = pluriel(eux.foyers, "foyer,foyers")
    detail = f"Avec eux, {foyers}. Demandez d’abord le visa des Archives départementales"
    return Compteur(len(eux.departs), detail, f"le {jour_long(jour)}")


RUBRIQUES = (
    Rubrique(
        "enfance.add_indisponibilite",
        "silence du portail à déclarer ou à écarter,silences du portail à déclarer ou à écarter",
        "admin:enfance_silences",
        PRESSE,
        compter_propositions,
        avant="admin:accounts_heldmail_changelist",
    ),
    Rubrique(
        "enfance.view_remiseenfant",
        "personne interdite ou inconnue venue chercher un enfant,"
        "personnes interdites ou inconnues venues chercher un enfant",
        "admin:enfance_pointage_remises",
        PRESSE,
        _inattendus,
        avant="admin:accounts_heldmail_changelist",
    ),
    Rubrique(
        "enfance.view_pointage",
        "enfant non reparti,enfants non repartis",
        "admin:enfance_pointage_ecarts",
        PRESSE,
        _non_repartis,
        avant="admin:accounts_heldmail_changelist",
    ),
    Rubrique(
        "enfance.view_personneautorisee",
        "personne à vérifier avant de l’autoriser,personnes à vérifier avant de les autoriser",
        "admin:enfance_enfant_demandes",
        PRESSE,
        _personnes,
        avant="admin:accounts_heldmail_changelist",
    ),
    Rubrique(
        "enfance.view_demanderappel",
        "parent à rappeler,parents à rappeler",
        "admin:enfance_enfant_rappels",
        PRESSE,
        _rappels,
        avant="admin:accounts_heldmail_changelist",
    ),
    Rubrique(
        "enfance.view_repas",
        "repas sans pause méridienne,repas sans pause méridienne",
        "admin:enfance_repas_changelist",
        PRESSE,
        _repas_sans_pause,
        "?ecart=sans_midi",
        avant="admin:accounts_heldmail_changelist",
    ),
    Rubrique(
        "enfance.view_inscription",
        "enfant en liste d’attente,inscriptions en liste d’attente",
        "admin:enfance_inscription_attente",
        SEMAINE,
        _attente,
        avant="admin:accounts_heldmail_changelist",
    ),
    Rubrique(
        "accounts.change_staffuser",
        "agent dont l’école est à dire\u00a0: il ne voit aucun enfant,"
        "agents dont l’école est à dire\u00a0: ils ne voient aucun enfant",
        "admin:accounts_staffuser_changelist",
        PRESSE,
        lambda now: compter(agents_sans_ecole(), lambda agent: agent.get_full_name()),
        "?ecole=sans",
        avant="admin:accounts_undeliveredmail_changelist",
    ),
    Rubrique(
        "enfance.change_responsabilite",
        "enfant en double\u00a0: deux fiches à réunir,enfants en double\u00a0: des fiches à réunir",
        "admin:enfance_enfant_proches",
        SEMAINE,
        _en_double,
    ),
    Rubrique(
        "enfance.view_pointage",
        "feuille d’appel à terminer,feuilles d’appel à terminer",
        "admin:enfance_pointage_ecarts",
        SEMAINE,
        _feuilles,
    ),
    Rubrique(
        "enfance.view_pointage",
        "écart de présence à voir,écarts de présence à voir",
        "admin:enfance_pointage_ecarts",
        SEMAINE,
        _ecarts,
    ),
    Rubrique(
        "enfance.view_sante",
        "PAI fini ou bientôt fini,PAI finis ou bientôt finis",
        "admin:enfance_enfant_changelist",
        SEMAINE,
        lambda now: compter(bureau.pai_a_revoir(timezone.localdate(now))),
        "?a_traiter=pai",
    ),
    Rubrique(
        "enfance.view_enfant",
        "élève noté parti depuis 30\u00a0jours,élèves notés partis depuis 30\u00a0jours",
        "admin:enfance_enfant_changelist",
        SEMAINE,
        lambda now: compter(bureau.partis(timezone.localdate(now)), lambda enfant: enfant.prenom),
        "?a_traiter=partis",
    ),
    Rubrique(
        "enfance.change_garde",
        "garde à régler\u00a0: deux foyers,gardes à régler\u00a0: deux foyers",
        "admin:enfance_enfant_changelist",
        SEMAINE,
        lambda now: compter(bureau.gardes_a_regler(timezone.localdate(now)), lambda enfant: enfant.prenom),
        "?a_traiter=garde",
    ),
    Rubrique(
        "enfance.view_enfant",
        "enfant sans classe,enfants sans classe",
        "admin:enfance_enfant_changelist",
        TOT,
        lambda now: compter(bureau.sans_classe(timezone.localdate(now)), lambda enfant: enfant.prenom),
        "?a_traiter=sans_classe",
    ),
    Rubrique(
        "enfance.view_responsable",
        "parent sans adresse e-mail,parents sans adresse e-mail",
        "admin:enfance_responsable_sans_courriel",
        TOT,
        lambda now: compter(bureau.sans_courriel(timezone.localdate(now))),
    ),
    Rubrique(
        "enfance.view_responsable",
        "parent jamais connecté,parents jamais connectés",
        "admin:enfance_responsable_changelist",
        TOT,
        lambda now: compter(bureau.jamais_connectes(timezone.localdate(now))),
        "?a_traiter=jamais_connectes",
    ),
    Rubrique(
        "enfance.view_enfant",
        "enfant parti à effacer,enfants partis à effacer",
        "admin:enfance_enfant_changelist",
        SEMAINE,
        _partis,
        "?a_traiter=a_effacer",
    ),
)

RACCOURCIS = (
    Raccourci("Trouver une famille", "admin:enfance_foyer_trouver", "enfance.view_foyer", "loupe"),
    Raccourci("Ajouter une famille", "admin:enfance_foyer_add", "enfance.add_foyer", "plus", tete=True),
    Raccourci("Feuille d’appel du jour", "enfance:equipe", "enfance.tenir_feuille", "ok", tete=True),
    Raccourci("Fermer la garderie", "admin:enfance_fermeture_add", "enfance.add_fermeture", "cadenas"),
    Raccourci("Sortie, ou enseignant absent", "admin:enfance_fermeture_sortie", "enfance.add_fermeture", "enfants"),
    Raccourci("Le portail n’a pas répondu", "admin:enfance_silences", "enfance.add_indisponibilite", "horloge"),
    Raccourci("Écrire aux familles", "admin:enfance_message_add", "enfance.add_message", "courriel"),
    Raccourci("Envoyer les identifiants", "admin:enfance_responsable_identifiants", "accounts.change_user", "cle"),
    Raccourci(
        "Imprimer les lettres",
        "admin:enfance_responsable_lettres",
        "accounts.print_temporarypassword",
        "imprimer",
    ),
    Raccourci("Importer ONDE", "admin:enfance_importonde_add", "enfance.add_importonde", "enfants"),
    Raccourci("Préparer la rentrée", "admin:enfance_anneescolaire_rentree", "enfance.add_anneescolaire", "agenda"),
    Raccourci("Chiffres de l’année", "admin:enfance_inscription_chiffres", "enfance.view_inscription", "info"),
    Raccourci("Exporter les inscriptions", "admin:enfance_inscription_export", "enfance.export_inscription", "bas"),
    Raccourci("Page de la cantine", "enfance:cantine", "enfance.tenir_cantine", "midi"),
    Raccourci("Aide\u00a0: le guide de la mairie", "enfance:aide_mairie", "enfance.view_foyer", "info"),
)

TABLES = (
    Tables("familles", "Les familles", ("enfance.enfant", "enfance.foyer", "enfance.responsable"), avant="familles"),
    Tables(
        "garderie",
        "La garderie",
        (
            "enfance.inscription",
            "enfance.absence",
            "enfance.pointage",
            "enfance.appel",
            "enfance.fermeture",
            "enfance.creneau",
            "enfance.regledelai",
        ),
        avant="ecrits",
    ),
    Tables("cantine", "La cantine", ("enfance.repas", "enfance.listerepas"), avant="ecrits"),
    Tables(
        "annee",
        "L’année et les classes",
        ("enfance.anneescolaire", "enfance.ecole", "enfance.classe", "enfance.importonde"),
        avant="ecrits",
    ),
    Tables("ecrits", "Ce que nous écrivons aux familles", ("enfance.message", "enfance.actualite"), avant="ecrits"),
    Tables("traces", "Ce qui a été fait", ("enfance.evenement", "enfance.enregistrement"), avant="traces"),
)

PANNEAUX = (
    Panneau(
        "journee",
        "enfance.view_inscription",
        lambda now: bureau.load_journee(now=now),
        cote="mairie/accueil/_journee.html",
        bas="mairie/accueil/_semaine.html",
    ),
)
