// The libraries keep the internal slots of their objects under symbols that they do not export. This finds one by its name.

import { primordials } from "ext:core/mod.js";

const { Error, ObjectGetOwnPropertySymbols, SymbolPrototypeGetDescription } = primordials;

/** @returns {symbol} the own symbol of `object` with this description; that there is none is found when the snapshot is made */
function slotNamed(object, description) {
  const symbols = ObjectGetOwnPropertySymbols(object);
  for (let i = 0; i < symbols.length; i++) {
    if (SymbolPrototypeGetDescription(symbols[i]) === description) {
      return symbols[i];
    }
  }
  throw new Error(`The library has no slot "${description}" any more`);
}

export { slotNamed };
