import { checks, equal } from "../../check.js";

export default checks({
  "empty": async () => {
    const form = new FormData();
    form.append("", "1");
    form.append("a", "2");
    equal([...(await new Response(form).formData())], [["", "1"], ["a", "2"]]);
  },
});
