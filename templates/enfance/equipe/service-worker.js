{% load static %}// Tient ouverte sans réseau la feuille du jour : le serveur d’abord, sinon ce que l’appareil a gardé, douze heures au plus.
// Il ne répond qu’aux pages de l’équipe ; une sortie ou une session finie efface tout.
const CACHE = 'feuilles', EQUIPE = '{% url "enfance:equipe" %}', HORS_LIGNE = '{% url "enfance:feuille_hors_ligne" %}';
const FICHIERS = ['{% static "css/portail.css" %}', '{% static "js/feuille.js" %}', '{% static "js/session.js" %}', '{% static "js/sortie.js" %}', '{% static "polices/nunito-sans-fr.woff2" %}', '{% static "img/icone.svg" %}'];
const VIE = {{ vie }} * 1000, PATIENCE = 6000, GARDE_LE = 'x-garde-le';
const feuille = adresse => new RegExp(`^${EQUIPE}\\d{4}-\\d\\d-\\d\\d/$`).test(new URL(adresse).pathname);

self.addEventListener('install', e => e.waitUntil((async () => {
  const cache = await caches.open(CACHE);
  await cache.addAll([...FICHIERS, HORS_LIGNE]);
  self.skipWaiting();
})()));

self.addEventListener('activate', e => e.waitUntil((async () => {
  const cache = await caches.open(CACHE), utiles = [...FICHIERS, HORS_LIGNE];
  for (const r of await cache.keys()) if (!feuille(r.url) && !utiles.includes(new URL(r.url).pathname)) await cache.delete(r);
  await self.clients.claim();
})()));

// La feuille d’aujourd’hui seule : le serveur le dit de sa réponse. Celles d’un autre jour s’en vont.
async function garder(adresse, reponse) {
  if (!reponse.ok || !reponse.headers.has('x-feuille-du-jour')) return;
  const cache = await caches.open(CACHE), entetes = new Headers(reponse.headers);
  entetes.set(GARDE_LE, Date.now());
  await cache.put(adresse, new Response(await reponse.blob(), { headers: entetes }));
  for (const r of await cache.keys()) {         // ni un autre jour, ni la page d’un autre agent
    if (!feuille(r.url)) continue;
    const autre = (await cache.match(r))?.headers.get('x-feuille-du-jour') !== entetes.get('x-feuille-du-jour');
    if (autre || new URL(r.url).pathname !== new URL(adresse).pathname) await cache.delete(r);
  }
}
async function gardees() {
  const cache = await caches.open(CACHE), pages = [];
  for (const r of await cache.keys()) {
    if (!feuille(r.url)) continue;
    const page = await cache.match(r), le = +page.headers.get(GARDE_LE);
    if (Date.now() - le < VIE) pages.push({ adresse: r.url, page, le }); else await cache.delete(r);
  }
  return pages.sort((a, b) => b.le - a.le);
}
async function oublier() { for (const { adresse } of await gardees()) await (await caches.open(CACHE)).delete(adresse); }

async function ouvrir(e) {
  try {
    const reponse = await Promise.race([fetch(e.request), new Promise((_, non) => setTimeout(non, PATIENCE))]);
    if (reponse.status >= 500) throw reponse;   // le serveur n’est pas là : comme sans réseau
    if (feuille(e.request.url)) {
      if (reponse.type === 'opaqueredirect' || reponse.status === 403) e.waitUntil(oublier());
      else e.waitUntil(garder(e.request.url, reponse.clone()));
    }
    return reponse;
  } catch {
    const pages = await gardees(), { pathname, href } = new URL(e.request.url);
    const page = pages.find(p => p.adresse === href) ?? pages.find(p => new URL(p.adresse).pathname === pathname);
    if (page) return page.page;
    if (pathname === EQUIPE && pages.length) return Response.redirect(pages[0].adresse);
    return await caches.match(HORS_LIGNE) ?? Response.error();
  }
}
self.addEventListener('fetch', e => {
  const { origin, pathname } = new URL(e.request.url);
  if (origin !== location.origin || e.request.method !== 'GET') return;
  if (FICHIERS.includes(pathname)) e.respondWith(caches.match(pathname).then(r => r ?? fetch(e.request)));
  else if (e.request.mode === 'navigate') e.respondWith(ouvrir(e));
});

// La page qui s’ouvre nomme les feuilles de sa journée : celles qui manquent sont gardées d’avance.
self.addEventListener('message', e => e.waitUntil((async () => {
  const deja = new Set((await gardees()).map(p => p.adresse));
  for (const adresse of e.data) if (!deja.has(adresse)) await fetch(adresse, { redirect: 'manual' }).then(r => garder(adresse, r)).catch(() => {});
})()));
