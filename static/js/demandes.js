// Ce qu’une case demande, sous sa ligne : une arrivée oubliée, un départ à effacer, à qui l’enfant est remis, qui se
// présente. Les mots et les adultes sont dans la page : rien n’est demandé au réseau.
const modeles = Object.fromEntries(
  [...document.querySelectorAll('[data-modele]')].map(modele => [modele.dataset.modele, modele.content]),
);

// « §mot§ » devient ce mot, dans les textes et les attributs.
function remplir(racine, mots) {
  const dire = texte => texte.replace(/§(\w+)§/g, (tout, mot) => mots[mot] ?? tout);
  const marcheur = document.createTreeWalker(racine, NodeFilter.SHOW_TEXT);
  while (marcheur.nextNode()) marcheur.currentNode.data = dire(marcheur.currentNode.data);
  for (const element of racine.querySelectorAll('[value], [href], [id], [aria-labelledby]')) {
    for (const attribut of element.attributes) attribut.value = dire(attribut.value);
  }
}
// Un choix par adulte de sa liste, à la place de celui du modèle.
function repeter(racine, listes) {
  for (const modele of racine.querySelectorAll('[data-chaque]')) {
    const choix = (listes[modele.dataset.chaque] ?? []).map(([jeton, nom, lien, numero]) => {
      const copie = modele.cloneNode(true);
      const fragment = new DocumentFragment();
      fragment.append(copie);
      remplir(fragment, { jeton, nom, lien, numero });
      if (copie.matches('a')) copie.href = `tel:${numero.replace(/\D/g, '')}`;
      return copie.matches('a') && !numero ? '' : copie;
    });
    modele.replaceWith(...choix);
  }
}

export const lireQui = rangee => JSON.parse(rangee.dataset.qui ?? '{}');
const suivante = rangee => (rangee.nextElementSibling?.matches('.suite-l') ? rangee.nextElementSibling : null);
export const genreOuvert = rangee => suivante(rangee)?.dataset.suite;

// Ce que l’adresse demandait ne se redemande pas au retour.
export function fermer(rangee) {
  const suite = suivante(rangee);
  if (suite?.contains(document.activeElement)) rangee.querySelector('.pointage--parti').focus();
  suite?.remove();
  const adresse = new URL(location);
  for (const nom of ['remis', 'personne']) adresse.searchParams.delete(nom);
  if (suite && adresse.search !== location.search) history.replaceState(null, '', adresse.pathname + adresse.search);
}
// `mots` : la clé de l’enfant (« valeur »), l’heure de son départ, s’il est pointé (« pointe »).
export function ouvrir(genre, rangee, mots) {
  const qui = lireQui(rangee);
  const suite = Object.assign(document.createElement('tr'), { className: 'suite-l' });
  const cellule = Object.assign(suite.insertCell(), { colSpan: 3 });
  suite.dataset.suite = genre;
  cellule.append(modeles[genre].cloneNode(true));
  repeter(cellule, qui);
  remplir(cellule, { ...qui, ...mots });
  for (const jeton of cellule.querySelectorAll('.jeton')) {
    jeton.setAttribute('aria-pressed', jeton.value === `${mots.valeur}:${rangee.dataset.remis}`);
  }
  if (!mots.pointe) cellule.querySelector('[data-reste]')?.remove();
  const dedans = suivante(rangee)?.contains(document.activeElement) ? document.activeElement.value : undefined;
  suivante(rangee)?.remove();
  rangee.after(suite);
  if (dedans !== undefined) [...suite.querySelectorAll('button')].find(bouton => bouton.value === dedans)?.focus();
  suite.scrollIntoView({ block: 'nearest' });
  return suite;
}
