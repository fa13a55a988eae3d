/** A change of a text: so many characters at a position go, and these come in their place. */
export interface Splice {
  position: number;
  removed: number;
  inserted: string;
}

export function apply(text: string, { position, removed, inserted }: Splice): string {
  return text.slice(0, position) + inserted + text.slice(position + removed);
}

/**
 * A splice as it has to be behind another one of the same text: apply(apply(t, a), transform(b, a, false)) is
 * apply(apply(t, b), transform(a, b, true)). `isFirst` says whose text comes first where both put some at one place.
 */
export function transform(splice: Splice, over: Splice, isFirst: boolean): Splice {
  const { position, removed, inserted } = splice;
  const [end, overEnd] = [position + removed, over.position + over.removed];
  const isTie = position === over.position && end === overEnd;
  if (isTie && (isFirst || removed > 0)) {
    // What both remove is gone already, and both texts come in its place.
    return { position: isFirst ? position : position + over.inserted.length, removed: 0, inserted };
  }
  if (!isTie && end <= over.position) {
    return splice;
  }
  if (position >= overEnd) {
    return { position: position + over.inserted.length - over.removed, removed, inserted };
  }
  if (position <= over.position && end >= overEnd) {
    // It takes away the place where the other one was, with what came there.
    return { position, removed: removed - over.removed + over.inserted.length, inserted };
  }
  if (position >= over.position && end <= overEnd) {
    return { position: over.position, removed: 0, inserted: "" };
  }
  if (position < over.position) {
    return { position, removed: over.position - position, inserted };
  }
  return { position: over.position + over.inserted.length, removed: end - overEnd, inserted };
}
