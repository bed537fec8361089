{% load static %}// Tient ouverte sans réseau la feuille du jour : le serveur d’abord, sinon ce que l’appareil a gardé, douze heures au plus.
// Il ne répond qu’aux pages de l’équipe. Ses fichiers sont à part des feuilles : une sortie, une session finie, la page de connexion effacent celles-ci.
const EQUIPE = '{% url "enfance:equipe" %}', HORS_LIGNE = '{% url "enfance:feuille_hors_ligne" %}';
const FICHIERS = [HORS_LIGNE, '{% static "css/portail.css" %}', '{% static "js/feuille.js" %}', '{% static "js/session.js" %}', '{% static "js/sortie.js" %}', '{% static "polices/nunito-sans-fr.woff2" %}', '{% static "img/icone.svg" %}'];
const VIE = {{ vie }} * 1000, PATIENCE = 6000, AGENT = 'x-feuille-du-jour', GARDE_LE = 'x-garde-le';
const feuilles = () => caches.open('feuilles'), fichiers = () => caches.open('fichiers');

self.addEventListener('install', e => e.waitUntil((async () => {
  await (await fichiers()).addAll(FICHIERS);
  self.skipWaiting();
})()));

self.addEventListener('activate', e => e.waitUntil((async () => {
  const cache = await fichiers();
  for (const r of await cache.keys()) if (!FICHIERS.includes(new URL(r.url).pathname)) await cache.delete(r);
  await self.clients.claim();
})()));

// La feuille d’aujourd’hui seule : le serveur le dit de sa réponse. Celles d’un autre jour ou d’un autre agent s’en vont.
async function garder(adresse, reponse) {
  const agent = reponse.headers.get(AGENT);
  if (!agent) return;
  const copie = reponse.clone(), entetes = new Headers(reponse.headers), cache = await feuilles();
  entetes.set(GARDE_LE, Date.now());
  await cache.put(adresse, new Response(await copie.blob(), { headers: entetes }));
  for (const r of await cache.keys()) {
    const autre = (await cache.match(r))?.headers.get(AGENT) !== agent;
    if (autre || new URL(r.url).pathname !== new URL(adresse).pathname) await cache.delete(r);
  }
}
async function gardees() {
  const cache = await feuilles(), pages = [];
  for (const r of await cache.keys()) {
    const page = await cache.match(r), le = +page.headers.get(GARDE_LE);
    if (Date.now() - le < VIE) pages.push({ adresse: r.url, page, le }); else await cache.delete(r);
  }
  return pages.sort((a, b) => b.le - a.le);
}
// Même venue trop tard, la réponse compte. L’adresse de l’équipe mène toujours ailleurs : à la feuille, ou à la page de connexion, qui efface tout.
async function suivre(adresse, reponse) {
  const refus = reponse.status === 403 || (reponse.type === 'opaqueredirect' && new URL(adresse).pathname !== EQUIPE);
  await (refus ? caches.delete('feuilles') : garder(adresse, reponse));
}

async function ouvrir(e) {
  const enLigne = fetch(e.request), { pathname, href } = new URL(e.request.url);
  e.waitUntil(enLigne.then(reponse => suivre(href, reponse)).catch(() => {}));
  try {
    const reponse = await Promise.race([enLigne, new Promise((_, non) => setTimeout(non, PATIENCE))]);
    if (reponse.status >= 500) throw reponse;   // le serveur n’est pas là : comme sans réseau
    return reponse;
  } catch {
    const pages = await gardees();
    const page = pages.find(p => p.adresse === href) ?? pages.find(p => new URL(p.adresse).pathname === pathname);
    if (page) return page.page;
    if (pathname === EQUIPE && pages.length) return Response.redirect(pages[0].adresse);
    return await caches.match(HORS_LIGNE) ?? Response.error();
  }
}
self.addEventListener('fetch', e => {
  const { origin, pathname } = new URL(e.request.url);
  if (origin !== location.origin || e.request.method !== 'GET') return;
  if (e.request.mode === 'navigate') e.respondWith(ouvrir(e));
  else if (FICHIERS.includes(pathname)) e.respondWith(caches.match(pathname).then(r => r ?? fetch(e.request)));
});

// La page qui s’ouvre nomme les feuilles de sa journée : celles qui manquent sont gardées d’avance.
self.addEventListener('message', e => e.waitUntil((async () => {
  const deja = new Set((await gardees()).map(p => p.adresse));
  for (const adresse of new Set(e.data)) if (!deja.has(adresse)) await fetch(adresse, { redirect: 'manual' }).then(r => garder(adresse, r)).catch(() => {});
})()));
