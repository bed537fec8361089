"""The import of ONDE: two files, what they would do, the questions that they leave open, and only then the import."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from accounts import journal
from accounts.site import TownHallAdmin
from accounts.views import password_asked
from enfance.models import AnneeScolaire, ImportOnde
from enfance.onde import depots
from enfance.onde.bilan import Bilan
from enfance.onde.importation import DepartsAConfirmer
from enfance.onde.lecture import lire_eleves, lire_responsables
from portail.formulaires import INCOMPLETE
from portail.tables import Fichier, ImportRefuse, check_taille

MONTRES = 20  # bad lines of a file that stay on the screen
CHOIX = re.compile(r"q-([0-9a-f]{20})")
VALEUR = re.compile(r"[-0-9a-z]{1,40}")


class DepotForm(forms.Form):
    """The year and the two files. One that could be read is kept, and not asked again."""

    annee = forms.ModelChoiceField(AnneeScolaire.objects.none(), label="Année scolaire", empty_label=None)
    eleves = forms.FileField(label="Fichier des élèves", allow_empty_file=True)
    responsables = forms.FileField(label="Fichier des responsables", allow_empty_file=True)

    def __init__(self, *args: Any, depot: ImportOnde | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["annee"].queryset = AnneeScolaire.objects.filter(fin__gte=timezone.localdate()).order_by("debut")
        for nom in ("eleves", "responsables"):
            if depot and getattr(depot, nom):
                self.fields[nom].required = False
                self.fields[nom].help_text = f"Déjà là\u00a0: {getattr(depot, f'nom_{nom}')}. Vide\u00a0: il est gardé."

    def clean_eleves(self) -> Fichier | None:
        return self._read("eleves", lire_eleves)

    def clean_responsables(self) -> Fichier | None:
        return self._read("responsables", lire_responsables)

    def _read(self, nom: str, lire: Any) -> Fichier | None:
        """The file as it is, once it has been read to the end; the reader's own sentences when it cannot be."""
        recu = self.cleaned_data[nom]
        if recu is None:
            return None
        try:
            check_taille(recu.name, recu.size)
            fichier = Fichier(recu.name[-200:], recu.read())
            lire(fichier)
        except ImportRefuse as error:
            raise forms.ValidationError(phrases(error)) from None
        return fichier


def phrases(error: ImportRefuse) -> list[str]:
    """Why it is refused, a line each; the first ones when they are many."""
    lignes = [str(refus) for refus in error.refus[:MONTRES]]
    reste = len(error.refus) - len(lignes)
    return [*lignes, f"… et {reste} autres lignes."] if reste else lignes


