/** What lies below. */
export interface Sounding {
  depth: number;
}

export function wreck(sounding: Sounding): Response {
  throw new RangeError("on the rocks", { cause: sounding });
}
