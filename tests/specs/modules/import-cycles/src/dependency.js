// Its importer runs after it: there is nothing of it yet.
export const importer = import("./index.js");
