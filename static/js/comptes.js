// Recompte la feuille d’appel à chaque case, sans réseau aussi : qui était attendu, qui est venu sans inscription, qui
// est encore là, combien d’adultes il faut. Les mêmes phrases que « Feuille.comptes » et « Encadrement.phrase ».
const formulaire = document.querySelector('[data-feuille]');
const bloc = formulaire?.querySelector('[data-encadrement]');

const s = nombre => (nombre > 1 ? 's' : '');
const accord = (nombre, mot) => `${nombre}\u00a0${mot}${s(nombre)}`;
function ecrire(choix, texte) {
  const element = formulaire.querySelector(choix);
  if (element && element.textContent !== String(texte)) element.textContent = texte;
}
// « Léa, Tom et Zoé »
function enumerer(noms) {
  const debut = noms.slice(0, -1).join(', ');
  return [debut, ...noms.slice(-1)].filter(Boolean).join(' et ') || 'personne';
}

// Parti sans être arrivé : la question attend, il compte parmi les venus.
const estVenu = ({ present, parti }) => present || parti;
function direPresents(rangees) {
  const inscrits = rangees.filter(({ inscrit }) => inscrit);
  const attendus = inscrits.filter(rangee => estVenu(rangee) || !rangee.absence).length;
  const presents = inscrits.filter(estVenu).length;
  const autres = rangees.filter(estVenu).length - presents;
  const aussi = autres ? ` et ${accord(autres, 'venu')} sans inscription` : '';
  ecrire('[data-presents]', presents);
  ecrire('[data-comptes]', `présent${s(presents)} sur ${accord(attendus, 'attendu')}${aussi}`);
  const jauge = formulaire.querySelector('progress');
  if (jauge) Object.assign(jauge, { max: attendus || 1, value: presents });
}
function direAbsents(rangees) {
  const absents = rangees.filter(rangee => rangee.inscrit && !estVenu(rangee));
  ecrire('[data-absents-quand]', 'Pour l’instant');
  ecrire('[data-absents]', absents.map(({ nom }) => nom).join(', ') || 'personne');
}
// `tait` : rien à dire d’eux, leur phrase se cache.
function direNoms(choix, noms, tait) {
  ecrire(choix, noms);
  const phrase = formulaire.querySelector(choix)?.closest('p');
  if (phrase) phrase.hidden = tait;
}
function direEncore(encore) {
  const presents = encore.filter(({ present }) => present);
  const doutes = encore.filter(({ parti }) => parti);
  ecrire('[data-encore]', encore.length);
  direNoms('[data-encore-noms]', enumerer(presents.map(({ nom }) => nom)), doutes.length > 0 && !presents.length);
  direNoms('[data-question-noms]', doutes.map(({ nom }) => nom).join(', '), !doutes.length);
  formulaire.querySelector('[data-encore-cles]')?.setAttribute('value', encore.map(({ cle }) => cle).join(' '));
}
function direAdultes(encore) {
  const { moins6, plus6, declaree } = bloc.dataset; // d’une tranche d’âge, les enfants que garde un adulte
  const { adultes } = formulaire.dataset; // vide : personne n’a encore dit combien
  const petits = encore.filter(({ tranche }) => tranche === 'moins6').length;
  const grands = encore.length - petits;
  const requis = Math.ceil(petits / moins6) + Math.ceil(grands / plus6);
  const manque = adultes ? Math.max(requis - adultes, 0) : 0;
  const pour = ` pour ${accord(encore.length, 'enfant')}`;
  let phrase = `Assez d’adultes${pour}`;
  if (!adultes) phrase = `Il faut ${accord(requis, 'adulte')}${pour}`;
  if (manque) phrase = `Il manque ${accord(manque, 'adulte')}${pour}`;
  if (!requis) phrase = 'Aucun enfant à encadrer';
  ecrire('[data-encadrement-dit]', phrase);
  ecrire('[data-adultes-dit]', adultes ? accord(Number(adultes), 'adulte') : '?\u00a0adulte');
  ecrire('[data-nombre=moins6]', petits);
  ecrire('[data-nombre=plus6]', grands);
  bloc.classList.toggle('encadrement--manque', manque > 0 && declaree !== undefined);
  bloc.classList.toggle('encadrement--repere', manque > 0 && declaree === undefined);
}

formulaire?.addEventListener('compte', () => {
  const rangees = [...formulaire.querySelectorAll('[data-tranche]')].map(rangee => {
    const [present, parti] = rangee.querySelectorAll('.pointage');
    const { tranche, inscrit, absence } = rangee.dataset;
    return {
      nom: rangee.dataset.dit ?? rangee.querySelector('b').textContent,
      cle: present.value,
      tranche,
      inscrit: inscrit !== undefined,
      absence: absence !== undefined,
      present: present.checked,
      parti: parti.checked,
    };
  });
  // parti sans être arrivé : la question attend, il est peut-être là
  const encore = rangees.filter(({ present, parti }) => present !== parti);
  direPresents(rangees);
  direAbsents(rangees);
  direEncore(encore);
  direAdultes(encore);
});

// Un adulte de moins, un de plus : un geste que la feuille garde et envoie, sinon le bouton envoie le formulaire.
bloc?.querySelectorAll('button').forEach((bouton, rang) => {
  bouton.addEventListener('click', evenement => {
    const coche = Math.min(Math.max(Number(formulaire.dataset.adultes) + (rang ? 1 : -1), 0), 99);
    const geste = new CustomEvent('geste', { cancelable: true, detail: { quoi: 'adultes', coche } });
    if (!formulaire.dispatchEvent(geste)) evenement.preventDefault();
  });
});
