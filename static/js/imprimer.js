// Montre le bouton « Imprimer », qui ne peut rien sans ce fichier ; va à la réponse qui vient d’être donnée.
// Ce qui est replié pour l’écran (`data-deplie`) est déplié le temps d’imprimer.
for (const bouton of document.querySelectorAll('[data-imprimer]')) {
  bouton.hidden = false;
  bouton.addEventListener('click', () => print());
}
const replies = document.querySelectorAll('[data-deplie]:not([open])');
addEventListener('beforeprint', () => replies.forEach((partie) => (partie.open = true)));
addEventListener('afterprint', () => replies.forEach((partie) => (partie.open = false)));
document.querySelector('[data-focus]')?.focus();
