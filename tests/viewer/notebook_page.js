// Stands in for the part of Jupyter that brings a widget's model to the page. The kernel's side is the real Python class,
// reached by `window.toKernel`; its code is loaded as anywidget loads it, from a blob.

const models = new Map();
const ends = new Map();
/** Keys that reached the page: those of the widget must not. */
window.keysHeard = [];
document.addEventListener("keydown", (event) => window.keysHeard.push(event.key));

function modelOf(cell, state) {
  const listeners = new Map();
  let changed = {};
  const emit = (event, ...args) => [...(listeners.get(event) ?? [])].forEach((listener) => listener(...args));
  const hear = ({ data, buffers }) => {
    if (data.method === "custom") emit("msg:custom", data.content, buffers.map(bytesOf));
    if (data.method === "update") {
      for (const [name, value] of Object.entries(data.state)) {
        state[name] = value;
        emit(`change:${name}`);
      }
    }
  };
  const tell = async (message) => {
    for (const reply of await window.toKernel(cell, message)) hear(reply);
  };
  return {
    hear,
    get: (name) => state[name],
    set(name, value) {
      state[name] = value;
      changed[name] = value;
      emit(`change:${name}`);
    },
    save_changes() {
      const update = { method: "update", state: changed, buffer_paths: [] };
      changed = {};
      void tell(update);
    },
    on: (event, listener) => listeners.set(event, [...(listeners.get(event) ?? []), listener]),
    off: (event, listener) => listeners.set(event, (listeners.get(event) ?? []).filter((one) => one !== listener)),
    send: (content) => void tell({ method: "custom", content }),
  };
}

function bytesOf(base64) {
  return new DataView(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)).buffer);
}

window.show = async (cell, state) => {
  const model = modelOf(cell, state);
  models.set(cell, model);
  const { default: widget } = await import(URL.createObjectURL(new Blob([state._esm], { type: "text/javascript" })));
  ends.set(cell, await widget.render({ model, el: document.getElementById(cell) }));
};
window.hear = (cell, messages) => messages.forEach((message) => models.get(cell).hear(message));
window.end = (cell) => ends.get(cell)();
