import type { Projection } from "../state/camera";
import type { Palette } from "../state/point-colors";
import { type DrawnBatch, FULL, type PointBatch, type PointsLook, type PointsPainter } from "./points";

const PALETTE_WIDTH = 256;
/** A graphics card that was taken away mostly comes back: after a sleep, after another page's crash. */
const RETURNS_WITHIN_MS = 4_000;
/** The edge of a dot fades over one pixel. */
const EDGE_PX = 0.5;

const VERTEX = `#version 300 es
in vec2 place;
in float code;
in float strength;
uniform vec2 center;
uniform vec2 scale;
uniform float sizePx;
uniform vec3 opacities;
uniform int lastColor;
uniform sampler2D palette;
flat out vec4 color;
void main() {
  gl_Position = vec4((place - center) * scale, 0.0, 1.0);
  gl_PointSize = sizePx;
  int at = min(int(code), lastColor);
  float opacity = opacities[int(strength)];
  color = vec4(texelFetch(palette, ivec2(at % ${PALETTE_WIDTH}, at / ${PALETTE_WIDTH}), 0).rgb * opacity, opacity);
}`;

const FRAGMENT = `#version 300 es
precision mediump float;
flat in vec4 color;
uniform mediump float radiusPx;
uniform mediump float widthPx;
out vec4 painted;
void main() {
  float outwards = length(gl_PointCoord - 0.5) * widthPx;
  painted = color * clamp(radiusPx + ${EDGE_PX} - outwards, 0.0, 1.0);
}`;

/** Points whose codes are not here take the last color. */
const UNKNOWN_CODE = 65_535;
const PLACE = 0;
const CODE = 1;
const STRENGTH = 2;

/** What the graphics card holds of a batch, and from what it was filled. */
interface Uploaded {
  vertices: WebGLVertexArrayObject;
  places: WebGLBuffer;
  codes: WebGLBuffer | null;
  strengths: WebGLBuffer | null;
  codesFrom: PointBatch["codes"];
  strengthsFrom: PointBatch["strengths"];
}

/** A picture of many points that grows over some frames. */
interface Unfinished {
  projection: Projection;
  look: PointsLook;
  parts: { batch: PointBatch; start: number; end: number }[];
  /** Tells when the graphics card has drawn the last part. */
  fence: WebGLSync | null;
}

interface Program {
  center: WebGLUniformLocation | null;
  scale: WebGLUniformLocation | null;
  sizePx: WebGLUniformLocation | null;
  widthPx: WebGLUniformLocation | null;
  radiusPx: WebGLUniformLocation | null;
  opacities: WebGLUniformLocation | null;
  lastColor: WebGLUniformLocation | null;
}

/**
 * Points by the graphics card: one program, and for each batch a buffer of places, of color numbers and of strengths.
 *
 * Where a batch lies under the camera is computed here, in double precision, so that points do not tremble at deep zooms.
 */
