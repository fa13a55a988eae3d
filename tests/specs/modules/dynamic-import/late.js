globalThis.loads = (globalThis.loads ?? 0) + 1;

export default "late default";
export const name = "late";
