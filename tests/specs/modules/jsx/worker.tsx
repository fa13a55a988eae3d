/** @jsxRuntime classic */
/** @jsx h */
/** @jsxFrag Fragment */
import { Fragment, h, render } from "./h.js";
import { Isle } from "./isle.jsx";

const Isles = ({ names }: { names: string[] }) => (
  <ul class="isles">
    {names.map((name) => <Isle name={name} />)}
    <>
      <b>{names.length}</b>
    </>
  </ul>
);

export default { fetch: () => new Response(render(<Isles names={["Unst", "Yell"]} />)) };
