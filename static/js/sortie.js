// Se déconnecter efface ce que l’appareil garde : la page le dit tant que des pointages attendent, de qui que ce soit.
const sortie = document.querySelector('form.sortie');
const avis = document.querySelector('[data-sortie]');
let confirmee = false;

// Le nombre de pointages que l’appareil n’a pas encore envoyés ; 0 si le stockage est refusé.
function compterEnAttente() {
  try {
    const files = Object.keys(localStorage).filter(cle => cle.startsWith('pointages:'));
    return files.reduce((total, cle) => total + JSON.parse(localStorage.getItem(cle)).length, 0);
  } catch {
    return 0;
  }
}

function effacer() {
  try {
    for (const cle of Object.keys(localStorage)) {
      if (/^(pointages|etat):/.test(cle)) localStorage.removeItem(cle);
    }
  } catch {
    // stockage refusé : rien n’y est
  }
  globalThis.caches?.delete('feuilles');
}

sortie?.addEventListener('submit', evenement => {
  const nombre = compterEnAttente();
  if (!nombre || confirmee) {
    effacer();
    return;
  }
  evenement.preventDefault();
  const pluriel = nombre > 1;
  avis.querySelector('b').textContent =
    `${nombre}\u00a0pointage${pluriel ? 's ne sont' : ' n’est'} pas encore envoyé${pluriel ? 's' : ''}.`;
  avis.hidden = false;
  avis.focus();
});
avis?.querySelector('button').addEventListener('click', () => {
  confirmee = true;
  sortie.requestSubmit();
});
