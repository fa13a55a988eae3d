export const Fragment = "";

export function h(type, props, ...children) {
  return typeof type === "function" ? type({ ...props, children }) : { type, props, children };
}

export function render(node) {
  if (typeof node !== "object") {
    return String(node);
  }
  const { type, props, children } = node;
  const inner = children.flat().map(render).join("");
  if (type === "") {
    return inner;
  }
  const attributes = Object.entries(props ?? {}).map(([name, value]) => ` ${name}="${value}"`).join("");
  return `<${type}${attributes}>${inner}</${type}>`;
}
