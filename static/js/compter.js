// Compte les cases de la feuille d’appel à chaque changement : qui était attendu, qui est venu sans inscription, qui
// est encore là. Les mêmes phrases que le serveur (« Feuille.comptes »).
const formulaire = document.querySelector('[data-feuille]');

const s = nombre => (nombre > 1 ? 's' : '');
const coche = (rangee, nom) => rangee.querySelector(`[name="${nom}"]`).checked;
const trouver = choix => formulaire.querySelector(choix);
function ecrire(choix, texte) {
  const element = trouver(choix);
  if (element && element.textContent !== String(texte)) element.textContent = texte;
}
// « Léa, Tom et Zoé »
function enumerer(noms) {
  const debut = noms.slice(0, -1).join(', ');
  return [debut, ...noms.slice(-1)].filter(Boolean).join(' et ') || 'personne';
}

formulaire?.addEventListener('compte', () => {
  const rangees = [...formulaire.querySelectorAll('.appel tr:has(.pointage)')];
  const venus = rangees.filter(rangee => coche(rangee, 'present'));
  const inscrits = rangees.filter(rangee => 'inscrit' in rangee.dataset);
  const attendus = inscrits.filter(rangee => !('absence' in rangee.dataset) || coche(rangee, 'present')).length;
  const presents = venus.filter(rangee => 'inscrit' in rangee.dataset).length;
  const autres = venus.length - presents;
  const encore = venus.filter(rangee => !coche(rangee, 'parti'));

  const aussi = autres ? ` et ${autres}\u00a0venu${s(autres)} sans inscription` : '';
  ecrire('[data-presents]', presents);
  ecrire('[data-comptes]', `présent${s(presents)} sur ${attendus}\u00a0attendu${s(attendus)}${aussi}`);
  ecrire('[data-encore]', encore.length);
  ecrire('[data-encore-noms]', enumerer(encore.map(rangee => rangee.querySelector('b').textContent)));
  const cles = encore.map(rangee => rangee.querySelector('.pointage').value);
  trouver('[data-encore-cles]')?.setAttribute('value', cles.join(' '));
  const jauge = trouver('progress');
  if (jauge) Object.assign(jauge, { max: attendus || 1, value: presents });
});