export class WebglPoints implements PointsPainter {
  readonly maxPoints = 4_000_000;
  private readonly gl: WebGL2RenderingContext;
  private program: Program;
  private readonly uploaded = new Map<PointBatch, Uploaded>();
  private palette: Palette | null = null;
  private hidden: { framebuffer: WebGLFramebuffer; picture: WebGLRenderbuffer } | null = null;
  private unfinished: Unfinished | null = null;
  private ratio = 1;
  private isLost = false;
  private isEnded = false;
  private goneTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    onRestored: () => void,
    onGone: () => void,
  ) {
    const gl = canvas.getContext("webgl2", { antialias: false, depth: false, preserveDrawingBuffer: true });
    if (!gl) throw new Error("WebGL 2 could not be started");
    this.gl = gl;
    this.program = this.start();
    canvas.addEventListener("webglcontextlost", (event) => {
      event.preventDefault(); // so that it may come back
      if (this.isEnded) return;
      this.isLost = true;
      this.goneTimer = setTimeout(onGone, RETURNS_WITHIN_MS);
    });
    canvas.addEventListener("webglcontextrestored", () => {
      clearTimeout(this.goneTimer);
      if (this.isEnded) return;
      this.isLost = false;
      this.uploaded.clear();
      this.palette = null;
      this.hidden = this.unfinished = null;
      this.program = this.start();
      onRestored();
    });
  }

  paint(projection: Projection, drawn: readonly DrawnBatch[], look: PointsLook): void {
    if (this.isLost) return;
    this.end();
    this.clearTarget(null);
    this.setLook(look);
    for (const { batch, n } of drawn) this.drawPart(projection, batch, 0, n);
  }

  begin(projection: Projection, drawn: readonly DrawnBatch[], look: PointsLook): void {
    if (this.isLost) return;
    this.end();
    this.clearTarget(this.hiddenTarget());
    this.unfinished = { projection, look, parts: drawn.map(({ batch, n }) => ({ batch, start: 0, end: n })), fence: null };
  }

  goOn(nPoints: number): boolean {
    const { gl, unfinished } = this;
    if (!unfinished || this.isLost) return true;
    if (unfinished.fence && gl.getSyncParameter(unfinished.fence, gl.SYNC_STATUS) !== gl.SIGNALED) return false;
    gl.deleteSync(unfinished.fence);
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.hiddenTarget());
    gl.viewport(0, 0, this.canvas.width, this.canvas.height);
    this.setLook(unfinished.look);
    for (let left = Math.ceil(nPoints); left > 0 && unfinished.parts.length > 0; ) {
      const part = unfinished.parts[0]!;
      const n = Math.min(left, part.end - part.start);
      this.drawPart(unfinished.projection, part.batch, part.start, n);
      part.start += n;
      left -= n;
      if (part.start >= part.end) unfinished.parts.shift();
    }
    unfinished.fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
    gl.flush();
    if (unfinished.parts.length > 0) return false;
    this.show();
    return true;
  }

  forget(batch: PointBatch): void {
    const { gl } = this;
    const held = this.uploaded.get(batch);
    if (!held) return;
    this.uploaded.delete(batch);
    gl.deleteVertexArray(held.vertices);
    for (const buffer of [held.places, held.codes, held.strengths]) gl.deleteBuffer(buffer);
  }

  resize(widthPx: number, heightPx: number, ratio: number): void {
    this.ratio = ratio;
    this.end();
    this.dropHidden();
    this.canvas.width = Math.round(widthPx * ratio);
    this.canvas.height = Math.round(heightPx * ratio);
  }

  clear(): void {
    if (this.isLost) return;
    this.end();
    this.clearTarget(null);
  }

  destroy(): void {
    this.isEnded = true;
    clearTimeout(this.goneTimer);
    for (const batch of [...this.uploaded.keys()]) this.forget(batch);
    this.dropHidden();
    this.gl.getExtension("WEBGL_lose_context")?.loseContext();
  }

  private setLook(look: PointsLook): void {
    const { gl, program } = this;
    const radiusPx = look.radiusPx * this.ratio;
    const sizePx = 2 * (radiusPx + EDGE_PX);
    if (look.palette !== this.palette) this.setPalette(look.palette);
    gl.uniform1f(program.sizePx, sizePx);
    gl.uniform1f(program.widthPx, sizePx);
    gl.uniform1f(program.radiusPx, radiusPx);
    gl.uniform3f(program.opacities, ...look.opacities);
  }

  private drawPart({ camera, pxPerUnit, viewport }: Projection, batch: PointBatch, first: number, n: number): void {
    if (n === 0) return;
    const { gl, program } = this;
    const pxPerStep = pxPerUnit * batch.step;
    gl.bindVertexArray(this.vertices(batch));
    gl.uniform2f(program.center, (camera.x - batch.x0) / batch.step, (camera.y - batch.y0) / batch.step);
    gl.uniform2f(program.scale, (2 * pxPerStep) / viewport.widthPx, (-2 * pxPerStep) / viewport.heightPx);
    gl.drawArrays(gl.POINTS, first, n);
    gl.bindVertexArray(null);
  }

  private clearTarget(target: WebGLFramebuffer | null): void {
    const { gl } = this;
    gl.bindFramebuffer(gl.FRAMEBUFFER, target);
    gl.viewport(0, 0, this.canvas.width, this.canvas.height);
    gl.clear(gl.COLOR_BUFFER_BIT);
  }

  /** Copies the finished picture onto the canvas. */
  private show(): void {
    const { gl } = this;
    const { width, height } = this.canvas;
    gl.bindFramebuffer(gl.READ_FRAMEBUFFER, this.hiddenTarget());
    gl.bindFramebuffer(gl.DRAW_FRAMEBUFFER, null);
    gl.blitFramebuffer(0, 0, width, height, 0, 0, width, height, gl.COLOR_BUFFER_BIT, gl.NEAREST);
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    this.end();
  }

  /** Gives up an unfinished picture. */
  private end(): void {
    if (this.unfinished) this.gl.deleteSync(this.unfinished.fence);
    this.unfinished = null;
  }

  /** Where a picture grows unseen: as large as the canvas. */
  private hiddenTarget(): WebGLFramebuffer {
    const { gl } = this;
    if (!this.hidden) {
      const framebuffer = gl.createFramebuffer();
      const picture = gl.createRenderbuffer();
      gl.bindRenderbuffer(gl.RENDERBUFFER, picture);
      gl.renderbufferStorage(gl.RENDERBUFFER, gl.RGBA8, this.canvas.width, this.canvas.height);
      gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
      gl.framebufferRenderbuffer(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.RENDERBUFFER, picture);
      this.hidden = { framebuffer, picture };
    }
    return this.hidden.framebuffer;
  }

  private dropHidden(): void {
    if (!this.hidden) return;
    this.gl.deleteFramebuffer(this.hidden.framebuffer);
    this.gl.deleteRenderbuffer(this.hidden.picture);
    this.hidden = null;
  }

  private start(): Program {
    const { gl } = this;
    const program = gl.createProgram();
    for (const [kind, source] of [
      [gl.VERTEX_SHADER, VERTEX],
      [gl.FRAGMENT_SHADER, FRAGMENT],
    ] as const) {
      const shader = gl.createShader(kind)!;
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.bindAttribLocation(program, PLACE, "place");
    gl.bindAttribLocation(program, CODE, "code");
    gl.bindAttribLocation(program, STRENGTH, "strength");
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost())
      throw new Error(`The points' program could not be built: ${gl.getProgramInfoLog(program)}`);
    gl.useProgram(program);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.clearColor(0, 0, 0, 0);
    gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
    // What a batch without these columns has.
    gl.vertexAttrib1f(CODE, UNKNOWN_CODE);
    gl.vertexAttrib1f(STRENGTH, FULL);
    const at = (name: string) => gl.getUniformLocation(program, name);
    return {
      center: at("center"),
      scale: at("scale"),
      sizePx: at("sizePx"),
      widthPx: at("widthPx"),
      radiusPx: at("radiusPx"),
      opacities: at("opacities"),
      lastColor: at("lastColor"),
    };
  }

  private setPalette(palette: Palette): void {
    const { gl, program } = this;
    const height = Math.max(1, Math.ceil(palette.length / PALETTE_WIDTH));
    const rgba = new Uint8Array(PALETTE_WIDTH * height * 4);
    palette.forEach(([r, g, b], code) => {
      rgba.set([Math.round(r), Math.round(g), Math.round(b), 255], code * 4);
    });
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, PALETTE_WIDTH, height, 0, gl.RGBA, gl.UNSIGNED_BYTE, rgba);
    gl.uniform1i(program.lastColor, Math.max(0, palette.length - 1));
    this.palette = palette;
  }

  /** The batch as the graphics card holds it, after what has changed of it was sent. */
  private vertices(batch: PointBatch): WebGLVertexArrayObject {
    const { gl } = this;
    let held = this.uploaded.get(batch);
    if (!held) {
      const vertices = gl.createVertexArray();
      const places = gl.createBuffer();
      gl.bindVertexArray(vertices);
      gl.bindBuffer(gl.ARRAY_BUFFER, places);
      gl.bufferData(gl.ARRAY_BUFFER, batch.places, gl.STATIC_DRAW);
      gl.enableVertexAttribArray(PLACE);
      gl.vertexAttribPointer(PLACE, 2, batch.places instanceof Uint16Array ? gl.UNSIGNED_SHORT : gl.FLOAT, false, 0, 0);
      held = { vertices, places, codes: null, strengths: null, codesFrom: null, strengthsFrom: null };
      this.uploaded.set(batch, held);
    }
    if (held.codesFrom !== batch.codes) {
      held.codes = this.column(held.vertices, CODE, held.codes, batch.codes);
      held.codesFrom = batch.codes;
    }
    if (held.strengthsFrom !== batch.strengths) {
      held.strengths = this.column(held.vertices, STRENGTH, held.strengths, batch.strengths);
      held.strengthsFrom = batch.strengths;
    }
    return held.vertices;
  }

  /** Sends a column of one number a point; without one, all points take the constant of its attribute. */
  private column(
    vertices: WebGLVertexArrayObject,
    attribute: number,
    known: WebGLBuffer | null,
    values: Uint8Array | Uint16Array | null,
  ): WebGLBuffer | null {
    const { gl } = this;
    gl.bindVertexArray(vertices);
    if (!values) {
      gl.disableVertexAttribArray(attribute);
      gl.deleteBuffer(known);
      return null;
    }
    const buffer = known ?? gl.createBuffer();
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.bufferData(gl.ARRAY_BUFFER, values, gl.DYNAMIC_DRAW);
    gl.enableVertexAttribArray(attribute);
    gl.vertexAttribPointer(attribute, 1, values instanceof Uint16Array ? gl.UNSIGNED_SHORT : gl.UNSIGNED_BYTE, false, 0, 0);
    return buffer;
  }
}
