/** A run of bytes in a file. */
export interface ByteSpan {
  offset: number;
  length: number;
}

export interface MergedSpan<S extends ByteSpan> extends ByteSpan {
  members: S[];
}

/** Joins spans whose gap is at most `gapBytes`, as long as the joint span stays within `limitBytes`; in order of offset. */
export function mergedSpans<S extends ByteSpan>(spans: readonly S[], gapBytes: number, limitBytes: number): MergedSpan<S>[] {
  const merged: MergedSpan<S>[] = [];
  for (const span of [...spans].sort((a, b) => a.offset - b.offset)) {
    const last = merged.at(-1);
    const end = span.offset + span.length;
    if (last && span.offset - (last.offset + last.length) <= gapBytes && end - last.offset <= limitBytes) {
      last.length = Math.max(last.length, end - last.offset);
      last.members.push(span);
    } else {
      merged.push({ offset: span.offset, length: span.length, members: [span] });
    }
  }
  return merged;
}
