"""The town hall's admin site: who may enter, and what all its pages have in common."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import update_wrapper
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME, ActionForm, InlineAdminFormSet
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.views.main import ERROR_FLAG, PAGE_VAR, SEARCH_VAR, ChangeList
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import RedirectURLMixin, redirect_to_login
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.db.models import Field, Model, QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, include, path, reverse
from django.utils.decorators import method_decorator
from django.utils.text import capfirst
from django.views.decorators.cache import never_cache

from accounts import second_factor
from accounts.champs import NATIVE
from accounts.fautes import fautes_of
from accounts.listes import BoundedPaginator, TownHallList
from accounts.log import with_values
from accounts.models import User
from accounts.search import fold, keep_search
from accounts.suggestions import SuggestingFields
from accounts.titres import to_add, to_change
from portail.confirmation import Apercu, Asked, ask, confirm
from portail.empreintes import fingerprint_of, is_still
from portail.extensions import Extension
from portail.formulaires import WholeModelForm, is_key

FINGERPRINT = "_fingerprint"
CHANGED_MEANWHILE = (
    "Cette fiche a changé pendant que vous l’aviez ouverte. Ouvrez-la de nouveau, puis refaites votre "
    "changement\u00a0: rien n’est encore enregistré."
)


class TownHallSite(admin.AdminSite):
    """Django's admin behind the portal's one login page; it has no door of its own (AUT-09)."""

    site_header = site_title = f"Mairie de {settings.COMMUNE_NOM}"
    index_title = "Les dossiers"
    enable_nav_sidebar = False  # the menu of the header leads to what is of use each day
    site_url = None  # the family's pages are for parents: an agent is nobody's parent account

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self.disable_action("delete_selected")  # ADM-05

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether the admin opens to the session of this request: an agent whose account is open, who has shown the
        second factor (ADM-01) and may open a page of it. Agents of the gate and of the canteen have none."""
        user = request.user
        return user.is_active and user.is_staff and second_factor.is_verified(request) and self._serves(user)

    def _serves(self, user: User) -> bool:
        """Whether one page at least of a model, or one entry of the menu, is this agent's to open."""
        rows = (f"{model._meta.app_label}.view_{model._meta.model_name}" for model in self._registry)
        entries = (entree.droit for entree in Extension.installed().menu)
        return any(map(user.has_perm, entries)) or any(map(user.has_perm, rows))

    def admin_view(self, view: Callable[..., HttpResponse], cacheable: bool = False) -> Callable[..., HttpResponse]:
        """Wrap a view of the admin: whoever is logged in without a right to the admin gets 403 at once; others go
        through the login page."""
        inner = super().admin_view(view, cacheable)

        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.user.is_authenticated and not self.has_permission(request):
                raise PermissionDenied
            return inner(request, *args, **kwargs)

        return update_wrapper(checked, inner)

    @method_decorator(never_cache)
    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Redirect to the page asked for in the admin, to the second factor, or to the portal's login page, according
        to who comes; 403 for whoever is logged in without a right here. Nothing authenticates here, whatever is
        posted."""
        target = RedirectURLMixin().get_redirect_url(request) or reverse("admin:index", current_app=self.name)
        if self.has_permission(request):
            return HttpResponseRedirect(target)
        if request.user.is_staff and not second_factor.is_verified(request):
            return HttpResponseRedirect(reverse("accounts:second_factor", query={"next": target}))
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(target)

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Redirect to the portal's own logout, which also empties the browser."""
        return redirect("accounts:logout", preserve_request=True)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """The portal's own addresses first, then Django's without those that change a password: `accounts.passwords`
        alone does."""
        closed = {"password_change", "password_change_done"}
        theirs = [url for url in super().get_urls() if getattr(url, "name", None) not in closed]
        return [path("", include("accounts.urls_admin")), *theirs]

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        """The suggestions of a field as one types, by the portal's own view."""
        return TownHallAutocomplete.as_view(admin_site=self)(request)


