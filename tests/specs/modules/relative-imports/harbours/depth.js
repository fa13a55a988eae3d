export { three as depth } from "../numbers.js";
