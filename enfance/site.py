"""The town hall's admin site as it opens: by task, then by the words of the secretary, not by table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, include, path, reverse
from django.utils import timezone

from accounts.models import FailedTask, HeldMail, UndeliveredMail
from accounts.site import TownHallSite
from enfance.equipe.presences import RECENTS, load_a_voir, load_feuilles_ouvertes
from enfance.mairie import bureau


@dataclass(frozen=True)
class Rubrique:
    """Something to deal with: who may see it, its name for one and for many, the list that shows it, how many."""

    right: str
    mots: str
    url: str
    query: str
    count: Callable[[datetime], int]

    @property
    def adresse(self) -> str:
        return f"{reverse(f'admin:{self.url}')}{self.query}"


RUBRIQUES = [
    Rubrique(
        "enfance.view_personneautorisee",
        "personne à vérifier avant de l’autoriser,personnes à vérifier avant de les autoriser",
        "enfance_enfant_demandes",
        "",
        lambda now: bureau.personnes_a_verifier().count(),
    ),
    Rubrique(
        "accounts.view_heldmail",
        "e-mail retenu\u00a0: à laisser partir ou non,e-mails retenus\u00a0: à laisser partir ou non",
        "accounts_heldmail_changelist",
        "",
        lambda now: HeldMail.objects.count() if settings.ENVOIS_RETENUS else 0,
    ),
    Rubrique(
        "enfance.view_responsable",
        "parent sans adresse e-mail,parents sans adresse e-mail",
        "enfance_responsable_changelist",
        "?a_traiter=sans_courriel",
        lambda now: bureau.sans_courriel(timezone.localdate(now)).count(),
    ),
    Rubrique(
        "accounts.view_undeliveredmail",
        "courriel non remis,courriels non remis",
        "accounts_undeliveredmail_changelist",
        "",
        lambda now: UndeliveredMail.objects.filter(settled_at=None).count(),
    ),
    Rubrique(
        "enfance.view_responsable",
        "parent jamais connecté,parents jamais connectés",
        "enfance_responsable_changelist",
        "?a_traiter=jamais_connectes",
        lambda now: bureau.jamais_connectes(timezone.localdate(now)).count(),
    ),
    Rubrique(
        "enfance.view_repas",
        "repas sans pause méridienne,repas sans pause méridienne",
        "enfance_repas_changelist",
        "?ecart=sans_midi",
        lambda now: bureau.repas_sans_pause(now).count(),
    ),
    Rubrique(
        "enfance.view_inscription",
        "enfant en liste d’attente,inscriptions en liste d’attente",
        "enfance_inscription_attente",
        "",
        lambda now: bureau.en_attente(timezone.localdate(now)).count(),
    ),
    Rubrique(
        "enfance.view_enfant",
        "enfant sans classe,enfants sans classe",
        "enfance_enfant_changelist",
        "?a_traiter=sans_classe",
        lambda now: bureau.sans_classe(timezone.localdate(now)).count(),
    ),
    Rubrique(
        "enfance.view_enfant",
        "élève noté parti depuis 30\u00a0jours,élèves notés partis depuis 30\u00a0jours",
        "enfance_enfant_changelist",
        "?a_traiter=partis",
        lambda now: bureau.partis(timezone.localdate(now)).count(),
    ),
    Rubrique(
        "enfance.view_sante",
        "PAI fini ou bientôt fini,PAI finis ou bientôt finis",
        "enfance_enfant_changelist",
        "?a_traiter=pai",
        lambda now: bureau.pai_a_revoir(timezone.localdate(now)).count(),
    ),
    Rubrique(
        "enfance.view_pointage",
        "feuille d’appel à terminer,feuilles d’appel à terminer",
        "enfance_pointage_ecarts",
        "",
        lambda now: len(load_feuilles_ouvertes(timezone.localdate(now))),
    ),
    Rubrique(
        "enfance.view_pointage",
        "écart de présence à voir,écarts de présence à voir",
        "enfance_pointage_ecarts",
        "",
        lambda now: len(load_a_voir(timezone.localdate(now) - RECENTS, timezone.localdate(now))),
    ),
    Rubrique(
        "accounts.view_failedtask",
        "tâche échouée,tâches échouées",
        "accounts_failedtask_changelist",
        "",
        lambda now: FailedTask.objects.count(),
    ),
]


@dataclass(frozen=True)
class Chose:
    """A line of « À traiter »."""

    nombre: int
    mots: str
    adresse: str


# What the secretary does most: its name, its address, the right that opens it.
RACCOURCIS = [
    ("Trouver une famille", "admin:enfance_foyer_trouver", "enfance.view_foyer"),
    ("Ajouter une famille", "admin:enfance_foyer_add", "enfance.add_foyer"),
    ("Feuille d’appel du jour", "enfance:equipe", "enfance.tenir_feuille"),
    ("Fermer un jour de garderie", "admin:enfance_fermeture_add", "enfance.add_fermeture"),
    ("Écrire aux familles", "admin:enfance_message_add", "enfance.add_message"),
    ("Envoyer les identifiants", "admin:enfance_responsable_identifiants", "accounts.change_user"),
    ("Imprimer les lettres", "admin:enfance_responsable_lettres", "accounts.print_temporarypassword"),
    ("Importer ONDE", "admin:enfance_importonde_add", "enfance.add_importonde"),
    ("Préparer la rentrée", "admin:enfance_anneescolaire_rentree", "enfance.add_anneescolaire"),
    ("Chiffres de l’année", "admin:enfance_inscription_chiffres", "enfance.view_inscription"),
    ("Exporter les inscriptions", "admin:enfance_inscription_export", "enfance.export_inscription"),
    ("Page de la cantine", "enfance:cantine", "enfance.tenir_cantine"),
    ("Aide\u00a0: le guide de la mairie", "enfance:aide_mairie", "enfance.view_foyer"),
]

# Tables by the words of who opens them. What is not named here comes last, under « Autres ».
TABLES = {
    ("familles", "Les familles"): ["enfance.enfant", "enfance.foyer", "enfance.responsable", "accounts.user"],
    ("garderie", "La garderie"): [
        "enfance.inscription",
        "enfance.absence",
        "enfance.pointage",
        "enfance.appel",
        "enfance.fermeture",
        "enfance.creneau",
        "enfance.regledelai",
    ],
    ("cantine", "La cantine"): ["enfance.repas", "enfance.listerepas"],
    ("annee", "L’année et les classes"): ["enfance.anneescolaire", "enfance.classe", "enfance.importonde"],
    ("ecrits", "Ce que nous écrivons aux familles"): [
        "enfance.message",
        "enfance.actualite",
        "accounts.heldmail",
        "accounts.mailing",
        "accounts.undeliveredmail",
    ],
    ("traces", "Ce qui a été fait"): ["enfance.evenement", "enfance.enregistrement", "admin.logentry"],
    ("agents", "Les agents et le service"): ["accounts.staffuser", "accounts.failedtask"],
}
OTHERS = ("autres", "Autres")


class MairieSite(TownHallSite):
    """Django's lists and forms, and before them the pages of tasks, under the same `admin:` names."""

    index_title = "Accueil"

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [path("", include("enfance.views.mairie.urls")), *super().get_urls()]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        now = timezone.now()
        sees_day = request.user.has_perm("enfance.view_inscription")
        context = {
            "choses": list(self._choses(request, now)),
            "suit": any(request.user.has_perm(rubrique.right) for rubrique in RUBRIQUES),
            "journee": bureau.load_journee(now=now) if sees_day else None,
            "sees_day": sees_day,
            "raccourcis": [(nom, reverse(url)) for nom, url, right in RACCOURCIS if request.user.has_perm(right)],
        }
        return super().index(request, {**context, **(extra_context or {})})

    def _choses(self, request: HttpRequest, now: datetime) -> Iterator[Chose]:
        """What there is to deal with among what this agent may see."""
        for rubrique in RUBRIQUES:
            if request.user.has_perm(rubrique.right) and (nombre := rubrique.count(now)):
                yield Chose(nombre, rubrique.mots, rubrique.adresse)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """The tables by groups, in the order of `TABLES`; of one application, as Django gives them."""
        applications = super().get_app_list(request, app_label)
        if app_label:
            return applications
        tables = {table["model"]._meta.label_lower: table for app in applications for table in app["models"]}
        groupes = [(nom, [tables.pop(label) for label in labels if label in tables]) for nom, labels in TABLES.items()]
        groupes.append((OTHERS, list(tables.values())))
        return [
            {
                "app_label": code,
                "name": nom,
                "app_url": f"{reverse('admin:index')}#{code}",
                "has_module_perms": True,
                "models": siennes,
            }
            for (code, nom), siennes in groupes
            if siennes
        ]
