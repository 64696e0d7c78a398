import type { Theme } from "./hash";

/** How the whole page looks, whichever map it shows. */
export class Look {
  theme = $state<Theme>("system");

  constructor(theme: Theme = "system") {
    this.theme = theme;
  }
}
