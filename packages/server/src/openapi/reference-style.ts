/** The reference page's style sheet. */
export const referenceStyle = `
:root { color-scheme: light dark; --ink: #1d2129; --soft: #5b6472; --line: #d9dde4; --ground: #fff; --shade: #f5f6f8; --link: #1a56c4; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e8ec; --soft: #a3abb8; --line: #363c47; --ground: #16191f; --shade: #1f242c; --link: #8ab4ff; }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; display: grid; grid-template-columns: 15rem minmax(0, 1fr); color: var(--ink); background: var(--ground);
  font: 15px/1.5 system-ui, sans-serif; }
a { color: var(--link); text-decoration: none; }
a:hover { text-decoration: underline; }
small { color: var(--soft); font-size: 0.85em; font-weight: normal; }
code { font: 0.92em ui-monospace, "DejaVu Sans Mono", monospace; }
nav { position: sticky; top: 0; height: 100vh; overflow: auto; padding: 1.25rem 1rem; border-right: 1px solid var(--line);
  background: var(--shade); }
nav .name { font-weight: 600; color: var(--ink); }
nav ul { list-style: none; margin: 0.9rem 0; padding: 0; }
nav li { display: flex; justify-content: space-between; gap: 0.5rem; padding: 0.1rem 0; }
main { padding: 1.5rem 2.5rem 6rem; max-width: 76rem; }
h1 { margin: 0 0 0.75rem; font-size: 1.9rem; }
h2 { margin: 2.75rem 0 0.75rem; padding-bottom: 0.3rem; border-bottom: 1px solid var(--line); font-size: 1.35rem; }
h2::first-letter { text-transform: uppercase; }
h3 { margin: 2rem 0 0.4rem; font-size: 1.05rem; }
h4 { margin: 1.1rem 0 0.35rem; font-size: 0.95rem; }
p { margin: 0.4rem 0 0.7rem; max-width: 46rem; }
details { border: 1px solid var(--line); border-radius: 6px; margin: 0.45rem 0; }
details[open] { margin-bottom: 1rem; }
summary { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0.3rem 0.75rem; padding: 0.45rem 0.75rem; cursor: pointer;
  list-style: none; }
summary::-webkit-details-marker { display: none; }
details[open] > summary { border-bottom: 1px solid var(--line); background: var(--shade); border-radius: 6px 6px 0 0; }
summary:hover { background: var(--shade); }
.path { font-weight: 600; overflow-wrap: anywhere; }
.path em { font-style: normal; font-weight: normal; color: var(--link); }
.summary { color: var(--soft); }
.method { min-width: 4.2rem; padding: 0.05rem 0; border-radius: 4px; color: #fff; text-align: center;
  font: 600 0.78rem/1.6 ui-monospace, "DejaVu Sans Mono", monospace; }
.get { background: #1f6f43; }
.post { background: #1a56c4; }
.put { background: #8a5a00; }
.patch { background: #6b4fb3; }
.delete { background: #b3261e; }
.operation { padding: 0.4rem 1rem 1rem; }
.who { padding: 0.5rem 0.75rem; border-left: 3px solid var(--line); background: var(--shade); max-width: none; }
table { width: 100%; border-collapse: collapse; margin: 0.25rem 0 0.5rem; font-size: 0.93em; }
th { text-align: left; font-weight: 600; color: var(--soft); font-size: 0.85em; }
th, td { padding: 0.3rem 0.75rem 0.3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td { overflow-wrap: anywhere; }
.fields td:first-child, .fields th:first-child { width: 34%; }
.fields td:nth-child(2), .fields th:nth-child(2) { width: 30%; }
.depth-1 { padding-left: 1.25rem; } .depth-2 { padding-left: 2.5rem; } .depth-3 { padding-left: 3.75rem; } .depth-4 { padding-left: 5rem; }
.answers { display: grid; grid-template-columns: 5rem minmax(0, 1fr); gap: 0.35rem 0.75rem; margin: 0; }
.answers dt { font-weight: 600; }
.answers dt.refusals { font-weight: normal; color: var(--soft); }
.answers dd { margin: 0; }
:target { scroll-margin-top: 1rem; }
article:target h3, section:target > h2, details:target > summary { outline: 2px solid var(--link); outline-offset: 3px; }
@media (max-width: 60rem) {
  body { display: block; }
  nav { position: static; height: auto; border-right: 0; border-bottom: 1px solid var(--line); }
  nav ul { display: flex; flex-wrap: wrap; gap: 0.2rem 1rem; margin: 0.5rem 0; }
  main { padding: 1.25rem 1rem 4rem; }
}
@media print { nav { display: none; } body { display: block; } }
`;
