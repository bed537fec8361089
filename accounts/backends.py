"""How somebody is recognised: by identifiant and password."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import check_password_with_timing_attack_mitigation
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import identify_hasher, make_password
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from accounts.models import User
from accounts.models.users import load_account


class IdentifiantBackend(ModelBackend):
    """One path for all: one look-up, one hash, whether the account exists, is closed or has no password (AUT-08)."""

    @sensitive_variables("password")
    def authenticate(  # type: ignore[override]
        self, request: HttpRequest | None, identifiant: str = "", password: str = "", **credentials: Any
    ) -> User | None:
        """The open account that has this identifiant, or had it, and this password; None otherwise. A hash made by an
        older method is replaced."""
        user = User.objects.called(identifiant)
        if check_password_with_timing_attack_mitigation(user, password) and user is not None and user.is_active:
            _rewrite_older_hash(user, password)
            return user
        return None

    def get_user(self, user_id: Any) -> User | None:
        """The account with this primary key, for the session that names it; None when it is gone or closed."""
        user = load_account("id", user_id)
        return user if user and user.is_active else None


@sensitive_variables()
def _rewrite_older_hash(user: User, password: str) -> None:
    """Hash anew, as passwords are hashed today, what was hashed otherwise (AUT-07); not one that was just changed."""
    older = user.password
    if identify_hasher(older).must_update(older):
        encoded = make_password(password)
        if User.objects.filter(pk=user.pk, password=older).update(password=encoded):
            user.password = encoded
