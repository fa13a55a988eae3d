export default {
  fetch() {
    return {
      then(resolve) {
        resolve(new Response("from a thenable"));
      },
    };
  },
};
