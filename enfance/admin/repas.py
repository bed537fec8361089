"""The canteen's meals: the association's lists; what is missing, and a mail to families."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.site import ReadOnlyAdmin
from enfance.cantine.repas import Prevenus, prevenir
from enfance.mairie.ecoles import ecoles_offered, noms_ecoles
from enfance.mairie.filtres import ParEcoleAdmin, ParJourAdmin
from enfance.models import Creneau, Ecole, Enfant, Inscription, ListeRepas, Repas
from enfance.planning.ecarts import repas_sans_midi
from enfance.planning.historique import jours_phrase
from portail.confirmation import Apercu, Suite, Tableau, asks_first, confirm
from portail.francais import pluriel


@admin.register(ListeRepas)
class ListeRepasAdmin(ParEcoleAdmin):
    """A list is imported (`views.mairie.repas`), and replaced by another; never written by hand."""

    feminine = True
    list_display = ["__str__", "nombre", "sans_midi", "importee_le", "importee_par"]
    list_select_related = ["importee_par"]
    date_hierarchy = "debut"
    fields = ["debut", "fin", "importee_le", "importee_par", "nombre", "sans_midi"]
    readonly_fields = ["nombre", "sans_midi"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ListeRepas]:
        """The lists of meals, each with its number of meals, and of meals to come without lunch break."""
        manquants = repas_sans_midi(now=timezone.now()).values("pk")
        listes = super().get_queryset(request)
        return (listes.prefetch_related("ecoles") if ecoles_offered(request) else listes).annotate(
            nombre_repas=Count("repas"), nombre_sans_midi=Count("repas", filter=Q(repas__in=Subquery(manquants)))
        )

    def rows_of(self, queryset: QuerySet[ListeRepas], ecole: Ecole, request: HttpRequest) -> QuerySet[ListeRepas]:
        """The lists of meals that are of this school, or of all the schools."""
        siennes = ListeRepas.objects.filter(Q(ecoles=None) | Q(ecoles=ecole)).order_by()
        return queryset.filter(pk__in=siennes.values("pk"))

    @admin.display(description="écoles")
    def ecole(self, liste: ListeRepas) -> str:
        """The schools whose meals the list holds, or « toutes les écoles »."""
        return noms_ecoles(liste.ecoles.all())

    def has_change_permission(self, request: HttpRequest, obj: ListeRepas | None = None) -> bool:
        """Nobody corrects a list of meals: it is imported again."""
        return False

    @admin.display(description="repas", ordering="nombre_repas")
    def nombre(self, liste: ListeRepas) -> SafeString:
        """The number of meals of the list, a link to them."""
        return self._lien(liste, liste.nombre_repas)

    @admin.display(description="sans pause méridienne", ordering="nombre_sans_midi")
    def sans_midi(self, liste: ListeRepas) -> SafeString:
        """The number of meals to come, in this list, of children who are not registered for the lunch break; a link to
        them.
        """
        return self._lien(liste, liste.nombre_sans_midi, "&ecart=sans_midi")

    def _lien(self, liste: ListeRepas, nombre: int, suite: str = "") -> SafeString:
        adresse = f"{reverse('admin:enfance_repas_changelist')}?liste__id__exact={liste.pk}{suite}"
        return format_html('<a href="{}">{}</a>', adresse, nombre)


class EcartFilter(admin.SimpleListFilter):
    title = "à vérifier"
    parameter_name = "ecart"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        """The meals without lunch break, and those that the family said it cancelled."""
        return [
            ("sans_midi", "Mangent, pas inscrits à la pause méridienne"),
            ("annule", "Dits annulés par la famille"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The meals to come without lunch break, or those that the family said it cancelled."""
        if self.value() == "sans_midi":
            return queryset.filter(pk__in=Subquery(repas_sans_midi(now=timezone.now()).values("pk")))
        return queryset.filter(annule_le__isnull=False) if self.value() == "annule" else queryset


