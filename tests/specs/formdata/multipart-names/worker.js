import { checks, equal } from "../../check.js";

const roundTrip = async (form) => await new Response(form).formData();

export default checks({
  "they come back as they were": async () => {
    const form = new FormData();
    form.append("a é", "1");
    form.append("file", new File(["x"], "name é.txt"));
    const back = await roundTrip(form);
    equal([[...back.keys()], back.get("file").name], [["a é", "file"], "name é.txt"]);
  },
  "as the standard writes them": async () => {
    const form = new FormData();
    form.append('a"b\nc', "1");
    form.append("f", new Blob(["x"]), "d\r\ne");
    const text = await new Response(form).text();
    equal(text.includes('name="a%22b%0D%0Ac"'), true, text);
    equal(text.includes('filename="d%0D%0Ae"'), true, text);
  },
});
