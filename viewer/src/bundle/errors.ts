/** What a person can read when an atlas cannot be shown: what went wrong and what to do about it. */
export class AtlasError extends Error {
  constructor(
    message: string,
    readonly advice: string,
  ) {
    super(message);
    this.name = "AtlasError";
  }
}