@admin.register(ImportOnde)
class ImportOndeAdmin(TownHallAdmin):
    """Imports are laid down, looked at, applied; what they did is read here ever after."""

    list_display = ["depose_le", "annee", "etat", "depose_par"]
    list_filter = ["annee"]
    list_select_related = ["annee", "depose_par"]
    date_hierarchy = "depose_le"
    change_list_template = "admin/enfance/importonde/change_list.html"

    def get_queryset(self, request: HttpRequest) -> Any:
        queryset = super().get_queryset(request)
        return queryset.defer("eleves", "responsables", "bilan", "choix")

    @admin.display(description="état", ordering="applique_le")
    def etat(self, depot: ImportOnde) -> str:
        if depot.applique_le:
            return f"importé le {timezone.localtime(depot.applique_le):%d/%m/%Y à %H:%M}"
        return "à confirmer"

    def get_urls(self) -> list[URLPattern]:
        bilan = path("<int:pk>/bilan.txt", self.admin_site.admin_view(self.bilan_view), name="enfance_importonde_bilan")
        return [bilan, *super().get_urls()]

    # --- Two files ------------------------------------------------------------------------------------------------

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        return self._deposer(request, None)

    def _deposer(self, request: HttpRequest, depot: ImportOnde | None) -> HttpResponse:
        if request.method != "POST":
            annee = request.GET.get("annee", depot.annee_id if depot else None)
            return self._formulaire(request, DepotForm(initial={"annee": annee}, depot=depot), depot)
        form = DepotForm(request.POST, request.FILES, depot=depot)
        valide = form.is_valid()
        lus = {nom: form.cleaned_data.get(nom) for nom in ("eleves", "responsables")}
        if "annee" in form.cleaned_data and (valide or any(lus.values())):
            annee, now = form.cleaned_data["annee"], timezone.now()
            depot = depots.deposer(depot, annee, **lus, user_id=request.user.pk, now=now)
        if valide:
            return redirect("admin:enfance_importonde_change", depot.pk)
        return self._formulaire(request, form, depot)

    def _formulaire(self, request: HttpRequest, form: DepotForm, depot: ImportOnde | None) -> HttpResponse:
        if depot:  # what has just been kept is not asked again
            kept = DepotForm(depot=depot)
            for nom in ("eleves", "responsables"):
                form.fields[nom] = kept.fields[nom]
        return self._page(request, "deposer.html", "Importer ONDE", form=form, depot=depot)

    # --- What they would do ---------------------------------------------------------------------------------------

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The report of an import that was made; before it, the preview with its questions, until it is confirmed."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        depot = self.get_object(request, object_id)
        if depot is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if depot.applique_le:
            return self._page(request, "bilan.html", str(depot), depot=depot)
        if not self.has_change_permission(request, depot):
            raise PermissionDenied
        post = request.POST if request.method == "POST" else {}
        if "abandonner" in post:
            if depots.abandonner(depot):
                self.message_user(request, "Import abandonné\u00a0: rien n’a été changé, les fichiers sont effacés.")
            return redirect("admin:enfance_importonde_changelist")
        if not depot.complet or "deposer" in post or "fichiers" in request.GET:
            return self._deposer(request, depot)
        if "importer" in post:
            return password_asked(request) or self._importer(request, depot)  # it writes e-mails (ADM-05)
        if post and "apercu" not in post:
            return self._apercu(request, depot, alerte=INCOMPLETE)
        if post:
            depots.choisir(depot, choix_of(request.POST))
            return redirect("admin:enfance_importonde_change", depot.pk)
        return self._apercu(request, depot)

    def _apercu(self, request: HttpRequest, depot: ImportOnde, **context: Any) -> HttpResponse:
        try:
            extraction = depots.extraction_of(depot)
            bilan = depots.simuler(depot, now=timezone.now())
            doute = depots.annee_douteuse(extraction, depot.annee)
        except ImportRefuse as error:
            doute = " ".join(phrases(error))
        if doute:
            form = DepotForm({"annee": depot.annee_id}, depot=depot)
            form.is_valid()
            form.add_error("annee", doute)
            return self._formulaire(request, form, depot)
        return self._page(
            request,
            "apercu.html",
            f"Importer ONDE\u00a0: l’aperçu, année {depot.annee}",
            depot=depot,
            bilan=bilan,
            retours=depot.choix.get(depots.RETOURS) == "oui",
            **{"alerte": "", "manque": "", **context},
        )

    # --- The import -----------------------------------------------------------------------------------------------

    def _importer(self, request: HttpRequest, depot: ImportOnde) -> HttpResponse:
        choix, confirme = choix_of(request.POST), "confirmer_departs" in request.POST
        vu, agent, now = request.POST.get("vu", ""), request.user.pk, timezone.now()
        try:
            bilan = depots.appliquer(depot.pk, choix, vu, user_id=agent, now=now, confirmer_departs=confirme)
        except depots.ApercuPerime:
            quoi = "vos réponses l’ont changé" if choix != depot.choix else "les dossiers ont été modifiés entre-temps"
            depots.choisir(depot, choix)
            alerte = f"Rien n’est encore importé. Depuis l’aperçu que vous avez vu, {quoi}\u00a0: voici le nouveau."
            return self._apercu(request, depot, alerte=alerte)
        except DepartsAConfirmer:
            depots.choisir(depot, choix)
            manque = "Cochez pour confirmer ces départs, ou choisissez d’autres fichiers."
            return self._apercu(request, depot, manque=manque)
        except ImportRefuse:
            return self._apercu(request, depot)
        if bilan is None:
            self.message_user(request, "Cet import est déjà fait\u00a0: rien n’a été refait.")
        else:
            self._report(request, depot, bilan)
        return redirect("admin:enfance_importonde_change", depot.pk)

    def _report(self, request: HttpRequest, depot: ImportOnde, bilan: Bilan) -> None:
        phrases = " ".join(bilan.phrases())
        self.log_change(request, depot, f"Importé, année {bilan.annee}. {phrases}")
        self.message_user(request, f"Import fait. {phrases}", messages.SUCCESS)
        journal.event(
            "onde_imported",
            user=request.user.pk,
            request=request,
            importation=depot.pk,
            year=depot.annee.debut.year,
            created=bilan.eleves.crees,
            changed=len(bilan.eleves.modifies),
            gone=len(bilan.eleves.partis),
            adults=bilan.responsables.crees,
            refused=len(bilan.refus),
            open_questions=len(bilan.doutes),
        )

    def bilan_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The report as a file."""
        depot = self.get_object(request, str(pk))
        if not self.has_view_permission(request, depot):
            raise PermissionDenied
        if depot is None or depot.applique_le is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(pk))
        if answer := password_asked(request, back=reverse("admin:enfance_importonde_change", args=[pk])):
            return answer
        texte = "\r\n".join(
            ligne for section in depot.bilan for ligne in [f"{section['titre']}", *section["lignes"], ""]
        )
        jour = timezone.localdate(depot.applique_le)
        disposition = {"Content-Disposition": f'attachment; filename="import-onde-{jour:%Y-%m-%d}.txt"'}
        return HttpResponse(f"\ufeff{texte}", content_type="text/plain; charset=utf-8", headers=disposition)

    def _page(self, request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "media": self.media,
            **context,
        }
        return TemplateResponse(request, f"admin/enfance/importonde/{template}", context)


def choix_of(data: QueryDict) -> dict[str, str]:
    """The answers that a form sends, by key of the question."""
    choix = {m[1]: data[nom] for nom in data if (m := CHOIX.fullmatch(nom)) and VALEUR.fullmatch(data[nom])}
    return choix | ({depots.RETOURS: "oui"} if depots.RETOURS in data else {})
