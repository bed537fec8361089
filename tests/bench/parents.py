"""Give every parent of a base the password of the demonstration, hashed as in production; prints their identifiants."""

import json
import sys

import django
from django.contrib.auth.hashers import make_password


def main() -> None:
    django.setup()
    from accounts.models import User
    from enfance.demo.contenu import MOT_DE_PASSE

    parents = User.objects.filter(is_staff=False)
    parents.update(password=make_password(MOT_DE_PASSE))
    sys.stdout.write(json.dumps(list(parents.order_by("pk").values_list("identifiant", flat=True))))


if __name__ == "__main__":
    main()
