// Feuille d’appel : chaque geste part dès qu’il est fait ; sans réseau, il attend sur l’appareil, à sa place et avec son heure.
// Sans ce fichier : bouton « Enregistrer l’appel ». L’appareil ne garde ici que des numéros et des heures, jamais un nom.
const f = document.querySelector('[data-feuille]'), barre = f?.querySelector('[data-barre]');
if (barre) {
  const [jour, creneau] = f.dataset.feuille.split(':');
  const FILE = 'pointages:' + f.dataset.agent, ETAT = 'etat:' + f.dataset.feuille;
  const phrase = barre.querySelector('[data-reseau]'), bouton = barre.querySelector('.btn'), change = f.querySelector('[data-change]');
  const cases = [...f.querySelectorAll('.pointage')], trouver = (quoi, pk) => cases.find(c => c.name === quoi && c.value === `${pk}`);
  const pointages = n => `${n}\u00a0pointage${n > 1 ? 's' : ''}`;
  const heure = d => d.toLocaleTimeString('fr-FR', { hour: 'numeric', minute: '2-digit' }).replace(':', '\u00a0h\u00a0');

  // Relu à chaque fois : deux onglets partagent la même file. Stockage refusé : elle vit le temps de la page.
  const memoire = {};
  const lire = cle => { try { return JSON.parse(localStorage.getItem(cle) ?? 'null') ?? memoire[cle]; } catch { return memoire[cle]; } };
  const garder = (cle, valeur) => { try { localStorage.setItem(cle, JSON.stringify(valeur)); } catch { memoire[cle] = valeur; } };
  const enAttente = () => lire(FILE) ?? [];
  const nommer = g => { const nom = g && trouver('present', g.enfant)?.closest('tr').querySelector('b').textContent; return nom ? nom + '\u00a0: ' : ''; };
  const ici = () => enAttente().filter(g => g.jour === jour && g.creneau === creneau);

  function compter() {
    const presents = cases.filter(c => c.name === 'present' && c.checked), n = presents.length;
    f.querySelector('[data-presents]').textContent = n;
    const jauge = f.querySelector('progress'), encore = f.querySelector('[data-encore]');
    if (jauge) jauge.value = n;
    if (encore) encore.textContent = presents.filter(c => !trouver('parti', c.value).checked).length;
  }
  function partir(c, texte) { const note = c.parentElement.querySelector('.note'); note.hidden = !c.checked; note.textContent = c.checked ? texte : ''; }
  function cocher(g) {                            // un geste, tel qu’il se voit : qui part était là, qui n’est pas là n’est pas parti
    const present = trouver('present', g.enfant), parti = trouver('parti', g.enfant);
    if (!present) return;
    (g.quoi === 'present' ? present : parti).checked = !!g.coche;
    if (g.quoi === 'parti' && g.coche) present.checked = true;
    if (g.quoi === 'present' && !g.coche) parti.checked = false;
    if (g.quoi === 'parti' || !parti.checked) partir(parti, heure(new Date(g.a)));
  }
  function montrer(etat) {                        // ce que le serveur sait, puis les gestes qu’il ne connaît pas encore
    for (const c of cases) {
      const e = etat.enfants[c.value] ?? {};
      c.checked = !!e[c.name];
      if (c.name !== 'parti') continue;
      partir(c, e.depart ?? '');
      const retard = c.closest('tr').querySelector('[data-retard]');
      retard.hidden = !e.retard; retard.textContent = e.retard ? e.retard[0].toUpperCase() + e.retard.slice(1) : '';
    }
    ici().forEach(cocher);
    if (etat.clos || Object.keys(etat.enfants).some(pk => !trouver('present', pk))) change.hidden = false;
    compter();
  }
  function recevoir(etat) { garder(ETAT, etat); montrer(etat); }
  function dire(gras, texte, attente) {
    const b = document.createElement('b'), t = document.createElement('span');
    b.textContent = gras; t.textContent = texte;
    if (phrase.textContent !== `${gras} ${texte}`) phrase.replaceChildren(b, ' ', t);
    barre.classList.toggle('barre--att', attente);
    bouton.textContent = attente ? 'Réessayer' : 'Enregistrer l’appel';
    f.querySelectorAll('.modif').forEach(l => l.classList.remove('modif'));
    ici().forEach(g => trouver(g.quoi, g.enfant)?.parentElement.classList.add('modif'));
  }
  const demander = (adresse, options) => fetch(adresse, { redirect: 'manual', signal: AbortSignal.timeout?.(15000), ...options });
  const fermee = r => r.type === 'opaqueredirect' || r.status === 403;
  const reconnecter = () => dire('Reconnectez-vous pour continuer', enAttente().length ? `${pointages(enAttente().length)} en attente sur cet appareil.` : 'Rechargez cette page.', true);

  // Envoie dans l’ordre, feuille par feuille ; le serveur reconnaît un geste déjà reçu à son « id ».
  async function envoyer() {
    const refus = [];
    for (let file; (file = enAttente()).length;) {
      const lot = file.filter(g => g.jour === file[0].jour && g.creneau === file[0].creneau).slice(0, 100);
      const corps = new URLSearchParams({ creneau: lot[0].creneau, csrfmiddlewaretoken: f.elements.csrfmiddlewaretoken.value });
      for (const g of lot) for (const champ of ['id', 'enfant', 'quoi', 'coche', 'a']) corps.append(champ, g[champ]);
      const r = await demander(f.dataset.envoi.replace(jour, lot[0].jour), { method: 'POST', body: corps });
      if (fermee(r)) return reconnecter();
      const lu = [200, 400].includes(r.status) ? await r.json() : null;   // rien d’autre n’est une réponse du portail : on garde
      if (!lu) throw r;
      const envoyes = new Set(lot.map(g => g.id));
      garder(FILE, enAttente().filter(g => !envoyes.has(g.id)));
      refus.push(...(lu.refus ?? []).map(x => nommer(lot.find(g => g.id === x.id)) + x.phrase), ...(lu.avis ?? []), ...(lu.erreur ? [lu.erreur] : []));
      if (lu.etat && lot[0].jour === jour && lot[0].creneau === creneau) recevoir(lu.etat);
    }
    aVerifier = refus.length > 0;
    if (aVerifier) dire('À vérifier', [...new Set(refus)].join(' '), true);
    else dire('Appel enregistré à ' + heure(new Date()), 'L’heure de départ est notée toute seule.', false);
  }
  async function actualiser() {
    const r = await demander(f.dataset.etat);
    if (fermee(r)) return reconnecter();
    if (r.ok) { recevoir(await r.json()); if (barre.classList.contains('barre--att') && !aVerifier) dire('Le réseau est revenu', 'Tout est enregistré.', false); }
  }
  let occupe = false, encore = false, aVerifier = false;
  async function synchroniser() {
    if (occupe) { encore = true; return; }
    occupe = true;
    try { await (enAttente().length ? envoyer() : actualiser()); } catch {
      const n = enAttente().length;
      dire(n ? `En attente de réseau : ${pointages(n)}` : 'Pas de réseau', n ? 'Gardés sur cet appareil, envoyés dès que le réseau revient.' : 'Vous pouvez pointer : tout partira au retour du réseau.', true);
    } finally { occupe = false; }
    if (encore) { encore = false; synchroniser(); }
  }

  f.addEventListener('change', ({ target: c }) => {
    if (!c.matches('.pointage')) return;
    const id = crypto.randomUUID?.() ?? '10000000-1000-4000-8000-100000000000'.replace(/[018]/g, x => (x ^ crypto.getRandomValues(new Uint8Array(1))[0] & 15 >> x / 4).toString(16));
    const geste = { jour, creneau, id, enfant: c.value, quoi: c.name, coche: +c.checked, a: new Date().toISOString() };
    garder(FILE, [...enAttente(), geste]);
    cocher(geste); compter(); synchroniser();
  });
  f.addEventListener('submit', e => {
    if (e.submitter?.name !== 'terminer') { e.preventDefault(); synchroniser(); return; }
    // Tout est déjà parti, geste par geste : le formulaire n’apporte aucune case, qui déferait celle d’un autre téléphone.
    f.elements.avant.value = cases.filter(c => c.checked).map(c => `${c.value}:${c.name}`).join(' ');
    if (enAttente().length) { e.preventDefault(); synchroniser().then(() => enAttente().length || f.requestSubmit(e.submitter)); }
  });
  addEventListener('online', synchroniser);
  document.addEventListener('visibilitychange', () => document.hidden || synchroniser());
  setInterval(() => document.hidden || synchroniser(), 20000);

  const vu = lire(ETAT);                          // une page gardée par l’appareil est plus vieille que ce qu’il a su depuis
  if (vu?.instant >= +f.dataset.instant) montrer(vu); else ici().forEach(cocher);
  compter(); synchroniser();
  navigator.serviceWorker?.register(f.dataset.service, { scope: f.dataset.portee }).then(() => navigator.serviceWorker.ready)
    .then(s => s.active.postMessage([location.href, ...[...document.querySelectorAll('.creneaux a')].map(a => a.href)]), () => {});
}
