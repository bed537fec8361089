// Le service garde les feuilles du jour et les fiches de leurs enfants, qui s’ouvriront sans réseau ; s’il manque,
// l’appel se fait sans lui. Les fiches sont redemandées tant que la feuille est ouverte : elles changent en journée.
const CADENCE = 300000; // en millisecondes
const formulaire = document.querySelector('[data-service]');
const { service, equipe } = formulaire.dataset;
const feuilles = [location, ...document.querySelectorAll('.creneaux a')].map(({ href }) => href.replace(/#.*/, ''));

async function garder() {
  if (document.hidden) return;
  const { active } = await navigator.serviceWorker.ready;
  active.postMessage(feuilles);
}

// Cette feuille s’ouvrira sans réseau : le bandeau le sait.
navigator.serviceWorker?.addEventListener('message', ({ data: gardee }) => {
  if (!gardee) return;
  formulaire.dataset.gardee = '';
  formulaire.dispatchEvent(new Event('gardee'));
});
navigator.serviceWorker?.startMessages();
navigator.serviceWorker?.register(service, { scope: equipe }).then(
  () => {
    garder();
    addEventListener('online', garder);
    setInterval(garder, CADENCE);
  },
  () => {},
);
