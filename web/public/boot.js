// Runs before the first paint, so that a chosen theme does not flash in the other one.
// A file of its own because the Content-Security-Policy allows no inline script.
(function () {
  var scheme = "auto";
  try {
    scheme = localStorage.getItem("crowsnest.scheme") || "auto";
  } catch {
    // Storage may be forbidden; the system's choice is then the only one.
  }
  var dark = scheme === "dark" || (scheme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");
})();
