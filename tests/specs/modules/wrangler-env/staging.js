export default {
  fetch(request, { HARBOUR, EXTRA, ...rest }) {
    return new Response(`${JSON.stringify({ HARBOUR, EXTRA, ...rest })} staging main`);
  },
};
