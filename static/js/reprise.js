// Ce qui se lit des cases que l’appareil garde (appareil.js) : celles qui attendent, à toute page d’un parent ; la
// question, à la déconnexion ; l’avis, quand le navigateur ne garde rien.
const TRENTE_JOURS = 2592000000; // en millisecondes

function accorder(nombre, suite) {
  const [s, verbe] = nombre > 1 ? ['s', 'ne sont'] : ['', 'n’est'];
  return `${nombre}\u00a0case${s}${suite} ${verbe} pas enregistrée${s}.`;
}

// Sous le titre de la page.
function poser(...elements) {
  (document.querySelector('main .tete') ?? document.querySelector('h1')).after(...elements);
}
// Ce qui vient sans qu’on l’ait demandé se dit, par son rôle ; ce qui a été demandé prend le focus.
function avertir(texte, role = '') {
  const avis = document.createElement('div');
  const phrase = document.createElement('p');
  avis.className = 'msg msg--att no-print';
  avis.tabIndex = -1;
  if (role) avis.setAttribute('role', role);
  phrase.textContent = texte;
  avis.append(phrase);
  return avis;
}

async function interroger(sortie, cases) {
  const corps = new URLSearchParams(new FormData(sortie));
  corps.set('gardees', cases.map(([valeur, [voulu, , preuve]]) => `${valeur}=${voulu}=${preuve}`).join(' '));
  try {
    const reponse = await fetch(sortie.dataset.gardees, { method: 'POST', body: corps, redirect: 'manual' });
    return reponse.ok ? await reponse.text() : '';
  } catch {
    return ''; // réseau absent : les cases restent gardées
  }
}

// Dans la page de la semaine type, ses cases gardées se remettent : un seul formulaire les envoie. Faux ailleurs.
function recocher(cases) {
  const tuiles = cases.map(([valeur]) => document.querySelector(`.tuile[value="${valeur}"]:enabled`));
  if (!tuiles.every(Boolean)) return false;
  for (const [n, tuile] of tuiles.entries()) {
    const [, [voulu]] = cases[n];
    if (tuile.checked !== (voulu === 't')) tuile.click();
  }
  return true;
}

// Demande au serveur ce qu’il reste de ces cases, et le montre.
export async function reprendre({ sortie, gardes, lister, oublier, attendre, changer, retenirChangees, tirer, dire }) {
  // De tous les comptes : ce qui a plus de trente jours n’est plus gardé.
  oublier(lister('cases:').filter(cle => Date.now() - gardes.get(cle)[1] >= TRENTE_JOURS));
  // L’aperçu d’une semaine type montre déjà celles qu’il emporte.
  const montree = document.querySelector('[data-montree]')?.value;
  const cases = attendre().filter(([, [, , preuve]]) => !montree || preuve !== montree);
  if (!cases.length) {
    dire(false);
    return;
  }
  const html = await interroger(sortie, cases);
  if (!html) {
    poser(avertir('Des cases gardées sur cet appareil attendent\u00a0: rechargez la page pour les voir.', 'alert'));
    return;
  }
  const reste = new DOMParser().parseFromString(html, 'text/html').querySelector('[data-restent]');
  const restent = reste.dataset.restent.split(' ');
  // Une case touchée entre-temps n’est plus celle dont le serveur a parlé.
  function oublierCelles(valeurs) {
    changer(gardees => {
      for (const [valeur, [, instant]] of cases) {
        if (valeurs.includes(valeur) && gardees[valeur]?.[1] === instant) delete gardees[valeur];
      }
      retenirChangees(gardees);
    });
  }
  oublierCelles(cases.map(([valeur]) => valeur).filter(valeur => !restent.includes(valeur)));
  const sections = [...reste.children];
  dire(sections.length > 0);
  poser(...sections);
  for (const section of sections) {
    const voir = section.querySelector('a');
    if (voir?.pathname === location.pathname) voir.remove(); // on y est
    const bouton = section.querySelector('[data-oublier]');
    const valeurs = bouton.dataset.oublier.split(' ');
    if (section.querySelector('[name=apercu]') && recocher(cases.filter(([valeur]) => valeurs.includes(valeur)))) {
      section.replaceWith(avertir(`${accorder(valeurs.length, '')} Vos choix sont remis ci-dessous.`, 'alert'));
      dire(sections.some(autre => autre.isConnected));
      continue;
    }
    section.dispatchEvent(new Event('pose', { bubbles: true }));
    section.addEventListener('submit', ({ target }) => {
      const preuve = tirer();
      target.elements.preuve.value = preuve;
      changer(gardees => {
        for (const valeur of valeurs) {
          if (gardees[valeur]) gardees[valeur] = [...gardees[valeur].slice(0, 2), preuve];
        }
      });
    });
    bouton.addEventListener('click', () => {
      oublierCelles(valeurs);
      const fait = avertir('Oublié\u00a0: ces cases restent comme elles sont au planning.');
      section.replaceWith(fait);
      fait.focus();
      dire(sections.some(autre => autre.isConnected));
    });
  }
}

// Se déconnecter efface les cases gardées, de qui que ce soit.
export function confirmer({ sortie, miennes, toutes, oublier }) {
  const autres = toutes.length - miennes.length;
  const phrases = [
    miennes.length ? accorder(miennes.length, '') : '',
    autres ? accorder(autres, ', d’un autre compte,') : '',
    'Se déconnecter les efface de cet appareil. ',
  ];
  const offrir = (classe, texte, geste) => {
    const bouton = document.createElement('button');
    bouton.type = 'button';
    bouton.className = `btn btn--s ${classe}`;
    bouton.textContent = texte;
    bouton.addEventListener('click', geste);
    return bouton;
  };
  function revenir() {
    avis.remove();
    // Dans la page, sinon parmi celles qui attendent ; rien à enregistrer ici : le bouton d’où l’on vient.
    const enregistrer = ['.barre--vive #enregistrer', 'section[data-gardees] .btn', '.sortie button'];
    enregistrer
      .map(selecteur => document.querySelector(selecteur))
      .find(Boolean)
      .focus();
  }
  async function partir() {
    await oublier(toutes);
    sortie.dataset.sur = '1';
    sortie.requestSubmit();
  }
  document.querySelector('[data-quitter]')?.remove();
  const avis = avertir(phrases.filter(Boolean).join(' '));
  avis.dataset.quitter = '';
  const ligne = document.createElement('p');
  ligne.className = 'rang';
  ligne.append(
    offrir('', miennes.length ? 'Revenir les enregistrer' : 'Rester connecté', revenir),
    offrir('btn--2', 'Se déconnecter quand même', partir),
  );
  avis.append(ligne);
  poser(avis);
  avis.focus();
}

export function prevenir() {
  if (document.querySelector('[data-sans-garde]')) return;
  const avis = avertir(
    'Ce navigateur ne garde rien (navigation privée, ou mémoire pleine)\u00a0: enregistrez avant de quitter la page.',
    'status',
  );
  avis.dataset.sansGarde = '';
  poser(avis);
}
