/** What the host of the files made us notice, for instance that it ignores Range requests. */
export class Notices {
  latest = $state<string | null>(null);
}
