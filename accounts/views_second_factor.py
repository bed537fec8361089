"""The pages of an agent's second factor (ADM-01)."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts import second_factor as factor
from accounts.decorators import before_second_factor
from accounts.views import home_of


@before_second_factor
def second_factor(request: HttpRequest) -> HttpResponse:
    if not request.user.is_staff:
        raise PermissionDenied
    if factor.is_verified(request):
        return redirect(home_of(request.user))
    return render(request, "accounts/second_factor.html")


@before_second_factor
def enrolment(request: HttpRequest) -> HttpResponse:
    return second_factor(request)
