// Le service garde les feuilles du jour et les fiches de leurs enfants, qui s’ouvriront sans réseau ; s’il manque,
// l’appel se fait sans lui. Les fiches sont redemandées tant que la feuille est ouverte : elles changent en journée.
const CADENCE = 300000; // en millisecondes
const { service, equipe } = document.querySelector('[data-service]').dataset;
const feuilles = [...document.querySelectorAll('.creneaux a'), location].map(lien => lien.href);

async function garder() {
  if (document.hidden) return;
  const { active } = await navigator.serviceWorker.ready;
  active.postMessage(feuilles);
}

navigator.serviceWorker?.register(service, { scope: equipe }).then(
  () => {
    garder();
    addEventListener('online', garder);
    setInterval(garder, CADENCE);
  },
  () => {},
);