class TownHallAutocomplete(AutocompleteJsonView):
    """Suggestions that tell homonyms apart; what is typed comes by POST, out of the addresses that servers keep."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer the suggestions for what was typed, which comes by POST."""
        request.GET = request.POST
        return super().get(request, *args, **kwargs)

    def serialize_result(self, obj: Model, to_field_name: str) -> dict[str, str]:
        """A suggestion, under the label that the admin page of its model gives (`autocomplete_label`)."""
        label = self.admin_site.get_model_admin(type(obj)).autocomplete_label(obj)
        return super().serialize_result(obj, to_field_name) | {"text": label}


class RowFormSet(BaseInlineFormSet):
    """The box that deletes a row has its name, which Django leaves to the head of the column."""

    def add_fields(self, form: forms.ModelForm, index: int | None) -> None:
        """Add Django's fields to a row, and give its box that deletes it a name for screen readers."""
        super().add_fields(form, index)
        if "DELETE" in form.fields:
            form.fields["DELETE"].widget.attrs["aria-label"] = "Supprimer cette ligne"


class TownHallInline(SuggestingFields, admin.TabularInline):
    form = WholeModelForm
    formset = RowFormSet
    formfield_overrides = NATIVE
    extra = 1  # to add one without script
    classes: ClassVar = ["sans-titre"]
    feminine = False

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> forms.Field | None:
        """A field of an inline row, with a name of its own for screen readers."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field:
            field.widget.attrs["aria-label"] = capfirst(str(field.label))
        return field


class TownHallAdmin(SuggestingFields, admin.ModelAdmin):
    """Page of a model. Deletes no row unless `deletable`, and refuses filters that its list does not offer (ADM-08)."""

    form = WholeModelForm
    formfield_overrides = NATIVE
    paginator = BoundedPaginator
    page_steps: tuple[str, ...] = ()  # as `BoundedPaginator.steps`
    show_full_result_count = False  # Django's own counts every row: the list does it, up to its bound
    deletable = False
    feminine = False  # the name of the model: « la fermeture »
    adds_several = False  # one after another, from the same form
    link_lookups: tuple[str, ...] = ()  # what links of other pages filter on, beside `list_filter`

    def get_urls(self) -> list[URLPattern]:
        """Django's addresses of the model, without the nameless one that it keeps for links of ten years ago and that
        answered to everybody."""
        return [url for url in super().get_urls() if url.name]

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whether rows of this model may be deleted here: only where the class says `deletable`."""
        return self.deletable and super().has_delete_permission(request, obj)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The history of a row; 403 for whoever lacks the right, before it can be known whether the row exists."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        return super().history_view(request, object_id, extra_context)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """The portal's own list, whose address holds no text of a search."""
        return TownHallList

    def get_paginator(self, *args: Any, **kwargs: Any) -> BoundedPaginator:
        """A paginator that counts rows up to a bound, with the columns by which it may step (`page_steps`)."""
        paginator: BoundedPaginator = super().get_paginator(*args, **kwargs)
        paginator.steps = self.page_steps
        return paginator

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        """The rows that match what was typed, whatever its accents, its case and the spaces of a number."""
        return super().get_search_results(request, queryset, fold(search_term))

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Whether the list may be filtered by this lookup from the address: only those that its filters, its dates and
        our links offer. Django would allow any column of the row: a password's hash could be read letter by letter."""
        offered = any(lookup == name or lookup.startswith(f"{name}__") for name in self._offered_lookups(request))
        if lookup in {f"{self.date_hierarchy}__{part}" for part in ["year", "month", "day"]}:
            offered = value.isascii() and value.isdecimal() and len(value) <= 4
        return offered and super().lookup_allowed(lookup, value, request)

    def response_action(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse | None:
        """Carry out an action on the chosen rows; 400 when a chosen key cannot be one."""
        if not all(map(self.is_key, request.POST.getlist(ACTION_CHECKBOX_NAME))):
            raise BadRequest("No primary key.")
        return super().response_action(request, *args, **kwargs)

    def is_key(self, text: str) -> bool:
        """Whether this text may be the primary key of a row of this model."""
        return is_key(text)

    def _offered_lookups(self, request: HttpRequest) -> Iterator[str]:
        yield from self.link_lookups
        if self.date_hierarchy:
            yield self.date_hierarchy
        for item in self.get_list_filter(request):
            if isinstance(item, str):
                yield item
            elif isinstance(item, tuple):
                yield item[0]
            else:
                yield item.parameter_name

    def autocomplete_label(self, obj: Model) -> str:
        """The text that suggests this row as one types, which should tell homonyms apart."""
        return str(obj)

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        """Django's message of a change, with each field's value before and after (ADM-04)."""
        message = super().construct_change_message(request, form, formsets, add)
        return with_values(message, form, formsets or [])

    # Two agents on one page: the second to save would bring back, in silence, what the first has changed.

    def get_form(
        self, request: HttpRequest, obj: Model | None = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm]:
        """The form of the page. Sent with the fingerprint of what the page showed, it is refused once the row holds
        something else: the second agent to save would silently undo the changes of the first."""
        form_class = super().get_form(request, obj, change=change, **kwargs)
        form_class.marks_optional = True
        shown = request.POST.get(FINGERPRINT)
        if obj is None or shown is None:
            return form_class

        class UnchangedForm(form_class):  # type: ignore[valid-type]
            def clean(form) -> dict[str, Any] | None:
                cleaned = super().clean()
                row = type(obj)._base_manager.select_for_update(no_key=True).get(pk=obj.pk)
                if not is_still(shown, editable(form_class(instance=row), self._editable_formsets(request, row))):
                    raise ValidationError(CHANGED_MEANWHILE, code="changed_meanwhile")
                return cleaned

        return UnchangedForm

    def _editable_formsets(self, request: HttpRequest, obj: Model) -> Iterator[BaseInlineFormSet]:
        for formset, inline in self.get_formsets_with_inlines(request, obj):
            if inline.has_change_permission(request, obj):
                yield formset(instance=obj, queryset=inline.get_queryset(request))

    def response_post_save_change(self, request: HttpRequest, obj: Model) -> HttpResponse:
        """After a save, go back to the page of the portal whose link led here (`next`), if there is one; that page
        checks its own rights."""
        came_from = RedirectURLMixin().get_redirect_url(request)
        return HttpResponseRedirect(came_from) if came_from else super().response_post_save_change(request, obj)

    # A change that touches what families have booked is asked about before it is made.

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Django's page of a row, in its transaction; when `confirm_change` still has to ask, all is rolled back and
        the page of confirmation is the answer."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except Asked as asked:
            return ask(request, asked)

    def confirm_change(self, request: HttpRequest, obj: Model, apercu: Apercu, **context: Any) -> str:
        """The value of the button by which the agent confirmed this preview of the change of `obj`. Raises `Asked`,
        which shows the page of confirmation, when it was not confirmed.

        Call it while the row is saved, once all is written. The title and the links of the preview are set here.
        """
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}"
        page = reverse(f"{name}_change", args=[obj.pk])
        titre = to_change(self.opts.verbose_name, str(obj), feminine=self.feminine)
        lists = (capfirst(str(self.opts.verbose_name_plural)), reverse(f"{name}_changelist"))
        placed = replace(apercu, titre=titre, retour=page, fil=(lists, (str(obj), page)))
        return confirm(request, placed, **context)

    # Titles in French: Django's own know neither articles nor elisions.

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Django's page of a new row, under a title in right French."""
        title = to_add(self.opts.verbose_name, feminine=self.feminine)
        return super().add_view(request, form_url, {"title": title, **(extra_context or {})})

    def get_inline_formsets(self, *args: Any, **kwargs: Any) -> list[InlineAdminFormSet]:
        """The inline forms of the page, whose button to add a row is in right French."""
        inlines: list[InlineAdminFormSet] = super().get_inline_formsets(*args, **kwargs)
        for inline in inlines:
            if isinstance(inline.opts, TownHallInline):
                data = json.loads(inline.inline_formset_data())
                data["options"]["addText"] = to_add(inline.opts.verbose_name, feminine=inline.opts.feminine)
                inline.inline_formset_data = json.dumps(data)
        return inlines

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list of the rows. A search comes by POST and is redirected to the list, under an address without what was
        typed."""
        if request.method == "POST" and SEARCH_VAR in request.POST:
            if not self.has_view_or_change_permission(request):
                raise PermissionDenied
            query = request.GET.copy()
            query[SEARCH_VAR] = keep_search(request.session, request.POST[SEARCH_VAR])
            for name in [PAGE_VAR, ERROR_FLAG]:
                query.pop(name, None)
            return HttpResponseRedirect(f"{request.path}?{query.urlencode()}", status=303)
        title = capfirst(self.opts.verbose_name_plural)
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], obj: Model | None = None, **kwargs: Any
    ) -> HttpResponse:
        """Draw the page of a row, with a title in right French, its errors gathered above, and the fingerprint of what
        it shows."""
        if obj is not None:
            name, text = str(self.opts.verbose_name), str(obj)
            may_change = self.has_change_permission(request, obj)
            if may_change:
                text = to_change(name, text, feminine=self.feminine)
            context |= {"title": text, "subtitle": None}
            if may_change:
                context["fingerprint"] = self._shown(request, context)
        context |= {
            "fautes": fautes_of(context["adminform"].form, context["inline_admin_formsets"]),
            "errors": None,  # Django's own sentence, which leads nowhere
            "show_save_and_add_another": obj is None and self.adds_several,
            "show_save_and_continue": False,  # one way to save
            "actes": self._actes(obj, context.get("action_form")),
            "retour": RedirectURLMixin().get_redirect_url(request),
            "action_form": None,  # Django's own: a list to choose from, and « Exécuter »
        }
        context["adminform"].form.label_suffix = ""
        return super().render_change_form(request, context, obj=obj, **kwargs)

    def acts_on(self, obj: Model, action: str) -> bool:
        """Whether the page of this row offers this action, among those of the page that the agent may do: not one that
        would change nothing. Its name is that of the action."""
        return True

    def _actes(self, obj: Model | None, form: ActionForm | None) -> list[tuple[str, str]]:
        """The actions of the page of this row, each as the value and the words of its button."""
        if obj is None or form is None:
            return []
        return [(nom, mots) for nom, mots in form.fields["action"].choices if nom and self.acts_on(obj, nom)]

    def _shown(self, request: HttpRequest, context: dict[str, Any]) -> str | None:
        """What this page shows; of a form that comes back with its errors, what it showed at first."""
        if request.method == "POST":
            return request.POST.get(FINGERPRINT)
        formsets = [inline.formset for inline in context["inline_admin_formsets"] if inline.has_change_permission]
        return fingerprint_of(editable(context["adminform"].form, formsets))


def editable(form: forms.ModelForm, formsets: Iterable[BaseInlineFormSet]) -> list[tuple[Any, ...]]:
    """All the values that a page lets be edited, of its form and of its inline rows, sorted: compared later, they tell
    whether one has changed since the page was shown."""
    rows = [form, *(row for formset in formsets for row in formset.initial_forms)]
    return sorted(
        (row.instance._meta.label, row.instance.pk, name, keys(value))
        for row in rows
        for name, value in [("", ""), *row.initial.items()]
    )


def keys(value: object) -> str:
    """A value of a form as text, to be compared with another; a list of rows gives their sorted primary keys."""
    return str(sorted(row.pk for row in value)) if isinstance(value, list) else str(value)


class ReadOnlyAdmin(TownHallAdmin):
    """What the software writes and people only read."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ReadOnlyInline(admin.TabularInline):
    """Rows that the software writes, shown beside their owner; their columns say all of them."""

    template = "admin/lignes.html"
    extra = 0
    classes: ClassVar = ["sans-titre"]
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
