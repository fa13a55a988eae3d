export const Fragment = Symbol("fragment");

export function jsx(type, props) {
  return { type, props };
}

export const jsxs = jsx;
