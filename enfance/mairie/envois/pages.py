"""What the town hall says to the families, seen before it is said: a message to many, news on their home page."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.decorators import agent_of, staff_page
from accounts.log import log_addition, log_change
from enfance.mairie.destinataires import Courrier, Public
from enfance.mairie.envois.ecriture import envoyer, essayer, public_of
from enfance.mairie.envois.forms import ActualiteForm
from enfance.models import Message
from portail.confirmation import Apercu, Suite, asks_always, asks_first, confirm
from portail.francais import NBSP, pluriel
from portail.vues import PAGE

APERCU, FICHE = "admin:enfance_message_apercu", "admin:enfance_message_change"
TESTER, ENVOYER = "tester", "envoyer"


@staff_page("enfance.add_message")
@require_http_methods(PAGE)
@asks_always
def apercu(request: HttpRequest, pk: int) -> HttpResponse:
    """The page that shows a draft of a message (primary key) as families would read it, and to whom it would go; its
    buttons send a try to the agent, or the message itself. A message that was sent already leads to its own page.
    """
    message, agent = get_object_or_404(Message, pk=pk), agent_of(request)
    if message.envoye_le:
        if request.method == "POST":
            messages.info(request, f"Ce message est déjà parti{NBSP}: il ne part qu’une fois.")
        return redirect(FICHE, pk)
    public = public_of(message)
    courrier = Courrier.of(public, today=timezone.localdate())
    seen = _apercu(message, public, courrier, essai=bool(agent.email))
    if confirm(request, seen, message=message, courrier=courrier) == TESTER:
        essayer(message, agent)
        messages.success(request, f"Un essai part à {agent.email}.")
        return HttpResponseRedirect(request.path, status=303)
    if not envoyer(message, par=agent.pk, now=timezone.now()):
        messages.info(request, f"Rien n’est parti{NBSP}: ce message l’est déjà, ou personne n’a d’e-mail.")
        return redirect(APERCU, pk)
    nombre = pluriel(message.nombre, "e-mail,e-mails")
    log_change(request, message, f"Envoyé à {message.destinataires}{NBSP}: {nombre}.")
    messages.success(request, "Le message est en route.")
    return redirect("admin:accounts_mailing_change", message.envoi_id)


def _apercu(message: Message, public: Public, courrier: Courrier, *, essai: bool) -> Apercu:
    """The draft as it would leave: its buttons are those that have somebody to write to."""
    adultes, mails = pluriel(len(courrier.adultes), "adulte,adultes"), len(courrier.comptes)
    lisent = pluriel(courrier.partages, "adulte lit,adultes lisent")
    refuses = pluriel(len(courrier.refuses), "adulte,adultes")
    reviennent = f" Rien ne part pour {refuses}, dont les e-mails reviennent." if courrier.refuses else ""
    partages = f" ({lisent} à l’adresse d’un autre)" if courrier.partages else ""
    envoi = (Suite("Envoyer", ENVOYER),) if mails else ()
    liste = reverse("admin:enfance_message_changelist")
    return Apercu(
        titre=f"Message{NBSP}: {message}",
        phrase=f"Pour {public.phrase}{NBSP}: {adultes}, {pluriel(mails, 'e-mail,e-mails')}, un par adresse{partages}."
        + reviennent,
        question=f"Envoyer {pluriel(mails, 'e-mail,e-mails')}{NBSP}?" if mails else "Personne à qui envoyer.",
        suites=(*((Suite("M’envoyer un essai", TESTER),) if essai else ()), *envoi),
        retour=reverse(FICHE, args=[message.pk]),
        abandon="Modifier",
        fil=(("Messages", liste),),
        precision="Personne ne voit l’adresse des autres.",
        consequence="Un e-mail parti ne se rappelle pas." if mails else "",
        grave=bool(mails),
        travail="Envoi en cours…",
        template="mairie/envois/message_apercu.html",
        marque=repr([message.objet, message.texte, [adulte.pk for adulte in courrier.adultes]]),
    )


# --- News -------------------------------------------------------------------------------------------------------------


@staff_page("enfance.add_actualite")
@require_http_methods(PAGE)
@asks_first
def annoncer(request: HttpRequest) -> HttpResponse:
    """The page that puts news on the home page of every family: the form, a preview of the banner, then, once
    confirmed, the writing.
    """
    form = ActualiteForm(request.POST if request.method == "POST" else None)
    liste = reverse("admin:enfance_actualite_changelist")
    if not form.is_valid():
        return render(request, "mairie/envois/actualite.html", {"titre": "Annoncer aux familles", "form": form})
    actualite = form.save()
    seen = Apercu(
        titre="Annoncer aux familles",
        phrase=f"Sur l’accueil de toutes les familles, {actualite.periode}{NBSP}:",
        question=f"Afficher cette actualité{NBSP}?",
        suites=(Suite("Afficher"),),
        retour=liste,
        fil=(("Actualités", liste),),
        consequence="Aucun e-mail ne part. On peut la retirer à tout moment.",
        template="mairie/envois/actualite_apercu.html",
        marque=actualite.texte,
    )
    confirm(request, seen, actualite=actualite)
    log_addition(request, actualite, f"Affichée {actualite.periode}.")
    messages.success(request, f"L’actualité est enregistrée{NBSP}: {actualite.periode}.")
    return redirect(liste)
