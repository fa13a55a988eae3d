const { depth } = require("./depth.cjs");

exports.knots = 12 * Object.keys({ a: 1 }).length;
exports.fathoms = depth;
