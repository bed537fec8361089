// Pages de l’association : imprimer, et aller à la réponse qui vient d’être donnée.
const bouton = document.querySelector('[data-imprimer]');
if (bouton) {
  bouton.hidden = false;
  bouton.addEventListener('click', () => print());
}
document.querySelector('[data-focus]')?.focus();
