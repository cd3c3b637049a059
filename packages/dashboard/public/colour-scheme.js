// Before anything is painted, or a dark page would begin with a white flash. The choice is kept by the page itself.
(() => {
  let choice = "auto";
  try {
    choice = localStorage.getItem("burgee-colour-scheme") ?? "auto";
  } catch {
    // Storage is closed to us: the system decides.
  }
  const isDark = choice === "dark" || (choice !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.setAttribute("data-mantine-color-scheme", isDark ? "dark" : "light");
})();
