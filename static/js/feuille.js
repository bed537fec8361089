// Feuille d’appel : chaque geste part dès qu’il est fait ; sans réseau, il attend sur l’appareil, à sa place et avec son heure.
// Sans lui, ou sans stockage : bouton « Enregistrer l’appel ». L’appareil ne garde ici que des numéros et des heures.
const f = document.querySelector('[data-feuille]'), barre = f?.querySelector('[data-barre]');
if (barre && crypto.randomUUID) {
  const { feuille, agent } = f.dataset, FILE = 'pointages:' + agent, ETAT = 'etat:' + feuille;
  const [gras, suite] = barre.querySelector('[data-reseau]').children, bouton = barre.querySelector('.btn');
  const cases = [...f.querySelectorAll('.pointage')], lignes = {};
  for (const c of cases) {
    const tr = c.closest('tr'), [nom, note, retard] = ['b', '.note', '[data-retard]'].map(s => tr.querySelector(s));
    (lignes[c.value] ??= { nom, note, retard })[c.name] = c;
  }
  const heure = d => new Date(d).toLocaleTimeString('fr-FR', { hour: 'numeric', minute: '2-digit' }).replace(':', '\u00a0h\u00a0');

  // Relu à chaque fois : deux onglets partagent la même file.
  const lire = cle => JSON.parse(localStorage.getItem(cle)), garder = (cle, valeur) => localStorage.setItem(cle, JSON.stringify(valeur));
  const enAttente = () => lire(FILE) ?? [], ici = () => enAttente().filter(g => g.feuille === feuille), vu = lire(ETAT);

  function compter() {
    const presents = Object.values(lignes).filter(l => l.present.checked);
    f.querySelector('[data-presents]').textContent = presents.length;
    f.querySelector('[data-encore]').textContent = presents.filter(l => !l.parti.checked).length;
    f.querySelector('progress')?.setAttribute('value', presents.length);
  }
  function ecrire(note, texte = '') { note.hidden = !texte; note.textContent = texte; }
  function cocher({ enfant, quoi, coche, a }) {   // un geste, tel qu’il se voit : qui part était là, qui n’est pas là n’est pas parti
    const l = lignes[enfant];
    if (!l) return;
    l[quoi].checked = coche;
    if (quoi === 'parti' && coche) { l.present.checked = true; ecrire(l.note, heure(a)); }
    if (!l.present.checked) l.parti.checked = false;
    if (!l.parti.checked) ecrire(l.note);
  }
  function montrer(etat) {                        // ce que le serveur sait, puis les gestes qu’il ne connaît pas encore
    garder(ETAT, etat);
    for (const [pk, l] of Object.entries(lignes)) {
      const { present, parti, depart, retard } = etat.enfants[pk] ?? {};
      l.present.checked = present; l.parti.checked = parti;
      ecrire(l.note, depart); ecrire(l.retard, retard);
    }
    ici().forEach(cocher); compter();
    if (etat.clos || Object.keys(etat.enfants).some(pk => !lignes[pk])) f.querySelector('[data-change]').hidden = false;
  }
  function dire(titre, texte, attente) {
    if (gras.textContent + suite.textContent !== titre + texte) { gras.textContent = titre; suite.textContent = texte; }
    barre.classList.toggle('barre--att', attente);
    bouton.textContent = attente ? 'Réessayer' : 'Enregistrer l’appel';
    const attendent = ici();
    for (const c of cases) c.parentElement.classList.toggle('modif', attendent.some(g => g.quoi === c.name && g.enfant === c.value));
  }
  async function demander(adresse, options) {
    const r = await fetch(adresse, { redirect: 'manual', signal: AbortSignal.timeout?.(15000), ...options });
    if (r.status === 200 || r.status === 400) return r.json();
    throw r;                                      // ce n’est pas le portail qui répond : on garde
  }

  // Envoie dans l’ordre, feuille par feuille ; le serveur reconnaît un geste déjà reçu à son « id ».
  async function envoyer() {
    const refus = new Set();
    for (let file; (file = enAttente()).length;) {
      const lot = file.filter(g => g.feuille === file[0].feuille).slice(0, 100), [jour, creneau] = lot[0].feuille.split(':');
      const corps = new URLSearchParams({ creneau, envoye: new Date().toISOString(), csrfmiddlewaretoken: f.elements.csrfmiddlewaretoken.value });
      for (const g of lot) for (const champ of Object.keys(g)) corps.append(champ, g[champ]);
      const lu = await demander(`${f.dataset.equipe}${jour}/pointage/`, { method: 'POST', body: corps });
      for (const { id, phrase } of lu.refus) {
        const l = lignes[lot.find(g => g.id === id).enfant];
        refus.add(l ? `${l.nom.textContent}\u00a0: ${phrase}` : phrase);
      }
      lu.avis.forEach(avis => refus.add(avis));
      garder(FILE, enAttente().filter(g => !lot.some(({ id }) => id === g.id)));
      if (lu.etat && lot[0].feuille === feuille) montrer(lu.etat);
    }
    aVerifier = refus.size > 0;
    if (aVerifier) dire('À vérifier', [...refus].join(' '), true);
    else dire('Appel enregistré à ' + heure(Date.now()), 'L’heure de départ est notée toute seule.', false);
  }
  async function actualiser() {
    montrer(await demander(f.dataset.etat));
    if (barre.classList.contains('barre--att') && !aVerifier) dire('Le réseau est revenu', 'Tout est enregistré.', false);
  }
  let occupe, encore, aVerifier;
  async function synchroniser() {
    if (occupe) { encore = true; return; }
    occupe = true;
    try { await (enAttente().length ? envoyer() : actualiser()); } catch (r) {
      const n = enAttente().length, gestes = `${n}\u00a0pointage${n > 1 ? 's' : ''}`;
      if (r.type === 'opaqueredirect' || r.status === 403) {    // personne n’est connecté : les pages gardées ne sont plus à montrer
        await caches.delete('feuilles');
        dire('Reconnectez-vous pour continuer', 'Rechargez cette page : rien n’est perdu.', true);
      } else if (n) dire(`En attente de réseau : ${gestes}`, 'Gardés sur cet appareil, envoyés dès que le réseau revient.', true);
      else dire('Pas de réseau', 'Vous pouvez pointer : tout partira au retour du réseau.', true);
    } finally { occupe = false; }
    if (encore) { encore = false; synchroniser(); }
  }

  f.addEventListener('change', ({ target: c }) => {
    if (!c.matches('.pointage')) return;
    const geste = { feuille, id: crypto.randomUUID(), enfant: c.value, quoi: c.name, coche: +c.checked, a: new Date().toISOString() };
    garder(FILE, [...enAttente(), geste]);
    cocher(geste); compter(); synchroniser();
  });
  f.addEventListener('submit', e => {
    const pret = () => e.submitter?.name === 'terminer' && !enAttente().length;
    // Tout est déjà parti : le formulaire n’apporte aucune case, qui déferait celle d’un autre téléphone.
    f.elements.avant.value = cases.filter(c => c.checked).map(c => `${c.value}:${c.name}`).join(' ');
    if (!pret()) { e.preventDefault(); synchroniser().then(() => pret() && f.requestSubmit(e.submitter)); }
  });
  addEventListener('online', synchroniser);
  document.addEventListener('visibilitychange', () => document.hidden || synchroniser());
  setInterval(() => document.hidden || synchroniser(), 20000);

  // Une page gardée par l’appareil est plus vieille que ce qu’il a su depuis.
  if (vu?.instant >= +f.dataset.instant) montrer(vu); else ici().forEach(cocher);
  compter(); synchroniser();
  navigator.serviceWorker?.register(f.dataset.service, { scope: f.dataset.equipe }).then(() => navigator.serviceWorker.ready)
    .then(s => s.active.postMessage([...document.querySelectorAll('.creneaux a'), location].map(a => a.href)), () => {});
}
