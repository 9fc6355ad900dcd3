// Applies the chosen theme before the first paint; the app itself loads later.
(() => {
  let theme = 'system';
  try {
    theme = localStorage.getItem('ballast.theme') || 'system';
  } catch {
    // storage may be switched off: follow the system
  }
  const dark =
    theme === 'dark' || (theme === 'system' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
})();
