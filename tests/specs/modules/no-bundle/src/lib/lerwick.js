export const name = "lerwick";
export const { url } = import.meta;
