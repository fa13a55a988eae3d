using Workerd = import "/workerd/workerd.capnp";

# @DATE@ becomes the newest compatibility date the binary takes; the port is given on the command line; script.txt is the text
# of the workers, written by the bench. The dynamic worker loader needs `--experimental`.
const config :Workerd.Config = (
  services = [ (name = "main", worker = .worker) ],
  sockets = [ (name = "http", address = "127.0.0.1:0", http = (), service = "main") ],
);

const worker :Workerd.Worker = (
  modules = [
    (name = "worker.js", esModule = embed "worker.js"),
    (name = "script.txt", text = embed "script.txt"),
  ],
  bindings = [
    (name = "LOADER", workerLoader = (id = "fleet")),
    (name = "DATE", text = "@DATE@"),
  ],
  compatibilityDate = "@DATE@",
);
