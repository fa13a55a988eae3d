// JSON.stringify of a tree in which each level doubles.

import { attempt } from "../attack.js";

export default attempt(() => {
  let tree = ["x".repeat(100)];
  for (let i = 0; i < 22; i++) tree = [tree, tree];
  return JSON.stringify(tree).length;
});
