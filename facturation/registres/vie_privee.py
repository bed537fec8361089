"""What the page of personal data says of money."""

from __future__ import annotations

from portail.vie_privee import Chapitre, Mention

MENTIONS = (
    Mention(
        Chapitre.FINALITES,
        "Facturer la garderie et la pause méridienne, encaisser, et dire ce qui donne droit au crédit d’impôt.",
    ),
    Mention(
        Chapitre.DONNEES,
        "Vos factures, vos paiements et leurs reçus\u202f; votre commune, pour le tarif\u202f; votre quotient "
        "familial, si vous le donnez\u00a0: sa valeur et le mois où il compte, sans copie de l’attestation, montrée au "
        "guichet.",
    ),
    Mention(
        Chapitre.DONNEES,
        "Pour une absence, sa raison choisie dans une liste, sans un mot de santé, et la réponse de la mairie.",
    ),
    Mention(
        Chapitre.LECTEURS,
        "Le quotient familial\u00a0: le secrétariat et votre foyer, personne d’autre. Ni l’autre parent, ni l’équipe "
        "de la garderie, ni l’association de la cantine, ni la régie ne le lisent. L’autre parent ne voit pas vos "
        "factures.",
    ),
    Mention(
        Chapitre.LECTEURS,
        "La régie de la commune\u00a0: ce que vous devez et payez. La trésorerie\u00a0: ce qui reste à payer de vos "
        "factures, si elle encaisse pour la commune\u202f; sinon, d’une facture restée impayée après les rappels. Si "
        "vous payez en ligne, PayFiP (Direction générale des finances publiques)\u00a0: la somme, le numéro de la "
        "facture, l’e-mail où vous voulez le ticket\u202f; le portail ne voit jamais votre carte.",
    ),
)
