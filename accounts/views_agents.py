"""The agents' accounts, made and reset by another agent (AUT-11): opening, the letter of the first login, the phone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts import agents, journal, passwords, second_factor
from accounts.confirmation import password_asked
from accounts.decorators import agent_of, staff_page
from accounts.extensions import AccountsExtension
from accounts.log import log_addition, log_change
from accounts.models import StaffUser, User
from accounts.passwords import Sending
from accounts.validators import min_length_for
from portail.formulaires import WholeForm
from portail.signes import validate_ligne, validate_nom
from portail.vues import PAGE

SAISIE = {"class": "saisie", "autocomplete": "off"}
SHORTEST = 10  # signs of the sentence that says how an identity was checked


class AgentForm(WholeForm):
    """A new agent. The number is drawn, the password chosen by its owner."""

    first_name = forms.CharField(
        label="Prénom", max_length=100, validators=[validate_nom], widget=forms.TextInput(SAISIE)
    )
    last_name = forms.CharField(label="Nom", max_length=100, validators=[validate_nom], widget=forms.TextInput(SAISIE))
    email = forms.EmailField(
        label="E-mail (facultatif)",
        required=False,
        max_length=254,
        validators=[validate_ligne],
        help_text="Le mot de passe temporaire part à cette adresse. Sans elle, vous l’imprimez.",
        widget=forms.EmailInput(SAISIE),
    )
    group = forms.ChoiceField(
        label="Ce que l’agent peut voir et faire",
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez un groupe."},
    )

    def __init__(self, *args: Any, groups: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["group"].choices = [(name, name) for name in groups]  # type: ignore[attr-defined]
        self.options = {option.name: option for option in AccountsExtension.installed().options}
        for name, option in self.options.items():
            if choices := option.choices():
                self.fields[name] = forms.MultipleChoiceField(
                    label=option.label,
                    required=False,
                    choices=choices,
                    help_text=option.aide,
                    widget=forms.CheckboxSelectMultiple,
                )

    @property
    def asked(self) -> list[forms.BoundField]:
        """The fields that other apps add to this form (`AccountOption`)."""
        return [self[name] for name in self.options if name in self.fields]

    def clean(self) -> dict[str, Any] | None:
        """Refuse what the apps that added fields refuse, for the group that was chosen."""
        cleaned = super().clean()
        group = self.cleaned_data.get("group")
        for name in self.options.keys() & self.fields.keys() & self.cleaned_data.keys():
            try:
                if group:
                    self.options[name].check(group, self.cleaned_data[name])
            except ValidationError as refusal:
                self.add_error(name, refusal)
        return cleaned

    def open_account(self, *, now: datetime) -> tuple[User, list[str]]:
        """Create the account of this valid form; the account, and the sentences of other apps to show the agent who
        opens it. To be called in a transaction."""
        said = {name: self.cleaned_data.pop(name, []) for name in self.options}
        user = agents.open_account(**self.cleaned_data, now=now)
        notes = [option.keep(user, said[name]) for name, option in self.options.items()]
        return user, [*filter(None, notes)]


class FactorForm(WholeForm):
    """How the identity of an agent without a phone was checked."""

    identity = forms.CharField(
        label="Comment vous avez vérifié son identité",
        min_length=SHORTEST,
        max_length=200,
        validators=[validate_ligne],
        help_text="Exemple\u00a0: «\u00a0reconnue au guichet, carte d’identité vue\u00a0». Cette phrase est gardée.",
        widget=forms.TextInput(SAISIE),
        error_messages={
            "required": "Dites comment vous avez vérifié son identité.",
            "min_length": "Dites-le en quelques mots.",
        },
    )


@staff_page("accounts.add_staffuser")
@require_http_methods(PAGE)
def open_agent(request: HttpRequest) -> HttpResponse:
    """The page where an agent, whose password is asked, opens the account of another; once it is opened, on to the
    letter that gives them their number. A temporary password leaves when there is an e-mail address. 403 for an agent
    who gives no group."""
    if answer := password_asked(request):
        return answer
    agent = agent_of(request)
    given = agents.groups_given_by(agent)
    if not given:
        raise PermissionDenied
    form = AgentForm(request.POST if request.method == "POST" else None, groups=given)
    if not form.is_valid():
        return render(request, "mairie/agent.html", {"titre": "Ouvrir un compte d’agent", "form": form})
    now = timezone.now()
    with transaction.atomic():
        user, notes = form.open_account(now=now)
        row = StaffUser.objects.get(pk=user.pk)
        opened = f"Compte ouvert dans le groupe {form.cleaned_data['group']}."
        log_addition(request, row, " ".join([opened, *notes]))
        sending = passwords.send_temporary_password(user, now=now) if user.email else Sending.NO_ADDRESS
    journal.event("staff_created", user=user.pk, by=agent.pk, request=request)
    messages.success(request, f"Compte ouvert\u00a0: {user}, groupe {form.cleaned_data['group']}.")
    for note in notes:
        messages.info(request, note)
    if sending is Sending.ASKED:
        messages.info(request, f"Un mot de passe temporaire part à {user.email}, valable 24\u00a0heures.")
    return redirect("admin:accounts_staffuser_letter", user.pk)


@staff_page("accounts.add_staffuser")
@require_safe
def letter(request: HttpRequest, pk: int) -> HttpResponse:
    """The letter to print that tells this new agent how to log in the first time; it never holds a password. 403 for
    whoever may not handle that agent."""
    agent = _handled(request, pk)
    context = {
        "titre": f"Première connexion de {agent.get_full_name()}",
        "agent": agent,
        "may_print": passwords.may_be_printed(agent),
        "longueur": min_length_for(agent),
        "adresse_site": settings.SITE_URL.partition("://")[2],
    }
    return render(request, "mairie/agent_lettre.html", context)


@staff_page("accounts.change_staffuser")
@require_http_methods(PAGE)
def reset_factor(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget the phone of an agent who has lost it, once the identity is checked: the next login enrols another. The
    password of whoever does it is asked; 403 when they may not handle that agent. Without a phone, a warning says that
    nothing has changed."""
    if answer := password_asked(request):
        return answer
    agent, by = _handled(request, pk), agent_of(request)
    form = FactorForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        context = {"titre": f"Remettre à zéro le téléphone de {agent.get_full_name()}", "form": form, "agent": agent}
        return render(request, "mairie/agent_facteur.html", context)
    proof = form.cleaned_data["identity"]
    with transaction.atomic():
        was_enrolled = second_factor.reset(agent, now=timezone.now())
        if was_enrolled:
            log_change(request, agent, f"Deuxième facteur remis à zéro. Identité\u00a0: {proof}.")
    if was_enrolled:
        journal.event("second_factor_reset", user=agent.pk, by=by.pk, identity_check=proof, request=request)
        told = "un e-mail le dit" if agent.email else "sans adresse e-mail, dites-le vous-même"
        messages.success(request, f"Téléphone oublié, {told}. {agent} en inscrira un à la prochaine connexion.")
    else:
        messages.warning(request, f"{agent} n’a pas encore de téléphone inscrit\u00a0: rien n’a changé.")
    return redirect("admin:accounts_staffuser_change", agent.pk)


def _handled(request: HttpRequest, pk: int) -> User:
    """The agent of this page; refused to whoever may not change them."""
    agent = get_object_or_404(StaffUser, pk=pk)
    if not agents.may_handle(agent_of(request), agent):
        raise PermissionDenied
    return agent
