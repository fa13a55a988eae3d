import { checks, equal } from "../../check.js";

export default checks({
  "the URL follows": () => {
    const url = new URL("https://a/?x=1#h");
    url.searchParams.append("y", "2 3");
    equal(url.href, "https://a/?x=1&y=2+3#h");
    for (const name of ["x", "y"]) url.searchParams.delete(name);
    equal(url.href, "https://a/#h");
  },
  "the params follow": () => {
    const url = new URL("https://a/?x=1");
    const { searchParams } = url;
    url.search = "?y=2";
    equal([...searchParams], [["y", "2"]]);
    url.href = "https://b/?z=3";
    equal([searchParams === url.searchParams, ...searchParams.keys()], [true, "z"]);
  },
});
