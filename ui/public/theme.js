// Before the first paint: the chosen theme, so that a dark room stays dark while the app loads.
(function () {
  var root = document.documentElement;
  try {
    var chosen = JSON.parse(localStorage.getItem("segue.look") || "{}");
    if (chosen.theme === "light" || chosen.theme === "dark") root.dataset.theme = chosen.theme;
    if (chosen.contrast === "high") root.dataset.contrast = "high";
    if (chosen.locale) root.lang = chosen.locale;
  } catch (_) {}
})();
