// Le bandeau de la feuille, seul à parler : ce qui vient d’être pointé, et « Annuler » jusqu’au pointage suivant.
// Ce que le réseau en fait se dit à la suite ; ce qui est bien parti ne se redit pas.
const barre = document.querySelector('[data-barre]');
const bouton = barre?.querySelector('[data-annuler]');
let tenu; // le dernier pointage : ses mots, tels que le serveur peut les changer ; ce qui le défait

function ecrire(...phrases) {
  [...barre.querySelector('[data-reseau]').children].forEach((element, rang) => {
    if (element.textContent !== phrases[rang]) element.textContent = phrases[rang];
  });
}
// Du réseau ; `attente` : rien n’est fini.
export function direReseau(phrase, detail, attente) {
  if (!tenu) ecrire(phrase, detail);
  else ecrire(tenu.dire(), attente ? [phrase, detail].filter(Boolean).join('. ') : tenu.suite);
}
export function lacher() {
  tenu = undefined;
  if (document.activeElement === bouton) barre.querySelector('[data-reseau]').focus();
  bouton.hidden = true;
}
// `dire` rend ce qui vient d’être pointé ; `defaire` est ce que fait « Annuler » : sans lui, rien à annuler.
export function annoncer(dire, suite, defaire) {
  if (!defaire) lacher();
  tenu = { dire, suite: suite || (defaire ? 'Effaçable jusqu’au prochain pointage' : ''), defaire };
  bouton.hidden = !defaire;
  ecrire(dire(), tenu.suite);
}

bouton?.addEventListener('click', () => tenu.defaire());
