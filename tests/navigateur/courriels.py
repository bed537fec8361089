"""Every mail that the portal sends, as the worker sends it."""

from __future__ import annotations

from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.urls import reverse

from enfance.models import Creneau, Inscription
from tests.navigateur.famille import make_famille
from tests.navigateur.site import Site, temporary_password

CHOSEN = "Vélo nuage tartine 8"


def send_each(site: Site) -> list[EmailMultiAlternatives]:
    """One mail of each kind."""
    famille, others, client = make_famille(), make_famille("Noé"), Client()
    user = famille.camille.user
    client.post(reverse("accounts:forgot"), {"identifiant": user.identifiant})
    site.run_tasks()
    value = temporary_password(site.mail_to(user))
    client.post(reverse("accounts:identifiant_forgotten"), {"email": user.email})
    client.post(reverse("accounts:login"), {"identifiant": user.identifiant, "password": value})
    client.post(reverse("accounts:new_password"), {"new_password1": CHOSEN, "new_password2": CHOSEN})
    Creneau.objects.filter(code="soir").update(places=1)
    others.enregistrer("Noé, 8, soir")
    famille.enregistrer("Léa, 8, soir", "Tom, 10, soir", voulu=Inscription.Etat.ATTENTE)
    others.enregistrer("Noé, 8, soir", voulu=Inscription.Etat.ANNULEE)
    site.run_tasks()
    return [mail for mail in site.mails if mail.to == [user.email]]


def html_of(mail: EmailMultiAlternatives) -> str:
    (html,) = [part.content for part in mail.alternatives if part.mimetype == "text/html"]
    return html
