// Trouve un enfant sur la feuille d’appel, sur l’appareil seul : par son nom, sans casse ni accent, ou parmi ceux qui
// sont encore là, où « Présent » laisse sa colonne à « Appeler ». Une case cochée ne fait disparaître personne : la
// liste se refait quand on cherche. Qui revient d’une page ouverte d’ici retrouve le filtre et la place : l’onglet les
// tient jusque-là, pour lui seul.
const formulaire = document.querySelector('[data-feuille]');
const champ = formulaire?.querySelector('[data-chercher]');
if (champ) brancher();

function brancher() {
  const VUE = `vue:${document.querySelector('form.sortie').dataset.agent}:${formulaire.dataset.feuille}`;
  const saisie = champ.querySelector('input');
  const rien = formulaire.querySelector('[data-aucun]');
  const table = formulaire.querySelector('.appel');
  const appels = table.querySelector('.appeler');
  const filtre = creerFiltre(formulaire.querySelector('[data-encore-la]'));
  const simplifier = texte => texte.toLowerCase().replace('œ', 'oe').normalize('NFD').replace(/\p{M}/gu, '');

  // Le compte de ceux qui sont encore là devient un bouton.
  function creerFiltre(compte) {
    if (!compte) return undefined;
    const bouton = document.createElement('button');
    bouton.type = 'button';
    bouton.className = 'btn btn--2 encore';
    bouton.setAttribute('aria-pressed', 'false');
    bouton.append(...compte.childNodes);
    compte.replaceWith(bouton);
    return bouton;
  }
  function estLa(rangee) {
    const [present, parti] = rangee.querySelectorAll('.pointage');
    return present.checked !== parti.checked; // ou peut-être là, si une question attend
  }
  function filtrer() {
    const mots = simplifier(saisie.value).split(/[\s’'-]+/);
    const encore = filtre?.ariaPressed === 'true';
    const rangees = [...formulaire.querySelectorAll('[data-tranche]')];
    for (const rangee of rangees) {
      const nom = simplifier(rangee.querySelector('b').textContent);
      rangee.hidden = !mots.every(mot => nom.includes(mot)) || (encore && !estLa(rangee));
      const suite = rangee.nextElementSibling; // ce qui se dit de cet enfant, sous sa ligne
      if (suite?.matches('.suite-l')) suite.hidden = rangee.hidden;
    }
    for (const groupe of formulaire.querySelectorAll('.appel tbody')) {
      groupe.hidden = !groupe.querySelector('[data-tranche]:not([hidden])');
    }
    table.classList.toggle('appel--encore', encore && appels !== null);
    rien.hidden = rangees.some(rangee => !rangee.hidden);
  }
  function quitter(lien) {
    try {
      const vue = { encore: filtre?.ariaPressed, cherche: saisie.value, haut: scrollY, lien: lien.href };
      sessionStorage.setItem(VUE, JSON.stringify(vue));
    } catch {
      // stockage refusé : la feuille se rouvre entière, en haut
    }
  }
  function reprendre() {
    const vue = JSON.parse(sessionStorage.getItem(VUE));
    for (const cle of Object.keys(sessionStorage).filter(nom => nom.startsWith('vue:'))) sessionStorage.removeItem(cle);
    // l’enfant qui vient d’être ajouté se voit
    if (!vue || location.search.includes('ajoute=')) return;
    if (filtre) filtre.ariaPressed = vue.encore ?? 'false';
    saisie.value = vue.cherche;
    filtrer();
    scrollTo({ top: vue.haut, behavior: 'instant' });
    [...formulaire.querySelectorAll('a')].find(lien => lien.href === vue.lien)?.focus({ preventScroll: true });
  }

  champ.hidden = false;
  saisie.addEventListener('input', filtrer);
  // « Entrée » cherche, sans envoyer la feuille.
  saisie.addEventListener('keydown', evenement => {
    if (evenement.key === 'Enter') evenement.preventDefault();
  });
  filtre?.addEventListener('click', () => {
    filtre.ariaPressed = String(filtre.ariaPressed !== 'true');
    filtrer();
  });
  formulaire.addEventListener('click', ({ target }) => {
    const lien = target.closest('a:not([href^="tel:"])');
    if (lien) quitter(lien);
  });
  try {
    reprendre();
  } catch {
    // stockage refusé
  }
}
