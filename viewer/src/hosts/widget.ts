import { mount, unmount } from "svelte";
import "../panels/style.css";
import { AtlasData } from "../bundle/atlas-data";
import { AtlasError } from "../bundle/errors";
import { AtlasFiles } from "../bundle/files";
import { manifestFrom } from "../bundle/manifest";
import App from "../panels/App.svelte";
import { keepFocus } from "../panels/keep-focus";
import Message from "../panels/Message.svelte";
import { readHash, type Theme, writeHash } from "../state/hash";
import type { Host, SelectionPort } from "../state/host";
import { Notices } from "../state/notices.svelte";
import { applyTheme } from "../state/theme";
import { CommSource, type WidgetModel } from "./comm";
import { loadFonts } from "./fonts";
import { MemoryAddress } from "./memory-address";

/** All styles of the viewer; the build puts them here (`vite.widget.config.ts`). */
declare const VIEWER_STYLES: string;

const KERNEL_IS_SLOW = "The kernel is busy or gone: the map goes on when it answers.";

let sheet: CSSStyleSheet | undefined;

/** Shows an atlas in a cell of a notebook. Its bytes come from the kernel; styles stay within the cell. */
function render({ model, el }: { model: WidgetModel; el: HTMLElement }): () => void {
  const element = document.createElement("div");
  element.className = "vista-widget";
  element.dataset.lmSuppressShortcuts = "true"; // letters typed on the map are not the notebook's shortcuts
  element.style.cssText = "display: block; position: relative; width: 100%;";
  const shadow = element.attachShadow({ mode: "open" });
  shadow.adoptedStyleSheets = [styles()];
  const target = document.createElement("div");
  target.className = "vista";
  shadow.append(target);
  el.append(element);

  const keepKeys = (event: Event) => event.stopPropagation();
  element.addEventListener("keydown", keepKeys);
  const notices = new Notices();
  const source = new CommSource(model, (isSlow) => {
    if (isSlow) notices.latest = KERNEL_IS_SLOW;
    else if (notices.latest === KERNEL_IS_SLOW) notices.latest = null;
  });
  const onHeight = () => {
    element.style.height = `${Number(model.get("height"))}px`;
  };
  onHeight();
  model.on("change:height", onHeight);
  const host = cellHost(model, element, target);
  let shown: Record<string, unknown> | undefined;
  let isEnded = false;
  show(source, host, notices, target).then((component) => {
    if (isEnded) void unmount(component);
    else shown = component;
  });
  return () => {
    isEnded = true;
    model.off("change:height", onHeight);
    source.end();
    if (shown) void unmount(shown);
    element.remove();
  };
}

async function show(source: CommSource, host: Host, notices: Notices, target: HTMLElement): Promise<Record<string, unknown>> {
  applyTheme(host.root, readHash(host.address.hash).theme ?? "system");
  try {
    const { bytes } = await source.read("atlas.json");
    const atlas = await manifestFrom(bytes);
    const files = new AtlasFiles(source, atlas.fileSizes, (text) => (notices.latest = text));
    keepFocus(target);
    return mount(App, { target, props: { host, data: new AtlasData(atlas, files), notices } });
  } catch (error) {
    const told = error instanceof AtlasError ? error : new AtlasError("The atlas could not be opened.", String(error));
    host.root.dataset.vista = "failed";
    return mount(Message, { target, props: { title: told.message, advice: told.advice } });
  }
}

function cellHost(model: WidgetModel, root: HTMLElement, target: HTMLElement): Host {
  const address = new MemoryAddress(firstHash(model), (hash) => save(model, { address: hash }));
  target.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>('a[href^="#"]') : null;
    if (!link) return;
    const isHandled = event.defaultPrevented;
    event.preventDefault(); // the page's own address belongs to the notebook
    if (!isHandled) address.go(link.getAttribute("href")!);
  });
  return { kind: "cell", root, keys: target, address, selection: selectionPort(model), setTitle() {} };
}

/** Where the view was left, or where it is to begin. */
function firstHash(model: WidgetModel): string {
  const state = readHash(String(model.get("address") ?? ""));
  const map = String(model.get("map_id") ?? "");
  const items = selectedIn(model);
  const item = items.length === 1 ? items[0] : undefined;
  const chosen = model.get("theme");
  const theme = chosen === "light" || chosen === "dark" ? chosen : notebookTheme();
  return writeHash({
    ...state,
    ...(map === "" || state.gallery ? {} : { map }),
    ...(item === undefined ? {} : { item }),
    ...(theme && !state.theme ? { theme } : {}),
  });
}

/** How the notebook looks: JupyterLab, VS Code and Colab each say it in their own way; undefined where nobody says. */
function notebookTheme(): Theme | undefined {
  const { body, documentElement: page } = document;
  const said = `${body.dataset.jpThemeLight === "false" ? "dark" : ""}${body.dataset.vscodeThemeKind ?? ""}${page.getAttribute("theme") ?? ""}`;
  if (said.includes("dark")) return "dark";
  return said.includes("light") || body.dataset.jpThemeLight === "true" ? "light" : undefined;
}

/** Both sides of the widget's selection. What was selected before the map was there is selected on it first. */
function selectionPort(model: WidgetModel): SelectionPort {
  let told = selectedIn(model).length > 1 ? "" : keyOf(selectedIn(model));
  let isReady = told !== "" || selectedIn(model).length === 0;
  let waiting: (() => void) | null = null;
  const port: SelectionPort = {
    tell(items, mapId) {
      if (!isReady) {
        waiting = () => port.tell(items, mapId);
        return;
      }
      const isSame = keyOf(items) === keyOf(selectedIn(model));
      told = keyOf(items);
      if (isSame && mapId === model.get("map_id")) return;
      save(model, { ...(isSame ? {} : { selection: [...items] }), map_id: mapId });
    },
    listen(onItems) {
      const onChange = () => {
        if (keyOf(selectedIn(model)) !== told) void onItems(selectedIn(model));
      };
      model.on("change:selection", onChange);
      if (!isReady) {
        void Promise.resolve(onItems(selectedIn(model))).finally(() => {
          isReady = true;
          waiting?.();
        });
      }
      return () => model.off("change:selection", onChange);
    },
  };
  return port;
}

/** Tells one selection from another, whatever its order. */
function keyOf(items: readonly number[]): string {
  return [...items].sort((a, b) => a - b).join();
}

function selectedIn(model: WidgetModel): number[] {
  const items = model.get("selection");
  return Array.isArray(items) ? items.map(Number) : [];
}

function save(model: WidgetModel, changes: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(changes)) model.set(name, value);
  model.save_changes();
}

/** One sheet for all maps on the page. */
function styles(): CSSStyleSheet {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(VIEWER_STYLES);
    loadFonts(sheet);
  }
  return sheet;
}

export default { render };
