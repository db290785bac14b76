"""How the contract's page looks. It follows the reader's system into the dark."""

from __future__ import annotations

STYLE = """
:root{color-scheme:light dark;--paper:#fff;--side:#f7f6f3;--ink:#1d1d1f;--soft:#5d5f66;--line:#e4e2dc;--code:#f4f3ef;
--brass:#8a5a00;--link:#1f5fbf;--get:#1f6f4a;--post:#1f5fbf;--put:#7a4bb3;--delete:#b3341f;--good:#1f6f4a;--sel:#fff3d6}
@media (prefers-color-scheme:dark){:root{--paper:#16171a;--side:#1c1d21;--ink:#e8e6e1;--soft:#a0a2aa;--line:#2f3137;
--code:#202227;--brass:#e3b35b;--link:#85b4ff;--get:#6fcf9d;--post:#85b4ff;--put:#c3a0f2;--delete:#ff8f7a;--good:#6fcf9d;
--sel:#3a3222}}
*{box-sizing:border-box}
html{scroll-padding-top:1.5rem;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);
font:16px/1.6 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
code,pre,.method,.status{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
code{font-size:.875em}
a{color:var(--link);text-decoration:none}
a:hover{text-decoration:underline}
a:focus-visible,summary:focus-visible{outline:2px solid var(--brass);outline-offset:2px;border-radius:4px}
nav{position:fixed;inset:0 auto 0 0;width:21.5rem;overflow-y:auto;padding:1.75rem 1rem 2rem 1.5rem;background:var(--side);
border-right:1px solid var(--line);font-size:.8125rem}
nav .brand{font-size:1.125rem;font-weight:650;color:var(--ink);letter-spacing:-.01em}
nav .brand span{font-size:.75rem;font-weight:400;color:var(--soft)}
nav input{display:block;width:100%;margin:.9rem 0 0;padding:.4rem .6rem;border:1px solid var(--line);border-radius:6px;
background:var(--paper);color:var(--ink);font:inherit}
nav input:focus-visible{outline:2px solid var(--brass);outline-offset:1px}
[hidden]{display:none!important}
nav .group{margin:1.35rem 0 .3rem;font-weight:600}
nav .group a{color:var(--ink)}
nav ul{list-style:none;margin:0;padding:0}
nav li a{display:flex;gap:.55rem;align-items:baseline;padding:.14rem .4rem;margin-left:-.4rem;border-radius:5px;color:var(--soft)}
nav li a:hover{background:var(--line);color:var(--ink);text-decoration:none}
nav li span{overflow-wrap:anywhere}
nav .method{flex:0 0 3.1rem;font-size:.625rem;text-align:right}
.aside{line-height:2;margin:2rem 0 0;padding-top:1rem;border-top:1px solid var(--line)}
main{margin-left:21.5rem;padding:3rem 3.5rem 8rem;max-width:64rem}
h1{margin:0 0 .75rem;font-size:2.1rem;line-height:1.2;letter-spacing:-.02em}
h2{margin:0 0 .25rem;font-size:1.5rem;letter-spacing:-.015em}
h4{margin:1.5rem 0 .5rem;font-size:.8125rem;font-weight:600;color:var(--soft)}
h4 small,td small{font-weight:400;font-size:.92em;color:var(--soft)}
.lead{max-width:46rem;margin:0 0 1.75rem;font-size:1.0313rem;color:var(--soft)}
.lead code,.about code,dd code,article p code{white-space:nowrap;color:var(--ink);background:var(--code);padding:.1em .35em;border-radius:4px}
.schemes{display:grid;gap:.6rem;margin:0}
.schemes div{display:flex;gap:.9rem;align-items:baseline}
.schemes dt{flex:0 0 7.5rem}
.schemes dd{margin:0}
.tag{margin-top:3.5rem;padding-top:2.5rem;border-top:1px solid var(--line)}
.about{margin:0;color:var(--soft)}
article{margin-top:2.75rem}
h3{display:flex;flex-wrap:wrap;align-items:center;gap:.7rem;margin:0 0 .35rem;font-size:1.0625rem;font-weight:600}
h3 code{font-size:1em;overflow-wrap:anywhere}
article>p{margin:0}
article:target h3 code{background:var(--sel);box-shadow:0 0 0 .3rem var(--sel);border-radius:2px}
.method{font-size:.75rem;font-weight:700;letter-spacing:.03em}
.get,.options{color:var(--get)}.post{color:var(--post)}.put,.patch{color:var(--put)}.delete{color:var(--delete)}
.who{padding:.1rem .6rem;border:1px solid var(--line);border-radius:99px;font-size:.75rem;font-weight:500;color:var(--soft);white-space:nowrap}
.who.producer{color:var(--brass);border-color:currentColor}
.who.user{color:var(--link);border-color:currentColor}
.scroll{overflow-x:auto}
table{width:100%;border-collapse:collapse;font-size:.875rem}
th{text-align:left;font-size:.8125rem;color:var(--soft);font-weight:600}
th,td{padding:.5rem 1rem .5rem 0;vertical-align:top;border-top:1px solid var(--line)}
thead th{border-top:0}
.fields td:nth-child(1){width:29%;min-width:11rem}
.fields td:nth-child(2){width:29%;min-width:10rem}
.kind{color:var(--soft)}
.kind code{color:var(--ink)}
.parent{color:var(--soft)}
article .what{margin:.6rem 0 .35rem;font-size:.875rem;color:var(--soft)}
.must,.place,.default{font-size:.75rem;color:var(--soft)}
.must{margin-left:.5rem;color:var(--delete)}
.place{margin-left:.5rem}
pre{margin:0 0 .6rem;padding:.9rem 1.1rem;overflow-x:auto;background:var(--code);border:1px solid var(--line);border-radius:8px;
font-size:.8125rem;line-height:1.55;tab-size:2}
.copying{position:relative}
.copying button{position:absolute;top:.5rem;right:.5rem;padding:.15rem .6rem;border:1px solid var(--line);border-radius:6px;
background:var(--paper);color:var(--soft);font:inherit;font-size:.75rem;cursor:pointer}
.copying button:hover{color:var(--ink)}
.copying button:focus-visible{outline:2px solid var(--brass);outline-offset:2px}
.status{font-size:.8125rem;font-weight:650;white-space:nowrap}
td.status{width:3.5rem}
.status.s2{color:var(--good)}.status.s5{color:var(--delete)}
details{margin-top:1rem;font-size:.875rem}
summary{cursor:pointer;width:max-content;font-size:.8125rem;font-weight:600;color:var(--soft)}
summary:hover{color:var(--ink)}
details table{margin-top:.5rem}
@media (max-width:62rem){nav{position:static;width:auto;border-right:0;border-bottom:1px solid var(--line);padding:1.5rem 1.25rem;
max-height:45vh}
main{margin:0;padding:2rem 1.25rem 4rem}.schemes div{display:block}}
@media print{nav,.copying button{display:none}main{margin:0;max-width:none;padding:0}pre{white-space:pre-wrap}article{break-inside:avoid}}
"""
