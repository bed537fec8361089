// Ce que deviennent les cases que l’appareil garde (appareil.js) : remises dans la grille qui les montre, sinon dites ;
// la question, à la déconnexion ; l’avis, quand le navigateur ne garde rien.
const TRENTE_JOURS = 2592000000; // en millisecondes

function accorder(nombre, suite) {
  const [s, verbe] = nombre > 1 ? ['s', 'ne sont'] : ['', 'n’est'];
  return `${nombre}\u00a0case${s}${suite} ${verbe} pas enregistrée${s}.`;
}

// Sous le titre de la page, et sous ce qui se lit sur sa ligne.
function poser(...elements) {
  (document.querySelector('main :is(.tete, .tete-mois)') ?? document.querySelector('h1')).after(...elements);
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

async function interroger(sortie, cases, montrees) {
  const corps = new URLSearchParams(new FormData(sortie));
  corps.set('gardees', cases.map(([valeur, [voulu, , preuve]]) => `${valeur}=${voulu}=${preuve}`).join(' '));
  if (montrees) corps.set('montrees', montrees.join(' '));
  try {
    const reponse = await fetch(sortie.dataset.gardees, { method: 'POST', body: corps, redirect: 'manual' });
    return new DOMParser().parseFromString(await reponse.text(), 'text/html').querySelector('[data-restent]');
  } catch {
    return null; // réseau absent : les cases restent gardées
  }
}

// « , laissées à 8 h 14 », de celles d’aujourd’hui.
function direQuand(cases) {
  const quand = new Date(Math.max(...cases.map(([, [, instant]]) => instant)));
  if (quand.toDateString() !== new Date().toDateString()) return '';
  const minutes = quand.getMinutes() ? `\u00a0${String(quand.getMinutes()).padStart(2, '0')}` : '';
  return `, laissée${cases.length > 1 ? 's' : ''} à ${quand.getHours()}\u00a0h${minutes}`;
}
const separer = texte => texte.match(/\S+/g) ?? [];

// Demande au serveur ce qu’il reste de ces cases. Celles de la page reviennent dans sa grille, où un seul bouton les
// enregistre ; les autres se lisent, avec le chemin de leur page.
export async function reprendre(page) {
  const { sortie, gardes, lister, oublier, attendre, changer, vues, dire } = page;
  // De tous les comptes : ce qui a plus de trente jours n’est plus gardé.
  oublier(lister('cases:').filter(cle => Date.now() - gardes.get(cle)[1] >= TRENTE_JOURS));
  const barre = document.querySelector('[data-planning] .barre__plus'); // sans barre, rien n’est modifiable
  const formulaire = barre?.closest('form');
  const tuiles = new Map([...vues.keys()].map(tuile => [tuile.value, tuile]));
  const enregistree = ({ dataset, defaultChecked }) => ('avant' in dataset ? dataset.avant === '1' : defaultChecked);
  // L’aperçu d’une semaine type montre déjà celles qu’il emporte.
  const montree = document.querySelector('[data-montree]')?.value;
  const cases = attendre().filter(([, [, , preuve]]) => !montree || preuve !== montree);
  // Une session finie : le serveur en a remis lui-même, et sait les oublier sans ce fichier.
  const lien = document.querySelector('[data-oublier]');
  const reprises = lien ? [...vues.keys()].filter(tuile => tuile.checked !== enregistree(tuile)) : [];
  lien?.remove();
  if (!cases.length && !reprises.length) return dire(false);

  // Une case touchée entre-temps n’est plus celle dont le serveur a parlé.
  const estLaMeme = (gardees, [valeur, [, instant]]) => gardees[valeur]?.[1] === instant;
  function oublierCelles(celles) {
    changer(gardees => {
      for (const une of celles) if (estLaMeme(gardees, une)) delete gardees[une[0]];
    });
  }

  const montrees = barre && cases.map(([valeur]) => valeur).filter(valeur => tuiles.has(valeur));
  const reste = cases.length ? await interroger(sortie, cases, montrees) : document.createElement('div');
  if (!reste) {
    poser(avertir('Des cases gardées sur cet appareil attendent\u00a0: rechargez la page pour les voir.', 'alert'));
    return;
  }
  const { restent = '', ici = '', oubliables = '', mots = '' } = reste.dataset;
  const celles = liste => cases.filter(([valeur]) => separer(liste).includes(valeur));
  oublierCelles(cases.filter(une => !celles(restent).includes(une)));
  // Remise telle que la page l’aurait montrée : elle garde son instant et la preuve de son envoi.
  const encore = Object.fromEntries(attendre());
  const remises = celles(ici).filter(une => estLaMeme(encore, une));
  for (const [valeur, [voulu]] of remises) {
    const tuile = tuiles.get(valeur);
    tuile.checked = voulu !== '';
    vues.set(tuile, tuile.checked);
    reprises.push(tuile);
  }
  const quand = reste.querySelector('[data-quand]');
  if (quand && remises.length) quand.textContent = direQuand(remises);
  const avis = [...reste.children];
  poser(...avis);
  const attend = () => !!document.querySelector('section[data-gardees]');
  dire(attend());
  const redire = message => formulaire?.dispatchEvent(new CustomEvent('redire', { detail: message }));
  if (reprises.length) redire(mots);

  // Ce que le bouton oublie : ce qui est remis ici, et ce qui n’est plus possible ; hors d’une grille, tout.
  const perdues = celles(oubliables).filter(une => !remises.includes(une));
  if (perdues.length) document.getElementById('plus-possibles')?.remove(); // dites par l’appareil, qui en sait autant
  const bouton = document.createElement('button');
  bouton.type = 'button';
  bouton.className = `btn ${barre ? 'btn--3' : 'btn--2'}`;
  function nommer() {
    const nombre = reprises.filter(tuile => tuile.checked !== enregistree(tuile)).length + perdues.length;
    bouton.textContent = nombre > 1 ? `Oublier ces ${nombre}\u00a0cases` : 'Oublier cette case';
    bouton.hidden = !nombre;
    for (const phrase of document.querySelectorAll('[data-reprises]')) phrase.hidden = !nombre;
  }
  nommer();
  formulaire?.addEventListener('montre', nommer);
  // L’envoi de la grille emporte aussi ce qui n’est plus possible : c’est dit.
  formulaire?.addEventListener('submit', evenement => {
    if (evenement.defaultPrevented) return;
    const preuve = formulaire.elements.preuve.value;
    changer(gardees => {
      for (const [valeur, gardee] of perdues) if (gardees[valeur]) gardees[valeur] = [...gardee.slice(0, 2), preuve];
    });
  });
  bouton.addEventListener('click', () => {
    const fait = 'Oublié\u00a0: le planning reste comme il est.';
    for (const tuile of reprises) tuile.checked = enregistree(tuile);
    oublierCelles(perdues.splice(0));
    for (const dit of avis) if (!formulaire || dit.matches('[data-empechees]')) dit.remove();
    dire(attend());
    if (formulaire) {
      redire(fait);
      formulaire.querySelector('#enregistrer').focus();
    } else {
      const phrase = avertir(fait);
      poser(phrase);
      phrase.focus();
    }
  });
  const ligne = barre ?? document.createElement('p');
  ligne.append(bouton);
  if (!barre) avis.filter(dit => dit.matches('[data-gardees]')).pop()?.append(ligne);
}

// Se déconnecter efface les cases gardées, de qui que ce soit.
export function confirmer({ sortie, miennes, toutes, oublier }) {
  const autres = toutes.length - miennes.length;
  const phrases = [
    miennes.length ? accorder(miennes.length, '') : '',
    autres ? accorder(autres, ', d’un autre compte,') : '',
    `Se déconnecter ${toutes.length > 1 ? 'les ' : 'l’'}efface de cet appareil. `,
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
