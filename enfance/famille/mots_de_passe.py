"""What a chosen password must not be, that only the family tells (AUT-03)."""

from __future__ import annotations

from django.core.exceptions import ValidationError

from accounts.models import User
from accounts.validators import SimilarityValidator, is_little_more_than, names_in


class FamilyNamesValidator(SimilarityValidator):
    """Refuses a password that is little more than the name of a child of the account. A sentence may hold one."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ValidationError when the password is little more than names of the account or of its children."""
        super().validate(password, user)
        responsable = getattr(user, "responsable", None)
        if user is None or responsable is None:
            return
        enfants = responsable.enfants.values_list("prenom", "nom")
        noms = {name for enfant in enfants for name in names_in(*enfant)}
        if is_little_more_than(password, self.names_of(user) | noms):
            raise ValidationError(
                "Évitez le prénom et le nom de vos enfants dans le mot de passe.", code="password_too_similar"
            )
