// Light or dark: as the system says, until a person says otherwise.
function storedTheme() {
  try { return localStorage.getItem("tcpwitness-theme"); } catch { return null; }
}

function setTheme(theme, keep) {
  document.documentElement.dataset.theme = theme;
  if (!keep) return;
  try { localStorage.setItem("tcpwitness-theme", theme); } catch { /* a page from disk may have no storage */ }
}

function toggleTheme() {
  setTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark", true);
}

function startTheme() {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => setTheme(storedTheme() || (dark.matches ? "dark" : "light"), false);
  dark.addEventListener("change", follow);
  follow();
  document.getElementById("theme").addEventListener("click", toggleTheme);
}
