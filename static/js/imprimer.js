// Montre le bouton « Imprimer », qui ne peut rien sans ce fichier.
for (const bouton of document.querySelectorAll('[data-imprimer]')) {
  bouton.hidden = false;
  bouton.addEventListener('click', () => print());
}
