// Where each record was written, in one number per record: the lines of all files in the order they
// are read. A segment is a run of lines of one file; an include starts one, and its end another.

/** A line of one of the files that were read, from 1. */
export interface ZoneFilePlace {
  readonly file: string;
  readonly line: number;
}

interface Segment {
  /** The position of the segment's first line. */
  readonly first: number;
  readonly file: string;
  readonly line: number;
}

/** Maps positions to lines. It grows with the number of includes, never with the number of lines. */
export class SourceMap {
  readonly #segments: Segment[] = [];
  /** A line's position, less its number, in the segment that is being read. */
  base = 0;

  /** Goes on with `line` of `file`; `lastLine` is the last one read of the file before it. */
  enter(file: string, line: number, lastLine: number): void {
    const first = this.#segments.length === 0 ? 0 : this.base + lastLine + 1;
    this.#segments.push({ first, file, line });
    this.base = first - line;
  }

  /** The place of a position; positions that were never given out fall to the nearest segment. */
  locate(position: number): ZoneFilePlace {
    let low = 0;
    let high = this.#segments.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.#segments[middle]?.first ?? 0) <= position) low = middle;
      else high = middle - 1;
    }
    const segment = this.#segments[low];
    if (segment === undefined) return { file: "", line: 0 };
    return { file: segment.file, line: segment.line + position - segment.first };
  }
}
