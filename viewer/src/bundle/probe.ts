import type { ProbeAnswer } from "../contract/parts";
import { AtlasError } from "./errors";
import type { TokenSpan } from "./model";
import { spansFrom } from "./tokens";

/** What a served atlas says of a text: the latents that fire on it, the strongest first. */
export interface Probed {
  text: string;
  latents: { latent: number; label: string; value: number; map: string | null; spans: TokenSpan[] }[];
}

/** Asks the server of this page which latents fire on a text. */
export async function probe(text: string): Promise<Probed> {
  const url = new URL("api/probe", new URL("./", document.baseURI));
  url.searchParams.set("text", text);
  const response = await fetch(url).catch(() => null);
  if (!response) throw new AtlasError("The server does not answer.", "Start it again with `vista serve`.");
  const said = (await response.json().catch(() => null)) as (ProbeAnswer & { error?: string }) | null;
  if (!response.ok || !said?.latents) {
    throw new AtlasError(said?.error ?? `The server cannot say (status ${response.status}).`, "See what `vista serve` prints.");
  }
  return { text, latents: said.latents.map((one) => ({ ...one, spans: spansFrom(one.spans) })) };
}
