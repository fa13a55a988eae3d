export const name = { harbour: "lerwick" };
