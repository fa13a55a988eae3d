import { checks, equal } from "../../check.js";

export default checks({
  "sort is stable": () => {
    const params = new URLSearchParams("b=1&a=2&b=0&a=1");
    params.sort();
    equal(String(params), "a=2&a=1&b=1&b=0");
  },
  "by UTF-16 code units": () => {
    const params = new URLSearchParams("\ufb03=1&\u{1f308}=2");
    params.sort();
    equal([...params.keys()], ["\u{1f308}", "\ufb03"]);
  },
  "the URL follows": () => {
    const url = new URL("https://a/?z=1&b=2");
    url.searchParams.sort();
    equal(url.href, "https://a/?b=2&z=1");
  },
});
