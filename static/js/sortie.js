// Se déconnecter efface ce que l’appareil garde : la page le dit tant que des pointages attendent, de qui que ce soit.
const sortie = document.querySelector('form.sortie'), avis = document.querySelector('[data-sortie]');
const enAttente = () => {
  try { return Object.keys(localStorage).filter(cle => cle.startsWith('pointages:')).reduce((n, cle) => n + JSON.parse(localStorage.getItem(cle)).length, 0); } catch { return 0; }
};
let sur = false;
sortie?.addEventListener('submit', e => {
  const n = enAttente();
  if (n && !sur) {
    e.preventDefault();
    avis.querySelector('b').textContent = `${n}\u00a0pointage${n > 1 ? 's ne sont' : ' n’est'} pas encore envoyé${n > 1 ? 's' : ''}.`;
    avis.hidden = false; avis.focus();
    return;
  }
  try { for (const cle of Object.keys(localStorage)) if (/^(pointages|etat):/.test(cle)) localStorage.removeItem(cle); } catch { /* stockage refusé : rien n’y est */ }
  globalThis.caches?.delete('feuilles');
});
avis?.querySelector('button').addEventListener('click', () => { sur = true; sortie.requestSubmit(); });
