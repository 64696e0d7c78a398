import { mount } from "svelte";
import { AtlasData } from "../bundle/atlas-data";
import { AtlasError } from "../bundle/errors";
import { AtlasFiles } from "../bundle/files";
import { readManifest } from "../bundle/manifest";
import { WebSource } from "../bundle/source";
import App from "../panels/App.svelte";
import { keepFocus } from "../panels/keep-focus";
import Message from "../panels/Message.svelte";
import { readHash } from "../state/hash";
import { Notices } from "../state/notices.svelte";
import { applyTheme } from "../state/theme";
import { pageHost } from "./page";

/** Shows the atlas that lies beside the page, as `vista serve` and `vista export` put it there. */
export async function showSite(target: HTMLElement): Promise<void> {
  const host = pageHost();
  applyTheme(host.root, readHash(host.address.hash).theme ?? "system");
  const base = new URL("./", document.baseURI);
  try {
    const atlas = await readManifest(new URL("atlas.json", base));
    const notices = new Notices();
    const files = new AtlasFiles(new WebSource(base, atlas.fileSizes), atlas.fileSizes, (text) => {
      notices.latest = text;
    });
    host.setTitle(`${atlas.title} · VISTA`);
    keepFocus(target);
    mount(App, { target, props: { host, data: new AtlasData(atlas, files), notices } });
  } catch (error) {
    const told = error instanceof AtlasError ? error : new AtlasError("The atlas could not be opened.", String(error));
    mount(Message, { target, props: { title: told.message, advice: told.advice } });
    host.root.dataset.vista = "failed";
  }
}
