// Ce qu’on tape dans un champ à suggestions part par POST, hors des adresses : il y faut le jeton de la page.
django.jQuery.ajaxSetup({
  beforeSend: r => r.setRequestHeader('X-CSRFToken', document.querySelector('[name=csrfmiddlewaretoken]').value),
});

// select2 ne nomme rien de ce qu’il dessine : le champ et ce qu’il ouvre prennent le nom de leur étiquette.
const etiquette = champ => {
  const id = `${champ.id}-etiquette`;
  if (!document.getElementById(id)) {
    const nom = champ.labels[0] ?? champ.parentNode.appendChild(document.createElement('span')); // d’une ligne de tableau, sans étiquette
    if (!champ.labels[0]) Object.assign(nom, { hidden: true, textContent: champ.ariaLabel });
    nom.id = id;
  }
  return id;
};
const nommer = racine => {
  for (const champ of racine.querySelectorAll('.select2-hidden-accessible')) {
    const dessin = champ.nextElementSibling, choix = dessin.querySelector('[role=combobox]');
    choix.setAttribute('aria-labelledby', `${etiquette(champ)} select2-${champ.id}-container`);
    choix.setAttribute('aria-controls', `select2-${champ.id}-results`);
    dessin.querySelector('[role=textbox]').setAttribute('aria-labelledby', etiquette(champ));
  }
};
django.jQuery(() => nommer(document));
document.addEventListener('formset:added', e => nommer(e.target));
django.jQuery(document).on('select2:open', e => {
  for (const ouvert of document.querySelectorAll('.select2-dropdown [role=searchbox], .select2-dropdown [role=listbox]')) ouvert.setAttribute('aria-labelledby', etiquette(e.target));
});
