import { checks } from "../../check.js";

export default checks({
  "objects": () => {
    const url = new URL("https://example.com/a?b=c");
    console.log(new Headers({ "x-isle": "Unst" }));
    console.log(url);
    console.log(new Response(null, { status: 418 }));
    console.log(new Request(url, { method: "PUT" }));
    console.log(url.searchParams);
    console.log(new DOMException("given up", "AbortError"));
    console.log(new ArrayBuffer(2));
  },
});
