import { checks, equal } from "../../check.js";

const type = (body, headers) => new Request("https://example.com/", { method: "POST", body, headers }).headers.get("content-type");

export default checks({
  "text": () => equal(type("x"), "text/plain;charset=UTF-8"),
  "URLSearchParams": () => equal(type(new URLSearchParams("a=1")), "application/x-www-form-urlencoded;charset=UTF-8"),
  "FormData": () => equal(/^multipart\/form-data; ?boundary=[^ ;"]+$/.test(type(new FormData())), true),
  "Blob": () => equal([type(new Blob(["x"], { type: "text/css" })), type(new Blob(["x"]))], ["text/css", null]),
  "bytes have none": () => equal([type(new Uint8Array(1)), type(new ArrayBuffer(1))], [null, null]),
  "a given one stays": () => equal(type("{}", { "content-type": "application/json" }), "application/json"),
});
