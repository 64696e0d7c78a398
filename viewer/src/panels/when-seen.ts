import type { Attachment } from "svelte/attachments";

/** Calls back once, when the element first comes onto the screen: what nobody scrolls to is never asked for. */
export function whenSeen(onSeen: () => void): Attachment {
  return (element) => {
    const watch = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      watch.disconnect();
      onSeen();
    });
    watch.observe(element);
    return () => watch.disconnect();
  };
}