@admin.register(Repas)
class RepasAdmin(ParJourAdmin, ReadOnlyAdmin):
    """Meals are the association's: read here, and compared with the lunch break."""

    list_display = ["jour", "enfant", "pause_meridienne", "annule_le", "liste"]
    list_filter = [EcartFilter, "liste"]
    list_select_related = ["enfant", "liste"]
    link_lookups = ("enfant",)
    search_fields = ["enfant__tri"]
    search_help_text = "Nom ou prénom de l’enfant"
    date_hierarchy = "jour"
    ordering = ["-jour", "enfant__tri"]
    fields = ["enfant", "jour", "pause_meridienne", "annule_le", "liste"]
    readonly_fields = ["pause_meridienne"]
    actions = ["prevenir"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Repas]:
        """Each meal also has `midi`, the state of the child's lunch break of that day: of two services, that of the one
        that holds a place, else of the one that waits, else of the one that is cancelled; None without any.
        """
        midis = Inscription.objects.filter(
            enfant=OuterRef("enfant"), jour=OuterRef("jour"), creneau__moment=Creneau.Moment.MIDI
        )
        midi = midis.order_by("-etat").values("etat")  # inscrit, attente, annulee
        return super().get_queryset(request).annotate(midi=Subquery(midi[:1]))

    def has_prevenir_permission(self, request: HttpRequest) -> bool:
        """Whether the agent may send the families a mail about meals without lunch break."""
        return request.user.has_perm("enfance.change_repas")

    @admin.display(description="pause méridienne")
    def pause_meridienne(self, repas: Repas) -> str:
        """The state of the child's lunch break of that day, or « pas inscrit »."""
        return Inscription.Etat(repas.midi).label if repas.midi else "pas inscrit"

    @admin.action(description="Prévenir les familles par e-mail", permissions=["prevenir"])
    @method_decorator(asks_first)
    def prevenir(self, request: HttpRequest, queryset: QuerySet[Repas]) -> HttpResponse | None:
        """The action « Prévenir les familles par e-mail »: shows which meals to come of these children lack a lunch
        break, all of them and not only the rows chosen; once confirmed, sends one mail to each address, which says all
        that is missing.
        """
        now = timezone.now()
        enfants = queryset.order_by().values("enfant")
        manquants = (
            repas_sans_midi(now=now).filter(enfant__in=enfants).select_related("enfant").order_by("enfant", "jour")
        )
        if not manquants:
            self.message_user(request, "Rien à dire\u00a0: ces repas ont leur pause méridienne, ou n’en demandent pas.")
            return None
        prevenus = prevenir(manquants, now=now)
        confirm(request, _apercu(manquants, prevenus))
        for repas in manquants:
            self.log_change(request, repas, "Famille prévenue par e-mail.")
        mot = "e-mail envoyé" if prevenus.nombre < 2 else "e-mails envoyés"
        self.message_user(request, f"{prevenus.nombre}\u00a0{mot}.", messages.SUCCESS)
        if prevenus.sans_courriel:
            noms = ", ".join(prevenus.sans_courriel)
            self.message_user(request, f"Sans adresse e-mail, à appeler\u00a0: {noms}.", messages.WARNING)
        return None


def _apercu(manquants: Iterable[Repas], prevenus: Prevenus) -> Apercu:
    """Whose meals lack a lunch break, a line a child, and who is told."""
    par_enfant: dict[Enfant, list[date]] = {}
    for repas in manquants:
        par_enfant.setdefault(repas.enfant, []).append(repas.jour)
    courriels = pluriel(prevenus.nombre, "e-mail part,e-mails partent")
    lignes = tuple((str(enfant), jours_phrase(jours, date.min)) for enfant, jours in par_enfant.items())
    noms = ", ".join(prevenus.sans_courriel)
    return Apercu(
        titre="Prévenir les familles",
        phrase=f"{pluriel(len(par_enfant), 'enfant mange,enfants mangent')} sans pause méridienne.",
        question="Prévenir ces familles\u00a0?",
        suites=(Suite("Envoyer les e-mails" if prevenus.nombre else "Noter les familles à appeler"),),
        retour=reverse("admin:enfance_repas_changelist"),
        fil=(("Repas", reverse("admin:enfance_repas_changelist")),),
        precision="Chaque famille reçoit un seul e-mail, avec tous ses enfants et tous ses jours.",
        consequence=f"{courriels} aussitôt." if prevenus.nombre else "Aucun e-mail ne part.",
        remarques=(f"Sans adresse e-mail, à appeler\u00a0: {noms}.",) if noms else (),
        tableaux=(Tableau("Repas sans pause méridienne", ("Enfant", "Jours"), lignes),),
        grave=bool(prevenus.nombre),
        travail="Envoi en cours…",
        marque=repr(sorted(repas.pk for repas in manquants)),
    )
