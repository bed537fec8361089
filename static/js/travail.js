// Un envoi qui dure le dit : le bouton est pris à l’instant, un second envoi ne part pas, le temps écoulé se lit.
// Sur un formulaire `data-travail="Import en cours…"` ; un bouton peut porter ses propres mots, ou aucun avec
// `data-travail=""`.
const AVANT_LA_MESURE = 2000; // millisecondes

const enCours = new Map(); // par formulaire, de quoi le remettre comme il était

function annoncer(formulaire, bouton, mots) {
  const statut = formulaire.querySelector('[data-travail-statut]');
  const mesure = document.createElement('p');
  mesure.className = 'travail';
  const ligne = bouton.parentElement;
  const libelle = [...bouton.childNodes];
  const debut = Date.now();
  let seconde;

  const compter = () => {
    if (!mesure.isConnected) {
      const barre = document.createElement('progress');
      barre.setAttribute('aria-label', mots);
      mesure.append(barre, document.createElement('span'));
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

for (const formulaire of document.querySelectorAll('form[data-travail]')) {
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
    const bouton = evenement.submitter ?? formulaire.querySelector('button:not([type=button])');
    const mots = bouton.dataset.travail ?? formulaire.dataset.travail;
    // Le bouton n’est pas désactivé : son nom et sa valeur partent avec le formulaire.
    if (mots) enCours.set(formulaire, annoncer(formulaire, bouton, mots));
  });
}

// Revenir en arrière rend une page que le navigateur avait gardée telle qu’à l’envoi.
addEventListener('pageshow', () => {
  for (const remettre of enCours.values()) remettre();
  enCours.clear();
});
