/** How the element looks. Hosts set the variables that begin with `--segue`. */
export const STYLE = `
:host {
  color-scheme: light dark;
  --accent: var(--segue-accent, light-dark(#1f6f54, #6cc5a1));
  --on-accent: var(--segue-on-accent, light-dark(#ffffff, #10201a));
  --ink: var(--segue-ink, light-dark(#1d2129, #e9e8e4));
  --pale: light-dark(#5d6470, #a3a8b1);
  --page: var(--segue-page, light-dark(#f7f6f3, #15171b));
  --card: var(--segue-card, light-dark(#ffffff, #1d2026));
  --line: light-dark(#e2e0da, #31353d);
  --bad: light-dark(#b3362a, #f08a7d);
  --warm: light-dark(#8a5b00, #e4b45a);
  --radius: var(--segue-radius, 14px);
  --font: var(--segue-font, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif);
  display: block;
  container-type: inline-size;
  color: var(--ink);
  background: var(--page);
  font: 400 16px/1.5 var(--font);
}
*, *::before, *::after { box-sizing: border-box; }
[hidden] { display: none !important; }
.page > *, .ask > *, .panel > *, .body > * { min-width: 0; }
.page { max-width: 1160px; margin: 0 auto; padding: clamp(20px, 4cqi, 44px) clamp(16px, 4cqi, 40px) 56px; display: grid; gap: clamp(18px, 2.6cqi, 30px); }
header { display: flex; align-items: baseline; gap: 14px; flex-wrap: wrap; }
h1 { font-size: 26px; line-height: 1.1; letter-spacing: -0.02em; margin: 0; font-weight: 680; }
header p { margin: 0; color: var(--pale); flex: 1; min-width: 220px; }
.lang { display: inline-flex; border: 1px solid var(--line); border-radius: 999px; overflow: hidden; background: var(--card); }
.lang button { border: 0; background: none; color: var(--pale); font: inherit; font-size: 14px; padding: 4px 12px; min-height: 32px; cursor: pointer; }
.lang button[aria-pressed="true"] { color: var(--ink); background: color-mix(in srgb, var(--accent) 14%, transparent); font-weight: 600; }

.ask { background: var(--card); border: 1px solid var(--line); border-radius: var(--radius); padding: clamp(14px, 2cqi, 22px); display: grid; gap: 14px; box-shadow: 0 1px 2px rgb(0 0 0 / 4%), 0 10px 34px -24px rgb(0 0 0 / 30%); }
.ask label.title { font-size: 14px; color: var(--pale); }
.field { position: relative; display: grid; border: 1.5px solid var(--line); border-radius: 10px; background: var(--page); }
.field:focus-within { border-color: var(--accent); box-shadow: 0 0 0 3px color-mix(in srgb, var(--accent) 22%, transparent); }
.field > * { grid-area: 1 / 1; font: 500 clamp(18px, 1.9cqi, 21px)/1.5 var(--font); padding: 12px 14px; white-space: pre-wrap; overflow-wrap: break-word; letter-spacing: inherit; }
.marks { color: transparent; pointer-events: none; overflow: hidden; max-height: 10.5em; }
.marks .known { box-shadow: inset 0 -0.14em color-mix(in srgb, var(--accent) 60%, transparent); }
.marks .unknown { text-decoration: underline wavy var(--bad) 1.5px; text-underline-offset: 4px; }
.marks .unread { text-decoration: underline dotted var(--warm) 2px; text-underline-offset: 4px; }
textarea { border: 0; background: none; color: var(--ink); resize: none; outline: none; width: 100%; field-sizing: content; max-height: 10.5em; min-height: 3.4em; }
textarea::placeholder { color: var(--pale); font-weight: 400; }
.notes { margin: 8px 0 0; padding: 0; list-style: none; font-size: 14px; color: var(--warm); }
.notes:empty { display: none; }
.chips li { max-width: 100%; }
.chips { display: flex; gap: 8px; flex-wrap: wrap; margin: 0; padding: 0; list-style: none; }
.chip { border: 1px solid var(--line); background: none; color: var(--pale); border-radius: 999px; padding: 6px 13px; font: inherit; font-size: 14px; cursor: pointer; text-align: left; max-width: 100%; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; min-height: 34px; }
.chip:hover { color: var(--ink); border-color: var(--accent); }
.controls { display: flex; gap: 12px 18px; align-items: center; flex-wrap: wrap; }
.primary { border: 0; border-radius: 10px; background: var(--accent); color: var(--on-accent); font: 640 17px/1 var(--font); padding: 15px 30px; cursor: pointer; min-height: 48px; }
.primary:hover { filter: brightness(1.07); }
.secondary, .tool, select, .number { border: 1px solid var(--line); border-radius: 9px; background: var(--card); color: var(--ink); font: inherit; font-size: 14px; min-height: 36px; padding: 0 11px; cursor: pointer; }
.number { width: 8.5em; cursor: text; }
.secondary { min-height: 48px; padding: 0 18px; font-size: 16px; }
.tool { width: 36px; padding: 0; display: inline-grid; place-items: center; flex: none; }
.tool:hover:enabled, select:hover, .secondary:hover { border-color: var(--accent); }
.tool[aria-pressed="true"] { background: color-mix(in srgb, var(--accent) 18%, transparent); border-color: var(--accent); }
.tool:disabled { opacity: 0.38; cursor: default; }
.icon { width: 20px; height: 20px; fill: none; stroke: currentcolor; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; }
.pair { display: inline-flex; gap: 7px; align-items: center; color: var(--pale); font-size: 14px; }
input[type="range"] { accent-color: var(--accent); min-width: 60px; flex: 1 1 60px; max-width: 120px; }
.status { display: flex; align-items: center; gap: 10px 14px; flex-wrap: wrap; font-size: 14px; color: var(--pale); min-height: 22px; }
.status progress { accent-color: var(--accent); width: 150px; height: 8px; }
.status .bad { color: var(--bad); font-weight: 560; }
.link { border: 0; background: none; padding: 2px 0; font: inherit; color: var(--accent); text-decoration: underline; text-underline-offset: 3px; cursor: pointer; }

.panels { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: clamp(14px, 1.8cqi, 22px); }
.panel { align-content: start; }
.panel { background: var(--card); border: 1px solid var(--line); border-radius: var(--radius); padding: 14px; display: grid; gap: 10px; min-width: 0; }
.panel h2 { margin: 0; font-size: 16px; font-weight: 640; display: flex; justify-content: space-between; align-items: baseline; gap: 8px; }
.panel h2 small { font-weight: 400; color: var(--pale); font-size: 13px; }
.panel .hint { margin: 0; color: var(--pale); font-size: 13px; line-height: 1.4; }
.body { display: grid; gap: 10px; }
.stage { display: block; width: 100%; aspect-ratio: 1; border-radius: 9px; background: repeating-conic-gradient(color-mix(in srgb, var(--line) 45%, transparent) 0 25%, transparent 0 50%) 0 0 / 22px 22px; touch-action: none; }
.pixels { image-rendering: pixelated; cursor: crosshair; }
.frame { position: relative; display: block; width: 100%; padding: 0; border: 0; background: none; border-radius: 9px; overflow: hidden; cursor: zoom-in; }
.frame:disabled { cursor: default; }
.veil { position: absolute; inset: 0; width: 100%; height: 100%; image-rendering: pixelated; pointer-events: none; }
.zoom { border: 0; padding: 0; background: none; max-width: none; }
.zoom img { width: min(92vw, 92vh); display: block; border-radius: 12px; cursor: zoom-out; }
.zoom::backdrop { background: rgb(0 0 0 / 70%); }
.tools { display: flex; gap: 6px; flex-wrap: wrap; align-items: center; min-height: 36px; }
.tools select { max-width: 100%; flex: 0 1 118px; min-width: 0; padding: 0 6px; }
.box { cursor: move; outline: none; }
.box rect { stroke: light-dark(rgb(0 0 0 / 45%), rgb(0 0 0 / 60%)); stroke-width: 0.5; fill-opacity: 0.92; }
.box text { font: 600 3.6px var(--font); fill: #14171c; paint-order: stroke; stroke: rgb(255 255 255 / 75%); stroke-width: 0.9; pointer-events: none; }
.box.selected rect, .box:focus-visible rect { stroke: #14171c; stroke-width: 1.2; stroke-dasharray: 2 1; }
.swatch { stroke: #14171c; stroke-width: 0.3; pointer-events: none; }
.handle { fill: #ffffff; stroke: #14171c; stroke-width: 0.7; cursor: nwse-resize; }
.handle[data-corner="ne"], .handle[data-corner="sw"] { cursor: nesw-resize; }
.compare { display: grid; gap: 10px; }
.panel .more { display: flex; gap: 6px; flex-wrap: wrap; min-height: 36px; }

.result { background: var(--card); border: 1px solid var(--line); border-radius: var(--radius); padding: clamp(14px, 2cqi, 22px); }
.result h2 { margin: 0 0 6px; font-size: 19px; letter-spacing: -0.01em; }
.score { margin: 0 0 8px; color: var(--pale); }
.score strong { font-size: 34px; line-height: 1.1; letter-spacing: -0.02em; margin-right: 12px; color: var(--ink); font-weight: 680; vertical-align: -3px; }
table { border-collapse: collapse; width: 100%; }
th, td { padding: 7px 8px; border-top: 1px solid var(--line); text-align: center; font-weight: 400; }
thead th { border: 0; color: var(--pale); font-size: 13px; width: 15%; padding-top: 0; }
tbody th, thead th:first-child { text-align: left; width: auto; padding-left: 0; }
.child th { padding-left: 20px; }
.rest td { text-align: left; color: var(--warm); padding-left: 0; }
.clause { border: 0; background: none; font: inherit; color: inherit; padding: 3px 0; text-align: left; }
button.clause { cursor: pointer; text-decoration: underline dotted var(--pale); text-underline-offset: 4px; }
button.clause[aria-pressed="true"] { color: var(--accent); font-weight: 600; }
.mark { display: inline-grid; place-items: center; width: 26px; height: 26px; border-radius: 50%; vertical-align: middle; }
.mark.held { color: var(--accent); background: color-mix(in srgb, var(--accent) 14%, transparent); }
.mark.failed { color: var(--bad); background: color-mix(in srgb, var(--bad) 12%, transparent); border: 1.5px dashed currentcolor; }
.mark.none { color: var(--pale); }
.mark .icon { width: 16px; height: 16px; stroke-width: 2.6; }
.empty { color: var(--pale); margin: 0; }
.times { margin: 12px 0 0; color: var(--pale); font-size: 13px; }

.gallery ul { list-style: none; margin: 10px 0 0; padding: 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(132px, 1fr)); gap: 12px; }
.gallery h2 { margin: 0; font-size: 16px; font-weight: 640; }
.gallery button { border: 1px solid var(--line); background: var(--card); border-radius: 11px; padding: 0; overflow: hidden; width: 100%; cursor: pointer; font: inherit; font-size: 13px; line-height: 1.35; color: var(--pale); text-align: left; display: grid; }
.gallery button:hover { border-color: var(--accent); color: var(--ink); }
.gallery img { width: 100%; aspect-ratio: 1; display: block; object-fit: cover; }
.gallery .words { display: -webkit-box; -webkit-line-clamp: 3; -webkit-box-orient: vertical; overflow: hidden; margin: 8px 10px 10px; min-height: 4.05em; }
.gallery .badge { margin: 0 10px 10px; color: var(--warm); }
pre { background: var(--page); border: 1px solid var(--line); border-radius: 9px; padding: 12px; overflow-x: auto; font-size: 13px; margin: 8px 0 0; }
:is(button, select, input, .frame):focus-visible { outline: 2.5px solid var(--accent); outline-offset: 2px; }
.sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@container (max-width: 760px) {
  .panels { grid-template-columns: minmax(0, 1fr); }
  .primary { flex: 1 1 100%; }
  header p { flex-basis: 100%; order: 3; }
  th, td { padding: 7px 3px; }
  thead th { width: 17%; }
}
@media (prefers-reduced-motion: no-preference) {
  .primary, .chip, .gallery button, .tool { transition: border-color 120ms, color 120ms, filter 120ms; }
}
`;
