// Un envoi qui dure le dit : le bouton est pris à l’instant, un second envoi ne part pas, le temps écoulé se lit.
// Sur un formulaire `data-travail="Import en cours…"` ; un bouton peut porter ses propres mots, ou aucun avec
// `data-travail=""`.
const AVANT_LA_MESURE = 2000; // millisecondes

const enCours = new Map(); // par formulaire, de quoi le remettre comme il était

function annoncer(formulaire, bouton, mots) {
  const statut = formulaire.querySelector('[data-travail-statut]');
  const mesure = document.createElement('p');
  mesure.className = 'travail large';
  const ligne = bouton.parentElement;
  const libelle = [...bouton.childNodes];
  const debut = Date.now();
  let seconde;

  const compter = () => {
    if (!mesure.isConnected) {
      const barre = document.createElement('progress');
      barre.setAttribute('aria-label', mots);
      mesure.append(barre, ' ', document.createElement('span'));
      ligne.after(mesure);
    }
    mesure.lastChild.textContent = `depuis ${Math.round((Date.now() - debut) / 1000)}\u00a0s`;
  };

  bouton.setAttribute('aria-disabled', 'true');
  bouton.textContent = mots;
  statut.textContent = mots;
  const attente = setTimeout(() => {
    compter();
    seconde = setInterval(compter, 1000);
  }, AVANT_LA_MESURE);

  return () => {
    clearTimeout(attente);
    clearInterval(seconde);
    mesure.remove();
    statut.textContent = '';
    bouton.removeAttribute('aria-disabled');
    bouton.replaceChildren(...libelle);
  };
}

function brancher(formulaire) {
  const statut = document.createElement('p');
  statut.className = 'vh';
  statut.setAttribute('role', 'status');
  statut.dataset.travailStatut = '';
  formulaire.append(statut);

  formulaire.addEventListener('submit', evenement => {
    if (evenement.defaultPrevented) return; // rien ne part
    if (enCours.has(formulaire)) {
      evenement.preventDefault();
      return;
    }
    const presse = evenement.submitter ?? formulaire.querySelector('button:not([type=button])');
    // Entrée presse un premier bouton que l’on ne voit pas.
    const bouton = presse.matches('[aria-hidden]') ? formulaire.querySelector('#enregistrer') : presse;
    const mots = bouton.dataset.travail ?? formulaire.dataset.travail;
    // Le bouton n’est pas désactivé : son nom et sa valeur partent avec le formulaire.
    if (mots) enCours.set(formulaire, annoncer(formulaire, bouton, mots));
  });
}

const brancherTout = racine => racine.querySelectorAll('form[data-travail]').forEach(brancher);
brancherTout(document);
document.addEventListener('pose', ({ target }) => brancherTout(target)); // un morceau de page venu après

// Revenir en arrière rend une page que le navigateur avait gardée telle qu’à l’envoi.
addEventListener('pageshow', () => {
  for (const remettre of enCours.values()) remettre();
  enCours.clear();
});
