/** @jsxRuntime automatic */
/** @jsxImportSource ./tiny */
const page = <p id="a">ahoy</p>;

export default { fetch: () => new Response(JSON.stringify(page)) };
