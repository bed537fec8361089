// Le service qui, sans réseau, dit ce que l’appareil garde. S’il manque, le navigateur montre sa propre page.
addEventListener('load', () => {
  if (!document.querySelector('[data-appareil]')) return;
  navigator.serviceWorker?.register('/service-worker.js').catch(() => {}); // à la racine : de toute page d’un parent
});
