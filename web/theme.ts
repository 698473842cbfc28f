// SPDX-License-Identifier: Apache-2.0
// Runs before the first paint, so that no page flashes in the wrong theme: the choice kept by the
// shell's toggle, else the system's.
const system = matchMedia("(prefers-color-scheme: dark)");
function apply(): void {
  const kept = localStorage.getItem("lmm-theme");
  document.documentElement.dataset["theme"] = kept ?? (system.matches ? "dark" : "light");
}
system.addEventListener("change", apply);
apply();
