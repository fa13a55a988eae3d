// Joins arrays that contain each other many times.

import { attempt } from "../attack.js";

export default attempt(() => {
  let nested = ["x"];
  for (let i = 0; i < 40; i++) nested = [nested, nested];
  return `${nested}`;
});
