// Trouve un enfant sur la feuille d’appel, sur l’appareil seul : par son nom, sans casse ni accent, ou parmi ceux qui
// sont encore là. Une case cochée ne fait disparaître personne : la liste se refait quand on cherche.
const formulaire = document.querySelector('[data-feuille]');
const champ = formulaire?.querySelector('[data-chercher]');
if (champ) brancher();

function brancher() {
  const saisie = champ.querySelector('input');
  const rien = formulaire.querySelector('[data-rien]');
  const filtre = creerFiltre(formulaire.querySelector('[data-encore-la]'));
  const simplifier = texte => texte.toLowerCase().replace('œ', 'oe').normalize('NFD').replace(/\p{M}/gu, '');

  // Le compte de ceux qui sont encore là devient un bouton.
  function creerFiltre(compte) {
    if (!compte) return undefined;
    const bouton = document.createElement('button');
    bouton.type = 'button';
    bouton.className = 'btn btn--2 filtre';
    bouton.setAttribute('aria-pressed', 'false');
    bouton.append(...compte.childNodes);
    compte.replaceWith(bouton);
    return bouton;
  }
  function estLa(rangee) {
    const [present, parti] = rangee.querySelectorAll('.pointage');
    return present.checked && !parti.checked;
  }
  function filtrer() {
    const mots = simplifier(saisie.value).split(/[\s’'-]+/);
    const encore = filtre?.ariaPressed === 'true';
    const rangees = [...formulaire.querySelectorAll('[data-tranche]')];
    for (const rangee of rangees) {
      const nom = simplifier(rangee.querySelector('b').textContent);
      rangee.hidden = !mots.every(mot => nom.includes(mot)) || (encore && !estLa(rangee));
    }
    for (const groupe of formulaire.querySelectorAll('.appel tbody')) {
      groupe.hidden = !groupe.querySelector('[data-tranche]:not([hidden])');
    }
    rien.hidden = rangees.some(rangee => !rangee.hidden);
  }

  champ.previousElementSibling.hidden = true;
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
}
