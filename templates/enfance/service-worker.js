{% load static %}// Sans réseau, dit à un parent ce que son appareil garde et quoi faire. Il ne garde aucune page personnelle : celle-ci,
// la même pour tous, et ses fichiers. L’équipe a le sien, sous /equipe/ ; les autres pages des agents passent sans lui.
const HORS_LIGNE = '{% url "enfance:hors_ligne" %}';
const FICHIERS = [
  HORS_LIGNE,
  '{% static "css/portail.css" %}',
  '{% static "js/garde.js" %}',
  '{% static "js/avant.js" %}',
  '{% static "js/hors-ligne.js" %}',
  '{% static "polices/nunito-sans-fr.woff2" %}',
  '{% static "img/icone.svg" %}',
];
const PAGES = /^\/($|(planning|jour|semaine-type|enfants|fermetures|historique|compte|deconnexion)\/)/;

const ouvrir = () => caches.open('famille');
const chemin = adresse => new URL(adresse).pathname;

async function installer() {
  const cache = await ouvrir();
  // Sans cookie : la page n’est à personne.
  await cache.addAll(FICHIERS.map(adresse => new Request(adresse, { credentials: 'omit' })));
  self.skipWaiting();
}

// Prend la place du service d’avant, et efface les fichiers qu’il gardait.
async function remplacer() {
  const cache = await ouvrir();
  for (const requete of await cache.keys()) {
    if (!FICHIERS.includes(chemin(requete.url))) await cache.delete(requete);
  }
}

// Le serveur d’abord ; ce qui est gardé, sans lui seulement.
async function repondre(requete, garde) {
  try {
    return await fetch(requete);
  } catch {
    return (await (await ouvrir()).match(garde)) ?? Response.error();
  }
}

self.addEventListener('install', evenement => evenement.waitUntil(installer()));
self.addEventListener('activate', evenement => evenement.waitUntil(remplacer()));
self.addEventListener('fetch', evenement => {
  const { request } = evenement;
  const { origin, pathname } = new URL(request.url);
  if (origin !== location.origin) return;
  if (request.mode === 'navigate' && PAGES.test(pathname)) evenement.respondWith(repondre(request, HORS_LIGNE));
  else if (FICHIERS.includes(pathname)) evenement.respondWith(repondre(request, pathname));
});
