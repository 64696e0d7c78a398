import type { ProbeAnswer, ProbedRow } from "../contract/parts";
import { AtlasError } from "./errors";
import type { TokenSpan } from "./model";
import { spansFrom } from "./tokens";

/** How a latent does on a text; 0 where it is silent. */
export interface ProbedLatent {
  latent: number;
  label: string;
  value: number;
  /** The value beside the latent's largest on the study's texts; null where that is unknown. */
  share: number | null;
  map: string | null;
  spans: TokenSpan[];
}

/** What a served atlas says of a text: the latents that fire on it, the most telling first. */
export interface Probed {
  text: string;
  /** How many fire, of which the first are named; null where the server does not say. */
  nFiring: number | null;
  latents: ProbedLatent[];
  /** By the share of its maximum at which each fires and by how rarely it does, or by the value alone. */
  rankedBy: "salience" | "value";
  /** The latent that was asked for, and its place among all that fire; null where it is silent. */
  asked: (ProbedLatent & { rank: number | null }) | null;
}

/** Asks the server of this page which latents fire on a text, and how one of them does in any case. */
export async function probe(text: string, latent: number | null = null): Promise<Probed> {
  const url = new URL("api/probe", new URL("./", document.baseURI));
  url.searchParams.set("text", text);
  if (latent !== null) url.searchParams.set("latent", String(latent));
  const response = await fetch(url).catch(() => null);
  if (!response) throw new AtlasError("The server does not answer.", "Start it again with `vista serve`.");
  const said = (await response.json().catch(() => null)) as (ProbeAnswer & { error?: string }) | null;
  if (!response.ok || !said?.latents) {
    throw new AtlasError(said?.error ?? `The server cannot say (status ${response.status}).`, "See what `vista serve` prints.");
  }
  return {
    text,
    nFiring: said.n_firing ?? null,
    latents: said.latents.map(probedFrom),
    rankedBy: said.ranked_by ?? "value",
    asked: said.asked ? { ...probedFrom(said.asked), rank: said.asked.rank } : null,
  };
}

function probedFrom({ spans, share, ...one }: ProbedRow): ProbedLatent {
  return { ...one, share: share ?? null, spans: spansFrom(spans) };
}
