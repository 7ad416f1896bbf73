"""The report's style sheet: readable on a phone and on paper, in light and dark, without anything from outside."""

STYLE = """
:root{color-scheme:light dark;--page:#f6f5f1;--card:#fff;--ink:#1b2330;--soft:#525c6b;--rule:#d9dce1;--faint:#eceef1;
--series:#1d5c9e;--target:#8a4b00;--band:#1d5c9e;--good:#17653a;--caution:#7d5200;--bad:#a8201a;--slow:#f3e3bd;
--good-bg:#e3f2e8;--caution-bg:#fbefd6;--bad-bg:#fbe5e2;--muted-bg:#eceef1}
@media screen and (prefers-color-scheme:dark){:root{--page:#10141a;--card:#181e27;--ink:#e7ebf1;--soft:#a7b1bf;
--rule:#343e4b;--faint:#242c37;--series:#7fb6f2;--target:#f0b46a;--band:#7fb6f2;--good:#84d3a2;--caution:#f0c069;
--bad:#ff9d92;--slow:#4a3c1c;--good-bg:#16301f;--caution-bg:#372a0e;--bad-bg:#3d1a18;--muted-bg:#242c37}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,
"Noto Sans","Liberation Sans",sans-serif;overflow-wrap:break-word}
header,main,footer{max-width:68rem;margin:0 auto;padding:0 1.25rem}
header{padding-top:2.5rem}
h1{font-size:1.9rem;line-height:1.2;margin:0 0 .25rem;letter-spacing:-.01em}
h2{font-size:1.25rem;line-height:1.3;margin:2.75rem 0 .9rem;padding-top:.9rem;border-top:2px solid var(--ink)}
h3{font-size:1.05rem;line-height:1.35;margin:0}
p{margin:.35rem 0}
.soft,.kind,caption,footer{color:var(--soft)}
.lead{margin:0;color:var(--soft)}
.sum{display:grid;grid-template-columns:repeat(auto-fit,minmax(8rem,1fr));gap:.75rem;margin:1.5rem 0 0;padding:0}
.sum li{list-style:none;background:var(--card);border:1px solid var(--rule);border-radius:.5rem;padding:.6rem .8rem;
color:var(--soft);font-size:.875rem;line-height:1.3}
.sum b{display:block;color:var(--ink);font-size:1.6rem;line-height:1.2;font-variant-numeric:tabular-nums}
.tabled{background:var(--card);border:1px solid var(--rule);border-radius:.5rem;overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.94rem}
caption{text-align:left;font-size:.875rem;padding:.7rem .9rem 0}
th,td{text-align:left;vertical-align:top;padding:.55rem .9rem;border-bottom:1px solid var(--faint)}
tr:last-child>*{border-bottom:0}
thead th{font-size:.8rem;font-weight:600;color:var(--soft);border-bottom:1px solid var(--rule)}
tbody th{font-weight:600}
td{font-variant-numeric:tabular-nums}
.d1{padding-left:2rem}.d2{padding-left:3.1rem}.d3{padding-left:4.2rem}
.chip{display:inline-block;border-radius:.3rem;padding:.05rem .45rem;font-size:.85rem;font-weight:600;
background:var(--muted-bg);color:var(--ink)}
.good{background:var(--good-bg);color:var(--good)}
.caution{background:var(--caution-bg);color:var(--caution)}
.bad{background:var(--bad-bg);color:var(--bad)}
.muted{color:var(--soft)}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,25rem),1fr));gap:1rem;margin:1rem 0 0;
align-items:start}
.news{columns:25rem 2;column-gap:1rem;margin:1rem 0 -1rem}
.news .card{break-inside:avoid;margin:0 0 1rem}
.card{background:var(--card);border:1px solid var(--rule);border-radius:.5rem;padding:1rem 1.1rem 1.1rem;min-width:0}
.card.caution,.card.bad,.card.good{background:var(--card);color:inherit;border-left-width:4px}
.card.caution{border-left-color:var(--caution)}.card.bad{border-left-color:var(--bad)}
.card.good{border-left-color:var(--good)}
.kind{font-size:.8rem;font-weight:600;margin:0 0 .1rem}
.asks{font-weight:600;margin-top:.6rem}
.asks::before{content:"? ";color:var(--caution)}
dl{display:flex;flex-wrap:wrap;gap:.2rem 1.3rem;margin:.5rem 0 0;font-size:.9rem}
dt,dd{display:inline}dt{color:var(--soft)}dd{margin:0 0 0 .4rem;font-variant-numeric:tabular-nums}
details{margin:.6rem 0 0;font-size:.9rem}summary{color:var(--soft);cursor:pointer}details dl{display:block}
ul.plain{margin:.4rem 0 0;padding:0;list-style:none}
ul.plain li{margin:.2rem 0}
blockquote{margin:.5rem 0 0;padding:.1rem 0 .1rem .8rem;border-left:3px solid var(--rule);font-size:.94rem}
figure{margin:.8rem 0 0}
figcaption{font-size:.82rem;color:var(--soft);margin-top:.3rem}
figcaption b{color:var(--ink);font-weight:600}
svg.chart{display:block;width:100%;height:auto}
svg text{font:11px system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",sans-serif;fill:var(--soft)}
svg .letter{fill:var(--ink);font-weight:600}
svg .grid{stroke:var(--faint);stroke-width:1}svg .axis{stroke:var(--rule);stroke-width:1}
svg .series{fill:none;stroke:var(--series);stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
svg .point{fill:var(--series)}svg .hollow{fill:var(--card);stroke:var(--series);stroke-width:1.5}
svg .ring{fill:none;stroke:var(--caution);stroke-width:2}
svg .ref{fill:none;stroke:var(--target);stroke-width:1.4}
svg .plan{stroke-dasharray:5 3}svg .limits{stroke:var(--soft);stroke-dasharray:2 2.5}
svg .mean{stroke:var(--soft);stroke-width:1;stroke-opacity:.6}
svg .band80{fill:var(--band);fill-opacity:.26;stroke:none}svg .band95{fill:var(--band);fill-opacity:.14;stroke:none}
svg .middle{fill:none;stroke:var(--series);stroke-width:1.4;stroke-dasharray:1 3;stroke-linecap:round}
svg .slow{fill:var(--slow)}svg .zone{fill:var(--faint)}
svg .owner,svg .day{stroke:var(--soft);stroke-width:1;stroke-dasharray:3 3}
footer{font-size:.85rem;margin-top:3rem;padding-top:1rem;padding-bottom:3rem;border-top:1px solid var(--rule)}
@media (max-width:40rem){header{padding-top:1.5rem}header,main,footer{padding-left:.9rem;padding-right:.9rem}
h1{font-size:1.5rem}h2{margin-top:2rem}.sum{grid-template-columns:repeat(2,1fr)}
.stack thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.stack tr,.stack tbody{display:block}.stack tr{padding:.7rem .9rem;border-bottom:1px solid var(--rule)}
.stack tr:last-child{border-bottom:0}.stack th,.stack td{display:block;padding:.08rem 0;border:0}
.stack td[data-name]::before{content:attr(data-name) " ";color:var(--soft)}.stack td:empty{display:none}}
@media print{:root{--page:#fff}body{font-size:10.5pt}header,main,footer{max-width:none;padding:0}
h2{break-after:avoid}.card,tr,.sum li{break-inside:avoid}.cards{grid-template-columns:1fr 1fr}
.news{columns:2}@page{margin:16mm}}
"""
