"""The pages that a parent sees at the PayFiP on the loopback: plain, no script, a trial and saying so."""

from __future__ import annotations

from html import escape

from facturation.essai_payfip.registre import FauteSoap, Operation

STYLE = (
    "body{font:1.125rem/1.5 system-ui,sans-serif;max-width:34rem;margin:0 auto;padding:1rem;overflow-wrap:anywhere}"
    ".essai{border:3px solid;padding:.5rem 1rem}button{font:inherit;padding:.6rem 1.2rem;margin:.25rem .5rem .25rem 0}"
    "fieldset{min-width:0}label{display:block;padding:.25rem 0}.somme{font-size:1.5rem}"
)
REFUSALS = {
    "P1": "PayFiP ne connaît pas ce paiement.",
    "P3": "Ce paiement a déjà eu lieu\u00a0: il ne peut pas servir deux fois.",
    "P4": "Ce paiement a plus de 15 minutes\u00a0: recommencez depuis le portail.",
}
SAID = {
    "P": "Paiement accepté.",
    "V": "Prélèvement accepté.",
    "R": "Paiement refusé par la banque.",
    "Z": "Prélèvement refusé par la banque.",
    "A": "Paiement abandonné.",
}
AVIS = [
    ("aussitot", "Prévenir le portail aussitôt"),
    ("tard", "Le prévenir une demi-minute plus tard"),
    ("trois", "Le prévenir trois fois"),
    ("jamais", "Ne jamais le prévenir"),
]
RESULTATS = [
    ("", "Celui du bouton"),
    ("V", "Payé par prélèvement"),
    ("Z", "Prélèvement refusé"),
    ("Q", "Un résultat que personne ne connaît"),
]


def write_page(title: str, body: str) -> bytes:
    """A whole HTML page of the trial PayFiP, as UTF-8 bytes, with this title and body; it says that it is a trial. The
    title is escaped, the body is not.
    """
    return (
        '<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} – PayFiP d’essai</title><style>{STYLE}</style></head><body><main>"
        '<p class="essai"><strong>Ceci est un essai.</strong> Ce n’est pas PayFiP\u00a0: aucun argent n’est pris, '
        "et aucune carte n’est demandée.</p>"
        f"<h1>{escape(title)}</h1>{body}</main></body></html>"
    ).encode()


def write_payment(operation: Operation) -> bytes:
    """The HTML page of this payment, where the parent chooses its result: pay, refuse or give up, and what may go
    wrong.
    """
    said = {name: escape(value) for name, value in operation.champs.items()}
    idop = escape(operation.idop, quote=True)
    centimes = int(operation.champs["montant"])
    body = (
        f'<p class="somme">{centimes // 100},{centimes % 100:02}\u202f€</p>'
        f"<p>{said.get('objet', '')}<br>Référence {said['refdet']}, pour {said['mel']}</p>"
        f'<form method="post" action="paiementws.web"><input type="hidden" name="idop" value="{idop}">'
        '<p><button name="choix" value="P">Payer</button>'
        '<button name="choix" value="R">Refuser</button>'
        '<button name="choix" value="A">Abandonner</button></p>'
        "<details><summary>Pour essayer ce qui va mal</summary>"
        f"{write_choices('L’avis au portail', 'avis', AVIS)}{write_choices('Le résultat', 'resultat', RESULTATS)}"
        "</details></form>"
        f'<p><a href="{escape(join(operation.champs["urlredirect"], operation.idop), quote=True)}">'
        "Revenir au portail sans rien choisir</a></p>"
    )
    return write_page("Payer", body)


def write_choices(legend: str, name: str, choices: list[tuple[str, str]]) -> str:
    """An HTML group of radio buttons with this legend and field name; `choices` are (value, words), the first one is
    checked.
    """
    first = choices[0][0]
    boxes = [
        f'<label><input type="radio" name="{name}" value="{value}"{" checked" if value == first else ""}> '
        f"{escape(words)}</label>"
        for value, words in choices
    ]
    return f"<fieldset><legend>{escape(legend)}</legend>{''.join(boxes)}</fieldset>"


def write_end(operation: Operation) -> bytes:
    """The HTML page shown once a payment has its result: what was chosen, and a form that goes back to the portal's
    return address, as PayFiP's does.
    """
    said = SAID.get(operation.resultat, f"Résultat «\u00a0{operation.resultat}\u00a0».")
    body = (
        f'<form method="post" action="{escape(operation.champs["urlredirect"], quote=True)}">'
        f'<input type="hidden" name="idop" value="{escape(operation.idop, quote=True)}">'
        "<p><button>Revenir au portail</button></p></form>"
    )
    return write_page(said, body)


def write_refusal(fault: FauteSoap) -> bytes:
    """The HTML page that says why the payment page cannot be opened, for this fault."""
    return write_page("Paiement impossible", f"<p>{escape(REFUSALS.get(fault.code, fault.libelle))}</p>")


def join(url: str, idop: str) -> str:
    """This return address with the name of the payment added as `idOp`, the spelling that PayFiP sometimes has."""
    return f"{url}{'&' if '?' in url else '?'}idOp={idop}"
