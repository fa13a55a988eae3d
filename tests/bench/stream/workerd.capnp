using Workerd = import "/workerd/workerd.capnp";

# @DATE@ becomes the newest compatibility date the binary takes; the port and the origin's address are given on the
# command line. A worker's fetch() may reach public addresses only: the documentation advises an external server instead.
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "origin", external = (address = "127.0.0.1:1", http = ())),
  ],
  sockets = [ (name = "http", address = "127.0.0.1:0", http = (), service = "main") ],
);

const worker :Workerd.Worker = (
  modules = [ (name = "worker.js", esModule = embed "worker.js") ],
  bindings = [ (name = "ORIGIN", fromEnvironment = "ORIGIN") ],
  globalOutbound = "origin",
  compatibilityDate = "@DATE@",
);
