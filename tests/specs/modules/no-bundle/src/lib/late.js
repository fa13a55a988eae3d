export { name } from "../lib/./lerwick.js";
export default "late";
