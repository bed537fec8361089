"""Where the link mailed to a new e-mail address leads: its owner confirms it from there, without a login (AUT-13)."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts import addresses, email_changes, journal
from portail.vues import PAGE


@login_not_required
@require_http_methods(PAGE)
def confirm_email(request: HttpRequest, jeton: str) -> HttpResponse:
    """The page where the link mailed to a new e-mail address leads, `jeton` being its signed token. Its button confirms
    the address; reading the page confirms nothing, as programs follow the links of a mail before its reader does.

    The address is shown while it waits: who holds the link has read it in that mailbox. One answer for all links that
    serve no more, forged ones included; the one who clicks twice is told that it is done, and nothing else.
    """
    now = timezone.now()
    change = email_changes.find(jeton)
    if request.method == "POST":
        confirmed = change is not None and addresses.confirm(change, now=now)
        journal.event(
            "email_changed",
            result="ok" if confirmed else "refused",
            user=change.user_id if change else None,
            request=request,
            by="confirmation",
        )
        return redirect("accounts:confirm_email", jeton)  # which tells what has become of it
    if change is not None and email_changes.is_live(change, now=now):
        return render(
            request, "accounts/confirm_email.html", {"email": change.email, "is_new": change.email != change.user.email}
        )
    if change is not None and email_changes.has_served(change, now=now):
        return render(request, "accounts/confirm_email_done.html")
    return render(request, "accounts/confirm_email_expired.html")
