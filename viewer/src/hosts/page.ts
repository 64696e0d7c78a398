import type { Address, Host } from "../state/host";

const pageAddress: Address = {
  get hash() {
    return location.hash;
  },
  replace(hash) {
    history.replaceState(null, "", hash);
  },
  push(hash) {
    history.pushState(null, "", hash);
  },
  onChange(listener) {
    window.addEventListener("hashchange", listener);
    return () => window.removeEventListener("hashchange", listener);
  },
};

/** The page itself: its own, or with `?embed` in its address a frame on another's. */
export function pageHost(): Host {
  return {
    kind: new URLSearchParams(location.search).has("embed") ? "frame" : "page",
    root: document.documentElement,
    keys: window,
    address: pageAddress,
    selection: null,
    setTitle(title) {
      document.title = title;
    },
  };
}
