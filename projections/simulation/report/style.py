"""How the report looks: colours in light and dark with the contrast that WCAG 2.2 AA wants, and the style sheet."""

from collections.abc import Mapping

LIGHT: Mapping[str, str] = {
    "ground": "#ffffff",
    "raised": "#f4f6f8",
    "text": "#1b2129",
    "muted": "#55606c",
    "line": "#c9d0d8",
    "gain": "#0b62b0",
    "lose": "#b2430c",
    "same": "#6b7681",
    "link": "#0b57a4",
}
DARK: Mapping[str, str] = {
    "ground": "#12161b",
    "raised": "#1b2128",
    "text": "#e7ebef",
    "muted": "#a9b4bf",
    "line": "#3b4550",
    "gain": "#5aa9ee",
    "lose": "#f08a55",
    "same": "#8c97a3",
    "link": "#7fbcf5",
}
"""Text and links stand on `ground` and `raised`; `gain`, `lose` and `same` fill bars on `ground`."""


def _variables(colours: Mapping[str, str]) -> str:
    return "".join(f"--{name}:{value};" for name, value in colours.items())


_RULES = """
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--text);line-height:1.6;
 font-family:system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC","WenQuanYi Micro Hei",sans-serif}
.page,.tongue{max-width:64rem;margin:0 auto;padding:0 1.25rem}
.tongue{padding-top:1rem;display:flex;gap:.5rem;justify-content:flex-end;border:0;margin-bottom:0}
.tongue label{display:inline-flex;gap:.4rem;align-items:center;min-height:1.75rem;cursor:pointer;color:var(--muted)}
input:focus-visible,a:focus-visible,.scroll:focus-visible{outline:3px solid var(--link);outline-offset:2px}
body:has(#tongue-zh:checked) .en,body:has(#tongue-en:checked) .zh{display:none}
h1{font-size:1.7rem;line-height:1.25;margin:.5rem 0 .25rem}
h2{font-size:1.2rem;margin:2.5rem 0 .5rem;padding-top:1rem;border-top:1px solid var(--line)}
p{max-width:44rem}
.lead{color:var(--muted);margin-top:0}
a{color:var(--link)}
nav ul{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:.25rem 1rem;margin:1rem 0}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(11rem,1fr));gap:.75rem;padding:0;list-style:none}
.tiles li{background:var(--raised);border-radius:.5rem;padding:.75rem 1rem;border-left:.3rem solid var(--same)}
.tiles .gain{border-color:var(--gain)} .tiles .lose{border-color:var(--lose)}
.tiles strong{display:block;font-size:1.6rem;line-height:1.2;font-variant-numeric:tabular-nums}
.tiles small{color:var(--muted);font-size:.875rem}
figure{margin:1rem 0 .5rem}
svg{width:100%;height:auto;display:block}
svg text{fill:var(--text);font-size:13px} svg .soft{fill:var(--muted)}
svg .gain{fill:var(--gain)} svg .lose{fill:var(--lose)} svg .same{fill:var(--same)}
svg .axis{stroke:var(--line);stroke-width:1}
svg .outline{fill:none;stroke:var(--muted);stroke-dasharray:3 3}
.key{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;color:var(--muted);font-size:.875rem;list-style:none;padding:0}
.key li::before{content:"";display:inline-block;width:.8rem;height:.8rem;border-radius:2px;margin-right:.4rem;
 vertical-align:-1px}
.key .gain::before{background:var(--gain)} .key .lose::before{background:var(--lose)}
.key .hidden::before{border:1px dashed var(--muted)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.9rem;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--muted);padding:.25rem 0}
th,td{padding:.35rem .6rem;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap}
th:first-child{text-align:left;white-space:normal;min-width:9rem} thead th{color:var(--muted);font-weight:600}
tbody tr:last-child.all th,tbody tr:last-child.all td{font-weight:600}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem} dt{color:var(--muted)}
dd{margin:0;overflow-wrap:anywhere} code{font-size:.85rem}
footer{margin:2rem 0 3rem;color:var(--muted);font-size:.9rem}
@media (max-width:40rem){dl{grid-template-columns:1fr} dd{margin-bottom:.5rem}}
@media print{.tongue,nav{display:none} h2{break-after:avoid} figure,table{break-inside:avoid}}
"""
STYLE = (
    f":root{{color-scheme:light dark;{_variables(LIGHT)}}}"
    f"@media (prefers-color-scheme:dark){{:root{{{_variables(DARK)}}}}}{_RULES}"
)
