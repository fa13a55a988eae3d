// A form with a million parts.

import { attack } from "../attack.js";

export default attack(async () => {
  const form = new FormData();
  for (let i = 0; i < 1e6; i++) form.append(`a${i}`, "b");
  return new Response(`${(await new Response(form).text()).length}`);
});
