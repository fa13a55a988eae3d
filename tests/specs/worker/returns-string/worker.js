export default {
  fetch(request) {
    const answer = globalThis.answer?.() ?? "ahoy";
    return request.url.endsWith("/later") ? Promise.resolve(answer) : answer;
  },
};
