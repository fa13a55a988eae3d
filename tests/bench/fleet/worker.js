// Many workers on one workerd: the host of a request is the name of its worker. All are made from one text.
import script from "script.txt";

export default {
  fetch(request, env) {
    const name = new URL(request.url).hostname;
    const load = () => ({
      compatibilityDate: env.DATE,
      mainModule: "worker.js",
      modules: { "worker.js": script.replaceAll("@ID@", name) },
    });
    return env.LOADER.get(name, load).getEntrypoint().fetch(request);
  },
};
