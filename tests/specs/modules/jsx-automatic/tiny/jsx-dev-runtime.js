import { Fragment, jsx } from "./jsx-runtime.js";

export { Fragment };

export const jsxDEV = (type, props) => jsx(type, props);
