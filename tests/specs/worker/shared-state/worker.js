const visits = new Map();

export default {
  fetch(request) {
    const place = new URL(request.url).pathname.slice(1);
    visits.set(place, (visits.get(place) ?? 0) + 1);
    return new Response([...visits].map(([name, count]) => `${name}: ${count}`).join(", "));
  },
};
