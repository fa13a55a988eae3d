export const name = "lerwick";

export default function shout(text) {
  return text.toUpperCase();
}
