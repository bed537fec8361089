// Le bandeau de la feuille, seul à parler : ce qui vient d’être pointé, et « Annuler » jusqu’au pointage suivant.
// Ce que le réseau en fait se dit à la suite ; ce qui est bien parti ne se redit pas.
const barre = document.querySelector('[data-barre]');
const bouton = barre?.querySelector('[data-annuler]');
let tenu; // le dernier pointage : ses mots, ce qui le défait

function ecrire(...phrases) {
  [...barre.querySelector('[data-reseau]').children].forEach((element, rang) => {
    if (element.textContent !== phrases[rang]) element.textContent = phrases[rang];
  });
}
// Du réseau ; `attente` : rien n’est fini.
export function direReseau(phrase, detail, attente) {
  if (!tenu) ecrire(phrase, detail);
  else ecrire(tenu.titre, attente ? [phrase, detail].filter(Boolean).join('. ') : tenu.suite);
}
export function lacher() {
  tenu = undefined;
  if (document.activeElement === bouton) barre.querySelector('[data-reseau]').focus();
  bouton.hidden = true;
}
// `defaire` : ce que fait « Annuler » ; sans lui, il n’y a rien à annuler.
export function annoncer(titre, suite, defaire) {
  if (!defaire) lacher();
  tenu = { titre, suite: suite || (defaire ? 'Effaçable jusqu’au prochain pointage' : ''), defaire };
  bouton.hidden = !defaire;
  ecrire(titre, tenu.suite);
}

bouton?.addEventListener('click', () => tenu.defaire());
