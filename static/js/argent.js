// Ce qu’un moment coûte, écrit une fois par rangée et dit par chaque case ; ce que le mois est devenu.
const chercherTout = selecteur => document.querySelectorAll(selecteur);

function element(nom, texte, attributs = {}) {
  const cree = document.createElement(nom);
  cree.textContent = texte;
  for (const [cle, valeur] of Object.entries(attributs)) cree.setAttribute(cle, valeur);
  return cree;
}

// Le prix prend la place des heures, qui restent lues. Ce que les cases en disent est entier : « la ½ h » s’y lit « la
// demi-heure commencée ».
function ecrire([cle, montant, court, long], rang) {
  const detail = document.querySelector(`.switch:has([value="${cle}"]) [id^="h-"]`); // la page d’un jour
  if (detail) detail.append(`. ${montant} ${long}`.trimEnd());
  const rangee = document.querySelector(`.grille [value="${cle}"]`)?.closest('tr');
  const heures = rangee?.querySelector('th small');
  if (!heures) return;
  const prix = element('small', court && ` ${court}`, { class: 'prix-l' });
  prix.prepend(element('b', montant, { class: 'nob' }));
  heures.classList.add('vh');
  heures.before(prix, ' ');
  const dit = element('span', `${montant} ${long}`.trim(), { id: `prix-${rang}`, hidden: '' });
  rangee.querySelector('th').append(dit);
  for (const tuile of rangee.querySelectorAll('.tuile')) {
    tuile.setAttribute('aria-describedby', `${tuile.getAttribute('aria-describedby') || ''} ${dit.id}`.trim());
  }
}

// Sans réseau, ni prix ni montant : le lien reste.
for (const zone of chercherTout('form[data-prix]')) {
  fetch(zone.dataset.prix)
    .then(reponse => reponse.json())
    .then(({ rangees, note }) => {
      rangees.forEach(ecrire);
      const dite = zone.querySelector('[data-note]'); // absente d’un jour
      if (!dite) return;
      dite.prepend(`${note} `);
      dite.hidden = !note;
    })
    .catch(() => {});
}
for (const zone of chercherTout('[data-devient]')) {
  fetch(zone.dataset.devient)
    .then(reponse => (reponse.status === 200 ? reponse.text() : '')) // 204 : rien n’est facturé
    .then(texte => {
      zone.replaceChildren(...new DOMParser().parseFromString(texte, 'text/html').body.childNodes);
      zone.hidden = !texte;
    })
    .catch(() => {});
}
