import { checks, equal, throws } from "../../check.js";

const refused = async (url) => {
  const late = scheduler.wait(2000).then(() => { throw new Error(`${url}: too late`); });
  const error = await throws(() => Promise.race([fetch(url), late]), "TypeError");
  equal(/private|not allowed|may not|refused/i.test(error.message), true, error.message);
};

export default checks({
  "private": () => refused("http://10.0.0.1/"),
  "metadata service": () => refused("http://169.254.169.254/latest/meta-data/"),
  "other spellings": async () => {
    for (const host of ["0xa9fea9fe", "[::ffff:10.0.0.1]", "192.168.1", "[fd00::1]"]) await refused(`http://${host}/`);
  },
  "https and other ports": async () => {
    for (const url of ["https://10.0.0.1/", "http://172.16.0.1:8080/"]) await refused(url);
  },
});
