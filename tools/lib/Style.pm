#
# Style.pm - how the site looks: one style sheet, light and dark, no script
#
package Style;

use strict;
use warnings;
use Exporter 'import';

our @EXPORT = qw(style logo);

# A fermata: an arc over a dot.
sub logo {
    return '<svg viewBox="0 0 24 14" width="24" height="14" aria-hidden="true">'
        . '<path d="M1 13a11 11 0 0 1 22 0h-1.6a9.4 8.8 0 0 0-18.8 0z"/>'
        . '<circle cx="12" cy="11" r="2.2"/></svg>';
}

sub style {
    return <<'CSS';
:root {
  color-scheme: light dark;
  --page: #fffefb; --ink: #22242a; --quiet: #686c76; --line: #e4e1d8;
  --code: #f6f4ee; --link: #0b5cad; --note: #7a6a4f; --text: #276738;
  --word: #8a2a6b; --accent: #b4530a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #17181c; --ink: #dddee3; --quiet: #9a9eaa; --line: #32343b;
    --code: #1f2127; --link: #7db4f0; --note: #b09c78; --text: #8fc79c;
    --word: #d99ac2; --accent: #f0a35e;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; max-width: 76rem; display: grid;
  grid-template: auto 1fr / 17rem minmax(0, 1fr);
  background: var(--page); color: var(--ink);
  font: 1.05rem/1.6 system-ui, "Segoe UI", "DejaVu Sans", sans-serif;
}
header { grid-column: 1 / 3; padding: 1.2rem 2rem .6rem; }
header a { font-weight: 650; font-size: 1.2rem; color: var(--ink); }
header svg { fill: var(--accent); margin-right: .5rem; }
header span { color: var(--quiet); margin-left: .6rem; font-size: .85rem; }
nav { font-size: .93rem; line-height: 1.45; }
nav.side {
  padding: .6rem 1rem 2rem 2rem; position: sticky; top: 0;
  max-height: 100vh; overflow-y: auto; align-self: start;
  scrollbar-width: thin;
}
nav h2 {
  margin: 1.2rem 0 .3rem; font-size: .78rem; text-transform: uppercase;
  letter-spacing: .08em; color: var(--quiet); border: 0; padding: 0;
}
nav ul { list-style: none; margin: 0; padding: 0; }
nav li { margin: .28rem 0; }
nav li ul { margin: .2rem 0 .5rem .2rem; padding-left: .7rem;
  border-left: 2px solid var(--line); font-size: .95em; }
nav a { color: var(--ink); }
nav li li a { color: var(--quiet); overflow-wrap: anywhere; }
nav a[aria-current] { color: var(--accent); font-weight: 600; }
details.menu { display: none; }
main { padding: .2rem 2rem 4rem; max-width: 52rem; }
a { color: var(--link); text-decoration: none; }
a:hover { text-decoration: underline; }
h1 { font-size: 2rem; line-height: 1.2; margin: .4rem 0 1rem; }
h2 { font-size: 1.35rem; line-height: 1.3; margin: 2.4rem 0 .8rem; }
h3 { font-size: 1.1rem; margin: 1.8rem 0 .5rem; }
.lead { font-size: 1.15rem; color: var(--quiet); margin-top: -.6rem; }
section { border-top: 1px solid var(--line); margin-top: 2rem; }
section h2 { margin-top: 1.6rem; }
section h2, .index td:first-child, pre, code {
  font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono",
    monospace;
}
section h2 { font-size: 1.15rem; }
code { font-size: .88em; background: var(--code); border-radius: 4px;
  padding: .1em .3em; overflow-wrap: break-word; }
pre { background: var(--code); border-radius: 8px; padding: .9rem 1.1rem;
  overflow-x: auto; line-height: 1.5; font-size: .9rem; margin: 1rem 0; }
code.whole { white-space: nowrap; }
pre code { background: none; padding: 0; overflow-wrap: normal;
  font-size: 1em; }
pre a { border-bottom: 1px dotted var(--quiet); }
.note { color: var(--note); } .text { color: var(--text); }
.word { color: var(--word); }
figure { margin: 1rem 0; }
figure pre { margin-top: 0; border-top-left-radius: 0;
  border-top-right-radius: 0; }
figcaption { background: var(--code); color: var(--quiet);
  border-bottom: 1px solid var(--line); border-radius: 8px 8px 0 0;
  padding: .3rem 1.1rem; font-size: .82rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; margin: 1rem 0; font-size: .95rem; }
th, td { text-align: left; vertical-align: top; padding: .4rem 1rem .4rem 0;
  border-bottom: 1px solid var(--line); }
th { font-size: .85rem; color: var(--quiet); }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr);
  gap: .4rem 1.2rem; }
dd { margin: 0; }
blockquote { margin: 1.2rem 0; padding: .1rem 1.2rem;
  border-left: 4px solid var(--accent); background: var(--code); }
.returns { border-left: 3px solid var(--line); padding-left: .9rem; }
.colour { font: 600 .7rem/1 system-ui, sans-serif; letter-spacing: .04em;
  padding: .25em .6em; border-radius: 1em; vertical-align: middle;
  border: 1px solid currentColor; color: var(--accent); cursor: help; }
.settles { color: var(--word); }
hr { border: 0; border-top: 1px solid var(--line); margin: 2rem 0; }
img { max-width: 100%; }
footer { display: flex; justify-content: space-between; gap: 1rem;
  border-top: 1px solid var(--line); margin-top: 3rem; padding-top: 1rem; }
footer [rel=prev]::before { content: "\2190\a0"; }
footer [rel=next]::after { content: "\a0\2192"; }
footer [rel=next] { margin-left: auto; text-align: right; }
@media (max-width: 56rem) {
  body { display: block; }
  nav.side { display: none; }
  header { padding: 1rem 1.1rem .4rem; }
  details.menu { display: block; margin: .4rem 1.1rem 1rem;
    border: 1px solid var(--line); border-radius: 8px; padding: .5rem .9rem; }
  main { padding: 0 1.1rem 3rem; }
  h1 { font-size: 1.7rem; }
  pre { margin-left: -1.1rem; margin-right: -1.1rem; border-radius: 0; }
  figcaption { margin: 0 -1.1rem; border-radius: 0; }
  dl { display: block; }
  dd { margin: 0 0 .7rem 1rem; }
}
@media print {
  nav.side, details.menu, footer { display: none; }
  body { display: block; }
}
CSS
}

1;
