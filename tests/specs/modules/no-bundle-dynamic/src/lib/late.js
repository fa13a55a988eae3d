export { name } from "../lib/./lerwick.js";
export default "late";

export const north = async () => (await import("./north/unst.js")).default;
