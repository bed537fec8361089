// Montre le bouton « Imprimer », qui ne peut rien sans ce fichier ; va à la réponse qui vient d’être donnée.
for (const bouton of document.querySelectorAll('[data-imprimer]')) {
  bouton.hidden = false;
  bouton.addEventListener('click', () => print());
}
document.querySelector('[data-focus]')?.focus();
