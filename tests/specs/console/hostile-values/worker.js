import { checks } from "../../check.js";

export default checks({
  "getter": () => {
    console.log({ get trap() { throw new Error("getter"); } });
    console.log("after the getter");
  },
  "proxy": () => {
    const trap = () => { throw new Error("trapped"); };
    const handler = Object.fromEntries(Object.getOwnPropertyNames(Reflect).map((name) => [name, trap]));
    console.log(new Proxy({}, handler));
    console.log("after the proxy");
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    console.log(proxy);
    console.log("after the revoked proxy");
  },
  "hook": () => {
    const error = new Error("x");
    Object.defineProperty(error, "stack", { get() { throw new Error("stack"); } });
    console.log(error);
    console.log("after the hook");
  },
  "long": () => {
    console.log("x".repeat(1 << 20));
    console.log("after the long one");
  },
});
