"""What the town hall says to the families, seen before it is said: a message to many, news on their home page."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.decorators import agent_of, staff_page
from accounts.log import log_addition, log_change
from accounts.site import CHANGED_MEANWHILE, FINGERPRINT, editable
from enfance.mairie.destinataires import Courrier, Public
from enfance.mairie.envois import ecriture
from enfance.mairie.envois.ecriture import envoyer, essayer
from enfance.mairie.envois.forms import ActualiteForm, MessageForm
from enfance.models import Message
from portail.confirmation import Apercu, Suite, asks_always, asks_first, confirm
from portail.empreintes import fingerprint_of, is_still
from portail.francais import NBSP, pluriel
from portail.vues import PAGE

APERCU, FICHE, LISTE = (
    "admin:enfance_message_apercu",
    "admin:enfance_message_change",
    "admin:enfance_message_changelist",
)
ECRIRE = "enfance.add_message"
TESTER, ENVOYER = "tester", "envoyer"
TITRE = "Écrire aux familles"


# --- A message --------------------------------------------------------------------------------------------------------


@staff_page(ECRIRE)
@require_http_methods(PAGE)
def ecrire(request: HttpRequest) -> HttpResponse:
    """The page where a message is written, and for whom; sent, it becomes a draft, which is shown before it leaves."""
    return _ecrire(request, Message())


@staff_page("enfance.view_message")
@require_http_methods(PAGE)
def message(request: HttpRequest, object_id: int) -> HttpResponse:
    """The page of a message (primary key): of a draft, what was written, to be corrected by an agent who may write; of
    one that was sent, what became of it, and how it is called back as long as it has not left.
    """
    message = get_object_or_404(Message.objects.select_related("auteur"), pk=object_id)
    if message.envoye_le is None and request.user.has_perm(ECRIRE):
        return _ecrire(request, message)
    if request.method == "POST" and not request.user.has_perm(ECRIRE):
        raise PermissionDenied
    return render(request, "mairie/envois/message.html", {"titre": message.objet, "message": message})


@transaction.atomic
def _ecrire(request: HttpRequest, message: Message) -> HttpResponse:
    """The form of a draft; one that another agent corrected since the page was shown is not undone."""
    today = timezone.localdate()
    form = MessageForm(request.POST if request.method == "POST" else None, instance=message, today=today)
    shown = request.POST.get(FINGERPRINT, "") if form.is_bound else fingerprint_of(editable(form, []))
    if message.pk and form.is_valid():
        held = Message.objects.select_for_update(no_key=True).get(pk=message.pk)
        if held.envoye_le or not is_still(shown, editable(MessageForm(instance=held, today=today), [])):
            form.add_error(None, CHANGED_MEANWHILE)
    if not form.is_valid():
        adultes = Public().responsables(today=today).count()
        context = {"titre": TITRE, "form": form, "shown": shown, "adultes": adultes}
        return render(request, "mairie/envois/ecrire.html", context)
    form.instance.auteur = form.instance.auteur or agent_of(request)
    nouveau, message = message.pk is None, form.save()
    (log_addition if nouveau else log_change)(request, message, "Brouillon écrit." if nouveau else "Brouillon corrigé.")
    return redirect(APERCU, message.pk)


@staff_page(ECRIRE)
@require_POST
def rappeler(request: HttpRequest, pk: int) -> HttpResponse:
    """« Rappeler ce message » (primary key): nothing leaves, and the draft is there to be corrected. Too late is said,
    and changes nothing.
    """
    message = get_object_or_404(Message, pk=pk)
    if ecriture.rappeler(message, par=agent_of(request).pk):
        log_change(request, message, "Rappelé avant son départ.")
        messages.success(request, f"Ce message est rappelé{NBSP}: rien n’est parti. Corrigez-le ici, ou laissez-le.")
    elif message.envoye_le:
        messages.warning(request, f"Trop tard{NBSP}: ce message est parti.")
    else:
        messages.info(request, f"Ce message est déjà rappelé{NBSP}: rien n’est parti.")
    return redirect(FICHE, pk)


@staff_page(ECRIRE)
@require_http_methods(PAGE)
@asks_always
def apercu(request: HttpRequest, pk: int) -> HttpResponse:
    """The page that shows a draft of a message (primary key) as families would read it, and to whom it would go; its
    buttons send a try to the agent, or the message itself, which leaves five minutes later. A message that was sent
    already leads to its own page.
    """
    message, agent = get_object_or_404(Message, pk=pk), agent_of(request)
    if message.envoye_le:
        if request.method == "POST":
            messages.info(request, f"Ce message est déjà parti{NBSP}: il ne part qu’une fois.")
        return redirect(FICHE, pk)
    public = Public.of(message)
    today = timezone.localdate()
    courrier = Courrier.of(public, today=today)
    seen = _apercu(message, public, courrier, today=today, essai=bool(agent.email))
    if confirm(request, seen, message=message, courrier=courrier) == TESTER:
        essayer(message, agent)
        messages.success(request, f"Un essai part à {agent.email}.")
        return HttpResponseRedirect(request.path, status=303)
    if not envoyer(message, par=agent.pk, now=timezone.now()):
        messages.info(request, f"Rien n’est parti{NBSP}: ce message l’est déjà, ou personne n’a d’e-mail.")
        return redirect(APERCU, pk)
    nombre = pluriel(message.nombre, "e-mail,e-mails")
    log_change(request, message, f"Envoyé pour {message.destinataires}{NBSP}: {nombre}.")
    return redirect(FICHE, pk)


def _apercu(message: Message, public: Public, courrier: Courrier, *, today: date, essai: bool) -> Apercu:
    """The draft as it would leave: its buttons are those that have somebody to write to."""
    adultes, mails = pluriel(len(courrier.adultes), "adulte,adultes"), len(courrier.comptes)
    lisent = pluriel(courrier.partages, "adulte lit,adultes lisent")
    refuses = pluriel(len(courrier.refuses), "adulte,adultes")
    reviennent = f" Rien ne part pour {refuses}, dont les e-mails reviennent." if courrier.refuses else ""
    partages = f" ({lisent} à l’adresse d’un autre)" if courrier.partages else ""
    envoi = (Suite("Envoyer", ENVOYER),) if mails else ()
    return Apercu(
        titre=f"{TITRE}{NBSP}: {message}",
        phrase=f"Pour {public.phrase}{NBSP}: {adultes}, {pluriel(mails, 'e-mail,e-mails')}, un par adresse{partages}."
        + reviennent,
        question=f"Envoyer {pluriel(mails, 'e-mail,e-mails')}{NBSP}?" if mails else "Personne à qui envoyer.",
        suites=(*((Suite("M’envoyer un essai", TESTER),) if essai else ()), *envoi),
        retour=reverse(FICHE, args=[message.pk]),
        abandon="Modifier",
        fil=(("Messages", reverse(LISTE)),),
        precision="Personne ne voit l’adresse des autres.",
        remarques=public.effectifs(today=today),
        consequence=f"Ils partent cinq minutes après{NBSP}: d’ici là, le message se rappelle." if mails else "",
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
